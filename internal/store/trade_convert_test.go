package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

// quotes are the rates of the pound, as many as are known.
type quotes []community.ExchangeRate

func (q quotes) Rates(context.Context) (*community.Rates, error) { return community.NewRates(q) }

func pounds(day community.Date, units int64) community.ExchangeRate {
	return community.ExchangeRate{Currency: "GBP", Day: day, Units: units, Decimals: 2}
}

// bases are the amounts in the organisation's currency, by the orders' ids; -1: none.
func bases(t testing.TB, pool *pgxpool.Pool) map[string]int64 {
	t.Helper()
	rows, err := pool.Query(store.Across(t.Context()), `select external_id, coalesce(net_base - refunded_base, -1) from customer_order`)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	for rows.Next() {
		var id string
		var n int64
		if err := rows.Scan(&id, &n); err != nil {
			t.Fatal(err)
		}
		out[id] = n
	}
	return out
}

func TestOrdersInOtherCurrencies(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c, _ := shop(t, pool, "Ours")
	day := community.NewDate(2026, 5, 4) // a Monday
	known := quotes{pounds(day-3, 80)}   // the Friday before
	s = s.WithRates(known)
	at := day.UTC().Add(10 * time.Hour)
	money := func(n int64, currency string) community.Money {
		return community.Money{Minor: n, Currency: currency, Exponent: 2}
	}
	list := []community.Order{
		{ExternalID: "euro", At: at, State: community.OrderPaid, Net: money(1000, "EUR")},
		{ExternalID: "pound", At: at, State: community.OrderPaid, Net: money(1000, "GBP"), Refunds: []community.Refund{{ExternalID: "r", At: at, Net: money(200, "GBP")}}},
		{ExternalID: "old", At: at.AddDate(-1, 0, 0), State: community.OrderPaid, Net: money(1000, "GBP")},
		{ExternalID: "shell", At: at, State: community.OrderPaid, Net: money(1000, "XTS")},
	}
	put(t, newIntake(t, s, c, shopSource()), community.Business{Orders: list})
	want := func(what string, w map[string]int64) {
		t.Helper()
		got := bases(t, pool)
		for id, n := range w {
			if got[id] != n {
				t.Errorf("%s: %s is %d, want %d", what, id, got[id], n)
			}
		}
	}
	want("stored", map[string]int64{"euro": 1000, "pound": 1000, "old": -1, "shell": -1}) // (1000 − 200) / 0.80
	version := func() (n int64) {
		t.Helper()
		if err := pool.QueryRow(store.Across(t.Context()), `select traded from community where id = $1`, c.Scope.Community).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	convert := func(s *store.Store) {
		t.Helper()
		if list, err := s.Unconverted(t.Context()); err != nil || len(list) != 1 {
			t.Fatalf("%v, %v", list, err)
		}
		if err := s.ConvertOrders(t.Context(), c.Scope); err != nil {
			t.Fatal(err)
		}
	}
	was := version()
	convert(s)
	if version() != was {
		t.Error("nothing was converted, and what was computed is stale")
	}
	// The day's own rate comes, and replaces the provisional one; then it stays.
	convert(s.WithRates(append(quotes{pounds(day, 50)}, known...)))
	want("the day's own", map[string]int64{"pound": 1600})
	convert(s.WithRates(append(quotes{pounds(day, 40), pounds(day+1, 40)}, known...)))
	want("published anew", map[string]int64{"pound": 1600})
	// Another amount goes by the frozen rate, another currency by one of its own.
	list[1].Net, list[1].Revision = money(2000, "GBP"), 2
	put(t, newIntake(t, s, c, shopSource()), community.Business{Orders: list[1:2]})
	want("another amount", map[string]int64{"pound": 3600})
	list[1].Net, list[1].Refunds, list[1].Revision = money(2000, "EUR"), nil, 3
	put(t, newIntake(t, s, c, shopSource()), community.Business{Orders: list[1:2]})
	want("another currency", map[string]int64{"pound": 2000})
}
