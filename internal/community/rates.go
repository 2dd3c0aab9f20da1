package community

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
)

// Euro is the currency that exchange rates are quoted against.
const Euro = "EUR"

// MaxRateAge is how many days before a day its rate may have been published. The
// longest pause of the publisher is Easter's, of five days; the rest is patience
// with a source that does not answer.
const MaxRateAge = 10

// ExchangeRate says that on Day one euro was worth Units·10^-Decimals of Currency.
type ExchangeRate struct {
	Currency string
	Day      Date
	Units    int64 // above 0
	Decimals uint8 // at most MaxExponent
}

// ParseRate reads a published rate: a decimal number above 0 with a point.
func ParseRate(currency string, day Date, text string) (ExchangeRate, error) {
	m, err := ParseMoneyAsWritten(text, currency, '.')
	if err != nil {
		return ExchangeRate{}, err
	}
	if m.Minor <= 0 {
		return ExchangeRate{}, fmt.Errorf("%w: a rate is above 0", ErrAmount)
	}
	return ExchangeRate{Currency: currency, Day: day, Units: m.Minor, Decimals: m.Exponent}, nil
}

// Decimal writes the rate as a number: "1.1684".
func (r ExchangeRate) Decimal() string {
	return Money{Minor: r.Units, Exponent: r.Decimals}.Decimal()
}

// WhyNoRate is the reason why there is no rate.
type WhyNoRate string

// The reasons.
const (
	RateUnknown WhyNoRate = "unknown" // nobody publishes rates of the currency
	RateBefore  WhyNoRate = "before"  // the day is before the first one
	RateTooOld  WhyNoRate = "too_old" // publication stopped, or paused, or did not reach us
)

// NoRateError says why a currency has no rate on a day.
type NoRateError struct {
	Currency string
	Day      Date
	Why      WhyNoRate
	Last     Date // of RateTooOld: the day of the last rate before
}

func (e *NoRateError) Error() string {
	text := fmt.Sprintf("no exchange rate of %s on %s: %s", clip(e.Currency), e.Day, e.Why)
	if e.Why == RateTooOld {
		text += ", last on " + e.Last.String()
	}
	return text
}

// Rates is a history of exchange rates against the euro. It never changes.
type Rates struct {
	series map[string][]dayRate // by day
	latest Date
}

type dayRate struct {
	units    int64
	day      Date
	decimals uint8
}

// NewRates makes a history, in any order; of two rates for one day the later in
// the list stands. Rates that are not above 0, without a currency of three letters
// or of the euro itself are errors.
func NewRates(list []ExchangeRate) (*Rates, error) { return (&Rates{latest: math.MinInt32}).With(list) }

// With returns the history with more rates, which stand where both have one.
func (r *Rates) With(list []ExchangeRate) (*Rates, error) {
	n := &Rates{series: map[string][]dayRate{}, latest: r.latest}
	for currency, s := range r.series {
		n.series[currency] = slices.Clip(s)
	}
	for _, e := range list {
		if !ValidCurrency(e.Currency) || e.Currency == Euro || e.Units <= 0 || e.Decimals > MaxExponent {
			return nil, fmt.Errorf("%q on %s is no exchange rate", clip(e.Currency), e.Day)
		}
		n.series[e.Currency] = append(n.series[e.Currency], dayRate{e.Units, e.Day, e.Decimals})
		n.latest = max(n.latest, e.Day)
	}
	for currency, s := range n.series {
		if len(s) != len(r.series[currency]) {
			n.series[currency] = ordered(s)
		}
	}
	return n, nil
}

// ordered sorts by day and keeps the last of each.
func ordered(s []dayRate) []dayRate {
	slices.SortStableFunc(s, func(a, b dayRate) int { return cmp.Compare(a.day, b.day) })
	kept := s[:0]
	for i, d := range s {
		if i+1 == len(s) || s[i+1].day != d.day {
			kept = append(kept, d)
		}
	}
	return kept
}

// Latest returns the last day that has a rate, of whatever currency; false when
// there is none at all.
func (r *Rates) Latest() (Date, bool) { return r.latest, len(r.series) > 0 }

// On returns the rate of a day: of a currency that joined the euro the fixed one
// from then on, else the last one on or before it, which Day then tells. A
// *NoRateError when there is none or it is more than MaxRateAge days older.
func (r *Rates) On(currency string, day Date) (ExchangeRate, error) {
	if currency == Euro {
		return ExchangeRate{Currency: Euro, Day: day, Units: 1}, nil
	}
	if f, ok := fixedRate(currency); ok && day >= f.Day {
		return f, nil
	}
	s := r.series[currency]
	i, found := slices.BinarySearchFunc(s, day, func(d dayRate, day Date) int { return cmp.Compare(d.day, day) })
	if !found {
		i--
	}
	switch {
	case len(s) == 0:
		return ExchangeRate{}, &NoRateError{Currency: currency, Day: day, Why: RateUnknown}
	case i < 0:
		return ExchangeRate{}, &NoRateError{Currency: currency, Day: day, Why: RateBefore}
	case int64(day)-int64(s[i].day) > MaxRateAge:
		return ExchangeRate{}, &NoRateError{Currency: currency, Day: day, Why: RateTooOld, Last: s[i].day}
	}
	return ExchangeRate{Currency: currency, Day: s[i].day, Units: s[i].units, Decimals: s[i].decimals}, nil
}

// Quote is what a conversion rests on. Kept with an order, it converts the order
// again to the same amount, whatever was published since.
type Quote struct {
	From, To ExchangeRate
	// Provisional says that no rate of the day or of one after it is known yet: the
	// day's own may still come, and the quote should be asked for again.
	Provisional bool
}

// Quote returns the rates to convert with on a day, through the euro. From a
// currency to itself none is needed. A *NoRateError when one is missing.
func (r *Rates) Quote(from, to string, day Date) (Quote, error) {
	if from == to {
		same := ExchangeRate{Currency: from, Day: day, Units: 1}
		return Quote{From: same, To: same}, nil
	}
	f, err := r.On(from, day)
	if err != nil {
		return Quote{}, err
	}
	t, err := r.On(to, day)
	if err != nil {
		return Quote{}, err
	}
	return Quote{From: f, To: t, Provisional: day > r.latest && !(settled(f) && settled(t))}, nil
}

// settled says whether a rate can be followed by no other.
func settled(e ExchangeRate) bool {
	f, ok := fixedRate(e.Currency)
	return e.Currency == Euro || ok && e == f
}

// Convert returns m in the quote's other currency with the given exponent. The
// arithmetic is exact, and rounded once at the end, half away from zero.
// ErrCurrency when m is not of the quote's first currency, ErrOverflow when the
// result does not fit.
func (q Quote) Convert(m Money, exponent uint8) (Money, error) {
	if m.Currency != q.From.Currency {
		return Money{}, ErrCurrency
	}
	if q.From.Units <= 0 || q.To.Units <= 0 {
		return Money{}, errors.New("a quote without rates")
	}
	if max(exponent, m.Exponent, q.From.Decimals, q.To.Decimals) > MaxExponent {
		return Money{}, ErrOverflow
	}
	// minor·10^-m.Exponent · to/from · 10^exponent
	num := new(big.Int).Mul(big.NewInt(m.Minor), big.NewInt(q.To.Units))
	num.Mul(num, scale(q.From.Decimals)).Mul(num, scale(exponent))
	den := new(big.Int).Mul(big.NewInt(q.From.Units), scale(q.To.Decimals))
	den.Mul(den, scale(m.Exponent))
	minor := roundedQuotient(num, den)
	if !minor.IsInt64() {
		return Money{}, ErrOverflow
	}
	return Money{Minor: minor.Int64(), Currency: q.To.Currency, Exponent: exponent}, nil
}

// roundedQuotient returns num/den, half away from zero; den is above 0.
func roundedQuotient(num, den *big.Int) *big.Int {
	quotient, rest := new(big.Int).QuoRem(num, den, new(big.Int))
	if rest.Lsh(rest, 1).CmpAbs(den) >= 0 {
		quotient.Add(quotient, big.NewInt(int64(num.Sign())))
	}
	return quotient
}

func scale(n uint8) *big.Int { return new(big.Int).SetUint64(pow10(n)) }

// fixedRate returns the irrevocable rate at which a currency joined the euro, its
// Day being the first one: 1 euro is so many units for ever.
func fixedRate(currency string) (ExchangeRate, bool) {
	fixed := func(year int, units int64, decimals uint8) (ExchangeRate, bool) {
		return ExchangeRate{currency, NewDate(year, 1, 1), units, decimals}, true
	}
	switch currency {
	case "SIT":
		return fixed(2007, 239_640, 3)
	case "CYP":
		return fixed(2008, 585_274, 6)
	case "MTL":
		return fixed(2008, 429_300, 6)
	case "SKK":
		return fixed(2009, 301_260, 4)
	case "EEK":
		return fixed(2011, 156_466, 4)
	case "LVL":
		return fixed(2014, 702_804, 6)
	case "LTL":
		return fixed(2015, 345_280, 5)
	case "HRK":
		return fixed(2023, 753_450, 5)
	case "BGN":
		return fixed(2026, 195_583, 5)
	}
	return ExchangeRate{}, false
}
