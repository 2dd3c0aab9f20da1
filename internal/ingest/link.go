package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
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
	var failed []error
	for _, sc := range list { // one that fails holds up no other
		if !in.links.due(sc, time.Now()) {
			continue
		}
		if err := in.link(ctx, sc); err != nil && !errors.Is(err, community.ErrNotFound) {
			failed = append(failed, fmt.Errorf("ingest: link: %w", err))
		}
	}
	return errors.Join(append(failed, ctx.Err())...)
}

func (in *Ingest) link(ctx context.Context, sc community.Scope) error {
	start := time.Now()
	for made := 1; made > 0; {
		var err error
		if made, err = in.Store.KeyIdentities(ctx, sc); err != nil {
			return err
		}
	}
	if err := in.Store.Link(ctx, sc, time.Now()); err != nil {
		return err
	}
	took := time.Since(start)
	in.links.rest(sc, time.Now(), took)
	if took > 5*time.Second {
		in.Log.InfoContext(ctx, "linking took long", slog.Int64("community", sc.Community), slog.Duration("took", took))
	}
	return nil
}

// rests keeps finding who is who from taking more than a small part of the time:
// nothing is stored for a community meanwhile, and newcomers come all the time.
type rests struct {
	mu    sync.Mutex
	until map[community.Scope]time.Time
}

// restTimes is how many times as long as it took is waited before the next time.
const restTimes = 20

func (r *rests) due(sc community.Scope, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !now.Before(r.until[sc])
}

func (r *rests) rest(sc community.Scope, now time.Time, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.until == nil {
		r.until = map[community.Scope]time.Time{}
	}
	r.until[sc] = now.Add(restTimes * took)
}

// Convert converts the orders for which there was no exchange rate yet.
func (in *Ingest) Convert(ctx context.Context) error {
	list, err := in.Store.Unconverted(ctx)
	if err != nil {
		return fmt.Errorf("ingest: convert: %w", err)
	}
	var failed []error
	for _, sc := range list {
		if err := in.Store.ConvertOrders(ctx, sc); err != nil && !errors.Is(err, community.ErrNotFound) {
			failed = append(failed, fmt.Errorf("ingest: convert: %w", err))
		}
	}
	return errors.Join(failed...)
}
