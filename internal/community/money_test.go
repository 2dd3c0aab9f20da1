package community

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func eur(minor int64) Money { return Money{minor, "EUR", 2} }

func TestParseMoney(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text     string
		exponent uint8
		decimal  rune
		want     int64
		err      error
	}{
		"point":                 {"1234.56", 2, '.', 123456, nil},
		"comma":                 {"1234,56", 2, ',', 123456, nil},
		"french":                {"1 234,56", 2, ',', 123456, nil},
		"no-break space":        {"1\u00a0234,56", 2, ',', 123456, nil},
		"narrow no-break space": {"1\u202f234\u202f567,8", 2, ',', 123456780, nil},
		"english":               {"1,234.56", 2, '.', 123456, nil},
		"german":                {"1.234,56", 2, ',', 123456, nil},
		"swiss":                 {"1’234.50", 2, '.', 123450, nil},
		"indian":                {"12,34,567.00", 2, '.', 123456700, nil},
		"whole":                 {"12", 2, '.', 1200, nil},
		"no whole part":         {".5", 2, '.', 50, nil},
		"zero":                  {"0", 2, '.', 0, nil},
		"negative":              {"-0.01", 2, '.', -1, nil},
		"typeset minus":         {"−3,5", 2, ',', -350, nil},
		"plus":                  {"+3.5", 2, '.', 350, nil},
		"brackets":              {"(12.50)", 2, '.', -1250, nil},
		"spaces around":         {"  7.00\t", 2, '.', 700, nil},
		"zeros beyond":          {"100.0000", 0, '.', 100, nil},
		"three decimals":        {"1.234", 3, '.', 1234, nil},
		"largest":               {"92233720368547758.07", 2, '.', math.MaxInt64, nil},
		"smallest":              {"-92233720368547758.08", 2, '.', math.MinInt64, nil},
		"leading zeros":         {"000000000000000000000000000001", 0, '.', 1, nil},
		"digits lost":           {"1.005", 2, '.', 0, ErrInexact},
		"decimals of yen":       {"100.5", 0, '.', 0, ErrInexact},
		"19 decimals":           {"0.1234567890123456789", 2, '.', 0, ErrInexact},
		"one too large":         {"92233720368547758.08", 2, '.', 0, ErrOverflow},
		"too large by scale":    {"9223372036854775807", 2, '.', 0, ErrOverflow},
		"far too large":         {"99999999999999999999999", 2, '.', 0, ErrOverflow},
		"wrong separator":       {"1,23", 2, '.', 0, ErrAmount},
		"wrong separator 2":     {"1.23", 2, ',', 0, ErrAmount},
		"two decimal marks":     {"1.2.3", 2, '.', 0, ErrAmount},
		"mixed groups":          {"1 234'567.00", 2, '.', 0, ErrAmount},
		"uneven groups":         {"1,2345,678.00", 2, '.', 0, ErrAmount},
		"empty first group":     {",234.00", 2, '.', 0, ErrAmount},
		"wide first group":      {"1234,567.00", 2, '.', 0, ErrAmount},
		"groups in decimals":    {"1.234 5", 2, '.', 0, ErrAmount},
		"empty":                 {"", 2, '.', 0, ErrAmount},
		"sign alone":            {"-", 2, '.', 0, ErrAmount},
		"two signs":             {"--1", 2, '.', 0, ErrAmount},
		"open bracket":          {"(1", 2, '.', 0, ErrAmount},
		"point alone":           {".", 2, '.', 0, ErrAmount},
		"nothing after point":   {"5.", 2, '.', 0, ErrAmount},
		"power":                 {"1e3", 2, '.', 0, ErrAmount},
		"hexadecimal":           {"0x10", 2, '.', 0, ErrAmount},
		"not a number":          {"NaN", 2, '.', 0, ErrAmount},
		"symbol":                {"12 €", 2, '.', 0, ErrAmount},
		"other digits":          {"١٢", 2, '.', 0, ErrAmount},
		"other separator":       {"1;5", 2, ';', 0, ErrAmount},
		"long":                  {string(make([]byte, 1000)), 2, '.', 0, ErrAmount},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseMoney(c.text, "EUR", c.exponent, c.decimal)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if want := (Money{c.want, "EUR", c.exponent}); err == nil && got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestParseMoneyAsWritten(t *testing.T) {
	t.Parallel()
	got, err := ParseMoneyAsWritten("0.00012500", "USD", '.')
	if want := (Money{125, "USD", 6}); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for _, currency := range []string{"", "eur", "EURO", "€", "E1R"} {
		if _, err := ParseMoneyAsWritten("1", currency, '.'); err == nil {
			t.Errorf("the currency %q passes", currency)
		}
	}
}

func FuzzParseMoney(f *testing.F) {
	for _, s := range []string{"1 234,56", "1,234.56", "(12.50)", "-0.01", "−1’234.5", "12,34,567.00", "99999999999999999999", "."} {
		f.Add(s, true, uint8(2))
		f.Add(s, false, uint8(0))
	}
	f.Fuzz(func(t *testing.T, text string, point bool, exponent uint8) {
		decimal := ','
		if point {
			decimal = '.'
		}
		m, err := ParseMoney(text, "EUR", exponent, decimal)
		if err != nil {
			return
		}
		again, err := ParseMoney(m.Decimal(), "EUR", exponent, '.')
		if err != nil || again != m {
			t.Errorf("%q reads as %v, which reads as %v, %v", text, m, again, err)
		}
	})
}

func TestArithmetic(t *testing.T) {
	t.Parallel()
	sum, err := eur(1050).Add(eur(-50))
	if err != nil || sum != eur(1000) {
		t.Errorf("sum %v, %v", sum, err)
	}
	// The same currency, counted in hundredths by one source and in units by another.
	krona, err := Money{250, "ISK", 2}.Add(Money{3, "ISK", 0})
	if want := (Money{550, "ISK", 2}); err != nil || krona != want {
		t.Errorf("sum %v, %v, want %v", krona, err, want)
	}
	if d, err := eur(100).Sub(eur(250)); err != nil || d != eur(-150) {
		t.Errorf("difference %v, %v", d, err)
	}
	if n, err := eur(-7).Neg(); err != nil || n != eur(7) {
		t.Errorf("negation %v, %v", n, err)
	}
	if p, err := eur(-7).Mul(3); err != nil || p != eur(-21) {
		t.Errorf("product %v, %v", p, err)
	}
	if p, err := eur(math.MinInt64).Mul(1); err != nil || p != eur(math.MinInt64) {
		t.Errorf("product %v, %v", p, err)
	}
}

func TestArithmeticRefuses(t *testing.T) {
	t.Parallel()
	usd, least, most := Money{1, "USD", 2}, eur(math.MinInt64), eur(math.MaxInt64)
	cases := map[string]struct {
		do   func() (Money, error)
		want error
	}{
		"add currencies":        {func() (Money, error) { return eur(1).Add(usd) }, ErrCurrency},
		"add no currency":       {func() (Money, error) { return eur(1).Add(Money{}) }, ErrCurrency},
		"subtract currencies":   {func() (Money, error) { return eur(1).Sub(usd) }, ErrCurrency},
		"add over":              {func() (Money, error) { return most.Add(eur(1)) }, ErrOverflow},
		"add under":             {func() (Money, error) { return least.Add(eur(-1)) }, ErrOverflow},
		"add smallest twice":    {func() (Money, error) { return least.Add(least) }, ErrOverflow},
		"subtract over":         {func() (Money, error) { return most.Sub(eur(-1)) }, ErrOverflow},
		"subtract smallest":     {func() (Money, error) { return eur(0).Sub(least) }, ErrOverflow},
		"negate smallest":       {least.Neg, ErrOverflow},
		"multiply":              {func() (Money, error) { return most.Mul(2) }, ErrOverflow},
		"multiply smallest":     {func() (Money, error) { return least.Mul(-1) }, ErrOverflow},
		"multiply far":          {func() (Money, error) { return least.Mul(math.MinInt64) }, ErrOverflow},
		"scale over":            {func() (Money, error) { return most.Round(3) }, ErrOverflow},
		"add scaled over":       {func() (Money, error) { return most.Add(Money{1, "EUR", 4}) }, ErrOverflow},
		"exponent out of range": {func() (Money, error) { return eur(1).Round(19) }, ErrOverflow},
		"inexact":               {func() (Money, error) { return eur(105).Rescale(1) }, ErrInexact},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := c.do(); !errors.Is(err, c.want) || got != (Money{}) {
				t.Errorf("got %v, %v, want %v", got, err, c.want)
			}
		})
	}
}

// TestSumAgainstBig compares additions and subtractions with arithmetic that
// cannot overflow.
func TestSumAgainstBig(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 1))
	for range 20_000 {
		a, b := extreme(r), extreme(r)
		check := func(name string, got Money, err error, want *big.Int) {
			if want.IsInt64() != (err == nil) || err == nil && got.Minor != want.Int64() {
				t.Fatalf("%d %s %d: got %v, %v, want %v", a, name, b, got, err, want)
			}
		}
		x, y := big.NewInt(a), big.NewInt(b)
		sum, err := eur(a).Add(eur(b))
		check("+", sum, err, new(big.Int).Add(x, y))
		difference, err := eur(a).Sub(eur(b))
		check("-", difference, err, new(big.Int).Sub(x, y))
		product, err := eur(a).Mul(b)
		check("×", product, err, new(big.Int).Mul(x, y))
	}
}

// extreme draws numbers of all sizes, often at the ends.
func extreme(r *rand.Rand) int64 {
	switch n := int64(r.Uint64()); r.IntN(4) {
	case 0:
		return math.MaxInt64 - n&3
	case 1:
		return math.MinInt64 + n&3
	case 2:
		return n >> r.IntN(64)
	default:
		return n
	}
}

func TestCmp(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		a, b Money
		want int
	}{
		"equal":                {eur(5), eur(5), 0},
		"equal over exponents": {Money{100, "ISK", 2}, Money{1, "ISK", 0}, 0},
		"less":                 {Money{99, "ISK", 2}, Money{1, "ISK", 0}, -1},
		"negative":             {Money{-99, "ISK", 2}, Money{-1, "ISK", 0}, 1},
		"signs":                {eur(-1), eur(1), -1},
		"zero":                 {eur(0), eur(-1), 1},
		"no overflow":          {Money{math.MaxInt64, "EUR", 0}, Money{math.MaxInt64, "EUR", 18}, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.a.Cmp(c.b)
			back, _ := c.b.Cmp(c.a)
			if err != nil || got != c.want || back != -c.want {
				t.Errorf("got %d and %d, %v, want %d", got, back, err, c.want)
			}
		})
	}
	if _, err := eur(0).Cmp(Money{0, "USD", 2}); !errors.Is(err, ErrCurrency) {
		t.Errorf("euros and dollars compare: %v", err)
	}
}

func TestRound(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		minor    int64
		from, to uint8
		want     int64
		exact    bool
	}{
		"finer":        {5, 0, 2, 500, true},
		"same":         {5, 2, 2, 5, true},
		"coarser":      {500, 2, 0, 5, true},
		"half up":      {150, 2, 0, 2, false},
		"below half":   {149, 2, 0, 1, false},
		"half down":    {-150, 2, 0, -2, false},
		"above -half":  {-149, 2, 0, -1, false},
		"small":        {1, 18, 0, 0, false},
		"smallest":     {math.MinInt64, 2, 2, math.MinInt64, true},
		"smallest cut": {math.MinInt64, 1, 0, -922337203685477581, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := Money{c.minor, "EUR", c.from}
			got, err := m.Round(c.to)
			if want := (Money{c.want, "EUR", c.to}); err != nil || got != want {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
			if _, err := m.Rescale(c.to); (err == nil) != c.exact {
				t.Errorf("exactly: %v", err)
			}
		})
	}
}

func TestMoneyPrints(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]Money{
		"12.91 EUR":                {1291, "EUR", 2},
		"-0.05 EUR":                {-5, "EUR", 2},
		"1200 JPY":                 {1200, "JPY", 0},
		"0.001 KWD":                {1, "KWD", 3},
		"-92233720368547758.08 CZ": {math.MinInt64, "CZ", 2},
		"0":                        {},
	} {
		if got := m.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestISOExponent(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string]uint8{
		"EUR": 2, "USD": 2, "HUF": 2, "TWD": 2, "ISK": 0, "UGX": 0, "JPY": 0, "KRW": 0, "XPF": 0, "XOF": 0,
		"KWD": 3, "TND": 3, "CLF": 4, "HRK": 2, "BGN": 2, "TRL": 2,
	} {
		if got, ok := ISOExponent(currency); !ok || got != want {
			t.Errorf("%s: %d, %v, want %d", currency, got, ok, want)
		}
	}
	for _, unknown := range []string{"", "eur", "XAU", "XXX", "ZZZ", "EU ", "D A", "EURO"} {
		if got, ok := ISOExponent(unknown); ok {
			t.Errorf("%q has %d decimals", unknown, got)
		}
	}
	seen := map[string]bool{}
	for _, codes := range isoCurrencies {
		if len(codes)%4 != 0 {
			t.Fatalf("the list is not of codes and spaces: %q", codes)
		}
		for i := 0; i < len(codes); i += 4 {
			code := codes[i : i+3]
			if seen[code] || !ValidCurrency(code) || codes[i+3] != ' ' {
				t.Errorf("%q is there twice or is no code", code)
			}
			seen[code] = true
		}
	}
}

func TestExponentsOfASource(t *testing.T) {
	t.Parallel()
	source := Exponents{"ISK": 2, "BAD": 200}
	for currency, want := range map[string]uint8{"ISK": 2, "JPY": 0, "EUR": 2} {
		if got, ok := source.Of(currency); !ok || got != want {
			t.Errorf("%s: %d, %v, want %d", currency, got, ok, want)
		}
	}
	if got, ok := Exponents(nil).Of("ISK"); !ok || got != 0 {
		t.Errorf("ISK by ISO 4217: %d, %v", got, ok)
	}
	if _, ok := source.Of("BAD"); ok {
		t.Error("200 decimals pass")
	}
}
