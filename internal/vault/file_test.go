package vault_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/foyer-app/foyer/internal/vault"
)

func keyFile(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "data", "keys")
}

func ensure(t *testing.T, path string) *vault.Ring {
	t.Helper()
	r, err := vault.Ensure(path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	path := keyFile(t)
	if _, err := vault.Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("load of nothing: %v", err)
	}
	sealed := ensure(t, path).Seal("p", []byte("x"))
	if got, err := ensure(t, path).Open("p", sealed); err != nil || string(got) != "x" {
		t.Fatalf("the second ring does not open what the first sealed: %v", err)
	}
	for name, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".keys-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spoil func(path string) error
		want  string
	}{
		"group reads":       {func(p string) error { return os.Chmod(p, 0o640) }, "chmod 600"},
		"others read":       {func(p string) error { return os.Chmod(p, 0o604) }, "chmod 600"},
		"folder of a group": {func(p string) error { return os.Chmod(filepath.Dir(p), 0o770) }, "chmod go-w"},
		"folder of all":     {func(p string) error { return os.Chmod(filepath.Dir(p), 0o707) }, "chmod go-w"},
		"cut":               {func(p string) error { return os.Truncate(p, 300) }, "entry"},
		"empty":             {func(p string) error { return os.Truncate(p, 0) }, "no sealing key"},
		"huge":              {func(p string) error { return os.Truncate(p, 1<<30) }, "not a key file"},
		"a folder": {func(p string) error {
			return errors.Join(os.Remove(p), os.Mkdir(p, 0o700))
		}, "not a regular file"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := keyFile(t)
			ensure(t, path)
			if err := c.spoil(path); err != nil {
				t.Fatal(err)
			}
			_, err := vault.Ensure(path)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), filepath.Dir(path)) {
				t.Errorf("got %v, want an error with %q and the path", err, c.want)
			}
			if exposed := strings.HasPrefix(c.want, "chmod"); errors.Is(err, vault.ErrExposed) != exposed {
				t.Errorf("got %v, ErrExposed is %v", err, !exposed)
			}
		})
	}
}

// TestEnsureAtOnce makes the file from several processes, each with several
// goroutines: all must hold the same keys.
func TestEnsureAtOnce(t *testing.T) {
	t.Parallel()
	if path := os.Getenv("VAULT_TEST_PATH"); path != "" {
		ids := make([]string, 8)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() {
				if r, err := vault.Ensure(path); err == nil {
					ids[i] = fmt.Sprintf("%s/%x", r.Primary(), r.MAC("p"))
				} else {
					ids[i] = err.Error()
				}
			})
		}
		wg.Wait()
		fmt.Println("IDS " + strings.Join(ids, " "))
		return
	}
	path := keyFile(t)
	outputs := make([]string, 4)
	var wg sync.WaitGroup
	for i := range outputs {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestEnsureAtOnce$")
			cmd.Env = append(os.Environ(), "VAULT_TEST_PATH="+path)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v: %s", err, out)
			}
			outputs[i] = string(out)
		})
	}
	wg.Wait()
	r := ensure(t, path)
	want := fmt.Sprintf("%s/%x", r.Primary(), r.MAC("p"))
	for _, out := range outputs {
		_, line, _ := strings.Cut(out, "IDS ")
		line, _, _ = strings.Cut(line, "\n")
		ids := strings.Fields(line)
		if len(ids) != 8 {
			t.Fatalf("output %q", out)
		}
		for _, id := range ids {
			if id != want {
				t.Errorf("a process has %s, the file has %s", id, want)
			}
		}
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	path := keyFile(t)
	running := ensure(t, path)
	first := running.Primary()
	before := running.Seal("p", []byte("before"))
	mac := string(running.MAC("p", []byte("x")))

	second, err := vault.AddPrimary(path)
	if err != nil {
		t.Fatal(err)
	}
	other, err := vault.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	after := other.Seal("p", []byte("after"))
	if got, err := running.Open("p", after); err != nil || string(got) != "after" {
		t.Fatalf("a running process does not open what the new key sealed: %v", err)
	}
	if !running.Stale(before) || running.Stale(after) || running.Primary() != second {
		t.Error("a running process does not take the new primary")
	}
	if string(running.MAC("p", []byte("x"))) != mac || string(other.MAC("p", []byte("x"))) != mac {
		t.Error("the rotation changed a fingerprint")
	}

	if err := vault.Retire(path, second); err == nil || !strings.Contains(err.Error(), "primary") {
		t.Errorf("retiring the primary: %v", err)
	}
	if err := vault.Retire(path, "k0"); !errors.Is(err, vault.ErrUnknownKey) {
		t.Errorf("retiring an unknown key: %v", err)
	}
	if err := vault.Retire(path, first); err != nil {
		t.Fatal(err)
	}
	if err := running.Reload(); err != nil {
		t.Fatal(err)
	}
	if _, err := running.Open("p", before); !errors.Is(err, vault.ErrUnknownKey) {
		t.Errorf("a retired key still opens: %v", err)
	}
	if got := running.IDs(); len(got) != 1 || got[0] != second {
		t.Errorf("keys %v", got)
	}
}

// TestSealFollows shows that a process that only seals takes the new primary too:
// else it would go on with a key that is about to be retired.
func TestSealFollows(t *testing.T) {
	t.Parallel()
	path := keyFile(t)
	running := ensure(t, path)
	old := running.Primary()
	if _, err := vault.AddPrimary(path); err != nil {
		t.Fatal(err)
	}
	sealed := running.Seal("p", []byte("x"))
	if err := vault.Retire(path, old); err != nil {
		t.Fatal(err)
	}
	fresh, err := vault.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fresh.Open("p", sealed); err != nil {
		t.Error(err)
	}
}

func TestReloadKeepsKeys(t *testing.T) {
	t.Parallel()
	cases := map[string]func(path string) error{
		"gone":      os.Remove,
		"broken":    func(p string) error { return os.WriteFile(p, []byte("x"), 0o600) },
		"exposed":   func(p string) error { return errors.Join(os.WriteFile(p, []byte("x"), 0o600), os.Chmod(p, 0o644)) },
		"other mac": func(p string) error { return os.WriteFile(p, []byte(vault.Generate()), 0o600) },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := keyFile(t)
			r := ensure(t, path)
			sealed := r.Seal("p", []byte("x"))
			if err := spoil(path); err != nil {
				t.Fatal(err)
			}
			if err := r.Reload(); err == nil {
				t.Error("no error")
			}
			if _, err := r.Open("p", sealed); err != nil {
				t.Error(err)
			}
			if _, err := r.Open("p", r.Seal("p", nil)); err != nil {
				t.Error(err)
			}
		})
	}
	if err := ring(t, "a").Reload(); err != nil {
		t.Errorf("a ring without a file: %v", err)
	}
}

// TestRotateWhileRunning seals on one ring and opens on the other, in several
// goroutines, while keys are added: as two processes do during a rotation.
func TestRotateWhileRunning(t *testing.T) {
	t.Parallel()
	path := keyFile(t)
	rings := []*vault.Ring{ensure(t, path), ensure(t, path)}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				sealed := rings[i%2].Seal("p", []byte("x"))
				if _, err := rings[(i+1)%2].Open("p", sealed); err != nil {
					t.Error(err)
					return
				}
				rings[i%2].MAC("p", sealed)
			}
		})
	}
	for range 20 {
		if _, err := vault.AddPrimary(path); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	wg.Wait()
	if got := len(rings[0].IDs()); got != 21 {
		t.Errorf("%d keys, want 21", got)
	}
}

// TestAddAtOnce loses no key when several processes rotate at once.
func TestAddAtOnce(t *testing.T) {
	t.Parallel()
	path := keyFile(t)
	r := ensure(t, path)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := vault.AddPrimary(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(r.IDs()); got != 11 {
		t.Errorf("%d keys, want 11", got)
	}
}
