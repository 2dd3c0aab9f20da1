package store

import (
	"context"
	"fmt"
	"time"
)

// SampleOf returns the organisation with sample data that a person owns;
// community.ErrNotFound when they have none.
func (s *Store) SampleOf(ctx context.Context, user int64) (Organisation, error) {
	var o Organisation
	err := s.pool.QueryRow(Across(ctx), `select `+organisationColumns+` from organisation o join seat on seat.organisation_id = o.id
		where seat.user_id = $1 and seat.role = 'owner' and o.sample and o.deleted_at is null order by o.id limit 1`, user).Scan(o.fields()...)
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
