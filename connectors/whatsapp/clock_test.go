package whatsapp

import (
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name       string
		wall, want []string
	}{
		{"plain", []string{"06-15 12:00", "12-15 12:00"}, []string{"06-15 10:00", "12-15 11:00"}},
		{"set forward", []string{"03-26 01:59", "03-26 02:30", "03-26 03:30"}, []string{"03-26 00:59", "03-26 01:30", "03-26 01:30"}},
		{"doubled, the first", []string{"10-29 01:59", "10-29 02:30", "10-29 02:50"}, []string{"10-28 23:59", "10-29 00:30", "10-29 00:50"}},
		{"doubled, a step back", []string{"10-29 02:50", "10-29 02:10", "10-29 02:40"}, []string{"10-29 00:50", "10-29 01:10", "10-29 01:40"}},
		{"doubled, lines out of order", []string{"10-29 02:13", "10-29 02:11"}, []string{"10-29 00:13", "10-29 00:11"}},
		{"doubled, after the hour", []string{"10-29 03:01", "10-29 02:59"}, []string{"10-29 02:01", "10-29 01:59"}},
		{"doubled, alone", []string{"10-29 02:30"}, []string{"10-29 00:30"}},
	}
	for _, test := range tests {
		c := clock{location: paris}
		for i, wall := range test.wall {
			at, err := time.Parse("2006-01-02 15:04", "2023-"+wall)
			if err != nil {
				t.Fatal(err)
			}
			got := time.Unix(c.resolve(at.Unix()), 0).UTC().Format("01-02 15:04")
			if got != test.want[i] {
				t.Errorf("%s: %s is %s UTC, want %s", test.name, wall, got, test.want[i])
			}
		}
	}
}
