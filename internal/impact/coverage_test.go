package impact

import (
	"math/rand/v2"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
)

// coverage is how often 95 % intervals held the truth.
type coverage struct {
	source, figure string
	shown          float64 // of the wider of both
	members        float64 // per arm, on average
	controls       float64
	delta, percent float64
	repetitions    int
}

// resampled draws n customers with replacement, each a person of its own.
func resampled(customers []Customer, n int, r *rand.Rand) []Customer {
	out := make([]Customer, n)
	for i := range out {
		out[i] = customers[r.IntN(len(customers))]
	}
	return out
}

// effectCoverage repeats the whole analysis on a membership that does nothing, so that
// the truth is 0, each time with other customers.
func effectCoverage(source []Customer, n, repetitions, replicates int, o MatchOptions) []coverage {
	type tally struct{ delta, percent, shown, matched, controls, n float64 }
	sums := map[string]*tally{}
	for rep := range repetitions {
		r := rand.New(rand.NewPCG(uint64(rep), uint64(n)))
		s := MatchSets(joinOnOrders(resampled(source, n, r), 0.1, r.Uint64()), o)
		for _, e := range s.Effects(uint64(rep), replicates) {
			if e.Reason != "" {
				continue
			}
			if sums[e.Key] == nil {
				sums[e.Key] = &tally{}
			}
			t := sums[e.Key]
			t.n++
			t.matched += float64(s.Matched)
			t.controls += float64(s.Controls)
			t.delta += boolean(e.Low <= 0 && e.High >= 0)
			t.percent += boolean(e.BootLow <= 0 && e.BootHigh >= 0)
			low, high := e.Interval()
			t.shown += boolean(low <= 0 && high >= 0)
		}
	}
	var list []coverage
	for _, key := range sortedKeys(sums) {
		t := sums[key]
		list = append(list, coverage{
			figure: key, members: t.matched / t.n, controls: t.controls / t.n, delta: t.delta / t.n, percent: t.percent / t.n,
			shown: t.shown / t.n, repetitions: int(t.n),
		})
	}
	return list
}

// basketCoverage is of the descriptive average basket of n customers.
func basketCoverage(source []Customer, n, repetitions int) coverage {
	pairs := func(list []Customer) (revenue, orders []float64) {
		for i := range list {
			v, _ := totals(list[i].Orders)
			revenue, orders = append(revenue, v), append(orders, float64(len(list[i].Orders)))
		}
		return revenue, orders
	}
	truth := Basket(pairs(source)).Value
	c := coverage{figure: "observed basket", members: float64(n), repetitions: repetitions}
	for rep := range repetitions {
		e := Basket(pairs(resampled(source, n, rand.New(rand.NewPCG(uint64(rep), 77)))))
		c.delta += boolean(e.Low <= truth && truth <= e.High) / float64(repetitions)
	}
	return c
}

// TestCoverage is a small version of the simulation that make bench-stats runs.
func TestCoverage(t *testing.T) {
	t.Parallel()
	source := invented(20_000, 21)
	for _, c := range effectCoverage(source, 3000, 60, 200, MatchOptions{Start: inventedStart, End: inventedStart + 78*7, Horizon: 90}) {
		if c.delta < 0.85 || c.percent < 0.8 || c.shown < 0.88 {
			t.Errorf("%+v", c)
		}
	}
	if c := basketCoverage(source, 1000, 300); c.delta < 0.91 || c.delta > 0.985 {
		t.Errorf("%+v", c)
	}
}

// cdnowOptions are the days of the real purchases.
func cdnowOptions(horizon int) MatchOptions {
	return MatchOptions{Start: community.NewDate(1997, 1, 1), End: cdnowEnd, Horizon: horizon}
}
