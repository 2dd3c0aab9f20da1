package community

import (
	"cmp"
	"errors"
	"math/bits"
	"slices"
)

// Allocate splits total by weights so that the parts sum to it exactly: an order's
// discount over its lines. Each part is the exact share rounded toward zero; the
// units that remain go to the largest remainders, among equals to the first. A
// negative total is split as its opposite is. A weight of 0 gets nothing; with no
// weight above 0 only a total of 0 can be split: ErrNoWeights otherwise. Negative
// weights are an error.
func Allocate(total Money, weights []int64) ([]Money, error) {
	var sum uint64
	for _, w := range weights {
		if w < 0 {
			return nil, errors.New("a weight is negative")
		}
		var carry uint64
		if sum, carry = bits.Add64(sum, uint64(w), 0); carry != 0 {
			return nil, ErrOverflow
		}
	}
	if sum == 0 && (len(weights) == 0 || !total.IsZero()) {
		return nil, ErrNoWeights
	}
	shares := share(magnitude(total.Minor), weights, max(sum, 1))
	parts := make([]Money, len(weights))
	for i, s := range shares {
		parts[i] = total
		parts[i].Minor, _ = signed(s, total.Minor < 0) // no share is more than the total
	}
	return parts, nil
}

// share is Allocate for a total without a sign.
func share(total uint64, weights []int64, sum uint64) []uint64 {
	shares, rests, order := make([]uint64, len(weights)), make([]uint64, len(weights)), make([]int, len(weights))
	left := total
	for i, w := range weights {
		hi, lo := bits.Mul64(total, uint64(w))
		shares[i], rests[i] = bits.Div64(hi, lo, sum) // hi < sum, for w ≤ sum and total < 2^64
		left -= shares[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rests[b], rests[a]) })
	for _, i := range order[:left] { // fewer units than remainders above 0
		shares[i]++
	}
	return shares
}

// TaxRate is a rate of tax in millionths: 200 000 is 20 %, 55 000 is 5.5 %.
type TaxRate int64

// maxTaxRate is 1000 %: above it somebody mistook the unit.
const maxTaxRate = 10_000_000

// ErrTax means that a tax cannot be right: negative, or more than the amount that
// holds it.
var ErrTax = errors.New("the tax cannot be right")

// ParseTaxRate reads a rate in percent, "20" or "5.5", with the given decimal
// separator. Four decimals of a percent are read, ErrInexact beyond.
func ParseTaxRate(percent string, decimal rune) (TaxRate, error) {
	m, err := ParseMoney(percent, "XXX", 4, decimal) // the code for "no currency"
	if err != nil {
		return 0, err
	}
	if m.Minor < 0 || m.Minor > maxTaxRate {
		return 0, ErrTax
	}
	return TaxRate(m.Minor), nil
}

// ExTax returns an amount without the tax that it holds. The tax has the sign of
// the amount (a refund's is negative) and is not more than it: ErrTax otherwise.
func ExTax(gross, tax Money) (Money, error) {
	net, err := gross.Sub(tax)
	if err != nil {
		return Money{}, err
	}
	if tax.Sign() != 0 && tax.Sign() != gross.Sign() || net.Sign() == -gross.Sign() && net.Sign() != 0 {
		return Money{}, ErrTax
	}
	return net, nil
}

// ExTaxAt returns gross / (1 + rate), rounded once half away from zero to the
// amount's own exponent. A rate of 0 changes nothing; ErrTax for one that is
// negative or above 1000 %.
func ExTaxAt(gross Money, rate TaxRate) (Money, error) {
	if rate < 0 || rate > maxTaxRate {
		return Money{}, ErrTax
	}
	minor, err := mulDiv(gross.Minor, 1_000_000, 1_000_000+uint64(rate))
	if err != nil {
		return Money{}, err
	}
	gross.Minor = minor
	return gross, nil
}
