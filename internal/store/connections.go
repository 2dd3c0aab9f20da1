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
	community.Scope
	ID         int64
	Platform   community.Platform
	ExternalID string
	Name       string
	Measures   community.Measures
	Horizon    time.Time // zero when the source does not tell
	Decisions  map[string]string
	Created    time.Time

	State       string
	Reason      string            // why it failed
	Sealed      []byte            // credentials; nil without an installation
	Granted     []string          // scopes or permissions
	Settings    map[string]string // what the connector remembers
	Installed   time.Time         // zero: never
	Limited     time.Time         // until when the platform asked to wait
	Seen        time.Time         // the last delivery
	RosterAt    time.Time         // the last look at the member list
	RosterCount int               // how many it had
}

// Live says whether the connection is installed, whatever its state.
func (c Connection) Live() bool { return c.State != ConnectionFile }

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

const connectionColumns = `organisation_id, community_id, id, platform, external_id, name, measures_joins, measures_leaves,
	measures_reactions, measures_replies, measures_list, horizon, decisions, created_at, state, reason, sealed, granted, settings,
	installed_at, limited_until, seen_at, roster_at, coalesce(roster_count, 0)`

// Connections lists what a community is measured by, oldest first.
func (s *Store) Connections(ctx context.Context, sc community.Scope) ([]Connection, error) {
	return s.connectionsWhere(of(ctx, sc), `organisation_id = @org and community_id = @com`, scoped(sc, nil))
}

func (s *Store) connectionsWhere(ctx context.Context, where string, args pgx.NamedArgs) ([]Connection, error) {
	rows, err := s.pool.Query(ctx, `select `+connectionColumns+` from connection where `+where+` order by id`, args)
	if err != nil {
		return nil, fmt.Errorf("store: connections: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Connection, error) {
		var c Connection
		return c, row.Scan(&c.Organisation, &c.Community, &c.ID, &c.Platform, &c.ExternalID, &c.Name, &c.Measures.Joins, &c.Measures.Leaves,
			&c.Measures.Reactions, &c.Measures.ReplyLinks, &c.Measures.MemberList, timeOrZero{&c.Horizon}, &c.Decisions, &c.Created,
			&c.State, &c.Reason, &c.Sealed, &c.Granted, &c.Settings, timeOrZero{&c.Installed}, timeOrZero{&c.Limited}, timeOrZero{&c.Seen},
			timeOrZero{&c.RosterAt}, &c.RosterCount)
	})
	if err != nil {
		return nil, fmt.Errorf("store: connections: %w", err)
	}
	return list, nil
}
