package kpi

import "github.com/foyer-app/foyer/internal/community"

// retentionFactor is joiners ÷ leavers: how many arrive for one who leaves.
// Unit: factor; above 1 the community grows.
//
// Joiners are first joins and returns in the window; a membership that begins
// at first sight is not a join. Leavers are memberships that ended, removals
// included. Both counts are given with and without a number.
//
// Nobody left: no number ("no_departures"), never infinity or 0. Nobody joined
// while somebody left: 0. A source that cannot tell joins or departures: no
// number ("joins_not_measured", "leaves_not_measured"), and the count that is
// not known is absent. Coverage: the share of joiners and first sights that are
// joins. Source: Foyer KPI definitions, Health.
func retentionFactor() KPI {
	return KPI{"retention_factor", Factor, "retention_factor/1", Higher, func(q query) Value {
		joins := q.sum(func(t *community.Tally) int { return t.Joins + t.Returns })
		inferred := q.sum(func(t *community.Tally) int { return t.Inferred })
		v := ratio(joins, q.sum(leaves), share(joins, joins+inferred), NoDepartures)
		if !q.s.Measures.Leaves {
			v.Reason, v.Denominator, v.Coverage = LeavesNotMeasured, nil, 0
		}
		if !q.s.Measures.Joins {
			v.Reason, v.Numerator, v.Coverage = JoinsNotMeasured, nil, 0
		}
		if v.Reason == "" && inferred > 0 {
			v.Notes = append(v.Notes, UnknownJoins)
		}
		return v
	}}
}

func leaves(t *community.Tally) int { return t.Leaves }
