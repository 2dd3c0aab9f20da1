package ingest_test

import (
	"context"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/dbtest"
)

// holder is a gateway that hands out what it was given to work with.
type holder struct {
	*wire
	host chan connectors.Host
}

func (h *holder) Listen(ctx context.Context, _ connectors.App, host connectors.Host) error {
	h.host <- host
	<-ctx.Done()
	return nil
}

// TestLockGoesWithTheDatabase: who held it is told, and somebody else can have it.
func TestLockGoesWithTheDatabase(t *testing.T) {
	t.Parallel()
	s := newStation(t, 0)
	app := s.Apps["lines"]
	app.Token = "bot"
	s.Apps["lines"] = app
	h := &holder{wire: s.wire, host: make(chan connectors.Host, 2)}
	s.Connectors = []connectors.Connector{h}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- s.process().Listen(ctx) }()
	}
	defer func() { cancel(); <-done; <-done }()
	one, two := <-h.host, <-h.host
	hold := func(host connectors.Host, want bool) (release func()) {
		t.Helper()
		release, ok, err := host.Hold(t.Context(), "shard")
		if err != nil || ok != want || host.Holds("shard") != want {
			t.Fatalf("held %v, %v; want %v", ok, err, want)
		}
		return release
	}
	hold(one, true)()
	release := hold(one, true)
	hold(two, false)
	defer release()
	if _, err := dbtest.Owner(t, s.Store.Pool()).Exec(t.Context(), `select pg_terminate_backend(pid) from pg_locks
			where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); one.Holds("shard"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nobody told that the lock is gone")
		}
	}
	hold(two, true)()
}
