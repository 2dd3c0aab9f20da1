package community

import (
	"fmt"
	"time"
)

// Date is a civil day of the community's calendar, as days since 1970-01-01.
type Date int32

// DateOf returns the civil day of t in loc.
func DateOf(t time.Time, loc *time.Location) Date {
	y, m, d := t.In(loc).Date()
	return NewDate(y, m, d)
}

// NewDate returns a civil day; out-of-range parts roll over as in time.Date.
func NewDate(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a date like 2021-01-31", s)
	}
	return Date(t.Unix() / 86400), nil
}

// UTC returns midnight UTC of the day: for formatting and for SQL dates.
func (d Date) UTC() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// Start returns the first moment of the day in loc. Where summer time skips
// midnight that is the moment after the gap, where it repeats midnight the first
// of the two; a day that a place skipped begins when the next one does.
func (d Date) Start(loc *time.Location) time.Time {
	y, m, day := d.UTC().Date()
	t := time.Date(y, m, day, 0, 0, 0, 0, loc)
	begin, end := t.ZoneBounds()
	if DateOf(t, loc) < d {
		return end
	}
	before := begin.Add(-time.Nanosecond)
	if begin.IsZero() || DateOf(before, loc) < d {
		return t
	}
	_, offset := before.Zone()
	return time.Unix(int64(d)*86400-int64(offset), 0).In(loc)
}

// Weekday counts from Monday = 0.
func (d Date) Weekday() int { return (int(d.UTC().Weekday()) + 6) % 7 }

// Monday returns the first day of d's ISO week.
func (d Date) Monday() Date { return d - Date(d.Weekday()) }

func (d Date) String() string { return d.UTC().Format(time.DateOnly) }

// Window is a half-open range of days [From, To).
type Window struct{ From, To Date }

// Days is the length; 0 when empty.
func (w Window) Days() int { return max(0, int(w.To-w.From)) }

// Previous is the window of the same length that ends where this one begins.
func (w Window) Previous() Window { return Window{w.From - Date(w.Days()), w.From} }

// Contains says whether the day lies in the window.
func (w Window) Contains(d Date) bool { return d >= w.From && d < w.To }
