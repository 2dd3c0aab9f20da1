package stripetest

import (
	"maps"
	"time"
)

// Plan is a price that comes back, and what one piece of it is worth a month
// without tax, as the truth has it.
type Plan struct {
	Unit     string // smallest units, decimal
	Currency string // empty: eur
	Interval string
	Count    int64
	Metered  bool
	OneTime  bool
	Tiers    []any // graduated, with the fields of the API
	Monthly  int64
}

// Start is how a subscription begins.
type Start struct {
	Plans     []Plan
	Quantity  int64 // of each; 0 means 1
	TrialDays int
	Code      string // a promotion for the whole subscription
	CodeEnd   time.Time
	ItemCode  string // a promotion for the first item
	Worth     int64  // a month, after discounts without an end
	First     Sale   // what the first invoice is of; nothing when Net is zero
	Pending   bool   // incomplete until Confirm
}

// Subscribe begins a subscription of a customer.
func (w *World) Subscribe(customer string, s Start) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := w.id("sub")
	items := make([]any, len(s.Plans))
	for i, p := range s.Plans {
		items[i] = w.item(id, p, max(s.Quantity, 1), s.ItemCode, i)
	}
	now := w.now.Unix()
	currency := s.Plans[0].Currency
	if currency == "" {
		currency = "eur"
	}
	fields := map[string]any{
		"id": id, "customer": customer, "currency": currency, "start_date": now, "status": "active", "trial_start": nil, "trial_end": nil,
		"canceled_at": nil, "ended_at": nil, "cancel_at_period_end": false, "pause_collection": nil, "latest_invoice": nil, "discounts": []any{},
		"items":         map[string]any{"object": "list", "has_more": false, "data": items},
		"automatic_tax": map[string]any{"enabled": false}, "default_tax_rates": []any{},
	}
	if s.Code != "" {
		var end int64
		if !s.CodeEnd.IsZero() {
			end = s.CodeEnd.Unix()
		}
		fields["discounts"] = []any{w.discount(s.Code, end)}
	}
	monthly := s.Worth
	if s.TrialDays > 0 {
		fields["status"], fields["trial_start"], fields["trial_end"], monthly = "trialing", now, w.now.AddDate(0, 0, s.TrialDays).Unix(), 0
	}
	if s.Pending {
		fields["status"], monthly = "incomplete", 0
	}
	o := w.keep("subscriptions", "sub", "subscription", fields)
	w.happen("customer.subscription.created", o, nil)
	w.tell(id, monthly)
	if s.First.Net != 0 {
		s.First.Customer = customer
		w.invoiceOf(o, s.First, !s.Pending)
	}
	return id
}

func (w *World) item(subscription string, p Plan, quantity int64, code string, n int) map[string]any {
	price := map[string]any{
		"id": w.id("price"), "object": "price", "billing_scheme": "per_unit", "unit_amount_decimal": p.Unit, "tax_behavior": "exclusive", "type": "recurring", "+tiers": nil,
		"currency":  p.Currency,
		"recurring": map[string]any{"interval": p.Interval, "interval_count": max(p.Count, 1), "usage_type": "licensed"},
	}
	it := map[string]any{"id": w.id("si"), "object": "subscription_item", "subscription": subscription, "quantity": quantity, "price": price, "discounts": []any{}, "created": w.now.Unix()}
	switch {
	case p.Metered:
		price["recurring"].(map[string]any)["usage_type"] = "metered"
		delete(it, "quantity")
	case p.OneTime:
		price["recurring"], price["type"] = nil, "one_time"
	case p.Tiers != nil:
		price["billing_scheme"], price["unit_amount_decimal"], price["tiers_mode"], price["+tiers"] = "tiered", nil, "graduated", p.Tiers
	}
	if code != "" && n == 0 {
		it["discounts"] = []any{w.discount(code, 0)}
	}
	o := &object{kind: "subscription_items", fields: it, subscription: subscription}
	w.objects[o.id()] = o
	w.order = append(w.order, o)
	return it
}

func (w *World) invoiceOf(o *object, s Sale, paid bool) string {
	id := w.bill(s, o.id())
	o.fields["latest_invoice"] = id
	if paid {
		w.pay(id)
	}
	return id
}

// update changes a subscription and tells what it was; worth is a month's from now on.
func (w *World) update(id, kind string, worth int64, change func(fields map[string]any)) {
	o := w.objects[id]
	before := plain(o.fields).(map[string]any)
	change(o.fields)
	previous := map[string]any{}
	for name, value := range plain(o.fields).(map[string]any) {
		if !same(before[name], value) {
			previous[name] = before[name]
		}
	}
	if kind == "" {
		kind = "updated"
	}
	w.happen("customer.subscription."+kind, o, previous)
	w.tell(id, worth)
}

// Confirm makes a pending subscription active, in the second of its beginning.
func (w *World) Confirm(id string, worth int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.update(id, "", worth, func(f map[string]any) {
		f["status"] = "active"
		if in, ok := f["latest_invoice"].(string); ok {
			w.pay(in)
		}
	})
}

// Renew bills the next period, paid or not.
func (w *World) Renew(id string, s Sale, paid bool) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[id]
	s.Customer = o.fields["customer"].(string)
	list, in := w.truth.worth[id], ""
	w.update(id, "", list[len(list)-1].monthly, func(map[string]any) { in = w.invoiceOf(o, s, paid) })
	return in
}

// Become sets the status: active after a trial, past_due, unpaid, paused.
func (w *World) Become(id, status string, worth int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.update(id, "", worth, func(f map[string]any) { f["status"] = status })
}

// Resize changes the number of pieces of every licensed item.
func (w *World) Resize(id string, quantity, worth int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.update(id, "", worth, func(f map[string]any) {
		items := f["items"].(map[string]any)
		fresh := []any{}
		for _, it := range items["data"].([]any) {
			c := maps.Clone(it.(map[string]any))
			if _, ok := c["quantity"]; ok {
				c["quantity"] = quantity
			}
			w.objects[c["id"].(string)].fields = c
			fresh = append(fresh, c)
		}
		f["items"] = map[string]any{"object": "list", "has_more": false, "data": fresh}
	})
}

// Undiscount takes the discounts of a subscription away, as Stripe does when one ends.
func (w *World) Undiscount(id string, worth int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[id]
	for _, d := range o.fields["discounts"].([]any) {
		gone := w.objects[d.(string)]
		gone.fields["subscription"] = id
		w.happen("customer.discount.deleted", gone, nil)
	}
	o.fields["discounts"] = []any{}
	w.tell(id, worth)
}

// Pause stops collecting, or goes on.
func (w *World) Pause(id string, on bool, worth int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.update(id, "", worth, func(f map[string]any) {
		if f["pause_collection"] = nil; on {
			f["pause_collection"] = map[string]any{"behavior": "void", "resumes_at": nil}
		}
	})
}

// AskEnd asks for the end of a subscription at its period's.
func (w *World) AskEnd(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.truth.worth[id]
	w.update(id, "", list[len(list)-1].monthly, func(f map[string]any) {
		f["cancel_at_period_end"], f["canceled_at"] = true, w.now.Unix()
	})
}

// End ends it.
func (w *World) End(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.update(id, "deleted", 0, func(f map[string]any) {
		f["status"], f["ended_at"] = "canceled", w.now.Unix()
		if f["canceled_at"] == nil {
			f["canceled_at"] = w.now.Unix()
		}
	})
}
