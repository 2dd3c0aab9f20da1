package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// SampleOf returns the organisation with sample data that a person owns;
// community.ErrNotFound when they have none.
func (s *Store) SampleOf(ctx context.Context, user int64) (Organisation, error) {
	var o Organisation
	err := s.pool.QueryRow(Across(ctx), `select `+organisationColumns+` from organisation o join seat on seat.organisation_id = o.id
		where seat.user_id = $1 and seat.role = 'owner' and o.sample order by o.id limit 1`, user).Scan(o.fields()...)
	if err != nil {
		return o, fmt.Errorf("store: sample of: %w", notFound(err))
	}
	return o, nil
}

// samplePause is between two attempts to take the lock of a person's sample.
const samplePause = 50 * time.Millisecond

// HoldSample waits until nobody else makes or removes a person's sample data and
// keeps it so until release, or until the process dies.
func (s *Store) HoldSample(ctx context.Context, user int64) (release func(), err error) {
	for {
		release, ok, err := s.hold(ctx, fmt.Sprintf("sample/%d", user))
		if err != nil || ok {
			return release, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("store: hold sample: %w", ctx.Err())
		case <-time.After(samplePause):
		}
	}
}

// RemoveSample removes an organisation with sample data and every row of it;
// community.ErrNotFound when there is none of that number, also when it holds
// other data.
func (s *Store) RemoveSample(ctx context.Context, organisation int64) error {
	err := s.inTx(WithTenant(ctx, organisation), func(tx pgx.Tx) error {
		var id int64
		err := tx.QueryRow(ctx, `select id from organisation where id = $1 and sample`, organisation).Scan(&id)
		if err != nil {
			return notFound(err)
		}
		if err := lockForRemoval(ctx, tx, organisation); err != nil {
			return err
		}
		// First what hangs on the row, and with it the imports: a portion that is
		// being stored either has committed, and is removed below, or finds its
		// import gone.
		if _, err := tx.Exec(ctx, `delete from organisation where id = $1`, organisation); err != nil {
			return err
		}
		return removeRest(ctx, tx, organisation)
	})
	if err != nil {
		return fmt.Errorf("store: remove sample: %w", err)
	}
	return nil
}

// lockForRemoval waits for the recomputations of an organisation's communities
// and keeps others from beginning.
func lockForRemoval(ctx context.Context, tx pgx.Tx, organisation int64) error {
	rows, err := tx.Query(ctx, `select id from community where organisation_id = $1 order by id`, organisation)
	if err != nil {
		return err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for _, id := range list {
		if _, err := lockRollup(ctx, tx, community.Scope{Organisation: organisation, Community: id}, true); err != nil {
			return err
		}
	}
	return nil
}

// removeRest empties the tables that did not go with the organisation's row:
// activities and what is computed from them have no foreign key.
func removeRest(ctx context.Context, tx pgx.Tx, organisation int64) error {
	rows, err := tx.Query(ctx, query("organisation_tables"))
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err == nil && len(tables) == 0 {
		err = errors.New("no table of an organisation was found")
	}
	for _, table := range tables {
		if err == nil {
			_, err = tx.Exec(ctx, `delete from `+pgx.Identifier{table}.Sanitize()+` where organisation_id = $1`, organisation)
		}
	}
	return err
}
