package community

import (
	"fmt"
	"time"
)

// Span returns the moments at which a window begins and ends in a place, half-open.
// A day is 23 or 25 hours long where summer time begins or ends in it.
func (w Window) Span(loc *time.Location) (from, to time.Time) {
	return w.From.Start(loc), w.To.Start(loc)
}

// Month is the calendar month of a day.
func (d Date) Month() Window {
	y, m, _ := d.UTC().Date()
	return Window{NewDate(y, m, 1), NewDate(y, m+1, 1)}
}

// ISOWeek returns the week by ISO 8601 and the year that it belongs to, which need
// not be the day's: 2027-01-02 lies in week 53 of 2026.
func (d Date) ISOWeek() (year, week int) { return d.UTC().ISOWeek() }

// Week is the seven days of an ISO week.
func (d Date) Week() Window { return Window{d.Monday(), d.Monday() + 7} }

// ISOWeekName writes the week of a day as ISO 8601 does: "2026-W53".
func (d Date) ISOWeekName() string {
	year, week := d.ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, week)
}

// ISOWeeks returns how many weeks an ISO year has: 52 or 53.
func ISOWeeks(year int) int {
	_, week := NewDate(year, time.December, 28).ISOWeek() // always in the last one
	return week
}

// FiscalYear is the month in which an organisation's year begins. 0, and whatever
// is no month, counts as January.
type FiscalYear time.Month

func (f FiscalYear) start() time.Month {
	if f < FiscalYear(time.January) || f > FiscalYear(time.December) {
		return time.January
	}
	return time.Month(f)
}

// Year is the fiscal year that a day lies in.
func (f FiscalYear) Year(d Date) Window {
	y, m, _ := d.UTC().Date()
	if m < f.start() {
		y--
	}
	return Window{NewDate(y, f.start(), 1), NewDate(y+1, f.start(), 1)}
}

// Quarter is the three months of the fiscal year that a day lies in, and their
// number from 1 to 4.
func (f FiscalYear) Quarter(d Date) (Window, int) {
	y, m, _ := d.UTC().Date()
	into := (int(m) - int(f.start()) + 12) % 12
	first := m - time.Month(into%3)
	return Window{NewDate(y, first, 1), NewDate(y, first+3, 1)}, into/3 + 1
}

// Name writes the fiscal year of a day: "2026", or "2025-26" where it spans two.
func (f FiscalYear) Name(d Date) string {
	y := f.Year(d).From.UTC().Year()
	if f.start() == time.January {
		return fmt.Sprintf("%04d", y)
	}
	return fmt.Sprintf("%04d-%02d", y, (y+1)%100)
}
