package stripe

import (
	"cmp"
	"slices"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// returned is what was given back of an order.
type returned struct {
	Refunds  []refund  `json:"refunds,omitempty"`
	Disputes []dispute `json:"disputes,omitempty"`
}

// invoiceRecord is what is stored of an invoice.
type invoiceRecord struct {
	Invoice invoice      `json:"invoice"`
	Notes   []creditNote `json:"credit_notes,omitempty"`
	returned
}

// chargeRecord is what is stored of a payment that belongs to no invoice.
type chargeRecord struct {
	Charge  charge   `json:"charge"`
	Session *session `json:"session,omitempty"` // of Checkout, where there was one
	returned
}

// normalize makes an order of an invoice, dated by its creation: that is what
// Stripe's lists and its own reports can be asked by. A draft is none yet, and
// where nothing was sold, as at the start of a trial, there is none.
func (r *invoiceRecord) normalize(revision int64, out *community.Business) error {
	in := &r.Invoice
	if external(in.ID) == "" {
		return refused(connectors.ReasonNoID, "")
	}
	net, taxes, inclusive := untaxed(in.Net, in.Total, in.Taxes)
	shipped, shippedTax := in.Shipping.amounts()
	t, err := newTill(in.Currency, in.Total, net, taxes, shipped, shippedTax)
	if err != nil {
		return err
	}
	to := community.Order{
		ExternalID: external(in.ID), Number: clean(in.Number), Customer: external(string(in.Customer)), At: moment(in.Created),
		Test: !in.Livemode, Net: t.money(net - shipped), Tax: t.money(taxes - shippedTax), Shipping: t.money(shipped), Revision: revision,
	}
	if in.Address != nil {
		to.Country = country(in.Address.Country)
	}
	switch in.Status {
	case "open":
		to.State = community.OrderPlaced
	case "paid":
		to.State = community.OrderPaid
	case "void", "uncollectible":
		to.State = community.OrderCancelled
	default:
		return nil
	}
	switch {
	case in.Subtotal == 0 && in.Total == 0:
		return nil
	case to.At.IsZero():
		return refused(connectors.ReasonNoTime, "created")
	}
	var off int64
	for i := range in.Discounts {
		d := &in.Discounts[i]
		if off += min(max(d.Amount, 0), largest); d.Discount.Object != nil {
			to.Codes = code(to.Codes, d.Discount.Object.Promotion)
		}
	}
	if inclusive {
		off = share(off, net, net+taxes)
	}
	to.Discount = t.money(min(off, largest))
	if to.Refunds, err = r.refunds(t, in, to); err != nil {
		return err
	}
	out.Orders = append(out.Orders, to)
	return nil
}

// untaxed tells an amount without its tax, the tax, and whether prices included it.
func untaxed(told *int64, total int64, list []tax) (net, taxes int64, inclusive bool) {
	for _, x := range list {
		taxes += min(max(x.Amount, -largest), largest)
		inclusive = inclusive || x.Behavior == "inclusive"
	}
	if told != nil {
		return *told, taxes, inclusive
	}
	return total - taxes, taxes, inclusive
}

func (s *shipping) amounts() (net, taxes int64) {
	if s == nil {
		return 0, 0
	}
	return s.Subtotal, s.Tax
}

// code adds a promotion code, once.
func code(list []string, p expandable[promotionCode]) []string {
	if p.Object == nil {
		return list
	}
	if text := clean(p.Object.Code); text != "" && !slices.Contains(list, text) {
		return append(list, text)
	}
	return list
}

// refunds are the credit notes, and what was given back beside them: the refund
// that a note brought about is not counted again.
func (r *invoiceRecord) refunds(t till, in *invoice, order community.Order) ([]community.Refund, error) {
	var list []community.Refund
	noted := map[ref]bool{}
	left := balance{amount: in.Total, net: order.Net.Minor, tax: order.Tax.Minor}
	for i := range r.Notes {
		n := &r.Notes[i]
		net, taxes, _ := untaxed(n.Net, n.Total, n.Taxes)
		shipped, shippedTax := n.Shipping.amounts()
		if _, err := newTill(in.Currency, n.Total, net, taxes, shipped, shippedTax); err != nil {
			return nil, err
		}
		if n.Status == "void" || external(n.ID) == "" || moment(n.Created).IsZero() {
			continue
		}
		left.amount, left.net, left.tax = left.amount-n.Total, left.net-max(net-shipped, 0), left.tax-max(taxes-shippedTax, 0)
		list = append(list, community.Refund{
			ExternalID: external(n.ID), At: moment(n.Created), Net: t.money(max(net-shipped, 0)), Tax: t.money(max(taxes-shippedTax, 0)),
		})
		for _, x := range n.Refunds {
			noted[x.Refund] = true
		}
	}
	rest := r.returned
	rest.Refunds = slices.DeleteFunc(slices.Clone(r.Refunds), func(x refund) bool { return noted[ref(x.ID)] })
	return append(list, rest.spread(t, in.Total, in.Currency, order, left)...), nil
}

// given is one amount that went back, tax and shipping included.
type given struct {
	id      string
	created int64
	amount  int64
}

// list names what went back, in its order. A refund that failed did not, nor a
// dispute that was won or is an inquiry only; a held payment that was let go is
// no refund.
func (r *returned) list(whole int64, currency string) []given {
	var all []given
	for _, x := range r.Refunds {
		if x.Status != "failed" && x.Status != "canceled" && x.Reason != "expired_uncaptured_charge" {
			all = append(all, given{x.ID, x.Created, x.Amount})
		}
	}
	for _, x := range r.Disputes {
		switch x.Status {
		case "needs_response", "under_review", "lost":
			if x.Currency != "" && x.Currency != currency {
				x.Amount = whole
			}
			all = append(all, given{x.ID, x.Created, x.Amount})
		}
	}
	slices.SortStableFunc(all, func(a, b given) int {
		return cmp.Or(cmp.Compare(a.created, b.created), cmp.Compare(a.id, b.id))
	})
	return all
}

// balance is what can still go back of an order.
type balance struct{ amount, net, tax int64 }

// spread divides what went back into goods, tax and shipping as the order is
// divided. The parts are differences of rounded sums, so that a full refund in
// pieces is the order to the last unit. No more goes back than is left.
func (r *returned) spread(t till, whole int64, currency string, order community.Order, left balance) []community.Refund {
	var list []community.Refund
	var sum, net, taxes int64
	for _, g := range r.list(whole, currency) {
		amount := min(max(g.amount, 0), max(left.amount-sum, 0))
		if external(g.id) == "" || moment(g.created).IsZero() || amount == 0 {
			continue
		}
		sum += amount
		nowNet := max(min(share(order.Net.Minor, sum, whole), left.net), net)
		nowTax := max(min(share(order.Tax.Minor, sum, whole), left.tax), taxes)
		to := community.Refund{ExternalID: external(g.id), At: moment(g.created), Net: t.money(nowNet - net)}
		if order.Tax != (community.Money{}) {
			to.Tax = t.money(nowTax - taxes)
		}
		net, taxes = nowNet, nowTax
		list = append(list, to)
	}
	return list
}

// normalize makes an order of a payment without an invoice. One that failed or is
// still under way is none. Its tax is known from Checkout only.
func (r *chargeRecord) normalize(revision int64, out *community.Business) error {
	c := &r.Charge
	if external(c.ID) == "" {
		return refused(connectors.ReasonNoID, "")
	}
	if c.Status != "succeeded" {
		return nil
	}
	gross := c.Amount
	if c.IsCaptured {
		gross = c.Captured
	}
	t, err := newTill(c.Currency, gross)
	if err != nil {
		return err
	}
	to := community.Order{
		ExternalID: external(c.ID), Number: clean(c.ReceiptNumber), Customer: external(string(c.Customer)), At: moment(c.Created),
		State: community.OrderPaid, Test: !c.Livemode, Net: t.money(gross), Revision: revision,
	}
	switch {
	case to.At.IsZero():
		return refused(connectors.ReasonNoTime, "created")
	case !c.IsCaptured && c.IsRefunded:
		to.State = community.OrderCancelled // the hold ended
	case !c.IsCaptured:
		to.State = community.OrderPlaced
	}
	who := c.Billing
	who.Email = cmp.Or(who.Email, c.ReceiptEmail)
	if err := r.checkout(t, gross, &to, &who); err != nil {
		return err
	}
	guest := who.contact()
	if to.Country = guest.Country; to.Customer == "" {
		to.Guest = guest
	}
	if to.State == community.OrderPaid {
		to.Refunds = r.spread(t, gross, c.Currency, to, balance{gross, to.Net.Minor, to.Tax.Minor})
	}
	out.Orders = append(out.Orders, to)
	return nil
}

// checkout adds what the visit to Checkout tells. Its amounts count when they are
// those of the payment.
func (r *chargeRecord) checkout(t till, gross int64, to *community.Order, who *person) error {
	s := r.Session
	if s == nil {
		return nil
	}
	for i := range s.Discounts {
		to.Codes = code(to.Codes, s.Discounts[i].Promotion)
	}
	who.Name, who.Email, who.Phone = cmp.Or(who.Name, s.Person.Name), cmp.Or(who.Email, s.Person.Email), cmp.Or(who.Phone, s.Person.Phone)
	if who.Address == nil || who.Address.Country == "" {
		who.Address = s.Person.Address
	}
	if s.Currency != r.Charge.Currency || s.Total != gross {
		return nil
	}
	shipped, shippedTax := s.Shipping.amounts()
	if _, err := newTill(s.Currency, s.Details.Tax, s.Details.Discount, shipped, shippedTax); err != nil {
		return err
	}
	to.Net = t.money(gross - s.Details.Tax - shipped)
	to.Tax, to.Shipping = t.money(s.Details.Tax-shippedTax), t.money(shipped)
	to.Discount = t.money(max(s.Details.Discount, 0))
	return nil
}
