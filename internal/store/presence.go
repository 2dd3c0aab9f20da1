package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Presence is what is known of whether somebody is a member.
type Presence struct {
	Listed bool      // a member list named them
	Here   bool      // the last thing known is not that they left
	Since  time.Time // their last join or leave; zero when none is known
}

// Presence tells, by the platform's ids, who is known on the platform of a
// connection. Where a community has several accounts of one platform nobody is
// Here: who left one of them may still be in another.
func (s *Store) Presence(ctx context.Context, c Connection) (map[string]Presence, error) {
	ctx = of(ctx, c.Scope)
	rows, err := s.pool.Query(ctx, query("presence"), scoped(c.Scope, pgx.NamedArgs{"platform": c.Platform}))
	if err != nil {
		return nil, fmt.Errorf("store: presence: %w", err)
	}
	out := map[string]Presence{}
	var (
		external string
		p        Presence
	)
	if _, err := pgx.ForEachRow(rows, []any{&external, &p.Listed, &p.Here, timeOrZero{&p.Since}}, func() error {
		out[external] = p
		return nil
	}); err != nil {
		return nil, fmt.Errorf("store: presence: %w", err)
	}
	return out, nil
}
