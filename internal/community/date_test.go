package community_test

import (
	"testing"
	"testing/quick"
	"time"
	_ "time/tzdata"

	"github.com/foyer-app/foyer/internal/community"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestStart(t *testing.T) {
	cases := []struct{ what, zone, day, want string }{
		{"winter", "Europe/Paris", "2021-01-31", "2021-01-30T23:00:00Z"},
		{"summer", "Europe/Paris", "2021-07-01", "2021-06-30T22:00:00Z"},
		{"before 1970", "UTC", "1969-12-31", "1969-12-31T00:00:00Z"},
		{"midnight skipped", "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"},
		{"midnight skipped, Cairo", "Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z"},
		{"midnight twice", "Asia/Amman", "2021-10-29", "2021-10-28T21:00:00Z"},
		{"one o'clock back to midnight", "America/Havana", "2021-11-07", "2021-11-07T04:00:00Z"},
		{"midnight back to 23 h", "America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"},
		{"a day that never was", "Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"},
		{"the day after it", "Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"},
	}
	for _, c := range cases {
		t.Run(c.what, func(t *testing.T) {
			d, err := community.ParseDate(c.day)
			if err != nil {
				t.Fatal(err)
			}
			if got := d.Start(zone(t, c.zone)).UTC().Format(time.RFC3339); got != c.want {
				t.Errorf("Start = %s, want %s", got, c.want)
			}
		})
	}
}

// Every moment lies between the start of its day and that of the next.
func TestDaysTile(t *testing.T) {
	for _, name := range []string{"Europe/Paris", "America/Sao_Paulo", "America/Havana", "Asia/Amman", "Asia/Beirut", "Africa/Cairo", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu"} {
		loc := zone(t, name)
		for d := community.NewDate(1995, 1, 1); d < community.NewDate(2030, 1, 1); d++ {
			from, to := d.Start(loc), (d + 1).Start(loc)
			if to.Equal(from) {
				continue // the day that Apia skipped
			}
			if community.DateOf(from, loc) != d || community.DateOf(from.Add(-time.Nanosecond), loc) >= d || community.DateOf(to.Add(-time.Nanosecond), loc) != d {
				t.Errorf("%s: %v is %v to %v", name, d, from, to)
			}
		}
	}
}

func TestDate(t *testing.T) {
	monday := community.NewDate(2021, 2, 29) // rolls over to 1 March, a Monday
	if monday.String() != "2021-03-01" || monday.Weekday() != 0 || (monday-1).Weekday() != 6 || (monday+6).Monday() != monday {
		t.Errorf("%v is weekday %d", monday, monday.Weekday())
	}
	for _, bad := range []string{"", "2021-02-29", "01/02/2021", "2021-1-1", "2021-01-01T00:00:00Z"} {
		if _, err := community.ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q) succeeds", bad)
		}
	}
	roundTrip := func(n int16) bool {
		d := community.Date(n) * 17
		back, err := community.ParseDate(d.String())
		return err == nil && back == d && community.DateOf(d.UTC(), time.UTC) == d
	}
	if err := quick.Check(roundTrip, nil); err != nil {
		t.Error(err)
	}
}

func TestWindow(t *testing.T) {
	w := community.Window{From: 10, To: 17}
	if w.Days() != 7 || w.Previous() != (community.Window{From: 3, To: 10}) {
		t.Errorf("%v: %d days, previous %v", w, w.Days(), w.Previous())
	}
	for d, want := range map[community.Date]bool{9: false, 10: true, 16: true, 17: false} {
		if w.Contains(d) != want {
			t.Errorf("Contains(%d) = %v", d, !want)
		}
	}
	if (community.Window{From: 5, To: 3}).Days() != 0 {
		t.Error("a window that ends before it begins has no days")
	}
}
