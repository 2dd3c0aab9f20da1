package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// The bounds of a walk through history.
const (
	stepTime      = 2 * time.Minute  // one page
	walkTime      = 30 * time.Second // pages in one job, so that walks take turns
	backfillTries = 8                // of one page
)

// Backfill walks on through the history of a connection: page after page, until
// the platform asks to wait, the turn is over or nothing is left. A page and the
// place to go on are stored together. Nothing when another process is at it.
func (in *Ingest) Backfill(ctx context.Context, sc community.Scope, id int64) error {
	b, err := in.Store.Backfill(ctx, sc, id)
	if err != nil || b.State != "running" {
		return err
	}
	release, ok, err := in.Store.HoldBackfill(ctx, b.Connection)
	if err != nil || !ok {
		return err
	}
	defer release()
	for end := time.Now().Add(walkTime); time.Now().Before(end) && ctx.Err() == nil; {
		// Read anew: the lock came after the row, and somebody may have paused it.
		if b, err = in.Store.Backfill(ctx, sc, id); err != nil || b.State != "running" || time.Until(b.Due) > 0 {
			return err
		}
		c, err := in.Store.ConnectionByID(ctx, sc, b.Connection)
		if err != nil || c.State != store.ConnectionActive {
			return err
		}
		if err := in.step(ctx, c, b); err != nil {
			return in.stumble(ctx, c, b, err)
		}
	}
	return ctx.Err()
}

// step fetches and stores one page.
func (in *Ingest) step(ctx context.Context, c store.Connection, b store.Backfill) error {
	filler, ok := connectors.Find(in.Connectors, c.Platform).(connectors.Backfiller)
	app, configured := in.App(c.Platform)
	if !ok || !configured {
		return ErrNotOffered
	}
	conn, err := in.fresh(ctx, c, app)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, stepTime)
	page, err := filler.Backfill(limited, app, conn, b.Cursor, b.Since)
	cancel()
	if err != nil {
		return err
	}
	if page.Source != nil {
		src := *page.Source
		src.Platform, src.ExternalID = c.Platform, c.ExternalID
		if _, err := in.Store.Connect(ctx, c.Scope, src); err != nil {
			return err
		}
	}
	parcels := make([]store.Parcel, len(page.Payloads))
	for i, p := range page.Payloads {
		parcels[i] = store.Parcel{Scope: c.Scope, Connection: c.ID, Payload: in.Seal(p)}
	}
	b.Cursor, b.Progress, b.Left, b.Due, b.State = page.Next, page.Progress, page.Left, time.Now().Add(page.Pause), "running"
	if page.Next == "" {
		b.State, b.Progress, b.Left = "done", 1, 0
	}
	if err := in.Store.AdvanceBackfill(context.WithoutCancel(ctx), b, parcels, page.Blind); err != nil {
		return err
	}
	if !c.Limited.IsZero() {
		return in.Store.LimitConnection(ctx, c, time.Time{})
	}
	return nil
}

// stumble notes why a page did not come and what happens next.
func (in *Ingest) stumble(ctx context.Context, c store.Connection, b store.Backfill, err error) error {
	if ctx.Err() != nil {
		return nil // we are asked to stop: it goes on from here
	}
	ctx = context.WithoutCancel(ctx)
	var limit *connectors.RateLimitError
	switch {
	case errors.Is(err, community.ErrNotFound):
		return nil // cancelled meanwhile
	case errors.Is(err, errRefreshing):
		return in.Store.DelayBackfill(ctx, b, time.Now().Add(5*time.Second), "", false, false)
	case errors.As(err, &limit):
		until := time.Now().Add(max(limit.After, time.Second))
		if err := in.Store.LimitConnection(ctx, c, until); err != nil {
			return err
		}
		return in.Store.DelayBackfill(ctx, b, until, "limited", false, false)
	case errors.Is(err, connectors.ErrRevoked):
		return in.revoke(ctx, c, "")
	}
	in.Log.WarnContext(ctx, "history: page failed", slog.String("platform", string(c.Platform)), slog.Int64("connection", c.ID),
		slog.Int("attempt", b.Attempts+1), slog.Any("error", err))
	wait := min(time.Duration(1<<min(b.Attempts, 10))*2*time.Second, 10*time.Minute)
	failed := b.Attempts+1 >= backfillTries
	if err := in.Store.DelayBackfill(ctx, b, time.Now().Add(wait), "error", true, failed); err != nil {
		return fmt.Errorf("ingest: backfill: %w", err)
	}
	return nil
}
