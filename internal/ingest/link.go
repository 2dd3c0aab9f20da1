package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

// Link finds anew who is who where something by which people are recognised has
// changed.
func (in *Ingest) Link(ctx context.Context) error {
	list, err := in.Store.Unlinked(ctx)
	if err != nil {
		return fmt.Errorf("ingest: link: %w", err)
	}
	for _, sc := range list {
		start := time.Now()
		for made := 1; made > 0; {
			if made, err = in.Store.KeyIdentities(ctx, sc); err != nil {
				return fmt.Errorf("ingest: link: %w", err)
			}
		}
		if err := in.Store.Link(ctx, sc, time.Now()); err != nil && !errors.Is(err, community.ErrNotFound) {
			return fmt.Errorf("ingest: link: %w", err)
		}
		if took := time.Since(start); took > 5*time.Second {
			in.Log.InfoContext(ctx, "linking took long", slog.Int64("community", sc.Community), slog.Duration("took", took))
		}
	}
	return ctx.Err()
}

// Convert converts the orders for which there was no exchange rate yet.
func (in *Ingest) Convert(ctx context.Context) error {
	list, err := in.Store.Unconverted(ctx)
	if err != nil {
		return fmt.Errorf("ingest: convert: %w", err)
	}
	for _, sc := range list {
		if err := in.Store.ConvertOrders(ctx, sc); err != nil {
			return fmt.Errorf("ingest: convert: %w", err)
		}
	}
	return nil
}
