package impact

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
)

func minor(n int64) *big.Rat { return big.NewRat(n, 1) }

func subscription(items ...RecurringItem) Subscription {
	return Subscription{Status: "active", Items: items}
}

func TestMonthly(t *testing.T) {
	t.Parallel()
	year := func(n int64) RecurringItem { return RecurringItem{Unit: minor(n), Quantity: 1, Every: "year"} }
	percent := func(n int64, finite bool) Reduction { return Reduction{Percent: minor(n), Finite: finite} }
	month := RecurringItem{Unit: minor(5000), Quantity: 2, Every: "month"}
	for _, c := range []struct {
		name   string
		s      Subscription
		policy string
		want   int64
	}{
		{"1,200 a year", subscription(year(120_000)), MRRStanding, 10_000},
		{"2,000 a year", subscription(year(200_000)), MRRStanding, 16_667},
		{"120 a year", subscription(year(12_000)), MRRStanding, 1_000},
		{"two a month", subscription(month), MRRStanding, 10_000},
		{"a quarter", subscription(RecurringItem{Unit: minor(9_000), Quantity: 1, Every: "month", Count: 3}), MRRStanding, 3_000},
		{"a week", subscription(RecurringItem{Unit: minor(700), Quantity: 1, Every: "week"}), MRRStanding, 3_044}, // 4.348125 weeks
		{"a day", subscription(RecurringItem{Unit: minor(100), Quantity: 1, Every: "day"}), MRRStanding, 3_044},
		{"metered", subscription(RecurringItem{Unit: minor(100), Quantity: 9, Every: "month", Metered: true}), MRRStanding, 0},
		{"half a cent rounds away from zero", subscription(RecurringItem{Unit: big.NewRat(5, 2), Quantity: 1, Every: "month"}), MRRStanding, 3},
		{"forever coupon", Subscription{Status: "active", Items: []RecurringItem{month}, Reductions: []Reduction{percent(25, false)}}, MRRStanding, 7_500},
		{"finite coupon stands", Subscription{Status: "active", Items: []RecurringItem{month}, Reductions: []Reduction{percent(25, true)}}, MRRStanding, 10_000},
		{"finite coupon, net", Subscription{Status: "active", Items: []RecurringItem{month}, Reductions: []Reduction{percent(25, true)}}, MRRNet, 7_500},
		{"no discounts", Subscription{Status: "active", Items: []RecurringItem{month}, Reductions: []Reduction{percent(25, false)}}, MRRGross, 10_000},
		{"amount off beyond the price", Subscription{Status: "active", Items: []RecurringItem{month}, Reductions: []Reduction{{Monthly: minor(99_999)}}}, MRRNet, 0},
		{"past due", Subscription{Status: "past_due", Items: []RecurringItem{month}}, MRRStanding, 10_000},
		{"unpaid", Subscription{Status: "unpaid", Items: []RecurringItem{month}}, MRRStanding, 0},
		{"trial", Subscription{Status: "active", InTrial: true, Items: []RecurringItem{month}}, MRRStanding, 0},
	} {
		if got, err := Monthly(c.s, c.policy); err != nil || got != c.want {
			t.Errorf("%s: %d, want %d (%v)", c.name, got, c.want, err)
		}
	}
	// A glossary's example: 100 at 100 a month and 50 at 600 a year are 12,500.
	a, _ := Monthly(subscription(RecurringItem{Unit: minor(10_000), Quantity: 100, Every: "month"}), MRRStanding)
	b, _ := Monthly(subscription(RecurringItem{Unit: minor(60_000), Quantity: 50, Every: "year"}), MRRStanding)
	if a+b != 1_250_000 {
		t.Errorf("%d", a+b)
	}
	for _, bad := range []RecurringItem{{Unit: minor(1), Every: "moon"}, {Every: "month"}, {Unit: minor(1), Every: "month", Count: -1}} {
		if _, err := Monthly(subscription(bad), MRRStanding); err == nil {
			t.Errorf("%+v has a price", bad)
		}
	}
	if _, err := Monthly(subscription(RecurringItem{Unit: minor(math.MaxInt64), Quantity: math.MaxInt64, Every: "day"}), MRRStanding); err == nil {
		t.Error("an amount beyond 64 bits has a value")
	}
}

// TestOneCustomersLife follows a published customer: four yearly plans of 500, two
// monthly ones of 30 added and dropped, cancelled, back with three monthly ones of 50.
func TestOneCustomersLife(t *testing.T) {
	t.Parallel()
	const gold, silver, back = 16_667, 6_000, 15_000
	for _, c := range []struct {
		name string
		a    Account
		of   func(Movements) int64
		want int64
	}{
		{"new", Account{After: gold}, func(m Movements) int64 { return m.New }, gold},
		{"expansion", Account{Before: gold, Restated: gold, After: gold + silver, Known: true}, func(m Movements) int64 { return m.Expansion }, silver},
		{"contraction", Account{Before: gold + silver, Restated: gold + silver, After: gold, Known: true}, func(m Movements) int64 { return m.Contraction }, -silver},
		{"churn", Account{Before: gold, Restated: gold, Known: true}, func(m Movements) int64 { return m.Churn }, -gold},
		{"reactivation", Account{After: back, Known: true}, func(m Movements) int64 { return m.Reactivation }, back},
		{"exchange rate", Account{Before: 100, Restated: 110, After: 110, Known: true}, func(m Movements) int64 { return m.FX }, 10},
	} {
		m := Move([]Account{c.a})
		if c.of(m) != c.want || m.Sum() != c.want {
			t.Errorf("%s: %+v", c.name, m)
		}
	}
}

func TestMovementsSumExactly(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	amount := func() int64 { return max(0, r.Int64N(2_000)-900) }
	for range 500 {
		var list []Account
		for range r.IntN(40) {
			a := Account{Before: amount(), Restated: amount(), After: amount(), Known: r.IntN(2) == 0}
			if r.IntN(2) == 0 {
				a.Restated = a.Before
			}
			list = append(list, a)
		}
		if m := Move(list); m.End-m.Start != m.Sum() {
			t.Fatalf("%d − %d is not %d: %+v\n%+v", m.End, m.Start, m.Sum(), m, list)
		}
	}
}

func TestPublishedChurnOfRevenue(t *testing.T) {
	t.Parallel()
	m := Movements{Start: 10_000, Churn: -1_000, Contraction: -1_000, Expansion: 1_000}
	near(t, "gross", m.GrossChurn(), 0.20, 1e-12)
	near(t, "net", m.NetChurn(), 0.10, 1e-12)
	// By day: 100 at the start, 120 at the end, 10 of the growth new.
	_, net := DailyChurn([]Movements{{Start: 10_000, Expansion: 1_000, New: 1_000}, {}})
	near(t, "net by day", net, -0.10, 1e-12)
	gross, _ := DailyChurn([]Movements{{Start: 10_000, Contraction: -500}})
	near(t, "gross by day", gross, 0.05, 1e-12)
}

func TestChurnRate(t *testing.T) {
	t.Parallel()
	w := community.Window{From: 100, To: 130}
	spans := []Span{
		{"stays", 0, 0},
		{"stays too", 50, 130},
		{"leaves", 10, 110},
		{"comes back", 10, 105},
		{"comes back", 115, 0},
		{"new", 105, 0},
		{"new and gone", 104, 120},
		{"gone before", 0, 99},
		{"later", 130, 0},
	}
	near(t, "start", ChurnRate(spans, w, ChurnStart).Value, 1/4.0, 1e-12)
	// Both those who came count below, the one who left above too.
	near(t, "start and new", ChurnRate(spans, w, ChurnStartAndNew).Value, 2/6.0, 1e-12)
	// Day 105: one of 5; day 110: one of 5; day 120: one of 5.
	daily := ChurnRate(spans, w, ChurnDaily)
	near(t, "daily", daily.Value, 1/5.0+1/5.0+1/5.0, 1e-12)
	if !math.IsNaN(daily.Low) {
		t.Errorf("%+v", daily)
	}
	for _, policy := range []string{ChurnStart, ChurnStartAndNew, ChurnDaily} {
		if e := ChurnRate(nil, w, policy); e.Reason != NoData {
			t.Errorf("%s of nobody: %+v", policy, e)
		}
	}
}

func TestAcquisitionCost(t *testing.T) {
	t.Parallel()
	c := AcquisitionCost(CACInput{PaidSpend: 10_000, PaidCustomers: 250, NewCustomers: 500, ByCode: 20, Answers: 200, Community: 30, Programme: 1_500})
	near(t, "blended", c.Blended, 20, 1e-12)
	near(t, "paid", c.Paid, 40, 1e-12)
	near(t, "survey", c.Survey.Value, 0.15, 1e-12)
	near(t, "lower bound", c.SurveyBounds.Low, 30/500.0, 1e-12)
	near(t, "upper bound", c.SurveyBounds.High, 330/500.0, 1e-12)
	near(t, "sourced", c.Sourced.Value, 75, 1e-9)
	near(t, "saving, at least", c.Saving.Low, 10_000/480.0-20, 1e-9)
	near(t, "saving", c.Saving.Value, 10_000/425.0-20, 1e-9)
	near(t, "saving, at most", c.Saving.High, 10_000/170.0-20, 1e-9)
	near(t, "by the community", c.Community.Value, 20, 1e-9)
	if c.Community.Low > c.Community.Value || c.Community.Value > c.Community.High {
		t.Errorf("%+v", c.Community)
	}
	if c := AcquisitionCost(CACInput{}); c.Reason != NoData {
		t.Errorf("no customers: %+v", c)
	}
	// Nobody was asked: the code is all there is, the upper bound everybody.
	c = AcquisitionCost(CACInput{PaidSpend: 100, NewCustomers: 10, ByCode: 2})
	if c.Survey.Reason != NoData || c.Sourced.Value != 2 || c.SurveyBounds.High != 1 || !math.IsInf(c.Without.High, 1) {
		t.Errorf("%+v", c)
	}
	if Source(true, "a friend") != "code" || Source(false, "a friend") != "survey" || Source(false, "") != "none" {
		t.Error("an order counts once")
	}
}

func TestPostStratified(t *testing.T) {
	t.Parallel()
	e, silent := PostStratified([]SurveyStratum{{300, 100, 10}, {100, 100, 50}, {50, 0, 0}})
	near(t, "share", e.Value, 0.75*0.1+0.25*0.5, 1e-12)
	if silent != 50 || e.N != 200 || !(e.Low < e.Value && e.Value < e.High) {
		t.Errorf("%+v, %d", e, silent)
	}
	if e, _ := PostStratified(nil); e.Reason != NoData {
		t.Errorf("%+v", e)
	}
}

func TestDeflection(t *testing.T) {
	t.Parallel()
	near(t, "published", IndirectDeflection(100_000, 0.43, 0.65, 0.09), 2515.5, 1e-9)
	in := DeflectionInput{SolvedByPeers: 400, WouldHaveAsked: Count{60, 100}, ContactedAnyway: Count{10, 50}, CostPerTicket: 8, Tickets: 5000}
	d := DirectDeflection(in, 1)
	near(t, "tickets", d.Tickets.Value, 400*0.6*0.8, 1e-9)
	near(t, "value", d.Value.Value, 400*0.6*0.8*8, 1e-9)
	if d.Capped || !(d.Tickets.Low < d.Tickets.Value && d.Tickets.Value < d.Tickets.High) || d.Tickets.Low < 140 || d.Tickets.High > 240 {
		t.Errorf("%+v", d)
	}
	in.Tickets = 100
	if d := DirectDeflection(in, 1); !d.Capped || d.Tickets.High != 100 || d.Value.Value != 800 {
		t.Errorf("more than the real tickets: %+v", d)
	}
	in.WouldHaveAsked = Count{}
	if d := DirectDeflection(in, 1); d.Reason != NoData {
		t.Errorf("nobody was asked: %+v", d)
	}
}
