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

// ErrExists says that the name is taken.
var ErrExists = errors.New("exists already")

// ErrTimeZone says that the database does not know the time zone.
var ErrTimeZone = errors.New("unknown time zone")

// LocalOrganisation returns the one organisation that Foyer serves until
// accounts exist, and creates it at first.
func (s *Store) LocalOrganisation(ctx context.Context) (int64, error) {
	ctx = Across(ctx)
	var id int64
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('organisation/local', 0))`); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `select id from organisation where deleted_at is null order by id limit 1`).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return tx.QueryRow(ctx, `insert into organisation (name) values ('Foyer') returning id`).Scan(&id)
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("store: local organisation: %w", err)
	}
	return id, nil
}

const communityColumns = `organisation_id, id, name, time_zone, created_at, coalesce(client_id, 0), archived_at, keep_questions`

func scanCommunity(row pgx.CollectableRow) (community.Community, error) {
	var (
		c    community.Community
		zone string
	)
	if err := row.Scan(&c.Organisation, &c.Scope.Community, &c.Name, &zone, &c.Created, &c.Client, timeOrZero{&c.Archived}, &c.KeepQuestions); err != nil {
		return c, err
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return c, fmt.Errorf("time zone %q: %w", zone, err)
	}
	c.Location = loc
	return c, nil
}

// CreateCommunity makes a community. ErrExists when the organisation has one of
// that name (case does not matter), ErrTimeZone for a zone the database lacks.
func (s *Store) CreateCommunity(ctx context.Context, organisation int64, name string, zone *time.Location) (community.Community, error) {
	ctx = within(ctx, organisation)
	rows, err := s.pool.Query(ctx, `insert into community (organisation_id, name, time_zone)
		select @org, @name, name from pg_timezone_names where name = @zone
		returning `+communityColumns,
		pgx.NamedArgs{"org": organisation, "name": name, "zone": zone.String()})
	if err != nil {
		return community.Community{}, fmt.Errorf("store: create community: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanCommunity)
	var pgErr *pgconn.PgError
	switch {
	case errors.As(err, &pgErr) && pgErr.ConstraintName == "community_name":
		return c, fmt.Errorf("store: create community: %w", ErrExists)
	case errors.Is(err, pgx.ErrNoRows):
		return c, fmt.Errorf("store: create community: %w", ErrTimeZone)
	case err != nil:
		return c, fmt.Errorf("store: create community: %w", err)
	}
	return c, nil
}

// Communities lists an organisation's communities by name.
func (s *Store) Communities(ctx context.Context, organisation int64) ([]community.Community, error) {
	ctx = within(ctx, organisation)
	rows, err := s.pool.Query(ctx, `select `+communityColumns+` from community
		where organisation_id = @org and deleted_at is null order by lower(name), id`, pgx.NamedArgs{"org": organisation})
	if err != nil {
		return nil, fmt.Errorf("store: communities: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanCommunity)
	if err != nil {
		return nil, fmt.Errorf("store: communities: %w", err)
	}
	return list, nil
}

// Community returns one community, or community.ErrNotFound.
func (s *Store) Community(ctx context.Context, sc community.Scope) (community.Community, error) {
	ctx = of(ctx, sc)
	rows, err := s.pool.Query(ctx, `select `+communityColumns+` from community
		where organisation_id = @org and id = @com and deleted_at is null`, scoped(sc, nil))
	if err != nil {
		return community.Community{}, fmt.Errorf("store: community: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanCommunity)
	if err != nil {
		return c, fmt.Errorf("store: community: %w", notFound(err))
	}
	return c, nil
}

// CommunityNamed returns the community of that name, or community.ErrNotFound.
func (s *Store) CommunityNamed(ctx context.Context, organisation int64, name string) (community.Community, error) {
	ctx = within(ctx, organisation)
	rows, err := s.pool.Query(ctx, `select `+communityColumns+` from community
		where organisation_id = @org and lower(name) = lower(@name) and deleted_at is null`,
		pgx.NamedArgs{"org": organisation, "name": name})
	if err != nil {
		return community.Community{}, fmt.Errorf("store: community named: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanCommunity)
	if err != nil {
		return c, fmt.Errorf("store: community named: %w", notFound(err))
	}
	return c, nil
}

// SetTimeZone changes the community's time zone and marks every day dirty, since
// days belong to the zone.
func (s *Store) SetTimeZone(ctx context.Context, sc community.Scope, zone *time.Location) error {
	ctx = of(ctx, sc)
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		// The days as they were drawn until now, then as they will be drawn.
		if err := markAllDays(ctx, tx, sc); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update community set time_zone = @zone
			where organisation_id = @org and id = @com and exists (select from pg_timezone_names where name = @zone)`,
			scoped(sc, pgx.NamedArgs{"zone": zone.String()}))
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrTimeZone
		}
		_, err = tx.Exec(ctx, query("dirty_rezone"), scoped(sc, pgx.NamedArgs{"zone": zone.String()}))
		return err
	})
	if err != nil {
		return fmt.Errorf("store: set time zone: %w", err)
	}
	return nil
}

// markAllDays logs every day that has a rollup for recomputation.
func markAllDays(ctx context.Context, tx pgx.Tx, sc community.Scope) error {
	_, err := tx.Exec(ctx, query("dirty_all"), scoped(sc, nil))
	return err
}
