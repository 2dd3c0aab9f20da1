package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// EraseConnection removes a connection and everything that only it brought. The
// days it touched are recomputed. Whole or not at all.
func (s *Store) EraseConnection(ctx context.Context, c Connection) error {
	ctx = of(ctx, c.Scope)
	args := scoped(c.Scope, pgx.NamedArgs{"id": c.ID, "platform": c.Platform})
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		// Nobody stores for the community meanwhile.
		if _, err := tx.Exec(ctx, intakeLock, args); err != nil {
			return err
		}
		if err := markAllDays(ctx, tx, c.Scope); err != nil {
			return err
		}
		for _, sql := range []string{
			`delete from reply r using activity a where r.organisation_id = @org and r.community_id = @com and a.organisation_id = @org
				and a.community_id = @com and a.connection_id = @id and a.occurred_at = r.occurred_at and a.key = r.key`,
			`delete from awaiting w using activity a where w.organisation_id = @org and w.community_id = @com and a.organisation_id = @org
				and a.community_id = @com and a.connection_id = @id and a.occurred_at = w.occurred_at and a.key = w.key`,
			`delete from keyed w using activity a where w.organisation_id = @org and w.community_id = @com and a.organisation_id = @org
				and a.community_id = @com and a.connection_id = @id and a.occurred_at = w.occurred_at and a.key = w.key`,
			`delete from keyed_child w using activity a where w.organisation_id = @org and w.community_id = @com and a.organisation_id = @org
				and a.community_id = @com and a.connection_id = @id and a.occurred_at = w.occurred_at and a.key = w.key`,
			`delete from activity where organisation_id = @org and community_id = @com and connection_id = @id`,
			`delete from inbox where organisation_id = @org and community_id = @com and connection_id = @id`,
			`delete from connection where organisation_id = @org and community_id = @com and id = @id`,
			`delete from identity i where organisation_id = @org and community_id = @com and platform = @platform
				and not exists (select from connection n where n.organisation_id = @org and n.community_id = @com and n.platform = @platform)`,
			`delete from member m where organisation_id = @org and community_id = @com
				and not exists (select from identity i where i.organisation_id = @org and i.community_id = @com and i.member_id = m.id)`,
		} {
			if _, err := tx.Exec(ctx, sql, args); err != nil {
				return err
			}
		}
		if err := settleDuplicates(ctx, tx, c.Scope); err != nil {
			return err
		}
		return touchTrade(ctx, tx, c.Scope)
	})
	if err != nil {
		return fmt.Errorf("store: erase connection: %w", err)
	}
	return nil
}

// Measured is what a connection brought.
type Measured struct {
	Messages int64
	Last     community.Date // the last day with a message
}

// MeasuredBy tells what each connection of a community brought; those that
// brought nothing are left out.
func (s *Store) MeasuredBy(ctx context.Context, sc community.Scope) (map[int64]Measured, error) {
	ctx = of(ctx, sc)
	rows, err := s.pool.Query(ctx, `select ch.connection_id, sum(d.messages)::bigint, max(d.day) from channel_day d
		join channel ch on ch.organisation_id = d.organisation_id and ch.community_id = d.community_id and ch.id = d.channel_id
		where d.organisation_id = @org and d.community_id = @com and d.messages > 0 group by 1`, scoped(sc, nil))
	if err != nil {
		return nil, fmt.Errorf("store: measured by: %w", err)
	}
	out := map[int64]Measured{}
	var (
		id, n int64
		last  time.Time
	)
	if _, err := pgx.ForEachRow(rows, []any{&id, &n, &last}, func() error {
		out[id] = Measured{Messages: n, Last: community.DateOf(last, time.UTC)}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("store: measured by: %w", err)
	}
	return out, nil
}
