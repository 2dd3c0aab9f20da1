package impact

import (
	"math"

	"github.com/foyer-app/foyer/internal/community"
)

// The ways to count churn of subscribers. They differ in what they divide by.
const (
	// ChurnStart: of those there at the start, the share lost. Ours, and the usual one
	// of businesses that sell to businesses.
	ChurnStart = "start"
	// ChurnStartAndNew also divides by those who came during the period, and counts
	// those of them who left: the usual one of billing systems.
	ChurnStartAndNew = "start_and_new"
	// ChurnDaily sums each day's lost by that day's base.
	ChurnDaily = "daily"
)

// Span is one customer's paid time [From, To); To 0 is open. The end is when it ended
// or was first unpaid, not when it was cancelled for later.
type Span struct {
	Customer string
	From, To community.Date
}

// ChurnRate is the share lost in the window by a policy. Spans of a customer who came
// back within the window do not count as lost. ChurnDaily has no interval: its terms
// have different bases.
func ChurnRate(spans []Span, w community.Window, policy string) Estimate {
	people := map[string][]Span{}
	for _, s := range spans {
		people[s.Customer] = append(people[s.Customer], s)
	}
	if policy == ChurnDaily {
		return dailyChurn(people, w)
	}
	var base, lost int
	for _, list := range people {
		start, later := paidOn(list, w.From-1), false
		for _, s := range list {
			later = later || s.From >= w.From && s.From < w.To
		}
		if !start && (policy == ChurnStart || !later) {
			continue
		}
		base++
		if !paidOn(list, w.To-1) {
			lost++
		}
	}
	return Wilson(lost, base)
}

func paidOn(list []Span, d community.Date) bool {
	for _, s := range list {
		if s.From <= d && (s.To == 0 || s.To > d) {
			return true
		}
	}
	return false
}

func dailyChurn(people map[string][]Span, w community.Window) Estimate {
	n := w.Days()
	base, lost := make([]int, n), make([]int, n)
	for _, list := range people {
		for d := range n {
			day := w.From + community.Date(d)
			if paidOn(list, day-1) {
				base[d]++
				if !paidOn(list, day) {
					lost[d]++
				}
			}
		}
	}
	var rate float64
	for d := range n {
		if base[d] > 0 {
			rate += share(lost[d], base[d])
		}
	}
	if n == 0 || base[0] == 0 && rate == 0 {
		return none(0, NoData)
	}
	nan := math.NaN()
	return Estimate{N: base[0], Value: rate, SE: nan, Low: nan, High: nan}
}
