//go:build linux || darwin

package devpg

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// fakeServer writes a directory whose postgres and initdb say a version.
func fakeServer(t *testing.T, parent, name, version string) string {
	t.Helper()
	dir := filepath.Join(parent, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"postgres", "initdb"} {
		text := fmt.Sprintf("#!/bin/sh\necho '%s (PostgreSQL) %s'\n", p, version)
		if err := os.WriteFile(filepath.Join(dir, p), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func openTemp(t *testing.T) string {
	t.Helper()
	dir := tempDir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFindOrder(t *testing.T) {
	dir := openTemp(t)
	explicit := fakeServer(t, dir, "explicit", "17.2")
	onPath := fakeServer(t, dir, "path", "15.18")
	fakeServer(t, dir, "place/9/bin", "9.6.24")
	fakeServer(t, dir, "place/16/bin", "16.1 (Debian)")
	newest := fakeServer(t, dir, "place/100/bin", "100devel")
	f := emptyFinder(t)
	f.places = []string{filepath.Join(dir, "place/*/bin")}
	find := func(want int) string {
		t.Helper()
		b, err := f.find(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		return b.dir
	}
	if got := find(0); got != newest {
		t.Errorf("of the places: %s", got)
	}
	f.lookPath = func(string) (string, error) { return filepath.Join(onPath, "postgres"), nil }
	if got := find(0); got != onPath {
		t.Errorf("with a PATH: %s", got)
	}
	f.explicit = explicit
	if got := find(0); got != explicit {
		t.Errorf("with FOYER_PG_BINDIR: %s", got)
	}
	if got, want := find(16), filepath.Join(dir, "place/16/bin"); got != want {
		t.Errorf("for data of 16: %s", got)
	}
}

func TestPathIsALink(t *testing.T) {
	dir := openTemp(t)
	real := fakeServer(t, dir, "cellar", "16.1")
	link := filepath.Join(dir, "postgres")
	if err := os.Symlink(filepath.Join(real, "postgres"), link); err != nil {
		t.Fatal(err)
	}
	f := emptyFinder(t)
	f.lookPath = func(string) (string, error) { return link, nil }
	if got := f.candidates(); len(got) != 1 || filepath.Base(got[0]) != "cellar" {
		t.Errorf("candidates %v", got)
	}
}

func TestExplicitMustWork(t *testing.T) {
	f := emptyFinder(t)
	f.explicit = openTemp(t)
	f.places = []string{fakeServer(t, openTemp(t), "bin", "16.1")}
	_, err := f.find(t.Context(), 0)
	if err == nil {
		t.Fatal("an empty FOYER_PG_BINDIR was passed over")
	}
	has(t, err.Error(), "FOYER_PG_BINDIR")
}

func TestMissing(t *testing.T) {
	f := emptyFinder(t)
	f.bundle.cache = openTemp(t)
	f.places = []string{fakeServer(t, openTemp(t), "bin", "14.9")}
	_, err := f.find(t.Context(), 0)
	var missing *MissingError
	if !errors.As(err, &missing) {
		t.Fatalf("it says %v", err)
	}
	for _, part := range []string{"no PostgreSQL 15 or newer", installCommand(0), "FOYER_PG_BINDIR", "DATABASE_URL", "is PostgreSQL 14"} {
		has(t, err.Error(), part)
	}
}

func TestMissingMajor(t *testing.T) {
	dir := tempDir(t)
	data := filepath.Join(dir, "postgres", "data")
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("12\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{DataDir: dir})
	var missing *MissingError
	if !errors.As(err, &missing) || missing.Major != 12 {
		t.Fatalf("it says %v", err)
	}
	has(t, err.Error(), "written by PostgreSQL 12")
	has(t, err.Error(), installCommand(12))
}

func TestAdvise(t *testing.T) {
	for release, want := range map[string][2]string{
		"ID=debian\n":                    {"sudo apt install postgresql", "sudo apt install postgresql-15"},
		"ID=pop\nID_LIKE=\"ubuntu x\"\n": {"sudo apt install postgresql", "sudo apt install postgresql-15"},
		"ID=fedora\n":                    {"sudo dnf install postgresql-server", "sudo dnf install postgresql15-server"},
		"ID=alpine":                      {"sudo apk add postgresql", "sudo apk add postgresql15"},
		"ID=arch":                        {"sudo pacman -S postgresql", "sudo pacman -S postgresql"},
		"ID='opensuse-leap'\nID_LIKE='suse opensuse'": {"sudo zypper install postgresql-server", "sudo zypper install postgresql15-server"},
		"darwin": {"brew install postgresql@18", "brew install postgresql@15"},
		"":       {"the package of the PostgreSQL server", "the package of the PostgreSQL server 15"},
	} {
		if got := [2]string{advise(release, 0), advise(release, 15)}; got != want {
			t.Errorf("%q: %q, want %q", release, got, want)
		}
	}
}

func TestParsePIDFile(t *testing.T) {
	whole := "4711\n/data\n1700000000\n5432\n/tmp/s\n\n  5432001  65536\nready   \n"
	if got, ok := parsePIDFile(whole); !ok || got != (pidFile{4711, "/tmp/s"}) {
		t.Errorf("%+v %t", got, ok)
	}
	for _, text := range []string{"", "4711", "4711\n/data\n17\n5432\n\n\n", "-5\n/d\n1\n2\n/tmp\n\n", "x\n/d\n1\n2\n/tmp\n\n"} {
		if got, ok := parsePIDFile(text); ok {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestEnvironment(t *testing.T) {
	got := environment([]string{"PATH=/bin", "PGDATA=/elsewhere", "PGOPTIONS=-c x=y", "LANG=fr_FR", "LC_MESSAGES=fr"})
	if want := []string{"LC_ALL=C", "PATH=/bin"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestBundleIsFetchedOnce(t *testing.T) {
	bin := bundleBin(t)
	if m := majorOf(t, bin); m != bundleMajor {
		t.Errorf("it is PostgreSQL %d", m)
	}
	f := emptyFinder(t)
	f.bundle.cache = shared.dir // no fetch allowed: it must be in the cache
	b, err := f.find(t.Context(), 0)
	if err != nil || b.dir != bin {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := os.Stat(filepath.Join(shared.dir, "fetch")); err == nil {
		t.Error("the fetch left its working directory")
	}
}

func TestCorruptedBundleIsRefused(t *testing.T) {
	if platform() == "" {
		need(t, "a system with a bundle")
	}
	dir := openTemp(t)
	work, npm := filepath.Join(dir, "bin"), filepath.Join(dir, "bin", "npm")
	if err := os.Mkdir(work, 0o755); err != nil {
		t.Fatal(err)
	}
	// An npm that delivers something else under the right name.
	script := "#!/bin/sh\nwhile [ \"$1\" != --pack-destination ]; do shift; done\necho forged > \"$2/bundle.tgz\"\n"
	if err := os.WriteFile(npm, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", work+":"+os.Getenv("PATH"))
	f := emptyFinder(t)
	f.bundle.cache, f.fetch = filepath.Join(dir, "cache"), true
	_, err := f.find(t.Context(), 0)
	if !errors.Is(err, errRefused) {
		t.Fatalf("it says %v", err)
	}
	has(t, err.Error(), "sha512")
	if _, err := os.Stat(f.bundle.target(f.bundle.cache)); err == nil {
		t.Error("it is in the cache")
	}
}

func TestFetchFailureNamesTheRemedy(t *testing.T) {
	dir := openTemp(t)
	if err := os.WriteFile(filepath.Join(dir, "npm"), []byte("#!/bin/sh\necho offline >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	f := emptyFinder(t)
	f.bundle.cache, f.fetch = filepath.Join(dir, "cache"), true
	_, err := f.find(context.Background(), 0)
	var missing *MissingError
	if !errors.As(err, &missing) {
		t.Fatalf("it says %v", err)
	}
	has(t, err.Error(), installCommand(0))
	if platform() != "" {
		has(t, err.Error(), "offline")
	}
}

type entry struct {
	name string
	kind byte
	text string
}

func archive(t testing.TB, entries ...entry) *bytes.Buffer {
	t.Helper()
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	tw := tar.NewWriter(zw)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Size: int64(len(e.text)), Mode: 0o755}
		if e.kind == tar.TypeSymlink {
			h.Linkname, h.Size, e.text = e.text, 0, ""
		}
		if err := tw.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tw.Close(), zw.Close()); err != nil {
		t.Fatal(err)
	}
	return &buf
}

func TestUnpack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tree")
	err := unpack(archive(t,
		entry{"package/native/lib/libpq.so.5.18", tar.TypeReg, "code"},
		entry{"package/native/pg-symlinks.json", tar.TypeReg, `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]`},
	), dir)
	if err != nil {
		t.Fatal(err)
	}
	lib := filepath.Join(dir, "package/native/lib/libpq.so.5")
	if got, err := os.ReadFile(lib); err != nil || string(got) != "code" {
		t.Errorf("%q, %v", got, err)
	}
	if to, err := os.Readlink(lib); err != nil || to != "libpq.so.5.18" {
		t.Errorf("link to %q, %v", to, err)
	}
}

func TestUnpackRefuses(t *testing.T) {
	links := func(source, target string) entry {
		return entry{linksFile, tar.TypeReg, fmt.Sprintf(`[{"source":%q,"target":%q}]`, source, target)}
	}
	for name, e := range map[string]entry{
		"parent":          {"package/../../evil", tar.TypeReg, "x"},
		"absolute":        {"/package/evil", tar.TypeReg, "x"},
		"elsewhere":       {"other/evil", tar.TypeReg, "x"},
		"symlink":         {"package/evil", tar.TypeSymlink, "/etc/passwd"},
		"device":          {"package/evil", tar.TypeChar, ""},
		"link out":        links("../../../etc/passwd", "native/evil"),
		"link placed out": links("native/x", "../../evil"),
	} {
		outer := t.TempDir()
		if err := unpack(archive(t, e), filepath.Join(outer, "tree")); !errors.Is(err, errRefused) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Lstat(filepath.Join(outer, "evil")); err == nil {
			t.Errorf("%s: it wrote outside", name)
		}
	}
}

func TestTruncatedArchive(t *testing.T) {
	whole := archive(t, entry{"package/a", tar.TypeReg, "text"}).Bytes()
	if err := unpack(bytes.NewReader(whole[:len(whole)/2]), filepath.Join(t.TempDir(), "tree")); err == nil {
		t.Error("half an archive was unpacked")
	}
}

func TestNoNPM(t *testing.T) {
	t.Setenv("PATH", openTemp(t))
	if _, err := exec.LookPath("npm"); err == nil {
		t.Fatal("npm is still found")
	}
	f := emptyFinder(t)
	f.bundle.cache, f.fetch = openTemp(t), true
	_, err := f.find(t.Context(), 0)
	if err == nil {
		t.Fatal("found something")
	}
	has(t, err.Error(), "bundle: ")
}

// FuzzUnpack: whatever the archive, nothing is written outside its directory.
func FuzzUnpack(f *testing.F) {
	f.Add("package/native/bin/postgres", `[{"source":"native/a","target":"native/b"}]`)
	f.Add("package/../../evil", `[{"source":"../../evil","target":"../../../evil"}]`)
	f.Add("package/a/./b//c", `[]`)
	f.Add("\\package\\evil", `{`)
	f.Fuzz(func(t *testing.T, name, links string) {
		if len(name) > 200 || len(links) > 1000 || bytes.IndexByte([]byte(name), 0) >= 0 {
			return
		}
		outer := t.TempDir()
		_ = unpack(archive(t, entry{linksFile, tar.TypeReg, links}, entry{name, tar.TypeReg, "x"}), filepath.Join(outer, "tree"))
		entries, err := os.ReadDir(outer)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Name() != "tree" {
				t.Errorf("it wrote %s", e.Name())
			}
		}
	})
}
