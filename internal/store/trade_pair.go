package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// PairOrders says that two connections hold the same orders: those of other count
// only where kept does not have their number. An earlier word on other is replaced.
// community.ErrNotFound when one of them is not of this community.
func (s *Store) PairOrders(ctx context.Context, sc community.Scope, kept, other int64) error {
	return s.pairing(ctx, sc, "pair orders", other, func(tx pgx.Tx, args pgx.NamedArgs) error {
		args["kept"] = kept
		tag, err := tx.Exec(ctx, `insert into same_orders (organisation_id, community_id, kept_id, other_id)
			select @org, @com, k.id, o.id from connection k, connection o where k.organisation_id = @org and k.community_id = @com and k.id = @kept
				and o.organisation_id = @org and o.community_id = @com and o.id = @other and o.id <> k.id
			on conflict (organisation_id, community_id, other_id) do update set kept_id = excluded.kept_id`, args)
		if err == nil && tag.RowsAffected() == 0 {
			err = community.ErrNotFound
		}
		if err != nil {
			return err
		}
		return markDuplicates(ctx, tx, sc, other)
	})
}

// UnpairOrders takes that back: the orders of other count by themselves again.
func (s *Store) UnpairOrders(ctx context.Context, sc community.Scope, other int64) error {
	return s.pairing(ctx, sc, "unpair orders", other, func(tx pgx.Tx, args pgx.NamedArgs) error {
		if _, err := tx.Exec(ctx, `delete from same_orders where organisation_id = @org and community_id = @com and other_id = @other`, args); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update customer_order set duplicate_of = null where organisation_id = @org and community_id = @com
			and connection_id = @other and duplicate_of is not null`, args)
		return err
	})
}

func (s *Store) pairing(ctx context.Context, sc community.Scope, what string, other int64, change func(pgx.Tx, pgx.NamedArgs) error) error {
	ctx = of(ctx, sc)
	args := scoped(sc, pgx.NamedArgs{"other": other})
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, intakeLock, args); err != nil {
			return err
		}
		if err := change(tx, args); err != nil {
			return err
		}
		return touchTrade(ctx, tx, sc)
	})
	if err != nil {
		return fmt.Errorf("store: %s: %w", what, err)
	}
	return nil
}
