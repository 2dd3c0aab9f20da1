package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// PlaceChannels lists by connection the channels that had messages in a window,
// the largest first, from rollups.
func (s *Store) PlaceChannels(ctx context.Context, sc community.Scope, w community.Window) (map[int64][]community.PlaceChannel, error) {
	rows, err := s.pool.Query(of(ctx, sc), query("place_channels"), scoped(sc, pgx.NamedArgs{"from": w.From.UTC(), "to": w.To.UTC()}))
	if err != nil {
		return nil, fmt.Errorf("store: place channels: %w", err)
	}
	out := map[int64][]community.PlaceChannel{}
	var id int64
	var c community.PlaceChannel
	if _, err := pgx.ForEachRow(rows, []any{&id, &c.Name, &c.Kind, &c.Messages, &c.Busiest}, func() error {
		out[id] = append(out[id], c)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("store: place channels: %w", err)
	}
	return out, nil
}
