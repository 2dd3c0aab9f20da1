package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// Accept stores what arrived, durably, before anybody tries to understand it. A
// payload whose key is known is dropped; it returns how many were new.
func (s *Store) Accept(ctx context.Context, sc community.Scope, connection int64, list []community.Payload) (int, error) {
	ctx = of(ctx, sc)
	keys, kinds, scopes := make([]string, len(list)), make([]string, len(list)), make([]string, len(list))
	bodies := make([][]byte, len(list))
	for i, p := range list {
		keys[i], kinds[i], scopes[i], bodies[i] = clean(p.Key), clean(p.Kind), clean(p.Scope), p.Body
	}
	tag, err := s.pool.Exec(ctx, `insert into inbox (organisation_id, community_id, connection_id, key, kind, scope, body)
		select @org, @com, @connection, * from unnest(@keys::text[], @kinds::text[], @scopes::text[], @bodies::bytea[])
		on conflict (organisation_id, community_id, connection_id, key) do nothing`,
		scoped(sc, pgx.NamedArgs{"connection": connection, "keys": keys, "kinds": kinds, "scopes": scopes, "bodies": bodies}))
	if err != nil {
		return 0, fmt.Errorf("store: accept: %w", err)
	}
	return int(tag.RowsAffected()), nil
}

// Pending is a connection that has payloads to drain.
type Pending struct {
	community.Scope
	Connection int64
}

// PendingConnections lists, of all organisations, the connections with payloads to drain.
func (s *Store) PendingConnections(ctx context.Context) ([]Pending, error) {
	ctx = Across(ctx)
	rows, err := s.pool.Query(ctx, `select distinct organisation_id, community_id, connection_id from inbox where drained_at is null`)
	if err != nil {
		return nil, fmt.Errorf("store: pending connections: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Pending, error) {
		var p Pending
		return p, row.Scan(&p.Organisation, &p.Community, &p.Connection)
	})
	if err != nil {
		return nil, fmt.Errorf("store: pending connections: %w", err)
	}
	return list, nil
}

// HoldDrain takes the lock of a connection's inbox; false when somebody drains it.
func (s *Store) HoldDrain(ctx context.Context, p Pending) (release func(), ok bool, err error) {
	return s.hold(ctx, fmt.Sprintf("drain/%d", p.Connection))
}

// Delivery is a payload of the inbox.
type Delivery struct {
	ID int64
	community.Payload
}

// PendingDeliveries returns the oldest payloads of a connection that are not
// drained. Two drains at once do the same work; neither loses nor doubles any.
func (s *Store) PendingDeliveries(ctx context.Context, p Pending, limit int) ([]Delivery, error) {
	ctx = of(ctx, p.Scope)
	rows, err := s.pool.Query(ctx, `select id, key, kind, scope, body from inbox
		where organisation_id = @org and community_id = @com and connection_id = @connection and drained_at is null
		order by id limit @limit`, scoped(p.Scope, pgx.NamedArgs{"connection": p.Connection, "limit": limit}))
	if err != nil {
		return nil, fmt.Errorf("store: pending deliveries: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Delivery, error) {
		var d Delivery
		return d, row.Scan(&d.ID, &d.Key, &d.Kind, &d.Scope, &d.Body)
	})
	if err != nil {
		return nil, fmt.Errorf("store: pending deliveries: %w", err)
	}
	return list, nil
}

// MarkDrained says that payloads were understood, or why not, in the
// transaction that stores what they mean. failures has an entry for each id.
func (s *Store) MarkDrained(ctx context.Context, tx pgx.Tx, p Pending, ids []int64, failures []string) error {
	_, err := tx.Exec(ctx, `update inbox i set drained_at = now(), failure = d.failure,
			body = case when i.brief or c.brief then '' else i.body end, scope = case when i.brief or c.brief then '' else i.scope end
		from unnest(@ids::bigint[], @failures::text[]) as d (id, failure)
		cross join (select exists (select from community where organisation_id = @org and id = @com and erasures > 0) as brief) c
		where i.organisation_id = @org and i.community_id = @com and i.id = d.id`,
		scoped(p.Scope, pgx.NamedArgs{"ids": ids, "failures": failures}))
	if err != nil {
		return fmt.Errorf("store: mark drained: %w", err)
	}
	return nil
}

// DropDrained removes, of all organisations, drained payloads older than the age.
func (s *Store) DropDrained(ctx context.Context, age time.Duration) (int64, error) {
	ctx = Across(ctx)
	tag, err := s.pool.Exec(ctx, `delete from inbox where drained_at < now() - $1::interval`, age)
	if err != nil {
		return 0, fmt.Errorf("store: drop drained: %w", err)
	}
	return tag.RowsAffected(), nil
}

// ConnectionByID returns one connection, or community.ErrNotFound.
func (s *Store) ConnectionByID(ctx context.Context, sc community.Scope, id int64) (Connection, error) {
	ctx = of(ctx, sc)
	list, err := s.Connections(ctx, sc)
	if err != nil {
		return Connection{}, err
	}
	for _, c := range list {
		if c.ID == id {
			return c, nil
		}
	}
	return Connection{}, fmt.Errorf("store: connection %d: %w", id, community.ErrNotFound)
}
