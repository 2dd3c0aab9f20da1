//go:build linux || darwin

package devpg

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Environment of this test binary when it runs itself again.
const (
	holdEnv  = "FOYER_DEVPG_HOLD"  // data directory: be a process that uses the cluster
	binEnv   = "FOYER_DEVPG_BIN"   // its binaries
	cacheEnv = "FOYER_DEVPG_CACHE" // a cache that holds the bundle already
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdEnv); dir != "" {
		os.Exit(hold(dir))
	}
	code := m.Run()
	if shared.dir != "" && os.Getenv(cacheEnv) == "" {
		os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

// hold starts or attaches, says how, and stops when its input ends.
func hold(dir string) int {
	cl, err := Start(context.Background(), Config{DataDir: dir, BinDir: os.Getenv(binEnv), Fast: true})
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	fmt.Println("started", cl.Started(), cl.PID())
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := cl.Stop(context.Background()); err != nil {
		fmt.Println("error", err)
		return 1
	}
	return 0
}

// holder is another process that uses a cluster.
type holder struct {
	cmd     *exec.Cmd
	stdin   io.Closer
	said    string
	pid     int
	started bool
}

func startHolder(t *testing.T, bin, dir string) *holder {
	t.Helper()
	h := &holder{cmd: exec.Command(os.Args[0])}
	h.cmd.Env = append(os.Environ(), holdEnv+"="+dir, binEnv+"="+bin)
	in, err := h.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h.stdin = in
	h.said, _ = bufio.NewReader(out).ReadString('\n')
	if _, err := fmt.Sscanf(h.said, "started %t %d", &h.started, &h.pid); err != nil {
		t.Fatalf("the other process said %q", h.said)
	}
	t.Cleanup(func() { _ = h.cmd.Process.Kill(); _ = h.cmd.Wait() })
	return h
}

// stop lets the process end in good order.
func (h *holder) stop(t *testing.T) {
	t.Helper()
	h.stdin.Close()
	if err := h.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// kill ends it as a crash would.
func (h *holder) kill(t *testing.T) {
	t.Helper()
	if err := h.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = h.cmd.Wait()
}

// died waits until a process has ended, if only to be reaped by another.
func died(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); alive(pid) && isPostgres(pid); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("postmaster %d is still alive", pid)
			return
		}
	}
}

// tempDir is a directory that the cluster's user can reach: t.TempDir lies in a
// closed one.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "devpg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if base, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres")); err == nil {
			os.RemoveAll(base)
		}
		os.RemoveAll(dir)
	})
	return dir
}

func begin(t *testing.T, bin, dir string) *Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cl, err := Start(ctx, Config{DataDir: dir, BinDir: bin, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(t, cl) })
	return cl
}

func end(t *testing.T, cl *Cluster) {
	t.Helper()
	if err := cl.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

func connect(t *testing.T, cl *Cluster) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), cl.URL(Database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func query[T any](t *testing.T, cl *Cluster, sql string) T {
	t.Helper()
	conn := connect(t, cl)
	defer conn.Close(context.Background())
	var v T
	if err := conn.QueryRow(context.Background(), sql).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func execute(t *testing.T, cl *Cluster, sql string) {
	t.Helper()
	conn := connect(t, cl)
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// shared is the one bundle of a test run.
var shared struct {
	once sync.Once
	dir  string // cache
	bin  string
	err  error
}

// bundleBin is the directory of the bundle's binaries. Where it cannot be
// fetched the test skips, saying so, and fails in CI.
func bundleBin(t *testing.T) string {
	t.Helper()
	shared.once.Do(func() {
		if shared.dir = os.Getenv(cacheEnv); shared.dir == "" {
			if shared.dir, shared.err = os.MkdirTemp("", "devpg-cache-"); shared.err != nil {
				return
			}
		}
		f := emptyFinder(t)
		f.bundle.cache, f.fetch = shared.dir, true
		var b binaries
		b, shared.err = f.find(context.Background(), bundleMajor)
		shared.bin = b.dir
	})
	if shared.err != nil {
		need(t, "the PostgreSQL %d bundle: %v", bundleMajor, shared.err)
	}
	return shared.bin
}

// need ends a test for want of something, as a failure in CI.
func need(t *testing.T, format string, args ...any) {
	t.Helper()
	text := "NOT TESTED, this machine lacks " + fmt.Sprintf(format, args...)
	if os.Getenv("FOYER_CI") != "" {
		t.Fatal(text)
	}
	t.Skip(text)
}

// emptyFinder finds nothing until it is told where.
func emptyFinder(t *testing.T) *finder {
	t.Helper()
	a, err := accountFor("")
	if err != nil {
		t.Fatal(err)
	}
	f := newFinder(Config{Log: testLog(t)}, a)
	f.places = nil
	f.lookPath = func(string) (string, error) { return "", exec.ErrNotFound }
	return f
}

// eachServer runs a test on the installed PostgreSQL and on the bundle.
func eachServer(t *testing.T, test func(t *testing.T, bin string)) {
	t.Helper()
	t.Run("installed", func(t *testing.T) {
		f := emptyFinder(t)
		f.places, f.lookPath = installed, exec.LookPath
		for _, dir := range f.candidates() {
			if b, err := f.probe(context.Background(), dir); err == nil && b.major >= oldest {
				test(t, b.dir)
				return
			}
		}
		need(t, "an installed PostgreSQL")
	})
	t.Run("bundle", func(t *testing.T) { test(t, bundleBin(t)) })
}

func has(t *testing.T, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%q lacks %q", text, part)
	}
}
