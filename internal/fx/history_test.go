package fx

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
)

func day(t testing.TB, s string) community.Date {
	t.Helper()
	d, err := community.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func published(t testing.TB, currency, on, text string) community.ExchangeRate {
	t.Helper()
	e, err := community.ParseRate(currency, day(t, on), text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestBundled holds the program's history against rates looked up in the bank's file
// and against conversions that others published.
func TestBundled(t *testing.T) {
	t.Parallel()
	r, err := Bundled()
	if err != nil {
		t.Fatal(err)
	}
	if end, ok := r.Latest(); !ok || end < day(t, "2026-04-13") {
		t.Errorf("it ends on %s", end)
	}
	for _, c := range []struct{ currency, day, from, rate string }{
		{"USD", "1999-01-04", "1999-01-04", "1.1789"},
		{"USD", "2026-04-13", "2026-04-13", "1.1684"},
		{"TRL", "2004-12-31", "2004-12-31", "1836200"},
		{"ISK", "2008-12-09", "2008-12-09", "290"},
		{"ISK", "2018-02-03", "2018-02-02", "125.2"},
		{"LVL", "2013-12-31", "2013-12-31", "0.702804"},
		{"HRK", "2022-12-31", "2022-12-30", "7.5365"},
		{"HRK", "2023-01-01", "2023-01-01", "7.53450"},
		{"BGN", "2025-12-31", "2025-12-31", "1.9558"},
		{"BGN", "2026-01-05", "2026-01-01", "1.95583"},
		{"USD", "2024-12-25", "2024-12-24", "1.0395"},
		{"USD", "2025-01-01", "2024-12-31", "1.0389"},
		{"RUB", "2022-03-01", "2022-03-01", "117.201"},
	} {
		got, err := r.On(c.currency, day(t, c.day))
		want := published(t, c.currency, c.from, c.rate)
		a := community.Money{Minor: got.Units, Exponent: got.Decimals}
		order, _ := a.Cmp(community.Money{Minor: want.Units, Exponent: want.Decimals})
		if err != nil || got.Day != want.Day || order != 0 {
			t.Errorf("%s on %s: %s of %s, %v, want %s of %s", c.currency, c.day, got.Decimal(), got.Day, err, c.rate, c.from)
		}
	}
	for _, c := range []struct {
		from, to, day string
		exponent      uint8
		want          int64
	}{
		{"EUR", "USD", "2013-03-21", 2, 1291}, {"EUR", "USD", "2014-03-28", 3, 13759}, {"USD", "EUR", "2019-12-08", 5, 901388},
	} {
		q, err := r.Quote(c.from, c.to, day(t, c.day))
		if err != nil {
			t.Fatal(err)
		}
		got, err := q.Convert(community.Money{Minor: 10, Currency: c.from}, c.exponent)
		if err != nil || got.Minor != c.want || got.Currency != c.to {
			t.Errorf("10 %s on %s: %v, %v", c.from, c.day, got, err)
		}
	}
	for currency, on := range map[string]string{"RUB": "2022-04-01", "ISK": "2010-01-01", "ROL": "2006-01-01"} {
		var none *community.NoRateError
		if _, err := r.On(currency, day(t, on)); !errors.As(err, &none) || none.Why != community.RateTooOld {
			t.Errorf("%s on %s: %v", currency, on, err)
		}
	}
}

func TestEncodeDecode(t *testing.T) {
	t.Parallel()
	list := []community.ExchangeRate{
		published(t, "USD", "1999-01-04", "1.1789"), published(t, "USD", "1999-01-05", "1.17"), published(t, "USD", "1999-01-08", "2"),
		published(t, "JPY", "1999-01-05", "130.96"), published(t, "AAA", "1950-06-01", "0.000001"), published(t, "ZZZ", "2300-01-01", "9223372036854775807"),
	}
	shuffled := slices.Clone(list)
	rand.New(rand.NewPCG(5, 4)).Shuffle(len(list), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	var one, two bytes.Buffer
	if err := errors.Join(Encode(&one, list), Encode(&two, shuffled)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the order of the rates shows in the bytes")
	}
	got, err := decode(&one)
	if err != nil || len(got) != len(list) {
		t.Fatalf("%d of %d, %v", len(got), len(list), err)
	}
	for _, want := range list {
		found := slices.ContainsFunc(got, func(e community.ExchangeRate) bool {
			scaled, err := community.Money{Minor: want.Units, Exponent: want.Decimals}.Rescale(e.Decimals)
			return err == nil && e.Currency == want.Currency && e.Day == want.Day && e.Units == scaled.Minor
		})
		if !found {
			t.Errorf("%v is lost", want)
		}
	}
	twice := append(list, list[0])
	if err := Encode(&one, twice); err == nil {
		t.Error("a day twice passes")
	}
}

func FuzzDecode(f *testing.F) {
	var good bytes.Buffer
	if err := Encode(&good, []community.ExchangeRate{published(f, "USD", "1999-01-04", "1.1789"), published(f, "JPY", "1999-01-05", "130.96")}); err != nil {
		f.Fatal(err)
	}
	f.Add(good.Bytes())
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := decode(bytes.NewReader(text))
		if err != nil && list != nil {
			t.Error("a list beside an error")
		}
	})
}

// TestDecodeRefuses cuts a history at every byte.
func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	var good bytes.Buffer
	if err := Encode(&good, []community.ExchangeRate{published(t, "USD", "1999-01-04", "1.1789")}); err != nil {
		t.Fatal(err)
	}
	for n := range good.Len() {
		if list, err := decode(bytes.NewReader(good.Bytes()[:n])); err == nil {
			t.Errorf("cut at %d of %d: %v", n, good.Len(), list)
		}
	}
	if _, err := decode(bytes.NewReader([]byte("foyer rates 2\n"))); err == nil {
		t.Error("another version passes")
	}
}
