package spreadsheet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/foyer-app/foyer/connectors"
)

// lookedAt is how many lines of a table are looked at before it is mapped.
const lookedAt = 2_000

// separators in the order of preference where several would do; the space of
// white space comes last, for text is full of it.
var separators = []byte{';', ',', '\t', '|', ' '}

// head is the beginning of a table.
type head struct {
	table     string
	sheet     bool // of a workbook
	from1904  bool
	encoding  string
	separator byte
	why       map[string]string
	header    []string // names of the columns, "#1" … where there are none
	named     bool     // the first line names the columns
	columns   int      // named ones, else those of the widest line
	reasonAt  int      // the column that Foyer added; -1 without
	asked     string   // the shape before anybody said how the file is written
	rows      []row    // without the header
	whole     bool     // there are no other lines
}

// lookText reads the beginning of a text file.
func lookText(ctx context.Context, fsys fs.FS, file string, said *connectors.Mapping, lines int) (head, error) {
	h := head{table: file, why: map[string]string{}, reasonAt: -1}
	if said == nil {
		said = &connectors.Mapping{}
	}
	t, err := openText(fsys, file, said.Encoding)
	if err != nil {
		return h, &connectors.FileError{Reason: connectors.ReasonUnreadable, File: file, Err: err}
	}
	defer t.Close()
	h.encoding, h.why["encoding"] = t.encoding, t.why
	sample, err := io.ReadAll(io.LimitReader(t.src, encodingSample))
	if err != nil {
		return h, &connectors.FileError{Reason: connectors.ReasonUnreadable, File: file, Err: err}
	}
	whole := len(sample) < encodingSample
	if said.Separator != "" {
		h.separator, h.why["separator"] = said.Separator[0], whyTold
	} else {
		h.separator, h.why["separator"] = detectSeparator(sample, whole)
	}
	rows := sampleRows(sample, h.separator)
	for len(h.rows) < lines {
		r, err := rows.next()
		if err != nil {
			h.whole = whole
			break
		}
		h.rows = append(h.rows, r)
	}
	if !whole && len(h.rows) > 1 && len(h.rows) < lines {
		h.rows = h.rows[:len(h.rows)-1] // it is cut
	}
	if err := ctx.Err(); err != nil {
		return h, err
	}
	return h, h.settle(said)
}

// lookSheet reads the beginning of a sheet.
func lookSheet(ctx context.Context, w *workbook, table string, said *connectors.Mapping, lines int) (head, error) {
	h := head{table: table, sheet: true, from1904: w.from1904, why: map[string]string{}, reasonAt: -1}
	if said == nil {
		said = &connectors.Mapping{}
	}
	_, sheet := splitTable(table)
	rows, err := w.rows(sheet)
	if err != nil {
		return h, &connectors.FileError{Reason: reasonWorkbook, File: table, Err: err}
	}
	defer rows.Close()
	for len(h.rows) < lines {
		r, err := rows.next()
		if errors.Is(err, io.EOF) {
			h.whole = true
			break
		}
		if err != nil {
			return h, &connectors.FileError{Reason: reasonWorkbook, File: table, Err: err}
		}
		h.rows = append(h.rows, r)
	}
	if err := ctx.Err(); err != nil {
		return h, err
	}
	return h, h.settle(said)
}

// settle finds the header and the columns.
func (h *head) settle(said *connectors.Mapping) error {
	if len(h.rows) == 0 {
		return &connectors.FileError{Reason: connectors.ReasonEmpty, File: h.table}
	}
	switch said.Header {
	case "yes", "no":
		h.named, h.why["header"] = said.Header == "yes", whyTold
	default:
		h.named, h.why["header"] = namesColumns(h.rows), whyValues
	}
	var names []string
	if h.named {
		names = h.rows[0].cells
		h.rows = h.rows[1:]
		h.columns = len(names)
	}
	for _, r := range h.rows {
		if !h.named {
			h.columns = max(h.columns, min(len(r.cells), maxCells))
		}
	}
	h.header = headerOf(names, h.columns)
	for i, name := range h.header {
		if name == connectors.ReasonColumn {
			h.reasonAt = i
		}
	}
	return nil
}

// headerOf names each column, by its place where it has no name or that of another.
func headerOf(names []string, columns int) []string {
	header := make([]string, max(columns, len(names)))
	seen := map[string]bool{}
	for i := range header {
		name := ""
		if i < len(names) {
			name = clean(names[i])
		}
		if name == "" || seen[name] {
			name = place(i)
		}
		seen[name] = true
		header[i] = name
	}
	return header
}

// place is the name of a column without one, from "#1" on.
func place(i int) string { return "#" + strconv.Itoa(i+1) }

// shape is the key of all tables with these columns. The column that Foyer adds
// to refused lines does not count.
func (h *head) shape() string {
	digest := sha256.New()
	for i, name := range h.header {
		if i != h.reasonAt {
			fmt.Fprintf(digest, "%q\n", fold(name))
		}
	}
	return hex.EncodeToString(digest.Sum(nil)[:10])
}

// sampleRows reads rows from what is in memory.
func sampleRows(sample []byte, separator byte) *textRows {
	return newTextRows(&textFile{src: newBuffered(sample)}, separator, 0)
}

// detectSeparator takes the separator that gives most lines the same number of
// cells, more than one; the more cells the better. Without any it is a comma.
func detectSeparator(sample []byte, whole bool) (separator byte, why string) {
	best, bestScore := byte(','), 0.0
	for _, s := range separators {
		if score := separatorScore(sample, s, whole); score > bestScore*1.02 {
			best, bestScore = s, score
		}
	}
	if bestScore == 0 {
		return ',', whyNothing
	}
	return best, whyValues
}

// separatorScore is the share of the lines that have the commonest number of
// cells, a little more for more cells; 0 when that number is one.
func separatorScore(sample []byte, separator byte, whole bool) float64 {
	rows := sampleRows(sample, separator)
	counts, all := map[int]int{}, 0
	for all < 100 {
		r, err := rows.next()
		if err != nil {
			break
		}
		if r.reason == "" {
			counts[len(r.cells)]++
		}
		all++
	}
	if !whole && all > 1 && all < 100 {
		all--
	}
	cells, most := 1, 0
	for c, n := range counts {
		if c > 1 && (n > most || n == most && c > cells) {
			cells, most = c, n
		}
	}
	if cells < 2 || all == 0 {
		return 0
	}
	share := min(float64(most)/float64(all), 1)
	if separator == ' ' {
		if share < 0.9 {
			return 0 // prose has no columns
		}
		share *= 0.5
	}
	return share * share * (1 + float64(min(cells, 50))/500)
}

// namesColumns says whether the first line names the columns: it has no value
// that only data have, and other lines do; or its words are known ones.
func namesColumns(rows []row) bool {
	first := rows[0].cells
	known, data, filled := 0, 0, 0
	for _, c := range first {
		c = clean(c)
		if c == "" {
			continue
		}
		filled++
		if isData(c) {
			data++
		} else if fieldsNamed(c) != nil || c == connectors.ReasonColumn {
			known++
		}
	}
	switch {
	case data > 0:
		return false
	case known > 0:
		return true
	case filled*2 < len(first):
		return false
	}
	for _, r := range rows[1:min(len(rows), 20)] {
		for _, c := range r.cells {
			if isData(clean(c)) {
				return true
			}
		}
	}
	return false
}

// isData says that a cell holds what no header does: a number, a date, an address.
func isData(c string) bool {
	if strings.Contains(c, "@") && strings.Contains(c, ".") {
		return true
	}
	hasDigit := strings.IndexFunc(c, unicode.IsDigit) >= 0
	if !hasDigit || strings.HasPrefix(c, "#") {
		return false
	}
	for _, decimal := range []byte{'.', ','} {
		if _, err := parseNumber(c, decimal); err == nil {
			return true
		}
	}
	_, err := parseDate(c, orderDMY, time.UTC)
	return err == nil
}
