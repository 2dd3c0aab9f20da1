package shopifytest

import (
	"maps"
	"time"
)

// Truth is what a reader must know at the end, counted as things happen and not
// from what the API says.
type Truth struct {
	Orders    map[string]OrderTruth
	Customers map[string]CustomerTruth
	Aliases   map[string]string // who went, and into whom
	Erased    map[string]bool   // who is to be forgotten
}

// OrderTruth is an order; amounts in smallest units, without tax.
type OrderTruth struct {
	Number, Customer, GuestEmail, Code string
	At                                 time.Time
	State                              int // 0 placed, 1 paid, 2 cancelled
	Test                               bool
	Net, Tax, Refunded                 int64
	Refunds                            int
}

// CustomerTruth is a customer.
type CustomerTruth struct {
	Email, City string
	Verified    bool
}

// Truth returns what is true now.
func (w *World) Truth() Truth {
	w.mu.Lock()
	defer w.mu.Unlock()
	return Truth{
		Orders: maps.Clone(w.truth.Orders), Customers: maps.Clone(w.truth.Customers), Aliases: maps.Clone(w.truth.Aliases),
		Erased: maps.Clone(w.truth.Erased),
	}
}

func (w *World) judgeCustomer(c *Customer) {
	w.truth.Customers[text(c.ID)] = CustomerTruth{Email: c.Email, City: c.City, Verified: c.Enabled && c.Verified}
}

func (w *World) judge(o *Order) {
	if o.gone {
		delete(w.truth.Orders, text(o.ID))
		return
	}
	t := OrderTruth{Number: o.Name, At: o.Processed, Test: o.Test}
	switch {
	case !o.Cancelled.IsZero():
		t.State = 2
	case o.Status != "PENDING":
		t.State = 1
	}
	if o.Customer != nil {
		t.Customer = text(o.Customer.ID)
	} else {
		t.GuestEmail = o.Email
	}
	if len(o.Codes) > 0 {
		t.Code = o.Codes[0]
	}
	for _, l := range o.Lines {
		if l.Gift || l.Tip {
			continue
		}
		kept := l.Quantity - l.Removed
		tax := l.part(l.Tax, kept)
		t.Net += w.without(l.part(l.gross(), kept), tax)
		t.Tax += tax
	}
	for _, r := range o.Refunds {
		net := -r.Adjusted
		for _, l := range r.Lines {
			if !l.Line.Gift && !l.Line.Tip {
				net += w.without(l.Subtotal, l.Tax)
			}
		}
		if net > 0 {
			t.Refunded += net
			t.Refunds++
		}
	}
	w.truth.Orders[text(o.ID)] = t
}

// without is an amount of the shop without its tax.
func (w *World) without(gross, tax int64) int64 {
	if w.shop.TaxesIncluded {
		return gross - tax
	}
	return gross
}
