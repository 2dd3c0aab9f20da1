package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// RollUp recomputes all dirty days of all communities, as far as no other
// process does, except where an import is storing: an export's channels each
// touch the same days, which are better recomputed once.
func (in *Ingest) RollUp(ctx context.Context) (int, error) {
	dirty, err := in.Store.Dirty(ctx)
	if err != nil {
		return 0, fmt.Errorf("ingest: roll up: %w", err)
	}
	busy, err := in.importing(ctx)
	if err != nil {
		return 0, fmt.Errorf("ingest: roll up: %w", err)
	}
	days := 0
	var failed error
	for _, sc := range dirty {
		if busy[sc] {
			continue
		}
		n, err := in.rollUp(ctx, sc, false)
		days += n
		if err != nil && !errors.Is(err, community.ErrNotFound) {
			// One community's trouble holds up nobody else.
			in.Log.ErrorContext(ctx, "rollup failed", slog.Int64("community", sc.Community), slog.Any("error", err))
			failed = errors.Join(failed, err)
		}
	}
	return days, failed
}

// RollUpNow recomputes all dirty days of one community and waits for days that
// another process is recomputing.
func (in *Ingest) RollUpNow(ctx context.Context, sc community.Scope) error {
	_, err := in.rollUp(ctx, sc, true)
	return err
}

func (in *Ingest) rollUp(ctx context.Context, sc community.Scope, wait bool) (int, error) {
	c, err := in.Store.Community(ctx, sc)
	if err != nil {
		return 0, err
	}
	for total := 0; ; {
		n, err := in.Store.RollUp(ctx, c, wait)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

// importing are the communities with an import that is storing now. One that
// takes long lets the figures through from time to time.
func (in *Ingest) importing(ctx context.Context) (map[community.Scope]bool, error) {
	list, err := in.Store.UnfinishedImports(ctx)
	if err != nil {
		return nil, err
	}
	busy := map[community.Scope]bool{}
	for _, i := range list {
		if i.State == store.ImportRunning && time.Since(i.Started)%importWindow < importWindow-importGlimpse {
			busy[i.Scope] = true
		}
	}
	return busy, nil
}

// During an import a community is rolled up for importGlimpse of each importWindow.
const (
	importWindow  = 2 * time.Minute
	importGlimpse = 10 * time.Second
)
