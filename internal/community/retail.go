package community

import "time"

// RetailYear is a year of the 4-5-4 calendar of shops, called after the calendar
// year that it begins in. Its weeks run from Sunday to Saturday, its months have 4,
// 5 and 4 weeks, and it ends on the Saturday nearest to 31 January. So every fifth
// or sixth year has a 53rd week, which its last month takes.
type RetailYear int

// RetailYearOf returns the retail year that a day lies in.
func RetailYearOf(d Date) RetailYear {
	y := RetailYear(d.UTC().Year())
	for d < y.Days().From { // in January, rarely one of the first days of February
		y--
	}
	for d >= y.Days().To { // from 29 January on
		y++
	}
	return y
}

// Days is the whole year.
func (y RetailYear) Days() Window { return Window{retailEnd(y - 1), retailEnd(y)} }

// retailEnd is the day after the Saturday nearest to 31 January of the next
// calendar year.
func retailEnd(y RetailYear) Date {
	near := NewDate(int(y)+1, time.January, 31)
	saturday := near + 3                               // the last day that is near enough,
	saturday -= Date((saturday.Weekday() - 5 + 7) % 7) // back to a Saturday
	return saturday + 1
}

// Weeks is 52 or 53.
func (y RetailYear) Weeks() int { return y.Days().Days() / 7 }

// Week is the n-th week; false when the year has none of that number.
func (y RetailYear) Week(n int) (Window, bool) {
	if n < 1 || n > y.Weeks() {
		return Window{}, false
	}
	from := y.Days().From + Date(7*(n-1))
	return Window{from, from + 7}, true
}

// Month is the n-th month of the year, 1 being the one that begins about 1
// February; false when n is none of 1 to 12.
func (y RetailYear) Month(n int) (Window, bool) {
	if n < 1 || n > 12 {
		return Window{}, false
	}
	before := (n-1)/3*13 + [...]int{0, 4, 9}[(n-1)%3]
	length := [...]int{4, 5, 4}[(n-1)%3]
	w := Window{From: y.Days().From + Date(7*before)}
	if w.To = w.From + Date(7*length); n == 12 {
		w.To = y.Days().To
	}
	return w, true
}

// RetailWeek returns the week of a day, from 1.
func RetailWeek(d Date) (year RetailYear, week int) {
	year = RetailYearOf(d)
	return year, int(d-year.Days().From)/7 + 1
}

// Restated is the window to compare w with, 52 weeks before. In the year after one
// of 53 weeks this is the week whose number is higher by one, so that the same days
// before Christmas meet.
func Restated(w Window) Window { return Window{w.From - 364, w.To - 364} }
