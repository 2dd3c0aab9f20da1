package exportfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

var errNotFolder = errors.New("not a directory")

// Open implements [fs.FS].
func (f *FS) Open(name string) (fs.File, error) {
	n, err := f.find("open", name)
	if err != nil {
		return nil, err
	}
	if n.IsDir() {
		return &folder{node: n}, nil
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	source, err := n.open()
	if err != nil {
		if n.entry != nil {
			return nil, entryError(name, err)
		}
		return nil, diskError(name, err)
	}
	return &file{fs: f, node: n, name: name, source: source}, nil
}

func (n *node) open() (io.ReadCloser, error) {
	switch {
	case n.entry != nil:
		return n.entry.Open()
	case n.root != nil:
		return n.root.Open(n.path)
	}
	return os.Open(n.path)
}

// file is an open file that keeps account of what is read.
type file struct {
	fs     *FS
	node   *node
	name   string
	source io.ReadCloser
	at     int64
	err    error // sticky
}

func (f *file) Stat() (fs.FileInfo, error) { return f.node, nil }
func (f *file) Close() error               { return f.source.Close() }

// Read gives nothing that lies beyond the limits.
func (f *file) Read(p []byte) (int, error) {
	if f.err == nil {
		f.err = f.fs.Err()
	}
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.source.Read(p)
	f.at += int64(n)
	if limit := f.fs.account(f.node, f.name, f.at); limit != nil {
		f.err = limit
		return 0, f.err
	}
	if err == nil || err == io.EOF {
		return n, err
	}
	if f.node.entry != nil {
		f.err = entryError(f.name, err)
	} else {
		f.err = diskError(f.name, err)
	}
	return n, f.err
}

// account notes that n has been read up to at, and judges it.
func (f *FS) account(n *node, name string, at int64) error {
	fresh := n.advance(at)
	if fresh == 0 {
		return nil
	}
	f.read.Add(fresh)
	if n.entry == nil {
		return nil
	}
	// A directory may lie about compressed sizes, and entries may overlap: no
	// entry is larger than its archive, and the archive is judged as a whole.
	packed := min(saturate(n.entry.CompressedSize64), n.archive.size)
	whole := n.archive.read.Add(fresh)
	switch {
	case f.unpacked.Add(fresh) > f.limits.MaxTotal:
		return f.bomb(name, "more than %d bytes", f.limits.MaxTotal)
	case f.exceeds(at, packed), f.exceeds(whole, n.archive.size):
		return f.bomb(name, "more than %d times its size", f.limits.MaxRatio)
	}
	return nil
}

// advance moves the mark of how far n has been read and returns the bytes that
// nobody had read before.
func (n *node) advance(at int64) int64 {
	for {
		seen := n.seen.Load()
		if at <= seen {
			return 0
		}
		if n.seen.CompareAndSwap(seen, at) {
			return at - seen
		}
	}
}

func (f *FS) exceeds(unpacked, packed int64) bool {
	return unpacked > grace && unpacked/int64(f.limits.MaxRatio) > packed
}

// bomb records the limit once; everybody who reads sees the first.
func (f *FS) bomb(name, format string, limit any) error {
	e := &Error{Path: name, Reason: ReasonBomb, Err: fmt.Errorf("%w: "+format, ErrBomb, limit)}
	f.failed.CompareAndSwap(nil, e)
	return f.failed.Load()
}

// folder is an open folder.
type folder struct {
	node *node
	at   int
}

func (d *folder) Stat() (fs.FileInfo, error) { return d.node, nil }
func (d *folder) Close() error               { return nil }

func (d *folder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.node.name, Err: errors.New("is a directory")}
}

// ReadDir implements [fs.ReadDirFile].
func (d *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	to := len(d.node.children)
	if n > 0 {
		if d.at == to {
			return nil, io.EOF
		}
		to = min(to, d.at+n)
	}
	list := d.node.list(d.at, to)
	d.at = to
	return list, nil
}
