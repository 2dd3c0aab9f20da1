package shopify

import "strings"

// restOrder is an order as a delivery has it. Decoding and encoding it again
// leaves only what is kept.
type restOrder struct {
	ID               number `json:"id"`
	Name             string `json:"name,omitempty"`
	CreatedAt        string `json:"created_at,omitempty"`
	ProcessedAt      string `json:"processed_at,omitempty"`
	UpdatedAt        string `json:"updated_at,omitempty"`
	CancelledAt      string `json:"cancelled_at,omitempty"`
	Test             bool   `json:"test,omitempty"`
	Currency         string `json:"currency,omitempty"`
	TaxesIncluded    bool   `json:"taxes_included,omitempty"`
	FinancialStatus  string `json:"financial_status,omitempty"`
	Email            string `json:"email,omitempty"`
	ContactEmail     string `json:"contact_email,omitempty"`
	Phone            string `json:"phone,omitempty"`
	SourceName       string `json:"source_name,omitempty"`
	TotalTipReceived number `json:"total_tip_received,omitempty"`
	DiscountCodes    []struct {
		Code string `json:"code"`
	} `json:"discount_codes,omitempty"`
	Customer struct {
		ID number `json:"id,omitempty"`
	} `json:"customer,omitzero"`
	BillingAddress  restAddress `json:"billing_address,omitzero"`
	ShippingAddress restAddress `json:"shipping_address,omitzero"`
	ShippingLines   []struct {
		DiscountedPriceSet restBag       `json:"discounted_price_set"`
		TaxLines           []restTaxLine `json:"tax_lines,omitempty"`
		IsRemoved          bool          `json:"is_removed,omitempty"`
	} `json:"shipping_lines,omitempty"`
	LineItems []restLine   `json:"line_items,omitempty"`
	Refunds   []restRefund `json:"refunds,omitempty"`
}

type restAddress struct {
	FirstName   string `json:"first_name,omitempty"`
	LastName    string `json:"last_name,omitempty"`
	Company     string `json:"company,omitempty"`
	City        string `json:"city,omitempty"`
	CountryCode string `json:"country_code,omitempty"`
}

func (a restAddress) address() address {
	return address{FirstName: a.FirstName, LastName: a.LastName, Company: a.Company, City: a.City, CountryCodeV2: a.CountryCode}
}

type restTaxLine struct {
	PriceSet restBag `json:"price_set"`
}

type restLine struct {
	ID                  number  `json:"id"`
	SKU                 string  `json:"sku,omitempty"`
	Name                string  `json:"name,omitempty"`
	Quantity            int64   `json:"quantity,omitempty"`
	CurrentQuantity     *int64  `json:"current_quantity,omitempty"`
	GiftCard            bool    `json:"gift_card,omitempty"`
	RequiresShipping    bool    `json:"requires_shipping,omitempty"`
	Taxable             bool    `json:"taxable,omitempty"`
	PriceSet            restBag `json:"price_set"`
	DiscountAllocations []struct {
		AmountSet restBag `json:"amount_set"`
	} `json:"discount_allocations,omitempty"`
	TaxLines []restTaxLine `json:"tax_lines,omitempty"`
}

type restRefund struct {
	ID              number `json:"id"`
	CreatedAt       string `json:"created_at,omitempty"`
	ProcessedAt     string `json:"processed_at,omitempty"`
	RefundLineItems []struct {
		Quantity    int64   `json:"quantity,omitempty"`
		SubtotalSet restBag `json:"subtotal_set"`
		TotalTaxSet restBag `json:"total_tax_set"`
		LineItemID  number  `json:"line_item_id,omitempty"`
	} `json:"refund_line_items,omitempty"`
	OrderAdjustments []struct {
		Kind         string  `json:"kind,omitempty"`
		AmountSet    restBag `json:"amount_set"`
		TaxAmountSet restBag `json:"tax_amount_set"`
	} `json:"order_adjustments,omitempty"`
}

// order is the same in GraphQL's shape.
func (r restOrder) order() order {
	o := order{
		ID: string(r.ID), Name: r.Name, CreatedAt: r.CreatedAt, ProcessedAt: r.ProcessedAt, UpdatedAt: r.UpdatedAt,
		CancelledAt: r.CancelledAt, Test: r.Test, CurrencyCode: r.Currency, TaxesIncluded: r.TaxesIncluded,
		DisplayFinancialStatus: strings.ToUpper(r.FinancialStatus), Email: r.Email, Phone: r.Phone, SourceName: r.SourceName,
		BillingAddress: r.BillingAddress.address(), ShippingAddress: r.ShippingAddress.address(),
	}
	if o.Email == "" {
		o.Email = r.ContactEmail
	}
	o.Customer.ID = string(r.Customer.ID)
	o.TotalTipReceivedSet.ShopMoney.Amount = r.TotalTipReceived
	for _, c := range r.DiscountCodes {
		o.DiscountCodes = append(o.DiscountCodes, c.Code)
	}
	r.shipping(&o)
	for _, l := range r.LineItems {
		o.LineItems.Nodes = append(o.LineItems.Nodes, l.line())
	}
	for _, f := range r.Refunds {
		o.Refunds = append(o.Refunds, f.refund())
	}
	return o
}

// shipping adds up the ways of sending an order, as GraphQL does.
func (r restOrder) shipping(o *order) {
	p, err := newPurse(r.Currency)
	if err != nil {
		return // normal refuses it
	}
	total := int64(0)
	for _, s := range r.ShippingLines {
		if s.IsRemoved {
			continue
		}
		total = p.plus(total, p.minor(s.DiscountedPriceSet.bag()))
		o.ShippingLine.TaxLines = append(o.ShippingLine.TaxLines, taxLines(s.TaxLines)...)
	}
	o.ShippingLine.DiscountedPriceSet.ShopMoney.Amount = p.text(total)
}

func (l restLine) line() line {
	out := line{
		ID: string(l.ID), SKU: l.SKU, Name: l.Name, Quantity: l.Quantity, CurrentQuantity: l.CurrentQuantity, IsGiftCard: l.GiftCard,
		RequiresShipping: l.RequiresShipping, Taxable: l.Taxable, OriginalUnitPriceSet: l.PriceSet.bag(), TaxLines: taxLines(l.TaxLines),
	}
	for _, d := range l.DiscountAllocations {
		out.DiscountAllocations = append(out.DiscountAllocations, allocation{d.AmountSet.bag()})
	}
	return out
}

func taxLines(list []restTaxLine) (out []taxLine) {
	for _, t := range list {
		out = append(out, taxLine{t.PriceSet.bag()})
	}
	return out
}

func (r restRefund) refund() refund {
	out := refund{ID: string(r.ID), CreatedAt: r.CreatedAt, ProcessedAt: r.ProcessedAt}
	for _, l := range r.RefundLineItems {
		n := refundLine{Quantity: l.Quantity, SubtotalSet: l.SubtotalSet.bag(), TotalTaxSet: l.TotalTaxSet.bag()}
		n.LineItem.ID = string(l.LineItemID)
		out.RefundLineItems.Nodes = append(out.RefundLineItems.Nodes, n)
	}
	for _, a := range r.OrderAdjustments {
		if a.Kind != "shipping_refund" { // versions before 2024-10 have shipping here
			out.OrderAdjustments.Nodes = append(out.OrderAdjustments.Nodes, adjustment{a.AmountSet.bag(), a.TaxAmountSet.bag()})
		}
	}
	return out
}

// restCustomer is a customer as a delivery has it.
type restCustomer struct {
	ID             number      `json:"id"`
	FirstName      string      `json:"first_name,omitempty"`
	LastName       string      `json:"last_name,omitempty"`
	Email          string      `json:"email,omitempty"`
	Phone          string      `json:"phone,omitempty"`
	State          string      `json:"state,omitempty"`
	VerifiedEmail  bool        `json:"verified_email,omitempty"`
	CreatedAt      string      `json:"created_at,omitempty"`
	UpdatedAt      string      `json:"updated_at,omitempty"`
	DefaultAddress restAddress `json:"default_address,omitzero"`
}

// customer is the same in GraphQL's shape.
func (r restCustomer) customer() customer {
	c := customer{
		ID: string(r.ID), FirstName: r.FirstName, LastName: r.LastName, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
		State: r.State, VerifiedEmail: r.VerifiedEmail, DefaultAddress: r.DefaultAddress.address(),
	}
	c.DefaultEmailAddress.EmailAddress = r.Email
	c.DefaultPhoneNumber.PhoneNumber = r.Phone
	return c
}
