package web

import (
	"html"
	"math"
	"strings"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/kpi"
	"github.com/foyer-app/foyer/web/i18n"
)

// find is a KPI of the list; the keys are constants of this package.
func find(key string) kpi.KPI {
	k, _ := kpi.Find(key)
	return k
}

// steady is how many points engagement may move and still be called steady.
const steady = 0.01

// headline is the page's sentence: what engagement does, and who talks to whom.
// It tells what is seen, never why.
func headline(m measured) string {
	l := m.locale
	if m.period.window.Days() < 28 && m.period.preset != "" {
		return l.T("overview.title.early")
	}
	engagement := m.value(find("engagement_rate"))
	course := "known"
	switch {
	case engagement.Reason != "":
		return l.T("overview.title.unmeasured")
	case engagement.Previous == nil:
	case engagement.Number-*engagement.Previous > steady:
		course = "rising"
	case engagement.Number-*engagement.Previous < -steady:
		course = "falling"
	default:
		course = "steady"
	}
	exchange := m.value(find("horizontal_share"))
	between := "none"
	switch {
	case exchange.Reason != "":
	case exchange.Number >= 0.6:
		between = "most"
	case exchange.Number >= 0.4:
		between = "half"
	default:
		between = "few"
	}
	return l.T("overview.title."+course, "share", printed(l, find("engagement_rate"), engagement.Number)) + " " + l.T("overview.title.talk."+between)
}

// lede holds the figures behind the headline. Only figures are marked up, and
// everything is escaped.
func lede(m measured) string {
	l := m.locale
	var parts []string
	say := func(key string, args ...any) {
		text := html.EscapeString(l.T(key, args...))
		parts = append(parts, strings.NewReplacer("[[", "<b>", "]]", "</b>").Replace(text))
	}
	e := m.value(find("engagement_rate"))
	if e.Reason == "" {
		rate := find("engagement_rate")
		if e.Previous != nil {
			say("overview.lede.engagement", "rate", printed(l, rate, e.Number), "before", printed(l, rate, *e.Previous))
		} else {
			say("overview.lede.engagement_alone", "rate", printed(l, rate, e.Number))
		}
	}
	if r := m.value(find("retention_factor")); r.Reason == "" {
		say("overview.lede.retention", "factor", l.Decimal(r.Number, 1))
	}
	if t := m.value(find("people_talking")); t.Reason == "" && t.Number > 0 {
		if pairs, ok := t.Facts.(kpi.Pairs); ok {
			say("overview.lede.talking", "people", l.Int(int64(t.Number)), "pairs", l.Int(int64(pairs.Mutual)))
		}
	}
	if u := m.value(find("unanswered")); u.Reason == "" && u.Number > 0 {
		say("overview.lede.unanswered", "questions", l.Int(int64(u.Number)))
	}
	return strings.Join(parts, " ")
}

// freshness says until when the sources speak, and which they are.
func freshness(l i18n.Locale, f figures, now time.Time) string {
	zone := location(f.series.Community)
	var names []string
	for _, c := range f.sources {
		if c.Name != "" && len(names) < 4 {
			names = append(names, c.Name)
		}
	}
	text := l.T("overview.fresh", "date", l.Date(community.DateOf(f.series.Horizon, zone).UTC()))
	if now.Sub(f.series.Horizon) < 48*time.Hour {
		text = l.T("overview.fresh.now", "when", l.Relative(f.series.Horizon, now))
	}
	if len(names) > 0 {
		text += " " + l.T("overview.fresh.sources", "names", l.List(names))
	}
	return text
}

// example is the formula with today's numbers.
func example(l i18n.Locale, k kpi.KPI, v kpi.Value) string {
	if v.Reason != "" || v.Numerator == nil || v.Denominator == nil || *v.Denominator == 0 || k.Unit == kpi.Seconds || k.Key == "concentration" {
		return ""
	}
	return l.T("overview.example", "numerator", count(l, *v.Numerator), "denominator", count(l, *v.Denominator), "value", printed(l, k, v.Number))
}

func count(l i18n.Locale, v float64) string {
	if v == math.Trunc(v) {
		return l.Int(int64(v))
	}
	return l.Decimal(v, 1)
}
