package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// convertOrders expresses orders in the organisation's currency; ids nil means all
// that are not yet. An order's rate is that of its day, and stays. What cannot be
// converted has no amount in that currency and is counted as such, never as zero.
func convertOrders(ctx context.Context, tx pgx.Tx, sc community.Scope, ids []int64) error {
	var currency string
	if err := tx.QueryRow(ctx, `select currency from organisation where id = @org`, scoped(sc, nil)).Scan(&currency); err != nil {
		return notFound(err)
	}
	_, err := tx.Exec(ctx, query("trade_convert"), scoped(sc, pgx.NamedArgs{"ids": ids, "exponent": currencyExponent(currency)}))
	return err
}

// currencyExponent is the number of decimals of a currency; two where ISO does not say.
func currencyExponent(currency string) int {
	if e, ok := community.ISOExponent(currency); ok {
		return int(e)
	}
	return 2
}

// ConvertOrders converts the orders that have no amount in the organisation's
// currency: after new rates came, or when it took another currency.
func (s *Store) ConvertOrders(ctx context.Context, sc community.Scope) error {
	ctx = of(ctx, sc)
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, intakeLock, scoped(sc, nil)); err != nil {
			return err
		}
		if err := convertOrders(ctx, tx, sc, nil); err != nil {
			return err
		}
		return touchTrade(ctx, tx, sc)
	})
	if err != nil {
		return fmt.Errorf("store: convert orders: %w", err)
	}
	return nil
}
