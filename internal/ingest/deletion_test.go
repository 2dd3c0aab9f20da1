package ingest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/store"
)

// TestFinishDeletions removes the uploads that were still to be read, and nothing
// that only looks like one.
func TestFinishDeletions(t *testing.T) {
	t.Parallel()
	in, c := setup(t)
	other, err := in.Store.CreateCommunity(t.Context(), c.Organisation, "Other", c.Location)
	if err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(t.TempDir(), "deep", "precious.txt")
	file := func(path string) string {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	upload := func(sc store.Import, paths ...string) {
		t.Helper()
		sc.TimeZone, sc.Owned, sc.Paths, sc.Names = "UTC", true, paths, make([]string, len(paths))
		err := in.Store.Begin(t.Context(), sc.Organisation, func(tx pgx.Tx) error {
			_, err := in.Store.CreateImport(t.Context(), tx, sc)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	own, theirs := file(filepath.Join(in.Uploads, "a", "1.txt")), file(filepath.Join(in.Uploads, "b", "1.txt"))
	upload(store.Import{Scope: c.Scope}, own, file(outside), filepath.Join(in.Uploads, "1.txt"))
	upload(store.Import{Scope: other.Scope}, theirs)
	if err := in.Store.MarkCommunity(t.Context(), c.Scope); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := in.FinishDeletions(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(own); !os.IsNotExist(err) {
		t.Errorf("the upload is still there: %v", err)
	}
	for _, path := range []string{theirs, outside, in.Uploads} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("removed too much: %v", err)
		}
	}
	if list, err := in.Store.Deletions(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}
