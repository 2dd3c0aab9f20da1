package kpi

import "github.com/foyer-app/foyer/internal/community"

// peopleTalking counts the members in at least one exchange with another
// member, on either side of it. Unit: members, each once in the window.
//
// The facts hold the mutual pairs: two members of whom each addressed the other
// in the window. Exchanges with the team do not count, whatever the switch
// ("members_only"); exchanges may be inferred ("inferred_turns").
//
// Nobody: 0. Exchanges of which the source names no counterpart at all: no
// number ("exchanges_unlinked"). Coverage: the share of exchanges whose two
// sides are known. Source: Foyer KPI definitions, Health.
func peopleTalking() KPI {
	return KPI{"people_talking", MembersUnit, "people_talking/1", Higher, func(q query) Value {
		talkers := q.s.Distinct(q.w, community.Members, func(t *community.Tally) community.Gaps { return t.Talkers })
		v := count(talkers, q.linked())
		if q.exchanges() == 0 && v.Coverage == 0 {
			v.Reason, v.Numerator = Unlinked, nil
		} else {
			v.Facts = Pairs{Mutual: q.s.Mutual(q.w)}
		}
		v.Notes = append(q.turns(), q.membersOnly()...)
		return v
	}}
}

// Pairs is the facts of people_talking.
type Pairs struct {
	Mutual int `json:"mutual_pairs"` // pairs of whom each addressed the other
}
