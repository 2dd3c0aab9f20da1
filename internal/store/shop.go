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

// TaskLast returns when a task was done the last time; zero: never.
func (s *Store) TaskLast(ctx context.Context, c Connection, t Task) (at time.Time, err error) {
	err = s.pool.QueryRow(of(ctx, c.Scope), `select `+string(t)+` from connection where organisation_id = @org and community_id = @com and id = @id`,
		scoped(c.Scope, pgx.NamedArgs{"id": c.ID})).Scan(timeOrZero{&at})
	if err != nil {
		return at, fmt.Errorf("store: task: %w", notFound(err))
	}
	return at, nil
}

// TaskDone notes when a task was done.
func (s *Store) TaskDone(ctx context.Context, c Connection, t Task, at time.Time) error {
	return s.setConnection(ctx, "task", c, string(t)+` = @at`, pgx.NamedArgs{"at": at})
}

// Traded is what a connection of a shop, a billing system or a CRM brought.
type Traded struct {
	Orders        int64
	Subscriptions int64
	Customers     int64
	Last          time.Time // the newest order; zero without any
}

// TradedBy tells what each connection of a community brought of business data;
// those that brought nothing are left out.
func (s *Store) TradedBy(ctx context.Context, sc community.Scope) (map[int64]Traded, error) {
	rows, err := s.pool.Query(of(ctx, sc), query("traded_by"), scoped(sc, nil))
	if err != nil {
		return nil, fmt.Errorf("store: traded by: %w", err)
	}
	out := map[int64]Traded{}
	var (
		id int64
		t  Traded
	)
	if _, err := pgx.ForEachRow(rows, []any{&id, &t.Orders, &t.Subscriptions, &t.Customers, timeOrZero{&t.Last}}, func() error {
		out[id] = t
		return nil
	}); err != nil {
		return nil, fmt.Errorf("store: traded by: %w", err)
	}
	return out, nil
}

// OrdersByDay counts the orders that each connection of a community brought, by the
// day on which they were placed, from a day on. Days without any are left out.
func (s *Store) OrdersByDay(ctx context.Context, c community.Community, from community.Date) ([]Volume, error) {
	rows, err := s.pool.Query(of(ctx, c.Scope), `select connection_id, (at at time zone @zone)::date as day, count(*) from customer_order
		where organisation_id = @org and community_id = @com and at >= @from and not removed group by 1, 2 order by 1, 2`,
		scoped(c.Scope, pgx.NamedArgs{"zone": c.Location.String(), "from": from.Start(c.Location)}))
	if err != nil {
		return nil, fmt.Errorf("store: orders by day: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Volume, error) {
		var (
			v   Volume
			day time.Time
		)
		err := row.Scan(&v.Connection, &day, &v.Messages)
		v.Day = community.DateOf(day, time.UTC)
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("store: orders by day: %w", err)
	}
	return list, nil
}

// ConnectionsOf lists, of all organisations, the connections that ever read an
// account, installed or not.
func (s *Store) ConnectionsOf(ctx context.Context, platform community.Platform, external string) ([]Connection, error) {
	return s.connectionsWhere(Across(ctx), `platform = @platform and external_id = @external`, pgx.NamedArgs{"platform": platform, "external": external})
}

// BooksGaps are, of each connection of a community, the month in which the source's
// own books and ours differ most, from a share on.
func (s *Store) BooksGaps(ctx context.Context, sc community.Scope, from float64) (map[int64]BooksMonth, error) {
	rows, err := s.pool.Query(of(ctx, sc), `select connection_id, month, currency, exponent, theirs_count, theirs_minor, ours_count, ours_minor, looked_at
		from books_month where organisation_id = @org and community_id = @com order by connection_id, month desc`, scoped(sc, nil))
	if err != nil {
		return nil, fmt.Errorf("store: books gaps: %w", err)
	}
	out := map[int64]BooksMonth{}
	var (
		id int64
		m  BooksMonth
	)
	if _, err := pgx.ForEachRow(rows, []any{&id, &m.Month, &m.Currency, &m.Exponent, &m.TheirsCount, &m.TheirsMinor, &m.OursCount, &m.OursMinor, &m.Looked}, func() error {
		if m.Gap() > from && m.Gap() > out[id].Gap() {
			out[id] = m
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("store: books gaps: %w", err)
	}
	return out, nil
}
