package spreadsheet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// planned is a table and how it will be read.
type planned struct {
	file    string
	head    head
	mapping connectors.Mapping
	size    int64
}

// Import reads all tables in the order of their names, those of one workbook in
// its own order. It first looks at each, and asks how those are to be read that
// nobody has said it of.
func (c Connector) Import(ctx context.Context, fsys fs.FS, opts connectors.ImportOptions, emit connectors.Emit) error {
	plan, refused, err := planAll(ctx, fsys, opts)
	if err != nil {
		return err
	}
	from, err := parseCursor(opts.Resume)
	if err != nil {
		return err
	}
	first := 0
	for i := range plan {
		if plan[i].head.table == from.table {
			first = i
		}
	}
	if len(plan) == 0 || plan[first].head.table != from.table {
		from = cursor{} // of a table that is no longer there
	}
	books := &shelf{fsys: fsys}
	defer books.close()
	for i := first; i < len(plan); i++ {
		p := &plan[i]
		if err := emitNow(ctx, emit, connectors.Record{Source: p.source()}); err != nil {
			return err
		}
		for k := range refused {
			if from.table != "" || i > 0 {
				break
			}
			if err := emitNow(ctx, emit, connectors.Record{Refusal: &refused[k]}); err != nil {
				return err
			}
		}
		skip := 0
		if p.head.table == from.table {
			skip = from.rows
		}
		if err := c.read(ctx, books, p, opts.MaxRecord, skip, emit); err != nil {
			return err
		}
	}
	return nil
}

func emitNow(ctx context.Context, emit connectors.Emit, r connectors.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return emit(ctx, r)
}

// source is where the ids of a table come from.
func (p *planned) source() *community.Source {
	m := p.mapping
	s := &community.Source{Platform: platform, ExternalID: "table", Name: strings.TrimSpace(m.System), Decisions: map[string]string{
		"date_order": m.DateOrder, "sheet_decimal": map[string]string{".": "point", ",": "comma"}[m.Decimal],
	}}
	if name := fold(s.Name); name != "" {
		s.ExternalID += ":" + name
	} else {
		s.Name = Connector{}.Name()
	}
	if !p.head.sheet {
		s.Decisions["sheet_encoding"] = p.head.encoding
		s.Decisions["sheet_separator"] = map[byte]string{',': "comma", ';': "semicolon", '\t': "tab", '|': "bar", ' ': "space"}[p.head.separator]
	}
	if m.Tax != "" {
		s.Decisions["sheet_tax"] = m.Tax
	}
	return s
}

// planAll looks at all tables. Files that cannot be opened are refusals unless
// there is nothing else.
func planAll(ctx context.Context, fsys fs.FS, opts connectors.ImportOptions) ([]planned, []connectors.Refusal, error) {
	files, _ := tableFiles(fsys)
	var plan []planned
	var refused []connectors.Refusal
	skipped := false
	for _, file := range files {
		heads, err := headsOf(ctx, fsys, file, opts.Answers)
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		var wrong *connectors.FileError
		if errors.As(err, &wrong) {
			refused = append(refused, connectors.Refusal{File: file, Reason: wrong.Reason})
		} else if err != nil {
			return nil, nil, err
		}
		for i := range heads {
			p, err := planOne(fsys, file, &heads[i], opts)
			if err != nil {
				return nil, nil, err
			}
			if p == nil {
				skipped = true
				continue
			}
			plan = append(plan, *p)
		}
	}
	switch {
	case len(plan) > 0:
		return plan, refused, ctx.Err()
	case len(refused) > 0:
		return nil, nil, &connectors.FileError{Reason: refused[0].Reason, File: refused[0].File}
	case skipped:
		return nil, nil, &connectors.FileError{Reason: reasonSkipped, File: files[0]}
	}
	return nil, nil, &connectors.FileError{Reason: connectors.ReasonEmpty, File: "."}
}

// planOne is the plan of a table; nil when it is left out.
func planOne(fsys fs.FS, file string, h *head, opts connectors.ImportOptions) (*planned, error) {
	said := answer(opts.Answers, h.asked)
	m, missing := complete(h, said, opts.Location)
	if said == nil || len(missing) > 0 {
		return nil, &connectors.AskError{
			Question: connectors.MappingQuestion(h.asked), Options: append([]string{}, missing...), File: h.table, Sample: h.why["date_sample"],
		}
	}
	if m.Kind == kindSkip {
		return nil, nil
	}
	size := int64(0)
	if info, err := fs.Stat(fsys, file); err == nil {
		size = info.Size()
	}
	return &planned{file: file, head: *h, mapping: m, size: size}, nil
}

// headsOf looks at the tables of a file, each by what was said of its shape.
func headsOf(ctx context.Context, fsys fs.FS, file string, answers map[string]string) ([]head, error) {
	if !isWorkbook(file) {
		h, err := lookText(ctx, fsys, file, nil, lookedAt)
		asked := h.shape()
		if said := answer(answers, asked); err == nil && said != nil {
			h, err = lookText(ctx, fsys, file, said, lookedAt)
		}
		if err != nil {
			return nil, err
		}
		h.asked = asked
		return []head{h}, nil
	}
	w, err := openWorkbook(fsys, file)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	var heads []head
	for _, sheet := range w.sheets() {
		h, err := lookSheet(ctx, w, file+sheetMark+sheet, nil, lookedAt)
		asked := h.shape()
		if said := answer(answers, asked); err == nil && said != nil && said.Header != "" {
			h, err = lookSheet(ctx, w, file+sheetMark+sheet, said, lookedAt)
		}
		if err != nil {
			return nil, err
		}
		h.asked = asked
		heads = append(heads, h)
	}
	if len(heads) == 0 {
		return nil, &connectors.FileError{Reason: connectors.ReasonEmpty, File: file}
	}
	return heads, nil
}

// shelf keeps the workbook open that is being read.
type shelf struct {
	fsys fs.FS
	file string
	book *workbook
}

func (s *shelf) close() {
	if s.book != nil {
		_ = s.book.Close() // of temporary files
	}
	s.book, s.file = nil, ""
}

// open begins to read a table, behind its header.
func (s *shelf) open(p *planned) (rows, error) {
	var in rows
	if p.head.sheet {
		if s.file != p.file {
			s.close()
			book, err := openWorkbook(s.fsys, p.file)
			if err != nil {
				return nil, err
			}
			s.file, s.book = p.file, book
		}
		_, sheet := splitTable(p.head.table)
		r, err := s.book.rows(sheet)
		if err != nil {
			return nil, err
		}
		in = r
	} else {
		t, err := openText(s.fsys, p.file, p.head.encoding)
		if err != nil {
			return nil, err
		}
		in = newTextRows(t, p.head.separator, 0)
	}
	if p.head.named {
		if _, err := in.next(); err != nil {
			return nil, errors.Join(err, in.Close())
		}
	}
	return in, nil
}

// read emits the lines of one table.
func (c Connector) read(ctx context.Context, books *shelf, p *planned, limit, skip int, emit connectors.Emit) error {
	kind, _ := kindOf(p.mapping.Kind)
	columns, _ := resolve(p.head.header, p.mapping.Columns, kind)
	t := tableReader{
		connector: c, table: p.head.table, kind: kind.Key, header: p.head.header, reasonAt: p.head.reasonAt,
		limit: limit, skip: skip, take: emit,
	}
	var err error
	if t.form, t.places, t.scope, err = prepare(p.mapping, kind, columns); err != nil {
		return &connectors.FileError{Reason: reasonMapping, File: t.table, Err: err}
	}
	if t.repeats, err = c.repeatsOf(ctx, books, p, &t); err != nil {
		return err
	}
	in, err := books.open(p)
	if err != nil {
		return t.refuse(ctx, connectors.ReasonUnreadable, "", row{line: 1})
	}
	defer in.Close()
	for {
		r, err := in.next()
		if errors.Is(err, io.EOF) {
			return t.end(ctx)
		}
		if err != nil {
			if err := t.flush(ctx); err != nil {
				return err
			}
			t.read++
			return t.refuse(ctx, connectors.ReasonTruncated, "", row{})
		}
		if err := t.row(ctx, r); err != nil {
			return err
		}
	}
}

// repeatsOf is the first reading, where a second is needed.
func (c Connector) repeatsOf(ctx context.Context, books *shelf, p *planned, t *tableReader) (*repeats, error) {
	if t.has(identifying[t.kind].id) && !grouped(t.kind) {
		return newRepeats(0), nil // lines without an id are told apart as far as they differ
	}
	in, err := books.open(p)
	if err != nil {
		return newRepeats(0), nil // the second reading says it
	}
	defer in.Close()
	found, err := findRepeats(ctx, in, p.size, t.kind, t.pick)
	var wrong *connectors.FileError
	if errors.As(err, &wrong) {
		wrong.File = p.head.table
	}
	return found, err
}

// end flushes and says that the table is done.
func (t *tableReader) end(ctx context.Context) error {
	t.since = cursorEvery
	if len(t.group) > 0 {
		return t.flush(ctx)
	}
	if err := ctx.Err(); err != nil || t.read < t.skip {
		return err
	}
	return t.take(ctx, connectors.Record{Cursor: cursor{table: t.table, rows: t.read + 1}.String()})
}

// cursor is how many rows of a table are done.
type cursor struct {
	table string
	rows  int
}

func (c cursor) String() string { return c.table + "#" + strconv.Itoa(c.rows) }

func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{}, nil
	}
	i := strings.LastIndexByte(s, '#')
	if i < 0 {
		return cursor{}, fmt.Errorf("spreadsheet: cursor %q is none", path.Base(s))
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil || n < 0 {
		return cursor{}, errors.New("spreadsheet: cursor is none")
	}
	return cursor{table: s[:i], rows: n}, nil
}
