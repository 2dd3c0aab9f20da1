package spreadsheet

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

var one = big.NewRat(1, 1)

// scaled is a number times a whole one, rounded.
func scaled(r *big.Rat, by int64) (int64, error) {
	n := round(new(big.Rat).Mul(r, new(big.Rat).SetInt64(by)))
	if !n.IsInt64() || n.BitLen() > 60 {
		return 0, errNumber
	}
	return n.Int64(), nil
}

// share is what part of an amount is left without its tax: all of it where the
// table has amounts without, else by the tax that the line tells, else by its
// rate. Nothing is supposed: without either the line is refused.
func (e entry) share(amount *big.Rat) (*big.Rat, error) {
	if e.form.Tax == connectors.TaxExcluded || amount.Sign() == 0 {
		return one, nil
	}
	tax, err := e.number(fTax)
	if err != nil {
		return nil, err
	}
	if tax != nil {
		if tax.Sign() != 0 && (tax.Sign() != amount.Sign() || new(big.Rat).Abs(tax).Cmp(new(big.Rat).Abs(amount)) >= 0) {
			return nil, refused(reasonAmount, fTax)
		}
		return new(big.Rat).Quo(new(big.Rat).Sub(amount, tax), amount), nil
	}
	rate, err := e.taxRate()
	if err != nil {
		return nil, err
	}
	if rate == nil {
		return nil, refused(reasonRate, fRate)
	}
	gross := new(big.Rat).Add(one, new(big.Rat).Quo(rate, big.NewRat(100, 1)))
	return gross.Inv(gross), nil
}

// purse reads the amounts of an order.
type purse struct {
	lines []entry
	code  string
	err   error
}

// first is the first line that has a value of the field, else the first.
func (p *purse) first(field string) entry {
	if i := slices.IndexFunc(p.lines, func(e entry) bool { return e.text(field) != "" }); i >= 0 {
		return p.lines[i]
	}
	return p.lines[0]
}

func (p *purse) number(field string) *big.Rat {
	r, err := p.first(field).number(field)
	if p.err == nil {
		p.err = err
	}
	return r
}

func (p *purse) money(r *big.Rat, field string) community.Money {
	if r == nil {
		return community.Money{}
	}
	m, err := money(r, p.code)
	if err != nil && p.err == nil {
		p.err = refused(reasonAmount, field)
	}
	return m
}

// without is an amount without its tax, by the share of the order.
func without(amount, share *big.Rat) *big.Rat {
	if amount == nil {
		return nil
	}
	return new(big.Rat).Mul(amount, share)
}

func normalizeOrder(lines []entry, known string) (community.Business, error) {
	var none community.Business
	id, err := identity(lines[0].text(fOrder), known)
	if err != nil {
		return none, err
	}
	p := &purse{lines: lines}
	o := community.Order{ExternalID: id, Number: p.first(fNumber).text(fNumber), Channel: p.first(fChannel).text(fChannel)}
	if o.At, err = p.first(fDate).needTime(fDate); err != nil {
		return none, err
	}
	if p.code, err = p.currency(); err != nil {
		return none, err
	}
	if err := p.fill(&o); err != nil {
		return none, err
	}
	if o.State, err = orderState(p.first(fState).text(fState)); err != nil {
		return none, err
	}
	if err := p.refund(&o); err != nil {
		return none, err
	}
	for _, code := range split(p.first(fCode).text(fCode)) {
		if !slices.Contains(o.Codes, code) {
			o.Codes = append(o.Codes, code)
		}
	}
	if o.Test, err = p.first(fTest).flag(fTest); err != nil {
		return none, err
	}
	if o.Revision, err = p.first(fUpdated).revision(); err != nil {
		return none, err
	}
	o.Customer, o.Guest = who(lines)
	if o.Country = countryCode(p.first(fCountry).text(fCountry)); o.Country == "" {
		o.Country = lines[0].form.Country
	}
	return community.Business{Orders: []community.Order{o}, Customers: named(lines, o.Customer)}, nil
}

// currency is that of all lines.
func (p *purse) currency() (string, error) {
	code, err := p.first(fCurrency).currency()
	if err != nil {
		return "", err
	}
	for _, e := range p.lines {
		if e.text(fCurrency) == "" {
			continue
		}
		if c, err := e.currency(); err != nil || c != code {
			return "", refused(reasonCurrency, fCurrency)
		}
	}
	return code, nil
}

// fill reads the amounts of an order from its own columns; where it has none they
// are the sums of its lines.
func (p *purse) fill(o *community.Order) error {
	amount, total, shipping, discount, tax := p.number(fAmount), p.number(fTotal), p.number(fShipping), p.number(fDiscount), p.number(fTax)
	if p.err != nil {
		return p.err
	}
	if amount == nil && total == nil {
		return p.sum(o, shipping)
	}
	goods := amount
	if goods == nil {
		goods = new(big.Rat).Set(total)
		if shipping != nil {
			goods.Sub(goods, shipping)
		}
	}
	base, by := total, p.first(fTotal)
	if base == nil {
		base, by = amount, p.first(fAmount)
	}
	share, err := by.share(base)
	if err != nil {
		return err
	}
	net := without(goods, share)
	o.Net = p.money(net, fAmount)
	o.Shipping = p.money(without(shipping, share), fShipping)
	if discount != nil {
		o.Discount = p.money(without(discount.Abs(discount), share), fDiscount)
	}
	switch {
	case by.form.Tax == connectors.TaxIncluded:
		// The parts sum to what was paid: the tax is what the rounded net leaves.
		gross := p.money(goods, fAmount)
		o.Tax = community.Money{Minor: gross.Minor - o.Net.Minor, Currency: p.code, Exponent: o.Net.Exponent}
	case tax != nil:
		o.Tax = p.money(tax, fTax)
	}
	if p.err != nil {
		return p.err
	}
	return p.articles(o, share)
}

// articles lists what was bought, where lines say so.
func (p *purse) articles(o *community.Order, share *big.Rat) error {
	for _, e := range p.lines {
		if e.text(fSKU)+e.text(fProduct)+e.text(fQuantity) == "" {
			continue
		}
		gross, quantity, err := e.article()
		if err != nil {
			return err
		}
		line := community.OrderLine{SKU: e.text(fSKU), Name: e.text(fProduct), Quantity: quantity}
		switch {
		case gross != nil:
			line.Net = p.money(without(gross, share), fLineAmount)
		case len(p.lines) == 1:
			line.Net = o.Net
		}
		o.Lines = append(o.Lines, line)
	}
	return p.err
}

// sum makes an order of its lines alone.
func (p *purse) sum(o *community.Order, shipping *big.Rat) error {
	net, gross := new(big.Rat), new(big.Rat)
	for _, e := range p.lines {
		amount, quantity, err := e.article()
		if err != nil {
			return err
		}
		if amount == nil {
			return refused(reasonNeeded, fLineAmount)
		}
		share, err := e.share(amount)
		if err != nil {
			return err
		}
		// What a line is worth is rounded once, so that the lines sum to the order.
		line := community.OrderLine{SKU: e.text(fSKU), Name: e.text(fProduct), Quantity: quantity, Net: p.money(without(amount, share), fLineAmount)}
		o.Lines = append(o.Lines, line)
		net.Add(net, big.NewRat(line.Net.Minor, 1))
		gross.Add(gross, amount)
	}
	if p.err != nil || !net.IsInt() || !net.Num().IsInt64() {
		return refused(reasonAmount, fLineAmount)
	}
	o.Net = community.Money{Minor: net.Num().Int64(), Currency: p.code, Exponent: exponentOf(p.code)}
	if p.lines[0].form.Tax == connectors.TaxIncluded {
		all := p.money(gross, fLineAmount)
		o.Tax = community.Money{Minor: all.Minor - o.Net.Minor, Currency: p.code, Exponent: o.Net.Exponent}
	}
	if shipping != nil {
		share := one
		if gross.Sign() != 0 && p.lines[0].form.Tax == connectors.TaxIncluded {
			share = new(big.Rat).Quo(new(big.Rat).SetFrac(big.NewInt(o.Net.Minor), pow10(int(o.Net.Exponent))), gross)
		}
		o.Shipping = p.money(without(shipping, share), fShipping)
	}
	return p.err
}

// article is what a line costs, as written, and how much of it there is in
// thousandths; one piece where it does not say.
func (e entry) article() (amount *big.Rat, quantity int64, err error) {
	count, err := e.number(fQuantity)
	if err != nil {
		return nil, 0, refused(reasonNumber, fQuantity)
	}
	if count == nil {
		count = one
	}
	if quantity, err = scaled(count, 1000); err != nil {
		return nil, 0, refused(reasonNumber, fQuantity)
	}
	if amount, err = e.number(fLineAmount); err != nil || amount != nil {
		return amount, quantity, err
	}
	if amount, err = e.number(fUnitPrice); err != nil || amount == nil {
		return nil, quantity, err
	}
	return amount.Mul(amount, count), quantity, nil
}

// refund reads what was given back: an amount, or all of it where the state says so.
func (p *purse) refund(o *community.Order) error {
	amount := p.number(fRefunded)
	if p.err != nil {
		return p.err
	}
	all := amount == nil && isRefunded(p.first(fState).text(fState))
	if !all && (amount == nil || amount.Sign() == 0) {
		return nil
	}
	r := community.Refund{ExternalID: "refund", At: o.At, Net: o.Net, Tax: o.Tax}
	if !all {
		base := p.number(fTotal)
		by := p.first(fTotal)
		if base == nil {
			base, by = p.number(fAmount), p.first(fAmount)
		}
		share := one
		if base != nil {
			var err error
			if share, err = by.share(base); err != nil {
				return err
			}
		} else if gross := o.Net.Minor + o.Tax.Minor; gross != 0 {
			share = big.NewRat(o.Net.Minor, gross)
		}
		amount.Abs(amount)
		// What is given back above the goods was for shipping.
		r.Net = p.money(without(amount, share), fRefunded)
		r.Net.Minor = min(r.Net.Minor, max(o.Net.Minor, 0))
		r.Tax = community.Money{}
	}
	at, err := p.first(fRefundedAt).time(fRefundedAt)
	if err != nil {
		return err
	}
	if !at.IsZero() {
		r.At = at
	}
	if r.Net.Minor > 0 {
		o.Refunds = append(o.Refunds, r)
	}
	return p.err
}

// stateWords tell the states of an order, in English and French; the first that
// is found counts.
var stateWords = []struct {
	state community.OrderState
	words []string
}{
	{community.OrderCancelled, []string{"cancel", "annul", "void", "expire", "failed", "echou", "erreur", "error", "abandon", "refused", "refuse", "trash", "rejected"}},
	{community.OrderPlaced, []string{
		"pending", "attente", "authorized", "autoris", "on hold", "draft", "brouillon", "unpaid", "impaye", "non paye", "open", "placed",
		"requires", "incomplete", "created", "new", "nouveau", "checkout", "a payer",
	}},
	{community.OrderPaid, []string{
		"paid", "paye", "complete", "termine", "processing", "en cours", "preparation", "shipped", "expedi", "deliver", "livre", "fulfilled",
		"refund", "rembours", "succeeded", "captured", "accept", "valid", "closed", "clos", "facture", "invoiced", "retour", "return", "settled", "regle",
	}},
}

func orderState(text string) (community.OrderState, error) {
	s := fold(text)
	if s == "" {
		return community.OrderPaid, nil
	}
	for _, state := range stateWords {
		if slices.ContainsFunc(state.words, func(w string) bool { return strings.Contains(s, w) }) {
			return state.state, nil
		}
	}
	return 0, refused(reasonState, fState)
}

// isRefunded says that a state means all of the money.
func isRefunded(text string) bool {
	s := fold(text)
	return (strings.Contains(s, "refund") || strings.Contains(s, "rembours")) && !strings.Contains(s, "part")
}

// monthsBefore is the day some months before another, the last of its month where
// that month is shorter.
func monthsBefore(t time.Time, months int, zone *time.Location) time.Time {
	l := t.In(zone)
	first := time.Date(l.Year(), l.Month(), 1, l.Hour(), l.Minute(), l.Second(), 0, zone).AddDate(0, -months, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(l.Day(), last)-1).UTC()
}
