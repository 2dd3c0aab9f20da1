package kpi

import "github.com/foyer-app/foyer/internal/community"

// span is the length in days over which stickiness looks.
const span = 28

// stickiness is the mean number of people active in a day ÷ the distinct people
// active, both over 28 days: what part of its month's people a community sees
// on an ordinary day. Unit: fraction, between 1/28 and 1.
//
// The 28 days are the last ones of the window, or those that end with it when
// it is shorter; when the sources end inside the window, those that end with
// the day of the horizon. Numerator: the mean; denominator: the distinct.
//
// The 28 days begin before the first activity: no number ("too_early"); before
// the loaded days: none ("not_loaded"). Nobody active: none
// ("no_active_members"). Coverage: 1 when there is a number. Source: Foyer KPI
// definitions, Health.
func stickiness() KPI {
	return KPI{"stickiness", Fraction, "stickiness/1", Higher, func(q query) Value {
		end := q.covered().To
		last := community.Window{From: end - span, To: end}
		switch {
		case last.From < q.s.First:
			return Value{Reason: TooEarly, Coverage: share(max(0, int(end-q.s.First)), span)}
		case !q.loaded(last):
			return Value{Reason: NotLoaded}
		}
		daily := q.s.Sum(last, q.p, func(t *community.Tally) int { return t.Active })
		v := ratio(daily, span*q.s.Actives(last, q.p), 1, NoActive)
		*v.Numerator /= span
		*v.Denominator /= span
		v.Notes = q.activity()
		return v
	}}
}
