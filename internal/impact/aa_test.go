package impact

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
)

// joinOnOrders gives customers a membership that does nothing: each day with an order
// makes the customer join with probability p, as people join when they buy.
func joinOnOrders(customers []Customer, p float64, seed uint64) []Customer {
	r := rand.New(rand.NewPCG(seed, 15))
	out := make([]Customer, len(customers))
	for i, c := range customers {
		c.Member, c.Joined = false, 0
		c.eachDay(1<<30, func(d community.Date, _ int) {
			if !c.Member && r.Float64() < p {
				c.Member, c.Joined = true, d
			}
		})
		out[i] = c
	}
	return out
}

// naive are comparisons that look sensible; each returns the two figures.
var naive = map[string]func(customers []Customer, o MatchOptions, r *rand.Rand) (member, other float64){
	"total spend, members and the others": func(customers []Customer, o MatchOptions, _ *rand.Rand) (float64, float64) {
		return byMembership(customers, func(c *Customer) (float64, bool) {
			v, _ := totals(c.Orders)
			return v, true
		})
	},
	"repeat spend per day": func(customers []Customer, o MatchOptions, _ *rand.Rand) (float64, float64) {
		return byMembership(customers, func(c *Customer) (float64, bool) {
			first := c.Orders[0].Day
			v, _ := totals(c.between(first+1, o.End))
			return v / float64(o.End-first), true
		})
	},
	"members from joining, the others from their first order": func(customers []Customer, o MatchOptions, _ *rand.Rand) (float64, float64) {
		return byMembership(customers, func(c *Customer) (float64, bool) {
			from := c.Orders[0].Day
			if c.Member {
				from = c.Joined
			}
			v, _ := totals(c.between(from+1, from+1+community.Date(o.Horizon)))
			return v, from+1+community.Date(o.Horizon) <= o.End
		})
	},
	"matched, controls who never join": func(customers []Customer, o MatchOptions, _ *rand.Rand) (float64, float64) {
		o.neverJoiners = true
		s := MatchSets(customers, o)
		m := s.panel.newScratch()
		s.panel.means(nil, m)
		return m.member[colSpend], m.other[colSpend]
	},
	"difference in differences, random index days": func(customers []Customer, o MatchOptions, r *rand.Rand) (float64, float64) {
		h := community.Date(o.Horizon)
		var level float64
		member, other := byMembership(customers, func(c *Customer) (float64, bool) {
			at := c.Joined
			if !c.Member {
				at = c.Orders[0].Day + community.Date(r.IntN(int(o.End-c.Orders[0].Day)))
			}
			after, _ := totals(c.between(at+1, at+1+h))
			before, _ := totals(c.between(at-h, at))
			if !c.Member {
				level += after
			}
			return after - before, at+1+h <= o.End
		})
		level /= float64(len(customers))
		return level + member - other, level
	},
}

func byMembership(customers []Customer, of func(*Customer) (float64, bool)) (member, other float64) {
	var total, n [2]float64
	for i := range customers {
		if v, ok := of(&customers[i]); ok {
			total[armOf(customers[i].Member)] += v
			n[armOf(customers[i].Member)]++
		}
	}
	return total[1] / n[1], total[0] / n[0]
}

// placeboStudy returns, by estimator, the average effect of a membership that does
// nothing, relative to the others' average.
func placeboStudy(customers []Customer, o MatchOptions, seeds int) map[string]float64 {
	sums := map[string]*[2]float64{}
	add := func(name string, member, other float64) {
		if sums[name] == nil {
			sums[name] = &[2]float64{}
		}
		sums[name][0] += member - other
		sums[name][1] += other
	}
	for seed := range seeds {
		fakes := joinOnOrders(customers, 0.15, uint64(seed))
		r := rand.New(rand.NewPCG(uint64(seed), 16))
		for _, name := range sortedKeys(naive) {
			member, other := naive[name](fakes, o, r)
			add(name, member, other)
		}
		s := MatchSets(fakes, o)
		m := s.panel.newScratch()
		s.panel.means(nil, m)
		for _, d := range definitions() {
			member, other := s.contrast(d).of(m)
			add("headline, "+d.key, member, other)
		}
		member, other := s.placeboContrast(definitions()[2]).of(m)
		add("headline, spend in the 90 days before", member, other)
	}
	out := map[string]float64{}
	for name, s := range sums {
		out[name] = s[0] / s[1]
	}
	return out
}

// TestPlaceboMembership is the test that matters most: where membership does nothing,
// the headline finds nothing, and every naive comparison finds something.
func TestPlaceboMembership(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		customers func(testing.TB) []Customer
		start     community.Date
		end       community.Date
		seeds     int
	}{
		{"invented", func(testing.TB) []Customer { return invented(2400, 3) }, inventedStart, inventedStart + 78*7, 100},
		{"real purchases", cdnow, community.NewDate(1997, 1, 1), cdnowEnd, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			customers := c.customers(t)
			for _, h := range []int{90, 180} {
				study := placeboStudy(customers, MatchOptions{Start: c.start, End: c.end, Horizon: h}, c.seeds)
				for _, name := range sortedKeys(study) {
					v := study[name]
					t.Logf("%d days, %d seeds: %+7.1f %%  %s", h, c.seeds, 100*v, name)
					if _, isNaive := naive[name]; isNaive == (math.Abs(v) <= 0.05) {
						t.Errorf("%s: %+.3f on a membership that does nothing", name, v)
					}
				}
			}
		})
	}
}
