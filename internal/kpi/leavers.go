package kpi

import "github.com/foyer-app/foyer/internal/community"

// leavers counts the memberships that ended in the window. Unit: members; who
// leaves twice counts twice.
//
// Those removed, kicked or banned stand apart in the facts, where known.
// Nobody left: 0. A source that cannot tell departures: no number
// ("leaves_not_measured"). Coverage: the share of the window's days from the
// first activity to the horizon. Source: Foyer KPI definitions, Health.
func leavers() KPI {
	return KPI{"leavers", MembersUnit, "leavers/1", Lower, func(q query) Value {
		if !q.s.Measures.Leaves {
			return Value{Reason: LeavesNotMeasured}
		}
		n, removed := q.sum(leaves), q.sum(func(t *community.Tally) int { return t.Kicked })
		v := count(n, q.days())
		v.Facts = Departures{Left: n - removed, Removed: removed}
		return v
	}}
}

// Departures are the facts of leavers.
type Departures struct {
	Left    int `json:"left"`    // of their own accord, as far as known
	Removed int `json:"removed"` // removed, kicked or banned
}
