package dbtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/devpg"
	"github.com/foyer-app/foyer/internal/store"
)

// server is the process's database server and its migrated template.
type server struct {
	admin    string // connection string for creating databases
	template string
	cluster  *devpg.Cluster // nil with FOYER_TEST_DATABASE_URL
	dir      string         // the cluster's directory
	watch    *watchdog
	count    atomic.Int64
}

// shared starts the one server of this process. It is a package variable because
// testing has no other scope that outlives a test.
var shared = sync.OnceValues(func() (*server, error) {
	used.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	return start(ctx)
})

var used atomic.Bool // so that Main starts no server only to stop it

// Main runs the tests of a package, stops the cluster they used and exits.
func Main(m *testing.M) {
	code := m.Run()
	if used.Load() {
		s, err := shared()
		if err == nil {
			err = s.stop()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// New is a pool on a fresh, migrated database, dropped when the test ends. Like
// the application's it is bound by row-level security: a test's own queries name
// an organisation by store.WithTenant, or all by store.Across.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	conf, err := pgxpool.ParseConfig(URL(t))
	if err != nil {
		t.Fatalf("dbtest: open: %v", err)
	}
	s, err := store.Open(context.Background(), conf)
	if err != nil {
		t.Fatalf("dbtest: open: %v", err)
	}
	t.Cleanup(s.Pool().Close)
	return s.Pool()
}

// Owner is a pool on the same database as its owner, whom nothing binds.
func Owner(t testing.TB, pool *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	owner, err := pgxpool.New(context.Background(), pool.Config().ConnString())
	if err != nil {
		t.Fatalf("dbtest: open: %v", err)
	}
	t.Cleanup(owner.Close)
	return owner
}

// URL is the connection string of a fresh, migrated database, dropped when the
// test ends.
func URL(t testing.TB) string {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	name := fmt.Sprintf("%s_%d", s.template, s.count.Add(1))
	if err := s.execute(context.Background(), "create database "+name+" template "+s.template+" strategy file_copy"); err != nil {
		t.Fatalf("dbtest: create database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.execute(context.Background(), "drop database "+name+" with (force)"); err != nil {
			t.Errorf("dbtest: drop database: %v", err)
		}
	})
	address, err := on(s.admin, name)
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return address
}

func start(ctx context.Context) (_ *server, err error) {
	s := &server{admin: os.Getenv("FOYER_TEST_DATABASE_URL"), template: fmt.Sprintf("foyer_test_%d", os.Getpid())}
	if s.admin == "" {
		if err := s.startCluster(ctx); err != nil {
			return nil, err
		}
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *server) startCluster(ctx context.Context) (err error) {
	durable := os.Getenv("FOYER_TEST_DURABLE") != ""
	place := memory()
	if durable {
		place = ""
	}
	if s.dir, err = os.MkdirTemp(place, "foyer-test-"); err != nil {
		return err
	}
	s.cluster, err = devpg.Start(ctx, devpg.Config{
		DataDir: s.dir, BinDir: os.Getenv("FOYER_TEST_PG_BINDIR"), Fast: !durable, AllowFetch: true,
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return errors.Join(err, os.RemoveAll(s.dir))
	}
	s.admin = s.cluster.URL(devpg.Database)
	if s.watch, err = watch(s.cluster.PID(), s.base(), s.dir, s.cluster.SocketDir()); err != nil {
		return errors.Join(err, s.stop())
	}
	return nil
}

// base is where the cluster's files really are: devpg moves them out of a
// directory that the cluster's user cannot enter.
func (s *server) base() string {
	base, err := filepath.EvalSymlinks(filepath.Join(s.dir, "postgres"))
	if err != nil {
		return s.dir
	}
	return base
}

// migrate makes the template.
func (s *server) migrate(ctx context.Context) error {
	if err := s.execute(ctx, "create database "+s.template); err != nil {
		return fmt.Errorf("create the template: %w", err)
	}
	address, err := on(s.admin, s.template)
	if err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, address)
	if err != nil {
		return fmt.Errorf("open the template: %w", err)
	}
	defer pool.Close()
	if err := store.Migrate(ctx, pool); err != nil {
		return fmt.Errorf("migrate the template: %w", err)
	}
	return nil
}

// stop ends the cluster and removes its files; of a server that was there
// before, only the template.
func (s *server) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if s.cluster == nil {
		return s.execute(ctx, "drop database if exists "+s.template+" with (force)")
	}
	base := s.base()
	err := s.cluster.Stop(ctx)
	if s.watch != nil {
		err = errors.Join(err, s.watch.dismiss())
	}
	return errors.Join(err, os.RemoveAll(base), os.RemoveAll(s.dir))
}

// execute runs one statement on a connection of its own, outside a transaction.
func (s *server) execute(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.admin)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// on is the connection string address with another database.
func on(address, database string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return "", fmt.Errorf("FOYER_TEST_DATABASE_URL is no postgres:// address: %w", err)
	}
	u.Path = "/" + database
	if u.Host == "" {
		return u.Scheme + ":///" + database + "?" + u.RawQuery, nil
	}
	return u.String(), nil
}
