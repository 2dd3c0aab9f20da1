package exportfs

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// maxDepth bounds the folders of one name, so that a short list of long names
// does not become a million folders.
const maxDepth = 64

// node is a file or folder of the index, and its own [fs.FileInfo] and
// [fs.DirEntry].
type node struct {
	name     string // last element
	mode     fs.FileMode
	size     int64
	modified time.Time
	children []*node // of a folder, sorted once the index is built

	// where a file lies: an entry of an archive, a name below a root, or a path
	entry   *zip.File
	archive *archive
	root    *os.Root
	path    string

	seen atomic.Int64 // how far it has been read
}

func (n *node) Name() string               { return n.name }
func (n *node) IsDir() bool                { return n.mode.IsDir() }
func (n *node) Type() fs.FileMode          { return n.mode.Type() }
func (n *node) Info() (fs.FileInfo, error) { return n, nil }
func (n *node) Size() int64                { return n.size }
func (n *node) Mode() fs.FileMode          { return n.mode }
func (n *node) ModTime() time.Time         { return n.modified }
func (n *node) Sys() any                   { return nil }

// add puts a file into the folder dir, which exists. Its name must be free.
func (f *FS) add(n *node, dir string) error {
	if err := f.count(); err != nil {
		return err
	}
	f.link(n, dir)
	f.files++
	f.total += n.size
	if n.entry == nil {
		return nil
	}
	f.packed += n.size
	if f.packed > f.limits.MaxTotal {
		return &Error{
			Path: n.archive.path, Reason: ReasonTooLarge,
			Err: fmt.Errorf("says it unpacks to more than %d bytes", f.limits.MaxTotal),
		}
	}
	return nil
}

// addDir puts a folder into dir unless it is there, and returns its full name.
// The name must not be a file's.
func (f *FS) addDir(dir, name string) (string, error) {
	full := path.Join(dir, name)
	if _, ok := f.nodes[full]; ok {
		return full, nil
	}
	if err := f.count(); err != nil {
		return "", err
	}
	f.link(&node{name: name, mode: fs.ModeDir | 0o555}, dir)
	return full, nil
}

func (f *FS) link(n *node, dir string) {
	f.nodes[path.Join(dir, n.name)] = n
	parent := f.nodes[dir]
	parent.children = append(parent.children, n)
}

// refuse notes a name that is left out.
func (f *FS) refuse(name, reason string) error {
	f.refused = append(f.refused, Refused{Name: utf8Name(name), Reason: reason})
	return f.count()
}

func (f *FS) count() error {
	f.entries++
	if f.entries > f.limits.MaxFiles {
		return &Error{Reason: ReasonTooLarge, Err: fmt.Errorf("more than %d files and folders", f.limits.MaxFiles)}
	}
	return nil
}

// unique returns name, numbered when dir has it already: "a.txt", "a-2.txt".
func (f *FS) unique(dir, name string) string {
	ext := path.Ext(name)
	free := name
	for i := 2; f.nodes[path.Join(dir, free)] != nil; i++ {
		free = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), i, ext)
	}
	return free
}

// sort orders every folder by name, as ReadDir promises.
func (f *FS) sort() {
	for _, n := range f.nodes {
		slices.SortFunc(n.children, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	}
}

// utf8Name makes a name of a file system or archive one that [fs.ValidPath]
// takes: bytes that are not UTF-8 become U+FFFD.
func utf8Name(name string) string { return strings.ToValidUTF8(name, string(utf8.RuneError)) }

// isClutter says whether a name is one of those that macOS adds.
func isClutter(name string) bool {
	return name == "__MACOSX" || name == ".DS_Store" || strings.HasPrefix(name, "._")
}

func (f *FS) find(op, name string) (*node, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	n, ok := f.nodes[name]
	if !ok {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return n, nil
}

// Stat implements [fs.StatFS].
func (f *FS) Stat(name string) (fs.FileInfo, error) {
	n, err := f.find("stat", name)
	if err != nil {
		return nil, err
	}
	return n, nil
}

// ReadDir implements [fs.ReadDirFS]; the entries are sorted by name.
func (f *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := f.find("readdir", name)
	if err != nil {
		return nil, err
	}
	if !n.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errNotFolder}
	}
	return n.list(0, len(n.children)), nil
}

func (n *node) list(from, to int) []fs.DirEntry {
	entries := make([]fs.DirEntry, 0, to-from)
	for _, c := range n.children[from:to] {
		entries = append(entries, c)
	}
	return entries
}
