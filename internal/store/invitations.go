package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/foyer-app/foyer/internal/community"
)

// ErrSeated says that somebody works for the organisation already.
var ErrSeated = errors.New("has a seat already")

// Invitation offers a seat to whoever reads the mail of an address. Only the hash
// of its token is stored.
type Invitation struct {
	ID               int64
	Organisation     int64
	OrganisationName string
	Email            string // lower case
	Role             Role
	Communities      []int64 // of a guest
	Language         string  // of the letter; empty: the organisation's
	InvitedBy        string  // whoever is still known
	Created          time.Time
	Sent             time.Time // when the letter last went out
	Expires          time.Time
	Accepted         time.Time // zero: not yet
	Revoked          time.Time // zero: in force
}

// Open says whether the invitation can be accepted at a moment.
func (n Invitation) Open(now time.Time) bool {
	return n.Accepted.IsZero() && n.Revoked.IsZero() && now.Before(n.Expires)
}

const invitationQuery = `select n.id, n.organisation_id, o.name, n.email, n.role, n.communities, coalesce(nullif(n.language, ''), o.language),
		coalesce(nullif(u.name, ''), u.email, ''), n.created_at, n.sent_at, n.expires_at, n.accepted_at, n.revoked_at
	from invitation n join organisation o on o.id = n.organisation_id left join app_user u on u.id = n.invited_by `

func scanInvitation(row pgx.CollectableRow) (Invitation, error) {
	var n Invitation
	return n, row.Scan(&n.ID, &n.Organisation, &n.OrganisationName, &n.Email, &n.Role, &n.Communities, &n.Language, &n.InvitedBy,
		&n.Created, &n.Sent, &n.Expires, timeOrZero{&n.Accepted}, timeOrZero{&n.Revoked})
}

func oneInvitation(ctx context.Context, tx pgx.Tx, where string, args ...any) (Invitation, error) {
	rows, err := tx.Query(ctx, invitationQuery+where, args...)
	if err != nil {
		return Invitation{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanInvitation)
}

// CreateInvitation stores an invitation by the hash of its token. ErrExists when one
// is open for that address, ErrSeated when its owner works for the organisation
// already, community.ErrNotFound when a guest would see what is not the organisation's.
// One that expired makes way.
func (s *Store) CreateInvitation(ctx context.Context, n Invitation, by int64, hash []byte) (Invitation, error) {
	ctx = within(ctx, n.Organisation)
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		n, err = createInvitation(ctx, tx, n, by, hash)
		return err
	})
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.ConstraintName == "invitation_open" {
		err = ErrExists
	}
	if err != nil {
		return n, fmt.Errorf("store: create invitation: %w", notFound(err))
	}
	return n, nil
}

func createInvitation(ctx context.Context, tx pgx.Tx, n Invitation, by int64, hash []byte) (Invitation, error) {
	if n.Role != RoleGuest || n.Communities == nil {
		n.Communities = []int64{}
	}
	args := pgx.NamedArgs{
		"org": n.Organisation, "email": strings.ToLower(strings.TrimSpace(clean(n.Email))), "role": string(n.Role), "communities": n.Communities,
		"language": n.Language, "hash": hash, "by": by, "expires": n.Expires,
	}
	var seated bool
	err := tx.QueryRow(ctx, `select exists (select from seat s join app_user u on u.id = s.user_id
		where s.organisation_id = @org and lower(u.email) = @email)`, args).Scan(&seated)
	if err != nil {
		return n, err
	}
	if seated {
		return n, ErrSeated
	}
	_, err = tx.Exec(ctx, `update invitation set revoked_at = now()
		where organisation_id = @org and lower(email) = @email and accepted_at is null and revoked_at is null and expires_at <= now()`, args)
	if err != nil {
		return n, err
	}
	var id int64
	err = tx.QueryRow(ctx, `insert into invitation (organisation_id, email, role, communities, language, hash, invited_by, expires_at)
		select @org, @email, @role, @communities, @language, @hash, nullif(@by::bigint, 0), @expires
		where (select count(*) from community where organisation_id = @org and id = any(@communities)) = cardinality(@communities::bigint[])
		returning id`, args).Scan(&id)
	if err != nil {
		return n, err
	}
	return oneInvitation(ctx, tx, `where n.organisation_id = $1 and n.id = $2`, n.Organisation, id)
}

// ResendInvitation gives an invitation a new token and a new term; the old token is
// worth nothing then. community.ErrNotFound when it was accepted or revoked.
func (s *Store) ResendInvitation(ctx context.Context, organisation, id int64, hash []byte, expires time.Time) (Invitation, error) {
	ctx = within(ctx, organisation)
	var n Invitation
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update invitation set hash = $3, expires_at = $4, sent_at = now()
			where organisation_id = $1 and id = $2 and accepted_at is null and revoked_at is null`, organisation, id, hash, expires)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return community.ErrNotFound
		}
		n, err = oneInvitation(ctx, tx, `where n.organisation_id = $1 and n.id = $2`, organisation, id)
		return err
	})
	if err != nil {
		return n, fmt.Errorf("store: resend invitation: %w", err)
	}
	return n, nil
}

// Invitations lists those that were neither accepted nor revoked, also expired ones,
// the newest first.
func (s *Store) Invitations(ctx context.Context, organisation int64) ([]Invitation, error) {
	ctx = within(ctx, organisation)
	rows, err := s.pool.Query(ctx, invitationQuery+`where n.organisation_id = $1 and n.accepted_at is null and n.revoked_at is null
		order by n.sent_at desc, n.id desc`, organisation)
	if err != nil {
		return nil, fmt.Errorf("store: invitations: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanInvitation)
	if err != nil {
		return nil, fmt.Errorf("store: invitations: %w", err)
	}
	return list, nil
}

// Invitation returns one invitation of an organisation, whatever became of it, or
// community.ErrNotFound.
func (s *Store) Invitation(ctx context.Context, organisation, id int64) (Invitation, error) {
	return s.invitationWhere(within(ctx, organisation), `where n.organisation_id = $1 and n.id = $2`, organisation, id)
}

// InvitationByHash returns the invitation of a token, whatever became of it, or
// community.ErrNotFound: also for a token that was replaced.
func (s *Store) InvitationByHash(ctx context.Context, hash []byte) (Invitation, error) {
	return s.invitationWhere(Across(ctx), `where n.hash = $1`, hash)
}

// OpenInvitation returns an invitation that can be accepted by whoever owns an
// address, the newest if there are several, or community.ErrNotFound.
func (s *Store) OpenInvitation(ctx context.Context, email string) (Invitation, error) {
	return s.invitationWhere(Across(ctx), `where lower(n.email) = $1 and n.accepted_at is null and n.revoked_at is null and n.expires_at > now()
		order by n.id desc limit 1`, strings.ToLower(strings.TrimSpace(clean(email))))
}

func (s *Store) invitationWhere(ctx context.Context, where string, args ...any) (Invitation, error) {
	rows, err := s.pool.Query(ctx, invitationQuery+where, args...)
	if err != nil {
		return Invitation{}, fmt.Errorf("store: invitation: %w", err)
	}
	n, err := pgx.CollectExactlyOneRow(rows, scanInvitation)
	if err != nil {
		return n, fmt.Errorf("store: invitation: %w", notFound(err))
	}
	return n, nil
}

// RevokeInvitation takes an invitation back; community.ErrNotFound when there is
// nothing to take back.
func (s *Store) RevokeInvitation(ctx context.Context, organisation, id int64) error {
	ctx = within(ctx, organisation)
	tag, err := s.pool.Exec(ctx, `update invitation set revoked_at = now()
		where organisation_id = $1 and id = $2 and accepted_at is null and revoked_at is null`, organisation, id)
	if err == nil && tag.RowsAffected() == 0 {
		err = community.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: revoke invitation: %w", err)
	}
	return nil
}

// AcceptInvitation spends an open invitation and gives its seat to a person; a seat
// that they have already stays as it is. u without an ID is made a user first, ErrExists
// when the address is known. community.ErrNotFound when the invitation is not open, also
// for the second of two who try.
func (s *Store) AcceptInvitation(ctx context.Context, organisation, id int64, u User) (User, error) {
	ctx = Across(ctx)
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		n, err := spendInvitation(ctx, tx, organisation, id)
		if err != nil {
			return err
		}
		if u.ID == 0 {
			if u, err = createUser(ctx, tx, u); err != nil {
				return err
			}
		}
		return seatInvited(ctx, tx, n, u.ID)
	})
	if err != nil {
		return u, fmt.Errorf("store: accept invitation: %w", notFound(err))
	}
	return u, nil
}

func spendInvitation(ctx context.Context, tx pgx.Tx, organisation, id int64) (Invitation, error) {
	n := Invitation{ID: id, Organisation: organisation}
	// Communities that were removed since the letter was written are left out.
	err := tx.QueryRow(ctx, `update invitation n set accepted_at = now()
		where organisation_id = $1 and id = $2 and accepted_at is null and revoked_at is null and expires_at > now()
		returning role, coalesce(array(select c.id from community c where c.organisation_id = n.organisation_id and c.id = any(n.communities)), '{}')`,
		organisation, id).Scan(&n.Role, &n.Communities)
	return n, err
}

func seatInvited(ctx context.Context, tx pgx.Tx, n Invitation, user int64) error {
	var seated bool
	err := tx.QueryRow(ctx, `select exists (select from seat where organisation_id = $1 and user_id = $2)`, n.Organisation, user).Scan(&seated)
	if err != nil || seated {
		return err
	}
	return setSeat(ctx, tx, n.Organisation, user, n.Role, n.Communities)
}
