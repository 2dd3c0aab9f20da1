package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// importReport is the last line with --json.
type importReport struct {
	Community  string              `json:"community"`
	Source     community.Platform  `json:"source"`
	Files      int                 `json:"files"`
	Payloads   int64               `json:"payloads"`
	Activities int64               `json:"activities"`
	Records    int64               `json:"records"` // of business data: new or changed
	Messages   int64               `json:"messages"`
	Reactions  int64               `json:"reactions"`
	Joins      int64               `json:"joins"`
	Leaves     int64               `json:"leaves"`
	Members    int64               `json:"members"`
	Bots       int64               `json:"bots"`
	Channels   int64               `json:"channels"`
	Duplicates int64               `json:"duplicates"`
	Refused    []community.Refusal `json:"refused"`
	First      *time.Time          `json:"first"`
	Last       *time.Time          `json:"last"`
	Seconds    float64             `json:"seconds"`
}

func reportImport(ctx context.Context, s *store.Store, c community.Community, i store.Import, o importOptions, took time.Duration, t terminal) error {
	if i.State != store.ImportDone {
		return importFailure(i, t)
	}
	census, err := s.Census(ctx, c.Scope, i.Source)
	if err != nil {
		return err
	}
	refused, err := s.RefusalsOf(ctx, i, 0, store.RefusalsKept)
	if err != nil {
		return err
	}
	r := importReport{
		Community: c.Name, Source: i.Source, Files: i.Files, Payloads: i.Payloads, Activities: census.Activities, Records: i.Records,
		Messages: census.Messages, Reactions: census.Reactions, Joins: census.Joins, Leaves: census.Leaves,
		Members: census.Members, Bots: census.Bots, Channels: census.Channels, Duplicates: i.Duplicates,
		Refused: append([]community.Refusal{}, refused...), Seconds: took.Seconds(),
	}
	if census.Messages > 0 {
		first, last := census.First.UTC(), census.Last.UTC()
		r.First, r.Last = &first, &last
	}
	if o.json {
		return json.NewEncoder(t.out).Encode(r)
	}
	return printImport(r, i, t)
}

// importFailure says what happened, what is safe and what to do.
func importFailure(i store.Import, t terminal) error {
	if i.State == store.ImportCancelled {
		return errors.New(t.locale.T("cli.cancelled"))
	}
	reason := "import.error." + i.Reason
	if !t.locale.Has(reason) {
		reason = "import.error.internal"
	}
	file := i.ErrorFile
	if file == "" {
		file = strings.Join(i.Names, ", ")
	}
	text := t.locale.T("import.error.file", "file", file, "text", t.locale.T(reason))
	return errors.New(strings.TrimSpace(text + " " + t.locale.T(reason+".fix")))
}

func printImport(r importReport, i store.Import, t terminal) error {
	l := t.locale
	lines := []string{
		l.T("cli.done", "community", r.Community, "source", string(r.Source), "time", l.Decimal(r.Seconds, 1)),
		l.T("cli.done_counts", "messages", l.Int(r.Messages), "reactions", l.Int(r.Reactions),
			"members", l.Int(r.Members), "bots", l.Int(r.Bots), "channels", l.Int(r.Channels)),
		l.T("cli.done_moves", "joins", l.Int(r.Joins), "leaves", l.Int(r.Leaves), "duplicates", l.Int(r.Duplicates)),
	}
	if r.Records > 0 || len(i.Decisions["sheet_decimal"]) > 0 {
		lines = []string{lines[0], l.T("cli.done_records", "records", l.Int(r.Records), "duplicates", l.Int(r.Duplicates))}
	}
	for _, key := range []string{"sheet_separator", "sheet_encoding", "sheet_decimal", "date_order", "sheet_tax"} {
		if said := "import.decision." + key + "." + strings.ReplaceAll(i.Decisions[key], "-", "_"); i.Decisions[key] != "" && l.Has(said) {
			lines = append(lines, "  "+l.T(said))
		}
	}
	for _, f := range r.Refused {
		place := f.File
		if f.Line > 0 {
			place += fmt.Sprintf(":%d", f.Line)
		}
		text := f.Reason
		if key := "refusal." + f.Reason; l.Has(key) {
			text = l.T(key)
		}
		if f.Detail != "" {
			if key := "sheet.field." + f.Detail; l.Has(key) {
				f.Detail = l.T(key)
			}
			text += " (" + f.Detail + ")"
		}
		lines = append(lines, l.T("cli.refused", "place", place, "reason", text))
	}
	if more := i.Refusals - int64(len(r.Refused)); more > 0 {
		lines = append(lines, l.N("cli.refused_more", int(more)))
	}
	_, err := fmt.Fprintln(t.out, strings.Join(lines, "\n"))
	return err
}
