// Package seriestest makes random histories of a community, the series that
// rollups would make of them, and the same counts by brute force, so that what
// a series says can be checked against what happened.
package seriestest

import (
	"math/rand/v2"

	"github.com/foyer-app/foyer/internal/community"
)

// slots divide a day, so that several things can happen in it in an order.
const slots = 4

// History is what some people did over some days. People are numbered; the
// first Members are members, the others the team.
type History struct {
	First         community.Date
	Days          int
	Members, Team int
	Spans         [][]Span   // by person, ascending, never overlapping
	Active        [][]bool   // by person and day
	Exchanges     []Exchange // ascending by day
}

// Span is one membership, in slots since the first day; To is after the end of
// the history where it has not ended. Known says that its beginning is a join.
type Span struct {
	From, To int
	Known    bool
}

// Exchange is somebody addressing somebody.
type Exchange struct{ Day, From, To int }

// Random makes a history of at most 40 days and 9 people. Activity lies inside
// memberships; nothing happens at midnight exactly.
func Random(r *rand.Rand) *History {
	h := &History{
		First: community.NewDate(2021, 1, 1+r.IntN(60)), Days: 1 + r.IntN(40),
		Members: 1 + r.IntN(7), Team: r.IntN(3),
	}
	density := 0.02 + 0.6*r.Float64()
	for range h.people() {
		spans := h.memberships(r)
		active := make([]bool, h.Days)
		for day := range active {
			active[day] = during(spans, day*slots, (day+1)*slots) && r.Float64() < density
		}
		h.Spans, h.Active = append(h.Spans, spans), append(h.Active, active)
	}
	for day := range h.Days {
		for range r.IntN(5) {
			from, to := r.IntN(h.people()), r.IntN(h.people())
			if from != to && h.Active[from][day] {
				h.Exchanges = append(h.Exchanges, Exchange{day, from, to})
			}
		}
	}
	return h
}

func (h *History) people() int { return h.Members + h.Team }

// memberships draws up to four spans, some of them begun and ended on one day.
func (h *History) memberships(r *rand.Rand) []Span {
	var spans []Span
	end := h.Days * slots
	at := r.IntN(end)
	for range 1 + r.IntN(4) {
		from := awake(at)
		to := awake(from + 1 + r.IntN(1+end/2))
		if from >= end {
			break
		}
		spans = append(spans, Span{from, to, len(spans) > 0 || r.IntN(3) > 0})
		at = to + 1 + r.IntN(8)
	}
	return spans
}

// awake moves a slot off midnight.
func awake(slot int) int {
	if slot%slots == 0 {
		return slot + 1
	}
	return slot
}

func during(spans []Span, from, to int) bool {
	for _, s := range spans {
		if s.From < to && s.To > from {
			return true
		}
	}
	return false
}

// group returns the numbers of the people of a population.
func (h *History) group(p community.Population) (from, to int) {
	switch p {
	case community.Members:
		return 0, h.Members
	case community.Team:
		return h.Members, h.people()
	}
	return 0, h.people()
}

func (h *History) count(p community.Population, f func(person int) bool) int {
	n := 0
	from, to := h.group(p)
	for person := from; person < to; person++ {
		if f(person) {
			n++
		}
	}
	return n
}

// Present counts the people who were members at any moment of the window.
func (h *History) Present(w community.Window, p community.Population) int {
	return h.count(p, func(person int) bool {
		return during(h.Spans[person], int(w.From-h.First)*slots, int(w.To-h.First)*slots)
	})
}

// Actives counts the people active on any day of the window.
func (h *History) Actives(w community.Window, p community.Population) int {
	return h.count(p, func(person int) bool {
		for day, active := range h.Active[person] {
			if active && w.Contains(h.First+community.Date(day)) {
				return true
			}
		}
		return false
	})
}

// Talkers counts the people in an exchange with a member in the window.
func (h *History) Talkers(w community.Window, p community.Population) int {
	return h.count(p, func(person int) bool {
		for _, e := range h.Exchanges {
			if w.Contains(h.First+community.Date(e.Day)) && h.talks(e, person) {
				return true
			}
		}
		return false
	})
}

// talks says whether the exchange is one of the person with a member.
func (h *History) talks(e Exchange, person int) bool {
	return e.From == person && e.To < h.Members || e.To == person && e.From < h.Members
}

// Mutual counts the pairs of members of whom each addressed the other in the window.
func (h *History) Mutual(w community.Window) int {
	said := map[[2]int]bool{}
	n := 0
	for _, e := range h.Exchanges {
		if !w.Contains(h.First+community.Date(e.Day)) || e.From >= h.Members || e.To >= h.Members || said[[2]int{e.From, e.To}] {
			continue
		}
		said[[2]int{e.From, e.To}] = true
		if said[[2]int{e.To, e.From}] {
			n++
		}
	}
	return n
}
