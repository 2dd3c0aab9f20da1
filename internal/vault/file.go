package vault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// maxFile bounds the key file, in bytes: all keys and generous comments.
const maxFile = 64 << 10

// ErrExposed means that others than the owner can read the key file or put
// another in its place. The error that wraps it says what to do.
var ErrExposed = errors.New("the keys are open to others")

// fileID tells one version of the key file from the next: each is a new file.
type fileID struct {
	inode    uint64
	size     int64
	modified time.Time
}

// Load reads the key file. The ring follows the file: see Reload. The error wraps
// fs.ErrNotExist when there is none and ErrExposed when others can read it.
func Load(path string) (*Ring, error) {
	s, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("vault: load: %w", err)
	}
	r := &Ring{path: path}
	r.state.Store(s)
	return r, nil
}

// Ensure is Load, and makes the file with new keys when there is none, readable by
// the owner only, and its folder too. Processes that do so at once agree on one file.
func Ensure(path string) (*Ring, error) {
	r, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("vault: create: %w", err)
	}
	err = locked(path, func() error {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return err // another process was first
		}
		s, err := parse(Generate())
		if err != nil {
			return err
		}
		return write(path, s)
	})
	if err != nil {
		return nil, fmt.Errorf("vault: create: %w", err)
	}
	return Load(path)
}

// Reload reads the key file again if it has changed; a ring that came from Parse
// has none. Seal, Stale and Open of something sealed by an unknown key do it by
// themselves, so that running processes follow a rotation. On an error the ring
// keeps the keys that it has.
func (r *Ring) Reload() error {
	if r.path == "" {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	info, err := os.Stat(r.path)
	if err != nil {
		return fmt.Errorf("vault: reload: %w", err)
	}
	old := r.state.Load()
	if identify(info) == old.file {
		return nil
	}
	s, err := read(r.path)
	if err != nil {
		return fmt.Errorf("vault: reload: %w", err)
	}
	if s.mac.secret != old.mac.secret {
		return errors.New("vault: reload: the fingerprint key has changed: put the old one back")
	}
	r.state.Store(s)
	return nil
}

// current is the newest state that can be had.
func (r *Ring) current() *state {
	_ = r.Reload() // the keys at hand are good as long as the file cannot be read
	return r.state.Load()
}

// AddPrimary puts a new primary key in front of those in the file and returns its
// id. The file is replaced as a whole; the old keys stay, to open.
func AddPrimary(path string) (id string, err error) {
	err = change(path, func(s *state) error {
		for id = newID(); ; id = newID() {
			if _, taken := s.key(id); !taken {
				break
			}
		}
		if err := s.add(newKey(id)); err != nil {
			return err
		}
		last := len(s.keys) - 1
		s.keys = slices.Insert(s.keys[:last:last], 0, s.keys[last])
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("vault: add key: %w", err)
	}
	return id, nil
}

// Retire removes a key from the file. What it sealed can never be opened again, so
// everything must have been sealed anew before: Stale tells what has not. The
// primary cannot be retired. ErrUnknownKey when the file has no such key.
func Retire(path, id string) error {
	err := change(path, func(s *state) error {
		i := slices.IndexFunc(s.keys, func(k Key) bool { return k.ID == id })
		switch {
		case i < 0:
			return ErrUnknownKey
		case i == 0:
			return errors.New("it is the primary: add a new one first")
		}
		s.keys = slices.Delete(s.keys, i, i+1)
		return nil
	})
	if err != nil {
		return fmt.Errorf("vault: retire key: %w", err)
	}
	return nil
}

// change reads the file, changes it and puts it back, one process at a time.
func change(path string, edit func(*state) error) error {
	return locked(path, func() error {
		s, err := read(path)
		if err != nil {
			return err
		}
		if err := edit(s); err != nil {
			return err
		}
		return write(path, s)
	})
}

// locked runs do while it holds the lock file beside path, which goes with the
// process and is left lying: removing it would let two processes in.
func locked(path string, do func() error) error {
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	for {
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	return do()
}

func read(path string) (*state, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if err := checkModes(path, info); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s is over %d bytes: not a key file", path, maxFile)
	}
	s, err := parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.file = identify(info)
	return s, nil
}

// checkModes refuses a file that others can read, and a folder where they can
// replace it.
func checkModes(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%w: %s has mode %04o: run chmod 600 %s", ErrExposed, path, mode, path)
	}
	dir, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	if mode := dir.Mode(); mode&0o022 != 0 && mode&fs.ModeSticky == 0 {
		return fmt.Errorf("%w: %s has mode %04o: run chmod go-w %s",
			ErrExposed, filepath.Dir(path), mode.Perm(), filepath.Dir(path))
	}
	return nil
}

// write replaces the file as a whole, durably: readers see the old or the new one.
func write(path string, s *state) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // gone already when all went well
	_, err = file.WriteString(s.text())
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func identify(info fs.FileInfo) fileID {
	id := fileID{size: info.Size(), modified: info.ModTime()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		id.inode = sys.Ino
	}
	return id
}
