package kpi

import "github.com/foyer-app/foyer/internal/community"

// month is the index in community.CohortWeeks of the week that the number is of.
const month = 1

// cohortRetention looks at the members by the ISO week of their first known
// join, at weeks 1, 4 and 12 after it. Two different figures, both named:
// "stayed" is still a member at the end of that week, "active" wrote or reacted
// in it. The number is the share active in week 4. Unit: fraction.
//
// The cohorts are the join weeks whose Monday lies in the window, each counted
// once its fourth week is over. The rows hold every cohort, with null where a
// week is not over; the facts hold the totals of both figures at each week,
// over the cohorts for which that week is over.
//
// A source that cannot tell joins: no number ("joins_not_measured"). No join:
// none ("no_joins"). No cohort old enough: none ("too_early"). A source that
// cannot tell departures: "stayed" is null everywhere ("stayed_not_measured").
// Coverage: the share of the cohorts' members whose fourth week is over. Source:
// Foyer KPI definitions, Health.
func cohortRetention() KPI {
	return KPI{"cohort_retention", Fraction, "cohort_retention/1", Higher, func(q query) Value {
		if !q.s.Measures.Joins {
			return Value{Reason: JoinsNotMeasured}
		}
		rows, facts, size := q.cohorts()
		total := facts.Active[month]
		v := ratio(total.Count, total.Of, share(total.Of, size), NoJoins)
		if size > 0 && total.Of == 0 {
			v.Reason = TooEarly
		}
		v.Rows, v.Facts, v.Notes = rows, facts, append(q.activity(), q.membersOnly()...)
		if !q.s.Measures.Leaves {
			v.Notes = append(v.Notes, StayedNotMeasured)
		}
		return v
	}}
}

// CohortRow is one join week of cohort_retention.
type CohortRow struct {
	Week   string  `json:"week"` // its Monday
	Size   int     `json:"size"`
	Stayed [3]*int `json:"stayed"` // still a member at weeks 1, 4, 12; nil when not known
	Active [3]*int `json:"active"` // wrote or reacted in that week; nil when not known
}

// CohortTotals are the facts of cohort_retention, at weeks 1, 4 and 12.
type CohortTotals struct {
	Weeks  [3]int   `json:"weeks"`
	Stayed [3]Total `json:"stayed"`
	Active [3]Total `json:"active"`
}

// Total is a part of a number of members; Of is 0 when nothing is known.
type Total struct {
	Count int `json:"count"`
	Of    int `json:"of"`
}

// cohorts returns the join weeks of the window, their totals and how many
// people they hold.
func (q query) cohorts() ([]CohortRow, CohortTotals, int) {
	rows, totals, size := []CohortRow{}, CohortTotals{Weeks: community.CohortWeeks()}, 0
	for _, c := range q.s.Cohorts {
		if !q.w.Contains(c.Week) || c.Size == 0 {
			continue
		}
		row := CohortRow{Week: c.Week.String(), Size: c.Size}
		for i := range totals.Weeks {
			if q.s.Measures.Leaves {
				row.Stayed[i] = totals.Stayed[i].add(c.Stayed[i], c.Size)
			}
			row.Active[i] = totals.Active[i].add(c.Active[i], c.Size)
		}
		rows, size = append(rows, row), size+c.Size
	}
	return rows, totals, size
}

// add counts n of size and returns n; nil when n is negative: not over yet.
func (t *Total) add(n, size int) *int {
	if n < 0 {
		return nil
	}
	t.Count += n
	t.Of += size
	return &n
}
