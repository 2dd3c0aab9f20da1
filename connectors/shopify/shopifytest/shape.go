package shopifytest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// object is a thing as GraphQL shows it.
type object map[string]any

func gid(kind string, id int64) string { return "gid://shopify/" + kind + "/" + text(id) }

// decimal writes an amount; short as GraphQL does ("10.0"), else with all its digits.
func (w *World) decimal(minor int64, short bool) string {
	e := w.exponent()
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	digits := strconv.FormatInt(minor, 10)
	if e == 0 {
		if short {
			return sign + digits + ".0"
		}
		return sign + digits
	}
	digits = strings.Repeat("0", max(e+1-len(digits), 0)) + digits
	whole, fraction := digits[:len(digits)-e], digits[len(digits)-e:]
	if short {
		if fraction = strings.TrimRight(fraction, "0"); fraction == "" {
			fraction = "0"
		}
	}
	return sign + whole + "." + fraction
}

func (w *World) bag(minor int64) object {
	m := object{"amount": w.decimal(minor, true), "currencyCode": w.shop.Currency}
	return object{"shopMoney": m, "presentmentMoney": object{"amount": "1.0", "currencyCode": "USD"}}
}

func (w *World) restBag(minor int64) map[string]any {
	return map[string]any{
		"shop_money":        map[string]any{"amount": w.decimal(minor, false), "currency_code": w.shop.Currency},
		"presentment_money": map[string]any{"amount": "1.00", "currency_code": "USD"},
	}
}

func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// restMoment is in the shop's zone, as deliveries are.
func restMoment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.In(time.FixedZone("", 2*3600)).Format(time.RFC3339)
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func graphCustomer(c *Customer) object {
	state := "DISABLED"
	if c.Enabled {
		state = "ENABLED"
	}
	return object{
		"__typename": "Customer", "id": gid("Customer", c.ID), "firstName": c.First, "lastName": c.Last, "createdAt": moment(c.Created),
		"updatedAt": moment(c.Updated), "state": state, "verifiedEmail": c.Verified,
		"defaultEmailAddress": object{"emailAddress": c.Email}, "defaultPhoneNumber": object{"phoneNumber": c.Phone},
		"defaultAddress": object{"city": c.City, "company": orNil(c.Company), "countryCodeV2": c.Country},
	}
}

func restCustomer(c *Customer) map[string]any {
	state := "disabled"
	if c.Enabled {
		state = "enabled"
	}
	return map[string]any{
		"id": c.ID, "admin_graphql_api_id": gid("Customer", c.ID), "first_name": c.First, "last_name": c.Last, "email": c.Email, "phone": c.Phone,
		"state": state, "verified_email": c.Verified, "created_at": restMoment(c.Created), "updated_at": restMoment(c.Updated),
		"note": "une note privée", "default_address": map[string]any{
			"city": c.City, "company": nil, "country_code": c.Country, "address1": "12 rue Secrète", "zip": "69001",
		},
	}
}

func (w *World) graphOrder(o *Order) object {
	out := object{
		"__typename": "Order", "id": gid("Order", o.ID), "name": o.Name, "createdAt": moment(o.Created), "processedAt": moment(o.Processed),
		"updatedAt": moment(o.Updated), "cancelledAt": moment(o.Cancelled), "test": o.Test, "currencyCode": w.shop.Currency,
		"taxesIncluded": w.shop.TaxesIncluded, "displayFinancialStatus": o.Status, "discountCodes": list(o.Codes, func(s string) any { return s }),
		"email": o.Email, "phone": orNil(o.Phone), "sourceName": o.Source, "customer": nil,
		"billingAddress":      object{"firstName": o.First, "lastName": o.Last, "company": nil, "city": o.City, "countryCodeV2": o.Country},
		"shippingAddress":     object{"countryCodeV2": o.Country},
		"totalTipReceivedSet": w.bag(o.Tip),
		"shippingLine":        object{"discountedPriceSet": w.bag(o.Shipping), "taxLines": []any{object{"priceSet": w.bag(o.ShippingTax)}}},
		"lineItems":           paged(list(o.Lines, func(l *Line) any { return w.graphLine(l) })),
		"refunds":             list(o.Refunds, func(r *Refund) any { return w.graphRefund(r) }),
	}
	if o.Customer != nil {
		out["customer"] = graphCustomer(o.Customer)
	}
	return out
}

func (w *World) graphLine(l *Line) object {
	return object{
		"__typename": "LineItem", "id": gid("LineItem", l.ID), "sku": orNil(l.SKU), "name": l.Name, "quantity": l.Quantity,
		"currentQuantity": l.Quantity - l.Refunded - l.Removed, "isGiftCard": l.Gift, "requiresShipping": l.Ships, "taxable": l.Taxable,
		"originalUnitPriceSet": w.bag(l.Unit), "discountAllocations": some(l.Discount, object{"allocatedAmountSet": w.bag(l.Discount)}),
		"taxLines": some(l.Tax, object{"priceSet": w.bag(l.Tax), "rate": 0.2, "title": "TVA"}),
	}
}

func (w *World) graphRefund(r *Refund) object {
	return object{
		"__typename": "Refund", "id": gid("Refund", r.ID), "createdAt": moment(r.At), "processedAt": moment(r.At),
		"refundLineItems": paged(list(r.Lines, func(l RefundLine) any {
			return object{
				"quantity": l.Quantity, "subtotalSet": w.bag(l.Subtotal), "totalTaxSet": w.bag(l.Tax),
				"lineItem": object{"__typename": "LineItem", "id": gid("LineItem", l.Line.ID)},
			}
		})),
		"orderAdjustments": paged(some(r.Adjusted, object{"amountSet": w.bag(r.Adjusted), "taxAmountSet": w.bag(0)})),
	}
}

func (w *World) restOrder(o *Order) map[string]any {
	address := map[string]any{
		"first_name": o.First, "last_name": o.Last, "city": o.City, "country_code": o.Country, "address1": "12 rue Secrète", "zip": "59000",
	}
	out := map[string]any{
		"id": o.ID, "admin_graphql_api_id": gid("Order", o.ID), "name": o.Name, "email": o.Email, "contact_email": o.Email, "phone": orNil(o.Phone),
		"created_at": restMoment(o.Created), "processed_at": restMoment(o.Processed), "updated_at": restMoment(o.Updated),
		"cancelled_at": restMoment(o.Cancelled), "test": o.Test, "currency": w.shop.Currency, "presentment_currency": "USD",
		"taxes_included": w.shop.TaxesIncluded, "financial_status": strings.ToLower(o.Status), "source_name": o.Source,
		"total_tip_received": w.decimal(o.Tip, false), "note": "une note privée", "browser_ip": "192.0.2.7", "token": "hush",
		"discount_codes":  list(o.Codes, func(s string) any { return map[string]any{"code": s, "amount": "1.00", "type": "percentage"} }),
		"billing_address": address, "shipping_address": address, "customer": nil,
		"shipping_lines": []any{map[string]any{
			"discounted_price_set": w.restBag(o.Shipping), "tax_lines": []any{map[string]any{"price_set": w.restBag(o.ShippingTax)}},
		}},
		"line_items": list(o.Lines, func(l *Line) any { return w.restLine(l) }),
		"refunds":    list(o.Refunds, func(r *Refund) any { return w.restRefund(r) }),
	}
	if o.Customer != nil {
		out["customer"] = restCustomer(o.Customer)
	}
	return out
}

func (w *World) restLine(l *Line) map[string]any {
	return map[string]any{
		"id": l.ID, "admin_graphql_api_id": gid("LineItem", l.ID), "sku": orNil(l.SKU), "name": l.Name, "quantity": l.Quantity,
		"current_quantity": l.Quantity - l.Refunded - l.Removed, "gift_card": l.Gift, "requires_shipping": l.Ships, "taxable": l.Taxable,
		"price": w.decimal(l.Unit, false), "price_set": w.restBag(l.Unit),
		"discount_allocations": some(l.Discount, map[string]any{"amount_set": w.restBag(l.Discount)}),
		"tax_lines":            some(l.Tax, map[string]any{"price_set": w.restBag(l.Tax), "rate": 0.2, "title": "TVA"}),
	}
}

func (w *World) restRefund(r *Refund) map[string]any {
	return map[string]any{
		"id": r.ID, "created_at": restMoment(r.At), "processed_at": restMoment(r.At), "note": "une note privée", "transactions": []any{},
		"refund_line_items": list(r.Lines, func(l RefundLine) any {
			return map[string]any{
				"quantity": l.Quantity, "line_item_id": l.Line.ID, "subtotal_set": w.restBag(l.Subtotal), "total_tax_set": w.restBag(l.Tax),
			}
		}),
		"order_adjustments": some(r.Adjusted, map[string]any{
			"kind": "refund_discrepancy", "amount_set": w.restBag(r.Adjusted), "tax_amount_set": w.restBag(0),
		}),
	}
}

func list[T any](in []T, one func(T) any) []any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = one(v)
	}
	return out
}

// some is a list of one thing, or of none when its amount is nothing.
func some(amount int64, v any) []any {
	if amount == 0 {
		return []any{}
	}
	return []any{v}
}

// pages is a connection before anybody said which part of it.
type pages func(args map[string]any) (object, error)

// paged cuts a list into pages as GraphQL does.
func paged(all []any) pages {
	return func(args map[string]any) (object, error) {
		first, ok := args["first"].(int64)
		if !ok || first < 1 || first > 250 {
			return nil, fmt.Errorf("you must provide one of first or last, at most 250")
		}
		from := 0
		if after, ok := args["after"].(string); ok {
			n, err := strconv.Atoi(strings.TrimPrefix(after, "c"))
			if err != nil || n > len(all) {
				return nil, fmt.Errorf("invalid cursor")
			}
			from = n
		}
		to := min(from+int(first), len(all))
		info := object{"hasNextPage": to < len(all), "endCursor": nil, "hasPreviousPage": from > 0, "startCursor": nil}
		if to > from {
			info["endCursor"] = "c" + strconv.Itoa(to)
		}
		return object{"nodes": all[from:to], "pageInfo": info}, nil
	}
}
