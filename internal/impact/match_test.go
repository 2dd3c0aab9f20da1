package impact

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
)

func TestBands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ days, recency, tenure int8 }{
		{0, 0, 0}, {1, 1, 0}, {7, 1, 0}, {8, 2, 0}, {30, 2, 0}, {31, 3, 0}, {59, 3, 0}, {60, 3, 1}, {90, 3, 1}, {91, 4, 1}, {119, 4, 1}, {120, 4, 2},
	} {
		if r, n := recencyBand(int(c.days)), tenureBand(int(c.days)); r != c.recency || n != c.tenure {
			t.Errorf("%d days: recency %d, tenure %d", c.days, r, n)
		}
	}
	if recencyBand(180) != 4 || recencyBand(181) != 5 || tenureBand(179) != 2 || tenureBand(180) != 3 || ordersBand(4) != 4 || ordersBand(90) != 4 || ordersBand(3) != 3 {
		t.Error("the last bands")
	}
	b := newSpendBands([]float64{0, 0, 0, 10, 20, 30, 40, 50})
	for v, want := range map[float64]int8{0: 0, 10: 1, 20: 1, 21: 2, 30: 2, 40: 3, 41: 4, 1e9: 4} {
		if b.band(v) != want {
			t.Errorf("spend %g: band %d, want %d", v, b.band(v), want)
		}
	}
	if f := fortnightOf(day0); fortnightOf(day0+13) != f || fortnightOf(day0+14) != f+1 || fortnightOf(day0-1) != f-1 {
		t.Error("a fortnight is fourteen days from a Monday")
	}
}

// day0 is a Monday that begins a fortnight.
var day0 = community.NewDate(2024, 1, 15)

func order(day int, revenue float64) Order {
	return Order{day0 + community.Date(day), revenue, revenue / 2}
}

func member(day int, orders ...Order) Customer {
	return Customer{Member: true, Joined: day0 + community.Date(day), Orders: orders}
}

func smallWorld() ([]Customer, MatchOptions) {
	return []Customer{
		// joins on an order day; the order of that day is in no window
		member(3, order(3, 100), order(4, 7), order(33, 1), order(34, 1000)),
		// never joins, orders the same day
		{Orders: []Order{order(3, 50), order(33, 20), order(34, 4000)}},
		// joins later: a control until the day before
		member(13, order(3, 60), order(12, 5), order(13, 300), order(20, 700)),
		// another fortnight, another recency, not yet a customer, member already
		{Orders: []Order{order(17, 50)}},
		{Orders: []Order{order(-40, 50)}},
		{Orders: []Order{order(40, 50)}},
		member(-5, order(-5, 1), order(3, 90), order(9, 90)),
		// joined before buying: another question
		member(1, order(8, 10)),
		// not observed for 30 days yet
		member(80, order(80, 10)),
		{Orders: []Order{order(80, 10)}},
	}, MatchOptions{
		Start: day0 - 100, End: day0 + 100, Horizon: 30,
	}
}

func TestRiskSet(t *testing.T) {
	t.Parallel()
	customers, o := smallWorld()
	s := MatchSets(customers, o)
	if s.Joiners != 4 || s.NewBuyers != 1 || s.Waiting != 1 {
		t.Errorf("joiners %d, new buyers %d, waiting %d", s.Joiners, s.NewBuyers, s.Waiting)
	}
	// Of the three mature joiners only the first has controls on its day.
	if s.Matched != 1 || s.Controls != 2 || s.Unmatched.N != 2 || s.Strata != 1 {
		t.Fatalf("matched %d, controls %d, unmatched %+v", s.Matched, s.Controls, s.Unmatched)
	}
	m := s.panel.newScratch()
	s.panel.means(nil, m)
	near(t, "the joiner's spend in (3, 33]", m.member[colSpend], 8, 1e-12)
	near(t, "its margin", m.member[colMargin], 4, 1e-12)
	near(t, "its orders", m.member[colOrders], 2, 1e-12)
	for i, r := range s.panel.rows {
		v := s.panel.row(i)[colSpend]
		switch r.person {
		case 1: // weight above 1: others like it left by joining
			if v < 20 || v > 20*2 {
				t.Errorf("the control spends %g of 20", v)
			}
		case 2:
			if v < 5 || v > 5*2 {
				t.Errorf("the later joiner spends %g of 5 before joining", v)
			}
		}
	}
}

func TestEffectsNeedTenPersons(t *testing.T) {
	t.Parallel()
	customers, o := smallWorld()
	s := MatchSets(customers, o)
	for _, e := range s.Effects(1, 50) {
		if e.Reason != TooFewPersons || !math.IsNaN(e.Value) {
			t.Errorf("%+v", e)
		}
		if v := s.Verdict(e, FakeStudy{}, VerdictOptions{}); v.Key != TooEarly || v.Needed != MinPersons || v.When <= o.End {
			t.Errorf("%+v", v)
		}
	}
	if s.EventStudy(10) != nil {
		t.Error("an event study of one person")
	}
	if s := MatchSets(nil, o); s.Matched != 0 || len(s.Effects(1, 10)) != 5 || s.Balanced() {
		t.Error("nobody")
	}
}

// lifted multiplies what members spend after joining.
func lifted(customers []Customer, factor float64) []Customer {
	out := slices.Clone(customers)
	for i := range out {
		c := &out[i]
		c.Orders = slices.Clone(c.Orders)
		for k := range c.Orders {
			if c.Member && c.Orders[k].Day > c.Joined {
				c.Orders[k].Revenue *= factor
				c.Orders[k].Margin *= factor
			}
		}
	}
	return out
}

var inventedOptions = MatchOptions{Start: inventedStart, End: inventedStart + 78*7, Horizon: 180}

func effect(list []Effect, key string) Effect {
	for _, e := range list {
		if e.Key == key {
			return e
		}
	}
	return Effect{}
}

func TestATrueEffectIsFound(t *testing.T) {
	t.Parallel()
	customers := joinOnOrders(invented(20_000, 5), 0.1, 5)
	s := MatchSets(lifted(customers, 1.5), inventedOptions)
	list := s.Effects(Seed("a", "b", "c"), 500)
	e := effect(list, EffectSpend)
	near(t, "relative effect", e.Value/e.Others, 0.5, 0.15)
	if !(e.BootLow > 0) || e.SmallSample || e.IntervalsDiffer || e.FewDrive {
		t.Errorf("%+v", e)
	}
	if r := effect(list, EffectRepeat); r.BootLow > 0 || r.BootHigh < 0 {
		t.Errorf("more spending is no more buyers: %+v", r)
	}
	fakes := s.Fake(1, 10)
	if v := s.Verdict(e, fakes, VerdictOptions{}); v.Key != Established {
		t.Errorf("%+v, balance %+v, placebo %+v, fakes %+v", v, s.Balance(), e.Placebo, fakes)
	}
	for _, p := range s.EventStudy(60) {
		if p.Base != (p.From == -60) || p.Base && p.Value != 0 || p.From > 0 && p.Low < 0 {
			t.Errorf("%+v", p)
		}
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	s := &Sets{
		Matched: 400, Controls: 4000, Joiners: 500, Waiting: 100, balance: []BalanceLine{{After: 0.01}},
		options: MatchOptions{Start: day0, End: day0 + 500, Horizon: 90},
	}
	for i := range s.Waiting {
		s.matures = append(s.matures, s.options.End+community.Date(i))
	}
	passing := Placebo{Estimate: normal(300, 0.1, 1), BootLow: -2, BootHigh: 2}
	found := Effect{Key: EffectSpend, Estimate: normal(400, 10, 2), BootLow: 6, BootHigh: 14, Others: 50, Placebo: passing, Detectable: 5.6}
	fakes := FakeStudy{10, map[string]Estimate{EffectSpend: normal(10, 0.2, 0.2)}}
	with := func(change func(e *Effect)) Effect {
		e := found
		change(&e)
		return e
	}
	for _, c := range []struct {
		name string
		e    Effect
		f    FakeStudy
		key  string
		why  string
	}{
		{"found", found, fakes, Established, ""},
		{"different before", with(func(e *Effect) { e.Placebo.Value = 3 }), fakes, Withheld, WhyPlacebo},
		{"placebo not precise", with(func(e *Effect) { e.Placebo.BootHigh = 11 }), fakes, Withheld, WhyPlacebo},
		{"no placebo", with(func(e *Effect) { e.Placebo = Placebo{Estimate: none(3, NoData)} }), fakes, Withheld, WhyNoPlacebo},
		{"fake joiners", found, FakeStudy{10, map[string]Estimate{EffectSpend: normal(10, 3, 0.2)}}, Withheld, WhyFakes},
		{"no fakes drawn", found, FakeStudy{}, Withheld, WhyFakes},
		{"few drive", with(func(e *Effect) { e.FewDrive = true }), fakes, Withheld, WhyFewDrive},
		{"nothing, and precise", with(func(e *Effect) { e.BootLow, e.Detectable = -1, 4 }), fakes, NoDifference, ""},
		{"nothing, not precise", with(func(e *Effect) { e.BootLow, e.Detectable = -1, 6 }), fakes, TooEarly, ""},
	} {
		v := s.Verdict(c.e, c.f, VerdictOptions{})
		if v.Key != c.key || c.why != "" && !slices.Contains(v.Why, c.why) || c.why == "" && len(v.Why) > 0 {
			t.Errorf("%s: %+v", c.name, v)
		}
		if c.key == TooEarly {
			// 6/5 squared of 400; all mature joiners were matched, so 176 are missing:
			// 100 wait, 76 have yet to join, one a day.
			if v.Needed != 576 || v.When != s.options.End+76+90+1 {
				t.Errorf("%s: %+v, %d days after the end", c.name, v, v.When-s.options.End)
			}
		}
	}
	s.Unmatched.N = 500
	if v := s.Verdict(found, fakes, VerdictOptions{}); !slices.Contains(v.Why, WhyUnmatched) {
		t.Errorf("most were unmatched: %+v", v)
	}
}

func TestBootstrapRepeats(t *testing.T) {
	t.Parallel()
	customers := joinOnOrders(invented(3000, 8), 0.1, 8)
	s := MatchSets(customers, inventedOptions)
	a, b, c := s.Effects(7, 200), s.Effects(7, 200), s.Effects(8, 200)
	for i := range a {
		if a[i].BootLow != b[i].BootLow || a[i].BootHigh != b[i].BootHigh {
			t.Errorf("%s does not repeat", a[i].Key)
		}
		if a[i].BootLow == c[i].BootLow {
			t.Errorf("%s does not depend on the seed", a[i].Key)
		}
		if r := a[i].BootSE / a[i].SE; r < 0.75 || r > 1.3 {
			t.Errorf("%s: bootstrap %.3g, delta method %.3g", a[i].Key, a[i].BootSE, a[i].SE)
		}
	}
	if Seed("a", "bc", "d") == Seed("ab", "c", "d") {
		t.Error("the seed does not keep its parts apart")
	}
}

func TestFewCustomersDrive(t *testing.T) {
	t.Parallel()
	var customers []Customer
	for i := range 60 {
		c := Customer{ID: fmt.Sprint(i), Orders: []Order{order(3, 10), order(20, float64(10+i%3))}}
		if i%2 == 0 {
			c.Member, c.Joined = true, day0+3
		}
		customers = append(customers, c)
	}
	customers[0].Orders = append(customers[0].Orders, order(21, 5000))
	s := MatchSets(customers, MatchOptions{Start: day0, End: day0 + 100, Horizon: 30})
	e := effect(s.Effects(1, 100), EffectSpend)
	if !e.FewDrive || e.Above != 1 || !e.SmallSample {
		t.Errorf("%+v", e)
	}
}

func TestDetectable(t *testing.T) {
	t.Parallel()
	near(t, "2.8 standard errors", Detectable(1), 2.801585, 1e-5)
	if n := NeededFor(100, 10, 5); n != 400 {
		t.Errorf("half the effect takes four times as many: %d", n)
	}
}

func TestCDNOWDetectable(t *testing.T) {
	t.Parallel()
	// 1,178 and 1,179 real customers over 39 weeks: a third of mean spend.
	var spend []float64
	for _, c := range cdnow(t) {
		v, _ := totals(c.between(community.NewDate(1997, 10, 1), cdnowEnd))
		spend = append(spend, v)
	}
	e := Mean(spend)
	sd := e.SE * math.Sqrt(float64(e.N))
	near(t, "detectable, of the mean", DetectableDifference(sd, 1178, 1179)/e.Value, 0.33, 0.005)
}

func TestBalanceAndImbalance(t *testing.T) {
	t.Parallel()
	customers := joinOnOrders(invented(6000, 9), 0.1, 9)
	s := MatchSets(customers, inventedOptions)
	if !s.Balanced() {
		t.Errorf("not balanced after exact matching: %+v", s.Balance())
	}
	if l := s.Imbalance(); !(l > 0 && l < 1) {
		t.Errorf("imbalance %g", l)
	}
	if s.Matched+s.Unmatched.N+s.Waiting != s.Joiners {
		t.Errorf("%d matched, %d not, %d waiting, of %d", s.Matched, s.Unmatched.N, s.Waiting, s.Joiners)
	}
}
