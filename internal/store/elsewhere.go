package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/foyer-app/foyer/internal/community"
)

// SignInAccount is an account elsewhere that signs a person in.
type SignInAccount struct {
	User     int64
	Provider string
	Subject  string // what the provider calls the person, for ever
	Email    string // as the provider said when it was linked
	Created  time.Time
	Used     time.Time // zero: not since it was linked
}

// UserElsewhere returns the person whom a provider's account signs in and notes the
// use; community.ErrNotFound when nobody linked it.
func (s *Store) UserElsewhere(ctx context.Context, provider, subject string) (User, error) {
	rows, err := s.pool.Query(ctx, `update sign_in_account a set used_at = now() from app_user u
		where u.id = a.user_id and a.provider = $1 and a.subject = $2 returning `+userColumns, provider, subject)
	if err != nil {
		return User{}, fmt.Errorf("store: user elsewhere: %w", err)
	}
	u, err := pgx.CollectExactlyOneRow(rows, scanUser)
	if err != nil {
		return u, fmt.Errorf("store: user elsewhere: %w", notFound(err))
	}
	return u, nil
}

// LinkElsewhere lets an account elsewhere sign a person in; ErrExists when it signs
// in somebody already.
func (s *Store) LinkElsewhere(ctx context.Context, a SignInAccount) error {
	_, err := s.pool.Exec(ctx, `insert into sign_in_account (user_id, provider, subject, email) values ($1, $2, $3, $4)`,
		a.User, a.Provider, clean(a.Subject), clean(a.Email))
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.ConstraintName == "sign_in_account_pkey" {
		err = ErrExists
	}
	if err != nil {
		return fmt.Errorf("store: link elsewhere: %w", err)
	}
	return nil
}

// SignInAccounts lists the accounts elsewhere that sign a person in.
func (s *Store) SignInAccounts(ctx context.Context, user int64) ([]SignInAccount, error) {
	rows, err := s.pool.Query(ctx, `select user_id, provider, subject, email, created_at, used_at from sign_in_account
		where user_id = $1 order by created_at, subject`, user)
	if err != nil {
		return nil, fmt.Errorf("store: sign-in accounts: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (SignInAccount, error) {
		var a SignInAccount
		return a, row.Scan(&a.User, &a.Provider, &a.Subject, &a.Email, &a.Created, timeOrZero{&a.Used})
	})
	if err != nil {
		return nil, fmt.Errorf("store: sign-in accounts: %w", err)
	}
	return list, nil
}

// UnlinkElsewhere ends that a provider signs a person in; community.ErrNotFound when it did not.
func (s *Store) UnlinkElsewhere(ctx context.Context, user int64, provider string) error {
	tag, err := s.pool.Exec(ctx, `delete from sign_in_account where user_id = $1 and provider = $2`, user, provider)
	if err == nil && tag.RowsAffected() == 0 {
		err = community.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: unlink elsewhere: %w", err)
	}
	return nil
}
