package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/foyer-app/foyer/internal/store"
)

// FinishDeletions removes what organisations asked to delete: uploads that nobody
// reads any more, then the rows. What it could not finish it finds again.
func (in *Ingest) FinishDeletions(ctx context.Context) error {
	list, err := in.Store.Deletions(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, d := range list {
		// One that cannot be finished must not hold up the others.
		if err := in.finishDeletion(ctx, d); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

func (in *Ingest) finishDeletion(ctx context.Context, d store.Deletion) error {
	paths, err := in.Store.UploadsOf(ctx, d)
	if err != nil {
		return err
	}
	for _, path := range paths {
		// The rows say what to remove: nothing but folders of ours.
		dir := filepath.Dir(path)
		if filepath.Dir(dir) != filepath.Clean(in.Uploads) || strings.HasPrefix(filepath.Base(dir), ".") {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("ingest: finish deletion: %w", err)
		}
	}
	done, err := in.Store.FinishDeletion(ctx, d)
	if err != nil {
		return err
	}
	if done {
		in.Log.InfoContext(ctx, "deleted for good", slog.Int64("organisation", d.Organisation), slog.Int64("community", d.Community))
	}
	return nil
}
