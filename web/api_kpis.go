package web

import (
	"fmt"
	"net/http"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/kpi"
)

// The intervals of a series.
const (
	byDay  = "day"
	byWeek = "week"
)

// spanAPI is what figures were asked of.
type spanAPI struct {
	Community  communityAPI `json:"community"`
	From       string       `json:"from"`
	To         string       `json:"to"` // not included
	Population string       `json:"population"`
	Pending    int          `json:"pending_days"` // whose figures are being computed anew
}

type kpisAPI struct {
	spanAPI
	Compare string               `json:"compare"`
	KPIs    map[string]kpi.Value `json:"kpis"`
}

type kpiAPI struct {
	spanAPI
	Compare string    `json:"compare"`
	Key     string    `json:"key"`
	KPI     kpi.Value `json:"kpi"`
}

type seriesAPI struct {
	spanAPI
	Interval string     `json:"interval"`
	Key      string     `json:"key"`
	Unit     kpi.Unit   `json:"unit"`
	Formula  string     `json:"formula"`
	Points   []pointAPI `json:"points"`
}

// pointAPI is a figure over one day or week of a series.
type pointAPI struct {
	From        string   `json:"from"`
	To          string   `json:"to"` // not included
	Value       *float64 `json:"value"`
	Reason      *string  `json:"reason"`
	Numerator   *float64 `json:"numerator"`
	Denominator *float64 `json:"denominator"`
	Coverage    float64  `json:"coverage"`
	Notes       []string `json:"notes"`
}

// asked is a community with the days that figures are asked of, loaded.
type asked struct {
	measured
	span spanAPI
}

// ask reads the parameters of figures and loads their days. needsShares says that
// contributions by member are wanted too.
func (s *Server) ask(r *http.Request, p *params, needsShares bool) (asked, error) {
	var a asked
	w, given := p.window()
	population := p.one("population", "members", "everyone")
	compare := map[string]string{"previous": comparePrevious, "year": compareYear, "none": compareNone}[p.one("compare", "previous", "year", "none")]
	if err := p.err(); err != nil {
		return a, err
	}
	c, err := s.community(r)
	if err != nil {
		return a, err
	}
	if !given {
		known, err := s.Store.Series(r.Context(), c, community.Window{})
		if err != nil {
			return a, err
		}
		if known.Empty {
			known.Horizon = s.Now()
			known.First = community.DateOf(known.Horizon, location(c))
		}
		_, w = readyDates(presetDefault, extentOf(known, s.Now()))
	}
	a.period = period{window: w, before: w.Previous(), compare: compare, team: population == "everyone"}
	if compare == compareYear {
		a.period.before = community.Window{From: w.From - year, To: w.To - year}
	}
	a.span = spanAPI{Community: viewCommunityAPI(c), From: w.From.String(), To: w.To.String(), Population: population}
	if a.span.Pending, err = s.Store.DirtyDays(r.Context(), c.Scope); err != nil {
		return a, err
	}
	// 28 days more: the steadiness of a day looks back.
	loaded := community.Window{From: min(w.From, a.period.before.From) - 28, To: w.To}
	var shares []community.Window
	if needsShares {
		shares = []community.Window{w, a.period.before}
	}
	if a.series, err = s.Store.Series(r.Context(), c, loaded, shares...); err != nil {
		return a, fmt.Errorf("web: api: %w", err)
	}
	return a, nil
}

// compareName is the parameter compare of a period.
func (a asked) compareName() string {
	if a.period.compare == comparePrevious {
		return "previous"
	}
	return a.period.compare
}

// apiKPIs are all figures of a community over some days, without the lists behind them.
func (s *Server) apiKPIs(r *http.Request) (any, error) {
	a, err := s.ask(r, paramsOf(r), true)
	if err != nil {
		return nil, err
	}
	out := kpisAPI{spanAPI: a.span, Compare: a.compareName(), KPIs: map[string]kpi.Value{}}
	for _, k := range kpi.List() {
		v := a.value(k)
		v.Facts, v.Rows = nil, nil
		out.KPIs[k.Key] = v
	}
	return out, nil
}

// apiKPI is one figure with the list behind it.
func (s *Server) apiKPI(r *http.Request) (any, error) {
	k, err := theKPI(r)
	if err != nil {
		return nil, err
	}
	a, err := s.ask(r, paramsOf(r), k.Key == "concentration")
	if err != nil {
		return nil, err
	}
	return kpiAPI{spanAPI: a.span, Compare: a.compareName(), Key: k.Key, KPI: a.value(k)}, nil
}

// theKPI is the figure that the path names, or community.ErrNotFound.
func theKPI(r *http.Request) (kpi.KPI, error) {
	k, ok := kpi.Find(r.PathValue("kpi"))
	if !ok {
		return k, fmt.Errorf("kpi: %w", community.ErrNotFound)
	}
	return k, nil
}

// intervals are what a figure can be followed by: a list of the week's hours is
// no line, and joiners are followed by the week in which they came.
func intervals(key string) []string {
	switch key {
	case "rhythm", "concentration":
		return nil
	case "cohort_retention":
		return []string{byWeek}
	}
	return []string{byWeek, byDay}
}

// apiSeries is one figure day by day or, of the whole weeks, week by week.
func (s *Server) apiSeries(r *http.Request) (any, error) {
	k, err := theKPI(r)
	if err != nil {
		return nil, err
	}
	choices := intervals(k.Key)
	if len(choices) == 0 {
		return nil, &problem{status: http.StatusBadRequest, key: "error.no_series"}
	}
	p := paramsOf(r)
	interval := p.one("interval", choices...)
	if p.values.Has("compare") {
		p.refuse("error.parameter", "compare")
	}
	a, err := s.ask(r, p, false)
	if err != nil {
		return nil, err
	}
	all := weeks(a.period.window)
	if interval == byDay {
		all = days(a.period.window)
	}
	out := seriesAPI{spanAPI: a.span, Interval: interval, Key: k.Key, Unit: k.Unit, Formula: k.Formula, Points: []pointAPI{}}
	for _, w := range all {
		out.Points = append(out.Points, point(w, k.Value(a.series, w, a.period.population())))
	}
	return out, nil
}

// days are the days of a window, each a window of its own.
func days(w community.Window) []community.Window {
	var all []community.Window
	for d := w.From; d < w.To; d++ {
		all = append(all, community.Window{From: d, To: d + 1})
	}
	return all
}

func point(w community.Window, v kpi.Value) pointAPI {
	p := pointAPI{
		From: w.From.String(), To: w.To.String(), Reason: named(v.Reason), Numerator: v.Numerator, Denominator: v.Denominator,
		Coverage: v.Coverage, Notes: append([]string{}, v.Notes...),
	}
	if v.Reason == "" {
		p.Value = &v.Number
	}
	return p
}
