package ingest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// fullDisk is a reader that fails as a copy to a full disk does.
type fullDisk struct{}

func (fullDisk) Read([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
}

func TestAFullDiskIsRecognised(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		full bool
	}{
		"database": {fmt.Errorf("store: %w", &pgconn.PgError{Code: "53100"}), true},
		"system":   {&os.PathError{Op: "write", Err: syscall.ENOSPC}, true},
		"other":    {&pgconn.PgError{Code: "23505"}, false},
		"none":     {nil, false},
	} {
		if got := diskFull(test.err); got != test.full {
			t.Errorf("%s: %v, want %v", name, got, test.full)
		}
	}
	if _, err := save(filepath.Join(t.TempDir(), "a"), fullDisk{}, 10); !errors.Is(err, ErrDiskFull) {
		t.Errorf("an upload on a full disk: %v", err)
	}
}

func TestFileNamesStayInTheirFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var taken []string
	for _, name := range []string{"../../etc/passwd", `C:\x\y.zip`, "", "...", "a\x00b.txt", "a\x00b.txt", strings.Repeat("é", 300) + ".json", "dir/"} {
		path := filepath.Join(dir, fileName(name, taken, dir))
		if rel, err := filepath.Rel(dir, path); err != nil || strings.Contains(rel, string(filepath.Separator)) || rel == "." || rel == ".." {
			t.Errorf("%q becomes %q", name, path)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		for _, other := range taken {
			if other == path {
				t.Errorf("%q takes a name twice", name)
			}
		}
		taken = append(taken, path)
	}
}
