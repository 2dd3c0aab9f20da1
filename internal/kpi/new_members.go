package kpi

import "github.com/foyer-app/foyer/internal/community"

// newMembers counts the members whose first join lies in the window. Unit:
// members.
//
// A rejoin is a return and stands apart in the facts. Where every source can
// tell joins, people who appear without one are not counted ("unknown_joins").
// Where a source cannot, membership begins at first sight, first sights count
// and the note "inferred_joins" says so; the period of the first activity then
// holds everybody who was there already.
//
// Nobody: 0. Coverage: the share of first memberships in the window that began
// with a known join. Source: Foyer KPI definitions, Health.
func newMembers() KPI {
	return KPI{"new_members", MembersUnit, "new_members/1", Higher, func(q query) Value {
		facts := Arrivals{
			Joins:   q.sum(joins),
			Sights:  q.sum(func(t *community.Tally) int { return t.Inferred }),
			Returns: q.sum(func(t *community.Tally) int { return t.Returns }),
		}
		n, note := facts.Joins, UnknownJoins
		if !q.s.Measures.Joins {
			n, note = n+facts.Sights, InferredJoins
		}
		v := count(n, share(facts.Joins, facts.Joins+facts.Sights))
		if facts.Sights > 0 || !q.s.Measures.Joins {
			v.Notes = []string{note}
		}
		v.Facts = facts
		return v
	}}
}

// Arrivals are the facts of new_members: the memberships that began.
type Arrivals struct {
	Joins   int `json:"joins"`        // first, with a known join
	Sights  int `json:"first_sights"` // first, whose join nobody saw
	Returns int `json:"returns"`      // later ones
}

func joins(t *community.Tally) int { return t.Joins }
