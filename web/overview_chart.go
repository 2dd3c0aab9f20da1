package web

import (
	"math"
	"strings"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/kpi"
	"github.com/foyer-app/foyer/web/chart"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// trendView is the panel of engagement and contributions over time.
type trendView struct {
	Title, Sub string
	Chart      ui.TimeChart
}

// rhythmView is the panel of the week's hours; Reason stands for the map where
// nothing was written.
type rhythmView struct {
	Title, Sub, Reason string
	Heat               ui.HeatMap
}

func (m measured) viewTrend(f facts) trendView {
	l := m.locale
	all := weeks(community.Window{From: f.chartFrom(), To: max(f.period.window.To, f.extent.end())})
	for len(all) > 0 && all[len(all)-1].To > f.extent.end() {
		all = all[:len(all)-1] // a week that is not over would look like a fall
	}
	rate, _ := kpi.Find("engagement_rate")
	volume, _ := kpi.Find("contributions")
	engagement, messages := m.weekly(rate, all), m.weekly(volume, all)
	top := m.timeChart(f, all, rate, engagement)
	top.NoAxis, top.ID, top.Height = true, "trend-engagement", 190
	bottom := m.timeChart(f, all, volume, messages)
	bottom.ID, bottom.Height = "trend-contributions", 110
	return trendView{
		Title: trendTitle(l, all, engagement), Sub: l.T("overview.trend.sub"),
		Chart: ui.TimeChart{
			Locale: l, Across: bottom.Across(), Data: m.trendTable(all, rate, volume, engagement, messages),
			Plots: []ui.Plot{
				{Title: l.T("overview.trend.engagement"), Scene: top.Scene()},
				{Title: l.T("overview.trend.contributions"), Scene: bottom.Scene()},
			},
		},
	}
}

func (m measured) timeChart(f facts, all []community.Window, k kpi.KPI, values []float64) chart.Time {
	l := m.locale
	c := chart.Time{
		Locale: l, Title: l.T("overview.trend.title", "name", m.name(k)), Desc: describe(l, k, all, values),
		Format: func(v float64) string { return axis(l, k, v) },
		Focus:  [2]time.Time{f.period.window.From.Monday().UTC(), f.period.window.To.UTC()},
	}
	for _, w := range all {
		c.Times = append(c.Times, w.From.UTC())
	}
	line := chart.Series{Name: l.T("overview.trend.end." + k.Key), Role: chart.Members, Points: values}
	if n := len(values); n > 0 && !math.IsNaN(values[n-1]) {
		line.Value = printed(l, k, values[n-1])
	}
	c.Series = []chart.Series{line}
	return c
}

// axis prints a tick: no decimals but those it needs.
func axis(l i18n.Locale, k kpi.KPI, v float64) string {
	if k.Unit != kpi.Fraction {
		return l.Int(int64(math.Round(v)))
	}
	if points := v * 100; math.Abs(points-math.Round(points)) > 0.01 {
		return l.Percent(v, 1)
	}
	return l.Percent(v, 0)
}

// describe says in words what a line shows: its ends, its lowest and highest week.
func describe(l i18n.Locale, k kpi.KPI, all []community.Window, values []float64) string {
	low, high := -1, -1
	for i, v := range values {
		if math.IsNaN(v) {
			continue
		}
		if low < 0 || v < values[low] {
			low = i
		}
		if high < 0 || v > values[high] {
			high = i
		}
	}
	if low < 0 {
		return l.T("ui.chart.few")
	}
	return l.T("overview.trend.desc",
		"low", printed(l, k, values[low]), "low_week", l.Date(all[low].From.UTC()),
		"high", printed(l, k, values[high]), "high_week", l.Date(all[high].From.UTC()))
}

func (m measured) trendTable(all []community.Window, rate, volume kpi.KPI, engagement, messages []float64) ui.Table {
	l := m.locale
	t := ui.Table{Caption: l.T("overview.trend.data"), Columns: []ui.Column{
		{Label: l.T("overview.week")}, {Label: m.name(rate), Number: true}, {Label: m.name(volume), Number: true},
	}}
	for i, w := range all {
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: l.Date(w.From.UTC())}, {Text: cell(l, rate, engagement[i])}, {Text: cell(l, volume, messages[i])},
		})
	}
	return t
}

// cell is a number, or a dash where there is none.
func cell(l i18n.Locale, k kpi.KPI, v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return printed(l, k, v)
}

const (
	recent = 26 // weeks that the finding looks at
	smooth = 4  // weeks that a mean is taken over
)

// trendTitle is the finding of the chart: since when engagement has been rising
// or falling, seen in means over four weeks of the last half year.
func trendTitle(l i18n.Locale, all []community.Window, values []float64) string {
	from := max(0, len(values)-recent)
	all, values = all[from:], means(values[from:])
	if len(values) < 2*smooth || math.IsNaN(values[len(values)-1]) {
		return l.T("overview.trend.few")
	}
	low, high, last := smooth-1, smooth-1, len(values)-1
	for i := smooth; i <= last; i++ {
		if values[i] < values[low] {
			low = i
		}
		if values[i] > values[high] {
			high = i
		}
	}
	now := values[last]
	switch {
	case low <= last-smooth && now >= values[low]*1.15 && now >= values[high]*0.95:
		return l.T("overview.trend.rising", "month", monthOf(l, all[low].From))
	case low <= last-smooth && now >= values[low]*1.15 && low > high:
		return l.T("overview.trend.recovering", "month", monthOf(l, all[low].From))
	case high <= last-smooth && now <= values[high]*0.85:
		return l.T("overview.trend.falling", "month", monthOf(l, all[high].From))
	}
	return l.T("overview.trend.steady", "value", l.Percent(now, 0))
}

// means are the means over four weeks, each ending with its week.
func means(values []float64) []float64 {
	out := make([]float64, len(values))
	for i := range values {
		out[i] = math.NaN()
		if i < smooth-1 {
			continue
		}
		sum := 0.0
		for _, v := range values[i-smooth+1 : i+1] {
			sum += v
		}
		out[i] = sum / smooth
	}
	return out
}

func monthOf(l i18n.Locale, d community.Date) string { return l.Month(d.UTC().Month()) }

// viewRhythm is the hours of the week, in means over the period.
func (m measured) viewRhythm(v kpi.Value) rhythmView {
	l := m.locale
	zone := strings.ReplaceAll(location(m.series.Community).String(), "_", " ")
	view := rhythmView{Title: l.T("kpi.rhythm.name"), Sub: l.T("overview.rhythm.sub", "zone", zone)}
	hours, _ := v.Rows.(kpi.Hours)
	peak, ok := v.Facts.(kpi.Peak)
	if v.Reason != "" || !ok {
		view.Reason = l.T("kpi.reason." + v.Reason)
		return view
	}
	view.Title = l.T("overview.rhythm.title", "day", l.Weekday(time.Weekday((peak.Weekday+1)%7)), "hour", l.Hour(peak.Hour))
	view.Heat = ui.HeatMap{Locale: l, Caption: l.T("overview.rhythm.caption")}
	var values [7][24]float64
	times := m.weekdays()
	for day := range hours {
		for hour, n := range hours[day] {
			values[day][hour] = float64(n) / float64(max(1, times[day]))
			view.Heat.Value[day][hour] = mean(l, values[day][hour])
		}
	}
	view.Heat.Heat = chart.NewHeat(values)
	view.Heat.Legend = l.T("overview.rhythm.legend", "value", mean(l, v.Number))
	return view
}

// weekdays counts how often each weekday lies in the part of the period that
// the data speaks of.
func (m measured) weekdays() [7]int {
	var n [7]int
	to := min(m.period.window.To, community.DateOf(m.series.Horizon, location(m.series.Community))+1)
	for d := max(m.period.window.From, m.series.First); d < to; d++ {
		n[d.Weekday()]++
	}
	return n
}

// mean prints a small mean with a decimal, a large one without.
func mean(l i18n.Locale, v float64) string {
	if v == 0 || v >= 9.95 {
		return l.Decimal(v, 0)
	}
	return l.Decimal(v, 1)
}
