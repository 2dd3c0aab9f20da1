package community

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
)

// maxAmountLength bounds the text of an amount, in bytes.
const maxAmountLength = 64

// ErrAmount means that a text is not an amount. The text itself is not repeated.
var ErrAmount = errors.New("not an amount")

// ParseMoney reads a decimal number as an amount with the given exponent. decimal
// is the separator of decimals, '.' or ','; nothing is guessed. Thousands may be
// grouped by the other one of the two, spaces or apostrophes, in threes or as in
// 12,34,567. A number in brackets is negative. Decimals beyond the exponent must be
// zeros: ErrInexact otherwise. ErrAmount and ErrOverflow for what does not read or
// does not fit.
func ParseMoney(text, currency string, exponent uint8, decimal rune) (Money, error) {
	m, err := ParseMoneyAsWritten(text, currency, decimal)
	if err != nil {
		return Money{}, err
	}
	return m.Rescale(exponent)
}

// ParseMoneyAsWritten reads like ParseMoney and takes as many decimals as the text
// has, without the zeros at their end: for prices per unit, which may be finer than
// the currency. Round gives them another exponent.
func ParseMoneyAsWritten(text, currency string, decimal rune) (Money, error) {
	if decimal != '.' && decimal != ',' {
		return Money{}, fmt.Errorf("%w: the decimal separator is neither a point nor a comma", ErrAmount)
	}
	if len(text) > maxAmountLength {
		return Money{}, fmt.Errorf("%w: longer than %d characters", ErrAmount, maxAmountLength)
	}
	number, negative, err := unsign(strings.TrimSpace(text))
	if err != nil {
		return Money{}, err
	}
	whole, fraction, found := strings.Cut(number, string(decimal))
	if found && (fraction == "" || !isDigits(fraction)) {
		return Money{}, fmt.Errorf("%w: no decimals after the separator", ErrAmount)
	}
	if whole, err = ungroup(whole, decimal); err != nil {
		return Money{}, err
	}
	if whole == "" && fraction == "" {
		return Money{}, fmt.Errorf("%w: no digits", ErrAmount)
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > MaxExponent {
		return Money{}, ErrInexact
	}
	u, err := digits(whole + fraction)
	if err != nil {
		return Money{}, err
	}
	minor, ok := signed(u, negative)
	if !ok {
		return Money{}, ErrOverflow
	}
	return NewMoney(minor, currency, uint8(len(fraction)))
}

// unsign takes the sign or the brackets off.
func unsign(text string) (number string, negative bool, err error) {
	if inner, ok := strings.CutPrefix(text, "("); ok {
		if inner, ok = strings.CutSuffix(inner, ")"); !ok {
			return "", false, fmt.Errorf("%w: a bracket is not closed", ErrAmount)
		}
		return strings.TrimSpace(inner), true, nil
	}
	for _, sign := range []string{"-", "−"} { // of the keyboard and of typesetting
		if rest, ok := strings.CutPrefix(text, sign); ok {
			return strings.TrimSpace(rest), true, nil
		}
	}
	return strings.TrimSpace(strings.TrimPrefix(text, "+")), false, nil
}

// groupMarks separate thousands: spaces of every width and apostrophes, and the
// one of point and comma that is not the decimal separator.
const groupMarks = " \u00a0\u2009\u202f'’"

// ungroup takes the marks of thousands off. They must stand where thousands do, all
// the same: "1,23" with a decimal point is more likely a wrong separator than 123.
func ungroup(whole string, decimal rune) (string, error) {
	other := ","
	if decimal == ',' {
		other = "."
	}
	at := strings.IndexAny(whole, groupMarks+other)
	if at < 0 {
		if !isDigits(whole) {
			return "", fmt.Errorf("%w: something else than digits", ErrAmount)
		}
		return whole, nil
	}
	mark := string([]rune(whole[at:])[0])
	groups := strings.Split(whole, mark)
	last := len(groups) - 1
	size := len(groups[1])
	if len(groups[last]) != 3 || len(groups[0]) < 1 || len(groups[0]) > size || size < 2 || size > 3 {
		return "", fmt.Errorf("%w: thousands are not grouped by three", ErrAmount)
	}
	for i, g := range groups {
		if !isDigits(g) || i > 0 && i < last && len(g) != size {
			return "", fmt.Errorf("%w: thousands are not grouped by three", ErrAmount)
		}
	}
	return strings.Join(groups, ""), nil
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// digits reads what isDigits let through.
func digits(s string) (uint64, error) {
	var u uint64
	for i := range len(s) {
		hi, lo := bits.Mul64(u, 10)
		sum, carry := bits.Add64(lo, uint64(s[i]-'0'), 0)
		if hi != 0 || carry != 0 {
			return 0, ErrOverflow
		}
		u = sum
	}
	return u, nil
}
