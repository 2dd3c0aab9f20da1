package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// Connection is one account of a platform that a community is measured by.
type Connection struct {
	ID         int64
	Platform   community.Platform
	ExternalID string
	Name       string
	Measures   community.Measures
	Horizon    time.Time // zero when the source does not tell
	Decisions  map[string]string
	Created    time.Time
}

// Connect records the account that a source speaks of and returns its id. Known
// facts are widened, never narrowed: a horizon only moves on.
func (s *Store) Connect(ctx context.Context, sc community.Scope, src community.Source) (int64, error) {
	ctx = of(ctx, sc)
	decisions := src.Decisions
	if decisions == nil {
		decisions = map[string]string{}
	}
	var horizon *time.Time
	if !src.Horizon.IsZero() {
		horizon = &src.Horizon
	}
	var id int64
	err := s.pool.QueryRow(ctx, query("connection_upsert"), scoped(sc, pgx.NamedArgs{
		"platform": src.Platform, "external": src.ExternalID, "name": src.Name,
		"joins": src.Measures.Joins, "leaves": src.Measures.Leaves,
		"reactions": src.Measures.Reactions, "replies": src.Measures.ReplyLinks,
		"list": src.Measures.MemberList, "horizon": horizon, "decisions": decisions,
	})).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("store: connect: %w", err)
	}
	return id, nil
}

// Connections lists what a community is measured by, oldest first.
func (s *Store) Connections(ctx context.Context, sc community.Scope) ([]Connection, error) {
	ctx = of(ctx, sc)
	rows, err := s.pool.Query(ctx, `select id, platform, external_id, name, measures_joins, measures_leaves,
			measures_reactions, measures_replies, measures_list, coalesce(horizon, 'epoch'::timestamptz), decisions, created_at
		from connection where organisation_id = @org and community_id = @com order by id`, scoped(sc, nil))
	if err != nil {
		return nil, fmt.Errorf("store: connections: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Connection, error) {
		var c Connection
		err := row.Scan(&c.ID, &c.Platform, &c.ExternalID, &c.Name, &c.Measures.Joins, &c.Measures.Leaves,
			&c.Measures.Reactions, &c.Measures.ReplyLinks, &c.Measures.MemberList, &c.Horizon, &c.Decisions, &c.Created)
		if c.Horizon.Unix() == 0 {
			c.Horizon = time.Time{}
		}
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("store: connections: %w", err)
	}
	return list, nil
}
