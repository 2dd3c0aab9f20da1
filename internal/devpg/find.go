//go:build linux || darwin

package devpg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// binaries is a directory with a usable postgres and initdb.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, program) }

// installed are the usual install places: Debian, openSUSE, the PostgreSQL
// project's RPMs, Alpine, Gentoo, source builds, Homebrew, Postgres.app.
var installed = []string{
	"/usr/lib/postgresql/*/bin", "/usr/lib/postgresql*/bin", "/usr/pgsql-*/bin",
	"/usr/libexec/postgresql*", "/usr/lib64/postgresql-*/bin", "/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// finder looks for binaries that one account can run.
type finder struct {
	explicit string   // FOYER_PG_BINDIR
	places   []string // glob patterns
	lookPath func(string) (string, error)
	bundle   bundle
	fetch    bool
	account  account
	log      *slog.Logger
	tried    []string
}

func newFinder(c Config, a account) *finder {
	return &finder{
		explicit: c.BinDir, places: installed, lookPath: exec.LookPath,
		bundle: bundle{cache: c.CacheDir, account: a, log: c.Log}, fetch: c.AllowFetch,
		account: a, log: c.Log,
	}
}

// find returns the first binaries of the wanted major version (zero: any that
// Foyer supports). Directories that the caller named must work.
func (f *finder) find(ctx context.Context, want int) (binaries, error) {
	if f.explicit != "" {
		b, err := f.probe(ctx, f.explicit)
		if err != nil {
			return binaries{}, fmt.Errorf("FOYER_PG_BINDIR: %w", err)
		}
		if f.fits(b, want) {
			return b, nil
		}
		f.log.Warn("FOYER_PG_BINDIR does not fit the data directory; looking elsewhere", "has", b.major, "wants", want)
	}
	for _, dir := range f.candidates() {
		b, err := f.probe(ctx, dir)
		if err != nil {
			f.tried = append(f.tried, err.Error())
			continue
		}
		if f.fits(b, want) {
			return b, nil
		}
	}
	if want == 0 || want == bundleMajor {
		b, err := f.bundled(ctx)
		if err == nil || ctx.Err() != nil || errors.Is(err, errRefused) {
			return b, err
		}
		f.tried = append(f.tried, "bundle: "+err.Error())
	}
	return binaries{}, &MissingError{Major: want, Tried: f.tried, Command: installCommand(want)}
}

func (f *finder) fits(b binaries, want int) bool {
	if b.major == want || want == 0 && b.major >= oldest {
		return true
	}
	f.tried = append(f.tried, fmt.Sprintf("%s: is PostgreSQL %d", b.dir, b.major))
	return false
}

// candidates are the directory of the PATH's postgres, then the install places,
// newest first.
func (f *finder) candidates() []string {
	var dirs []string
	if p, err := f.lookPath("postgres"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			dirs = append(dirs, filepath.Dir(p))
		}
	}
	var found []string
	for _, pattern := range f.places {
		matches, _ := filepath.Glob(pattern) // the patterns are ours and well formed
		found = append(found, matches...)
	}
	slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(digits(b), digits(a)) })
	for _, d := range found {
		if !slices.Contains(dirs, d) {
			dirs = append(dirs, d)
		}
	}
	return dirs
}

var number = regexp.MustCompile(`\d+`)

// digits is the first number in a path, which is the version in all places.
func digits(path string) int {
	n, _ := strconv.Atoi(number.FindString(path)) // none counts as zero
	return n
}

var version = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// probe runs the binaries of dir as the account, which also tells whether it
// may and whether their libraries load.
func (f *finder) probe(ctx context.Context, dir string) (binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return binaries{}, err
	}
	b := binaries{dir: dir}
	for _, program := range []string{"postgres", "initdb"} {
		if _, err := os.Stat(b.path(program)); err != nil {
			return binaries{}, err
		}
		out, err := f.account.command(ctx, "/", b.path(program), "--version").CombinedOutput()
		if err != nil {
			return binaries{}, fmt.Errorf("%s as user %s: %w: %.200s", b.path(program), f.account.name, err, out)
		}
		m := version.FindSubmatch(out)
		if m == nil {
			return binaries{}, fmt.Errorf("%s names no version: %.200s", b.path(program), out)
		}
		major, err := strconv.Atoi(string(m[1]))
		if err != nil || b.major != 0 && b.major != major {
			return binaries{}, fmt.Errorf("%s: postgres and initdb are of different versions", dir)
		}
		b.major = major
	}
	return b, nil
}

// bundled uses the bundle of the cache, fetching it when that is allowed.
func (f *finder) bundled(ctx context.Context) (binaries, error) {
	dir, err := f.bundle.cached()
	if err == nil && dir == "" && f.fetch {
		dir, err = f.bundle.install(ctx)
	}
	if err != nil {
		return binaries{}, err
	}
	if dir == "" {
		return binaries{}, errors.New("not in the cache, and fetching it is not allowed")
	}
	return f.probe(ctx, filepath.Join(dir, "native", "bin"))
}
