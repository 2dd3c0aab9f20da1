package stripetest

import (
	"maps"
	"time"
)

// Truth is what a reader of this account should find. It is written by the acts,
// from numbers that the caller gives, not from the objects.
type Truth struct {
	Customers int // that were ever made
	Forgotten int
	Orders    map[string]TruthOrder // by Stripe's id
	worth     map[string][]worth    // of subscriptions
}

// TruthOrder is one order. Amounts are without tax and shipping.
type TruthOrder struct {
	Net, Refunded int64
	Paid          bool
	Cancelled     bool
	Code          string
}

// worth is what a subscription adds to the monthly revenue from a moment on.
type worth struct {
	at      time.Time
	monthly int64
}

// Truth is a copy of what is true now.
func (w *World) Truth() Truth {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.truth
	t.Orders, t.worth = maps.Clone(t.Orders), maps.Clone(t.worth)
	return t
}

// MRR is the monthly revenue at a moment.
func (t Truth) MRR(at time.Time) (sum int64) {
	for _, list := range t.worth {
		var now int64
		for _, x := range list {
			if !x.at.After(at) {
				now = x.monthly
			}
		}
		sum += now
	}
	return sum
}

// Subscriptions is how many there ever were.
func (t Truth) Subscriptions() int { return len(t.worth) }

func (w *World) tell(id string, monthly int64) {
	w.truth.worth[id] = append(w.truth.worth[id], worth{w.now, monthly})
}

func (w *World) tellOrder(id string, change func(*TruthOrder)) {
	o := w.truth.Orders[id]
	change(&o)
	w.truth.Orders[id] = o
}
