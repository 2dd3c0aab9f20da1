package web

import (
	"math"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/kpi"
	"github.com/foyer-app/foyer/web/chart"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// viewCourse is the time chart: engagement week by week, and under it on the
// same axis the contributions.
func viewCourse(m measured, f figures) panelOf[ui.TimeChart] {
	l := m.locale
	all := weeks(f.charted)
	rate, volume := find("engagement_rate"), find("contributions")
	engagement, contributions := m.weekly(rate, all), m.weekly(volume, all)
	p := panelOf[ui.TimeChart]{
		Panel: ui.Panel{Title: courseTitle(l, engagement), Sub: l.T("overview.course.sub")},
		Empty: ui.Empty{Lead: l.T("overview.course.early"), Text: l.T("overview.course.early.text")},
	}
	if known(engagement) < 3 {
		return p
	}
	times := make([]time.Time, len(all))
	for i, w := range all {
		times[i] = w.From.UTC()
	}
	focus := [2]time.Time{m.period.window.From.UTC(), m.period.window.To.UTC()}
	lines := func(id string, k kpi.KPI, points []float64, format func(float64) string, axis bool) chart.Time {
		return chart.Time{
			ID: id, Title: m.name(k), Locale: l, Times: times, Format: format, Focus: focus, NoAxis: !axis,
			Desc: l.N("overview.course.desc", len(all), "name", m.name(k), "low", printed(l, k, lowest(points)), "high", printed(l, k, highest(points))),
			Series: []chart.Series{{
				Name: l.T("overview.course." + k.Key), Value: printed(l, k, latest(points)), Role: chart.Members, Points: points,
			}},
		}
	}
	top := lines("course-engagement", rate, engagement, func(v float64) string { return l.Percent(v, 0) }, false)
	below := lines("course-contributions", volume, contributions, func(v float64) string { return l.Int(int64(math.Round(v))) }, true)
	below.Height = 120
	p.Has = true
	p.Body = ui.TimeChart{
		Locale: l,
		Plots: []ui.Plot{
			{Title: l.T("overview.course.plot", "name", m.name(rate)), Scene: top.Scene()},
			{Title: l.T("overview.course.plot", "name", m.name(volume)), Scene: below.Scene()},
		},
		Data: courseTable(l, m, all, engagement, contributions), Across: below.Across(),
	}
	return p
}

// courseTitle is the finding: the last four known weeks against the four before.
func courseTitle(l i18n.Locale, points []float64) string {
	last, before := tail(points, 0), tail(points, 4)
	switch {
	case math.IsNaN(last) || math.IsNaN(before):
		return l.T("overview.course.title.plain")
	case last-before > steady:
		return l.T("overview.course.title.rising", "now", l.Percent(last, 1), "before", l.Percent(before, 1))
	case before-last > steady:
		return l.T("overview.course.title.falling", "now", l.Percent(last, 1), "before", l.Percent(before, 1))
	}
	return l.T("overview.course.title.steady", "now", l.Percent(last, 1))
}

// tail is the mean of the four points that end skip points before the end.
func tail(points []float64, skip int) float64 {
	if len(points) < skip+4 {
		return math.NaN()
	}
	sum := 0.0
	for _, v := range points[len(points)-skip-4 : len(points)-skip] {
		sum += v
	}
	return sum / 4
}

func known(points []float64) int {
	n := 0
	for _, v := range points {
		if !math.IsNaN(v) {
			n++
		}
	}
	return n
}

func lowest(points []float64) float64 {
	low := math.Inf(1)
	for _, v := range points {
		if v < low {
			low = v
		}
	}
	return finite(low)
}

func highest(points []float64) float64 {
	high := math.Inf(-1)
	for _, v := range points {
		if v > high {
			high = v
		}
	}
	return finite(high)
}

func latest(points []float64) float64 {
	for i := len(points) - 1; i >= 0; i-- {
		if !math.IsNaN(points[i]) {
			return points[i]
		}
	}
	return 0
}

func finite(v float64) float64 {
	if math.IsInf(v, 0) {
		return 0
	}
	return v
}

// courseTable has one row per week, oldest first: the readout follows it.
func courseTable(l i18n.Locale, m measured, all []community.Window, engagement, contributions []float64) ui.Table {
	rate, volume := find("engagement_rate"), find("contributions")
	t := ui.Table{
		Caption: l.T("overview.course.data"),
		Columns: []ui.Column{{Label: l.T("overview.week")}, {Label: m.name(rate), Number: true}, {Label: m.name(volume), Number: true}},
	}
	cell := func(k kpi.KPI, v float64) ui.Cell {
		if math.IsNaN(v) {
			return ui.Cell{Text: "–"}
		}
		return ui.Cell{Text: printed(l, k, v)}
	}
	for i, w := range all {
		t.Rows = append(t.Rows, []ui.Cell{{Text: l.Date(w.From.UTC())}, cell(rate, engagement[i]), cell(volume, contributions[i])})
	}
	return t
}
