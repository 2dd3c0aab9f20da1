package kpi

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
)

func TestPlatformFit(t *testing.T) {
	t.Parallel()
	group := func(name string, busiest int) community.PlaceChannel {
		return community.PlaceChannel{Name: name, Kind: community.GroupChannel, Messages: 50, Busiest: busiest}
	}
	crowd := func(list ...community.PlaceChannel) community.Place {
		return community.Place{Platform: "chat", Account: "a", Fit: community.Fit{Crowd: 30}, Channels: list}
	}
	plan := func(name string, oldest community.Date) community.Place {
		return community.Place{Platform: "work", Account: "w", Fit: community.Fit{History: map[string]int{"free": 90}}, Plan: name, Oldest: oldest}
	}
	server := func(messages ...int) community.Place {
		p := community.Place{Platform: "srv", Account: "s", Fit: community.Fit{OneChannel: 0.9}}
		for i, n := range messages {
			p.Channels = append(p.Channels, community.PlaceChannel{Name: fmt.Sprint("c", i), Messages: n, Busiest: 99})
		}
		return p
	}
	exported := func(p community.Place) community.Place {
		p.Partial = true
		return p
	}
	active := func(members, team int) *community.Series {
		return series(on(8, func(d *community.Day) {
			d.Members.Actives, d.Team.Actives = gaps(int(community.Never), members), gaps(int(community.Never), team)
		}))
	}
	today := day(28)
	for _, test := range []struct {
		name   string
		s      *community.Series
		places []community.Place
		want   []string
	}{
		{"nothing stored", series(func(s *community.Series) { s.Empty = true }), []community.Place{crowd(group("g", 99)), plan("", 0)}, nil},
		{"a group at the bound", active(28, 2), []community.Place{crowd(group("g", 12))}, nil},
		{"a group beyond it", active(28, 3), []community.Place{crowd(group("g", 12))}, []string{"crowd a/g 31 of 30"}},
		{"the team counts, others do not matter", active(0, 31), []community.Place{crowd(group("g", 31))}, []string{"crowd a/g 31 of 30"}},
		{"several groups, one busy", active(80, 0), []community.Place{crowd(group("g", 31), group("h", 30))}, []string{"crowd a/g at least 31 of 30", "crowd a groups_not_apart"}},
		{"several groups, none busy", active(80, 0), []community.Place{crowd(group("g", 5), group("h", 5))}, []string{"crowd a groups_not_apart"}},
		{"several groups of few people", active(30, 0), []community.Place{crowd(group("g", 5), group("h", 5))}, nil},
		{"a group beside a server", active(80, 0), []community.Place{crowd(group("g", 5)), server(50, 50)}, []string{"crowd a groups_not_apart"}},
		{"no group", active(80, 0), []community.Place{crowd(community.PlaceChannel{Name: "number", Busiest: 70})}, nil},
		{"a plan that shows everything", active(5, 0), []community.Place{plan("plus", today-900)}, nil},
		{"a plan nobody told", active(5, 0), []community.Place{plan("", today-80)}, []string{"history w plan_not_known"}},
		{"history not read", active(5, 0), []community.Place{plan("free", 0)}, []string{"history w history_not_known"}},
		{"two weeks and a day before", active(5, 0), []community.Place{plan("free", today-75)}, nil},
		{"two weeks before", active(5, 0), []community.Place{plan("free", today-76)}, []string{"history w 76 of 90 since " + (today - 76).UTC().Format("2006-01-02")}},
		{"past it", active(5, 0), []community.Place{plan("free", today-120)}, []string{"history w 120 of 90 since " + (today - 120).UTC().Format("2006-01-02")}},
		{"few messages", active(5, 0), []community.Place{server(98, 1)}, []string{"one_channel s few_messages"}},
		{"nearly all in one channel", active(5, 0), []community.Place{server(10, 90)}, []string{"one_channel s/c1 0.9 of 0.9"}},
		{"not quite", active(5, 0), []community.Place{server(11, 89)}, nil},
		{"an export of one channel", active(5, 0), []community.Place{exported(server(100))}, []string{"one_channel s one_channel_known"}},
		{"an export of several", active(5, 0), []community.Place{exported(server(100, 2))}, []string{"one_channel s/c0 0.9803921568627451 of 0.9"}},
		{"the only channel", active(5, 0), []community.Place{server(100)}, []string{"one_channel s/c0 1 of 0.9"}},
	} {
		var got []string
		for _, o := range PlatformFit(test.s, window(1, 29), today, test.places) {
			s := o.Key + " " + o.Account
			switch {
			case o.Reason != "":
				s += " " + o.Reason
			default:
				s = strings.TrimSuffix(s+"/"+o.Channel, "/")
				if o.AtLeast {
					s += " at least"
				}
				s += fmt.Sprintf(" %v of %v", o.Number, o.Limit)
				if o.On != "" {
					s += " since " + o.On
				}
			}
			got = append(got, s)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
