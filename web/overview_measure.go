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

// measured reads one KPI over the period and over what it is compared with.
type measured struct {
	locale i18n.Locale
	series *community.Series
	period period
}

// value is the figure; Previous is that of the comparison, whichever it is.
func (m measured) value(k kpi.KPI) kpi.Value {
	v := k.Value(m.series, m.period.window, m.period.population())
	switch m.period.compare {
	case compareNone:
		v.Previous, v.PreviousReason = nil, ""
	case compareYear:
		v.Previous, v.PreviousReason = nil, kpi.BeforeFirst
		if m.period.before.From < m.series.First {
			break
		}
		old := k.Value(m.series, m.period.before, m.period.population())
		if v.PreviousReason = old.Reason; old.Reason == "" {
			v.Previous = &old.Number
		}
	}
	return v
}

// compared says that there is something to compare with.
func (m measured) compared() bool {
	return m.period.compare != compareNone && m.period.before.From >= m.series.First
}

// weeks are the whole weeks of a window, from Monday to Sunday.
func weeks(w community.Window) []community.Window {
	var all []community.Window
	for from := (w.From + 6).Monday(); from+7 <= w.To; from += 7 {
		all = append(all, community.Window{From: from, To: from + 7})
	}
	return all
}

// weekly is the figure of each of these weeks, not a number where there is none.
func (m measured) weekly(k kpi.KPI, all []community.Window) []float64 {
	values := make([]float64, len(all))
	for i, w := range all {
		v := k.Value(m.series, w, m.period.population())
		if values[i] = v.Number; v.Reason != "" {
			values[i] = math.NaN()
		}
	}
	return values
}

// sparkWeeks bounds the weeks of a small line.
const sparkWeeks = 52

// spark is the figure week by week, nothing where fewer than half of the weeks have one.
func (m measured) spark(k kpi.KPI, height float64) *chart.Scene {
	all := weeks(m.period.window)
	all = all[max(0, len(all)-sparkWeeks):]
	values := m.weekly(k, all)
	first, last, known := math.NaN(), math.NaN(), 0
	for _, v := range values {
		if math.IsNaN(v) {
			continue
		}
		if known == 0 {
			first = v
		}
		last = v
		known++
	}
	if known < 3 || 2*known < len(values) {
		return nil
	}
	scene := chart.Spark{
		Values: values, Height: height,
		Title: m.locale.N("overview.spark", len(all), "name", m.name(k), "from", printed(m.locale, k, first), "to", printed(m.locale, k, last)),
	}.Scene()
	return &scene
}

func (m measured) name(k kpi.KPI) string { return m.locale.T("kpi." + k.Key + ".name") }

// decimals of a fraction in percent, by KPI; 0 for the others.
var decimals = map[string]int{"engagement_rate": 1, "stickiness": 1}

// printed is a number of a KPI in its unit.
func printed(l i18n.Locale, k kpi.KPI, v float64) string {
	switch k.Unit {
	case kpi.Fraction:
		return l.Percent(v, decimals[k.Key])
	case kpi.Factor, kpi.MessagesPerMember, kpi.MessagesPerHour:
		return l.Decimal(v, 1)
	case kpi.Seconds:
		return l.Duration(seconds(v))
	}
	return l.Int(int64(math.Round(v)))
}

func seconds(v float64) time.Duration { return time.Duration(v * float64(time.Second)) }

// change prints a difference and says its direction, which is none when it
// prints as zero.
func change(l i18n.Locale, k kpi.KPI, now, before float64) (string, ui.Trend) {
	text, size := "", 0.0
	switch {
	case k.Unit == kpi.Fraction:
		scale := math.Pow10(2 + decimals[k.Key])
		text, size = l.Points(now-before, decimals[k.Key]), math.Round((now-before)*scale)
	case k.Unit == kpi.Factor || k.Unit == kpi.MessagesPerMember:
		text, size = l.Signed(now-before, 1), math.Round((now-before)*10)
	case k.Unit == kpi.Seconds:
		text, size = signedDuration(l, now-before), math.Round((now-before)/60)
	case relative[k.Key] && before >= 20:
		text, size = l.SignedPercent(now/before-1, 0), math.Round((now/before-1)*100)
	default:
		text, size = l.SignedInt(int64(now-before)), now-before
	}
	switch {
	case size > 0:
		return text, ui.Up
	case size < 0:
		return text, ui.Down
	}
	return l.T("overview.same"), ui.Flat
}

// relative are the counts whose change is told in percent: volumes.
var relative = map[string]bool{"new_members": true, "contributions": true, "people_talking": true}

func signedDuration(l i18n.Locale, v float64) string {
	if v < 0 {
		return "−" + l.Duration(seconds(-v))
	}
	return "+" + l.Duration(seconds(v))
}

// tone is whether a change is good news for this KPI.
func tone(k kpi.KPI, t ui.Trend) ui.Tone {
	switch {
	case t == ui.Flat || k.Better == kpi.Neither:
		return ui.Neutral
	case (t == ui.Up) == (k.Better == kpi.Higher):
		return ui.Good
	}
	return ui.Bad
}
