//go:build linux || darwin

package devpg

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

const (
	treeLimit  = 512 << 20 // bytes unpacked
	entryLimit = 20_000    // files
	linksFile  = "package/native/pg-symlinks.json"
)

// unpack writes the files of an npm archive, which all lie under package/, into
// the new directory dir and makes the symbolic links that its list names, for
// npm archives cannot hold any. os.Root keeps every name inside dir.
func unpack(archive io.Reader, dir string) error {
	zr, err := gzip.NewReader(archive)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := extract(tar.NewReader(zr), root); err != nil {
		return err
	}
	if err := link(root); err != nil {
		return err
	}
	return openDirs(root)
}

func extract(tr *tar.Reader, root *os.Root) error {
	left := int64(treeLimit)
	for n := 0; ; n++ {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if left -= h.Size; left < 0 || n >= entryLimit {
			return fmt.Errorf("%w: it unpacks to too much", errRefused)
		}
		name, ok := inside(h.Name)
		switch {
		case !ok:
			return fmt.Errorf("%w: it holds the name %q", errRefused, h.Name)
		case h.Typeflag == tar.TypeDir:
			continue
		case h.Typeflag != tar.TypeReg:
			return fmt.Errorf("%w: %q is no plain file", errRefused, h.Name)
		}
		if err := write(root, name, tr, h.FileInfo().Mode()); err != nil {
			return err
		}
	}
}

// inside cleans the name of an entry; false when it would leave package/.
func inside(name string) (string, bool) {
	clean := path.Clean(name)
	return clean, filepath.IsLocal(name) && (clean == "package" || strings.HasPrefix(clean, "package/"))
}

func write(root *os.Root, name string, r io.Reader, mode fs.FileMode) (err error) {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.Copy(f, r); err != nil {
		return err
	}
	perm := fs.FileMode(0o644)
	if mode&0o111 != 0 {
		perm = 0o755
	}
	return f.Chmod(perm) // whatever the umask: another user runs it
}

// link makes the links of the bundle's own list; both ends are relative to
// package/.
func link(root *os.Root) error {
	b, err := root.ReadFile(linksFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(b, &links); err != nil {
		return fmt.Errorf("%s: %w", linksFile, err)
	}
	for _, l := range links {
		source, ok1 := inside("package/" + l.Source)
		target, ok2 := inside("package/" + l.Target)
		if !ok1 || !ok2 {
			return fmt.Errorf("%w: it links %q to %q", errRefused, l.Target, l.Source)
		}
		to, err := filepath.Rel(path.Dir(target), source)
		if err != nil {
			return err
		}
		if err := root.Symlink(to, target); err != nil {
			return err
		}
	}
	return nil
}

// openDirs lets everybody enter the directories, whatever the umask.
func openDirs(root *os.Root) error {
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return root.Chmod(name, 0o755)
	})
}
