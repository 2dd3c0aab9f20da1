package stripetest

// Sale is what an invoice or a payment is of, in smallest units.
type Sale struct {
	Customer string // empty: a guest, for a payment only
	Currency string // empty: eur
	Net      int64  // after the discount
	Tax      int64
	Shipping int64  // without tax
	Discount int64  // that was taken off already
	Code     string // of a promotion that took it, by its id
	Email    string // of a guest
}

func (s Sale) total() int64 { return s.Net + s.Tax + s.Shipping }

func (s Sale) currency() string {
	if s.Currency == "" {
		return "eur"
	}
	return s.Currency
}

// Bill makes and finalizes an invoice that is not paid yet.
func (w *World) Bill(s Sale) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bill(s, "")
}

func (w *World) bill(s Sale, subscription string) string {
	discounts := []any{}
	fields := map[string]any{
		"customer": s.Customer, "currency": s.currency(), "number": w.id("F"), "status": "draft", "customer_address": map[string]any{"country": "FR", "line1": "12 rue"},
		"subtotal": s.Net + s.Discount, "total": s.total(), "total_excluding_tax": s.Net + s.Shipping, "shipping_cost": nil,
		"total_taxes":                     []any{map[string]any{"amount": s.Tax, "tax_behavior": "exclusive"}},
		"pre_payment_credit_notes_amount": int64(0), "post_payment_credit_notes_amount": int64(0), "parent": nil,
		"status_transitions": map[string]any{"finalized_at": nil, "paid_at": nil}, "hosted_invoice_url": "https://invoice.example/x",
		"+payments": map[string]any{"object": "list", "has_more": false, "data": []any{}},
	}
	if s.Shipping > 0 {
		fields["shipping_cost"] = map[string]any{"amount_subtotal": s.Shipping, "amount_tax": int64(0), "amount_total": s.Shipping}
	}
	if s.Code != "" {
		discounts = append(discounts, map[string]any{"amount": s.Discount, "discount": w.discount(s.Code, 0)})
	}
	fields["total_discount_amounts"] = discounts
	if subscription != "" {
		fields["parent"] = map[string]any{"type": "subscription_details", "subscription_details": map[string]any{"subscription": subscription}}
	}
	o := w.keep("invoices", "in", "invoice", fields)
	o.subscription = subscription
	w.happen("invoice.created", o, nil)
	fields["status"] = "open"
	fields["status_transitions"].(map[string]any)["finalized_at"] = w.now.Unix()
	w.happen("invoice.finalized", o, map[string]any{"status": "draft"})
	if s.total()+s.Discount != 0 {
		w.tellOrder(o.id(), func(t *TruthOrder) { t.Net, t.Code = s.Net, w.codeOf(s.Code) })
	}
	return o.id()
}

func (w *World) codeOf(promotion string) string {
	if promotion == "" {
		return ""
	}
	return w.objects[promotion].fields["code"].(string)
}

// Pay pays an invoice by card.
func (w *World) Pay(invoice string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pay(invoice)
}

// PayAsBefore pays an invoice by a charge without a payment intent, as it was
// before 2019.
func (w *World) PayAsBefore(invoice string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	charge := w.pay(invoice)
	c := w.objects[charge]
	delete(w.objects, c.fields["payment_intent"].(string))
	c.fields["payment_intent"] = nil
	for _, p := range w.sorted("invoice_payments") {
		if p.fields["invoice"] == invoice {
			p.fields["payment"] = map[string]any{"type": "charge", "charge": charge}
			p.fields["created"] = p.created() - 40*24*3600
		}
	}
	return charge
}

func (w *World) pay(id string) (charge string) {
	in := w.objects[id]
	total := in.fields["total"].(int64)
	if total > 0 {
		charge = w.charge(Sale{Customer: in.fields["customer"].(string), Currency: in.fields["currency"].(string), Net: total})
		intent := w.objects[charge].fields["payment_intent"]
		p := w.keep("invoice_payments", "inpay", "invoice_payment", map[string]any{
			"invoice": id, "status": "paid", "amount_paid": total, "currency": in.fields["currency"], "is_default": true,
			"payment": map[string]any{"type": "payment_intent", "payment_intent": intent},
		})
		payments := in.fields["+payments"].(map[string]any)
		payments["data"] = append(payments["data"].([]any), p.fields)
	}
	in.fields["status"] = "paid"
	in.fields["status_transitions"].(map[string]any)["paid_at"] = w.now.Unix()
	w.happen("invoice.paid", in, nil)
	if _, ok := w.truth.Orders[id]; ok {
		w.tellOrder(id, func(t *TruthOrder) { t.Paid = true })
	}
	return charge
}

// Void takes an invoice back that was not paid.
func (w *World) Void(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in := w.objects[id]
	in.fields["status"] = "void"
	w.happen("invoice.voided", in, nil)
	w.tellOrder(id, func(t *TruthOrder) { t.Cancelled = true })
}

// charge takes money; it is told to be an order by its callers only.
func (w *World) charge(s Sale) string {
	intent := w.id("pi")
	w.objects[intent] = &object{kind: "payment_intents", fields: map[string]any{"id": intent}}
	var customer any
	if s.Customer != "" {
		customer = s.Customer
	}
	o := w.keep("charges", "ch", "charge", map[string]any{
		"amount": s.total(), "amount_captured": s.total(), "amount_refunded": int64(0), "captured": true, "refunded": false, "disputed": false,
		"status": "succeeded", "paid": true, "currency": s.currency(), "customer": customer, "payment_intent": intent, "receipt_number": nil,
		"billing_details":        map[string]any{"name": "Ada Martin", "email": s.Email, "phone": nil, "address": map[string]any{"country": "FR", "line1": "12 rue"}},
		"payment_method_details": map[string]any{"type": "card", "card": map[string]any{"last4": "4242"}},
	})
	w.happen("charge.succeeded", o, nil)
	return o.id()
}

// Charge takes a payment without an invoice, and without Checkout: its tax is not told.
func (w *World) Charge(s Sale) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := w.charge(s)
	w.tellOrder(id, func(t *TruthOrder) { t.Net, t.Paid = s.total(), true })
	return id
}

// Decline lets a payment fail.
func (w *World) Decline(s Sale) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.keep("charges", "ch", "charge", map[string]any{
		"amount": s.total(), "amount_captured": int64(0), "amount_refunded": int64(0), "captured": false, "refunded": false, "disputed": false,
		"status": "failed", "paid": false, "currency": s.currency(), "customer": s.Customer, "payment_intent": w.id("pi"),
	})
	w.happen("charge.failed", o, nil)
}

// Checkout takes a payment by a page of Stripe's.
func (w *World) Checkout(s Sale) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	begun := w.now.Unix()
	w.now = w.now.Add(90e9)
	id := w.charge(s)
	discounts := []any{}
	if s.Code != "" {
		discounts = append(discounts, map[string]any{"coupon": nil, "promotion_code": s.Code})
	}
	fields := map[string]any{
		"mode": "payment", "status": "complete", "payment_status": "paid", "created": begun, "currency": s.currency(), "amount_total": s.total(),
		"payment_intent": w.objects[id].fields["payment_intent"], "discounts": discounts, "shipping_cost": nil, "customer": nil,
		"total_details":    map[string]any{"amount_discount": s.Discount, "amount_tax": s.Tax, "amount_shipping": s.Shipping},
		"customer_details": map[string]any{"name": "Ada Martin", "email": s.Email, "address": map[string]any{"country": "FR", "city": "Lyon"}},
	}
	if s.Shipping > 0 {
		fields["shipping_cost"] = map[string]any{"amount_subtotal": s.Shipping, "amount_tax": int64(0), "amount_total": s.Shipping}
	}
	o := w.keep("checkout/sessions", "cs", "checkout.session", fields)
	w.happen("checkout.session.completed", o, nil)
	w.tellOrder(id, func(t *TruthOrder) { t.Net, t.Paid, t.Code = s.Net, true, w.codeOf(s.Code) })
	return id
}

// Refund gives an amount back on a charge. order is the charge or the invoice it
// paid, net what of the amount is neither tax nor shipping.
func (w *World) Refund(charge, order string, amount, net int64) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.refund(charge, order, amount, net)
}

func (w *World) refund(charge, order string, amount, net int64) string {
	c := w.objects[charge]
	c.fields["amount_refunded"] = c.fields["amount_refunded"].(int64) + amount
	c.fields["refunded"] = c.fields["amount_refunded"] == c.fields["amount"]
	o := w.keep("refunds", "re", "refund", map[string]any{
		"amount": amount, "currency": c.fields["currency"], "charge": charge, "payment_intent": c.fields["payment_intent"], "status": "succeeded", "reason": nil,
	})
	w.happen("refund.created", o, nil)
	w.happen("charge.refunded", c, nil)
	w.tellOrder(order, func(t *TruthOrder) { t.Refunded += net })
	return o.id()
}

// FailRefund lets a refund fail afterwards.
func (w *World) FailRefund(refund, order string, net int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[refund]
	c := w.objects[o.fields["charge"].(string)]
	c.fields["amount_refunded"] = c.fields["amount_refunded"].(int64) - o.fields["amount"].(int64)
	c.fields["refunded"] = false
	o.fields["status"] = "failed"
	w.happen("refund.failed", o, map[string]any{"status": "succeeded"})
	w.tellOrder(order, func(t *TruthOrder) { t.Refunded -= net })
}

// Note gives a credit note on a paid invoice; with a charge, by a refund of it.
func (w *World) Note(invoice, charge string, net, tax int64) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	in := w.objects[invoice]
	refunds := []any{}
	if charge != "" {
		refunds = append(refunds, map[string]any{"amount_refunded": net + tax, "refund": w.refund(charge, invoice, net+tax, 0)})
	}
	o := w.keep("credit_notes", "cn", "credit_note", map[string]any{
		"invoice": invoice, "status": "issued", "type": "post_payment", "currency": in.fields["currency"], "customer": in.fields["customer"],
		"total": net + tax, "total_excluding_tax": net, "total_taxes": []any{map[string]any{"amount": tax}}, "shipping_cost": nil, "refunds": refunds,
	})
	in.fields["post_payment_credit_notes_amount"] = in.fields["post_payment_credit_notes_amount"].(int64) + net + tax
	w.happen("credit_note.created", o, nil)
	w.tellOrder(invoice, func(t *TruthOrder) { t.Refunded += net })
	return o.id()
}

// Dispute lets a cardholder take a whole payment back.
func (w *World) Dispute(charge, order string, net int64) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.objects[charge]
	c.fields["disputed"] = true
	o := w.keep("disputes", "dp", "dispute", map[string]any{
		"amount": c.fields["amount"], "currency": c.fields["currency"], "charge": charge, "payment_intent": c.fields["payment_intent"], "status": "needs_response",
	})
	w.happen("charge.dispute.created", o, nil)
	w.tellOrder(order, func(t *TruthOrder) { t.Refunded += net })
	return o.id()
}

// Win ends a dispute well.
func (w *World) Win(dispute, order string, net int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[dispute]
	o.fields["status"] = "won"
	w.happen("charge.dispute.closed", o, nil)
	w.tellOrder(order, func(t *TruthOrder) { t.Refunded -= net })
}
