package community

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// What arithmetic with money refuses.
var (
	// ErrCurrency means that amounts of two currencies met; convert one before.
	ErrCurrency = errors.New("the currencies differ")
	// ErrOverflow means that a result does not fit 64 bits of minor units.
	ErrOverflow = errors.New("the amount is too large")
	// ErrInexact means that an exact result was asked for and digits would be lost.
	ErrInexact = errors.New("the amount has more decimals than its currency")
	// ErrNoWeights means that there is nothing to allocate to.
	ErrNoWeights = errors.New("no part has a weight")
)

// MaxExponent bounds the decimals of an amount: 10^18 is the last power of ten
// that fits 64 bits.
const MaxExponent = 18

// Money is an amount as its source counts it: Minor units of Currency, each worth
// 10^-Exponent of it. The exponent is the source's and may differ from the
// currency's own: some count the Icelandic króna in hundredths. It is never a
// float. The zero Money has no currency and meets no other.
type Money struct {
	Minor    int64
	Currency string // ISO 4217, upper case
	Exponent uint8  // at most MaxExponent
}

// NewMoney returns an amount whose currency has the form of ISO 4217 and whose
// exponent fits.
func NewMoney(minor int64, currency string, exponent uint8) (Money, error) {
	if !ValidCurrency(currency) {
		return Money{}, fmt.Errorf("%q is not a currency of three capital letters", clip(currency))
	}
	if exponent > MaxExponent {
		return Money{}, fmt.Errorf("%d decimals are more than %d", exponent, MaxExponent)
	}
	return Money{Minor: minor, Currency: currency, Exponent: exponent}, nil
}

// IsZero says whether the amount is nothing, in whatever currency.
func (m Money) IsZero() bool { return m.Minor == 0 }

// Sign is -1, 0 or 1.
func (m Money) Sign() int { return cmp.Compare(m.Minor, 0) }

// Add returns m + n, with the finer exponent of both. ErrCurrency, ErrOverflow.
func (m Money) Add(n Money) (Money, error) {
	m, n, err := aligned(m, n)
	if err != nil {
		return Money{}, err
	}
	sum := m.Minor + n.Minor
	if (sum > m.Minor) != (n.Minor > 0) {
		return Money{}, ErrOverflow
	}
	m.Minor = sum
	return m, nil
}

// Sub returns m - n, with the finer exponent of both. ErrCurrency, ErrOverflow.
func (m Money) Sub(n Money) (Money, error) {
	m, n, err := aligned(m, n)
	if err != nil {
		return Money{}, err
	}
	difference := m.Minor - n.Minor
	if (difference < m.Minor) != (n.Minor > 0) {
		return Money{}, ErrOverflow
	}
	m.Minor = difference
	return m, nil
}

// Neg returns -m. ErrOverflow for the smallest amount, which has no opposite.
func (m Money) Neg() (Money, error) {
	if m.Minor == math.MinInt64 {
		return Money{}, ErrOverflow
	}
	m.Minor = -m.Minor
	return m, nil
}

// Mul returns the amount n times: a unit price by a quantity. ErrOverflow.
func (m Money) Mul(n int64) (Money, error) {
	hi, lo := bits.Mul64(magnitude(m.Minor), magnitude(n))
	minor, ok := signed(lo, (m.Minor < 0) != (n < 0))
	if hi != 0 || !ok {
		return Money{}, ErrOverflow
	}
	m.Minor = minor
	return m, nil
}

// Cmp returns -1, 0 or 1 as m is less than, equal to or more than n, whatever
// their exponents. ErrCurrency; it never overflows.
func (m Money) Cmp(n Money) (int, error) {
	if m.Currency != n.Currency {
		return 0, ErrCurrency
	}
	if m.Exponent > MaxExponent || n.Exponent > MaxExponent {
		return 0, ErrOverflow
	}
	if m.Sign() != n.Sign() {
		return cmp.Compare(m.Sign(), n.Sign()), nil
	}
	// m·10^(e-f) against n, both as 128 bits.
	top := max(m.Exponent, n.Exponent)
	mHi, mLo := bits.Mul64(magnitude(m.Minor), pow10(top-m.Exponent))
	nHi, nLo := bits.Mul64(magnitude(n.Minor), pow10(top-n.Exponent))
	return m.Sign() * cmp.Or(cmp.Compare(mHi, nHi), cmp.Compare(mLo, nLo)), nil
}

// Rescale returns the same amount with another exponent, exactly: ErrInexact when
// digits would be lost, ErrOverflow when it does not fit.
func (m Money) Rescale(exponent uint8) (Money, error) {
	r, err := m.Round(exponent)
	if err != nil {
		return Money{}, err
	}
	if order, err := r.Cmp(m); err != nil || order != 0 {
		return Money{}, errors.Join(err, ErrInexact)
	}
	return r, nil
}

// Round returns the amount with another exponent, rounded half away from zero.
// ErrOverflow when it does not fit.
func (m Money) Round(exponent uint8) (Money, error) {
	if m.Exponent > MaxExponent || exponent > MaxExponent {
		return Money{}, ErrOverflow
	}
	num, den := uint64(1), uint64(1)
	if exponent > m.Exponent {
		num = pow10(exponent - m.Exponent)
	} else {
		den = pow10(m.Exponent - exponent)
	}
	minor, err := mulDiv(m.Minor, num, den)
	if err != nil {
		return Money{}, err
	}
	return Money{Minor: minor, Currency: m.Currency, Exponent: exponent}, nil
}

// Decimal writes the number alone, with a point and all decimals of the exponent:
// "-12.50". An exponent above MaxExponent, which nothing here makes, is written
// as it stands.
func (m Money) Decimal() string {
	digits := strconv.FormatUint(magnitude(m.Minor), 10)
	if e := int(m.Exponent); e > 0 {
		if missing := e + 1 - len(digits); missing > 0 {
			digits = strings.Repeat("0", missing) + digits
		}
		digits = digits[:len(digits)-e] + "." + digits[len(digits)-e:]
	}
	if m.Minor < 0 {
		return "-" + digits
	}
	return digits
}

// String writes the amount for programs and logs: "-12.50 EUR". Pages write it by
// the reader's language.
func (m Money) String() string { return strings.TrimSuffix(m.Decimal()+" "+m.Currency, " ") }

// aligned gives both amounts the finer exponent, which is always exact.
func aligned(m, n Money) (Money, Money, error) {
	if m.Currency != n.Currency {
		return Money{}, Money{}, ErrCurrency
	}
	top := max(m.Exponent, n.Exponent)
	m, err := m.Round(top)
	if err != nil {
		return Money{}, Money{}, err
	}
	n, err = n.Round(top)
	return m, n, err
}

// mulDiv returns a·num/den rounded half away from zero; den is not 0.
func mulDiv(a int64, num, den uint64) (int64, error) {
	hi, lo := bits.Mul64(magnitude(a), num)
	if hi >= den {
		return 0, ErrOverflow
	}
	quotient, rest := bits.Div64(hi, lo, den)
	if rest >= den-rest {
		if quotient++; quotient == 0 {
			return 0, ErrOverflow
		}
	}
	minor, ok := signed(quotient, a < 0)
	if !ok {
		return 0, ErrOverflow
	}
	return minor, nil
}

// magnitude is |a|, also of the smallest one.
func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

// signed puts the sign back; false when it does not fit.
func signed(u uint64, negative bool) (int64, bool) {
	if negative {
		return -int64(u), u <= 1<<63
	}
	return int64(u), u <= math.MaxInt64
}

func pow10(n uint8) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// clip bounds what an error quotes of foreign input.
func clip(s string) string {
	if len(s) > 12 {
		return strings.ToValidUTF8(s[:12], "") + "…"
	}
	return s
}
