package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/store"
)

// awayAfter is how long nobody may have taken deliveries before the platforms'
// own second deliveries may have run out and a gap is filled.
const awayAfter = 5 * time.Minute

// NoteAlive notes that deliveries are taken. After a time when nobody did, what
// may have been missed is fetched.
func (in *Ingest) NoteAlive(ctx context.Context) error {
	_, last, err := in.Store.LoadListener(ctx, "", "alive")
	if err != nil {
		return fmt.Errorf("ingest: alive: %w", err)
	}
	if away := time.Since(last); !last.IsZero() && away > awayAfter {
		in.Log.InfoContext(ctx, "nobody took deliveries for a while: gaps are filled", slog.Duration("away", away))
		if err := in.fillAll(ctx, last); err != nil {
			return fmt.Errorf("ingest: alive: %w", err)
		}
	}
	if err := in.Store.SaveListener(ctx, "", "alive", []byte{1}); err != nil {
		return fmt.Errorf("ingest: alive: %w", err)
	}
	return nil
}

// fillAll fetches, for every active connection that can, what came since.
func (in *Ingest) fillAll(ctx context.Context, since time.Time) error {
	for _, c := range in.Connectors {
		if _, ok := c.(connectors.Backfiller); !ok {
			continue
		}
		list, err := in.Store.LiveConnections(ctx, c.Platform())
		if err != nil {
			return err
		}
		for _, conn := range list {
			if conn.State != store.ConnectionActive {
				continue
			}
			if err := in.Store.StartBackfill(ctx, conn, "gap", since.Add(-gapMargin)); err != nil {
				return err
			}
		}
	}
	return nil
}
