package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// CreateAccount makes a person and their organisation together; ErrExists when the
// address is known.
func (s *Store) CreateAccount(ctx context.Context, u User, o Organisation) (User, Organisation, error) {
	ctx = Across(ctx)
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		if u, err = createUser(ctx, tx, u); err != nil {
			return err
		}
		o, err = createOrganisation(ctx, tx, o, u.ID)
		return err
	})
	if err != nil {
		return u, o, fmt.Errorf("store: create account: %w", err)
	}
	return u, o, nil
}
