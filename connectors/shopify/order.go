package shopify

import (
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// order is what is asked for and kept of an order, in GraphQL's shape.
type order struct {
	ID                     string   `json:"id"`
	Name                   string   `json:"name,omitempty"`
	CreatedAt              string   `json:"createdAt,omitempty"`
	ProcessedAt            string   `json:"processedAt,omitempty"`
	UpdatedAt              string   `json:"updatedAt,omitempty"`
	CancelledAt            string   `json:"cancelledAt,omitempty"`
	Test                   bool     `json:"test,omitempty"`
	CurrencyCode           string   `json:"currencyCode,omitempty"`
	TaxesIncluded          bool     `json:"taxesIncluded,omitempty"`
	DisplayFinancialStatus string   `json:"displayFinancialStatus,omitempty"`
	DiscountCodes          []string `json:"discountCodes,omitempty"`
	Email                  string   `json:"email,omitempty"`
	Phone                  string   `json:"phone,omitempty"`
	SourceName             string   `json:"sourceName,omitempty"`
	Customer               struct {
		ID string `json:"id,omitempty"`
	} `json:"customer,omitzero"`
	BillingAddress      address          `json:"billingAddress,omitzero"`
	ShippingAddress     address          `json:"shippingAddress,omitzero"`
	TotalTipReceivedSet bag              `json:"totalTipReceivedSet,omitzero"`
	ShippingLine        shipping         `json:"shippingLine,omitzero"`
	LineItems           connection[line] `json:"lineItems,omitzero"`
	Refunds             []refund         `json:"refunds,omitempty"`
}

// address is what is kept of one.
type address struct {
	FirstName     string `json:"firstName,omitempty"`
	LastName      string `json:"lastName,omitempty"`
	Company       string `json:"company,omitempty"`
	City          string `json:"city,omitempty"`
	CountryCodeV2 string `json:"countryCodeV2,omitempty"`
}

// connection is a page of things that belong to another.
type connection[T any] struct {
	Nodes    []T      `json:"nodes,omitempty"`
	PageInfo pageInfo `json:"pageInfo,omitzero"`
}

type pageInfo struct {
	HasNextPage bool   `json:"hasNextPage,omitempty"`
	EndCursor   string `json:"endCursor,omitempty"`
}

// shipping is what it costs to send an order.
type shipping struct {
	DiscountedPriceSet bag       `json:"discountedPriceSet,omitzero"`
	TaxLines           []taxLine `json:"taxLines,omitempty"`
}

type taxLine struct {
	PriceSet bag `json:"priceSet"`
}

type allocation struct {
	AllocatedAmountSet bag `json:"allocatedAmountSet"`
}

// line is one article of an order. Quantity counts what was refunded or removed.
type line struct {
	ID                   string       `json:"id,omitempty"`
	SKU                  string       `json:"sku,omitempty"`
	Name                 string       `json:"name,omitempty"`
	Quantity             int64        `json:"quantity,omitempty"`
	CurrentQuantity      *int64       `json:"currentQuantity,omitempty"`
	IsGiftCard           bool         `json:"isGiftCard,omitempty"`
	RequiresShipping     bool         `json:"requiresShipping,omitempty"`
	Taxable              bool         `json:"taxable,omitempty"`
	OriginalUnitPriceSet bag          `json:"originalUnitPriceSet,omitzero"`
	DiscountAllocations  []allocation `json:"discountAllocations,omitempty"`
	TaxLines             []taxLine    `json:"taxLines,omitempty"`
}

func readOrder[T any](body []byte, toOrder func(T) order) (b community.Business, err error) {
	var raw T
	if err := decode(body, &raw); err != nil {
		return b, err
	}
	out, err := toOrder(raw).normal()
	if err != nil {
		return b, err
	}
	b.Orders = []community.Order{out}
	return b, nil
}

// normal is the order as Foyer has it.
func (o order) normal() (community.Order, error) {
	out := community.Order{
		ExternalID: id(o.ID), Number: clean(o.Name), Customer: id(o.Customer.ID), State: o.state(), Test: o.Test,
		Codes: some(o.DiscountCodes...), Channel: clean(o.SourceName), Revision: revision(o.UpdatedAt),
		Country: country(o.ShippingAddress.CountryCodeV2),
	}
	if out.ExternalID == "" {
		return out, refused(connectors.ReasonNoID, "")
	}
	var err error
	switch out.At, err = when(o.ProcessedAt, o.CreatedAt); {
	case err != nil:
		return out, err
	case out.At.IsZero():
		return out, refused(connectors.ReasonNoTime, "")
	}
	if out.Country == "" {
		out.Country = country(o.BillingAddress.CountryCodeV2)
	}
	if out.Customer == "" {
		out.Guest = o.guest()
	}
	p, err := newPurse(o.CurrencyCode)
	if err != nil {
		return out, err
	}
	o.amounts(p, &out)
	return out, p.err
}

func (o order) guest() community.Contact {
	a := o.BillingAddress
	return community.Contact{
		Name: clean(clean(a.FirstName) + " " + clean(a.LastName)), Emails: some(o.Email), Phones: some(o.Phone),
		Country: country(a.CountryCodeV2), City: clean(a.City), Company: clean(a.Company),
	}
}

// state is how far an order has come. Part of a payment is none.
func (o order) state() community.OrderState {
	status := strings.ToUpper(o.DisplayFinancialStatus)
	switch {
	case o.CancelledAt != "", status == "VOIDED", status == "EXPIRED":
		return community.OrderCancelled
	case status == "PAID", status == "PARTIALLY_REFUNDED", status == "REFUNDED":
		return community.OrderPaid
	}
	return community.OrderPlaced
}

// amounts fills in what is money.
func (o order) amounts(p *purse, out *community.Order) {
	var gross, tax, discount, net int64
	sold := o.sold(p)
	for _, s := range sold {
		gross, tax, discount, net = p.plus(gross, s.gross), p.plus(tax, s.tax), p.plus(discount, s.discount), p.plus(net, s.net)
		out.Lines = append(out.Lines, community.OrderLine{
			SKU: clean(s.SKU), Name: clean(s.Name), Quantity: s.quantity * 1000, Net: p.money(s.net),
		})
	}
	if o.TaxesIncluded && gross > 0 { // what was taken off had the tax of what is left
		discount = share(discount, gross-tax, gross)
	}
	out.Net, out.Tax, out.Discount = p.money(net), p.money(tax), p.money(max(discount, 0))
	cost := p.minor(o.ShippingLine.DiscountedPriceSet)
	if o.TaxesIncluded {
		cost -= p.sum(taxes(o.ShippingLine.TaxLines))
	}
	out.Shipping = p.money(cost)
	out.Refunds = o.refunds(p, sold)
}

// sale is a line that counts, as far as it was not taken out again.
type sale struct {
	line
	quantity             int64 // less than what was removed by an edit
	gross, tax           int64 // after discounts; gross with the tax where prices are
	discount             int64
	net                  int64
	wholeGross, wholeTax int64 // of Quantity
}

// sold are the lines that are goods.
func (o order) sold(p *purse) (out []sale) {
	tips, back := p.minor(o.TotalTipReceivedSet), o.refundedPieces()
	for _, l := range o.LineItems.Nodes {
		s := l.sale(p, o.TaxesIncluded, back[id(l.ID)])
		switch {
		case l.IsGiftCard, s.quantity == 0:
		case l.mayTip() && s.gross > 0 && s.gross <= tips:
			tips -= s.gross
		default:
			out = append(out, s)
		}
	}
	return out
}

// mayTip says whether a line can be a tip, which Shopify lists among the lines
// without a mark: nothing that is sent, taxed or has a number of the shop.
func (l line) mayTip() bool {
	return !l.RequiresShipping && !l.Taxable && l.SKU == "" && len(l.TaxLines) == 0
}

// maxPieces bounds the quantity of a line.
const maxPieces = 1_000_000

func (l line) sale(p *purse, included bool, back int64) sale {
	s := sale{line: l, quantity: min(max(l.Quantity, 0), maxPieces)}
	s.Quantity = s.quantity
	for _, d := range l.DiscountAllocations {
		s.discount = p.plus(s.discount, p.minor(d.AllocatedAmountSet))
	}
	s.gross = p.plus(p.times(p.minor(l.OriginalUnitPriceSet), s.quantity), -s.discount)
	s.tax = p.sum(taxes(l.TaxLines))
	s.wholeGross, s.wholeTax = s.gross, s.tax
	if l.CurrentQuantity != nil { // what is gone and was not refunded was removed by an edit
		gone := s.quantity - min(max(*l.CurrentQuantity, 0), s.quantity)
		s.quantity -= max(gone-back, 0)
	}
	s.gross, s.tax = share(s.gross, s.quantity, s.Quantity), share(s.tax, s.quantity, s.Quantity)
	s.discount = share(s.discount, s.quantity, s.Quantity)
	if s.net = s.gross; included {
		s.net -= s.tax
	}
	return s
}

func taxes(lines []taxLine) []bag {
	out := make([]bag, len(lines))
	for i, t := range lines {
		out[i] = t.PriceSet
	}
	return out
}
