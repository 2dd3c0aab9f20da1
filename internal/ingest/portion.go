package ingest

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// store writes one portion and the import's progress in one transaction.
func (in *Ingest) store(ctx context.Context, i store.Import, intake *store.Intake, p portion) error {
	p.refusals = append(p.refusals, impossibleTimes(p.batch.Activities)...)
	advance := func(tx pgx.Tx, done store.Stored) error {
		return in.Store.AdvanceImport(ctx, tx, i, store.Progress{
			Cursor: p.cursor, BytesRead: p.read, Payloads: p.payloads, Decisions: p.decided,
			Activities: int64(done.Activities), Duplicates: int64(done.Duplicates),
			Records: int64(done.Records), Refusals: p.refusals,
		})
	}
	if intake == nil { // refusals before any source
		return in.Store.Begin(ctx, i.Organisation, func(tx pgx.Tx) error { return advance(tx, store.Stored{}) })
	}
	_, err := intake.Store(ctx, p.batch, advance)
	return err
}

// impossibleTimes lists activities that the store will leave out for their time.
func impossibleTimes(list []community.Activity) []connectors.Refusal {
	var out []connectors.Refusal
	now := time.Now()
	for i := range list {
		if early, late := store.Impossible(&list[i], now); early || late {
			out = append(out, connectors.Refusal{Reason: connectors.ReasonBadTime, Detail: list[i].At.UTC().Format(time.DateOnly)})
		}
	}
	return out
}

// removeUploads deletes the uploaded files of an import that has ended: raw
// files are personal data. A file that cannot be deleted is logged, not retried.
func (in *Ingest) removeUploads(ctx context.Context, sc community.Scope, id int64) {
	i, err := in.Store.Import(ctx, sc, id)
	if err != nil || !i.Ended() || !i.Owned {
		return
	}
	for _, path := range i.Paths {
		// Only below our own folder, whatever the row says.
		rel, err := filepath.Rel(in.Uploads, path)
		if err != nil || !filepath.IsLocal(rel) || rel == "." {
			continue
		}
		top := filepath.Join(in.Uploads, strings.SplitN(filepath.ToSlash(rel), "/", 2)[0])
		if err := os.RemoveAll(top); err != nil {
			in.Log.ErrorContext(ctx, "upload not removed", slog.Int64("import", id), slog.Any("error", err))
		}
	}
}
