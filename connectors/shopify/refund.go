package shopify

import "github.com/foyer-app/foyer/internal/community"

// refund is money given back, in GraphQL's shape.
type refund struct {
	ID               string                 `json:"id"`
	CreatedAt        string                 `json:"createdAt,omitempty"`
	ProcessedAt      string                 `json:"processedAt,omitempty"`
	RefundLineItems  connection[refundLine] `json:"refundLineItems,omitzero"`
	OrderAdjustments connection[adjustment] `json:"orderAdjustments,omitzero"`
}

type refundLine struct {
	Quantity    int64 `json:"quantity,omitempty"`
	SubtotalSet bag   `json:"subtotalSet,omitzero"`
	TotalTaxSet bag   `json:"totalTaxSet,omitzero"`
	LineItem    struct {
		ID string `json:"id,omitempty"`
	} `json:"lineItem,omitzero"`
}

// adjustment is the difference between what the lines of a refund are worth and
// what was paid back: negative when more was.
type adjustment struct {
	AmountSet    bag `json:"amountSet,omitzero"`
	TaxAmountSet bag `json:"taxAmountSet,omitzero"`
}

// refundedPieces counts how much of each line was given back.
func (o order) refundedPieces() map[string]int64 {
	out := map[string]int64{}
	for _, r := range o.Refunds {
		for _, l := range r.RefundLineItems.Nodes {
			out[id(l.LineItem.ID)] += min(max(l.Quantity, 0), maxPieces)
		}
	}
	return out
}

// refunds are those of goods. One that gave back shipping alone, a tip or a gift
// card is none.
func (o order) refunds(p *purse, sold []sale) (out []community.Refund) {
	goods, other := map[string]sale{}, map[string]bool{}
	for _, l := range o.LineItems.Nodes {
		other[id(l.ID)] = true
	}
	for _, s := range sold {
		goods[id(s.ID)] = s
		delete(other, id(s.ID))
	}
	seen := map[string]bool{}
	for _, r := range o.Refunds {
		at, err := when(r.ProcessedAt, r.CreatedAt)
		if err != nil || at.IsZero() || id(r.ID) == "" || seen[id(r.ID)] {
			continue
		}
		seen[id(r.ID)] = true
		var net, tax int64
		for _, l := range r.RefundLineItems.Nodes {
			if other[id(l.LineItem.ID)] {
				continue
			}
			n, t := l.worth(p, goods[id(l.LineItem.ID)], o.TaxesIncluded)
			net, tax = p.plus(net, n), p.plus(tax, t)
		}
		for _, a := range r.OrderAdjustments.Nodes {
			net, tax = p.plus(net, -p.minor(a.AmountSet)), p.plus(tax, -p.minor(a.TaxAmountSet))
		}
		if net, tax = max(net, 0), max(tax, 0); net+tax > 0 {
			out = append(out, community.Refund{ExternalID: id(r.ID), At: at, Net: p.money(net), Tax: p.money(tax)})
		}
	}
	return out
}

// worth is what a line of a refund gave back, without tax. Whether its subtotal
// holds the tax where prices do is not written anywhere: the price of what was
// sold decides.
func (l refundLine) worth(p *purse, s sale, included bool) (net, tax int64) {
	net, tax = p.minor(l.SubtotalSet), p.minor(l.TotalTaxSet)
	if !included || tax == 0 {
		return net, tax
	}
	with := share(s.wholeGross, l.Quantity, s.Quantity)
	without := with - share(s.wholeTax, l.Quantity, s.Quantity)
	if s.Quantity == 0 || distance(net, with) <= distance(net, without) {
		net -= tax
	}
	return net, tax
}

func distance(a, b int64) int64 { return max(a-b, b-a) }
