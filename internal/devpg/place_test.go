//go:build linux || darwin

package devpg

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

func root(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can hand the cluster to another user")
	}
}

func TestRootHandsItToAnotherUser(t *testing.T) {
	root(t)
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t) // 0700, root's
		cl := begin(t, bin, dir)
		if got := owner(t, cl.place.data); got == 0 || got != cl.place.account.uid {
			t.Errorf("the data belong to %d", got)
		}
		if base := filepath.Join(dir, "postgres"); cl.place.base != base {
			t.Errorf("it lies in %s, want %s", cl.place.base, base)
		}
		for path, want := range map[string]os.FileMode{dir: 0o711, cl.place.data: 0o700, cl.socket: 0o700} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v, want %v", path, info.Mode().Perm(), err, want)
			}
		}
	})
}

func TestRootKeepsTheOwnerOfTheData(t *testing.T) {
	root(t)
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t)
		cl := begin(t, bin, dir)
		end(t, cl)
		nobody, ok := named("nobody")
		if !ok {
			need(t, "a user nobody")
		}
		if out, err := exec.Command("chown", "-R", itoa(int(nobody.uid)), cl.place.base).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		cl = begin(t, bin, dir)
		if cl.place.account.uid != nobody.uid {
			t.Errorf("it runs as %d", cl.place.account.uid)
		}
		query[int](t, cl, "select 1")
	})
}

func TestRootMovesItOutOfAClosedDirectory(t *testing.T) {
	root(t)
	eachServer(t, func(t *testing.T, bin string) {
		closed := tempDir(t)
		dir := filepath.Join(closed, "state", "foyer")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		moved := filepath.Join(relocated, hash(dir))
		t.Cleanup(func() { os.RemoveAll(moved) })
		cl := begin(t, bin, dir)
		if cl.place.base != moved {
			t.Errorf("it lies in %s", cl.place.base)
		}
		if to, err := os.Readlink(filepath.Join(dir, "postgres")); err != nil || to != cl.place.base {
			t.Errorf("the link says %q, %v", to, err)
		}
		execute(t, cl, "create table kept ()")
		end(t, cl)
		execute(t, begin(t, bin, dir), "drop table kept")
	})
}

func TestLostPlaceIsNotReplaced(t *testing.T) {
	dir := tempDir(t)
	if err := os.Symlink(filepath.Join(dir, "gone"), filepath.Join(dir, "postgres")); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{DataDir: dir})
	if err == nil {
		t.Fatal("it started an empty database")
	}
	has(t, err.Error(), "which is gone")
}

func TestClosedAfterwards(t *testing.T) {
	root(t)
	outer := tempDir(t)
	dir := filepath.Join(outer, "foyer")
	if err := os.Chmod(outer, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := locate(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(outer, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := locate(dir)
	if err == nil {
		t.Fatal("it moved a place that existed")
	}
	has(t, err.Error(), "chmod o+x")
}

func TestLongPath(t *testing.T) {
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t)
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			if dir = filepath.Join(dir, strings.Repeat("d", 60)); os.Mkdir(dir, 0o755) != nil {
				t.Fatal("cannot make " + dir)
			}
		}
		cl := begin(t, bin, dir)
		query[int](t, cl, "select 1")
		if n := len(cl.socket) + len("/.s.PGSQL.5432"); n > socketLimit {
			t.Errorf("the socket's path has %d bytes", n)
		}
	})
}

func TestLongTemporaryDirectory(t *testing.T) {
	long := filepath.Join(tempDir(t), strings.Repeat("t", 90))
	if err := os.Mkdir(long, 0o755); err != nil {
		t.Fatal(err)
	}
	data := tempDir(t)
	t.Setenv("TMPDIR", long)
	cl := begin(t, bundleBin(t), data)
	query[int](t, cl, "select 1")
	if filepath.Dir(cl.socket) != "/tmp" {
		t.Errorf("the socket is in %s", cl.socket)
	}
}

func TestSocketDirectoryOfAnother(t *testing.T) {
	root(t)
	p, err := locate(tempDir(t))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := p.socketDir()
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chown(dir, 54321, 54321); err != nil {
		t.Fatal(err)
	}
	if _, err = p.socketDir(); err == nil {
		t.Fatal("it took a directory of another user")
	}
	has(t, err.Error(), "belongs to somebody else")
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/", dir); err != nil {
		t.Fatal(err)
	}
	if _, err = p.socketDir(); err == nil {
		t.Fatal("it followed a planted link")
	}
}

// TestUnprivileged runs the tests that start servers once more as nobody.
func TestUnprivileged(t *testing.T) {
	root(t)
	bundleBin(t)
	nobody, ok := named("nobody")
	if !ok {
		need(t, "a user nobody")
	}
	dir := tempDir(t)
	if err := os.Chown(dir, int(nobody.uid), int(nobody.gid)); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "devpg.test")
	if err := copyFile(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	cmd := nobody.command(context.Background(), dir, program, "-test.v", "-test.timeout=5m",
		"-test.run=^Test(StartStop|Adopts|Concurrent|Recovers|StalePID|Long|Settings)")
	cmd.Env = append(cmd.Env, "FOYER_CI=1", cacheEnv+"="+shared.dir, "TMPDIR="+dir, "HOME="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"TestStartStopRestart", "TestAdoptsAfterStarterIsKilled", "TestConcurrentStarts", "TestRecoversAfterCrash"} {
		has(t, string(out), "--- PASS: "+name+" ")
	}
}

func TestUserWithoutName(t *testing.T) {
	root(t)
	eachServer(t, func(t *testing.T, bin string) {
		dir := tempDir(t)
		if err := os.Chown(dir, 54321, 54321); err != nil {
			t.Fatal(err)
		}
		p := newPlace(dir)
		p.account = account{uid: 54321, gid: 54321, name: "uid 54321", switched: true}
		err := p.initialise(t.Context(), binaries{dir: bin, major: majorOf(t, bin)}, true)
		if err == nil {
			t.Fatal("it ran")
		}
		has(t, err.Error(), "/etc/passwd")
	})
}

func majorOf(t *testing.T, bin string) int {
	t.Helper()
	b, err := emptyFinder(t).probe(t.Context(), bin)
	if err != nil {
		t.Fatal(err)
	}
	return b.major
}

func owner(t *testing.T, path string) uint32 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Uid
}

func copyFile(from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		w.Close()
		return err
	}
	return w.Close()
}
