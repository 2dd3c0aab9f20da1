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

// Passkey is a key of a person's device that signs them in.
type Passkey struct {
	ID           int64
	User         int64
	CredentialID []byte // what the device calls it
	Credential   []byte // JSON: the public key, flags and counter
	Name         string
	Created      time.Time
	Used         time.Time // zero: not yet
}

// Passkeys lists a person's passkeys, the oldest first.
func (s *Store) Passkeys(ctx context.Context, user int64) ([]Passkey, error) {
	rows, err := s.pool.Query(ctx, `select id, user_id, credential_id, credential, name, created_at, used_at from passkey where user_id = $1 order by id`, user)
	if err != nil {
		return nil, fmt.Errorf("store: passkeys: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Passkey, error) {
		var p Passkey
		return p, row.Scan(&p.ID, &p.User, &p.CredentialID, &p.Credential, &p.Name, &p.Created, timeOrZero{&p.Used})
	})
	if err != nil {
		return nil, fmt.Errorf("store: passkeys: %w", err)
	}
	return list, nil
}

// AddPasskey keeps a new passkey; ErrExists when the device's key is known.
func (s *Store) AddPasskey(ctx context.Context, p Passkey) (int64, error) {
	var id int64
	err := s.pool.QueryRow(ctx, `insert into passkey (user_id, credential_id, credential, name) values ($1, $2, $3, $4) returning id`,
		p.User, p.CredentialID, p.Credential, clean(p.Name)).Scan(&id)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.ConstraintName == "passkey_credential_id_key" {
		err = ErrExists
	}
	if err != nil {
		return 0, fmt.Errorf("store: add passkey: %w", err)
	}
	return id, nil
}

// UsePasskey keeps what a passkey became by being used: its counter and flags.
func (s *Store) UsePasskey(ctx context.Context, user int64, credentialID, credential []byte) error {
	_, err := s.pool.Exec(ctx, `update passkey set credential = $3, used_at = now() where user_id = $1 and credential_id = $2`,
		user, credentialID, credential)
	if err != nil {
		return fmt.Errorf("store: use passkey: %w", err)
	}
	return nil
}

// RenamePasskey names a person's passkey anew; community.ErrNotFound when it is not theirs.
func (s *Store) RenamePasskey(ctx context.Context, user, id int64, name string) error {
	tag, err := s.pool.Exec(ctx, `update passkey set name = $3 where user_id = $1 and id = $2`, user, id, clean(name))
	if err == nil && tag.RowsAffected() == 0 {
		err = community.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: rename passkey: %w", err)
	}
	return nil
}

// RemovePasskey takes a passkey away; community.ErrNotFound when it is not theirs.
func (s *Store) RemovePasskey(ctx context.Context, user, id int64) error {
	tag, err := s.pool.Exec(ctx, `delete from passkey where user_id = $1 and id = $2`, user, id)
	if err == nil && tag.RowsAffected() == 0 {
		err = community.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: remove passkey: %w", err)
	}
	return nil
}
