package stripe

import (
	"math/big"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// exponent is how many decimals Stripe's amounts of a currency have, which is
// not always what ISO 4217 says: a króna and a Ugandan shilling are 100 of its units.
func exponent(currency string) uint8 {
	n, ok := community.Exponents{"ISK": 2, "UGX": 2, "MGA": 0}.Of(currency)
	if !ok {
		return 2 // all are, of which nothing else is said
	}
	return n
}

// largest bounds one amount: far above any, far below what sums could overflow.
const largest = 1 << 50

// till makes amounts of one currency.
type till struct {
	currency string
	exponent uint8
}

// newTill returns an error for what is no currency, or for amounts that cannot be.
func newTill(currency string, amounts ...int64) (till, error) {
	code := strings.ToUpper(clean(currency))
	if !community.ValidCurrency(code) {
		return till{}, refused(connectors.ReasonNotJSON, "currency")
	}
	for _, a := range amounts {
		if a > largest || a < -largest {
			return till{}, refused(connectors.ReasonNotJSON, "amount")
		}
	}
	return till{code, exponent(code)}, nil
}

func (t till) money(minor int64) community.Money {
	return community.Money{Minor: minor, Currency: t.currency, Exponent: t.exponent}
}

// round rounds half away from zero. What does not fit is the largest amount.
func round(r *big.Rat) int64 {
	twice := new(big.Int).Lsh(new(big.Int).Abs(r.Num()), 1)
	twice.Add(twice, r.Denom())
	n := twice.Quo(twice, new(big.Int).Lsh(r.Denom(), 1))
	out := int64(largest)
	if n.IsInt64() && n.Int64() < largest {
		out = n.Int64()
	}
	if r.Sign() < 0 {
		return -out
	}
	return out
}

// share is the part of an amount that part is of whole; 0 when the whole is.
func share(amount, part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	product := new(big.Int).Mul(big.NewInt(amount), big.NewInt(part))
	return round(new(big.Rat).SetFrac(product, big.NewInt(whole)))
}

// rat reads a decimal; nil when there is none.
func (d decimal) rat() *big.Rat {
	if d == "" {
		return nil
	}
	r, ok := new(big.Rat).SetString(string(d))
	if !ok {
		return nil
	}
	return r
}
