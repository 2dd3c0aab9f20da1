package spreadsheet

import (
	"errors"
	"math/big"
	"strings"
	"unicode"

	"github.com/foyer-app/foyer/internal/community"
)

var errNumber = errors.New("is no number")

// maxDigits bounds the digits of a number: far above any amount.
const maxDigits = 30

// parseNumber reads a number whose decimals follow the byte decimal, '.' or ','.
// Thousands may be grouped by the other one, by spaces or by apostrophes; a
// currency may stand beside, and a minus before or behind, or brackets around. 1E3
// is a thousand, as workbooks write it.
func parseNumber(text string, decimal byte) (*big.Rat, error) {
	plain, err := plainNumber(text, decimal)
	if err != nil {
		return nil, err
	}
	if i := strings.IndexByte(plain, 'e'); i >= 0 && (len(plain)-i > 4 || len(plain) > maxDigits) {
		return nil, errNumber
	}
	r, ok := new(big.Rat).SetString(plain)
	if !ok {
		return nil, errNumber
	}
	return r, nil
}

// plainNumber is the number as -1234.56.
func plainNumber(text string, decimal byte) (string, error) {
	s, negative := bareNumber(text)
	if s == "" || len(s) > 2*maxDigits {
		return "", errNumber
	}
	mantissa, exponent := s, ""
	if i := strings.IndexAny(s, "eE"); i > 0 {
		mantissa, exponent = s[:i], "e"+strings.TrimPrefix(s[i+1:], "+")
		if !digits(strings.TrimPrefix(exponent[1:], "-")) {
			return "", errNumber
		}
	}
	whole, fraction, hasFraction := strings.Cut(mantissa, string(decimal))
	if hasFraction && fraction != "" && !digits(fraction) {
		return "", errNumber
	}
	whole, ok := ungroup(whole, decimal)
	if !ok || whole == "" && fraction == "" || len(whole)+len(fraction) > maxDigits {
		return "", errNumber
	}
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if negative {
		whole = "-" + whole
	}
	return whole + exponent, nil
}

// bareNumber takes the currency and the sign off.
func bareNumber(text string) (s string, negative bool) {
	s = strings.TrimSpace(text)
	if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") {
		s, negative = s[1:len(s)-1], true
	}
	outside := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Sc, r)
	}
	for range 3 { // a sign and a currency stand in any order
		s = strings.TrimFunc(s, outside)
		if code := strings.TrimRightFunc(s, unicode.IsLetter); len(s)-len(code) == 3 && isCurrency(s[len(code):]) {
			s = code
		} else if code := strings.TrimLeftFunc(s, unicode.IsLetter); len(s)-len(code) == 3 && isCurrency(s[:3]) {
			s = code
		}
		for _, sign := range []string{"-", "−", "+"} {
			if rest, ok := strings.CutPrefix(s, sign); ok {
				s, negative = rest, negative != (sign != "+")
				break
			}
			if rest, ok := strings.CutSuffix(s, sign); ok && sign != "+" {
				s, negative = rest, !negative
				break
			}
		}
	}
	return s, negative
}

// ungroup takes the marks between thousands out of a whole number: all the same,
// and three digits behind each.
func ungroup(s string, decimal byte) (string, bool) {
	if digits(s) || s == "" {
		return s, true
	}
	var parts []string
	mark := rune(0)
	from := 0
	for i, r := range s {
		if r >= '0' && r <= '9' {
			continue
		}
		grouping := r == '\'' || r == '’' || unicode.IsSpace(r) || (r == '.' || r == ',') && byte(r) != decimal
		if !grouping || mark != 0 && r != mark && !(unicode.IsSpace(r) && unicode.IsSpace(mark)) {
			return "", false
		}
		mark = r
		parts = append(parts, s[from:i])
		from = i + len(string(r))
	}
	parts = append(parts, s[from:])
	for i, p := range parts {
		if i > 0 && len(p) != 3 || i == 0 && (p == "" || len(p) > 3) {
			return "", false
		}
	}
	return strings.Join(parts, ""), true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// isCurrency says whether a text is a code of ISO 4217, in any case.
func isCurrency(code string) bool {
	_, ok := community.ISOExponent(strings.ToUpper(code))
	return ok
}

// symbols are signs that mean one currency only.
var symbols = []struct{ sign, code string }{{"€", "EUR"}, {"£", "GBP"}, {"₹", "INR"}, {"₺", "TRY"}, {"₪", "ILS"}, {"zł", "PLN"}, {"CHF", "CHF"}, {"US$", "USD"}}

// currencyOf is the ISO code that a text names: by itself, or by a sign of its own.
func currencyOf(text string) string {
	s := strings.TrimSpace(text)
	if isCurrency(s) {
		return strings.ToUpper(s)
	}
	for _, c := range symbols {
		if strings.Contains(s, c.sign) {
			return c.code
		}
	}
	return ""
}

// exponentOf is how many decimals ISO 4217 gives a currency.
func exponentOf(code string) uint8 {
	exponent, ok := community.ISOExponent(code)
	if !ok {
		return 2
	}
	return exponent
}

var half = big.NewRat(1, 2)

// money rounds an amount to the smallest unit of a currency, half away from zero.
func money(amount *big.Rat, code string) (community.Money, error) {
	m := community.Money{Currency: code, Exponent: exponentOf(code)}
	scaled := new(big.Rat).Mul(amount, new(big.Rat).SetInt(pow10(int(m.Exponent))))
	minor := round(scaled)
	if !minor.IsInt64() || minor.BitLen() > 60 {
		return community.Money{}, errNumber
	}
	m.Minor = minor.Int64()
	return m, nil
}

// round is the nearest whole number, halves away from zero.
func round(r *big.Rat) *big.Int {
	up := new(big.Rat).Add(new(big.Rat).Abs(r), half)
	n := new(big.Int).Quo(up.Num(), up.Denom())
	if r.Sign() < 0 {
		n.Neg(n)
	}
	return n
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }
