// Package shopifytest is Shopify for tests: shops with customers and orders, the
// part of the Admin GraphQL API that a reader needs, OAuth with tokens that end,
// bulk operations and signed deliveries. It is as strict as the real one: a query
// that the schema does not allow is refused, a call costs points, a token that
// has ended is worth nothing.
package shopifytest

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// World is one shop and what happened there. Its methods may be called at the same time.
type World struct {
	mu        sync.Mutex
	shop      Shop
	now       time.Time
	rand      *rand.Rand
	last      int64 // id that was given
	number    int   // of the last order
	customers []*Customer
	orders    []*Order
	truth     Truth
	outbox    []Delivery
}

// Shop is what a shop says of itself.
type Shop struct {
	Domain, Name, TimeZone string
	Currency               string // EUR, USD, CHF, JPY or KWD
	TaxesIncluded          bool
	TaxPercent             int64
}

// Customer is a customer as the shop has it.
type Customer struct {
	ID                        int64
	First, Last, Email, Phone string
	City, Company, Country    string
	Created, Updated          time.Time
	Enabled, Verified         bool
	gone                      bool
}

// Order is an order as the shop has it. Amounts are in smallest units.
type Order struct {
	ID                                     int64
	Name                                   string
	Customer                               *Customer // nil for a guest
	Email, Phone, First, Last              string
	City, Country, Source                  string
	Created, Processed, Updated, Cancelled time.Time
	Test                                   bool
	Status                                 string // of payment, as GraphQL writes it
	Codes                                  []string
	Lines                                  []*Line
	Tip, Shipping, ShippingTax             int64
	Refunds                                []*Refund
	gone                                   bool
}

// Line is a line of an order. Gross, Tax and Discount are of the whole line.
type Line struct {
	ID                          int64
	SKU, Name                   string
	Quantity, Refunded, Removed int64
	Unit, Discount, Tax         int64
	Gift, Tip, Ships, Taxable   bool
}

// Refund is money given back.
type Refund struct {
	ID       int64
	At       time.Time
	Lines    []RefundLine
	Adjusted int64 // what was paid back less than the lines are worth, negative when more
}

// RefundLine is a part of a line that was given back.
type RefundLine struct {
	Line                    *Line
	Quantity, Subtotal, Tax int64
}

// NewWorld opens a shop without customers.
func NewWorld(shop Shop, start time.Time, seed uint64) *World {
	return &World{
		shop: shop, now: start.UTC().Truncate(time.Second), rand: rand.New(rand.NewPCG(seed, 7)), last: 5_000_000_000, number: 1000,
		truth: Truth{Orders: map[string]OrderTruth{}, Customers: map[string]CustomerTruth{}, Aliases: map[string]string{}, Erased: map[string]bool{}},
	}
}

// Now is the world's time.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Pass lets time go by, in whole seconds as Shopify tells it.
func (w *World) Pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d + time.Second - 1).Truncate(time.Second)
}

// Domain is the shop's address at Shopify.
func (w *World) Domain() string { return w.shop.Domain }

func (w *World) id() int64 {
	w.last += 1 + w.rand.Int64N(1000)
	return w.last
}

func text(id int64) string { return strconv.FormatInt(id, 10) }

func (w *World) exponent() int {
	switch w.shop.Currency {
	case "JPY":
		return 0
	case "KWD":
		return 3
	}
	return 2
}

// taxOf is the tax of an amount after discounts, by the shop's habit.
func (w *World) taxOf(gross int64) int64 {
	r := w.shop.TaxPercent
	if w.shop.TaxesIncluded {
		return (gross*r*2 + 100 + r) / (2 * (100 + r))
	}
	return (gross*r*2 + 100) / 200
}

func (l *Line) gross() int64 { return l.Unit*l.Quantity - l.Discount }

// part is n pieces of an amount of the line.
func (l *Line) part(amount, n int64) int64 {
	if l.Quantity == 0 {
		return 0
	}
	return (amount*n*2 + l.Quantity) / (2 * l.Quantity)
}
