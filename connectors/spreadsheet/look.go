package spreadsheet

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// shownRows and shownRefusals bound what Look shows of a table.
const (
	shownRows     = 20
	shownRefusals = 20
)

// Look reads the beginning of a table and says how it would be read.
func (c Connector) Look(ctx context.Context, files fs.FS, table string, said *connectors.Mapping, zone *time.Location) (connectors.Look, error) {
	file, sheet := splitTable(table)
	var h head
	var err error
	if sheet == "" {
		h, err = lookText(ctx, files, file, said, lookedAt)
	} else {
		var w *workbook
		if w, err = openWorkbook(files, file); err != nil {
			return connectors.Look{}, err
		}
		defer w.Close()
		h, err = lookSheet(ctx, w, table, said, lookedAt)
	}
	if err != nil {
		return connectors.Look{}, err
	}
	look := connectors.Look{Table: table, Shape: h.shape(), Why: h.why, Sheet: h.sheet}
	look.Mapping, look.Missing = complete(&h, said, zone)
	kind, _ := kindOf(look.Mapping.Kind)
	columns, _ := resolve(h.header, look.Mapping.Columns, kind)
	for i, name := range h.header {
		if i != h.reasonAt {
			look.Header = append(look.Header, name)
		}
	}
	for _, r := range h.rows[:min(len(h.rows), shownRows)] {
		look.Rows = append(look.Rows, shown(&h, r, columns, look.Mapping))
	}
	if len(look.Missing) == 0 && look.Mapping.Kind != kindSkip {
		c.try(&h, look.Mapping, &look)
	}
	return look, ctx.Err()
}

// shown are the cells of a row as a page shows them: days of a workbook as dates.
func shown(h *head, r row, columns map[string]int, m connectors.Mapping) []string {
	cells := make([]string, 0, len(h.header))
	for i := range h.header {
		if i == h.reasonAt {
			continue
		}
		cell := ""
		if i < len(r.cells) {
			cell = clean(r.cells[i])
		}
		for _, f := range dates {
			if columns[f] != i+1 || m.DateOrder != orderSerial && m.DateOrder != orderSerial4 {
				continue
			}
			if at, err := parseDate(cell, m.DateOrder, time.UTC); err == nil {
				cell = at.at.Format(time.DateTime)
			}
		}
		cells = append(cells, cell)
	}
	return cells
}

// try reads the beginning by the mapping and counts what is readable.
func (c Connector) try(h *head, m connectors.Mapping, look *connectors.Look) {
	kind, _ := kindOf(m.Kind)
	columns, _ := resolve(h.header, m.Columns, kind)
	t := tableReader{connector: c, table: h.table, kind: kind.Key, header: h.header, reasonAt: h.reasonAt}
	var err error
	if t.form, t.places, t.scope, err = prepare(m, kind, columns); err != nil {
		return
	}
	t.repeats = newRepeats(0)
	t.take = func(_ context.Context, r connectors.Record) error {
		lines := 1
		if r.Lines != nil {
			lines = len(r.Lines.Rows)
		}
		refusal := r.Refusal
		if r.Payload != nil {
			if _, err := c.Normalize(*r.Payload); err != nil {
				refusal = &connectors.Refusal{File: r.File, Line: r.Line, Reason: connectors.ReasonNotJSON}
				var why *connectors.RefusedError
				if errors.As(err, &why) {
					refusal.Reason, refusal.Detail = why.Reason, why.Detail
				}
			}
		}
		switch {
		case refusal != nil:
			if refusal.Lines != nil {
				lines = len(refusal.Lines.Rows)
			}
			look.Refused += lines
			if len(look.Refusals) < shownRefusals {
				look.Refusals = append(look.Refusals, *refusal)
			}
		case r.Payload != nil:
			look.Readable += lines
		}
		return nil
	}
	for _, r := range h.rows {
		_ = t.row(context.Background(), r) // take never fails
	}
	if h.whole || t.groupRows() < len(h.rows) { // the last order may go on
		_ = t.flush(context.Background())
	}
}

// answer is what was said about tables of a shape: under its own key, else what
// holds for all. A text that is no mapping says nothing.
func answer(answers map[string]string, shape string) *connectors.Mapping {
	for _, key := range []string{connectors.MappingQuestion(shape), connectors.QuestionMapping} {
		var m connectors.Mapping
		if text := answers[key]; text != "" && json.Unmarshal([]byte(text), &m) == nil {
			return &m
		}
	}
	return nil
}

// linesOf are rows as the file has them, without the column that Foyer added.
func linesOf(header []string, reasonAt int, list ...row) *community.Lines {
	without := func(cells []string) []string {
		if reasonAt < 0 || reasonAt >= len(cells) {
			return cells
		}
		kept := append([]string{}, cells[:reasonAt]...)
		return append(kept, cells[reasonAt+1:]...)
	}
	l := &community.Lines{Header: without(header)}
	for _, r := range list {
		l.Rows = append(l.Rows, without(r.cells))
	}
	return l
}
