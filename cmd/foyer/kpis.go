package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/kpi"
	"github.com/foyer-app/foyer/internal/store"
)

// kpis prints the figures of one community over some days.
func kpis(ctx context.Context, args []string, c config, t terminal) error {
	f := newFlags("kpis", t)
	organisation := f.String("organisation", "", "")
	name := f.String("community", "", "")
	from := f.String("from", "", "")
	to := f.String("to", "", "")
	asJSON := f.Bool("json", false, "")
	rest, err := f.parse(args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return &usageError{t.locale.T("cli.unexpected", "argument", rest[0])}
	}
	w, err := window(*from, *to, t)
	if err != nil {
		return err
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
	// Days that changed a moment ago are in the figures too.
	in := ingest.New(ingest.Config{Store: s, Connectors: all.List(), Log: c.logger(t, true)})
	if err := in.RollUpNow(ctx, of.Scope); err != nil {
		return err
	}
	series, err := loadSeries(ctx, s, of, w)
	if err != nil {
		return err
	}
	if *asJSON {
		return printKPIsJSON(series, w, t)
	}
	return printKPIs(series, w, t)
}

// window reads --from and --to; to is exclusive.
func window(from, to string, t terminal) (community.Window, error) {
	if from == "" || to == "" {
		return community.Window{}, &usageError{t.locale.T("cli.dates_needed")}
	}
	var w community.Window
	for _, d := range []struct {
		text string
		to   *community.Date
	}{{from, &w.From}, {to, &w.To}} {
		date, err := community.ParseDate(d.text)
		if err != nil {
			return w, &usageError{t.locale.T("cli.bad_date", "date", d.text)}
		}
		*d.to = date
	}
	if w.Days() == 0 {
		return w, &usageError{t.locale.T("cli.empty_range")}
	}
	return w, nil
}

// existing returns the community of that name or says which there are.
func existing(ctx context.Context, s *store.Store, organisation, name string, t terminal) (community.Community, error) {
	if name == "" {
		return community.Community{}, &usageError{t.locale.T("cli.community_needed")}
	}
	org, err := organisationFor(ctx, s, organisation, t)
	if err != nil {
		return community.Community{}, err
	}
	c, err := s.CommunityNamed(ctx, org, name)
	if !errors.Is(err, community.ErrNotFound) {
		return c, err
	}
	list, err := s.Communities(ctx, org)
	if err != nil {
		return c, err
	}
	names := make([]string, 0, len(list))
	for _, other := range list {
		names = append(names, other.Name)
	}
	if len(names) == 0 {
		return c, errors.New(t.locale.T("cli.no_communities", "name", name))
	}
	return c, errors.New(t.locale.T("cli.no_community", "name", name, "names", t.locale.List(names)))
}

// loadSeries loads the window, the one before, and the four weeks that
// stickiness looks back.
func loadSeries(ctx context.Context, s *store.Store, c community.Community, w community.Window) (*community.Series, error) {
	before := w.Previous()
	loaded := community.Window{From: min(before.From, before.To-28), To: w.To}
	return s.Series(ctx, c, loaded, w, before)
}

func printKPIsJSON(series *community.Series, w community.Window, t terminal) error {
	values := map[string]kpi.Value{}
	for _, k := range kpi.List() {
		values[k.Key] = k.Value(series, w, community.Members)
	}
	return json.NewEncoder(t.out).Encode(map[string]any{
		"community": series.Community.Name, "time_zone": series.Community.Location.String(),
		"from": w.From.String(), "to": w.To.String(), "kpis": values,
	})
}

func printKPIs(series *community.Series, w community.Window, t terminal) error {
	l := t.locale
	table := tabwriter.NewWriter(t.out, 0, 8, 2, ' ', 0)
	for _, k := range kpi.List() {
		v := k.Value(series, w, community.Members)
		text := l.T("kpi.reason." + v.Reason)
		if v.Reason == "" {
			text = printNumber(v, v.Number, t)
			if v.Previous != nil {
				text += "\t" + l.T("cli.before", "value", printNumber(v, *v.Previous, t))
			}
		}
		fmt.Fprintf(table, "%s\t%s\n", l.T("kpi."+k.Key+".name"), text)
	}
	return table.Flush()
}

func printNumber(v kpi.Value, n float64, t terminal) string {
	switch v.Unit {
	case kpi.Fraction:
		return t.locale.Percent(n, 1)
	case kpi.Seconds:
		return t.locale.Duration(seconds(n))
	case kpi.Factor, kpi.MessagesPerMember, kpi.MessagesPerHour:
		return t.locale.Decimal(n, 1)
	default:
		return t.locale.Int(int64(n))
	}
}
