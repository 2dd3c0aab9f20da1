package exportfs

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// addFolder indexes a folder of the disk below dir.
func (f *FS) addFolder(p, dir string) error {
	root, err := os.OpenRoot(p)
	if err != nil {
		return diskError(p, err)
	}
	f.closers = append(f.closers, root)
	return f.walk(root, ".", dir, 0)
}

// walk indexes the folder disk of root as the folder dir. Names on disk and in
// the index differ where a name is not UTF-8 or an archive becomes a folder.
func (f *FS) walk(root *os.Root, disk, dir string, depth int) error {
	list, err := f.listDisk(root, disk)
	if err != nil {
		return f.refuseOn(dir, err)
	}
	var archives []fs.DirEntry
	for _, e := range list {
		if e.Type().IsRegular() && hasZipName(e.Name()) {
			archives = append(archives, e) // last: a folder of the same name keeps it
			continue
		}
		if err := f.addDiskEntry(root, disk, dir, e, depth); err != nil {
			return err
		}
	}
	for _, e := range archives {
		if err := f.addNested(root, filepath.Join(disk, e.Name()), dir); err != nil {
			return err
		}
	}
	return nil
}

// listDisk reads a folder sorted by name, without clutter and not beyond the limit.
func (f *FS) listDisk(root *os.Root, disk string) ([]fs.DirEntry, error) {
	folder, err := root.Open(disk)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	var list []fs.DirEntry
	for {
		part, err := folder.ReadDir(1024)
		for _, e := range part {
			if !isClutter(e.Name()) {
				list = append(list, e)
			}
		}
		if len(list) > f.limits.MaxFiles {
			return nil, &Error{Path: root.Name(), Reason: ReasonTooLarge}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return list, nil
}

func (f *FS) addDiskEntry(root *os.Root, disk, dir string, e fs.DirEntry, depth int) error {
	name := f.unique(dir, utf8Name(e.Name()))
	full := path.Join(dir, name)
	below := filepath.Join(disk, e.Name())
	if e.IsDir() {
		if depth >= maxDepth {
			return f.refuse(full, ReasonPath)
		}
		sub, err := f.addDir(dir, name)
		if err != nil {
			return err
		}
		return f.walk(root, below, sub, depth+1)
	}
	// A root never follows a link that leads out of it; a link to a folder inside
	// would show the same files twice, or for ever.
	info, err := root.Stat(below)
	isLink := e.Type()&fs.ModeSymlink != 0
	switch {
	case isLink && (err != nil || !info.Mode().IsRegular()):
		return f.refuse(full, ReasonLink)
	case err != nil:
		return f.refuse(full, ReasonUnreadable)
	case !info.Mode().IsRegular():
		return f.refuse(full, ReasonNotFile)
	}
	return f.add(&node{
		name: name, size: info.Size(), mode: 0o444, modified: info.ModTime(), root: root, path: below,
	}, dir)
}

// addNested indexes an archive that lies in a folder as a folder beside it.
func (f *FS) addNested(root *os.Root, disk, dir string) error {
	name := utf8Name(filepath.Base(disk))
	file, err := root.Open(disk)
	if err != nil {
		return f.refuse(path.Join(dir, name), ReasonUnreadable)
	}
	sub, err := f.addDir(dir, f.unique(dir, trimZip(name)))
	if err != nil {
		return errors.Join(err, file.Close())
	}
	return f.refuseOn(path.Join(dir, name), f.addArchive(file, path.Join(dir, name), sub))
}

// refuseOn makes a part that cannot be read a refusal, so that the rest goes in;
// what exceeds the limits ends everything.
func (f *FS) refuseOn(name string, err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		return f.refuse(name, ReasonUnreadable)
	}
	if e.Reason == ReasonTooLarge {
		return err
	}
	return f.refuse(name, e.Reason)
}
