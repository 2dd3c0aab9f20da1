package kpi

import "github.com/foyer-app/foyer/internal/community"

// activation is the new members with a first contribution within seven days ÷
// the new members of the window whose seven days are over. Unit: fraction.
//
// New members are first known joins; a contribution is a message or a reaction.
// Seven days are over, for everybody who joined on day d, when the horizon lies
// on day d + 8 or later.
//
// A source that cannot tell joins: no number ("joins_not_measured"). Nobody
// joined: none ("no_joins"). People joined, all too recently: none
// ("too_early"). Coverage: the share of the window's new members whose seven
// days are over. Source: Foyer KPI definitions, Health.
func activation() KPI {
	return KPI{"activation", Fraction, "activation/1", Higher, func(q query) Value {
		if !q.s.Measures.Joins {
			return Value{Reason: JoinsNotMeasured}
		}
		over := community.Window{From: q.w.From, To: min(q.w.To, q.today()-7)}
		all, old := q.sum(joins), q.s.Sum(over, q.p, joins)
		activated := q.s.Sum(over, q.p, func(t *community.Tally) int { return t.Activated })
		v := ratio(activated, old, share(old, all), NoJoins)
		if all > 0 && old == 0 {
			v.Reason = TooEarly
		}
		v.Notes = q.activity()
		return v
	}}
}
