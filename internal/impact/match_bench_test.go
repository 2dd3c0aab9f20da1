package impact

import (
	"math/rand/v2"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
)

// BenchmarkMatch is the largest case that must stay under a minute and a gigabyte on
// two cores: 100,000 customers with 1,000,000 orders, 2,000 replicates.
func BenchmarkMatch(b *testing.B) {
	customers, o := manyCustomers(100_000, 10)
	b.ReportAllocs()
	for b.Loop() {
		s := MatchSets(customers, o)
		list := s.Effects(Seed("organisation", "analysis", "1"), Replicates)
		if e := effect(list, EffectSpend); e.Reason != "" {
			b.Fatalf("%+v", e)
		}
		b.ReportMetric(float64(s.Matched), "matched")
		b.ReportMetric(float64(len(s.panel.rows)), "rows")
	}
}

// BenchmarkVerdict is all that a verdict takes: the former and the fake joiners.
func BenchmarkVerdict(b *testing.B) {
	customers, o := manyCustomers(100_000, 10)
	b.ReportAllocs()
	for b.Loop() {
		s := MatchSets(customers, o)
		list := s.Effects(Seed("organisation", "analysis", "1"), Replicates)
		s.Verdict(effect(list, EffectSpend), s.Fake(1, FakeDraws), VerdictOptions{})
	}
}

// manyCustomers makes n customers with so many orders on average over two years, of
// whom a tenth join.
func manyCustomers(n, orders int) ([]Customer, MatchOptions) {
	r := rand.New(rand.NewPCG(1, 2))
	start := community.NewDate(2024, 1, 1)
	list := make([]Customer, n)
	for i := range list {
		first := r.IntN(600)
		gap := r.ExpFloat64() * 2 * float64(730-first) / float64(2*orders)
		for at := float64(first); at < 730 && len(list[i].Orders) < 10*orders; at += 1 + gap*r.ExpFloat64()*1.4 {
			v := 20 + 60*r.ExpFloat64()
			list[i].Orders = append(list[i].Orders, Order{start + community.Date(at), v, v * 0.3})
		}
	}
	return joinOnOrders(list, 0.013, 1), MatchOptions{Start: start, End: start + 730, Horizon: 90}
}
