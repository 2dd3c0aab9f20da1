package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// AddRates stores exchange rates, which belong to no organisation, and says how many
// were new or other than before. Of two for one day the later in the list stands.
func (s *Store) AddRates(ctx context.Context, list []community.ExchangeRate) (int, error) {
	currencies, days, rates := make([]string, len(list)), make([]int32, len(list)), make([]string, len(list))
	for i, e := range list {
		currencies[i], days[i], rates[i] = e.Currency, int32(e.Day), e.Decimal()
	}
	tag, err := s.pool.Exec(ctx, `insert into exchange_rate (currency, day, rate)
		select distinct on (c, d) c, date '1970-01-01' + d, r::numeric
		from unnest(@currencies::text[], @days::integer[], @rates::text[]) with ordinality u (c, d, r, n)
		order by c, d, n desc
		on conflict (currency, day) do update set rate = excluded.rate where exchange_rate.rate <> excluded.rate`,
		pgx.NamedArgs{"currencies": currencies, "days": days, "rates": rates})
	if err != nil {
		return 0, fmt.Errorf("store: add rates: %w", err)
	}
	return int(tag.RowsAffected()), nil
}

// RatesAfter returns the stored exchange rates of the days after one, by day.
func (s *Store) RatesAfter(ctx context.Context, day community.Date) ([]community.ExchangeRate, error) {
	rows, err := s.pool.Query(ctx, `select currency, day - date '1970-01-01', rate::text from exchange_rate
		where day > date '1970-01-01' + $1::integer order by day, currency`, int32(day))
	if err != nil {
		return nil, fmt.Errorf("store: rates: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (community.ExchangeRate, error) {
		var currency, rate string
		var day int32
		if err := row.Scan(&currency, &day, &rate); err != nil {
			return community.ExchangeRate{}, err
		}
		return community.ParseRate(currency, community.Date(day), rate)
	})
	if err != nil {
		return nil, fmt.Errorf("store: rates: %w", err)
	}
	return list, nil
}
