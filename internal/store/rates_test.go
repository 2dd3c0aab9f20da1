package store_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

func TestRates(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := store.New(dbtest.New(t))
	day := community.NewDate(2026, 11, 20)
	usd := func(d community.Date, units int64) community.ExchangeRate {
		return community.ExchangeRate{Currency: "USD", Day: d, Units: units, Decimals: 4}
	}
	yen := community.ExchangeRate{Currency: "JPY", Day: day, Units: 18013, Decimals: 2}
	for _, step := range []struct {
		list []community.ExchangeRate
		want int
	}{
		{[]community.ExchangeRate{usd(day, 9999), usd(day+1, 11543), yen, usd(day, 11542)}, 3},
		{[]community.ExchangeRate{usd(day, 11542), yen}, 0},
		{[]community.ExchangeRate{usd(day+1, 11544)}, 1},
		{nil, 0},
	} {
		if n, err := s.AddRates(ctx, step.list); err != nil || n != step.want {
			t.Fatalf("added %d, %v, want %d", n, err, step.want)
		}
	}
	for after, want := range map[community.Date][]community.ExchangeRate{
		day - 1: {yen, usd(day, 11542), usd(day+1, 11544)}, day: {usd(day+1, 11544)}, day + 1: {},
	} {
		// Whoever works for an organisation reads them as well.
		got, err := s.RatesAfter(store.WithTenant(ctx, 7), after)
		if err != nil || len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("after %s: %v, %v, want %v", after, got, err, want)
		}
	}
	for name, bad := range map[string]community.ExchangeRate{"euro": {Currency: "EUR", Units: 1}, "zero": {Currency: "USD"}, "name": {Currency: "usd", Units: 1}} {
		if _, err := s.AddRates(ctx, []community.ExchangeRate{bad}); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}
