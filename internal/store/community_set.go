package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// RenameCommunity gives a community another name; ErrExists when another one of
// the organisation has it.
func (s *Store) RenameCommunity(ctx context.Context, sc community.Scope, name string) error {
	return s.setCommunity(ctx, "rename", sc, `name = @name`, pgx.NamedArgs{"name": clean(name)})
}

// AssignClient says whose community it is: 0 for nobody's. community.ErrNotFound
// for a client of another organisation.
func (s *Store) AssignClient(ctx context.Context, sc community.Scope, client int64) error {
	return s.setCommunity(ctx, "assign client", sc, `client_id = nullif(@client::bigint, 0)`, pgx.NamedArgs{"client": client})
}

// ArchiveCommunity takes a community out of the lists, or puts it back. Nothing of
// it is removed.
func (s *Store) ArchiveCommunity(ctx context.Context, sc community.Scope, archived bool) error {
	return s.setCommunity(ctx, "archive community", sc, `archived_at = case when @archived then coalesce(archived_at, now()) end`,
		pgx.NamedArgs{"archived": archived})
}

func (s *Store) setCommunity(ctx context.Context, what string, sc community.Scope, set string, args pgx.NamedArgs) error {
	if _, ok := args["client"]; !ok {
		args["client"] = int64(0)
	}
	tag, err := s.pool.Exec(of(ctx, sc), `update community set `+set+` where organisation_id = @org and id = @com
		and (@client::bigint = 0 or exists (select from client where organisation_id = @org and id = @client))`, scoped(sc, args))
	if err == nil && tag.RowsAffected() == 0 {
		err = community.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: %s: %w", what, taken(err, "community_name"))
	}
	return nil
}
