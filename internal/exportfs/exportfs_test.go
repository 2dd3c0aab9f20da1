package exportfs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
)

// folderOf writes files (name → content) into a new folder; a name that ends in
// "/" is an empty folder.
func folderOf(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func open(t testing.TB, paths ...string) *FS {
	t.Helper()
	f, err := Open(paths, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// names lists all files of f in walking order.
func names(t testing.TB, f fs.FS) []string {
	t.Helper()
	var list []string
	err := fs.WalkDir(f, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func wantReason(t *testing.T, err error, reason string) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Reason != reason {
		t.Fatalf("error %v, want reason %s", err, reason)
	}
	return e
}

func TestShapes(t *testing.T) {
	t.Parallel()
	chat := archiveOf(t, entry{name: "_chat.txt", content: "hello"})
	dir := folderOf(t, map[string]string{
		"channels.json": "[]", "general/2021-01-01.json": "[1]", "general/2021-01-02.json": "[2]",
		".DS_Store": "x", "__MACOSX/channels.json": "x", "general/._2021-01-01.json": "x",
		"Chat A.zip": chat, "more/Chat B.ZIP": chat, "Chat C.zip": chat, "Chat C/_chat.txt": "other",
		"plain.txt": "plain", "export.zip": archiveOf(t, entry{name: "users.json", content: "[]"}, entry{name: "general/a.json"}),
		"stored": chat, "second/plain.txt": "again",
	})
	at := func(names ...string) (list []string) {
		for _, n := range names {
			list = append(list, filepath.Join(dir, n))
		}
		return list
	}
	whole := []string{
		"Chat A/_chat.txt", "Chat C/_chat.txt", "Chat C-2/_chat.txt", "channels.json", "export/general/a.json",
		"export/users.json", "general/2021-01-01.json", "general/2021-01-02.json", "more/Chat B/_chat.txt", "plain.txt",
		"second/plain.txt", "stored",
	}
	slices.Sort(whole)
	tests := []struct {
		name  string
		paths []string
		want  []string
	}{
		{"a folder is the root", at(""), whole},
		{"an archive is the root", at("export.zip"), []string{"general/a.json", "users.json"}},
		{"an archive without extension", at("stored"), []string{"_chat.txt"}},
		{"a file is the only entry", at("plain.txt"), []string{"plain.txt"}},
		{"files side by side", at("channels.json", "plain.txt"), []string{"channels.json", "plain.txt"}},
		{"files of one name", at("plain.txt", "second/plain.txt"), []string{"plain-2.txt", "plain.txt"}},
		{
			"folders and archives under their names", at("general", "Chat A.zip", "plain.txt"),
			[]string{"Chat A/_chat.txt", "general/2021-01-01.json", "general/2021-01-02.json", "plain.txt"},
		},
		{"one archive twice", at("Chat A.zip", "Chat A.zip"), []string{"Chat A/_chat.txt", "Chat A-2/_chat.txt"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := open(t, tt.paths...)
			got := names(t, f)
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("files\n%q, want\n%q", got, tt.want)
			}
			if f.Files() != len(tt.want) {
				t.Errorf("Files() = %d, want %d", f.Files(), len(tt.want))
			}
			if len(f.Refused()) > 0 {
				t.Errorf("refused %v", f.Refused())
			}
		})
	}
}

func TestFSContract(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{
		"a/b/c.txt": "c", "a/d.txt": "", "e.zip": archiveOf(t, entry{name: "x/y.txt", content: "y"}, entry{name: "empty/"}),
	})
	if err := fstest.TestFS(open(t, dir), "a/b/c.txt", "a/d.txt", "e/x/y.txt", "e/empty"); err != nil {
		t.Error(err)
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	good := archiveOf(t, entry{name: "a.json", content: "aaaaaaaaaaaaaaaa"}, entry{name: "b.json", content: "b"})
	dir := folderOf(t, map[string]string{
		"zero.txt": "", "zero.zip": "", "text.zip": "this is a page that says: sign in first",
		"half.zip": good[:len(good)/2], "tail.zip": good[:len(good)-4],
		"none.zip": archiveOf(t), "dirs.zip": archiveOf(t, entry{name: "a/"}),
		"locked.zip":         archiveOf(t, entry{name: "_chat.txt", content: "x", flags: 1}),
		"nested.zip":         archiveOf(t, entry{name: "inner.zip", content: good}),
		"hollow/x/.DS_Store": "x",
	})
	tests := []struct{ name, reason string }{
		{"absent.zip", ReasonNotFound},
		{"zero.txt", ReasonEmpty},
		{"zero.zip", ReasonEmpty},
		{"none.zip", ReasonEmpty},
		{"dirs.zip", ReasonEmpty},
		{"hollow", ReasonEmpty},
		{"text.zip", ReasonNotArchive},
		{"half.zip", ReasonTruncated},
		{"tail.zip", ReasonTruncated},
		{"locked.zip", ReasonEncrypted},
		{"nested.zip", ReasonNested},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := filepath.Join(dir, tt.name)
			_, err := Open([]string{p}, Limits{})
			if e := wantReason(t, err, tt.reason); e.Path != p {
				t.Errorf("path %q, want %q", e.Path, p)
			}
		})
	}
	_, err := Open(nil, Limits{})
	wantReason(t, err, ReasonEmpty)
}

// Every reason that ends an opening says what to do.
func TestRemedies(t *testing.T) {
	t.Parallel()
	for reason, remedy := range remedies {
		err := &Error{Path: "p", Reason: reason, Err: errors.New("cause")}
		if want := "p: " + remedy + " (cause)"; err.Error() != want || len(remedy) < 20 {
			t.Errorf("%s: %q, want %q", reason, err.Error(), want)
		}
	}
}

// A broken archive inside a folder is left out and the rest goes in.
func TestFolderGoesOn(t *testing.T) {
	t.Parallel()
	good := archiveOf(t, entry{name: "_chat.txt", content: "hello"})
	dir := folderOf(t, map[string]string{
		"good.zip": good, "half.zip": good[:20], "text.zip": "text", "zero.zip": "", "a.txt": "a",
	})
	f := open(t, dir)
	if got, want := names(t, f), []string{"a.txt", "good/_chat.txt"}; !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	want := []Refused{{"half.zip", ReasonTruncated}, {"text.zip", ReasonNotArchive}, {"zero.zip", ReasonEmpty}}
	if !slices.Equal(f.Refused(), want) {
		t.Errorf("refused %v, want %v", f.Refused(), want)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	outside := folderOf(t, map[string]string{"secret.txt": "secret"})
	dir := folderOf(t, map[string]string{"a.txt": "a", "sub/b.txt": "b"})
	for name, target := range map[string]string{
		"file-out": filepath.Join(outside, "secret.txt"), "dir-out": outside, "dir-up": "..",
		"loop": ".", "sub/dir-in": "../sub", "dangling": "nowhere", "inside.txt": "sub/b.txt",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skipf("links cannot be made here: %v", err)
		}
	}
	f := open(t, dir)
	if got, want := names(t, f), []string{"a.txt", "inside.txt", "sub/b.txt"}; !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	for _, r := range f.Refused() {
		if r.Reason != ReasonLink {
			t.Errorf("%s is refused as %s", r.Name, r.Reason)
		}
	}
	if len(f.Refused()) != 6 {
		t.Errorf("refused %v, want the six links that do not lead to a file inside", f.Refused())
	}
	// What becomes a link after the index was built leads nowhere either.
	if err := os.Remove(filepath.Join(dir, "a.txt")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "secret.txt"), filepath.Join(dir, "a.txt")); err != nil {
		t.Fatal(err)
	}
	if b, err := fs.ReadFile(f, "a.txt"); err == nil {
		t.Errorf("read %q through a link that leads out", b)
	}
}

func TestMaxFilesOnDisk(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{"a": "1", "b": "1", "c/d": "1"})
	if _, err := Open([]string{dir}, Limits{MaxFiles: 3}); err == nil {
		t.Error("four entries were taken, three are allowed")
	} else if e := wantReason(t, err, ReasonTooLarge); e.Path == "" {
		t.Error("the error names no path")
	}
	f, err := Open([]string{dir}, Limits{MaxFiles: 4})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{
		"a.txt": "12345", "b.zip": archiveOf(t, entry{name: "b.txt", content: "1234567890"}),
	})
	f := open(t, dir)
	if f.Total() != 15 || f.Read() != 0 {
		t.Fatalf("total %d, read %d; want 15, 0", f.Total(), f.Read())
	}
	for _, step := range []struct {
		name string
		want int64
	}{{"a.txt", 5}, {"a.txt", 5}, {"b/b.txt", 15}, {"b/b.txt", 15}} {
		if _, err := fs.ReadFile(f, step.name); err != nil {
			t.Fatal(err)
		}
		if f.Read() != step.want {
			t.Errorf("after %s: read %d, want %d", step.name, f.Read(), step.want)
		}
	}
}
