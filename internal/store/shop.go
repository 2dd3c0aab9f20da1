package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// ConnectionByHook finds the connection whose own deliveries come to an address,
// by the hash of its token. community.ErrNotFound when there is none.
func (s *Store) ConnectionByHook(ctx context.Context, platform community.Platform, hash []byte) (Connection, error) {
	list, err := s.connectionsWhere(Across(ctx), `hook_hash = @hash and platform = @platform and state <> 'file'`, pgx.NamedArgs{"hash": hash, "platform": platform})
	if err != nil {
		return Connection{}, err
	}
	if len(list) != 1 {
		return Connection{}, community.ErrNotFound
	}
	return list[0], nil
}

// Hook returns the sealed token of a connection's own address, made by fresh
// where there is none yet: the first that is stored stays.
func (s *Store) Hook(ctx context.Context, c Connection, fresh func() (sealed, hash []byte)) ([]byte, error) {
	sealed, hash := fresh()
	var token []byte
	err := s.pool.QueryRow(of(ctx, c.Scope), `update connection set hook = coalesce(hook, @sealed), hook_hash = coalesce(hook_hash, @hash)
		where organisation_id = @org and community_id = @com and id = @id returning hook`,
		scoped(c.Scope, pgx.NamedArgs{"id": c.ID, "sealed": sealed, "hash": hash})).Scan(&token)
	if err != nil {
		return nil, fmt.Errorf("store: hook: %w", notFound(err))
	}
	return token, nil
}

// Subscribed notes that a platform delivers to us, with what is to be kept.
func (s *Store) Subscribed(ctx context.Context, c Connection, sealed []byte, settings map[string]string) error {
	if settings == nil {
		settings = map[string]string{}
	}
	return s.setConnection(ctx, "subscribed", c, `subscribed_at = now(), sealed = coalesce(@sealed, sealed), settings = settings || @settings`,
		pgx.NamedArgs{"sealed": sealed, "settings": settings})
}

// Task is what is done for connections again and again.
type Task string

// The tasks, each with its own clock.
const (
	TaskSubscribe Task = "subscribed_at"
	TaskPoll      Task = "polled_at"
	TaskBooks     Task = "books_at"
)

// TaskDue lists, of all organisations, the active connections of a platform for
// which a task was not done for so long. Books are looked at when no history is
// being fetched.
func (s *Store) TaskDue(ctx context.Context, p community.Platform, t Task, every time.Duration) ([]Connection, error) {
	return s.connectionsWhere(Across(ctx), `platform = @platform and state = 'active' and (limited_until is null or limited_until < now())
		and (`+string(t)+` is null or `+string(t)+` < now() - @every::interval) and (@task <> 'books_at' or not exists (
			select from backfill b where b.organisation_id = connection.organisation_id and b.community_id = connection.community_id
				and b.connection_id = connection.id and b.state = 'running'))`,
		pgx.NamedArgs{"platform": p, "every": every, "task": string(t)})
}

// TaskDone notes that it was done and returns when it was done before; zero: never.
func (s *Store) TaskDone(ctx context.Context, c Connection, t Task) (before time.Time, err error) {
	column := string(t)
	err = s.pool.QueryRow(of(ctx, c.Scope), `with before as (select `+column+` as at from connection where organisation_id = @org and community_id = @com and id = @id)
		update connection set `+column+` = now() from before where organisation_id = @org and community_id = @com and id = @id returning before.at`,
		scoped(c.Scope, pgx.NamedArgs{"id": c.ID})).Scan(timeOrZero{&before})
	if err != nil {
		return before, fmt.Errorf("store: task: %w", notFound(err))
	}
	return before, nil
}
