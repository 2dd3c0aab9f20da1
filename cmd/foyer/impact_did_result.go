package main

import (
	"math"
	"strings"

	"github.com/foyer-app/foyer/internal/impact"
)

func staggeredJSON(o didOptions, s impact.Staggered, dropped int) staggeredResult {
	r := staggeredResult{
		Method: "group_time_effects", Units: s.Units, LeftOut: s.LeftOut, Dropped: dropped, Control: o.control, Base: o.base,
		Simple: toJSON(s.Simple), Events: []eventJSON{}, Effects: []groupTimeJSON{},
	}
	for _, e := range s.Events {
		r.Events = append(r.Events, eventJSON{number(e.Periods), toJSON(e.Estimate)})
	}
	for _, e := range s.Effects {
		r.Effects = append(r.Effects, groupTimeJSON{number(e.Group), number(e.Time), number(e.Base), e.Treated, e.Controls, toJSON(e.Estimate)})
	}
	return r
}

// firsts reads when each row's unit was first treated; nothing, 0, Inf and never are
// for a unit that never was.
func (tab *table) firsts(column string) ([]float64, error) {
	out := make([]float64, len(tab.lines))
	for i, s := range tab.columns[column] {
		out[i] = math.NaN()
		switch strings.ToLower(s) {
		case "", "0", "0.0", "inf", "infinity", "never":
			continue
		}
		v, ok := parseNumber(s, tab.comma)
		if !ok {
			return nil, tab.bad("impact_cli.not_number", column, i)
		}
		if v != 0 {
			out[i] = v
		}
	}
	return out, nil
}
