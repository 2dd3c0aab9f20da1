package kpi

import (
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

// query is one figure asked for: over which days, of whom.
type query struct {
	s *community.Series
	w community.Window
	p community.Population
}

// refuse returns a value with a reason when no KPI can speak of the window.
func (q query) refuse() Value {
	switch {
	case q.s.Empty:
		return Value{Reason: NoData}
	case q.w.Days() == 0:
		return Value{Reason: EmptyPeriod}
	case !q.loaded(q.w):
		return Value{Reason: NotLoaded}
	case q.w.To <= q.s.First:
		return Value{Reason: BeforeFirst}
	case q.w.From > q.today():
		return Value{Reason: AfterHorizon}
	}
	return Value{}
}

// notes are the remarks that hold for every KPI of the window.
func (q query) notes() []string {
	var notes []string
	if q.w.From < q.s.First {
		notes = append(notes, PartlyBeforeFirst)
	}
	if q.s.Horizon.Before(q.w.To.Start(q.location())) {
		notes = append(notes, PeriodNotOver)
	}
	return notes
}

// covered is the part of the window from the day of the first activity to the
// day of the horizon, both included: the days that the sources speak of.
func (q query) covered() community.Window {
	return community.Window{From: max(q.w.From, q.s.First), To: min(q.w.To, q.today()+1)}
}

// days is the share of the window's days that the sources speak of: the
// coverage of figures that need nothing else.
func (q query) days() float64 { return share(q.covered().Days(), q.w.Days()) }

func (q query) loaded(w community.Window) bool {
	return w.From >= q.s.Loaded.From && w.To <= q.s.Loaded.To
}

// today is the local day of the horizon.
func (q query) today() community.Date { return community.DateOf(q.s.Horizon, q.location()) }

func (q query) location() *time.Location {
	if q.s.Community.Location == nil {
		return time.UTC
	}
	return q.s.Community.Location
}

func (q query) sum(f func(*community.Tally) int) int { return q.s.Sum(q.w, q.p, f) }

// count adds f over the days of the window.
func (q query) count(f func(*community.Day) int) int {
	n := 0
	days := q.s.In(q.w)
	for i := range days {
		n += f(&days[i])
	}
	return n
}

// membersOnly is the note of figures that have no team to show.
func (q query) membersOnly() []string {
	if q.p == community.Members {
		return nil
	}
	return []string{MembersOnly}
}

// activity is the note of figures that rest on who was active.
func (q query) activity() []string {
	if q.s.Measures.Reactions {
		return nil
	}
	return []string{ReactionsNotMeasured}
}
