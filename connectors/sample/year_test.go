package sample

import (
	"slices"
	"testing"
	"time"
)

// yearOf holds the figures of a story by week.
type yearOf struct {
	s        Story
	messages [53]int // of members
	active   [53]int // members who wrote or reacted
	replies  [53]int
	across   [53]int // replies from member to member
	byPerson map[int]int
}

func measure(s Story) yearOf {
	y := yearOf{s: s, byPerson: map[int]int{}}
	seen := map[[2]int]bool{}
	for i := range s.Events {
		e := &s.Events[i]
		week := min(int(e.At.Sub(s.From).Hours()/24/7), 52)
		if p := s.People[e.Person]; e.Kind == Join || e.Kind == Leave || e.Kind == Edit || p.Bot {
			continue
		}
		member := !s.People[e.Person].Team
		if e.Kind == Message && e.Target != None {
			y.replies[week]++
			if member && !s.People[s.Events[e.Target].Person].Team {
				y.across[week]++
			}
		}
		if !member {
			continue
		}
		if !seen[[2]int{week, e.Person}] {
			seen[[2]int{week, e.Person}] = true
			y.active[week]++
		}
		if e.Kind == Message {
			y.messages[week]++
			y.byPerson[e.Person]++
		}
	}
	return y
}

func sum(list []int) (n int) {
	for _, x := range list {
		n += x
	}
	return n
}

// share is the part of the replies that go from member to member.
func (y *yearOf) share(from, to int) float64 {
	return float64(sum(y.across[from:to])) / float64(sum(y.replies[from:to]))
}

func TestTheYearHasItsShape(t *testing.T) {
	t.Parallel()
	for name, at := range ends() {
		for seed := range uint64(2) {
			y := measure(Generate(seed, at))
			if total := sum(y.messages[:]); total < 9000 || total > 18000 {
				t.Errorf("%s, seed %d: %d messages", name, seed, total)
			}
			if n := len(y.s.People); n < 600 || n > 900 {
				t.Errorf("%s, seed %d: %d people", name, seed, n)
			}
			// Weeks 2 to 10 are behind the opening, 42 to 50 are the last whole ones.
			if early, late := sum(y.active[2:10]), sum(y.active[42:50]); 2*late < 3*early {
				t.Errorf("%s, seed %d: from %d active to %d", name, seed, early/8, late/8)
			}
			if early, late := y.share(0, 8), y.share(44, 52); early >= .30 || late <= .60 {
				t.Errorf("%s, seed %d: member to member from %.2f to %.2f", name, seed, early, late)
			}
		}
	}
}

func TestSummerIsQuiet(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		y := measure(Generate(seed, end))
		week := func(month time.Month, day int) int {
			return int(time.Date(2025, month, day, 0, 0, 0, 0, y.s.Location).Sub(y.s.From).Hours() / 24 / 7)
		}
		june, dip, september := week(6, 2), week(7, 21), week(9, 8)
		before, during, after := sum(y.messages[june:june+4]), sum(y.messages[dip:dip+4]), sum(y.messages[september:september+4])
		if 100*during > 90*before || 100*during > 75*after {
			t.Errorf("seed %d: %d messages before, %d in the summer, %d after", seed, before, during, after)
		}
	}
}

func TestQuestionsLeaversAndHelpers(t *testing.T) {
	t.Parallel()
	y := measure(Generate(1, end))
	answered := map[int]bool{}
	for i := range y.s.Events {
		if e := &y.s.Events[i]; e.Kind == Message && e.Target != None {
			answered[e.Target] = true
		}
	}
	asked, waiting := 0, 0
	wrote := map[int]bool{}
	for i := range y.s.Events {
		e := &y.s.Events[i]
		wrote[e.Person] = wrote[e.Person] || e.Kind == Message
		if e.Kind == Message && y.s.Channels[e.Channel].Name == "machines" && e.Target == None {
			asked++
			if !answered[i] {
				waiting++
			}
		}
	}
	if waiting < 20 || 3*waiting > asked {
		t.Errorf("%d of %d questions about machines wait", waiting, asked)
	}
	silent := 0
	for n, p := range y.s.People {
		if !p.Bot && !wrote[n] {
			silent++
		}
	}
	if silent < 200 || silent > 600 {
		t.Errorf("%d people never wrote", silent)
	}
	for place, least := range map[Place]int{Server: 100, Workspace: 2, Group: 5} {
		if c := y.s.Count(place); c.Leaves < least || 2*c.Leaves > c.Joins {
			t.Errorf("place %d: %d left, %d joined", place, c.Leaves, c.Joins)
		}
	}
	var list []int
	for _, n := range y.byPerson {
		list = append(list, n)
	}
	slices.Sort(list)
	slices.Reverse(list)
	total := sum(list)
	if half := slices.IndexFunc(list, func(n int) bool { total -= 2 * n; return total <= 0 }) + 1; half < 0 || list[0]*10 > sum(list) {
		t.Errorf("half of it by %d people, most by one: %d of %d", half, list[0], sum(list))
	}
}

func TestTheWeekHasItsRhythm(t *testing.T) {
	t.Parallel()
	s := Generate(1, end)
	var byHour [24]int
	var byDay [7]int
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == Message && e.Place == Server {
			byHour[e.At.Hour()]++
			byDay[e.At.Weekday()]++
		}
	}
	if evening, morning := sum(byHour[19:22]), sum(byHour[9:12]); 2*evening < 3*morning {
		t.Errorf("%d in the evening, %d in the morning", evening, morning)
	}
	if byDay[time.Thursday] <= byDay[time.Tuesday] || byDay[time.Sunday] <= byDay[time.Saturday] {
		t.Errorf("by weekday from Sunday: %v", byDay)
	}
}
