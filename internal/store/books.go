package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// BooksLine is an order that we and its source do not agree on.
type BooksLine struct {
	External string
	At       time.Time
	Problem  string // missing: we do not have it; surplus: they do not; differs
	Theirs   *community.Money
	Ours     *community.Money
	Found    time.Time
}

// The problems of a line.
const (
	BooksMissing = "missing"
	BooksSurplus = "surplus"
	BooksDiffers = "differs"
)

// BooksMonth is what both have of a month: paid orders, before refunds.
type BooksMonth struct {
	Month       time.Time // its first day
	Currency    string
	Exponent    uint8
	TheirsCount int64
	TheirsMinor int64
	OursCount   int64
	OursMinor   int64
	Looked      time.Time
}

// Gap is how far we are from their amount, 0.005 being half a percent; 1 when
// they have nothing and we do.
func (m BooksMonth) Gap() float64 {
	d := m.OursMinor - m.TheirsMinor
	if d < 0 {
		d = -d
	}
	switch {
	case d == 0 && m.OursCount == m.TheirsCount:
		return 0
	case m.TheirsMinor == 0:
		return 1
	}
	return float64(d) / float64(max(m.TheirsMinor, -m.TheirsMinor))
}

// OurOrder is an order as the books compare it.
type OurOrder struct {
	External string
	At       time.Time
	State    community.OrderState
	Test     bool
	Net      community.Money
	Refunded community.Money
}

// OurBooks returns the orders of a connection placed in [from, to).
func (s *Store) OurBooks(ctx context.Context, c Connection, from, to time.Time) (map[string]OurOrder, error) {
	rows, err := s.pool.Query(of(ctx, c.Scope), `select external_id, at, state, test, currency, exponent, net_minor, refunded_minor from customer_order
		where organisation_id = @org and community_id = @com and connection_id = @id and at >= @from and at < @to and not removed`,
		scoped(c.Scope, pgx.NamedArgs{"id": c.ID, "from": from, "to": to}))
	if err != nil {
		return nil, fmt.Errorf("store: our books: %w", err)
	}
	out := map[string]OurOrder{}
	var (
		o             OurOrder
		currency      string
		exponent      int16
		net, refunded int64
	)
	if _, err := pgx.ForEachRow(rows, []any{&o.External, &o.At, &o.State, &o.Test, &currency, &exponent, &net, &refunded}, func() error {
		o.Net = community.Money{Minor: net, Currency: currency, Exponent: uint8(exponent)}
		o.Refunded = community.Money{Minor: refunded, Currency: currency, Exponent: uint8(exponent)}
		out[o.External] = o
		return nil
	}); err != nil {
		return nil, fmt.Errorf("store: our books: %w", err)
	}
	return out, nil
}

// SaveBooks keeps what a look into the books from a moment on found, in place of
// what the last one did: all lines, and the months since then.
func (s *Store) SaveBooks(ctx context.Context, c Connection, from time.Time, lines []BooksLine, months []BooksMonth) error {
	ctx = of(ctx, c.Scope)
	args := scoped(c.Scope, pgx.NamedArgs{"id": c.ID, "from": from.UTC()})
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		for _, sql := range []string{
			`delete from books_line where organisation_id = @org and community_id = @com and connection_id = @id`,
			// A month in which nobody has anything any more is in no list.
			`delete from books_month where organisation_id = @org and community_id = @com and connection_id = @id
				and month >= date_trunc('month', @from::timestamptz at time zone 'UTC')`,
		} {
			if _, err := tx.Exec(ctx, sql, args); err != nil {
				return err
			}
		}
		rows := make([][]any, 0, len(lines))
		for _, l := range lines {
			var theirs, ours *int64
			currency, exponent := "", int16(2)
			if l.Ours != nil {
				ours, currency, exponent = &l.Ours.Minor, l.Ours.Currency, int16(l.Ours.Exponent)
			}
			if l.Theirs != nil {
				theirs, currency, exponent = &l.Theirs.Minor, l.Theirs.Currency, int16(l.Theirs.Exponent)
			}
			rows = append(rows, []any{c.Organisation, c.Community, c.ID, clean(l.External), l.At.UTC(), l.Problem, currency, exponent, theirs, ours})
		}
		if len(rows) > 0 {
			err := copyInto(ctx, tx, "books_line", []string{"organisation_id", "community_id", "connection_id", "external_id", "at", "problem", "currency", "exponent", "theirs_minor", "ours_minor"}, pgx.CopyFromRows(rows))
			if err != nil {
				return err
			}
		}
		for _, m := range months {
			if _, err := tx.Exec(ctx, `insert into books_month (organisation_id, community_id, connection_id, month, currency, exponent, theirs_count, theirs_minor, ours_count, ours_minor)
				values (@org, @com, @id, @month, @currency, @exponent, @tc, @tm, @oc, @om)
				on conflict (organisation_id, community_id, connection_id, month, currency) do update set exponent = excluded.exponent, theirs_count = excluded.theirs_count,
					theirs_minor = excluded.theirs_minor, ours_count = excluded.ours_count, ours_minor = excluded.ours_minor, looked_at = now()`,
				scoped(c.Scope, pgx.NamedArgs{
					"id": c.ID, "month": m.Month, "currency": m.Currency, "exponent": int16(m.Exponent), "tc": m.TheirsCount, "tm": m.TheirsMinor,
					"oc": m.OursCount, "om": m.OursMinor,
				})); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: save books: %w", err)
	}
	return nil
}

// Books returns what the last look into a connection's books found: the months,
// the newest first, and the first lines by their time, at most limit.
func (s *Store) Books(ctx context.Context, c Connection, limit int) ([]BooksMonth, []BooksLine, error) {
	ctx = of(ctx, c.Scope)
	args := scoped(c.Scope, pgx.NamedArgs{"id": c.ID, "limit": limit})
	rows, err := s.pool.Query(ctx, `select month, currency, exponent, theirs_count, theirs_minor, ours_count, ours_minor, looked_at from books_month
		where organisation_id = @org and community_id = @com and connection_id = @id order by month desc, currency`, args)
	if err != nil {
		return nil, nil, fmt.Errorf("store: books: %w", err)
	}
	months, err := pgx.CollectRows(rows, pgx.RowToStructByPos[BooksMonth])
	if err != nil {
		return nil, nil, fmt.Errorf("store: books: %w", err)
	}
	rows, err = s.pool.Query(ctx, `select external_id, at, problem, currency, exponent, theirs_minor, ours_minor, found_at from books_line
		where organisation_id = @org and community_id = @com and connection_id = @id order by at, external_id limit @limit`, args)
	if err != nil {
		return nil, nil, fmt.Errorf("store: books: %w", err)
	}
	lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (BooksLine, error) {
		var (
			l            BooksLine
			currency     string
			exponent     int16
			theirs, ours *int64
		)
		err := row.Scan(&l.External, &l.At, &l.Problem, &currency, &exponent, &theirs, &ours, &l.Found)
		if theirs != nil {
			l.Theirs = &community.Money{Minor: *theirs, Currency: currency, Exponent: uint8(exponent)}
		}
		if ours != nil {
			l.Ours = &community.Money{Minor: *ours, Currency: currency, Exponent: uint8(exponent)}
		}
		return l, err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("store: books: %w", err)
	}
	return months, lines, nil
}
