package impact

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/foyer-app/foyer/internal/community"
)

// FakeStudy is the estimator tried on a membership that does nothing: customers who
// join at random, drawn like the real joiners, and whose effect must average zero.
type FakeStudy struct {
	Draws   int
	Effects map[string]Estimate // by key: the mean over the draws, with its error
}

// FakeDraws is the number of draws behind a shown study.
const FakeDraws = 20

// manyPersons is the size above which draws are made one after the other.
const manyPersons = 20_000

// Fake draws memberships and estimates their effects. Each customer joins, on days
// with and without orders, with the probability that real customers had. What real
// members did from joining on is left out, as it may hold a real effect.
func (s *Sets) Fake(seed uint64, draws int) FakeStudy {
	f := FakeStudy{Effects: map[string]Estimate{}}
	found := make([]map[string]float64, draws)
	var wait sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), 2)
	if len(s.customers) > manyPersons {
		workers = 1 // each holds a whole analysis in memory
	}
	for w := range workers {
		wait.Go(func() {
			for d := w; d < draws; d += workers {
				found[d] = s.fake(seed, uint64(d))
			}
		})
	}
	wait.Wait()
	values := map[string][]float64{}
	for _, effects := range found {
		if effects != nil {
			f.Draws++
		}
		for key, v := range effects {
			values[key] = append(values[key], v)
		}
	}
	for _, def := range definitions() {
		e := Mean(values[def.key])
		e.N = f.Draws
		f.Effects[def.key] = e
	}
	return f
}

// fake is one draw's effects; nil when too few were matched.
func (s *Sets) fake(seed, draw uint64) map[string]float64 {
	sets := MatchSets(s.fakes(seed, draw), s.options)
	if sets.Matched < MinPersons || sets.Controls < MinPersons {
		return nil
	}
	m := sets.panel.newScratch()
	sets.panel.means(nil, m)
	effects := map[string]float64{}
	for _, def := range definitions() {
		member, other := sets.contrast(def).of(m)
		effects[def.key] = member - other
	}
	return effects
}

// fakes copies the customers with drawn memberships.
func (s *Sets) fakes(seed, draw uint64) []Customer {
	r := rand.New(rand.NewPCG(seed, draw^0xfa4e))
	out := make([]Customer, len(s.customers))
	for i, c := range s.customers {
		if c.Member && (c.Gone == 0 || c.Joined < c.Gone) {
			c.Gone = c.Joined
		}
		c.Joined, c.Member = s.rates.draw(&c, c.observedUntil(s.options.End)-1, r.ExpFloat64())
		out[i] = c
	}
	return out
}

// draw is the day up to last on which the cumulated hazard of joining reaches the
// limit.
func (r joinRates) draw(c *Customer, last community.Date, limit float64) (day community.Date, ok bool) {
	if len(c.Orders) == 0 {
		return 0, false
	}
	var hazard float64
	at := c.Orders[0].Day // the next day to count
	quiet := func(until community.Date) bool {
		for at < until {
			end := min(until, r.quarterEnd(at)+1)
			h := -math.Log1p(-r.on[0][r.quarterOf(at)])
			if total := h * float64(end-at); hazard+total >= limit {
				day, ok = at+community.Date((limit-hazard)/h), true
				return true
			} else {
				hazard += total
			}
			at = end
		}
		return false
	}
	c.eachDay(last, func(d community.Date, orders int) {
		if ok || quiet(d) {
			return
		}
		hazard -= math.Log1p(-r.on[busyness(orders)][r.quarterOf(d)])
		at = d + 1
		if hazard >= limit {
			day, ok = d, true
		}
	})
	if !ok {
		quiet(last + 1)
	}
	return min(day, last), ok
}

// Passes says whether the estimator's average on fake joiners is at most a quarter of
// the claimed effect. Without draws it does not pass.
func (f FakeStudy) Passes(key string, effect float64) bool {
	e, ok := f.Effects[key]
	return ok && e.Reason == "" && math.Abs(e.Value) <= MaxPlacebo*math.Abs(effect)
}
