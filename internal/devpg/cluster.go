//go:build linux || darwin

package devpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Cluster is a running PostgreSQL that this process uses.
type Cluster struct {
	place   place
	socket  string
	pid     int
	major   int
	started bool
	child   *child   // nil when another process started the postmaster
	users   *os.File // shared lock: this process uses the cluster
	log     *slog.Logger
}

// Start makes sure that the cluster of c.DataDir runs and that its database
// exists. It creates the cluster when there is none, attaches to a running one,
// and lets PostgreSQL recover after a crash, for as long as ctx allows. It fails
// with a *[MissingError] when no PostgreSQL fits.
func Start(ctx context.Context, c Config) (*Cluster, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.DataDir == "" {
		return nil, errors.New("devpg: start: no data directory")
	}
	cl, err := start(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("devpg: start: %w", err)
	}
	cl.log.Info("database ready", "version", cl.major, "started", cl.started, "pid", cl.pid, "data", cl.place.data)
	if !cl.started {
		cl.log.Info("the database was already running; the last process that uses it stops it")
	}
	return cl, nil
}

func start(ctx context.Context, c Config) (_ *Cluster, err error) {
	p, err := locate(c.DataDir)
	if err != nil {
		return nil, err
	}
	guard, err := p.account.lock(ctx, filepath.Join(p.base, "start.lock"))
	if err != nil {
		return nil, err
	}
	defer guard.Close()
	cl := &Cluster{place: p, log: c.Log}
	if cl.users, err = p.account.tryLock(p.usersLock(), syscall.LOCK_SH); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			cl.abandon()
		}
	}()
	if err = cl.run(ctx, c); err != nil {
		return nil, err
	}
	return cl, cl.createDatabase(ctx)
}

func (p place) usersLock() string { return filepath.Join(p.base, "users.lock") }

// run attaches to a live postmaster or launches one.
func (cl *Cluster) run(ctx context.Context, c Config) (err error) {
	if cl.major, err = cl.place.major(); err != nil {
		return err
	}
	if cl.major > 0 {
		attached, err := cl.attach(ctx)
		if attached || err != nil {
			return err
		}
	}
	bin, err := newFinder(c, cl.place.account).find(ctx, cl.major)
	if err != nil {
		return err
	}
	if cl.major == 0 {
		cl.log.Info("creating the database", "data", cl.place.data, "version", bin.major, "binaries", bin.dir)
		if err := cl.place.initialise(ctx, bin, c.Fast); err != nil {
			return err
		}
		cl.major = bin.major
	}
	return cl.launch(ctx, bin, c.Fast)
}

// attach joins the postmaster that postmaster.pid names, if it answers.
func (cl *Cluster) attach(ctx context.Context) (bool, error) {
	for {
		pf, ok := cl.place.pidFile()
		if !ok || !alive(pf.pid) {
			return false, nil
		}
		switch ping(ctx, pf.socket) {
		case answering:
			cl.pid, cl.socket = pf.pid, pf.socket
			return true, nil
		case silent:
			return false, ctx.Err()
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil { // it is starting up or recovering
			return false, err
		}
	}
}

// URL is the connection string of a database of the cluster.
func (cl *Cluster) URL(database string) string { return address(cl.socket, database, role) }

func address(socket, database, user string) string {
	q := url.Values{"host": {socket}, "port": {"5432"}, "user": {user}, "sslmode": {"disable"}}
	return "postgres:///" + url.PathEscape(database) + "?" + q.Encode()
}

// Started reports whether this Start launched PostgreSQL; false: it attached to
// a running one.
func (cl *Cluster) Started() bool { return cl.started }

// Version is the major version of PostgreSQL.
func (cl *Cluster) Version() int { return cl.major }

// PID is the process id of the postmaster.
func (cl *Cluster) PID() int { return cl.pid }

// SocketDir is the directory of the cluster's socket.
func (cl *Cluster) SocketDir() string { return cl.socket }

// Stop ends this process's use of the cluster, once. When no other process uses
// it, PostgreSQL shuts down: open transactions are rolled back. When ctx ends
// before that is done it is cut off, and the next start recovers.
func (cl *Cluster) Stop(ctx context.Context) error {
	if cl == nil || cl.users == nil {
		return nil
	}
	users := cl.users
	cl.users = nil
	guard, err := cl.place.account.lock(ctx, filepath.Join(cl.place.base, "start.lock"))
	if err != nil {
		users.Close()
		return fmt.Errorf("devpg: stop: %w", err)
	}
	defer guard.Close()
	users.Close()
	alone, err := cl.place.account.tryLock(cl.place.usersLock(), syscall.LOCK_EX)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		cl.log.Info("the database stays up for the other processes that use it")
		return nil
	}
	if err != nil {
		return fmt.Errorf("devpg: stop: %w", err)
	}
	defer alone.Close()
	if err := cl.shutdown(ctx); err != nil {
		return fmt.Errorf("devpg: stop: %w", err)
	}
	return nil
}

// abandon cleans up after a Start that failed half-way.
func (cl *Cluster) abandon() {
	if cl.child != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := cl.shutdown(ctx); err != nil {
			cl.log.Warn("database not stopped", "error", err)
		}
	}
	cl.users.Close()
}

// pause sleeps, or ends early with ctx.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
