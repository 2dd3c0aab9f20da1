package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// Session is one browser that somebody signed in with.
type Session struct {
	ID           int64
	User         int64
	ActingFor    int64 // the organisation last chosen; 0 none
	Created      time.Time
	Seen         time.Time
	Expires      time.Time // whatever happens
	Confirmed    time.Time // when the person last proved to be there
	SecondFactor bool
	Address      string
	Agent        string
}

const sessionColumns = `s.id, s.user_id, coalesce(s.acting_for, 0), s.created_at, s.seen_at, s.expires_at, s.confirmed_at,
	s.second_factor, s.address, s.agent`

func (s *Session) fields() []any {
	return []any{&s.ID, &s.User, &s.ActingFor, &s.Created, &s.Seen, &s.Expires, &s.Confirmed, &s.SecondFactor, &s.Address, &s.Agent}
}

// CreateSession stores a session by the hash of its token and returns its id.
func (s *Store) CreateSession(ctx context.Context, n Session, hash []byte) (int64, error) {
	var id int64
	err := s.pool.QueryRow(ctx, `insert into session (hash, user_id, acting_for, expires_at, second_factor, address, agent)
		values (@hash, @user, nullif(@acting::bigint, 0), @expires, @second, @address, @agent) returning id`, pgx.NamedArgs{
		"hash": hash, "user": n.User, "acting": n.ActingFor, "expires": n.Expires, "second": n.SecondFactor,
		"address": clean(n.Address), "agent": clean(n.Agent),
	}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("store: create session: %w", err)
	}
	return id, nil
}

// SessionByHash returns a session that is neither expired nor idle for longer than
// allowed, with its person; community.ErrNotFound otherwise, also when the person
// was disabled.
func (s *Store) SessionByHash(ctx context.Context, hash []byte, idle time.Duration) (Session, User, error) {
	var (
		n Session
		u User
	)
	err := s.pool.QueryRow(ctx, `select `+sessionColumns+`, `+userColumns+`
		from session s join app_user u on u.id = s.user_id
		where s.hash = @hash and s.expires_at > now() and s.seen_at > now() - @idle::interval and u.disabled_at is null`,
		pgx.NamedArgs{"hash": hash, "idle": idle}).Scan(append(n.fields(), u.fields()...)...)
	if err != nil {
		return n, u, fmt.Errorf("store: session: %w", notFound(err))
	}
	return n, u, nil
}

// SeeSession notes that a session is in use, and from where.
func (s *Store) SeeSession(ctx context.Context, id int64, address string) error {
	_, err := s.pool.Exec(ctx, `update session set seen_at = now(), address = $2 where id = $1`, id, clean(address))
	if err != nil {
		return fmt.Errorf("store: see session: %w", err)
	}
	return nil
}

// ConfirmSession notes that the person has just proved to be there.
func (s *Store) ConfirmSession(ctx context.Context, id int64) error {
	if _, err := s.pool.Exec(ctx, `update session set confirmed_at = now() where id = $1`, id); err != nil {
		return fmt.Errorf("store: confirm session: %w", err)
	}
	return nil
}

// ActFor keeps which organisation a session looks at.
func (s *Store) ActFor(ctx context.Context, session, organisation int64) error {
	_, err := s.pool.Exec(ctx, `update session set acting_for = nullif($2::bigint, 0) where id = $1`, session, organisation)
	if err != nil {
		return fmt.Errorf("store: act for: %w", err)
	}
	return nil
}

// Sessions lists the living sessions of a person, the one last used first.
func (s *Store) Sessions(ctx context.Context, user int64) ([]Session, error) {
	rows, err := s.pool.Query(ctx, `select `+sessionColumns+` from session s
		where user_id = $1 and expires_at > now() order by seen_at desc, id desc`, user)
	if err != nil {
		return nil, fmt.Errorf("store: sessions: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Session, error) {
		var n Session
		return n, row.Scan(n.fields()...)
	})
	if err != nil {
		return nil, fmt.Errorf("store: sessions: %w", err)
	}
	return list, nil
}

// EndSession ends one session of a person; nothing when it is not theirs.
func (s *Store) EndSession(ctx context.Context, user, id int64) error {
	if _, err := s.pool.Exec(ctx, `delete from session where user_id = $1 and id = $2`, user, id); err != nil {
		return fmt.Errorf("store: end session: %w", err)
	}
	return nil
}

// EndSessions ends every session of a person but one (0: all) and says how many.
func (s *Store) EndSessions(ctx context.Context, user, except int64) (int64, error) {
	tag, err := s.pool.Exec(ctx, `delete from session where user_id = $1 and id <> $2`, user, except)
	if err != nil {
		return 0, fmt.Errorf("store: end sessions: %w", err)
	}
	return tag.RowsAffected(), nil
}

// Ticket is a single-use secret: a link sent by mail, or what is kept between two
// steps of signing in. Only its hash is stored.
type Ticket struct {
	Purpose  string
	User     int64 // 0: nobody yet
	Email    string
	Data     []byte // sealed by the caller
	Attempts int
	Created  time.Time
	Expires  time.Time
}

// IssueTicket stores a ticket. Earlier ones of the same person and purpose that
// were not used end, when one says so.
func (s *Store) IssueTicket(ctx context.Context, hash []byte, t Ticket, only bool) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if only {
			if _, err := tx.Exec(ctx, `delete from ticket where purpose = $1 and user_id = $2 and used_at is null`, t.Purpose, t.User); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `insert into ticket (hash, purpose, user_id, email, data, expires_at)
			values (@hash, @purpose, nullif(@user::bigint, 0), @email, @data, @expires)`, pgx.NamedArgs{
			"hash": hash, "purpose": t.Purpose, "user": t.User, "email": clean(t.Email), "data": t.Data, "expires": t.Expires,
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("store: issue ticket: %w", err)
	}
	return nil
}

const ticketColumns = `purpose, coalesce(user_id, 0), email, data, attempts, created_at, expires_at`

func (s *Store) ticket(ctx context.Context, what, sql string, hash []byte, purpose string) (Ticket, error) {
	var t Ticket
	err := s.pool.QueryRow(ctx, sql, pgx.NamedArgs{"hash": hash, "purpose": purpose}).
		Scan(&t.Purpose, &t.User, &t.Email, &t.Data, &t.Attempts, &t.Created, &t.Expires)
	if err != nil {
		return t, fmt.Errorf("store: %s ticket: %w", what, notFound(err))
	}
	return t, nil
}

// SeeTicket returns a ticket that can still be used; community.ErrNotFound otherwise.
func (s *Store) SeeTicket(ctx context.Context, hash []byte, purpose string) (Ticket, error) {
	return s.ticket(ctx, "see", `select `+ticketColumns+` from ticket
		where hash = @hash and purpose = @purpose and used_at is null and expires_at > now()`, hash, purpose)
}

// UseTicket spends a ticket: of two who try, one gets it, the other community.ErrNotFound.
func (s *Store) UseTicket(ctx context.Context, hash []byte, purpose string) (Ticket, error) {
	return s.ticket(ctx, "use", `update ticket set used_at = now()
		where hash = @hash and purpose = @purpose and used_at is null and expires_at > now() returning `+ticketColumns, hash, purpose)
}

// TryTicket counts an attempt at a ticket and returns it with the new count.
func (s *Store) TryTicket(ctx context.Context, hash []byte, purpose string) (Ticket, error) {
	return s.ticket(ctx, "try", `update ticket set attempts = attempts + 1
		where hash = @hash and purpose = @purpose and used_at is null and expires_at > now() returning `+ticketColumns, hash, purpose)
}

// AmendTicket replaces what a ticket that is not used yet holds.
// community.ErrNotFound when there is none.
func (s *Store) AmendTicket(ctx context.Context, hash []byte, purpose string, data []byte) error {
	tag, err := s.pool.Exec(ctx, `update ticket set data = $3 where hash = $1 and purpose = $2 and used_at is null and expires_at > now()`, hash, purpose, data)
	if err == nil && tag.RowsAffected() == 0 {
		err = community.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: amend ticket: %w", err)
	}
	return nil
}

// DropExpired removes sessions and tickets whose time is over.
func (s *Store) DropExpired(ctx context.Context, idle time.Duration) (int64, error) {
	tag, err := s.pool.Exec(ctx, `delete from session where expires_at < now() or seen_at < now() - $1::interval`, idle)
	if err != nil {
		return 0, fmt.Errorf("store: drop expired: %w", err)
	}
	n := tag.RowsAffected()
	if tag, err = s.pool.Exec(ctx, `delete from ticket where expires_at < now() - interval '1 day'`); err != nil {
		return n, fmt.Errorf("store: drop expired: %w", err)
	}
	return n + tag.RowsAffected(), nil
}
