package kpi

// top is how many members the rows of concentration show.
const top = 10

// concentration is the smallest number of members who make half of the
// contributions of members. Unit: members; few means that the community rests
// on few. Numerator: the number; denominator: the members who wrote.
//
// The team does not count, whatever the switch ("members_only"). The rows are
// the ten who wrote most, without names: messages and their share.
//
// Nobody wrote: no number ("no_contributions"). The window was not asked for at
// loading: none ("not_loaded"). Coverage: the share of the window's days from
// the first activity to the horizon. Source: Foyer KPI definitions, Health.
func concentration() KPI {
	return KPI{"concentration", MembersUnit, "concentration/1", Higher, func(q query) Value {
		shares, ok := q.s.Shares[q.w]
		if !ok {
			return Value{Reason: NotLoaded}
		}
		total := 0
		for _, n := range shares {
			total += n
		}
		if total == 0 {
			return Value{Reason: NoContributions, Coverage: q.days()}
		}
		v := count(half(shares, total), q.days())
		v.Denominator, v.Rows, v.Notes = number(len(shares)), loudest(shares, total), q.membersOnly()
		return v
	}}
}

// ShareRow is one of the members of concentration who wrote most.
type ShareRow struct {
	Messages int     `json:"messages"`
	Share    float64 `json:"share"` // of all messages of members
}

func half(shares []int, total int) int {
	sum := 0
	for i, n := range shares {
		if sum += n; 2*sum >= total {
			return i + 1
		}
	}
	return len(shares)
}

func loudest(shares []int, total int) []ShareRow {
	rows := make([]ShareRow, 0, top)
	for _, n := range shares[:min(top, len(shares))] {
		rows = append(rows, ShareRow{Messages: n, Share: float64(n) / float64(total)})
	}
	return rows
}
