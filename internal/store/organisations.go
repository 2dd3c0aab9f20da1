package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// Organisation is a brand or an agency: a tenant.
type Organisation struct {
	ID           int64
	Name         string
	Kind         string // brand, agency
	Sample       bool   // holds the sample data
	HasLogo      bool
	LogoHash     string // changes with the logo; empty: none
	BrandColour  string // #rrggbb; empty: none
	BrandInk     string
	TimeZone     string
	FiscalStart  int    // month
	Currency     string // ISO 4217
	WeekStart    int    // ISO day: 1 or 7
	RetainMonths int    // of activities; 0: until erased
	Language     string
	Created      time.Time
}

const organisationColumns = `o.id, o.name, o.kind, o.sample, o.logo is not null, o.logo_hash, o.brand_colour, o.brand_ink, o.time_zone, o.fiscal_start,
	o.currency, o.week_start, coalesce(o.retain_months, 0), o.language, o.created_at`

func (o *Organisation) fields() []any {
	return []any{
		&o.ID, &o.Name, &o.Kind, &o.Sample, &o.HasLogo, &o.LogoHash, &o.BrandColour, &o.BrandInk, &o.TimeZone, &o.FiscalStart,
		&o.Currency, &o.WeekStart, &o.RetainMonths, &o.Language, &o.Created,
	}
}

// Role is what somebody may do for an organisation.
type Role string

// The roles, from the one that may do everything down. A guest sees named
// communities only.
const (
	RoleOwner   Role = "owner"
	RoleAdmin   Role = "admin"
	RoleAnalyst Role = "analyst"
	RoleViewer  Role = "viewer"
	RoleGuest   Role = "guest"
)

// Seat is a person's place in an organisation.
type Seat struct {
	Organisation Organisation
	Role         Role
	Communities  []int64 // of a guest
	Since        time.Time
}

// ErrLastOwner says that an organisation would be left without an owner.
var ErrLastOwner = errors.New("an organisation keeps at least one owner")

// CreateOrganisation makes an organisation with its first owner.
func (s *Store) CreateOrganisation(ctx context.Context, o Organisation, owner int64) (Organisation, error) {
	err := s.inTx(Across(ctx), func(tx pgx.Tx) (err error) {
		o, err = createOrganisation(ctx, tx, o, owner)
		return err
	})
	if err != nil {
		return o, fmt.Errorf("store: create organisation: %w", err)
	}
	return o, nil
}

func createOrganisation(ctx context.Context, tx pgx.Tx, o Organisation, owner int64) (Organisation, error) {
	err := tx.QueryRow(ctx, `insert into organisation as o (name, kind, sample, time_zone, currency, week_start, fiscal_start, language)
		values (@name, @kind, @sample, @zone, @currency, @week, @fiscal, @language) returning `+organisationColumns, pgx.NamedArgs{
		"name": clean(o.Name), "kind": o.Kind, "sample": o.Sample, "zone": o.TimeZone, "currency": o.Currency,
		"week": max(1, o.WeekStart), "fiscal": max(1, o.FiscalStart), "language": o.Language,
	}).Scan(o.fields()...)
	if err != nil {
		return o, err
	}
	_, err = tx.Exec(ctx, `insert into seat (organisation_id, user_id, role) values ($1, $2, 'owner')`, o.ID, owner)
	return o, err
}

// ErrNotFirst says that the instance has somebody already.
var ErrNotFirst = errors.New("somebody was here before")

// CreateFirst makes the first user and organisation of a new instance: its
// operator. What an earlier version kept without accounts becomes theirs.
// ErrNotFirst when there is a user already, also when two try at once.
func (s *Store) CreateFirst(ctx context.Context, u User, o Organisation) (User, Organisation, error) {
	err := s.inTx(Across(ctx), func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('user/first', 0))`); err != nil {
			return err
		}
		var users int
		if err := tx.QueryRow(ctx, `select count(*) from app_user`).Scan(&users); err != nil {
			return err
		}
		if users > 0 {
			return ErrNotFirst
		}
		u.Operator = true
		var err error
		if u, err = createUser(ctx, tx, u); err != nil {
			return err
		}
		var old int64
		err = tx.QueryRow(ctx, `select id from organisation where not sample and deleted_at is null order by id limit 1`).Scan(&old)
		if errors.Is(err, pgx.ErrNoRows) {
			o, err = createOrganisation(ctx, tx, o, u.ID)
			return err
		}
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `update organisation o set name = @name, kind = @kind, time_zone = @zone, currency = @currency, language = @language
			where id = @id returning `+organisationColumns, pgx.NamedArgs{
			"id": old, "name": clean(o.Name), "kind": o.Kind, "zone": o.TimeZone, "currency": o.Currency, "language": o.Language,
		}).Scan(o.fields()...)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into seat (organisation_id, user_id, role) values ($1, $2, 'owner')`, o.ID, u.ID)
		return err
	})
	if err != nil {
		return u, o, fmt.Errorf("store: create first: %w", err)
	}
	return u, o, nil
}

// Organisation returns one organisation, or community.ErrNotFound.
func (s *Store) Organisation(ctx context.Context, organisation int64) (Organisation, error) {
	ctx = within(ctx, organisation)
	var o Organisation
	err := s.pool.QueryRow(ctx, `select `+organisationColumns+` from organisation o where o.id = $1 and o.deleted_at is null`, organisation).Scan(o.fields()...)
	if err != nil {
		return o, fmt.Errorf("store: organisation: %w", notFound(err))
	}
	return o, nil
}

// Organisations lists all organisations of the instance, for its operator.
func (s *Store) Organisations(ctx context.Context) ([]Organisation, error) {
	rows, err := s.pool.Query(Across(ctx), `select `+organisationColumns+` from organisation o where o.deleted_at is null order by lower(o.name), o.id`)
	if err != nil {
		return nil, fmt.Errorf("store: organisations: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Organisation, error) {
		var o Organisation
		return o, row.Scan(o.fields()...)
	})
	if err != nil {
		return nil, fmt.Errorf("store: organisations: %w", err)
	}
	return list, nil
}

// Seats lists the organisations that a person works for, by name.
func (s *Store) Seats(ctx context.Context, user int64) ([]Seat, error) {
	rows, err := s.pool.Query(Across(ctx), query("seat_of_user"), pgx.NamedArgs{"user": user})
	if err != nil {
		return nil, fmt.Errorf("store: seats: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Seat, error) {
		var n Seat
		return n, row.Scan(append(n.Organisation.fields(), &n.Role, &n.Communities, &n.Since)...)
	})
	if err != nil {
		return nil, fmt.Errorf("store: seats: %w", err)
	}
	return list, nil
}

// OrganisationOfCommunity says which of these organisations a community belongs
// to; community.ErrNotFound when to none.
func (s *Store) OrganisationOfCommunity(ctx context.Context, organisations []int64, id int64) (int64, error) {
	var organisation int64
	err := s.pool.QueryRow(Across(ctx), `select organisation_id from community where id = $1 and organisation_id = any($2) and deleted_at is null`,
		id, organisations).Scan(&organisation)
	if err != nil {
		return 0, fmt.Errorf("store: organisation of community: %w", notFound(err))
	}
	return organisation, nil
}

// Colleague is a person with a seat, as the organisation sees them.
type Colleague struct {
	User         int64
	Email        string
	Name         string
	Role         Role
	Communities  []int64
	SecondFactor bool // signs in with a passkey or a code
	Since        time.Time
	Seen         time.Time // zero: not since sessions are known
}

// Colleagues lists who works for an organisation.
func (s *Store) Colleagues(ctx context.Context, organisation int64) ([]Colleague, error) {
	ctx = within(ctx, organisation)
	rows, err := s.pool.Query(ctx, query("seat_of_organisation"), pgx.NamedArgs{"org": organisation})
	if err != nil {
		return nil, fmt.Errorf("store: colleagues: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Colleague, error) {
		var c Colleague
		return c, row.Scan(&c.User, &c.Email, &c.Name, &c.Role, &c.Communities, &c.SecondFactor, &c.Since, timeOrZero{&c.Seen})
	})
	if err != nil {
		return nil, fmt.Errorf("store: colleagues: %w", err)
	}
	return list, nil
}

// SetSeat gives a person a seat, or changes its role. A guest sees the named
// communities, which must be the organisation's (community.ErrNotFound);
// ErrLastOwner when the last owner would lose that role.
func (s *Store) SetSeat(ctx context.Context, organisation, user int64, role Role, communities []int64) error {
	ctx = within(ctx, organisation)
	err := s.inTx(ctx, func(tx pgx.Tx) error { return setSeat(ctx, tx, organisation, user, role, communities) })
	if err != nil {
		return fmt.Errorf("store: set seat: %w", err)
	}
	return nil
}

func setSeat(ctx context.Context, tx pgx.Tx, organisation, user int64, role Role, communities []int64) error {
	args := pgx.NamedArgs{"org": organisation, "user": user, "role": string(role), "communities": communities}
	if err := lockSeats(ctx, tx, organisation); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into seat (organisation_id, user_id, role) values (@org, @user, @role)
		on conflict (organisation_id, user_id) do update set role = @role`, args)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from seat_community where organisation_id = @org and user_id = @user`, args); err != nil {
		return err
	}
	if role == RoleGuest {
		tag, err := tx.Exec(ctx, `insert into seat_community (organisation_id, user_id, community_id)
			select organisation_id, @user, id from community where organisation_id = @org and id = any(@communities)`, args)
		if err != nil {
			return err
		}
		if int(tag.RowsAffected()) != len(communities) {
			return community.ErrNotFound
		}
	}
	return keepOwner(ctx, tx, organisation)
}

// RemoveSeat takes a person's seat; ErrLastOwner for the last owner.
func (s *Store) RemoveSeat(ctx context.Context, organisation, user int64) error {
	ctx = within(ctx, organisation)
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockSeats(ctx, tx, organisation); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `delete from seat where organisation_id = $1 and user_id = $2`, organisation, user)
		if err == nil && tag.RowsAffected() == 0 {
			err = community.ErrNotFound
		}
		if err != nil {
			return err
		}
		return keepOwner(ctx, tx, organisation)
	})
	if err != nil {
		return fmt.Errorf("store: remove seat: %w", err)
	}
	return nil
}

// lockSeats makes changes of seats happen one after the other: two owners who
// leave at once would both see the other.
func lockSeats(ctx context.Context, tx pgx.Tx, organisation int64) error {
	_, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended(format('seat/%s', $1::bigint), 0))`, organisation)
	return err
}

func keepOwner(ctx context.Context, tx pgx.Tx, organisation int64) error {
	var owned bool
	err := tx.QueryRow(ctx, `select exists (select from seat where organisation_id = $1 and role = 'owner')`, organisation).Scan(&owned)
	if err == nil && !owned {
		err = ErrLastOwner
	}
	return err
}
