package seriestest

import (
	"slices"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

// Series makes of the history what rollups would, with the days of loaded.
func (h *History) Series(loaded community.Window) *community.Series {
	all := make([]community.Day, h.Days)
	for i := range all {
		all[i].Date = h.First + community.Date(i)
	}
	s := &community.Series{
		Community: community.Community{Location: time.UTC},
		Loaded:    loaded,
		First:     h.First,
		Horizon:   (h.First + community.Date(h.Days)).UTC(),
		Measures:  community.Measures{Joins: true, Leaves: true, Reactions: true, ReplyLinks: true, MemberList: true},
	}
	for person := range h.people() {
		h.addSpans(s, all, person)
		h.addDays(all, person)
	}
	h.addPairs(all)
	for _, day := range all {
		if loaded.Contains(day.Date) {
			s.Days = append(s.Days, day)
		}
	}
	return s
}

func (h *History) tally(day *community.Day, person int) *community.Tally {
	if person < h.Members {
		return &day.Members
	}
	return &day.Team
}

func (h *History) addSpans(s *community.Series, all []community.Day, person int) {
	start := int(s.Loaded.From-h.First) * slots
	ended := -1
	for i, span := range h.Spans[person] {
		t := h.tally(&all[span.From/slots], person)
		gap := community.Never
		switch {
		case i > 0:
			t.Returns++
			gap = span.From/slots - ended
		case span.Known:
			t.Joins++
		default:
			t.Inferred++
		}
		t.Arrivals = add(t.Arrivals, gap)
		if span.From < start && span.To > start {
			h.addBefore(s, person, span)
		}
		if ended = span.To / slots; ended < h.Days {
			t := h.tally(&all[ended], person)
			t.Leaves++
			if !span.Known {
				t.InferredEnded++
			}
		}
	}
}

func (h *History) addBefore(s *community.Series, person int, span Span) {
	switch {
	case person >= h.Members:
		s.TeamBefore++
	case span.Known:
		s.PresentBefore++
	default:
		s.PresentBefore++
		s.InferredBefore++
	}
}

// addDays adds what the person did, each active day being one message.
func (h *History) addDays(all []community.Day, person int) {
	active, talked := -community.Never, -community.Never
	for day := range all {
		t := h.tally(&all[day], person)
		if h.Active[person][day] {
			t.Active++
			t.Messages++
			t.Hours[person%24]++
			t.Actives = add(t.Actives, min(day-active, community.Never))
			active = day
		}
		talks := false
		for _, e := range h.Exchanges {
			if e.Day != day {
				continue
			}
			talks = talks || h.talks(e, person)
			if e.From == person && e.To < h.Members {
				t.ToMembers++
			} else if e.From == person {
				t.ToTeam++
			}
		}
		if talks {
			t.Talkers = add(t.Talkers, min(day-talked, community.Never))
			talked = day
		}
	}
}

// addPairs follows, of each pair of members, the earlier of the two last days
// on which the one addressed the other.
func (h *History) addPairs(all []community.Day) {
	for a := range h.Members {
		for b := range a {
			last := [2]int{-community.Never, -community.Never}
			for day := range all {
				old := min(last[0], last[1])
				for _, e := range h.Exchanges {
					if e.Day == day && e.From == a && e.To == b {
						last[0] = day
					} else if e.Day == day && e.From == b && e.To == a {
						last[1] = day
					}
				}
				if now := min(last[0], last[1]); now > old {
					all[day].MutualNew = add(all[day].MutualNew, day-now)
					all[day].MutualOld = add(all[day].MutualOld, min(day-old, community.Never))
				}
			}
		}
	}
}

// add puts one more gap into the array.
func add(g community.Gaps, gap int) community.Gaps {
	i, found := slices.BinarySearch(g.Gap, int16(gap))
	if !found {
		tail := int32(0)
		if i < len(g.Tail) {
			tail = g.Tail[i]
		}
		g.Gap, g.Tail = slices.Insert(g.Gap, i, int16(gap)), slices.Insert(g.Tail, i, tail)
	}
	for j := range i + 1 {
		g.Tail[j]++
	}
	return g
}
