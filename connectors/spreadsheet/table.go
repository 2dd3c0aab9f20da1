package spreadsheet

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/foyer-app/foyer/connectors"
)

// maxGroup bounds the lines of one order.
const maxGroup = 5_000

// cursorEvery is the number of payloads between two cursors.
const cursorEvery = 500

// tableReader turns the rows of one table into records.
type tableReader struct {
	connector Connector
	table     string
	kind      string
	header    []string
	reasonAt  int
	form      *form
	places    []int
	scope     string
	limit     int
	repeats   *repeats
	take      connectors.Emit

	read  int // rows that came, the refused included
	skip  int // of them were done before
	group []row
	cells [][]string
	id    string // of the group; empty without
	since int    // payloads after the last cursor
	wide  bool   // the group has too many lines
	bytes int
}

// prepare makes what reading by a mapping needs.
func prepare(m connectors.Mapping, kind connectors.TableKind, columns map[string]int) (f *form, places []int, scope string, err error) {
	made, places := newForm(m, kind, columns)
	if scope, err = made.scope(); err != nil {
		return nil, nil, "", err
	}
	f, err = readForm(scope)
	return f, places, scope, err
}

// pick are the mapped cells of a row.
func (t *tableReader) pick(r row) entry {
	cells := make([]string, len(t.places))
	for i, place := range t.places {
		if place < len(r.cells) {
			cells[i] = clean(r.cells[place])
		}
	}
	return entry{form: t.form, cells: cells}
}

func (t *tableReader) groupRows() int { return len(t.group) }

// row takes the next row.
func (t *tableReader) row(ctx context.Context, r row) error {
	var e entry
	id := ""
	if r.reason == "" && strings.TrimSpace(strings.Join(r.cells[min(len(r.cells), len(t.header)):], "")) != "" {
		r.reason = reasonCells
	}
	if r.reason == "" {
		e = t.pick(r)
		id = given(t.kind, e)
	}
	if r.reason != "" || id == "" || id != t.id || !grouped(t.kind) {
		if err := t.flush(ctx); err != nil {
			return err
		}
	}
	t.read++
	switch {
	case r.reason != "":
		return t.refuse(ctx, r.reason, "", r)
	case strings.Join(e.cells, "") == "":
		return t.refuse(ctx, reasonNeeded, "", r)
	case t.kind == kindLines && id == "", t.kind == kindOrders && id == "" && t.has(fOrder):
		return t.refuse(ctx, reasonNeeded, fOrder, r)
	}
	if len(t.group) >= maxGroup || t.bytes > t.most() {
		t.wide = true // the lines are let go, the order is refused
		return nil
	}
	for _, c := range r.cells {
		t.bytes += len(c)
	}
	t.id = id
	t.group, t.cells = append(t.group, r), append(t.cells, e.cells)
	return nil
}

func (t *tableReader) has(field string) bool {
	_, ok := t.form.index[field]
	return ok
}

// most bounds the bytes of a group.
func (t *tableReader) most() int {
	if t.limit > 0 {
		return t.limit
	}
	return maxRow
}

// flush ends the group that was begun.
func (t *tableReader) flush(ctx context.Context) error {
	if len(t.group) == 0 {
		return ctx.Err()
	}
	group, cells, id, wide := t.group, t.cells, t.id, t.wide
	t.group, t.cells, t.id, t.wide, t.bytes = nil, nil, "", false, 0
	b := body{Lines: cells}
	apart := false
	if id == "" {
		key := known(t.kind, entry{form: t.form, cells: cells[0]})
		b.ID = numbered(key, t.repeats.next(key))
	} else if grouped(t.kind) {
		apart = t.repeats.next(id) > 0
	}
	switch {
	case wide:
		return t.refuse(ctx, reasonLines, fOrder, group...)
	case apart:
		return t.refuse(ctx, reasonApart, fOrder, group...)
	}
	raw, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("spreadsheet: payload: %w", err)
	}
	if t.limit > 0 && len(raw) > t.limit {
		return t.refuse(ctx, connectors.ReasonTooLarge, "", group...)
	}
	return t.emit(ctx, connectors.Record{
		Payload: &connectors.Payload{Kind: t.kind, Scope: t.scope, Body: raw},
		File:    t.table, Line: group[0].line, Lines: linesOf(t.header, t.reasonAt, group...),
	})
}

// refuse emits lines that cannot be read.
func (t *tableReader) refuse(ctx context.Context, reason, detail string, list ...row) error {
	refusal := &connectors.Refusal{File: t.table, Line: list[0].line, Reason: reason, Detail: detail}
	if len(list[0].cells) > 0 {
		refusal.Lines = linesOf(t.header, t.reasonAt, list...)
	}
	return t.emit(ctx, connectors.Record{Refusal: refusal})
}

// emit hands a record on unless it was done before. All rows up to t.read are
// done with it: a group is flushed before the row behind it is counted.
func (t *tableReader) emit(ctx context.Context, r connectors.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if t.read <= t.skip {
		return nil
	}
	t.since++
	if t.since >= cursorEvery {
		t.since = 0
		r.Cursor = cursor{table: t.table, rows: t.read}.String()
	}
	return t.take(ctx, r)
}
