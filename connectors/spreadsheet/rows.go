package spreadsheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/foyer-app/foyer/connectors"
)

// rows reads a table line by line; io.EOF behind the last. Lines without any
// value are left out.
type rows interface {
	next() (row, error)
	Close() error
}

// row is one line of a table.
type row struct {
	cells  []string
	line   int    // where it begins, from 1
	reason string // why it cannot be read; then cells are what there is of it
}

func (r row) blank() bool {
	for _, c := range r.cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// maxRow bounds one line of a table in bytes, the lines inside its quotes included.
const maxRow = 1 << 20

// maxCells bounds the cells of one line, maxLines the lines inside its quotes.
const (
	maxCells = 2_000
	maxLines = 200
)

// textRows reads separated text. A quote that is never closed spoils its own line
// only: what follows it is read anew.
type textRows struct {
	file      io.Closer
	src       *bufio.Reader
	separator byte // a space: any white space, and no quotes
	limit     int
	line      int    // lines read
	raw       []byte // of the row that is read
	again     []byte // was read for a row that turned out to be broken
	cells     []int  // ends of the cells in out
	out       []byte
	at        int  // raw is split up to here
	quoted    bool // and that is inside a quote
}

func newTextRows(t *textFile, separator byte, limit int) *textRows {
	if limit <= 0 || limit > maxRow {
		limit = maxRow
	}
	return &textRows{file: t, src: t.src, separator: separator, limit: limit}
}

// Close closes the file.
func (t *textRows) Close() error { return t.file.Close() }

func (t *textRows) next() (row, error) {
	for {
		r, err := t.one()
		if err != nil || r.reason != "" || !r.blank() {
			return r, err
		}
	}
}

// one reads a row, blank or not.
func (t *textRows) one() (row, error) {
	t.raw, t.out, t.cells, t.at, t.quoted = t.raw[:0], t.out[:0], t.cells[:0], 0, false
	r := row{line: t.line + 1}
	first := 0 // where the row's first line ends
	for n := 1; ; n++ {
		err := t.more()
		if err != nil && (!errors.Is(err, io.EOF) || len(t.raw) == 0) {
			return row{}, err
		}
		if n == 1 {
			first = len(t.raw)
		}
		if len(t.raw) > t.limit || n > maxLines {
			return t.broken(r, first, connectors.ReasonTooLarge), nil
		}
		t.split()
		if !t.quoted {
			break
		}
		if err != nil || t.raw[len(t.raw)-1] != '\n' {
			return t.broken(r, first, reasonQuote), nil
		}
	}
	if len(t.cells) > maxCells {
		r.reason = connectors.ReasonTooLarge
		t.cells = t.cells[:maxCells]
	}
	r.cells = t.strings()
	for i, c := range r.cells { // each by itself: two halves of a character may meet
		if !utf8.ValidString(c) {
			r.cells[i] = strings.ToValidUTF8(c, "\uFFFD")
			if r.reason == "" {
				r.reason = connectors.ReasonEncoding
			}
		}
	}
	return r, nil
}

// more appends the next line to raw, with its end. Of a line that is longer than
// the limit only the beginning is kept. io.EOF with the last line, or behind it.
func (t *textRows) more() error {
	if len(t.again) > 0 {
		n := bytes.IndexByte(t.again, '\n') + 1
		if n == 0 {
			n = len(t.again)
		}
		t.raw, t.again = append(t.raw, t.again[:n]...), t.again[n:]
		t.line++
		return nil
	}
	before, cut := len(t.raw), false
	for {
		part, err := t.src.ReadSlice('\n')
		if cut = cut || len(t.raw)-before > t.limit; !cut {
			t.raw = append(t.raw, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if cut {
			t.raw = append(t.raw, '\n')
		}
		if len(t.raw) > before {
			t.line++
		}
		return err
	}
}

// broken is a row that cannot be read: its first line. The others are read anew.
func (t *textRows) broken(r row, first int, reason string) row {
	rest := bytes.Clone(t.raw[first:])
	t.line = r.line
	t.again = append(rest, t.again...)
	t.raw = t.raw[:min(first, t.limit)]
	r.cells = []string{strings.ToValidUTF8(strings.TrimRight(string(t.raw), "\r\n"), "\uFFFD")}
	r.reason = reason
	return r
}

// split cuts what has come to raw into cells; it goes on inside an open quote.
func (t *textRows) split() {
	if t.separator == ' ' {
		for _, f := range bytes.Fields(t.raw) {
			t.out = append(t.out, f...)
			t.cells = append(t.cells, len(t.out))
		}
		return
	}
	for {
		t.cell()
		if t.quoted {
			return
		}
		t.cells = append(t.cells, len(t.out))
		if t.at >= len(t.raw) || t.raw[t.at] == '\n' {
			return
		}
		t.at++ // the separator
	}
}

// cell appends the cell that begins at t.at to out, and leaves t.at at its end.
func (t *textRows) cell() {
	raw, i := t.raw, t.at
	if !t.quoted && i < len(raw) && raw[i] == '"' {
		t.quoted = true
		i++
	}
	for ; t.quoted; i++ {
		if i >= len(raw) {
			t.at = i
			return
		}
		if raw[i] == '"' {
			if i+1 >= len(raw) || raw[i+1] != '"' {
				t.quoted = false
				continue
			}
			i++
		}
		t.out = append(t.out, raw[i])
	}
	// What follows a closing quote belongs to the cell as well.
	from := i
	for i < len(raw) && raw[i] != t.separator && raw[i] != '\n' {
		i++
	}
	rest := raw[from:i]
	if i == len(raw) || raw[i] == '\n' {
		rest = bytes.TrimRight(rest, "\r")
	}
	t.out = append(t.out, rest...)
	t.at = i
}

// strings are the cells as texts, in one piece of memory.
func (t *textRows) strings() []string {
	text := string(t.out)
	cells := make([]string, len(t.cells))
	from := 0
	for i, end := range t.cells {
		cells[i] = text[from:end]
		from = end
	}
	return cells
}
