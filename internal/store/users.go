package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// User is somebody who signs in. Users belong to no organisation: seats say for
// which ones they work.
type User struct {
	ID         int64
	Email      string // lower case
	Name       string
	Language   string // fr, en; empty: the browser's
	TimeFormat string // 24, 12; empty: the language's
	TextSize   string // large, larger; empty: ordinary
	Password   string // argon2id; empty: none set
	Verified   time.Time
	Operator   bool   // runs this instance
	Handle     []byte // what passkeys know the person by
	TOTP       []byte // sealed secret
	TOTPSince  time.Time
	Created    time.Time
	Disabled   time.Time
}

// HasTOTP says whether signing in asks for a code.
func (u User) HasTOTP() bool { return !u.TOTPSince.IsZero() }

// Label is what others read of the person: the name, else the address.
func (u User) Label() string {
	if u.Name != "" {
		return u.Name
	}
	return u.Email
}

const userColumns = `u.id, u.email, u.name, u.language, u.time_format, u.text_size, u.password, u.verified_at, u.operator,
	u.handle, u.totp, u.totp_at, u.created_at, u.disabled_at`

func (u *User) fields() []any {
	return []any{
		&u.ID, &u.Email, &u.Name, &u.Language, &u.TimeFormat, &u.TextSize, &u.Password,
		timeOrZero{&u.Verified},
		&u.Operator,
		&u.Handle, &u.TOTP,
		timeOrZero{&u.TOTPSince},
		&u.Created,
		timeOrZero{&u.Disabled},
	}
}

func scanUser(row pgx.CollectableRow) (User, error) {
	var u User
	return u, row.Scan(u.fields()...)
}

// timeOrZero scans a nullable time; null is the zero time.
type timeOrZero struct{ *time.Time }

// Scan implements sql.Scanner.
func (t timeOrZero) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*t.Time = time.Time{}
	case time.Time:
		*t.Time = v
	default:
		return fmt.Errorf("a time, not %T", v)
	}
	return nil
}

// nullTime is null for the zero time.
func nullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// CreateUser stores a new user; ErrExists when the address is known.
func (s *Store) CreateUser(ctx context.Context, u User) (User, error) {
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		u, err = createUser(ctx, tx, u)
		return err
	})
	if err != nil {
		return u, fmt.Errorf("store: create user: %w", err)
	}
	return u, nil
}

func createUser(ctx context.Context, tx pgx.Tx, u User) (User, error) {
	u.Email = strings.ToLower(strings.TrimSpace(clean(u.Email)))
	rows, err := tx.Query(ctx, `insert into app_user as u (email, name, language, password, verified_at, operator, handle)
		values (@email, @name, @language, @password, @verified, @operator, @handle) returning `+userColumns,
		pgx.NamedArgs{
			"email": u.Email, "name": clean(u.Name), "language": u.Language, "password": u.Password,
			"verified": nullTime(u.Verified), "operator": u.Operator, "handle": u.Handle,
		})
	if err != nil {
		return u, err
	}
	made, err := pgx.CollectExactlyOneRow(rows, scanUser)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.ConstraintName == "app_user_email" {
		return u, ErrExists
	}
	return made, err
}

// Users counts who can sign in: none means that this instance is new.
func (s *Store) Users(ctx context.Context) (int, error) {
	var n int
	if err := s.pool.QueryRow(ctx, `select count(*) from app_user`).Scan(&n); err != nil {
		return 0, fmt.Errorf("store: users: %w", err)
	}
	return n, nil
}

// User returns one user, or community.ErrNotFound.
func (s *Store) User(ctx context.Context, id int64) (User, error) {
	return s.userWhere(ctx, `u.id = $1`, id)
}

// UserByEmail returns the user of an address, or community.ErrNotFound.
func (s *Store) UserByEmail(ctx context.Context, email string) (User, error) {
	return s.userWhere(ctx, `lower(u.email) = $1`, strings.ToLower(strings.TrimSpace(clean(email))))
}

// UserByHandle returns the user that a passkey names, or community.ErrNotFound.
func (s *Store) UserByHandle(ctx context.Context, handle []byte) (User, error) {
	return s.userWhere(ctx, `u.handle = $1`, handle)
}

func (s *Store) userWhere(ctx context.Context, where string, arg any) (User, error) {
	rows, err := s.pool.Query(ctx, `select `+userColumns+` from app_user u where `+where, arg)
	if err != nil {
		return User{}, fmt.Errorf("store: user: %w", err)
	}
	u, err := pgx.CollectExactlyOneRow(rows, scanUser)
	if err != nil {
		return u, fmt.Errorf("store: user: %w", notFound(err))
	}
	return u, nil
}

// SetProfile keeps what a person says of themself.
func (s *Store) SetProfile(ctx context.Context, u User) error {
	return s.setUser(ctx, "profile", u.ID, `name = @name, language = @language, time_format = @time, text_size = @size`, pgx.NamedArgs{
		"name": clean(u.Name), "language": u.Language, "time": u.TimeFormat, "size": u.TextSize,
	})
}

// SetPassword replaces the password and ends every session of the person but one
// (0: all), so that whoever knew the old one is out.
func (s *Store) SetPassword(ctx context.Context, user int64, password string, except int64) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update app_user set password = $2 where id = $1`, user, password)
		if err == nil && tag.RowsAffected() == 0 {
			err = pgx.ErrNoRows
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `delete from session where user_id = $1 and id <> $2`, user, except)
		return err
	})
	if err != nil {
		return fmt.Errorf("store: set password: %w", notFound(err))
	}
	return nil
}

// UpgradePassword replaces the stored form of the same password.
func (s *Store) UpgradePassword(ctx context.Context, user int64, old, hash string) error {
	return s.setUser(ctx, "upgrade password", user, `password = case when password = @old then @hash else password end`,
		pgx.NamedArgs{"old": old, "hash": hash})
}

// SetEmail changes an address that was shown to be the person's; ErrExists when
// it is somebody else's.
func (s *Store) SetEmail(ctx context.Context, user int64, email string) error {
	err := s.setUser(ctx, "email", user, `email = @email, verified_at = now()`,
		pgx.NamedArgs{"email": strings.ToLower(strings.TrimSpace(clean(email)))})
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.ConstraintName == "app_user_email" {
		return fmt.Errorf("store: set email: %w", ErrExists)
	}
	return err
}

// VerifyEmail notes that the address is theirs.
func (s *Store) VerifyEmail(ctx context.Context, user int64) error {
	return s.setUser(ctx, "verify email", user, `verified_at = coalesce(verified_at, now())`, pgx.NamedArgs{})
}

// SetTOTP keeps a sealed secret, not in force before ConfirmTOTP; nil takes it away.
func (s *Store) SetTOTP(ctx context.Context, user int64, sealed []byte) error {
	return s.setUser(ctx, "totp", user, `totp = @sealed, totp_at = null, totp_step = 0`, pgx.NamedArgs{"sealed": sealed})
}

// ConfirmTOTP puts the secret in force.
func (s *Store) ConfirmTOTP(ctx context.Context, user int64) error {
	return s.setUser(ctx, "confirm totp", user, `totp_at = coalesce(totp_at, now())`, pgx.NamedArgs{})
}

// UseTOTPStep notes that the code of a step was used; false when it or a later one was before.
func (s *Store) UseTOTPStep(ctx context.Context, user, step int64) (bool, error) {
	tag, err := s.pool.Exec(ctx, `update app_user set totp_step = $2 where id = $1 and totp_step < $2`, user, step)
	if err != nil {
		return false, fmt.Errorf("store: totp step: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

func (s *Store) setUser(ctx context.Context, what string, id int64, set string, args pgx.NamedArgs) error {
	args["id"] = id
	tag, err := s.pool.Exec(ctx, `update app_user set `+set+` where id = @id`, args)
	if err == nil && tag.RowsAffected() == 0 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return fmt.Errorf("store: set %s: %w", what, notFound(err))
	}
	return nil
}

// ReplaceRecoveryCodes makes these the only recovery codes of a person.
func (s *Store) ReplaceRecoveryCodes(ctx context.Context, user int64, hashes [][]byte) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `delete from recovery_code where user_id = $1`, user); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into recovery_code (user_id, hash) select $1, unnest($2::bytea[])`, user, hashes)
		return err
	})
	if err != nil {
		return fmt.Errorf("store: recovery codes: %w", err)
	}
	return nil
}

// UseRecoveryCode spends a code; false when it is unknown or spent.
func (s *Store) UseRecoveryCode(ctx context.Context, user int64, hash []byte) (bool, error) {
	tag, err := s.pool.Exec(ctx, `update recovery_code set used_at = now() where user_id = $1 and hash = $2 and used_at is null`, user, hash)
	if err != nil {
		return false, fmt.Errorf("store: recovery code: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

// RecoveryCodesLeft counts the codes that were not spent.
func (s *Store) RecoveryCodesLeft(ctx context.Context, user int64) (int, error) {
	var n int
	if err := s.pool.QueryRow(ctx, `select count(*) from recovery_code where user_id = $1 and used_at is null`, user).Scan(&n); err != nil {
		return 0, fmt.Errorf("store: recovery codes: %w", err)
	}
	return n, nil
}

// Disable ends what a person may do here, with their sessions and open links, or
// lets them in again.
func (s *Store) Disable(ctx context.Context, user int64, disabled bool) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update app_user set disabled_at = case when $2 then coalesce(disabled_at, now()) end where id = $1`, user, disabled)
		if err == nil && tag.RowsAffected() == 0 {
			err = pgx.ErrNoRows
		}
		if err != nil || !disabled {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from session where user_id = $1`, user); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `delete from ticket where user_id = $1`, user)
		return err
	})
	if err != nil {
		return fmt.Errorf("store: disable: %w", notFound(err))
	}
	return nil
}

// SetOperator says whether a person runs this instance.
func (s *Store) SetOperator(ctx context.Context, user int64, operator bool) error {
	return s.setUser(ctx, "operator", user, `operator = @operator`, pgx.NamedArgs{"operator": operator})
}
