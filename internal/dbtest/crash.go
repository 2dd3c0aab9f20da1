package dbtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/devpg"
)

// Crashing is a durable PostgreSQL of one test's own, which can be killed in the
// middle of its work and started again.
type Crashing struct {
	t testing.TB
	s server
}

// NewCrashing starts one, with an empty database. It is stopped and removed when
// the test ends.
func NewCrashing(t testing.TB) *Crashing {
	t.Helper()
	dir, err := os.MkdirTemp("", "foyer-crash-")
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	c := &Crashing{t: t, s: server{dir: dir}}
	t.Cleanup(func() {
		if c.s.cluster != nil {
			if err := c.s.stop(); err != nil {
				t.Errorf("dbtest: %v", err)
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("dbtest: %v", err)
		}
	})
	if err := c.Start(); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return c
}

// URL is the connection string, the same after each start.
func (c *Crashing) URL() string { return c.s.admin }

// Start brings a killed server back: it recovers what it had said was committed.
func (c *Crashing) Start() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c.s.cluster, err = devpg.Start(ctx, devpg.Config{
		DataDir: c.s.dir, BinDir: os.Getenv("FOYER_TEST_PG_BINDIR"), AllowFetch: true,
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	c.s.admin = c.s.cluster.URL(devpg.Database)
	if c.s.watch, err = watch(c.s.cluster.PID(), c.s.base(), c.s.dir, c.s.cluster.SocketDir()); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	return nil
}

// Kill ends the server and all its processes by SIGKILL, as a machine that runs
// out of memory does.
func (c *Crashing) Kill() error {
	pid := c.s.cluster.PID()
	list := append([]int{pid}, childrenOf(pid)...)
	var failed error
	for _, pid := range list {
		p, err := os.FindProcess(pid)
		if err == nil {
			err = p.Kill()
		}
		if !errors.Is(err, os.ErrProcessDone) {
			failed = errors.Join(failed, err)
		}
	}
	// Nothing is left to stop; this lets go of the files that say who uses it.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(failed, c.s.watch.dismiss(), c.s.cluster.Stop(ctx))
}

// childrenOf lists the processes that a process started; where the system does
// not tell, none, and those of PostgreSQL end by themselves.
func childrenOf(parent int) (list []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range files {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if fields := stat(pid); err == nil && len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			list = append(list, pid)
		}
	}
	return list
}

// stat is what Linux tells of a process behind its name: its state, its parent, …
func stat(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // id (name) state parent …
	if err != nil {
		return nil
	}
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}

// Spent is the time of the processors that a process and those it has waited for
// have used; 0 where the system does not tell.
func Spent(pid int) time.Duration {
	fields := stat(pid)
	var ticks int64
	for i := 11; i < 15 && i < len(fields); i++ { // utime stime cutime cstime
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond // a hundred a second, whatever the kernel's own are
}

// Spent is the time of the processors that the server has used since it was started.
func (c *Crashing) Spent() time.Duration {
	pid := c.s.cluster.PID()
	all := Spent(pid)
	for _, child := range childrenOf(pid) {
		all += Spent(child)
	}
	return all
}
