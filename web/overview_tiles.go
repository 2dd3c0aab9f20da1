package web

import (
	"strings"

	"github.com/foyer-app/foyer/internal/kpi"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// tile is one KPI: its value, or in words why there is none.
func (m measured) tile(k kpi.KPI, size ui.Size) ui.Tile {
	l, v := m.locale, m.value(k)
	t := ui.Tile{Locale: l, Size: size, Label: m.name(k), Definition: m.definition(k, v)}
	if v.Reason != "" {
		t.State, t.Wait, t.Reason = ui.Waiting, waitWords(l, v.Reason), l.T("kpi.reason."+v.Reason)
		if v.Reason == kpi.NoDepartures { // an answer, and a good one
			t.State, t.Value, t.Note = ui.Ready, l.T("overview.no_departures"), m.note(k, v)
		}
		return t
	}
	t.Value, t.Unit = printed(l, k, v.Number), unit(l, k)
	t.Delta = m.delta(k, v)
	height := 40.0
	if size == ui.Hero {
		height = 56
	}
	if sparked[k.Key] {
		t.Spark = m.spark(k, height)
	}
	t.Note = m.note(k, v)
	return t
}

// sparked are the figures whose weekly course means something.
var sparked = map[string]bool{
	"engagement_rate": true, "retention_factor": true, "horizontal_share": true, "new_members": true, "contributions": true,
	"messages_per_active": true, "people_talking": true, "leavers": true,
}

func unit(l i18n.Locale, k kpi.KPI) string {
	if key := "kpi." + k.Key + ".unit"; l.Has(key) {
		return l.T(key)
	}
	return ""
}

func waitWords(l i18n.Locale, reason string) string {
	if strings.HasSuffix(reason, "_not_measured") || reason == kpi.Unlinked {
		return l.T("overview.wait.unmeasured")
	}
	if reason == kpi.TooEarly || reason == kpi.HalfUnanswered {
		return l.T("overview.wait." + reason)
	}
	return l.T("overview.wait.nothing")
}

func (m measured) delta(k kpi.KPI, v kpi.Value) *ui.Delta {
	if v.Previous == nil {
		return nil
	}
	text, trend := change(m.locale, k, v.Number, *v.Previous)
	return &ui.Delta{
		Trend: trend, Tone: tone(k, trend), Text: text,
		Against: m.locale.T("overview.against", "value", printed(m.locale, k, *v.Previous)),
	}
}

func (m measured) definition(k kpi.KPI, v kpi.Value) *ui.Definition {
	l := m.locale
	return &ui.Definition{
		ID: "def-" + k.Key, Name: m.name(k), Plain: l.T("kpi." + k.Key + ".what"), Formula: l.T("kpi." + k.Key + ".formula"),
		Example: example(l, k, v), Not: l.T("kpi." + k.Key + ".not"),
	}
}

// note is the evidence in a line, and what must be known to read the figure.
func (m measured) note(k kpi.KPI, v kpi.Value) string {
	l := m.locale
	var parts []string
	if text := evidence(l, k, v); text != "" {
		parts = append(parts, text)
	}
	for _, n := range v.Notes {
		if n == kpi.PeriodNotOver || n == kpi.MembersOnly && !m.period.team {
			continue
		}
		// Said once in full; where it holds again, a word reminds of it.
		if m.said[n] {
			if short := "overview.note.short." + n; l.Has(short) {
				parts = append(parts, l.T(short))
			}
			continue
		}
		m.said[n] = true
		parts = append(parts, l.T("kpi.note."+n))
	}
	return strings.Join(parts, " ")
}

// evidence says the counts behind a figure.
func evidence(l i18n.Locale, k kpi.KPI, v kpi.Value) string {
	n := func(p *float64) string {
		if p == nil {
			return ""
		}
		return count(l, *p)
	}
	switch facts := v.Facts.(type) {
	case kpi.Pairs:
		return l.N("overview.note.pairs", facts.Mutual)
	case kpi.Replies:
		if facts.Within24h != nil {
			return l.T("overview.note.replies", "share", l.Percent(*facts.Within24h, 0), "asked", l.Int(int64(facts.Asked)))
		}
	case kpi.Arrivals:
		if facts.Returns > 0 {
			return l.N("overview.note.returns", facts.Returns)
		}
		return ""
	case kpi.Departures:
		if facts.Removed > 0 {
			return l.N("overview.note.removed", facts.Removed)
		}
		return ""
	}
	key := "overview.note." + k.Key
	if !l.Has(key) || v.Numerator == nil {
		return ""
	}
	return l.T(key, "numerator", n(v.Numerator), "denominator", n(v.Denominator))
}
