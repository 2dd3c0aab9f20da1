package web

import (
	"net/url"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// What a period can be compared with.
const (
	comparePrevious = "prev"
	compareYear     = "year" // the same weeks one year earlier
	compareNone     = "none"
)

const (
	presetDefault = "12"
	presetAll     = "all"
	year          = 52 * 7      // days: the same weekdays one year earlier
	longest       = 10*366 + 10 // days of the longest period
)

// presets are the ready periods, in whole weeks; 0 is the whole life.
var presets = []struct {
	name  string
	weeks int
	label string
}{{"4", 4, "ui.period.4w"}, {"12", 12, "ui.period.12w"}, {"26", 26, "ui.period.6m"}, {presetAll, 0, "ui.period.all"}}

// extent is what the data of a community reaches over.
type extent struct {
	first, today community.Date // first activity; the day of the last moment that the sources speak of
}

// extentOf is the extent of a community's data as known now: an export of the
// past ends where it ends, not today.
func extentOf(s *community.Series, now time.Time) extent {
	end := s.Horizon
	if now.Before(end) {
		end = now
	}
	return extent{first: s.First, today: community.DateOf(end, location(s.Community))}
}

// end is the day after the last full week; before the first week is over, the
// day after the last one of all.
func (e extent) end() community.Date {
	if monday := e.today.Monday(); monday > e.first {
		return monday
	}
	return max(e.today, e.first) + 1
}

// weeks is how many weeks the data covers, begun ones not counted.
func (e extent) weeks() int { return int(e.today-e.first) / 7 }

// period is what the address of the page asks for.
type period struct {
	preset  string // empty: free dates
	window  community.Window
	before  community.Window // what it is compared with
	compare string
	team    bool
	fault   string // why the dates of the address cannot be taken: a key of the catalogue
}

func (p period) population() community.Population {
	if p.team {
		return community.Everyone
	}
	return community.Members
}

// parsePeriod reads an address. Dates that cannot be taken leave the ready
// period in place and say so in fault.
func parsePeriod(values url.Values, e extent) period {
	p := period{compare: values.Get("cmp"), team: values.Get("team") == "1"}
	if p.compare != compareYear && p.compare != compareNone {
		p.compare = comparePrevious
	}
	p.window, p.fault = freeDates(values, e)
	if p.window.Days() == 0 {
		p.preset, p.window = readyDates(values.Get("p"), e)
	}
	p.before = p.window.Previous()
	if p.compare == compareYear {
		p.before = community.Window{From: p.window.From - year, To: p.window.To - year}
	}
	return p
}

// freeDates reads from and to, both included; no window where there are none.
func freeDates(values url.Values, e extent) (community.Window, string) {
	from, to := values.Get("from"), values.Get("to")
	if from == "" && to == "" {
		return community.Window{}, ""
	}
	if from == "" || to == "" {
		return community.Window{}, "overview.dates.both"
	}
	first, err := community.ParseDate(from)
	last, err2 := community.ParseDate(to)
	w := community.Window{From: first, To: last + 1}
	switch {
	case err != nil || err2 != nil || first < community.NewDate(1990, time.January, 1):
		return community.Window{}, "overview.dates.bad"
	case w.Days() == 0:
		return community.Window{}, "overview.dates.order"
	case w.Days() > longest:
		return community.Window{}, "overview.dates.long"
	case w.From > e.today:
		return community.Window{}, "overview.dates.late"
	}
	return w, ""
}

// readyDates is a preset, cut where the community began; an unknown one is the
// usual one.
func readyDates(name string, e extent) (string, community.Window) {
	end := e.end()
	for _, preset := range presets {
		if preset.name != name {
			continue
		}
		from := e.first
		if preset.weeks > 0 {
			from = max(e.first, end-community.Date(7*preset.weeks))
		}
		return name, community.Window{From: max(from, end-longest), To: end}
	}
	return readyDates(presetDefault, e)
}

// query is the address of the page with this period, and with what change sets.
func (p period) query(change ...string) string {
	values := url.Values{}
	if p.preset == "" {
		values.Set("from", p.window.From.String())
		values.Set("to", (p.window.To - 1).String())
	} else if p.preset != presetDefault {
		values.Set("p", p.preset)
	}
	if p.compare != comparePrevious {
		values.Set("cmp", p.compare)
	}
	if p.team {
		values.Set("team", "1")
	}
	for i := 0; i+1 < len(change); i += 2 {
		if values.Set(change[i], change[i+1]); change[i] == "p" {
			values.Del("from")
			values.Del("to")
		}
		if change[i+1] == "" {
			values.Del(change[i])
		}
	}
	return "?" + values.Encode()
}

// view is the choice of the period.
func (p period) view(l i18n.Locale, path string, now time.Time) *ui.DateRange {
	v := ui.DateRange{
		Locale: l, Action: path, From: p.window.From.String(), To: (p.window.To - 1).String(),
		Label: l.DateRange(p.window.From.UTC(), (p.window.To - 1).UTC(), now),
	}
	for _, preset := range presets {
		link := ui.Preset{Label: l.T(preset.label), URL: path + p.query("p", preset.name), Current: p.preset == preset.name && p.fault == ""}
		if key := preset.label + ".short"; l.Has(key) {
			link.Short = l.T(key)
		}
		v.Presets = append(v.Presets, link)
	}
	for _, name := range []string{comparePrevious, compareYear, compareNone} {
		v.Compare = append(v.Compare, ui.Option{Value: name, Label: l.T("overview.compare." + name), Current: p.compare == name})
	}
	if p.team {
		v.Hidden = []ui.Option{{Value: "team", Label: "1"}}
	}
	if p.fault != "" {
		v.Error = l.T(p.fault)
	}
	return &v
}

// location is the community's, or UTC.
func location(c community.Community) *time.Location {
	if c.Location == nil {
		return time.UTC
	}
	return c.Location
}
