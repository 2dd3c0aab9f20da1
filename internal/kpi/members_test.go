package kpi

import (
	"reflect"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

func noJoins(m *community.Measures)  { m.Joins = false }
func noLeaves(m *community.Measures) { m.Leaves = false }

func TestEngagementRate(t *testing.T) {
	// Three are active on the 2nd, two of them again on the 4th with a fourth
	// person; two join on the 3rd, one of them on a return from the 2nd.
	s := series(
		on(2, func(d *community.Day) {
			d.Members.Actives = gaps(5, 1, community.Never, 2)
			d.Members.Leaves = 1
			d.Team.Actives = gaps(9, 2)
		}),
		on(3, func(d *community.Day) {
			d.Members.Joins, d.Members.Returns = 1, 1
			d.Members.Arrivals = gaps(1, 1, community.Never, 1)
		}),
		on(4, func(d *community.Day) { d.Members.Actives = gaps(2, 2, 9, 1) }),
	)
	inferred := series(
		func(s *community.Series) { s.InferredBefore = 4; s.Undated = 3 },
		measures(func(m *community.Measures) { m.Reactions = false }),
		on(2, func(d *community.Day) { d.Members.Inferred = 2; d.Members.Arrivals = gaps(community.Never, 2) }),
		on(5, func(d *community.Day) { d.Members.Leaves, d.Members.InferredEnded = 1, 1 }),
	)
	run(t, "engagement_rate", []example{
		{"each person once", s, window(1, 8), 0, want{4.0 / 11, 4, 11, "", 1, ""}},
		{"part of it", s, window(3, 5), 0, want{3.0 / 11, 3, 11, "", 1, ""}},
		{"with the team", s, window(1, 8), community.Everyone, want{6.0 / 13, 6, 13, "", 1, ""}},
		{"nobody active is 0", s, window(20, 27), 0, want{0, 0, 11, "", 1, ""}},
		{"no members", series(func(s *community.Series) { s.PresentBefore = 0 }), window(1, 8), 0, want{0, 0, 0, NoMembers, 1, ""}},
		{"inferred beginnings", inferred, window(1, 8), 0, want{0, 0, 12, "", 0.5, "inferred_joins undated_members reactions_not_measured"}},
		{"inferred, later", inferred, window(8, 15), 0, want{0, 0, 11, "", 6.0 / 11, "inferred_joins undated_members reactions_not_measured"}},
		{"never above 1", series(
			func(s *community.Series) { s.PresentBefore = 1 },
			on(2, func(d *community.Day) { d.Members.Actives = gaps(community.Never, 3) }),
		), window(1, 8), 0, want{1, 3, 3, "", 1, ""}},
	})
}

func TestRetentionFactor(t *testing.T) {
	flow := on(2, func(d *community.Day) {
		d.Members.Joins, d.Members.Returns, d.Members.Leaves = 5, 1, 4
		d.Team.Joins = 2
	})
	sight := on(3, func(d *community.Day) { d.Members.Inferred = 2 })
	run(t, "retention_factor", []example{
		{"joins and returns", series(flow), window(1, 8), 0, want{1.5, 6, 4, "", 1, ""}},
		{"with the team", series(flow), window(1, 8), community.Everyone, want{2, 8, 4, "", 1, ""}},
		{"a first sight is no join", series(flow, sight), window(1, 8), 0, want{1.5, 6, 4, "", 0.75, "unknown_joins"}},
		{"nobody left", series(on(2, func(d *community.Day) { d.Members.Joins = 5 })), window(1, 8), 0, want{0, 5, 0, NoDepartures, 1, ""}},
		{"nobody moved", series(), window(1, 8), 0, want{0, 0, 0, NoDepartures, 1, ""}},
		{"nobody joined is 0", series(on(2, func(d *community.Day) { d.Members.Leaves = 2 })), window(1, 8), 0, want{0, 0, 2, "", 1, ""}},
		{"joins unknown", series(flow, measures(noJoins)), window(1, 8), 0, want{0, none, 4, JoinsNotMeasured, 0, ""}},
		{"leaves unknown", series(flow, measures(noLeaves)), window(1, 8), 0, want{0, 6, none, LeavesNotMeasured, 0, ""}},
		{"neither known", series(flow, measures(noJoins), measures(noLeaves)), window(1, 8), 0, want{0, none, none, JoinsNotMeasured, 0, ""}},
	})
}

func TestNewMembers(t *testing.T) {
	flow := on(2, func(d *community.Day) { d.Members.Joins, d.Members.Returns, d.Members.Inferred = 6, 1, 2 })
	run(t, "new_members", []example{
		{"known joins", series(flow), window(1, 8), 0, want{6, 6, none, "", 0.75, "unknown_joins"}},
		{"first sights", series(flow, measures(noJoins)), window(1, 8), 0, want{8, 8, none, "", 0.75, "inferred_joins"}},
		{"nobody is 0", series(), window(1, 8), 0, want{0, 0, none, "", 1, ""}},
		{"nobody seen, joins unknown", series(measures(noJoins)), window(1, 8), 0, want{0, 0, none, "", 1, "inferred_joins"}},
	})
	k, _ := Find("new_members")
	if got := k.Value(series(flow), window(1, 8), community.Members).Facts; got != (Arrivals{Joins: 6, Sights: 2, Returns: 1}) {
		t.Errorf("facts %+v", got)
	}
}

func TestLeavers(t *testing.T) {
	gone := on(2, func(d *community.Day) { d.Members.Leaves, d.Members.Kicked = 5, 2 })
	run(t, "leavers", []example{
		{"all who left", series(gone), window(1, 8), 0, want{5, 5, none, "", 1, ""}},
		{"nobody is 0", series(gone), window(8, 15), 0, want{0, 0, none, "", 1, ""}},
		{"unknown", series(gone, measures(noLeaves)), window(1, 8), 0, want{0, none, none, LeavesNotMeasured, 0, ""}},
	})
	k, _ := Find("leavers")
	if got := k.Value(series(gone), window(1, 8), community.Members).Facts; got != (Departures{Left: 3, Removed: 2}) {
		t.Errorf("facts %+v", got)
	}
}

func TestActivation(t *testing.T) {
	joined := func(n, joins, activated int) func(*community.Series) {
		return on(n, func(d *community.Day) { d.Members.Joins, d.Members.Activated = joins, activated })
	}
	until := func(n int) func(*community.Series) {
		return func(s *community.Series) { s.Horizon = day(n).UTC().Add(time.Hour) }
	}
	run(t, "activation", []example{
		{"all seven days over", series(joined(2, 4, 3), joined(3, 4, 1)), window(1, 8), 0, want{0.5, 4, 8, "", 1, ""}},
		{"some not over", series(joined(2, 4, 3), joined(3, 4, 1), until(10)), window(1, 8), 0, want{0.75, 3, 4, "", 0.5, ""}},
		{"none over", series(joined(2, 4, 3), until(9)), window(1, 8), 0, want{0, 0, 0, TooEarly, 0, ""}},
		{"nobody wrote is 0", series(joined(2, 4, 0)), window(1, 8), 0, want{0, 0, 4, "", 1, ""}},
		{"nobody joined", series(), window(1, 8), 0, want{0, 0, 0, NoJoins, 1, ""}},
		{"joins unknown", series(joined(2, 4, 3), measures(noJoins)), window(1, 8), 0, want{0, none, none, JoinsNotMeasured, 0, ""}},
	})
}

func TestCohortRetention(t *testing.T) {
	cohorts := func(s *community.Series) {
		s.Cohorts = []community.Cohort{
			{Week: day(1), Size: 10, Stayed: [3]int{9, 8, -1}, Active: [3]int{6, 4, -1}},
			{Week: day(8), Size: 20, Stayed: [3]int{19, 18, -1}, Active: [3]int{9, 5, -1}},
			{Week: day(15), Size: 30, Stayed: [3]int{29, -1, -1}, Active: [3]int{3, -1, -1}},
			{Week: day(22)},
		}
	}
	run(t, "cohort_retention", []example{
		{"those old enough", series(cohorts), window(1, 29), 0, want{9.0 / 30, 9, 30, "", 0.5, ""}},
		{"those of the window", series(cohorts), window(2, 15), 0, want{5.0 / 20, 5, 20, "", 1, ""}},
		{"none old enough", series(cohorts), window(15, 29), 0, want{0, 0, 0, TooEarly, 0, ""}},
		{"nobody joined", series(cohorts), window(22, 29), 0, want{0, 0, 0, NoJoins, 1, ""}},
		{"joins unknown", series(cohorts, measures(noJoins)), window(1, 29), 0, want{0, none, none, JoinsNotMeasured, 0, ""}},
		{"leaves unknown", series(cohorts, measures(noLeaves)), window(2, 15), community.Everyone, want{0.25, 5, 20, "", 1, "members_only stayed_not_measured"}},
	})
	k, _ := Find("cohort_retention")
	v := k.Value(series(cohorts), window(1, 29), community.Members)
	facts := CohortTotals{
		Weeks:  [3]int{1, 4, 12},
		Stayed: [3]Total{{57, 60}, {26, 30}, {}},
		Active: [3]Total{{18, 60}, {9, 30}, {}},
	}
	if !reflect.DeepEqual(v.Facts, facts) {
		t.Errorf("facts %+v", v.Facts)
	}
	rows := v.Rows.([]CohortRow)
	if len(rows) != 3 || rows[0].Week != "2021-03-01" || *rows[0].Stayed[1] != 8 || *rows[2].Active[0] != 3 || rows[2].Active[1] != nil {
		t.Errorf("rows %+v", rows)
	}
	v = k.Value(series(cohorts, measures(noLeaves)), window(1, 29), community.Members)
	if row := v.Rows.([]CohortRow)[0]; row.Stayed != [3]*int{} || *row.Active[1] != 4 {
		t.Errorf("row %+v", row)
	}
}
