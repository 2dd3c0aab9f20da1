package kpi

import (
	"reflect"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
)

func noReactions(m *community.Measures) { m.Reactions = false }

func TestContributions(t *testing.T) {
	wrote := on(2, func(d *community.Day) {
		d.Members.Messages, d.Members.Reactions = 7, 4
		d.Team.Messages, d.Team.Reactions = 3, 1
	})
	run(t, "contributions", []example{
		{"a volume, the team in it", series(wrote), window(1, 8), community.Members, want{10, 10, none, "", 1, ""}},
		{"whatever the switch", series(wrote), window(1, 8), community.Everyone, want{10, 10, none, "", 1, ""}},
		{"the team's", series(wrote), window(1, 8), community.Team, want{3, 3, none, "", 1, ""}},
		{"nothing is 0", series(wrote), window(8, 15), 0, want{0, 0, none, "", 1, ""}},
		{"no reactions", series(wrote, measures(noReactions)), window(1, 8), 0, want{10, 10, none, "", 1, "reactions_not_measured"}},
	})
	k, _ := Find("contributions")
	got := k.Value(series(wrote), window(1, 8), community.Members).Facts
	if !reflect.DeepEqual(got, Volume{7, 3, number(4), number(1)}) {
		t.Errorf("facts %+v", got)
	}
	got = k.Value(series(wrote, measures(noReactions)), window(1, 8), community.Members).Facts
	if !reflect.DeepEqual(got, Volume{Members: 7, Team: 3}) {
		t.Errorf("facts %+v", got)
	}
}

func TestMessagesPerActive(t *testing.T) {
	s := series(
		on(2, func(d *community.Day) { d.Members.Messages = 5; d.Members.Actives = gaps(community.Never, 3) }),
		on(3, func(d *community.Day) {
			d.Members.Messages = 4
			d.Members.Actives = gaps(1, 2, 9, 1)
			d.Team.Messages, d.Team.Actives = 7, gaps(1, 1)
		}),
	)
	run(t, "messages_per_active", []example{
		{"each person once", s, window(1, 8), 0, want{9.0 / 4, 9, 4, "", 1, ""}},
		{"with the team", s, window(3, 8), community.Everyone, want{11.0 / 4, 11, 4, "", 1, ""}},
		{"nobody active", s, window(8, 15), 0, want{0, 0, 0, NoActive, 1, ""}},
		{"no reactions", series(measures(noReactions)), window(8, 15), 0, want{0, 0, 0, NoActive, 1, "reactions_not_measured"}},
	})
}

func TestHorizontalShare(t *testing.T) {
	talk := on(2, func(d *community.Day) {
		d.Members.ToMembers, d.Members.ToTeam = 6, 2
		d.Team.ToMembers, d.Team.ToTeam = 3, 1
	})
	blind := on(3, func(d *community.Day) { d.Unlinked = 4 })
	run(t, "horizontal_share", []example{
		{"of all exchanges", series(talk), window(1, 8), 0, want{0.5, 6, 12, "", 1, ""}},
		{"whatever the switch", series(talk), window(1, 8), community.Everyone, want{0.5, 6, 12, "", 1, "members_only"}},
		{"some unlinked", series(talk, blind), window(1, 8), 0, want{0.5, 6, 12, "", 0.75, ""}},
		{"all unlinked", series(blind), window(1, 8), 0, want{0, 0, 0, Unlinked, 0, ""}},
		{"no exchange", series(), window(1, 8), 0, want{0, 0, 0, NoExchanges, 1, ""}},
		{"all with the team is 0", series(on(2, func(d *community.Day) { d.Members.ToTeam = 2 })), window(1, 8), 0, want{0, 0, 2, "", 1, ""}},
		{"inferred", series(talk, on(4, func(d *community.Day) { d.Turns = 1 })), window(1, 8), 0, want{0.5, 6, 12, "", 1, "inferred_turns"}},
	})
}

func TestPeopleTalking(t *testing.T) {
	s := series(
		on(2, func(d *community.Day) { d.Members.ToMembers = 3; d.Members.Talkers = gaps(5, 2, 40, 1) }),
		on(5, func(d *community.Day) {
			d.Members.ToMembers = 2
			d.Members.Talkers = gaps(3, 1, community.Never, 1)
			d.MutualNew, d.MutualOld = gaps(0, 1, 3, 1), gaps(7, 1, community.Never, 1)
		}),
	)
	run(t, "people_talking", []example{
		{"each person once", s, window(1, 8), 0, want{4, 4, none, "", 1, ""}},
		{"a shorter window", s, window(3, 8), 0, want{2, 2, none, "", 1, ""}},
		{"nobody is 0", s, window(8, 15), community.Everyone, want{0, 0, none, "", 1, "members_only"}},
		{"all unlinked", series(on(3, func(d *community.Day) { d.Unlinked = 4 })), window(1, 8), 0, want{0, none, none, Unlinked, 0, ""}},
		{"inferred", series(func(s *community.Series) { s.Turns = true }), window(1, 8), 0, want{0, 0, none, "", 1, "inferred_turns"}},
	})
	k, _ := Find("people_talking")
	for from, pairs := range map[int]int{1: 2, 2: 2, 3: 1, 5: 1, 6: 0} {
		if got := k.Value(s, window(from, 8), community.Members).Facts; got != (Pairs{pairs}) {
			t.Errorf("from %d: %+v, want %d pairs", from, got, pairs)
		}
	}
}

func TestStickiness(t *testing.T) {
	// Two people, the one active on 14 days, the other on the first of them.
	s := series(func(s *community.Series) {
		for n := 5; n < 19; n++ {
			s.Days[n-1].Members.Active = 1
			s.Days[n-1].Members.Actives = gaps(1, 1)
		}
		s.Days[4].Members.Active = 2
		s.Days[4].Members.Actives = gaps(community.Never, 2)
	})
	mean := 15.0 / 28
	run(t, "stickiness", []example{
		{"28 days", s, window(4, 32), 0, want{mean / 2, mean, 2, "", 1, ""}},
		{"a longer window", s, window(1, 32), 0, want{mean / 2, mean, 2, "", 1, ""}},
		{"a shorter one", s, window(29, 31), 0, want{mean / 2, mean, 2, "", 1, ""}},
		{"with the team", s, window(29, 31), community.Everyone, want{mean / 2, mean, 2, "", 1, ""}},
		{"too early", s, window(8, 15), 0, want{0, none, none, TooEarly, 0.5, ""}},
		{"not loaded", series(func(s *community.Series) { s.First = day(-60) }), window(8, 15), 0, want{0, none, none, NotLoaded, 0, ""}},
		{"nobody", series(), window(1, 32), 0, want{0, 0, 0, NoActive, 1, ""}},
		{"the sources end inside", series(func(s *community.Series) { s.Horizon = day(20).UTC() }), window(1, 32), 0, want{0, none, none, TooEarly, 20.0 / 28, "period_not_over"}},
	})
}

func TestConcentration(t *testing.T) {
	w := window(1, 8)
	with := func(shares ...int) *community.Series {
		return series(func(s *community.Series) { s.Shares[w] = shares })
	}
	run(t, "concentration", []example{
		{"one makes half", with(5, 3, 2), w, 0, want{1, 1, 3, "", 1, ""}},
		{"two are needed", with(4, 3, 2, 1), w, 0, want{2, 2, 4, "", 1, ""}},
		{"all the same", with(1, 1, 1, 1, 1), w, community.Everyone, want{3, 3, 5, "", 1, "members_only"}},
		{"nobody wrote", with(), w, 0, want{0, none, none, NoContributions, 1, ""}},
		{"another window", with(5), window(2, 8), 0, want{0, none, none, NotLoaded, 0, ""}},
	})
	k, _ := Find("concentration")
	rows := k.Value(with(20, 10, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), w, community.Members).Rows.([]ShareRow)
	if len(rows) != 10 || rows[0] != (ShareRow{20, 0.5}) || rows[9] != (ShareRow{1, 0.025}) {
		t.Errorf("rows %+v", rows)
	}
}

func TestRhythm(t *testing.T) {
	at := func(n, hour, messages int) func(*community.Series) {
		return on(n, func(d *community.Day) { d.Members.Hours[hour] += messages })
	}
	team := on(2, func(d *community.Day) { d.Team.Hours[9] += 3 })
	run(t, "rhythm", []example{
		{"the mean over two Mondays", series(at(1, 20, 6), at(8, 20, 2), at(4, 12, 5)), window(1, 15), 0, want{4, 8, 2, "", 1, ""}},
		{"fair to the weekday that lies once in it", series(at(1, 20, 4), at(8, 20, 2), at(4, 12, 5)), window(1, 11), 0, want{5, 5, 1, "", 1, ""}},
		{"the earliest of equals", series(at(3, 5, 2), at(2, 23, 2)), window(1, 8), 0, want{2, 2, 1, "", 1, ""}},
		{"the team counts", series(at(3, 5, 2), team), window(1, 8), 0, want{3, 3, 1, "", 1, ""}},
		{"the team alone", series(at(3, 5, 9), team), window(1, 8), community.Team, want{3, 3, 1, "", 1, ""}},
		{"a window without a Monday", series(at(3, 5, 2)), window(2, 5), 0, want{2, 2, 1, "", 1, ""}},
		{"nothing", series(), window(1, 8), 0, want{0, none, none, NoContributions, 1, ""}},
	})
	k, _ := Find("rhythm")
	v := k.Value(series(at(3, 5, 2), at(10, 5, 1), team), window(1, 15), community.Members)
	if v.Facts != (Peak{Weekday: 1, Hour: 9}) {
		t.Errorf("facts %+v", v.Facts)
	}
	if rows := v.Rows.(Hours); rows[2][5] != 3 || rows[1][9] != 3 || rows[0][0] != 0 {
		t.Errorf("rows %v", rows)
	}
}
