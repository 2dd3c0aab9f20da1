package i18n

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/text/currency"
)

// Int prints a whole number: "38 605", "38,605".
func (l Locale) Int(n int64) string {
	return l.digits(strconv.FormatInt(n, 10))
}

// Decimal prints a number with a fixed count of decimals: "2,7". Not a number and infinity print as a dash.
func (l Locale) Decimal(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return none
	}
	return l.digits(strconv.FormatFloat(v, 'f', max(0, min(decimals, 12)), 64))
}

// Percent prints a fraction as a percentage: Percent(0.184, 1) is "18,4 %" or "18.4%".
func (l Locale) Percent(fraction float64, decimals int) string {
	s := l.Decimal(fraction*100, decimals)
	switch {
	case s == none:
		return none
	case l.Language() == French:
		return s + nbsp + "%"
	}
	return s + "%"
}

// Points prints the difference of two fractions in points, always with its sign: "+2,1 pts", "−0,7 pt". French counts
// as singular what is under 2, English only what prints as 1.
func (l Locale) Points(difference float64, decimals int) string {
	s := l.Decimal(difference*100, decimals)
	if s == none {
		return none
	}
	size := math.Abs(round(difference*100, decimals))
	unit := "pts"
	if (l.Language() == French && size < 2) || (l.Language() != French && size == 1) {
		unit = "pt"
	}
	return signed(s) + nbsp + unit
}

// Signed puts a plus before a printed number that is neither negative nor zero: "+0,6".
func (l Locale) Signed(v float64, decimals int) string { return signed(l.Decimal(v, decimals)) }

// SignedInt is Signed for whole numbers: "+54", "−3", "0".
func (l Locale) SignedInt(n int64) string { return signed(l.Int(n)) }

// SignedPercent prints a relative change: "+14 %".
func (l Locale) SignedPercent(fraction float64, decimals int) string {
	return signed(l.Percent(fraction, decimals))
}

// Money prints an amount given in the smallest unit of its currency (ISO 4217): Money(6840, "EUR") is "68,40 €" or
// "€68.40". An unknown currency is taken to have two decimals and prints its code.
func (l Locale) Money(minor int64, code string) string {
	decimals := scale(code)
	return l.amount(exact(minor, decimals), code)
}

// MoneyWhole is Money without decimals, rounded half away from zero: "21 480 €".
func (l Locale) MoneyWhole(minor int64, code string) string {
	v := float64(minor) / math.Pow10(scale(code))
	return l.amount(strconv.FormatFloat(math.Round(v), 'f', 0, 64), code)
}

// Range joins the printed ends of a range: "3,10 à 9,90 €", "€3.10 to €9.90".
func (l Locale) Range(from, to string) string { return l.T("range.to", "from", from, "to", to) }

// Bytes prints a size in units of a thousand: "12,4 Mo", "12.4 MB".
func (l Locale) Bytes(n int64) string {
	units := [...]string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	if l.Language() == French {
		units = [...]string{"o", "ko", "Mo", "Go", "To", "Po", "Eo"}
	}
	v, i := float64(n), 0
	for math.Abs(v) >= 999.5 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	decimals := 0
	if i > 1 && math.Abs(v) < 99.95 {
		decimals = 1
	}
	return l.Decimal(v, decimals) + nbsp + units[i]
}

func scale(code string) int {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 2
	}
	decimals, _ := currency.Standard.Rounding(unit)
	return decimals
}

// exact writes an integer count of minor units as a decimal number without passing through a float.
func exact(minor int64, decimals int) string {
	s := strconv.FormatInt(minor, 10)
	if decimals == 0 {
		return s
	}
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	if len(s) <= decimals {
		s = strings.Repeat("0", decimals-len(s)+1) + s
	}
	return sign + s[:len(s)-decimals] + "." + s[len(s)-decimals:]
}

var symbols = map[string]string{"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}

func (l Locale) amount(number, code string) string {
	s := l.digits(number)
	symbol, known := symbols[code]
	if !known {
		symbol = code
	}
	if l.Language() == French {
		if code == "USD" {
			symbol = "$US"
		}
		return s + nbsp + symbol
	}
	if !known {
		symbol += nbsp
	}
	if rest, negative := strings.CutPrefix(s, minus); negative {
		return minus + symbol + rest
	}
	return symbol + s
}

// digits gives a number written by strconv the marks of the language. A rounded "-0.0" loses its sign.
func (l Locale) digits(s string) string {
	s, negative := strings.CutPrefix(s, "-")
	negative = negative && strings.Trim(s, "0.") != ""
	whole, frac, hasFrac := strings.Cut(s, ".")
	group, point := ",", "."
	if l.Language() == French {
		group, point = narrow, ","
	}
	var b strings.Builder
	if negative {
		b.WriteString(minus)
	}
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteRune(d)
	}
	if hasFrac {
		b.WriteString(point + frac)
	}
	return b.String()
}

func signed(s string) string {
	if s == none || strings.HasPrefix(s, minus) || !strings.ContainsAny(s, "123456789") {
		return s
	}
	return "+" + s
}

func round(v float64, decimals int) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', max(0, min(decimals, 12)), 64), 64)
	if err != nil {
		return v
	}
	return r
}
