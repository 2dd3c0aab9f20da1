package shopifytest

import (
	"fmt"
	"time"
)

// Join adds a customer.
func (w *World) Join() *Customer {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.join()
}

func (w *World) join() *Customer {
	n := len(w.customers) + 1
	c := &Customer{
		ID: w.id(), First: fmt.Sprintf("Prénom%d", n), Last: fmt.Sprintf("Nom%d", n), Email: fmt.Sprintf("client%d@example.org", n),
		Phone: fmt.Sprintf("+3361234%04d", n), City: "Lyon", Country: "FR", Created: w.now, Updated: w.now,
		Enabled: n%3 == 0, Verified: n%2 == 0,
	}
	w.customers = append(w.customers, c)
	w.judgeCustomer(c)
	w.tell("customers/create", restCustomer(c))
	return c
}

// Cart says what an order is made of.
type Cart struct {
	Customer  *Customer // nil: a guest
	At        time.Time // zero: now
	Lines     int       // 0: one or two
	Gift, Tip bool
	Code      string
	Test      bool
	Pending   bool
}

// Order places an order.
func (w *World) Order(c Cart) *Order {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.place(c)
}

func (w *World) place(c Cart) *Order {
	w.number++
	o := &Order{
		ID: w.id(), Name: fmt.Sprintf("#%d", w.number), Customer: c.Customer, Country: "FR", City: "Lille", Source: "web",
		Created: w.now, Processed: w.now, Updated: w.now, Test: c.Test, Status: "PAID",
	}
	if !c.At.IsZero() {
		o.Created, o.Processed = c.At, c.At
	}
	if c.Pending {
		o.Status = "PENDING"
	}
	if c.Customer != nil {
		o.Email, o.First, o.Last = c.Customer.Email, c.Customer.First, c.Customer.Last
	} else {
		o.Email, o.Phone = fmt.Sprintf("invite%d@example.org", w.number), fmt.Sprintf("+3369876%04d", w.number)
		o.First, o.Last = "Invité", fmt.Sprint(w.number)
	}
	if c.Code != "" {
		o.Codes = []string{c.Code}
	}
	if c.Lines == 0 {
		c.Lines = 1 + w.rand.IntN(2)
	}
	for range c.Lines {
		o.Lines = append(o.Lines, w.article(c.Code != ""))
	}
	if c.Gift {
		o.Lines = append(o.Lines, &Line{ID: w.id(), Name: "Carte cadeau", Quantity: 1, Unit: 5000, Gift: true})
	}
	if c.Tip {
		o.Tip = 150
		o.Lines = append(o.Lines, &Line{ID: w.id(), Name: "Tip", Quantity: 1, Unit: 150, Tip: true})
	}
	o.Shipping = 490
	o.ShippingTax = w.taxOf(o.Shipping)
	w.orders = append(w.orders, o)
	w.changed(o, "orders/create")
	return o
}

func (w *World) article(discounted bool) *Line {
	n := w.rand.IntN(20)
	l := &Line{
		ID: w.id(), SKU: fmt.Sprintf("SKU-%02d", n), Name: fmt.Sprintf("Article %d", n), Quantity: 1 + w.rand.Int64N(3),
		Unit: 500 + w.rand.Int64N(9000), Ships: true, Taxable: true,
	}
	if discounted {
		l.Discount = l.Unit * l.Quantity / 10
	}
	l.Tax = w.taxOf(l.gross())
	return l
}

// changed notes the moment, the truth, and tells those who listen.
func (w *World) changed(o *Order, topics ...string) {
	w.now = w.now.Add(time.Second)
	o.Updated = w.now
	w.judge(o)
	for _, t := range append(topics, "orders/updated") {
		w.tell(t, w.restOrder(o))
	}
}

// Pay takes the money of an order.
func (w *World) Pay(o *Order) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.gone || !o.Cancelled.IsZero() || o.Status != "PENDING" {
		return
	}
	o.Status = "PAID"
	w.changed(o, "orders/paid")
}

// Refund gives so many pieces of a line back; less, or with a negative adjustment
// more, than they are worth.
func (w *World) Refund(o *Order, line int, pieces, adjusted int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refund(o, line, pieces, adjusted)
}

// RefundAll gives everything back in one refund.
func (w *World) RefundAll(o *Order) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.gone {
		return
	}
	r := w.newRefund(0)
	for _, l := range o.Lines {
		r.give(l, l.Quantity)
	}
	w.refunded(o, r)
}

func (w *World) refund(o *Order, line int, pieces, adjusted int64) {
	if o.gone || line >= len(o.Lines) {
		return
	}
	r := w.newRefund(adjusted)
	if r.give(o.Lines[line], pieces); len(r.Lines) > 0 || adjusted != 0 {
		w.refunded(o, r)
	}
}

func (w *World) newRefund(adjusted int64) *Refund {
	w.now = w.now.Add(time.Minute)
	return &Refund{ID: w.id(), At: w.now, Adjusted: adjusted}
}

// give adds pieces of a line, as far as they are there.
func (r *Refund) give(l *Line, pieces int64) {
	if pieces = min(pieces, l.Quantity-l.Refunded-l.Removed); pieces <= 0 {
		return
	}
	l.Refunded += pieces
	r.Lines = append(r.Lines, RefundLine{Line: l, Quantity: pieces, Subtotal: l.part(l.gross(), pieces), Tax: l.part(l.Tax, pieces)})
}

func (w *World) refunded(o *Order, r *Refund) {
	o.Refunds = append(o.Refunds, r)
	if o.Status = "PARTIALLY_REFUNDED"; o.whole() {
		o.Status = "REFUNDED"
	}
	w.changed(o, "refunds/create")
}

func (o *Order) whole() bool {
	for _, l := range o.Lines {
		if l.Refunded+l.Removed < l.Quantity {
			return false
		}
	}
	return true
}

// Remove takes pieces of a line out of an order by an edit.
func (w *World) Remove(o *Order, line int, pieces int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := o.Lines[line]
	if pieces = min(pieces, l.Quantity-l.Refunded-l.Removed-1); o.gone || pieces <= 0 {
		return
	}
	l.Removed += pieces
	w.changed(o, "orders/edited")
}

// Cancel cancels an order.
func (w *World) Cancel(o *Order) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.gone || !o.Cancelled.IsZero() {
		return
	}
	o.Cancelled = w.now
	if o.Status == "PENDING" {
		o.Status = "VOIDED"
	}
	w.changed(o, "orders/cancelled")
}

// Delete removes an order.
func (w *World) Delete(o *Order) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.gone {
		return
	}
	o.gone = true
	w.now = w.now.Add(time.Second)
	w.judge(o)
	w.tell("orders/delete", map[string]any{"id": o.ID})
}

// Move changes where a customer lives and can be reached.
func (w *World) Move(c *Customer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.gone {
		return
	}
	w.now = w.now.Add(time.Second)
	c.Email, c.City, c.Updated = "nouveau."+c.Email, "Nantes", w.now
	w.judgeCustomer(c)
	w.tell("customers/update", restCustomer(c))
}

// Merge makes one customer of two: the orders of the second become the first's.
func (w *World) Merge(kept, other *Customer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if kept == other || kept.gone || other.gone {
		return
	}
	w.now = w.now.Add(time.Second)
	other.gone = true
	kept.Updated = w.now
	delete(w.truth.Customers, text(other.ID))
	w.truth.Aliases[text(other.ID)] = text(kept.ID)
	w.judgeCustomer(kept)
	merge := func(status string) map[string]any {
		return map[string]any{
			"admin_graphql_api_customer_kept_id": gid("Customer", kept.ID), "admin_graphql_api_customer_deleted_id": gid("Customer", other.ID),
			"admin_graphql_api_job_id": nil, "status": status, "errors": []any{},
		}
	}
	w.tell("customers/merge", merge("in_progress"))
	w.tell("customers/merge", merge("completed"))
	w.tell("customers/update", restCustomer(kept))
	for _, o := range w.orders {
		if o.Customer == other && !o.gone {
			o.Customer = kept
			w.changed(o)
		}
	}
}

// Life lets so many things happen, some time apart.
func (w *World) Life(acts int, apart time.Duration) {
	for range acts {
		w.Pass(apart)
		w.act()
	}
}

func (w *World) act() {
	w.mu.Lock()
	dice, o, c := w.rand.IntN(100), w.anyOrder(), w.anyCustomer()
	other, line, pieces := w.anyCustomer(), 0, 1+w.rand.Int64N(2)
	adjusted := (w.rand.Int64N(3) - 1) * 100
	if o != nil {
		line = w.rand.IntN(len(o.Lines))
	}
	w.mu.Unlock()
	switch {
	case dice < 15 || c == nil:
		w.Join()
	case dice < 65 || o == nil:
		cart := Cart{Customer: c, Gift: dice%13 == 0, Tip: dice%9 == 0, Test: dice == 20, Pending: dice%7 == 0}
		if dice%4 == 0 {
			cart.Customer = nil
		}
		if dice%5 == 0 {
			cart.Code = "CERCLE10"
		}
		w.Order(cart)
	case dice < 72:
		w.Pay(o)
	case dice < 84:
		w.Refund(o, line, pieces, adjusted)
	case dice < 88:
		w.Remove(o, line, 1)
	case dice < 91:
		w.Cancel(o)
	case dice < 92:
		w.Delete(o)
	case dice < 97:
		w.Move(c)
	default:
		w.Merge(c, other)
	}
}

func (w *World) anyOrder() *Order {
	if len(w.orders) == 0 {
		return nil
	}
	return w.orders[w.rand.IntN(len(w.orders))]
}

func (w *World) anyCustomer() *Customer {
	var list []*Customer
	for _, c := range w.customers {
		if !c.gone {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[w.rand.IntN(len(list))]
}
