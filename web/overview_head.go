package web

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/kpi"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// earlyWeeks is how many weeks of data a tendency takes.
const earlyWeeks = 4

func (s *Server) viewHead(l i18n.Locale, f facts, values map[string]kpi.Value) ui.Head {
	now := s.Now().In(location(f.community))
	arch := viewArch(l, f.extent)
	return ui.Head{
		Eyebrow: l.T("web.menu.overview"),
		Title:   headline(l, f.extent, f.period, values),
		Lede:    emphasis(lede(l, f.period, values)),
		Fresh:   s.freshness(l, f, now),
		Period:  f.period.view(l, communityPath(f.community.Scope, ""), now),
		Arch:    &arch,
		Caption: l.T("overview.since", "date", l.Date(f.extent.first.UTC())),
	}
}

// headline is one or two sentences that can be read aloud: where engagement
// goes, then who talks to whom.
func headline(l i18n.Locale, e extent, p period, values map[string]kpi.Value) string {
	engagement := values["engagement_rate"]
	switch {
	case values["contributions"].Reason != "":
		return l.T("overview.title.nothing")
	case e.weeks() < earlyWeeks:
		return l.N("overview.title.early", earlyWeeks-e.weeks())
	case engagement.Reason != "":
		return l.T("overview.title.unknown")
	}
	title := oneIn(l, engagement.Number)
	if engagement.Previous != nil {
		title = l.T("overview.title." + course(engagement.Number, *engagement.Previous))
	}
	if half := talk(values["horizontal_share"]); half != "" {
		title += " " + l.T("overview.title."+half)
	}
	return title
}

// The courses that engagement can take against what it is compared with.
const (
	rising  = "rising"
	steady  = "steady"
	falling = "falling"
)

// course is rising or falling from a twentieth of the value and half a point on.
func course(now, before float64) string {
	least := max(0.005, before/20)
	switch {
	case now-before >= least:
		return rising
	case before-now >= least:
		return falling
	}
	return steady
}

// talk is the half of the headline about who talks to whom; empty where nobody knows.
func talk(v kpi.Value) string {
	grows := v.Previous != nil && v.Number-*v.Previous >= 0.02
	shrinks := v.Previous != nil && *v.Previous-v.Number >= 0.02
	switch {
	case v.Reason != "":
		return ""
	case v.Number >= 0.5 && grows:
		return "among.more"
	case v.Number >= 0.5 && shrinks:
		return "among.less"
	case v.Number >= 0.5:
		return "among"
	case grows:
		return "team.less"
	}
	return "team"
}

// oneIn says a share as people do: "18 membres sur 100 prennent part".
func oneIn(l i18n.Locale, share float64) string {
	switch {
	case share == 0:
		return l.T("overview.hundred.none")
	case share < 0.01:
		return l.T("overview.hundred.less")
	}
	return l.N("overview.hundred", int(share*100+0.5))
}

// lede supports the headline with figures; what stands between ** is bold.
func lede(l i18n.Locale, p period, values map[string]kpi.Value) string {
	var out []string
	say := func(key string, args ...any) { out = append(out, l.T(key, args...)) }
	if v := values["engagement_rate"]; v.Reason == "" {
		args := []any{"value", l.Percent(v.Number, 1), "span", spanOf(l, p.window)}
		if v.Previous == nil {
			say("overview.lede.engagement", args...)
		} else {
			say("overview.lede.engagement.compared", append(args, "before", l.Percent(*v.Previous, 1), "against", against(l, p))...)
		}
	}
	if v := values["horizontal_share"]; v.Reason == "" {
		say("overview.lede.horizontal", "value", l.Percent(v.Number, 0))
	}
	if v := values["unanswered"]; v.Reason == "" && v.Number > 0 {
		out = append(out, l.N("overview.lede.unanswered", int(v.Number)))
	} else if v.Reason == "" && v.Denominator != nil && *v.Denominator > 0 {
		say("overview.lede.answered")
	}
	return strings.Join(out, " ")
}

// spanOf is the length of the period in words: "12 semaines", "10 jours".
func spanOf(l i18n.Locale, w community.Window) string {
	if w.Days()%7 == 0 {
		return l.N("overview.weeks", w.Days()/7)
	}
	return l.N("overview.days", w.Days())
}

// against names what the period is compared with: "les 12 semaines précédentes".
func against(l i18n.Locale, p period) string {
	if p.compare == compareYear {
		return l.T("overview.against.year")
	}
	if p.window.Days()%7 == 0 {
		return l.N("overview.against.weeks", p.window.Days()/7)
	}
	return l.N("overview.against.days", p.window.Days())
}

// emphasis writes text whose parts between ** are bold.
func emphasis(text string) templ.Component {
	if text == "" {
		return nil
	}
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for i, part := range strings.Split(text, "**") {
			if part = templ.EscapeString(part); i%2 == 1 {
				part = "<b>" + part + "</b>"
			}
			b.WriteString(part)
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// freshness says until when the data speaks, and whose it is.
func (s *Server) freshness(l i18n.Locale, f facts, now time.Time) string {
	var names []string
	seen := map[community.Platform]bool{}
	for _, c := range f.connections {
		if !seen[c.Platform] {
			seen[c.Platform] = true
			names = append(names, s.platform(c.Platform))
		}
	}
	at := f.series.Horizon.In(location(f.community))
	until := l.DateTime(at)
	if at.Year() != now.Year() {
		until = l.Date(at)
	}
	if len(names) == 0 {
		return l.T("overview.fresh", "until", until)
	}
	return l.T("overview.fresh.sources", "until", until, "sources", l.List(names))
}

func (s *Server) platform(p community.Platform) string {
	if k := connectors.Find(s.Connectors, p); k != nil {
		return k.Name()
	}
	return string(p)
}

// viewBanners say what still moves: an import that runs, days to be computed. That
// today is computed again and again goes without saying on a page that moves.
func viewBanners(l i18n.Locale, f facts, moving bool) []ui.Banner {
	var all []ui.Banner
	if i, ok := running(f.imports); ok {
		key := "overview.import.running"
		if i.State == store.ImportAsking {
			key = "overview.import.asking"
		}
		all = append(all, ui.Banner{
			Lead: l.T(key), Text: l.T(key + ".text"), Action: &ui.Link{Label: l.T(key + ".action"), URL: importPath(i, "")},
		})
	}
	if f.pending > 0 && !(moving && f.pending == 1) {
		all = append(all, ui.Banner{Lead: l.N("overview.pending", f.pending), Text: l.T("overview.pending.text")})
	}
	if f.period.compare != compareNone && f.period.before.From < f.series.First && f.period.preset != presetAll && f.extent.weeks() >= earlyWeeks {
		all = append(all, ui.Banner{Text: l.T("overview.uncompared", "date", l.Date(f.series.First.UTC()))})
	}
	return all
}
