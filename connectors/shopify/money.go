package shopify

import (
	"math/bits"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// bag is an amount in the shop's currency and in that of the buyer, of which only
// the first is read.
type bag struct {
	ShopMoney struct {
		Amount number `json:"amount"`
	} `json:"shopMoney"`
}

// restBag is the same in a delivery.
type restBag struct {
	ShopMoney struct {
		Amount number `json:"amount"`
	} `json:"shop_money"`
}

func (b restBag) bag() (out bag) {
	out.ShopMoney.Amount = b.ShopMoney.Amount
	return out
}

// purse reads amounts of one currency, and remembers whether one could not be.
type purse struct {
	currency string
	exponent uint8
	err      error
}

func newPurse(currency string) (*purse, error) {
	if !community.ValidCurrency(currency) {
		return nil, refused(connectors.ReasonNotJSON, "currency")
	}
	p := &purse{currency: currency, exponent: 2}
	if e, ok := community.ISOExponent(currency); ok {
		p.exponent = e
	}
	return p, nil
}

func (p *purse) money(minor int64) community.Money {
	return community.Money{Minor: minor, Currency: p.currency, Exponent: p.exponent}
}

// most bounds an amount in smallest units.
const most = 1_000_000_000_000_000

// minor reads an amount; one that is not told is nothing. Digits beyond the
// currency's are rounded.
func (p *purse) minor(b bag) int64 {
	if b.ShopMoney.Amount == "" {
		return 0
	}
	m, err := community.ParseMoneyAsWritten(string(b.ShopMoney.Amount), p.currency, '.')
	if err == nil {
		m, err = m.Round(p.exponent)
	}
	if err != nil || m.Minor > most || m.Minor < -most {
		return p.fail()
	}
	return m.Minor
}

func (p *purse) fail() int64 {
	p.err = refused(connectors.ReasonNotJSON, "amount")
	return 0
}

// times is an amount so many times.
func (p *purse) times(minor, n int64) int64 {
	if n < 0 || n > 0 && max(minor, -minor) > most/n {
		return p.fail()
	}
	return minor * n
}

// sum adds amounts.
func (p *purse) sum(bags []bag) (total int64) {
	for _, b := range bags {
		total = p.plus(total, p.minor(b))
	}
	return total
}

func (p *purse) plus(a, b int64) int64 {
	if sum := a + b; max(sum, -sum) <= most {
		return sum
	}
	return p.fail()
}

// share is n parts of d of an amount, rounded half away from zero; all of it when
// there are no parts.
func share(minor, n, d int64) int64 {
	if d <= 0 || n >= d {
		return minor
	}
	if n <= 0 {
		return 0
	}
	if minor < 0 {
		return -share(-minor, n, d)
	}
	high, low := bits.Mul64(uint64(minor), uint64(n))
	low, carry := bits.Add64(low, uint64(d)/2, 0)
	quotient, _ := bits.Div64(high+carry, low, uint64(d))
	return int64(quotient)
}

// text writes an amount as Shopify does.
func (p *purse) text(minor int64) number { return number(p.money(minor).Decimal()) }
