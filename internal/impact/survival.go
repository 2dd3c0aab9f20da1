package impact

import (
	"cmp"
	"math"
	"slices"
)

// Subject is one person under observation from Entry (exclusive) to Time
// (inclusive), in any one unit: still at risk at Time, so that events come before
// censorings of the same time, and not yet at Entry. Cause 0 means that the observation ended there
// without an event; other numbers are kinds of events. Entry is the age at which the
// observation began, −∞ or 0 when it began with the life itself.
type Subject struct {
	Entry, Time float64
	Cause       int
	Group       string
	Stratum     string
}

// valid says whether any time was observed. A life of length 0 counts: its entry was
// before.
func (s Subject) valid() bool {
	return !math.IsNaN(s.Time) && !math.IsInf(s.Time, 0) && !math.IsNaN(s.Entry) && s.Time >= 0 && s.Entry < s.Time
}

// begins turns an entry of 0 into −∞: whoever is observed from the beginning is at
// risk at 0 too, where events may lie.
func begins(list []Subject) []Subject {
	out := make([]Subject, 0, len(list))
	for _, s := range list {
		if s.Entry <= 0 {
			s.Entry = math.Inf(-1)
		}
		if s.valid() {
			out = append(out, s)
		}
	}
	return out
}

// moment is one distinct time with what happened there.
type moment struct {
	t              float64
	atRisk, events int
	causes         map[int]int
	censored       int
}

// moments walks the distinct times at which somebody's observation ended, with the
// number at risk just before each.
func moments(list []Subject) []moment {
	byTime := slices.Clone(list)
	slices.SortFunc(byTime, func(a, b Subject) int { return cmp.Compare(a.Time, b.Time) })
	entries := make([]float64, len(list))
	for i, s := range list {
		entries[i] = s.Entry
	}
	slices.Sort(entries)
	var out []moment
	entered, left := 0, 0
	for left < len(byTime) {
		m := moment{t: byTime[left].Time, causes: map[int]int{}}
		for entered < len(entries) && entries[entered] < m.t {
			entered++
		}
		m.atRisk = entered - left
		for left < len(byTime) && byTime[left].Time == m.t {
			if c := byTime[left].Cause; c != 0 {
				m.events++
				m.causes[c]++
			} else {
				m.censored++
			}
			left++
		}
		out = append(out, m)
	}
	return out
}
