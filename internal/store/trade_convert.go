package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// Rater knows the exchange rates.
type Rater interface {
	Rates(ctx context.Context) (*community.Rates, error)
}

// WithRates returns the store with the exchange rates. Without them only orders in
// the organisation's own currency have an amount in it.
func (s *Store) WithRates(r Rater) *Store {
	other := *s
	other.rates = r
	return &other
}

// convertOrders expresses orders in the organisation's currency; ids nil means all.
// An order's rates are those of its day, and stay. What cannot be converted has no
// amount in that currency and is counted as such, never as zero. It returns how
// many changed.
func (s *Store) convertOrders(ctx context.Context, tx pgx.Tx, sc community.Scope, ids []int64) (int64, error) {
	if ids == nil {
		return s.convertAll(ctx, tx, sc)
	}
	var base string
	if err := tx.QueryRow(ctx, `select currency from organisation where id = @org`, scoped(sc, nil)).Scan(&base); err != nil {
		return 0, notFound(err)
	}
	args := scoped(sc, pgx.NamedArgs{"ids": ids, "base": base, "exponent": currencyExponent(base)})
	rows, err := tx.Query(ctx, query("trade_unrated"), args)
	if err != nil {
		return 0, err
	}
	var currencies, froms, tos []string
	var days []time.Time
	var due []bool
	var rates *community.Rates
	type need struct {
		Currency string
		Day      time.Time
	}
	needs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[need])
	if err != nil {
		return 0, err
	}
	for _, n := range needs {
		if n.Currency != base && rates == nil {
			if rates, err = s.ratesNow(ctx); err != nil {
				return 0, err
			}
		}
		q, err := rates.Quote(n.Currency, base, community.DateOf(n.Day, time.UTC))
		if none := (*community.NoRateError)(nil); errors.As(err, &none) {
			continue
		} else if err != nil {
			return 0, err
		}
		currencies, days, due = append(currencies, n.Currency), append(days, n.Day), append(due, q.Provisional)
		froms, tos = append(froms, q.From.Decimal()), append(tos, q.To.Decimal())
	}
	args["currencies"], args["days"], args["froms"], args["tos"], args["due"] = currencies, days, froms, tos, due
	tag, err := tx.Exec(ctx, query("trade_convert"), args)
	return tag.RowsAffected(), err
}

// convertAll converts all orders of a community, a portion after the other: the
// queries find orders by their keys, however many there are beside.
func (s *Store) convertAll(ctx context.Context, tx pgx.Tx, sc community.Scope) (int64, error) {
	rows, err := tx.Query(ctx, `select id from customer_order where organisation_id = @org and community_id = @com order by id`, scoped(sc, nil))
	if err != nil {
		return 0, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return 0, err
	}
	var changed int64
	for portion := range slices.Chunk(all, convertedAtOnce) {
		n, err := s.convertOrders(ctx, tx, sc, portion)
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

// convertedAtOnce is how many orders one query converts.
const convertedAtOnce = 5_000

// ratesNow are the rates that are known; none without a Rater.
func (s *Store) ratesNow(ctx context.Context) (*community.Rates, error) {
	if s.rates == nil {
		return community.NewRates(nil)
	}
	return s.rates.Rates(ctx)
}

// currencyExponent is the number of decimals of a currency; two where ISO does not say.
func currencyExponent(currency string) int {
	if e, ok := community.ISOExponent(currency); ok {
		return int(e)
	}
	return 2
}

// Unconverted lists, of all organisations, the communities with orders that have
// no amount in the organisation's currency yet, or only a provisional one.
func (s *Store) Unconverted(ctx context.Context) ([]community.Scope, error) {
	rows, err := s.pool.Query(Across(ctx), `select c.organisation_id, c.id from community c join organisation g on g.id = c.organisation_id
		where c.deleted_at is null and exists (select from customer_order o where o.organisation_id = c.organisation_id and o.community_id = c.id
			and not o.removed and (o.net_base is null or o.rate_due or o.base_currency <> g.currency))`)
	if err != nil {
		return nil, fmt.Errorf("store: unconverted: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[community.Scope])
	if err != nil {
		return nil, fmt.Errorf("store: unconverted: %w", err)
	}
	return list, nil
}

// ConvertOrders converts the orders that have no amount in the organisation's
// currency, or only a provisional one: after new rates came, or when it took
// another currency.
func (s *Store) ConvertOrders(ctx context.Context, sc community.Scope) error {
	ctx = of(ctx, sc)
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, intakeLock, scoped(sc, nil)); err != nil {
			return err
		}
		// Orders in a currency that nobody quotes come here every time.
		changed, err := s.convertOrders(ctx, tx, sc, nil)
		if err != nil || changed == 0 {
			return err
		}
		return touchTrade(ctx, tx, sc)
	})
	if err != nil {
		return fmt.Errorf("store: convert orders: %w", err)
	}
	return nil
}
