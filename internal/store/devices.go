package store

import (
	"context"
	"fmt"
)

// SeeDevice notes that a person signed in from a device and says whether it is new.
// first is true for the first device of all, of which nobody needs to be told.
func (s *Store) SeeDevice(ctx context.Context, user int64, fingerprint []byte) (fresh, first bool, err error) {
	err = s.pool.QueryRow(ctx, `with had as (select count(*) as n from device where user_id = $1)
		insert into device (user_id, fingerprint) values ($1, $2)
		on conflict (user_id, fingerprint) do update set seen_at = now()
		returning xmax = 0, (select n = 0 from had)`, user, fingerprint).Scan(&fresh, &first)
	if err != nil {
		return false, false, fmt.Errorf("store: see device: %w", err)
	}
	return fresh, first, nil
}

// DropTickets ends the unused tickets of a person that have one of these purposes.
func (s *Store) DropTickets(ctx context.Context, user int64, purposes ...string) error {
	_, err := s.pool.Exec(ctx, `delete from ticket where user_id = $1 and purpose = any($2) and used_at is null`, user, purposes)
	if err != nil {
		return fmt.Errorf("store: drop tickets: %w", err)
	}
	return nil
}
