package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// Key is a key of the API. The key itself is shown once and kept as a hash.
type Key struct {
	ID           int64
	Organisation int64
	Name         string
	Prefix       string   // the beginning, to tell keys apart
	Scopes       []string // permissions
	Communities  []int64  // empty: all
	CreatedBy    string   // whoever is still known
	Created      time.Time
	Expires      time.Time // zero: it does not
	Used         time.Time // zero: never
	Revoked      time.Time // zero: in force
}

// Allows says whether the key has a permission.
func (k Key) Allows(permission string) bool { return slices.Contains(k.Scopes, permission) }

const keyColumns = `k.id, k.organisation_id, k.name, k.prefix, k.scopes, k.communities, coalesce(u.name, ''), k.created_at, k.expires_at, k.used_at, k.revoked_at`

func scanKey(row pgx.CollectableRow) (Key, error) {
	var k Key
	return k, row.Scan(&k.ID, &k.Organisation, &k.Name, &k.Prefix, &k.Scopes, &k.Communities, &k.CreatedBy, &k.Created,
		timeOrZero{&k.Expires}, timeOrZero{&k.Used}, timeOrZero{&k.Revoked})
}

// CreateKey stores a key by its hash. Its communities must be the organisation's
// (community.ErrNotFound).
func (s *Store) CreateKey(ctx context.Context, k Key, by int64, hash []byte) (int64, error) {
	ctx = within(ctx, k.Organisation)
	if k.Communities == nil {
		k.Communities = []int64{}
	}
	var id int64
	err := s.pool.QueryRow(ctx, `insert into api_key (organisation_id, name, prefix, hash, scopes, communities, created_by, expires_at)
		select @org, @name, @prefix, @hash, @scopes, @communities, nullif(@by::bigint, 0), @expires
		where (select count(*) from community where organisation_id = @org and id = any(@communities)) = cardinality(@communities::bigint[])
		returning id`, pgx.NamedArgs{
		"org": k.Organisation, "name": clean(k.Name), "prefix": k.Prefix, "hash": hash, "scopes": k.Scopes,
		"communities": k.Communities, "by": by, "expires": nullTime(k.Expires),
	}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("store: create key: %w", notFound(err))
	}
	return id, nil
}

// Keys lists an organisation's keys, the newest first.
func (s *Store) Keys(ctx context.Context, organisation int64) ([]Key, error) {
	ctx = within(ctx, organisation)
	rows, err := s.pool.Query(ctx, `select `+keyColumns+` from api_key k left join app_user u on u.id = k.created_by
		where k.organisation_id = $1 order by k.id desc`, organisation)
	if err != nil {
		return nil, fmt.Errorf("store: keys: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanKey)
	if err != nil {
		return nil, fmt.Errorf("store: keys: %w", err)
	}
	return list, nil
}

// KeyByHash returns a key in force; community.ErrNotFound for any other.
func (s *Store) KeyByHash(ctx context.Context, hash []byte) (Key, error) {
	rows, err := s.pool.Query(Across(ctx), `select `+keyColumns+` from api_key k left join app_user u on u.id = k.created_by
		where k.hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())`, hash)
	if err != nil {
		return Key{}, fmt.Errorf("store: key: %w", err)
	}
	k, err := pgx.CollectExactlyOneRow(rows, scanKey)
	if err != nil {
		return k, fmt.Errorf("store: key: %w", notFound(err))
	}
	return k, nil
}

// SeeKey notes that a key is in use, to the minute.
func (s *Store) SeeKey(ctx context.Context, k Key) error {
	_, err := s.pool.Exec(within(ctx, k.Organisation), `update api_key set used_at = now()
		where organisation_id = $1 and id = $2 and (used_at is null or used_at < now() - interval '1 minute')`, k.Organisation, k.ID)
	if err != nil {
		return fmt.Errorf("store: see key: %w", err)
	}
	return nil
}

// RevokeKey ends a key; community.ErrNotFound when it is not the organisation's.
func (s *Store) RevokeKey(ctx context.Context, organisation, id int64) error {
	ctx = within(ctx, organisation)
	tag, err := s.pool.Exec(ctx, `update api_key set revoked_at = coalesce(revoked_at, now()) where organisation_id = $1 and id = $2`, organisation, id)
	if err == nil && tag.RowsAffected() == 0 {
		err = community.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: revoke key: %w", err)
	}
	return nil
}
