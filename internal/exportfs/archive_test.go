package exportfs

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// entry is one entry of a synthetic archive.
type entry struct {
	name    string
	content string
	flags   uint16
	mode    fs.FileMode
	method  uint16 // as the directory says; the content is stored or deflated
	claims  int64  // declared uncompressed size, when it is not the true one
}

func archiveOf(t testing.TB, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		if err := writeEntry(w, e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func writeEntry(w *zip.Writer, e entry) error {
	h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Flags: e.flags}
	if e.mode != 0 {
		h.SetMode(e.mode)
	}
	if e.claims == 0 && e.method == 0 && e.flags == 0 {
		part, err := w.CreateHeader(h)
		if err != nil || strings.HasSuffix(e.name, "/") {
			return err
		}
		_, err = io.WriteString(part, e.content)
		return err
	}
	h.Method = max(e.method, zip.Store)
	h.CRC32 = crc32.ChecksumIEEE([]byte(e.content))
	h.CompressedSize64, h.UncompressedSize64 = uint64(len(e.content)), uint64(len(e.content))
	if e.claims != 0 {
		h.UncompressedSize64 = uint64(e.claims)
	}
	part, err := w.CreateRaw(h)
	if err != nil {
		return err
	}
	_, err = io.WriteString(part, e.content)
	return err
}

// openArchive opens data as the archive a.zip.
func openArchive(t testing.TB, data string, l Limits) (*FS, error) {
	t.Helper()
	f, err := Open([]string{filepath.Join(folderOf(t, map[string]string{"a.zip": data}), "a.zip")}, l)
	if err == nil {
		t.Cleanup(func() { _ = f.Close() })
	}
	return f, err
}

func TestRefusedEntries(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason string
		entry        entry
	}{
		{"absolute", ReasonPath, entry{name: "/etc/x"}},
		{"above", ReasonPath, entry{name: "../x"}},
		{"above in the middle", ReasonPath, entry{name: "a/../../x"}},
		{"backslash", ReasonPath, entry{name: `..\x`}},
		{"drive", ReasonPath, entry{name: "C:/x"}},
		{"nul", ReasonPath, entry{name: "a\x00b"}},
		{"no name", ReasonPath, entry{name: "", content: "x"}},
		{"folder above", ReasonPath, entry{name: "../"}},
		{"too deep", ReasonPath, entry{name: strings.Repeat("a/", maxDepth) + "x"}},
		{"link", ReasonLink, entry{name: "link", content: "/etc/x", mode: fs.ModeSymlink | 0o777}},
		{"device", ReasonNotFile, entry{name: "pipe", mode: fs.ModeNamedPipe | 0o644}},
		{"encrypted", ReasonEncrypted, entry{name: "secret", content: "x", flags: 1}},
		{"nested", ReasonNested, entry{name: "deep/inner.ZIP", content: "x"}},
		{"compression", ReasonCompression, entry{name: "odd", content: "x", method: 99}},
		{"duplicate", ReasonDuplicate, entry{name: "ok/ok.json", content: "second"}},
		{"file over folder", ReasonDuplicate, entry{name: "ok"}},
		{"folder over file", ReasonDuplicate, entry{name: "ok/ok.json/x"}},
		{"deep folder over file", ReasonDuplicate, entry{name: "ok/ok.json/x/y/z"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := openArchive(t, archiveOf(t, entry{name: "ok/ok.json", content: "first"}, tt.entry), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if got := names(t, f); !slices.Equal(got, []string{"ok/ok.json"}) {
				t.Errorf("files %q", got)
			}
			if r := f.Refused(); len(r) != 1 || r[0].Reason != tt.reason {
				t.Errorf("refused %v, want one %s", r, tt.reason)
			}
			if b, err := fs.ReadFile(f, "ok/ok.json"); err != nil || string(b) != "first" {
				t.Errorf("content %q, %v; the first of two names wins", b, err)
			}
		})
	}
}

func TestNamesKept(t *testing.T) {
	t.Parallel()
	f, err := openArchive(t, archiveOf(t,
		entry{name: "./a.json"}, entry{name: "./"}, entry{name: "12:30.txt"}, entry{name: "é/ü.json"},
		entry{name: "caf\x82.txt"}, entry{name: "a..b"}, entry{name: "b/"}, entry{name: "b/"},
		entry{name: "__MACOSX/._a.json"}, entry{name: ".DS_Store"}, entry{name: "b/.DS_Store"}), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"12:30.txt", "a..b", "a.json", "caf\uFFFD.txt", "é/ü.json"}
	if got := names(t, f); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	if len(f.Refused()) > 0 {
		t.Errorf("refused %v", f.Refused())
	}
}

// readAll reads every file and returns what was delivered and the first error.
func readAll(f *FS) (int64, error) {
	var total int64
	var first error
	err := fs.WalkDir(f, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		file, err := f.Open(name)
		if err == nil {
			var n int64
			n, err = io.Copy(io.Discard, file)
			total += n
			err = errors.Join(err, file.Close())
		}
		if first == nil {
			first = err
		}
		return nil
	})
	return total, errors.Join(first, err)
}

func wantBomb(t *testing.T, f *FS, limit int64) {
	t.Helper()
	got, err := readAll(f)
	if !errors.Is(err, ErrBomb) {
		t.Fatalf("read %d bytes, error %v; want ErrBomb", got, err)
	}
	wantReason(t, err, ReasonBomb)
	if got > limit {
		t.Errorf("%d bytes came out, the limit is %d", got, limit)
	}
	if !errors.Is(f.Err(), ErrBomb) {
		t.Errorf("Err() = %v", f.Err())
	}
	if _, err := f.Open(names(t, f)[0]); !errors.Is(err, ErrBomb) {
		t.Errorf("opening afterwards: %v, want the same error", err)
	}
}

func TestBombs(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("\x00", 3*grace)
	t.Run("one entry", func(t *testing.T) {
		t.Parallel()
		f, err := openArchive(t, archiveOf(t, entry{name: "a", content: zeros}), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		wantBomb(t, f, grace+1<<20)
	})
	t.Run("many small entries", func(t *testing.T) {
		t.Parallel()
		var entries []entry
		for i := range 10 {
			entries = append(entries, entry{name: fmt.Sprint(i), content: zeros[:grace/2]})
		}
		f, err := openArchive(t, archiveOf(t, entries...), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		wantBomb(t, f, grace+1<<20)
	})
	t.Run("one small repeated file is none", func(t *testing.T) {
		t.Parallel()
		f, err := openArchive(t, archiveOf(t, entry{name: "a", content: zeros[:grace]}), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := readAll(f); err != nil || n != grace {
			t.Errorf("%d bytes, %v; want all %d", n, err, grace)
		}
	})
	t.Run("declared total", func(t *testing.T) {
		t.Parallel()
		_, err := openArchive(t, archiveOf(t, entry{name: "a", content: "12345"}, entry{name: "b", content: "12345"}), Limits{MaxTotal: 9})
		wantReason(t, err, ReasonTooLarge)
	})
	t.Run("absurd sizes do not overflow", func(t *testing.T) {
		t.Parallel()
		_, err := openArchive(t, archiveOf(t, entry{name: "a", content: "x", claims: -1}, entry{name: "b", content: "x", claims: -1}), Limits{})
		wantReason(t, err, ReasonTooLarge)
	})
	t.Run("entries", func(t *testing.T) {
		t.Parallel()
		_, err := openArchive(t, archiveOf(t, entry{name: "a"}, entry{name: "b"}, entry{name: "c/d"}), Limits{MaxFiles: 3})
		wantReason(t, err, ReasonTooLarge)
	})
}

// A directory that lists one entry again and again is refused before it is held
// in memory: the count that it declares counts modulo 65,536 only.
func TestDirectoryFlood(t *testing.T) {
	t.Parallel()
	small := archiveOf(t, entry{name: "a", content: "x"})
	end := strings.LastIndex(small, "PK\x05\x06")
	start := strings.Index(small, "PK\x01\x02")
	flood := small[:start] + strings.Repeat(small[start:end], 1<<16+1) + small[end:]
	_, err := openArchive(t, flood, Limits{MaxFiles: 100})
	if e := wantReason(t, err, ReasonTooLarge); !errors.Is(e, errEntries) {
		t.Errorf("cause %v, want %v", e.Err, errEntries)
	}
	f, err := openArchive(t, flood, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Refused()) != 1<<16 {
		t.Errorf("%d refused, want every repetition", len(f.Refused()))
	}
}

func TestLies(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("0123456789", 10)
	good := archiveOf(t, entry{name: "a", content: content})
	flip := []byte(archiveOf(t, entry{name: "a", content: content, claims: 100}))
	flip[bytes.Index(flip, []byte(content))] ^= 1
	tests := []struct{ name, data string }{
		{"declared smaller", archiveOf(t, entry{name: "a", content: content, claims: 10})},
		{"declared larger", archiveOf(t, entry{name: "a", content: content, claims: 1000})},
		{"checksum", string(flip)},
		{"front cut off", good[40:]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := openArchive(t, tt.data, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			n, err := readAll(f)
			wantReason(t, err, ReasonDamaged)
			if n > f.Total() {
				t.Errorf("%d bytes came out, declared were %d", n, f.Total())
			}
			if f.Err() != nil {
				t.Errorf("a damaged entry is not a limit: %v", f.Err())
			}
		})
	}
}

// zip64 with sizes that only the 64-bit fields hold.
func TestZip64(t *testing.T) {
	t.Parallel()
	const size = 5 << 30
	p := filepath.Join(t.TempDir(), "large.zip")
	file, err := os.Create(p)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(file)
	if _, err := w.CreateRaw(&zip.FileHeader{Name: "large", CompressedSize64: size, UncompressedSize64: size}); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for i := range 70_000 {
		if _, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("d/%d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	f := open(t, p)
	if f.Total() != size || f.Files() != 70_001 {
		t.Errorf("total %d, files %d", f.Total(), f.Files())
	}
}

// What several goroutines read of one entry counts once.
func TestConcurrentReaders(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("abcdefghij", 100_000)
	f, err := openArchive(t, archiveOf(t, entry{name: "a", content: content}, entry{name: "b", content: content}), Limits{MaxTotal: 2_000_000})
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			if b, err := fs.ReadFile(f, []string{"a", "b"}[i%2]); err != nil || len(b) != len(content) {
				t.Errorf("%d bytes, %v", len(b), err)
			}
		})
	}
	wait.Wait()
	if f.Read() != f.Total() {
		t.Errorf("read %d, want each byte once: %d", f.Read(), f.Total())
	}
}

func manyEntries(t testing.TB, n int) string {
	entries := make([]entry, 0, n)
	for i := range n {
		entries = append(entries, entry{name: fmt.Sprintf("channel-%d/2021-01-%d.json", i%500, i), content: "[]"})
	}
	return archiveOf(t, entries...)
}

func BenchmarkOpen100000(b *testing.B) {
	p := filepath.Join(folderOf(b, map[string]string{"a.zip": manyEntries(b, 100_000)}), "a.zip")
	for b.Loop() {
		f, err := Open([]string{p}, Limits{})
		if err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	good := archiveOf(f, entry{name: "a.json", content: "[]"}, entry{name: "b/c.txt", content: strings.Repeat("x", 3000)})
	f.Add([]byte(good))
	f.Add([]byte(good[:len(good)/2]))
	f.Add([]byte(archiveOf(f, entry{name: "../a"}, entry{name: "a"}, entry{name: "a/b"})))
	f.Add([]byte(archiveOf(f, entry{name: "a", content: "12345", claims: 2}, entry{name: "b", content: "1", flags: 1})))
	f.Add(binary.LittleEndian.AppendUint32([]byte("PK\x05\x06"), 0))
	limits := Limits{MaxTotal: 1 << 16, MaxRatio: 20, MaxFiles: 50}
	p := filepath.Join(f.TempDir(), "a.zip")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(p, data, 0o600); err != nil {
			t.Fatal(err)
		}
		files, err := Open([]string{p}, limits)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || remedies[e.Reason] == "" {
				t.Fatalf("error %v has no remedy", err)
			}
			return
		}
		defer files.Close()
		n, _ := readAll(files)
		if n > limits.MaxTotal || files.Files()+len(files.Refused()) > limits.MaxFiles {
			t.Errorf("%d bytes and %d files came out of %d bytes", n, files.Files(), len(data))
		}
		for _, name := range names(t, files) {
			if !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") {
				t.Errorf("name %q", name)
			}
		}
	})
}
