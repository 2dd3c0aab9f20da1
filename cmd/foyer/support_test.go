package main

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/store"
)

// lockedBuffer is an output that can be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// text is what was written until now.
func (l *lockedBuffer) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// slogTo logs everything.
func slogTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// waitFor returns the word that begins with prefix, and holds the parts, once it
// has been written.
func (l *lockedBuffer) waitFor(t testing.TB, prefix string, parts ...string) string {
	t.Helper()
	return l.waitForWord(t, prefix, func(word string) bool {
		return strings.HasPrefix(word, prefix) && !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(word, p) })
	})
}

// waitForEnd returns the word that ends with suffix once it has been written.
func (l *lockedBuffer) waitForEnd(t testing.TB, suffix string) string {
	t.Helper()
	return l.waitForWord(t, suffix, func(word string) bool { return strings.HasSuffix(word, suffix) })
}

func (l *lockedBuffer) waitForWord(t testing.TB, name string, fits func(word string) bool) string {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for word := range strings.FieldsSeq(l.text()) {
			if fits(word) {
				return word
			}
		}
	}
	t.Fatalf("%q was never printed", name)
	return ""
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func get(t testing.TB, url string) int {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// testStore is a store as the application has it.
func testStore(t testing.TB, url string) *store.Store {
	t.Helper()
	conf, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Pool().Close)
	return s
}

// acrossPool sees the rows of every organisation: without saying so it would see
// none.
func acrossPool(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	conf, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	conf.ConnConfig.RuntimeParams["foyer.organisation"] = "-1"
	pool, err := pgxpool.NewWithConfig(t.Context(), conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}
