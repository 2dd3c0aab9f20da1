package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// export writes the activities of a community, all or of some days, oldest first.
func export(ctx context.Context, args []string, c config, t terminal) error {
	if len(args) == 0 || args[0] != "activities" {
		return &usageError{t.locale.T("cli.export_what")}
	}
	f := newFlags("export activities", t)
	organisation := f.String("organisation", "", "")
	name := f.String("community", "", "")
	from := f.String("from", "", "")
	to := f.String("to", "", "")
	format := f.String("format", "csv", "")
	if _, err := f.parse(args[1:]); err != nil {
		return err
	}
	if *format != "csv" && *format != "jsonl" {
		return &usageError{t.locale.T("cli.export_format", "format", *format)}
	}
	w := community.Window{From: community.DateOf(store.Earliest(), time.UTC), To: community.NewDate(2200, 1, 1)}
	if *from != "" || *to != "" {
		var err error
		if w, err = window(orElse(*from, w.From.String()), orElse(*to, w.To.String()), t); err != nil {
			return err
		}
	}
	db, err := open(ctx, c, c.logger(t, true))
	if err != nil {
		return err
	}
	defer db.close()
	s := db.store
	of, err := existing(ctx, s, *organisation, *name, t)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(t.out, 1<<16)
	write := writeJSON(out)
	if *format == "csv" {
		write = writeCSV(out, of.Location)
	}
	if err := s.ExportActivities(ctx, of, w, write); err != nil {
		return err
	}
	return out.Flush()
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func writeJSON(out io.Writer) func(store.ExportedActivity) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return func(a store.ExportedActivity) error { return enc.Encode(a) }
}

// writeCSV writes a header and rows. A cell that a spreadsheet would run as a
// formula is preceded by an apostrophe.
func writeCSV(out io.Writer, zone *time.Location) func(store.ExportedActivity) error {
	w := csv.NewWriter(out)
	header := false
	return func(a store.ExportedActivity) error {
		if !header {
			header = true
			if err := w.Write([]string{
				"occurred_at", "local_time", "kind", "platform", "channel", "member", "identity", "team", "bot",
				"id", "answers", "amount", "length", "question", "link", "inferred_time", "detail",
			}); err != nil {
				return err
			}
		}
		err := w.Write([]string{
			a.OccurredAt.UTC().Format(time.RFC3339Nano), a.OccurredAt.In(zone).Format("2006-01-02 15:04:05"),
			a.Kind, a.Platform, safe(a.Channel), safe(a.Member), safe(a.Identity), strconv.FormatBool(a.Team), strconv.FormatBool(a.Bot),
			safe(a.ID), safe(a.Answers), strconv.Itoa(a.Amount), strconv.Itoa(a.Length),
			strconv.FormatBool(a.Question), strconv.FormatBool(a.Link), strconv.FormatBool(a.InferredTime), safe(a.Detail),
		})
		w.Flush()
		if err == nil {
			err = w.Error()
		}
		return err
	}
}

func safe(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
