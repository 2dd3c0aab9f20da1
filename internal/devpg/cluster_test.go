//go:build linux || darwin

package devpg

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func testLog(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

func TestStartStopRestart(t *testing.T) {
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t)
		cl := begin(t, bin, dir)
		if !cl.Started() || cl.Version() < oldest || cl.PID() < 2 {
			t.Errorf("started %t, version %d, pid %d", cl.Started(), cl.Version(), cl.PID())
		}
		execute(t, cl, "create table kept as select 42 as answer")
		pid, socket := cl.PID(), cl.SocketDir()
		end(t, cl)
		if alive(pid) {
			t.Errorf("postmaster %d is alive after Stop", pid)
		}
		if _, err := os.Stat(socket); err == nil {
			t.Errorf("%s is left after Stop", socket)
		}
		end(t, cl) // a second Stop does nothing
		cl = begin(t, bin, dir)
		if got := query[int](t, cl, "select answer from kept"); got != 42 {
			t.Errorf("after a restart: %d", got)
		}
	})
}

func TestSettings(t *testing.T) {
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t)
		cl, err := Start(t.Context(), Config{DataDir: dir, BinDir: bin, Log: testLog(t)})
		if err != nil {
			t.Fatal(err)
		}
		defer end(t, cl)
		for name, want := range map[string]string{
			"listen_addresses": "", "shared_buffers": "256MB", "max_wal_size": "2GB", "fsync": "on",
			"synchronous_commit": "on", "jit": "off", "timezone": "UTC", "data_checksums": "on", "is_superuser": "off",
		} {
			if got := query[string](t, cl, "show "+name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		if got := query[string](t, cl, "select wal_compression::text from (select current_setting('wal_compression') wal_compression) s"); got == "off" {
			t.Error("wal_compression is off")
		}
		sql := `select string_agg(w, '' order by w) || lower('ÉÀ') from unnest(array['b','B','é','a']) w`
		if got := query[string](t, cl, sql); got != "Babééà" {
			t.Errorf("order and case: %q", got)
		}
		for _, ext := range []string{"pg_trgm", "citext", "unaccent", "pgcrypto"} {
			execute(t, cl, "create extension "+ext)
		}
	})
}

func TestLogHoldsNoRows(t *testing.T) {
	eachServer(t, func(t *testing.T, bin string) {
		cl := begin(t, bin, tempDir(t))
		conn := connect(t, cl)
		if _, err := conn.Exec(t.Context(), "create table who (email text primary key)"); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			_, _ = conn.Exec(t.Context(), "insert into who values ('zoe@example.org')") // the second is refused
		}
		log, err := os.ReadFile(cl.place.log)
		if err != nil {
			t.Fatal(err)
		}
		has(t, string(log), "duplicate key")
		if strings.Contains(string(log), "zoe") {
			t.Errorf("the log tells a row: %s", log)
		}
	})
}

func TestAttachedLeavesItToTheStarter(t *testing.T) {
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t)
		first := begin(t, bin, dir)
		other := startHolder(t, bin, dir)
		if other.started || other.pid != first.PID() {
			t.Fatalf("the second process said %q", other.said)
		}
		other.stop(t)
		query[int](t, first, "select 1")
		end(t, first)
		died(t, first.PID())
	})
}

func TestStarterLeavesItToTheAttached(t *testing.T) {
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t)
		starter := startHolder(t, bin, dir)
		second := begin(t, bin, dir)
		if !starter.started || second.Started() {
			t.Fatalf("the first process said %q", starter.said)
		}
		starter.stop(t)
		query[int](t, second, "select 1")
		end(t, second)
		died(t, second.PID())
	})
}

func TestAdoptsAfterStarterIsKilled(t *testing.T) {
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t)
		starter := startHolder(t, bin, dir)
		starter.kill(t)
		cl := begin(t, bin, dir)
		if cl.Started() || cl.PID() != starter.pid {
			t.Fatalf("started %t, pid %d, want the survivor %d", cl.Started(), cl.PID(), starter.pid)
		}
		query[int](t, cl, "select 1")
		end(t, cl)
		died(t, cl.PID())
	})
}

func TestRecoversAfterCrash(t *testing.T) {
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t)
		first, err := Start(t.Context(), Config{DataDir: dir, BinDir: bin}) // not Fast: every commit lasts
		if err != nil {
			t.Fatal(err)
		}
		execute(t, first, "create table kept as select 42 as answer")
		connect(t, first) // a backend that has to notice
		if err := syscall.Kill(first.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		second := begin(t, bin, dir)
		if !second.Started() || second.PID() == first.PID() {
			t.Errorf("started %t, pid %d", second.Started(), second.PID())
		}
		if got := query[int](t, second, "select answer from kept"); got != 42 {
			t.Errorf("after a crash: %d", got)
		}
		end(t, second)
		end(t, first) // has nothing left to stop
	})
}

func TestRecoversAfterBothDie(t *testing.T) {
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t)
		starter := startHolder(t, bin, dir)
		if err := syscall.Kill(starter.pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		starter.kill(t)
		cl := begin(t, bin, dir)
		if !cl.Started() {
			t.Error("attached to a dead cluster")
		}
		query[int](t, cl, "select 1")
	})
}

func TestConcurrentStarts(t *testing.T) {
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t)
		const n = 4
		clusters, errs := make([]*Cluster, n), make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				clusters[i], errs[i] = Start(context.Background(), Config{DataDir: dir, BinDir: bin, Fast: true})
			})
		}
		other := startHolder(t, bin, dir)
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		starters := 0
		if other.started {
			starters++
		}
		for _, cl := range clusters {
			if cl.Started() {
				starters++
			}
			query[int](t, cl, "select 1")
		}
		if starters != 1 {
			t.Errorf("%d started it", starters)
		}
		other.stop(t)
		for i, cl := range clusters {
			query[int](t, cl, "select 1")
			end(t, cl)
			if i < n-1 && !alive(cl.PID()) {
				t.Errorf("it stopped after %d of %d users", i+1, n)
			}
		}
	})
}

func TestStopCutsOffWhenTimeIsUp(t *testing.T) {
	eachServer(t, func(t *testing.T, bin string) {
		cl := begin(t, bin, tempDir(t))
		ctx, cancel := context.WithCancel(context.Background())
		if err := syscall.Kill(cl.PID(), syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() { done <- cl.Stop(ctx) }()
		cancel()
		time.AfterFunc(50*time.Millisecond, func() { _ = syscall.Kill(cl.PID(), syscall.SIGCONT) })
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Stop says %v", err)
		}
		if alive(cl.PID()) {
			t.Error("it is alive")
		}
	})
}

func TestHalfMadeClusterIsMadeAgain(t *testing.T) {
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t)
		half := filepath.Join(dir, "postgres", "data.new")
		if err := os.MkdirAll(half, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		query[int](t, begin(t, bin, dir), "select 1")
	})
}

func TestForeignFilesAreNotOverwritten(t *testing.T) {
	dir := tempDir(t)
	data := filepath.Join(dir, "postgres", "data")
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "thesis.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{DataDir: dir, BinDir: bundleBin(t)})
	if err == nil {
		t.Fatal("it started")
	}
	has(t, err.Error(), "no PostgreSQL cluster")
}

func TestBrokenClusterTellsItsLog(t *testing.T) {
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t)
		cl := begin(t, bin, dir)
		end(t, cl)
		if err := os.Remove(filepath.Join(cl.place.data, "global", "pg_control")); err != nil {
			t.Fatal(err)
		}
		_, err := Start(t.Context(), Config{DataDir: dir, BinDir: bin, Fast: true})
		if err == nil {
			t.Fatal("it started")
		}
		has(t, err.Error(), "could not find the database system")
	})
}

func TestStalePIDOfAnotherProgram(t *testing.T) {
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t)
		cl := begin(t, bin, dir)
		end(t, cl)
		sleeper := cl.place.account.command(t.Context(), "/", "/bin/sleep", "600")
		if err := sleeper.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = sleeper.Process.Kill(); _ = sleeper.Wait() }()
		text := strings.Join([]string{itoa(sleeper.Process.Pid), cl.place.data, "1700000000", "5432", cl.socket, "", "", "ready", ""}, "\n")
		if err := os.WriteFile(filepath.Join(cl.place.data, "postmaster.pid"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(filepath.Join(cl.place.data, "postmaster.pid"), int(cl.place.account.uid), -1); err != nil {
			t.Fatal(err)
		}
		again := begin(t, bin, dir)
		query[int](t, again, "select 1")
		end(t, again)
		if !alive(sleeper.Process.Pid) {
			t.Error("the innocent process is dead")
		}
	})
}
