package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
)

// importOptions are the flags of `foyer import`.
type importOptions struct {
	organisation, community, zone, source, dateOrder string
	json                                             bool
	paths                                            []string
	tables                                           mapOptions
}

func parseImport(args []string, t terminal) (importOptions, error) {
	var o importOptions
	f := newFlags("import", t)
	f.StringVar(&o.community, "community", "", "")
	f.StringVar(&o.organisation, "organisation", "", "")
	f.StringVar(&o.zone, "time-zone", "", "")
	f.StringVar(&o.source, "source", "auto", "")
	f.StringVar(&o.dateOrder, "date-order", "", "")
	f.BoolVar(&o.json, "json", false, "")
	o.tables.flags(f.FlagSet)
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
	if err := o.tables.read(t); err != nil {
		return o, err
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
	ring, err := c.ring()
	if err != nil {
		return err
	}
	rates, err := c.rates(db.store, log)
	if err != nil {
		return err
	}
	s := db.store.WithKeys(ring).WithRates(rates)
	to, err := communityFor(ctx, s, o.organisation, o.community, zone, t)
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
func communityFor(ctx context.Context, s *store.Store, organisation, name string, zone *time.Location, t terminal) (community.Community, error) {
	org, err := organisationFor(ctx, s, organisation, t)
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
	if err := o.tables.answers(ctx, in.Store, i, o.dateOrder); err != nil {
		return i, err
	}
	err := in.Store.Begin(ctx, i.Organisation, func(tx pgx.Tx) (err error) {
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
		err = in.Store.Begin(ctx, i.Organisation, func(tx pgx.Tx) error {
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
	if _, ok := connectors.MappedShape(q.Key); ok {
		return askMapping(q, t)
	}
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
