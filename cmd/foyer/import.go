package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
)

// importOptions are the flags of `foyer import`.
type importOptions struct {
	community, zone, source, dateOrder string
	json                               bool
	paths                              []string
}

func parseImport(args []string, t terminal) (importOptions, error) {
	var o importOptions
	f := newFlags("import", t)
	f.StringVar(&o.community, "community", "", "")
	f.StringVar(&o.zone, "time-zone", "", "")
	f.StringVar(&o.source, "source", "auto", "")
	f.StringVar(&o.dateOrder, "date-order", "", "")
	f.BoolVar(&o.json, "json", false, "")
	paths, err := f.parse(args)
	if err != nil {
		return o, err
	}
	o.community = strings.TrimSpace(o.community)
	switch {
	case o.community == "":
		return o, &usageError{t.locale.T("cli.community_needed")}
	case len(paths) == 0:
		return o, &usageError{t.locale.T("cli.paths_needed")}
	case o.dateOrder != "" && o.dateOrder != "dmy" && o.dateOrder != "mdy":
		return o, &usageError{t.locale.T("cli.date_order")}
	}
	if o.source == "auto" {
		o.source = ""
	} else if !knownSource(o.source) {
		return o, &usageError{t.locale.T("cli.unknown_source", "source", o.source)}
	}
	for _, p := range paths {
		abs, err := filepath.Abs(p)
		if err != nil {
			return o, err
		}
		o.paths = append(o.paths, abs)
	}
	return o, nil
}

func knownSource(name string) bool {
	for _, c := range all.List() {
		if string(c.Platform()) == name {
			return true
		}
	}
	return false
}

// importFiles reads exports into a community and waits until the figures follow.
func importFiles(ctx context.Context, args []string, c config, t terminal) error {
	start := time.Now()
	o, err := parseImport(args, t)
	if err != nil {
		return err
	}
	for _, p := range o.paths {
		if _, err := os.Stat(p); err != nil {
			return errors.New(t.locale.T("cli.no_file", "path", p))
		}
	}
	zone, err := zoneNamed(o.zone, t)
	if err != nil {
		return err
	}
	log := c.logger(t, true)
	db, err := open(ctx, c, log)
	if err != nil {
		return err
	}
	defer db.close()
	s := store.New(db.pool)
	to, err := communityFor(ctx, s, o.community, zone, t)
	if err != nil {
		return err
	}
	if o.zone == "" {
		zone = to.Location
	}
	in := ingest.New(ingest.Config{Store: s, Connectors: all.List(), Log: log, Uploads: c.uploads(), Limits: c.limits()})
	i, err := readImport(ctx, in, to, zone, o, t)
	if err != nil {
		return err
	}
	if err := in.RollUpNow(ctx, to.Scope); err != nil {
		return err
	}
	return reportImport(ctx, s, to, i, o, time.Since(start), t)
}

// zoneNamed returns the zone of the flag, else the machine's.
func zoneNamed(name string, t terminal) (*time.Location, error) {
	if name == "" {
		return localZone(), nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, &usageError{t.locale.T("cli.unknown_zone", "zone", name)}
	}
	return zone, nil
}

// localZone is the machine's zone by its name, which time.Local does not tell.
func localZone() *time.Location {
	for _, name := range []string{os.Getenv("TZ"), linkedZone("/etc/localtime")} {
		if zone, err := time.LoadLocation(name); name != "" && name != "Local" && err == nil {
			return zone
		}
	}
	if zone, err := time.LoadLocation("Europe/Paris"); err == nil {
		return zone
	}
	return time.UTC
}

func linkedZone(path string) string {
	target, err := os.Readlink(path)
	if err != nil {
		return ""
	}
	_, name, _ := strings.Cut(target, "zoneinfo/")
	return name
}

// communityFor returns the community of that name and makes it when there is none.
func communityFor(ctx context.Context, s *store.Store, name string, zone *time.Location, t terminal) (community.Community, error) {
	org, err := s.LocalOrganisation(ctx)
	if err != nil {
		return community.Community{}, err
	}
	c, err := s.CommunityNamed(ctx, org, name)
	if !errors.Is(err, community.ErrNotFound) {
		return c, err
	}
	c, err = s.CreateCommunity(ctx, org, name, zone)
	switch {
	case errors.Is(err, store.ErrExists): // made by somebody else in between
		return s.CommunityNamed(ctx, org, name)
	case errors.Is(err, store.ErrTimeZone):
		return c, &usageError{t.locale.T("cli.unknown_zone", "zone", zone.String())}
	}
	return c, err
}

// readImport runs the import in this process, asks what the files cannot
// decide, and returns it ended.
func readImport(ctx context.Context, in *ingest.Ingest, to community.Community, zone *time.Location, o importOptions, t terminal) (store.Import, error) {
	i := store.Import{
		Scope: to.Scope, Source: community.Platform(o.source), TimeZone: zone.String(),
		Paths: o.paths, Answers: map[string]string{},
	}
	for _, p := range o.paths {
		i.Names = append(i.Names, filepath.Base(p))
	}
	if o.dateOrder != "" {
		i.Answers["date_order"] = o.dateOrder
	}
	err := in.Store.Begin(ctx, func(tx pgx.Tx) (err error) {
		i.ID, err = in.Store.CreateImport(ctx, tx, i)
		return err
	})
	if err != nil {
		return i, err
	}
	for {
		if i, err = runShown(ctx, in, i, o, t); err != nil {
			return i, err
		}
		if i.State != store.ImportAsking {
			return i, nil
		}
		answer, err := ask(*i.Question, t)
		if err != nil {
			return i, errors.Join(err, in.Cancel(ctx, i))
		}
		err = in.Store.Begin(ctx, func(tx pgx.Tx) error {
			return in.Store.AnswerImport(ctx, tx, i, i.Question.Key, answer)
		})
		if err != nil {
			return i, err
		}
	}
}

// runShown reads while a bar shows how far it has come, on a terminal.
func runShown(ctx context.Context, in *ingest.Ingest, i store.Import, o importOptions, t terminal) (store.Import, error) {
	done := make(chan error, 1)
	go func() { done <- in.RunImport(ctx, i.Scope, i.ID) }()
	bar := newBar(t, o.json)
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if now, err := in.Store.Import(ctx, i.Scope, i.ID); err == nil {
				bar.show(now)
			}
		case err := <-done:
			bar.clear()
			if err != nil {
				return i, err
			}
			return in.Store.Import(ctx, i.Scope, i.ID)
		}
	}
}

// ask puts the question to the person at the terminal.
func ask(q store.Question, t terminal) (string, error) {
	refused := errors.New(t.locale.T("cli.ask."+q.Key+".remedy", "file", q.File, "sample", q.Sample))
	if !interactive(t.in) {
		return "", refused
	}
	fmt.Fprintln(t.err, t.locale.T("cli.ask."+q.Key, "file", q.File, "sample", q.Sample))
	line, err := bufio.NewReader(t.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	answer := strings.ToLower(strings.TrimSpace(line))
	for _, option := range q.Options {
		if answer == option {
			return answer, nil
		}
	}
	return "", refused
}

// importReport is the last line with --json.
type importReport struct {
	Community  string              `json:"community"`
	Source     community.Platform  `json:"source"`
	Files      int                 `json:"files"`
	Payloads   int64               `json:"payloads"`
	Activities int64               `json:"activities"`
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
		Community: c.Name, Source: i.Source, Files: i.Files, Payloads: i.Payloads, Activities: census.Activities,
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
	if order := i.Decisions["date_order"]; order != "" {
		lines = append(lines, "  "+l.T("import.decision.date_order."+order))
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
