package web

import (
	"math"
	"strings"

	"github.com/foyer-app/foyer/internal/kpi"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// tileGroup is a panel of tiles.
type tileGroup struct {
	Kick, Title, Fold string
	Tiles             []ui.Tile
}

// remarksView are the remarks that several tiles share, each said once.
type remarksView struct {
	Title string
	All   []remark
}

type remark struct{ About, Text string }

func (m measured) coreTiles(values map[string]kpi.Value) tileGroup {
	g := m.group("core", values, "engagement_rate", "retention_factor", "horizontal_share", "new_members", "contributions", "messages_per_active")
	g.Tiles[0].Size, g.Tiles[5].Size = ui.Hero, ui.Wide
	return g
}

func (m measured) talkTiles(values map[string]kpi.Value) tileGroup {
	return m.group("talk", values, "people_talking", "first_reply", "unanswered", "peer_answers")
}

func (m measured) steadyTiles(values map[string]kpi.Value) tileGroup {
	g := m.group("steady", values, "stickiness", "activation", "cohort_retention", "concentration", "leavers")
	g.Tiles[4].Size = ui.Wide
	return g
}

func (m measured) group(name string, values map[string]kpi.Value, keys ...string) tileGroup {
	l := m.locale
	g := tileGroup{Kick: l.T("overview." + name + ".kick"), Title: l.T("overview." + name), Fold: l.T("overview." + name + ".fold")}
	for i, key := range keys {
		if k, ok := kpi.Find(key); ok {
			height := 0.0
			if i == 0 && name == "core" {
				height = 56
			}
			g.Tiles = append(g.Tiles, m.tile(k, values[key], height))
		}
	}
	return g
}

// unlined are the KPIs of which a line by week would say little or cost much.
var unlined = map[string]bool{"concentration": true, "first_reply": true, "unanswered": true, "cohort_retention": true}

// unitless are the KPIs whose name or note says what the figure counts.
var unitless = map[string]bool{"first_reply": true, "stickiness": true}

// tile is one figure, or why there is none.
func (m measured) tile(k kpi.KPI, v kpi.Value, height float64) ui.Tile {
	l := m.locale
	t := ui.Tile{Locale: l, Label: m.name(k), Definition: definition(l, k, v)}
	if v.Reason != "" {
		t.State, t.Wait, t.Reason = ui.Waiting, l.T("overview.wait."+v.Reason), l.T("kpi.reason."+v.Reason)
		return t
	}
	if t.Value = printed(l, k, v.Number); !unitless[k.Key] {
		t.Unit = l.T("kpi." + k.Key + ".unit")
	}
	if v.Previous != nil {
		text, trend := change(l, k, v.Number, *v.Previous)
		t.Delta = &ui.Delta{Trend: trend, Tone: tone(k, trend), Text: text, Against: l.T("ui.tile.from", "value", printed(l, k, *v.Previous))}
	}
	t.Note = note(l, v)
	if !unlined[k.Key] {
		t.Spark = m.spark(k, height)
	}
	return t
}

// enough is the coverage from which on a figure needs no word about it.
const enough = 0.95

// note says what the figure is made of, and what it rests on.
func note(l i18n.Locale, v kpi.Value) string {
	parts := []string{}
	if made := made(l, v); made != "" {
		parts = append(parts, made)
	}
	marked := false
	for _, n := range v.Notes {
		if key := "overview.mark." + n; l.Has(key) && !marked {
			parts, marked = append(parts, l.T(key)), true
		}
	}
	if !marked && v.Coverage < enough {
		parts = append(parts, l.T("overview.made.part", "share", l.Percent(v.Coverage, 0)))
	}
	return strings.Join(parts, " · ")
}

// made is the figure's own second line.
func made(l i18n.Locale, v kpi.Value) string {
	key := "overview.made." + v.Key
	switch f := v.Facts.(type) {
	case kpi.Arrivals:
		return many(l, key, f.Returns)
	case kpi.Volume:
		return many(l, key, f.Team)
	case kpi.Pairs:
		return many(l, key, f.Mutual)
	case kpi.Replies:
		if f.Within24h == nil {
			return ""
		}
		return l.T(key, "share", l.Percent(*f.Within24h, 0))
	case kpi.Departures:
		return many(l, key, f.Removed)
	case kpi.CohortTotals:
		if t := f.Stayed[1]; t.Of > 0 {
			return l.T(key, "share", l.Percent(float64(t.Count)/float64(t.Of), 0))
		}
		return ""
	}
	if v.Numerator == nil || v.Denominator == nil || !l.Has(key) {
		return ""
	}
	return l.N(key, int(math.Round(*v.Numerator)), "of", int(math.Round(*v.Denominator)))
}

// many is a sentence about n things, nothing about none.
func many(l i18n.Locale, key string, n int) string {
	if n == 0 {
		return ""
	}
	return l.N(key, n)
}

// definition explains a KPI with today's numbers.
func definition(l i18n.Locale, k kpi.KPI, v kpi.Value) *ui.Definition {
	key := "kpi." + k.Key + "."
	return &ui.Definition{
		ID: "def-" + k.Key, Name: l.T(key + "name"), Plain: l.T(key + "what"), Formula: l.T(key + "formula"),
		Example: example(l, k, v), Not: l.T(key + "not"),
	}
}

// example is the figure's calculation, where it is a division.
func example(l i18n.Locale, k kpi.KPI, v kpi.Value) string {
	if v.Reason != "" || v.Numerator == nil || v.Denominator == nil {
		return ""
	}
	switch k.Unit {
	case kpi.Fraction, kpi.Factor, kpi.MessagesPerMember:
		return l.T("overview.example", "n", figure(l, *v.Numerator), "of", figure(l, *v.Denominator), "value", printed(l, k, v.Number))
	case kpi.MembersUnit, kpi.Questions:
		return l.T("overview.example.of", "n", figure(l, *v.Numerator), "of", figure(l, *v.Denominator))
	case kpi.Seconds:
		return l.T("overview.example.answered", "n", figure(l, *v.Numerator), "of", figure(l, *v.Denominator))
	}
	return ""
}

// figure prints a count, or a mean with one decimal.
func figure(l i18n.Locale, v float64) string {
	if v == math.Trunc(v) {
		return l.Int(int64(v))
	}
	return l.Decimal(v, 1)
}

// viewRemarks says each remark once, with the figures it is about.
func viewRemarks(l i18n.Locale, values map[string]kpi.Value) remarksView {
	v := remarksView{Title: l.T("overview.remarks")}
	for _, n := range kpi.Notes() {
		var about []string
		all := true
		for _, k := range kpi.List() {
			value, concerned := values[k.Key], false
			for _, have := range value.Notes {
				concerned = concerned || have == n
			}
			if concerned && value.Reason == "" {
				about = append(about, l.T("kpi."+k.Key+".name"))
			}
			all = all && (concerned || value.Reason != "")
		}
		switch {
		case len(about) == 0:
			continue
		case all:
			about = []string{l.T("overview.remarks.all")}
		}
		v.All = append(v.All, remark{About: l.List(about), Text: l.T("kpi.note." + n)})
	}
	return v
}
