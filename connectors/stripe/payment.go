package stripe

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// A charge does not say that it paid an invoice, and an invoice does not say that
// its payment was refunded. Both are found through the payments of invoices. For
// a page of one kind, those of the other kind from the same hours are listed at
// once; what is not among them is asked for one by one.

// Around a page: an invoice is paid an hour after its creation as a rule, a
// session of Checkout lives for a day.
const (
	payDelay     = 3 * time.Hour
	sessionDelay = 25 * time.Hour
	aroundPages  = 5 // at most, of such a list
)

// expandInvoice are the fields of an invoice that Stripe sends when it is asked to.
func expandInvoice(prefix string) []string {
	return []string{prefix + "payments", prefix + "total_discount_amounts.discount.promotion_code"}
}

// span is from the oldest to the newest of a page, which lists the newest first.
func span[T any](page []T, created func(*T) int64) (from, to time.Time) {
	var low, high int64
	for i := range page {
		at := created(&page[i])
		if low == 0 || at < low {
			low = at
		}
		high = max(high, at)
	}
	return moment(low), moment(high)
}

// invoices completes a page of invoices.
func (a api) invoices(ctx context.Context, page []invoice) ([]invoiceRecord, error) {
	from, to := span(page, func(in *invoice) int64 { return in.Created })
	charges := map[ref]charge{}
	if slices.ContainsFunc(page, func(in invoice) bool { return in.Status == "paid" && in.Total > 0 }) {
		q := between(values(), from, to.Add(payDelay))
		_, err := all(ctx, a, "charges", q, aroundPages, func(c *charge) string {
			if c.Status == "succeeded" {
				charges[c.Intent], charges[ref(c.ID)] = *c, *c
			}
			return c.ID
		})
		if err != nil {
			return nil, err
		}
	}
	records := make([]invoiceRecord, len(page))
	for i := range page {
		records[i].Invoice = page[i]
		if err := a.complete(ctx, &records[i], charges); err != nil {
			return nil, err
		}
	}
	return records, nil
}

// invoice fetches one as it stands; nil when there is none.
func (a api) invoice(ctx context.Context, id string) (*invoiceRecord, error) {
	r := &invoiceRecord{}
	err := a.get(ctx, "invoices/"+url.PathEscape(id), url.Values{"expand[]": expandInvoice("")}, &r.Invoice)
	if status(err) == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return r, a.complete(ctx, r, nil)
}

// complete adds what went back of an invoice. charges are those that are known.
func (a api) complete(ctx context.Context, r *invoiceRecord, charges map[ref]charge) error {
	in := &r.Invoice
	if in.NotesBefore != 0 || in.NotesAfter != 0 {
		_, err := all(ctx, a, "credit_notes", values("invoice", in.ID), aroundPages, func(n *creditNote) string {
			r.Notes = append(r.Notes, *n)
			return n.ID
		})
		if err != nil {
			return err
		}
	}
	if in.Payments.HasMore {
		in.Payments.Data = nil
		_, err := all(ctx, a, "invoice_payments", values("invoice", in.ID), aroundPages, func(p *invoicePayment) string {
			in.Payments.Data = append(in.Payments.Data, *p)
			return p.ID
		})
		if err != nil {
			return err
		}
	}
	for _, p := range in.Payments.Data {
		if p.Status != "paid" {
			continue
		}
		c, known := charges[p.Payment.Intent]
		if p.Payment.Intent == "" {
			c, known = charges[p.Payment.Charge]
		}
		if known && c.Refunded == 0 && !c.Disputed {
			continue
		}
		if err := a.back(ctx, p.Payment.Intent, p.Payment.Charge, !known || c.Disputed, &r.returned); err != nil {
			return err
		}
	}
	in.Payments = list[invoicePayment]{} // not kept
	return nil
}

// back lists what went back of one payment.
func (a api) back(ctx context.Context, intent, charge ref, disputed bool, out *returned) error {
	q := values("payment_intent", string(intent))
	switch {
	case charge != "":
		q = values("charge", string(charge))
	case intent == "":
		return nil // paid elsewhere
	}
	_, err := all(ctx, a, "refunds", q, aroundPages, func(x *refund) string {
		out.Refunds = append(out.Refunds, *x)
		return x.ID
	})
	if err != nil || !disputed {
		return err
	}
	q.Del("starting_after")
	_, err = all(ctx, a, "disputes", q, aroundPages, func(x *dispute) string {
		out.Disputes = append(out.Disputes, *x)
		return x.ID
	})
	return optional(err)
}

// optional forgives that a right is missing which we can do without.
func optional(err error) error {
	if status(err) == http.StatusForbidden {
		return nil
	}
	return err
}

// charges completes those of a page that are orders: the payments of invoices are
// left out.
func (a api) charges(ctx context.Context, page []charge) ([]chargeRecord, error) {
	page = slices.DeleteFunc(page, func(c charge) bool { return c.Status != "succeeded" })
	if len(page) == 0 {
		return nil, nil
	}
	from, to := span(page, func(c *charge) int64 { return c.Created })
	paid := map[ref]bool{}
	if slices.ContainsFunc(page, func(c charge) bool { return c.Customer != "" }) {
		q := between(values(), from.Add(-payDelay), to.Add(time.Minute))
		_, err := all(ctx, a, "invoice_payments", q, aroundPages, func(p *invoicePayment) string {
			paid[p.Payment.Intent], paid[p.Payment.Charge] = true, true
			return p.ID
		})
		if err != nil {
			return nil, err
		}
		delete(paid, "")
	}
	var records []chargeRecord
	for i := range page {
		c := &page[i]
		if paid[c.Intent] || paid[ref(c.ID)] {
			continue
		}
		in, err := a.paidBy(ctx, c)
		if err != nil {
			return nil, err
		}
		if in == "" {
			records = append(records, chargeRecord{Charge: *c})
		}
	}
	return records, a.finish(ctx, records, from, to)
}

// finish adds to payments without an invoice what Checkout says and what went back.
func (a api) finish(ctx context.Context, records []chargeRecord, from, to time.Time) error {
	if len(records) == 0 {
		return nil
	}
	sessions, err := a.sessions(ctx, from, to)
	if err != nil {
		return err
	}
	for i := range records {
		r := &records[i]
		if s, ok := sessions.known[r.Charge.Intent]; ok && r.Charge.Intent != "" {
			r.Session = &s
		} else if sessions.more && r.Charge.Intent != "" {
			if r.Session, err = a.session(ctx, r.Charge.Intent); err != nil {
				return err
			}
		}
		if r.Charge.Refunded == 0 && !r.Charge.Disputed {
			continue
		}
		if err := a.back(ctx, r.Charge.Intent, ref(r.Charge.ID), r.Charge.Disputed, &r.returned); err != nil {
			return err
		}
	}
	return nil
}

// visits are sessions of Checkout by their payment; more says that there are others.
type visits struct {
	known map[ref]session
	more  bool
}

const expandSession = "data.discounts.promotion_code"

func (a api) sessions(ctx context.Context, from, to time.Time) (visits, error) {
	v := visits{known: map[ref]session{}}
	q := between(values("expand[]", expandSession, "status", "complete"), from.Add(-sessionDelay), to.Add(time.Minute))
	more, err := all(ctx, a, "checkout/sessions", q, aroundPages, func(s *session) string {
		v.known[s.Intent] = *s
		return s.ID
	})
	v.more = more
	return v, optional(err)
}

func (a api) session(ctx context.Context, intent ref) (*session, error) {
	var page list[session]
	err := a.get(ctx, "checkout/sessions", values("payment_intent", string(intent), "expand[]", expandSession, "limit", "1"), &page)
	if err != nil || len(page.Data) == 0 {
		return nil, optional(err)
	}
	return &page.Data[0], nil
}

// paidBy is the invoice that a charge paid; empty when there is none. An invoice
// has a customer, so the payment of a guest paid none.
func (a api) paidBy(ctx context.Context, c *charge) (string, error) {
	if c.Customer == "" {
		return "", nil
	}
	if c.Intent != "" {
		var page list[invoicePayment]
		q := values("payment[type]", "payment_intent", "payment[payment_intent]", string(c.Intent), "limit", "1")
		err := a.get(ctx, "invoice_payments", q, &page)
		if err != nil || len(page.Data) == 0 {
			return "", err
		}
		return string(page.Data[0].Invoice), nil
	}
	return a.paidLongAgo(ctx, c)
}

// paidLongAgo looks for a charge without a payment intent, as they were before
// 2019, among the invoices of its customer: they cannot be asked for by it.
func (a api) paidLongAgo(ctx context.Context, c *charge) (string, error) {
	found := ""
	q := values("customer", string(c.Customer), "expand[]", "data.payments", "created[lte]", seconds(c.Created))
	_, err := all(ctx, a, "invoices", q, aroundPages, func(in *invoice) string {
		for _, p := range in.Payments.Data {
			if p.Payment.Charge == ref(c.ID) {
				found = in.ID
			}
		}
		return in.ID
	})
	return found, err
}

var errNoOrder = errors.New("no order")

// charge fetches one payment as it stands. When it paid an invoice, that invoice's
// id is returned instead: it is the order.
func (a api) charge(ctx context.Context, id string) (*chargeRecord, string, error) {
	r := &chargeRecord{}
	if err := a.get(ctx, "charges/"+url.PathEscape(id), nil, &r.Charge); err != nil {
		return nil, "", err
	}
	if r.Charge.Status != "succeeded" {
		return nil, "", errNoOrder
	}
	in, err := a.paidBy(ctx, &r.Charge)
	if err != nil || in != "" {
		return nil, in, err
	}
	if r.Charge.Intent != "" {
		if r.Session, err = a.session(ctx, r.Charge.Intent); err != nil {
			return nil, "", err
		}
	}
	if r.Charge.Refunded != 0 || r.Charge.Disputed {
		err = a.back(ctx, r.Charge.Intent, ref(r.Charge.ID), r.Charge.Disputed, &r.returned)
	}
	return r, "", err
}
