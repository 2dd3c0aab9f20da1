package community

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func day(t *testing.T, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// rates are a few published ones: of a Thursday and a Friday, before Christmas and
// at the ends of discontinued currencies.
func rates(t *testing.T) *Rates {
	t.Helper()
	var list []ExchangeRate
	for _, r := range []struct{ day, currency, rate string }{
		{"2013-03-21", "USD", "1.2910"},
		{"2014-03-28", "USD", "1.3759"},
		{"2019-12-06", "USD", "1.1094"},
		{"2019-12-09", "USD", "1.1075"},
		{"2019-12-06", "JPY", "120.53"},
		{"2022-03-01", "RUB", "117.201"},
		{"2022-12-30", "HRK", "7.5365"},
		{"2025-12-31", "BGN", "1.9558"},
		{"2024-12-24", "USD", "1.0395"},
		{"2024-12-27", "USD", "1.0435"},
	} {
		e, err := ParseRate(r.currency, day(t, r.day), r.rate)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	r, err := NewRates(list)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestConvert holds conversions against the published answers of others.
func TestConvert(t *testing.T) {
	t.Parallel()
	r := rates(t)
	cases := map[string]struct {
		amount   Money
		to, day  string
		exponent uint8
		want     int64
	}{
		"to dollars":            {eur(1000), "USD", "2013-03-21", 2, 1291},
		"to dollars, finer":     {eur(1000), "USD", "2014-03-28", 3, 13759},
		"from dollars, Sunday":  {Money{1000, "USD", 2}, "EUR", "2019-12-08", 5, 901388},
		"Christmas":             {eur(10000), "USD", "2024-12-26", 2, 10395},
		"across":                {Money{1000, "USD", 2}, "JPY", "2019-12-06", 0, 1086}, // 10/1.1094·120.53 = 1086.44
		"negative":              {Money{-1000, "USD", 2}, "EUR", "2019-12-08", 2, -901},
		"half away from zero":   {eur(50), "HRK", "2022-12-30", 1, 38}, // 3.76825
		"half":                  {eur(5), "EUR", "2022-12-30", 1, 1},
		"fixed HRK":             {Money{75345, "HRK", 2}, "EUR", "2024-06-01", 2, 10000},
		"HRK on the first day":  {Money{75345, "HRK", 2}, "EUR", "2023-01-01", 2, 10000},
		"HRK the day before":    {Money{75365, "HRK", 2}, "EUR", "2022-12-31", 2, 10000},
		"fixed BGN":             {Money{195583, "BGN", 2}, "EUR", "2026-11-01", 2, 100000},
		"one fixed to another":  {Money{753450, "HRK", 2}, "BGN", "2026-01-02", 2, 195583},
		"itself, without rates": {Money{5, "XAF", 0}, "XAF", "1990-01-01", 0, 5},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, err := r.Quote(c.amount.Currency, c.to, day(t, c.day))
			if err != nil {
				t.Fatal(err)
			}
			got, err := q.Convert(c.amount, c.exponent)
			if want := (Money{c.want, c.to, c.exponent}); err != nil || got != want {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
		})
	}
}

func TestNoRate(t *testing.T) {
	t.Parallel()
	r := rates(t)
	cases := map[string]struct {
		currency, day string
		why           WhyNoRate
		last          string
	}{
		"never published":   {"XAF", "2020-01-01", RateUnknown, ""},
		"nonsense":          {"", "2020-01-01", RateUnknown, ""},
		"before the first":  {"USD", "2013-03-20", RateBefore, ""},
		"suspended":         {"RUB", "2022-03-12", RateTooOld, "2022-03-01"},
		"a gap":             {"USD", "2019-12-20", RateTooOld, "2019-12-09"},
		"after the history": {"USD", "2030-01-01", RateTooOld, "2024-12-27"},
		"far away":          {"USD", "9999-01-01", RateTooOld, "2024-12-27"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, pair := range [][2]string{{c.currency, "EUR"}, {"EUR", c.currency}} {
				_, err := r.Quote(pair[0], pair[1], day(t, c.day))
				var none *NoRateError
				if !errors.As(err, &none) || none.Why != c.why || c.last != "" && none.Last.String() != c.last {
					t.Errorf("%v: %v", pair, err)
				}
			}
		})
	}
	if e, err := r.On("RUB", day(t, "2022-03-11")); err != nil || e.Decimal() != "117.201" {
		t.Errorf("ten days old: %v, %v", e, err)
	}
}

func TestProvisional(t *testing.T) {
	t.Parallel()
	r := rates(t)
	latest, _ := r.Latest()
	if latest.String() != "2025-12-31" {
		t.Fatalf("latest %s", latest)
	}
	more, err := r.With([]ExchangeRate{{"USD", latest, 11750, 4}})
	if err != nil {
		t.Fatal(err)
	}
	for d, want := range map[Date]bool{latest: false, latest + 1: true} {
		if q, err := more.Quote("USD", "EUR", d); err != nil || q.Provisional != want {
			t.Errorf("%s: %+v, %v", d, q, err)
		}
	}
}

func TestFixedIsNotProvisional(t *testing.T) {
	t.Parallel()
	if q, err := rates(t).Quote("HRK", "EUR", day(t, "2026-06-01")); err != nil || q.Provisional {
		t.Errorf("%+v, %v", q, err)
	}
}

func TestWith(t *testing.T) {
	t.Parallel()
	old := rates(t)
	d := day(t, "2019-12-07")
	more, err := old.With([]ExchangeRate{{"USD", d, 2, 0}, {"USD", d, 3, 0}, {"USD", d - 1, 7, 0}})
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[Date]string{d: "3", d + 1: "3", d - 1: "7", d + 2: "1.1075"} {
		if e, err := more.On("USD", at); err != nil || e.Decimal() != want {
			t.Errorf("%s: %s, %v, want %s", at, e.Decimal(), err, want)
		}
	}
	if e, err := old.On("USD", d); err != nil || e.Decimal() != "1.1094" {
		t.Errorf("the history before changed: %s, %v", e.Decimal(), err)
	}
	for name, bad := range map[string]ExchangeRate{
		"zero": {"USD", d, 0, 0}, "negative": {"USD", d, -1, 0}, "euro": {"EUR", d, 1, 0}, "no currency": {"", d, 1, 0}, "decimals": {"USD", d, 1, 19},
	} {
		if _, err := old.With([]ExchangeRate{bad}); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	if _, ok := (&Rates{}).Latest(); ok {
		t.Error("no rates have a latest day")
	}
}

func TestParseRateRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "N/A", "0", "-1.5", "1,5", "1e3"} {
		if e, err := ParseRate("USD", 0, text); err == nil {
			t.Errorf("%q is the rate %s", text, e.Decimal())
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	t.Parallel()
	q, err := rates(t).Quote("EUR", "JPY", day(t, "2019-12-06"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Convert(Money{1, "USD", 2}, 0); !errors.Is(err, ErrCurrency) {
		t.Errorf("another currency: %v", err)
	}
	if _, err := q.Convert(eur(math.MaxInt64), 2); !errors.Is(err, ErrOverflow) {
		t.Errorf("too large: %v", err)
	}
	if _, err := q.Convert(eur(1), 200); !errors.Is(err, ErrOverflow) {
		t.Errorf("200 decimals: %v", err)
	}
	if _, err := (Quote{From: ExchangeRate{Currency: "EUR"}}).Convert(eur(1), 2); err == nil {
		t.Error("a quote without rates converts")
	}
}

// TestConvertIsNearest holds random conversions against exact fractions: none is
// further than half a unit away.
func TestConvertIsNearest(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 3))
	for range 5_000 {
		q := Quote{
			From: ExchangeRate{"AAA", 0, 1 + r.Int64N(1e9), uint8(r.IntN(9))}, To: ExchangeRate{"BBB", 0, 1 + r.Int64N(1e9), uint8(r.IntN(9))},
		}
		m, exponent := Money{r.Int64N(2e9) - 1e9, "AAA", uint8(r.IntN(5))}, uint8(r.IntN(5))
		got, err := q.Convert(m, exponent)
		if errors.Is(err, ErrOverflow) {
			continue
		}
		ratio := func(units int64, decimals uint8) *big.Rat {
			return new(big.Rat).SetFrac(big.NewInt(units), scale(decimals))
		}
		exact := ratio(m.Minor, m.Exponent)
		exact.Mul(exact, ratio(q.To.Units, q.To.Decimals)).Quo(exact, ratio(q.From.Units, q.From.Decimals))
		exact.Mul(exact, new(big.Rat).SetInt(scale(exponent)))
		off := new(big.Rat).Sub(exact, new(big.Rat).SetInt64(got.Minor))
		if err != nil || off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
			t.Fatalf("%v by %+v: %v, %v", m, q, got, err)
		}
	}
}
