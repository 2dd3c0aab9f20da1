package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	xunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Limits of a table: beyond them it is refused, not read.
const (
	maxTableBytes = 2 << 30
	maxTableRows  = 20_000_000
)

// table is the columns of a file that an analysis asked for.
type table struct {
	header  []string
	lines   []int // of every row, its line in the file
	columns map[string][]string
	dropped int // rows left out for a missing value
	comma   rune
	t       terminal
}

// tableOptions say how a file is to be read.
type tableOptions struct {
	path      string
	separator string // one character, tab, space; empty: found out
	noHeader  bool
	drop      bool   // rows with a missing value are left out, not refused
	optional  string // a column whose missing values are kept, empty
}

// readTable reads the named columns of a file, "-" for the standard input. A column
// is named by its header, whatever its case, or by its number from 1.
func readTable(o tableOptions, t terminal, names ...string) (*table, error) {
	in := t.in
	if o.path != "-" {
		f, err := os.Open(o.path)
		if err != nil {
			return nil, errors.New(t.locale.T("cli.no_file", "path", o.path))
		}
		defer f.Close()
		in = f
	}
	limited := &io.LimitedReader{R: in, N: maxTableBytes}
	// A mark at the beginning says UTF-8 or UTF-16; without one it is UTF-8.
	r := bufio.NewReaderSize(transform.NewReader(limited, xunicode.BOMOverride(transform.Nop)), 1<<16)
	tab := &table{columns: map[string][]string{}, t: t}
	head, _ := r.Peek(1 << 15)
	var err error
	if tab.comma, err = separatorOf(o.separator, head, t); err != nil {
		return nil, err
	}
	if err := tab.read(r, o, names); err != nil {
		return nil, err
	}
	if limited.N <= 0 {
		return nil, errors.New(t.locale.T("impact_cli.too_large"))
	}
	if len(tab.lines) == 0 {
		return nil, errors.New(t.locale.T("impact_cli.empty"))
	}
	return tab, nil
}

// separatorOf takes the said separator or the one that most lines agree on.
func separatorOf(said string, head []byte, t terminal) (rune, error) {
	switch said {
	case "":
		return guessSeparator(head), nil
	case "tab", `\t`:
		return '\t', nil
	case "space":
		return ' ', nil
	}
	if r, n := utf8.DecodeRuneInString(said); n == len(said) && r != utf8.RuneError && !strings.ContainsRune("\"\r\n", r) {
		return r, nil
	}
	return 0, &usageError{t.locale.T("impact_cli.separator", "separator", said)}
}

// guessSeparator counts the candidates outside quotes in the first two lines that hold
// anything; spaces are the last resort.
func guessSeparator(head []byte) rune {
	counts := []map[rune]int{{}}
	quoted := false
	for _, c := range string(head) {
		line := counts[len(counts)-1]
		switch {
		case c == '"':
			quoted = !quoted
			line[c]++
		case quoted || c == '\r':
		case c != '\n':
			line[c]++
		case len(line) > 0 && len(counts) == 2:
			return mostOf(counts)
		case len(line) > 0:
			counts = append(counts, map[rune]int{})
		}
	}
	return mostOf(counts)
}

func mostOf(counts []map[rune]int) rune {
	best, most := ' ', 0
	for _, c := range []rune{'\t', ';', ',', '|'} {
		n := counts[0][c]
		again := len(counts) < 2 || len(counts[1]) == 0 || counts[1][c] >= n
		if n > most && again {
			best, most = c, n
		}
	}
	return best
}

// read fills the columns row by row.
func (tab *table) read(r *bufio.Reader, o tableOptions, names []string) error {
	next := tab.rows(r)
	first, line, err := next()
	if errors.Is(err, io.EOF) {
		return errors.New(tab.t.locale.T("impact_cli.empty"))
	}
	if err != nil {
		return err
	}
	row, rowLine := []string(nil), 0
	if o.noHeader {
		tab.header = make([]string, len(first))
		row, rowLine = first, line
	} else {
		tab.header = slices.Clone(first)
		if row, rowLine, err = next(); err == nil && len(row) == len(tab.header)+1 {
			// A program that names its rows writes no header above the names.
			tab.header = append([]string{""}, tab.header...)
		}
	}
	at := make([]int, len(names))
	for i, name := range names {
		if at[i] = tab.find(name); at[i] < 0 {
			return errors.New(tab.t.locale.T("impact_cli.no_column", "column", name, "columns", tab.known()))
		}
		tab.columns[name] = nil
	}
	for err == nil {
		if err = tab.add(row, rowLine, names, at, o); err != nil {
			return err
		}
		row, rowLine, err = next()
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// add keeps one row's named values.
func (tab *table) add(row []string, line int, names []string, at []int, o tableOptions) error {
	if len(tab.lines) >= maxTableRows {
		return errors.New(tab.t.locale.T("impact_cli.too_large"))
	}
	values := make([]string, len(names))
	for i, k := range at {
		if k >= len(row) {
			return errors.New(tab.t.locale.T("impact_cli.short_row", "line", strconv.Itoa(line), "column", names[i]))
		}
		values[i] = strings.Clone(clean(row[k]))
		if missing(values[i]) {
			if names[i] == o.optional {
				values[i] = ""
				continue
			}
			if o.drop {
				tab.dropped++
				return nil
			}
			return errors.New(tab.t.locale.T("impact_cli.missing", "line", strconv.Itoa(line), "column", names[i]))
		}
	}
	for i, name := range names {
		if len(tab.columns[name]) == len(tab.lines) { // a column may be asked for twice
			tab.columns[name] = append(tab.columns[name], values[i])
		}
	}
	tab.lines = append(tab.lines, line)
	return nil
}

// rows returns a reader of rows that skips empty ones and knows their lines.
func (tab *table) rows(r *bufio.Reader) func() ([]string, int, error) {
	if tab.comma == ' ' {
		line := 0
		s := bufio.NewScanner(r)
		s.Buffer(nil, 1<<20)
		return func() ([]string, int, error) {
			for s.Scan() {
				line++
				if f := spaced(s.Text()); len(f) > 0 {
					return f, line, nil
				}
			}
			if s.Err() != nil {
				return nil, line, errors.New(tab.t.locale.T("impact_cli.unreadable", "line", strconv.Itoa(line+1)))
			}
			return nil, line, io.EOF
		}
	}
	c := csv.NewReader(r)
	c.Comma, c.FieldsPerRecord, c.LazyQuotes, c.ReuseRecord, c.TrimLeadingSpace = tab.comma, -1, true, true, tab.comma != '\t'
	return func() ([]string, int, error) {
		for {
			row, err := c.Read()
			if errors.Is(err, io.EOF) {
				return nil, 0, io.EOF
			}
			if err != nil {
				return nil, 0, errors.New(tab.t.locale.T("impact_cli.unreadable", "line", strconv.Itoa(lineOf(err))))
			}
			line, _ := c.FieldPos(0)
			if len(row) > 1 || strings.TrimSpace(row[0]) != "" {
				return row, line, nil
			}
		}
	}
}

func lineOf(err error) int {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return p.Line
	}
	return 0
}

// spaced cuts at runs of spaces, quotes held together.
func spaced(line string) []string {
	quoted := false
	f := strings.FieldsFunc(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && unicode.IsSpace(r)
	})
	for i := range f {
		f[i] = strings.Trim(f[i], `"`)
	}
	return f
}
