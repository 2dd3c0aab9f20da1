// Package exportfs opens what a visitor gave (files, folders, zip archives) as
// one read-only file system for the importers.
//
// The visitor's files are foreign input: names never lead out of what was
// given, an archive never unpacks to more than the limits allow, and the index
// of everything is built once, so that an importer may look up names freely.
//
// One path is the root itself: the content of the folder or archive, or the
// single file. Several paths stand side by side under their base names, an
// archive without its ".zip". An archive inside a folder is a folder too; one
// inside an archive is left out. What macOS adds ("__MACOSX", ".DS_Store",
// "._" files) does not appear.
package exportfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// Limits bound what archives may hold. A field of zero or less means its
// default. Files that lie unpacked on the disk are bounded by MaxFiles only.
type Limits struct {
	MaxTotal int64 // uncompressed bytes of all archives together; default 50 GiB
	MaxRatio int   // uncompressed to compressed bytes, of an entry and of an archive; default 200
	MaxFiles int   // files and folders, those left out included; default 2,000,000
}

// grace is how much of an entry or archive may be read before its ratio is
// judged: small files of one repeated line are no attack.
const grace = 10 << 20

func (l Limits) orDefaults() Limits {
	if l.MaxTotal <= 0 {
		l.MaxTotal = 50 << 30
	}
	if l.MaxRatio <= 0 {
		l.MaxRatio = 200
	}
	if l.MaxFiles <= 0 {
		l.MaxFiles = 2_000_000
	}
	return l
}

// Refused is a name that was left out. Reason is one of the Reason constants.
type Refused struct {
	Name   string
	Reason string
}

// FS is what the visitor gave. It implements [fs.FS], [fs.ReadDirFS] and
// [fs.StatFS] and may be used by several goroutines at once.
type FS struct {
	limits  Limits
	nodes   map[string]*node // by full name; "." is the root
	entries int              // files, folders and refusals, against MaxFiles
	files   int
	total   int64
	packed  int64 // the part of total that lies in archives
	refused []Refused
	closers []io.Closer

	read     atomic.Int64 // of all files
	unpacked atomic.Int64 // of archives, against MaxTotal
	failed   atomic.Pointer[Error]
}

var (
	_ fs.ReadDirFS = (*FS)(nil)
	_ fs.StatFS    = (*FS)(nil)
)

// Open indexes paths. The error wraps an [*Error]; an archive inside a folder that
// cannot be opened is no error but among [FS.Refused].
func Open(paths []string, l Limits) (*FS, error) {
	f := &FS{limits: l.orDefaults(), nodes: map[string]*node{".": {name: ".", mode: fs.ModeDir | 0o555}}}
	if err := f.index(paths); err != nil {
		_ = f.Close() // nothing was written; the first error is the one that helps
		return nil, err
	}
	f.sort()
	return f, nil
}

func (f *FS) index(paths []string) error {
	if len(paths) == 0 {
		return &Error{Reason: ReasonEmpty}
	}
	for _, p := range paths {
		if err := f.addPath(p, len(paths) == 1); err != nil {
			return named(p, err)
		}
	}
	if f.files == 0 && len(f.refused) > 0 {
		return &Error{Path: paths[0], Reason: f.refused[0].Reason}
	}
	if f.files == 0 {
		return &Error{Path: paths[0], Reason: ReasonEmpty}
	}
	return nil
}

// addPath indexes one path of the visitor: into the root when it is the only one.
func (f *FS) addPath(p string, only bool) error {
	info, err := os.Stat(p)
	if err != nil {
		return diskError(p, err)
	}
	base := utf8Name(filepath.Base(filepath.Clean(p)))
	switch {
	case info.IsDir():
		dir, err := f.mount(base, only)
		if err != nil {
			return err
		}
		return f.addFolder(p, dir)
	case !info.Mode().IsRegular():
		return &Error{Path: p, Reason: ReasonNotFile}
	case info.Size() == 0:
		return &Error{Path: p, Reason: ReasonEmpty}
	case isArchive(p):
		dir, err := f.mount(trimZip(base), only)
		if err != nil {
			return err
		}
		file, err := os.Open(p)
		if err != nil {
			return diskError(p, err)
		}
		return f.addArchive(file, p, dir)
	}
	return f.add(&node{
		name: f.unique(".", base), size: info.Size(), mode: 0o444, modified: info.ModTime(), path: p,
	}, ".")
}

// mount returns the folder that holds a path's content.
func (f *FS) mount(base string, only bool) (string, error) {
	if only {
		return ".", nil
	}
	return f.addDir(".", f.unique(".", base))
}

// isArchive says whether a path that the visitor named is to be unpacked: by
// its extension, or by its first bytes when it has none. Other extensions are
// left alone, as some formats are zip archives inside.
func isArchive(p string) bool {
	if hasZipName(p) {
		return true
	}
	if filepath.Ext(p) != "" {
		return false
	}
	file, err := os.Open(p)
	if err != nil {
		return false
	}
	defer file.Close()
	return startsLikeZip(file)
}

func hasZipName(name string) bool { return strings.EqualFold(filepath.Ext(name), ".zip") }

func trimZip(name string) string {
	if hasZipName(name) && len(name) > len(".zip") {
		return name[:len(name)-len(".zip")]
	}
	return name
}

// Read is how many uncompressed bytes have been read so far; what is read twice
// counts once, so that it never exceeds [FS.Total].
func (f *FS) Read() int64 { return f.read.Load() }

// Total is the sum of the declared uncompressed sizes, in bytes.
func (f *FS) Total() int64 { return f.total }

// Files is the number of files, those left out not counted.
func (f *FS) Files() int { return f.files }

// Refused lists what was left out, in the order of finding.
func (f *FS) Refused() []Refused { return f.refused }

// Err is the limit that reading ran into, or nil. After it every reading fails
// with the same error: an importer that takes it for one unreadable file and
// goes on cannot hide it.
func (f *FS) Err() error {
	if err := f.failed.Load(); err != nil {
		return err
	}
	return nil
}

// Close releases the files. Nothing may be read afterwards.
func (f *FS) Close() error {
	var errs []error
	for _, c := range f.closers {
		errs = append(errs, c.Close())
	}
	f.closers = nil
	return errors.Join(errs...)
}
