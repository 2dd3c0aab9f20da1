package community

import (
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		from, to string
		hours    float64
		begins   string
	}{
		"a day":                {"2026-01-10", "2026-01-11", 24, "2026-01-09T23:00:00Z"},
		"summer time begins":   {"2026-03-29", "2026-03-30", 23, "2026-03-28T23:00:00Z"},
		"summer time ends":     {"2026-10-25", "2026-10-26", 25, "2026-10-24T22:00:00Z"},
		"a year":               {"2026-01-01", "2027-01-01", 365 * 24, "2025-12-31T23:00:00Z"},
		"a month with a shift": {"2026-03-01", "2026-04-01", 31*24 - 1, "2026-02-28T23:00:00Z"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := Window{day(t, c.from), day(t, c.to)}
			from, to := w.Span(paris)
			if got := to.Sub(from).Hours(); got != c.hours {
				t.Errorf("%v hours, want %v", got, c.hours)
			}
			if got := from.UTC().Format(time.RFC3339); got != c.begins {
				t.Errorf("begins %s, want %s", got, c.begins)
			}
			if DateOf(to.Add(-time.Nanosecond), paris) != w.To-1 || DateOf(to, paris) != w.To {
				t.Error("the end is not the first moment after the window")
			}
		})
	}
}

func TestISOWeek(t *testing.T) {
	t.Parallel()
	for d, want := range map[string]string{
		"2027-01-02": "2026-W53", "2026-01-01": "2026-W01", "2024-12-30": "2025-W01", "2023-01-01": "2022-W52", "2020-12-31": "2020-W53",
	} {
		if got := day(t, d).ISOWeekName(); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
		if w := day(t, d).Week(); !w.Contains(day(t, d)) || w.From.ISOWeekName() != want || (w.To-1).ISOWeekName() != want || w.Days() != 7 {
			t.Errorf("%s: the week %v", d, w)
		}
	}
	for year, want := range map[int]int{2015: 53, 2019: 52, 2020: 53, 2025: 52, 2026: 53, 2027: 52} {
		if got := ISOWeeks(year); got != want {
			t.Errorf("%d has %d weeks, want %d", year, got, want)
		}
	}
}

func TestMonth(t *testing.T) {
	t.Parallel()
	for d, want := range map[string][2]string{
		"2024-02-29": {"2024-02-01", "2024-03-01"}, "2026-12-31": {"2026-12-01", "2027-01-01"},
	} {
		if w := day(t, d).Month(); w.From.String() != want[0] || w.To.String() != want[1] {
			t.Errorf("%s: %v", d, w)
		}
	}
}

func TestFiscalYear(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		start          FiscalYear
		day            string
		from, to, name string
		quarterFrom    string
		quarter        int
	}{
		"calendar":             {1, "2026-12-31", "2026-01-01", "2027-01-01", "2026", "2026-10-01", 4},
		"nothing said":         {0, "2026-01-01", "2026-01-01", "2027-01-01", "2026", "2026-01-01", 1},
		"no month":             {13, "2026-05-01", "2026-01-01", "2027-01-01", "2026", "2026-04-01", 2},
		"April, last day":      {4, "2026-03-31", "2025-04-01", "2026-04-01", "2025-26", "2026-01-01", 4},
		"April, first day":     {4, "2026-04-01", "2026-04-01", "2027-04-01", "2026-27", "2026-04-01", 1},
		"September":            {9, "2026-02-10", "2025-09-01", "2026-09-01", "2025-26", "2025-12-01", 2},
		"December":             {12, "2026-11-30", "2025-12-01", "2026-12-01", "2025-26", "2026-09-01", 4},
		"end of a century":     {7, "1999-08-01", "1999-07-01", "2000-07-01", "1999-00", "1999-07-01", 1},
		"quarter over January": {12, "2026-01-15", "2025-12-01", "2026-12-01", "2025-26", "2025-12-01", 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := day(t, c.day)
			w := c.start.Year(d)
			if w.From.String() != c.from || w.To.String() != c.to || c.start.Name(d) != c.name {
				t.Errorf("%s: %s to %s", c.start.Name(d), w.From, w.To)
			}
			q, n := c.start.Quarter(d)
			if q.From.String() != c.quarterFrom || n != c.quarter || !q.Contains(d) {
				t.Errorf("quarter %d from %s to %s", n, q.From, q.To)
			}
		})
	}
}

// TestQuartersFillTheYear walks days over leap years for every start.
func TestQuartersFillTheYear(t *testing.T) {
	t.Parallel()
	for start := FiscalYear(1); start <= 12; start++ {
		for d := NewDate(2023, 1, 1); d < NewDate(2025, 3, 1); d++ {
			year := start.Year(d)
			q, n := start.Quarter(d)
			first, _ := start.Quarter(year.From + Date(n*92-46)) // somewhere in the n-th quarter
			if !year.Contains(d) || !q.Contains(d) || q.From < year.From || q.To > year.To || first != q {
				t.Fatalf("start %d, %s: quarter %d %v of %v", start, d, n, q, year)
			}
		}
	}
}

func TestRetailYear(t *testing.T) {
	t.Parallel()
	for year, want := range map[RetailYear]struct {
		from, to string
		weeks    int
	}{
		2011: {"2011-01-30", "2012-01-29", 52},
		2012: {"2012-01-29", "2013-02-03", 53},
		2017: {"2017-01-29", "2018-02-04", 53},
		2022: {"2022-01-30", "2023-01-29", 52},
		2023: {"2023-01-29", "2024-02-04", 53},
		2024: {"2024-02-04", "2025-02-02", 52},
	} {
		w := year.Days()
		if w.From.String() != want.from || w.To.String() != want.to || year.Weeks() != want.weeks {
			t.Errorf("%d: %s to %s, %d weeks", year, w.From, w.To, year.Weeks())
		}
	}
	long := []RetailYear{}
	for y := RetailYear(2007); y < 2028; y++ {
		if y.Weeks() == 53 {
			long = append(long, y)
		}
	}
	if len(long) != 3 || long[0] != 2012 || long[1] != 2017 || long[2] != 2023 {
		t.Errorf("years of 53 weeks: %v", long)
	}
}

func TestRetailMonths(t *testing.T) {
	t.Parallel()
	for _, year := range []RetailYear{2022, 2023} {
		at := year.Days().From
		for n := 1; n <= 12; n++ {
			w, ok := year.Month(n)
			weeks := [...]int{4, 5, 4}[(n-1)%3]
			if n == 12 {
				weeks += year.Weeks() - 52
			}
			if !ok || w.From != at || w.Days() != 7*weeks {
				t.Errorf("%d month %d: %s to %s", year, n, w.From, w.To)
			}
			at = w.To
		}
		if at != year.Days().To {
			t.Errorf("%d: the months end on %s", year, at)
		}
	}
	for _, n := range []int{0, 13, -1} {
		if _, ok := RetailYear(2023).Month(n); ok {
			t.Errorf("there is a month %d", n)
		}
	}
}

func TestRetailWeek(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		day  string
		year RetailYear
		week int
	}{
		"first":            {"2023-01-29", 2023, 1},
		"last of 52":       {"2023-01-28", 2022, 52},
		"the 53rd":         {"2024-02-03", 2023, 53},
		"in February":      {"2024-02-04", 2024, 1},
		"before Christmas": {"2023-12-23", 2023, 47},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			year, week := RetailWeek(day(t, c.day))
			w, ok := year.Week(week)
			if year != c.year || week != c.week || !ok || !w.Contains(day(t, c.day)) {
				t.Errorf("week %d of %d, %v", week, year, w)
			}
		})
	}
	if _, ok := RetailYear(2024).Week(53); ok {
		t.Error("2024 has a week 53")
	}
	for d := NewDate(2000, 1, 1); d < NewDate(2035, 1, 1); d++ {
		if y := RetailYearOf(d); !y.Days().Contains(d) {
			t.Fatalf("%s is not in %d", d, y)
		}
	}
}

func TestRestated(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		year         RetailYear
		week         int
		before       RetailYear
		weekOfBefore int
	}{{2024, 1, 2023, 2}, {2024, 52, 2023, 53}, {2023, 10, 2022, 10}, {2025, 10, 2024, 10}} {
		w, _ := c.year.Week(c.week)
		if y, n := RetailWeek(Restated(w).From); y != c.before || n != c.weekOfBefore {
			t.Errorf("week %d of %d is compared with week %d of %d", c.week, c.year, n, y)
		}
	}
}
