package exportfs

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"strings"
	"sync/atomic"
)

// archive is one zip file.
type archive struct {
	path string // as the visitor knows it
	size int64  // of the file, in bytes
	read atomic.Int64
}

// addArchive indexes a zip file as the folder dir and keeps it open.
func (f *FS) addArchive(file *os.File, name, dir string) error {
	f.closers = append(f.closers, file)
	info, err := file.Stat()
	if err != nil {
		return diskError(name, err)
	}
	if info.Size() == 0 {
		return &Error{Path: name, Reason: ReasonEmpty}
	}
	guard := newGuard(file, f.limits.MaxFiles)
	reader, err := zip.NewReader(guard, info.Size())
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return archiveError(file, name, err)
	}
	guard.done = true
	if f.entries+len(reader.File) > f.limits.MaxFiles {
		return &Error{Path: name, Reason: ReasonTooLarge, Err: errEntries}
	}
	a := &archive{path: name, size: info.Size()}
	for _, entry := range reader.File {
		if err := f.addEntry(a, entry, dir); err != nil {
			return err
		}
	}
	return nil
}

// archiveError tells an archive that was cut off from a file that never was one.
func archiveError(file io.ReaderAt, name string, err error) *Error {
	switch {
	case errors.Is(err, errEntries):
		return &Error{Path: name, Reason: ReasonTooLarge, Err: err}
	case !errors.Is(err, zip.ErrFormat) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF):
		return diskError(name, err)
	case startsLikeZip(file):
		return &Error{Path: name, Reason: ReasonTruncated, Err: err}
	}
	return &Error{Path: name, Reason: ReasonNotArchive, Err: err}
}

func startsLikeZip(r io.ReaderAt) bool {
	head := make([]byte, 4)
	n, _ := r.ReadAt(head, 0)
	return n == 4 && (string(head) == "PK\x03\x04" || string(head) == "PK\x05\x06" || string(head) == "PK\x07\x08")
}

// addEntry indexes one entry of a.
func (f *FS) addEntry(a *archive, entry *zip.File, dir string) error {
	name, ok := safeName(entry.Name)
	if !ok {
		return f.refuse(path.Join(dir, utf8Name(entry.Name)), ReasonPath)
	}
	for part := range strings.SplitSeq(name, "/") {
		if isClutter(part) {
			return nil
		}
	}
	parent, base := path.Split(name)
	if strings.HasSuffix(entry.Name, "/") {
		parent, base = name, ""
	}
	full := path.Join(dir, name)
	if reason := refusal(entry, base); reason != "" {
		return f.refuse(full, reason)
	}
	folder, err := f.addParents(dir, parent)
	if err != nil {
		return err
	}
	if folder == "" {
		return f.refuse(full, ReasonDuplicate)
	}
	if base == "" {
		return nil
	}
	if f.nodes[full] != nil {
		return f.refuse(full, ReasonDuplicate)
	}
	return f.add(&node{
		name: base, size: saturate(entry.UncompressedSize64), mode: 0o444, modified: entry.Modified,
		entry: entry, archive: a,
	}, folder)
}

// addParents makes the folders of parent below dir and returns the last one;
// empty when one of the names is a file's.
func (f *FS) addParents(dir, parent string) (string, error) {
	parent = strings.TrimSuffix(parent, "/")
	if parent == "" || parent == "." {
		return dir, nil
	}
	full := path.Join(dir, parent)
	if n, ok := f.nodes[full]; ok { // nearly always: the neighbours came before
		if !n.IsDir() {
			return "", nil
		}
		return full, nil
	}
	for part := range strings.SplitSeq(parent, "/") {
		if n, ok := f.nodes[path.Join(dir, part)]; ok && !n.IsDir() {
			return "", nil
		}
		var err error
		if dir, err = f.addDir(dir, part); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// safeName returns the name of an entry as one of [fs.FS]; false when it leads
// out of the archive, means something else on another system, or nothing.
func safeName(name string) (string, bool) {
	if name == "./" {
		return ".", true
	}
	if strings.ContainsAny(name, "\\\x00") || hasDrive(name) {
		return "", false
	}
	name = strings.TrimSuffix(strings.TrimPrefix(utf8Name(name), "./"), "/")
	return name, fs.ValidPath(name) && strings.Count(name, "/") < maxDepth
}

// hasDrive says whether a name begins like "C:".
func hasDrive(name string) bool {
	return len(name) >= 2 && name[1] == ':' && (name[0]|0x20) >= 'a' && (name[0]|0x20) <= 'z'
}

// refusal says why an entry is left out; base is empty for a folder.
func refusal(entry *zip.File, base string) string {
	const encrypted = 1 << 0
	switch {
	case entry.Flags&encrypted != 0:
		return ReasonEncrypted
	case base == "":
		return ""
	case entry.Mode()&fs.ModeSymlink != 0:
		return ReasonLink
	case entry.Mode()&fs.ModeType != 0:
		return ReasonNotFile
	case hasZipName(base):
		return ReasonNested
	case entry.Method != zip.Store && entry.Method != zip.Deflate:
		return ReasonCompression
	}
	return ""
}

// saturate makes a size that an archive claims one that can be added up.
func saturate(size uint64) int64 { return int64(min(size, math.MaxInt64>>22)) }

// errEntries ends the reading of a directory that is larger than the limit.
var errEntries = errors.New("more entries than the limits allow")

var entrySignature = []byte("PK\x01\x02")

// guard bounds the directory of an archive while it is read: archive/zip takes
// what it finds, and ten million entries of a small file would fill the memory.
type guard struct {
	r       io.ReaderAt
	entries int   // that may still come
	bytes   int64 // that may still be read
	done    bool  // the directory has been read
}

// The end of the directory is read twice, while its end mark is searched for.
const searched = 1 << 17

func newGuard(r io.ReaderAt, files int) *guard {
	const perEntry, smallest = 256, 46 // bytes: a generous mean, and the least there is
	return &guard{r: r, entries: files + searched/smallest, bytes: int64(files)*perEntry + 2*searched}
}

func (g *guard) ReadAt(p []byte, off int64) (int, error) {
	n, err := g.r.ReadAt(p, off)
	if g.done {
		return n, err
	}
	g.entries -= bytes.Count(p[:n], entrySignature)
	g.bytes -= int64(n)
	if g.entries < 0 || g.bytes < 0 {
		return 0, errEntries
	}
	return n, err
}
