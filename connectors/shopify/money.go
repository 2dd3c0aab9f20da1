package shopify

import (
	"math/bits"
	"strconv"
	"strings"

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

// The currencies whose smallest unit is not a hundredth, by ISO 4217.
const (
	wholeCurrencies    = " BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "
	thousandCurrencies = " BHD IQD JOD KWD LYD OMR TND "
)

func newPurse(currency string) (*purse, error) {
	if len(currency) != 3 || strings.Trim(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return nil, refused(connectors.ReasonNotJSON, "currency")
	}
	p := &purse{currency: currency, exponent: 2}
	switch {
	case strings.Contains(wholeCurrencies, " "+currency+" "):
		p.exponent = 0
	case strings.Contains(thousandCurrencies, " "+currency+" "):
		p.exponent = 3
	}
	return p, nil
}

func (p *purse) money(minor int64) community.Money {
	return community.Money{Minor: minor, Currency: p.currency, Exponent: p.exponent}
}

// most bounds an amount in smallest units.
const most = 1_000_000_000_000_000

// minor reads an amount; one that is not told is nothing. Digits beyond the
// currency's are rounded, half away from zero.
func (p *purse) minor(b bag) int64 {
	text, negative := strings.CutPrefix(string(b.ShopMoney.Amount), "-")
	if text == "" && !negative {
		return 0
	}
	whole, fraction, _ := strings.Cut(text, ".")
	digits := whole + fraction
	if whole == "" || strings.Trim(digits, "0123456789") != "" {
		return p.fail()
	}
	fraction += "0000"
	value := int64(0)
	for _, c := range whole + fraction[:p.exponent] {
		if value = value*10 + int64(c-'0'); value > most {
			return p.fail()
		}
	}
	if fraction[p.exponent] >= '5' {
		value++
	}
	if negative {
		return -value
	}
	return value
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
func (p *purse) text(minor int64) number {
	sign, digits := "", strconv.FormatInt(max(minor, -minor), 10)
	if minor < 0 {
		sign = "-"
	}
	if p.exponent == 0 {
		return number(sign + digits)
	}
	digits = strings.Repeat("0", max(int(p.exponent)+1-len(digits), 0)) + digits
	at := len(digits) - int(p.exponent)
	return number(sign + digits[:at] + "." + digits[at:])
}
