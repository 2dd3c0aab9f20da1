package stripetest

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Cast are those of a story that go on acting.
type Cast struct {
	Customers, Running []string
	Promotion, Forever string
	r                  *rand.Rand
}

// member is how one kind of subscription begins, and what a renewal of it is of.
type member struct {
	start Start
	cycle Sale
}

// kinds are the subscriptions of the story, one of each way to charge.
func (c *Cast) kinds(now time.Time) []member {
	month := Plan{Unit: "2000", Interval: "month"}
	year := Plan{Unit: "24000", Interval: "year"}
	week := Plan{Unit: "700", Interval: "week"}
	yen := Plan{Unit: "1500", Interval: "month", Currency: "jpy"}
	metered := Plan{Interval: "month", Metered: true}
	once := Plan{Unit: "9900", OneTime: true}
	steps := Plan{Interval: "month", Tiers: []any{
		map[string]any{"up_to": 2, "unit_amount_decimal": "1000", "flat_amount_decimal": "500"},
		map[string]any{"up_to": nil, "unit_amount_decimal": "400", "flat_amount_decimal": nil},
	}}
	paid := func(net, tax int64) Sale { return Sale{Net: net, Tax: tax} }
	return []member{
		{Start{Plans: []Plan{month}, Worth: 2000, First: paid(2000, 400)}, paid(2000, 400)},
		{Start{Plans: []Plan{month}, Quantity: 3, Code: c.Forever, Worth: 4800, First: Sale{Net: 4800, Tax: 960, Discount: 1200, Code: c.Forever}}, paid(4800, 960)},
		{Start{Plans: []Plan{year}, Worth: 2000, First: paid(24000, 4800)}, Sale{}},
		{Start{Plans: []Plan{week}, Worth: 3044, First: paid(700, 140)}, paid(2800, 560)},
		{Start{Plans: []Plan{month, metered, once}, Worth: 2000, First: paid(11900, 2380)}, paid(2300, 460)},
		{Start{Plans: []Plan{yen}, Worth: 1500, First: Sale{Net: 1500, Currency: "jpy"}}, Sale{Net: 1500, Currency: "jpy"}},
		{Start{Plans: []Plan{steps}, Quantity: 5, Worth: 500 + 2*1000 + 3*400, First: paid(3700, 740)}, paid(3700, 740)},
		{Start{Plans: []Plan{month}, ItemCode: c.Forever, Worth: 1600, First: paid(1600, 320)}, paid(1600, 320)},
		{Start{Plans: []Plan{month}, Code: c.Promotion, CodeEnd: now.AddDate(1, 0, 0), Worth: 2000, First: paid(1000, 200)}, paid(1000, 200)},
		{Start{Plans: []Plan{month}, TrialDays: 14, Worth: 2000}, paid(2000, 400)},
	}
}

// Past is a story that the objects alone tell: nobody changes a plan in it. It
// begins at the world's moment and lasts so many months.
func Past(w *World, months int, seed uint64) *Cast {
	c := &Cast{r: rand.New(rand.NewPCG(seed, 7))}
	c.Forever = w.Promotion("AMIS20", "forever", 20, 0, "")
	c.Promotion = w.Promotion("MOITIE", "repeating", 50, 0, "")
	running := map[string]Sale{}
	var order []string
	for m := range months {
		for n, k := range c.kinds(w.Now()) {
			if (n+m)%3 != 0 {
				continue
			}
			id := w.Customer(fmt.Sprintf("Person %d-%d", m, n), fmt.Sprintf("p%d.%d@example.org", m, n), "")
			c.Customers = append(c.Customers, id)
			sub := w.Subscribe(id, k.start)
			if k.start.TrialDays > 0 {
				w.Advance(14 * 24 * time.Hour)
				w.Become(sub, "active", k.start.Worth)
				w.Renew(sub, k.cycle, true)
			}
			running[sub] = k.cycle
			order = append(order, sub)
			w.Advance(7 * time.Hour)
		}
		c.shop(w)
		w.Advance(12 * 24 * time.Hour)
		var left []string
		for n, sub := range order {
			cycle := running[sub]
			switch {
			case (n+m)%11 == 3:
				w.AskEnd(sub)
				w.Advance(50 * time.Hour)
				w.End(sub)
				continue
			case (n+m)%17 == 5 && cycle.Net > 0:
				w.Renew(sub, cycle, false)
				w.Become(sub, "unpaid", 0)
				continue
			case cycle.Net > 0:
				w.Renew(sub, cycle, true)
			}
			left = append(left, sub)
			w.Advance(time.Minute)
		}
		order = left
	}
	c.Running = order
	pending := w.Customer("Paused Before", "never@example.org", "")
	w.Subscribe(pending, Start{Plans: []Plan{{Unit: "2000", Interval: "month"}}, Pending: true, First: Sale{Net: 2000}})
	w.Advance(24 * time.Hour)
	return c
}

// shop is what is bought beside the subscriptions in a month.
func (c *Cast) shop(w *World) {
	somebody := func() string { return c.Customers[c.r.IntN(len(c.Customers))] }
	w.Charge(Sale{Net: 2500, Email: "guest@example.org"})
	w.Advance(time.Hour)
	one := w.Charge(Sale{Customer: somebody(), Net: 7000})
	w.Refund(one, one, 3000, 3000)
	w.Decline(Sale{Customer: somebody(), Net: 4000})
	w.Advance(time.Hour)
	two := w.Checkout(Sale{Net: 5000, Tax: 1000, Shipping: 600, Discount: 5000, Code: c.Promotion, Email: "shopper@example.org"})
	w.Refund(two, two, 3300, 2500) // half of 6600
	w.Advance(time.Hour)
	in := w.Bill(Sale{Customer: somebody(), Net: 10000, Tax: 2000, Shipping: 900})
	w.Advance(40 * 24 * time.Hour / 24)
	paid := w.Pay(in)
	w.Note(in, paid, 4000, 800)
	other := w.Bill(Sale{Customer: somebody(), Net: 3000, Tax: 600})
	back := w.Pay(other)
	w.Refund(back, other, 1200, 1000)
	w.Void(w.Bill(Sale{Customer: somebody(), Net: 100}))
	three := w.Charge(Sale{Net: 800})
	d := w.Dispute(three, three, 800)
	four := w.Charge(Sale{Net: 900})
	w.Dispute(four, four, 900)
	w.Advance(time.Hour)
	w.Win(d, three, 800)
}

// Present is what happens while somebody listens: plans change, payments stop
// and go on, people leave.
func Present(w *World, c *Cast) {
	late := w.Bill(Sale{Customer: c.Customers[0], Net: 5000, Tax: 1000})
	w.Advance(time.Hour)
	subscribed := func(k Start) string {
		w.Advance(time.Hour)
		return w.Subscribe(w.Customer("New Person", "new@example.org", "+33612345678"), k)
	}
	month := []Plan{{Unit: "2000", Interval: "month"}}
	grows := subscribed(Start{Plans: month, Worth: 2000, First: Sale{Net: 2000, Tax: 400}})
	second := subscribed(Start{Plans: month, Pending: true, First: Sale{Net: 2000}})
	w.Confirm(second, 2000) // in the second of its beginning
	pauses := subscribed(Start{Plans: month, Worth: 2000})
	cheap := subscribed(Start{Plans: month, Code: c.Forever, Worth: 1600})
	fails := subscribed(Start{Plans: month, Worth: 2000})
	tries := subscribed(Start{Plans: month, TrialDays: 7, Worth: 2000})
	w.Advance(7*24*time.Hour - 5*time.Hour)
	w.Resize(grows, 4, 8000)
	w.Become(tries, "active", 2000)
	w.Pause(pauses, true, 0)
	w.Become(fails, "past_due", 2000)
	w.Advance(3 * 24 * time.Hour)
	w.Resize(grows, 2, 4000)
	w.Resize(cheap, 2, 3200)
	w.Pause(pauses, false, 2000)
	w.Become(fails, "unpaid", 0)
	w.Renew(grows, Sale{Net: 4000, Tax: 800}, true)
	w.AskEnd(cheap)
	charge := w.Pay(late)
	w.Advance(2 * 24 * time.Hour)
	w.End(cheap)
	w.Refund(charge, late, 600, 500)
	w.Note(late, charge, 1000, 200)
	lost := w.Charge(Sale{Net: 3000, Customer: c.Customers[1]})
	failed := w.Refund(lost, lost, 1000, 1000)
	w.Advance(time.Hour)
	w.FailRefund(failed, lost, 1000)
	w.Checkout(Sale{Net: 2000, Tax: 400, Code: c.Promotion, Discount: 2000, Email: "late@example.org"})
	c.shop(w)
	w.Rename(c.Customers[0], "Person Renamed")
	w.Forget(w.Customer("Leaves Soon", "soon@example.org", ""))
	for _, sub := range c.Running[:min(len(c.Running), 3)] {
		w.End(sub)
	}
	w.Advance(time.Hour)
}
