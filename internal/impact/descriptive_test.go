package impact

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
)

func TestRatio(t *testing.T) {
	t.Parallel()
	// Two orders of 10 by one person, one of 40 by another: 60/3 = 20.
	e := Ratio([]float64{20, 40}, []float64{2, 1})
	near(t, "ratio", e.Value, 20, 1e-12)
	// e = −20 and +20: sqrt(2/1 × 800)/3.
	near(t, "clustered se", e.SE, 40.0/3, 1e-12)
	for name, r := range map[string]Estimate{
		"nobody": Ratio(nil, nil), "no order": Ratio([]float64{0}, []float64{0}),
	} {
		if r.Reason != NoData || !math.IsNaN(r.Value) {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if one := Ratio([]float64{30}, []float64{2}); one.Value != 15 || !math.IsNaN(one.SE) {
		t.Errorf("one person: %+v", one)
	}
}

func TestFrequency(t *testing.T) {
	t.Parallel()
	e := Frequency([]float64{1, 3}, []float64{365, 365})
	near(t, "orders a year", e.Value, 2, 1e-12)
	near(t, "se", e.SE, 1, 1e-12)
}

func TestShown(t *testing.T) {
	t.Parallel()
	if e := normal(9, 1, 1).Shown(); e.Reason != TooFewPersons || !math.IsNaN(e.Value) {
		t.Errorf("nine persons are shown: %+v", e)
	}
	if e := normal(10, 1, 1).Shown(); e.Reason != "" {
		t.Errorf("ten persons are not shown: %+v", e)
	}
}

func TestWilson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{
		{0, 10, 0, 0.2775328},
		{10, 10, 0.7224672, 1},
		{81, 263, 0.2552889, 0.3662082}, // Newcombe 1998, method 3
		{15, 148, 0.0623860, 0.1605390}, // the same
		{1, 29, 0.0061140, 0.1717550},   // the same
	} {
		e := Wilson(c.k, c.n)
		near(t, "low", e.Low, c.low, 5e-4)
		near(t, "high", e.High, c.high, 5e-4)
	}
	if e := Wilson(0, 0); e.Reason != NoData {
		t.Errorf("nobody: %+v", e)
	}
}

func TestSplitIsExact(t *testing.T) {
	t.Parallel()
	s := Split(Totals{100, 40, 90, 5400}, Totals{250, 60, 80, 3900})
	near(t, "sum of factors", s.BuyerShare+s.Frequency+s.Basket, math.Log(s.Ratio), 1e-12)
	near(t, "ratio", s.Ratio, 54/15.6, 1e-12)
	near(t, "difference", s.Difference, 54-15.6, 1e-12)
	if s := Split(Totals{100, 0, 0, 0}, Totals{1, 1, 1, 1}); s.Reason != NoData {
		t.Errorf("no buyers: %+v", s)
	}
}

func TestHistoricLTVLeavesYoungCohortsOut(t *testing.T) {
	t.Parallel()
	day := func(m, d int) community.Date { return community.NewDate(2024, 1, 1) + community.Date(m*31+d) }
	customers := []Customer{
		{Orders: []Order{{day(0, 0), 10, 5}, {day(0, 10), 20, 10}, {day(0, 11), 1, 1}}},
		{Orders: []Order{{day(0, 30), 30, 15}}},
		{Orders: []Order{{day(2, 0), 99, 50}}}, // March: not ten days old when the data end
		{},
	}
	h := HistoricLTVs(customers, []int{0, 10}, community.NewDate(2024, 4, 1))
	near(t, "day 0", h[0].Revenue.Value, (10+30+99)/3.0, 1e-12)
	near(t, "day 10", h[1].Revenue.Value, (30+30)/2.0, 1e-12)
	near(t, "margin", h[1].Margin.Value, 15, 1e-12)
	if h[1].LeftOut != 1 || h[1].Cohorts != 1 {
		t.Errorf("day 10: %+v", h[1])
	}
	if h := HistoricLTVs(customers, []int{500}, community.NewDate(2024, 4, 1))[0]; h.Revenue.Reason != NotObserved {
		t.Errorf("an age nobody has reached: %+v", h)
	}
}

func TestSimpleLTV(t *testing.T) {
	t.Parallel()
	s := SubscriptionLTV(0.8, 50, Estimate{N: 400, Value: 0.05, Low: 0.04, High: 0.0625})
	near(t, "value", s.Value, 800, 1e-9)
	near(t, "low", s.Low, 640, 1e-9)
	near(t, "high", s.High, 1000, 1e-9)
	if s.Capped || s.ChurnUnclear {
		t.Errorf("flags: %+v", s)
	}
	s = SubscriptionLTV(0.8, 50, Estimate{N: 400, Value: 0.01, Low: 0.002, High: 0.02})
	if near(t, "capped", s.Value, 2400, 1e-9); !s.Capped || !s.ChurnUnclear {
		t.Errorf("flags: %+v", s)
	}
	shop := ShopLTV(0.3, 60, 2, Estimate{N: 900, Value: 0.4, Low: 0.35, High: 0.45})
	near(t, "shop", shop.Value, 90, 1e-9)
	if s := ShopLTV(0.3, 60, 2, none(0, NoData)); s.Reason != NoData {
		t.Errorf("no churn: %+v", s)
	}
	near(t, "discounted", DiscountedLTV(100, 0.8, 0.1), 100*0.8/0.3, 1e-9)
	if !math.IsNaN(DiscountedLTV(100, 1.2, 0.1)) {
		t.Error("a sum that does not converge has a value")
	}
}

func TestStandardiseFindsSimpsonsParadox(t *testing.T) {
	t.Parallel()
	var values []CohortValue
	add := func(cohort string, member bool, n int, v float64) {
		for i := range n {
			values = append(values, CohortValue{cohort, member, v + float64(i%2)})
		}
	}
	// Members spend 2 less in either cohort, but are mostly of the rich one.
	add("2022", true, 80, 98)
	add("2022", false, 20, 100)
	add("2024", true, 20, 8)
	add("2024", false, 80, 10)
	add("2025", false, 30, 1) // no members: left out
	s := StandardiseByCohort(values)
	near(t, "adjusted", s.Adjusted.Value, -2, 1e-9)
	if s.Crude.Value <= 0 || !s.Reversed || s.Cohorts != 2 || s.LeftOut != 30 {
		t.Errorf("%+v", s)
	}
	if s := StandardiseByCohort(nil); s.Adjusted.Reason != CohortsDiffer {
		t.Errorf("nobody: %+v", s)
	}
}

// TestCDNOWDescriptive checks published values of real purchases.
func TestCDNOWDescriptive(t *testing.T) {
	t.Parallel()
	customers := cdnow(t)
	var orders int
	var revenue float64
	var per, value, count []float64
	for _, c := range customers {
		r, _ := totals(c.Orders)
		revenue, orders = revenue+r, orders+len(c.Orders)
		value, count = append(value, r), append(count, float64(len(c.Orders)))
		for _, o := range c.Orders {
			per = append(per, o.Revenue)
		}
	}
	if len(customers) != 2357 || orders != 6919 {
		t.Errorf("%d customers, %d orders", len(customers), orders)
	}
	near(t, "revenue", revenue, 244091.94, 0.005)
	want := []float64{32.99, 55.20, 68.10, 90.43}
	for i, h := range HistoricLTVs(customers, []int{0, 90, 180, 365}, cdnowEnd) {
		near(t, "historic value", h.Revenue.Value, want[i], 0.005)
	}
	// The standard error per order is far too small: customers differ.
	if e := Basket(value, count); e.SE < 1.5*PerOrderSE(per) {
		t.Errorf("clustered %.3f, per order %.3f", e.SE, PerOrderSE(per))
	}
}

// TestChinookBasket reads a public sample shop: 412 invoices of 59 customers.
func TestChinookBasket(t *testing.T) {
	t.Parallel()
	f, err := os.Open(filepath.Join(corpus(t), "chinook", "invoices.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	revenue, orders := map[string]float64{}, map[string]float64{}
	for _, r := range rows[1:] {
		v, err := strconv.ParseFloat(r[3], 64)
		if err != nil {
			t.Fatal(err)
		}
		revenue[r[1]] += v
		orders[r[1]]++
	}
	var v, n []float64
	for _, id := range sortedKeys(revenue) {
		v, n = append(v, revenue[id]), append(n, orders[id])
	}
	e := Basket(v, n)
	near(t, "basket", e.Value, 2328.60/412, 1e-9)
	if e.N != 59 || !(e.SE > 0) {
		t.Errorf("%+v", e)
	}
}
