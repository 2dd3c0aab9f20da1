//go:build linux || darwin

package devpg

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// relocated is where root keeps a cluster whose data directory the cluster's
// user cannot reach.
const relocated = "/var/lib/foyer"

// socketLimit is the longest path of a socket that every system takes.
const socketLimit = 103

// place is where one cluster lives on disk.
type place struct {
	base    string // locks, log and data
	data    string // PGDATA
	log     string
	account account
}

// locate finds or makes the place of the cluster of a Foyer data directory.
func locate(dataDir string) (place, error) {
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return place{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return place{}, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return place{}, err
	}
	base, err := existingBase(filepath.Join(dir, "postgres"))
	if err != nil {
		return place{}, err
	}
	fresh := base == ""
	if fresh {
		base = filepath.Join(dir, "postgres")
	}
	p := newPlace(base)
	if p.account, err = accountFor(p.data); err != nil {
		return place{}, err
	}
	if !p.account.switched {
		return p, os.MkdirAll(p.base, 0o700)
	}
	return p.open(dir, fresh)
}

func newPlace(base string) place {
	return place{base: base, data: filepath.Join(base, "data"), log: filepath.Join(base, "postgres.log")}
}

// existingBase follows link, the place's directory or a symbolic link to it;
// empty when there is neither. A link to nowhere means that a database is
// missing, and starting an empty one in its stead would hide that.
func existingBase(link string) (string, error) {
	base, err := filepath.EvalSymlinks(link)
	if err == nil {
		return base, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	target, err := os.Readlink(link)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if base, err = filepath.EvalSymlinks(link); err == nil { // made by another start just now
		return base, nil
	}
	return "", fmt.Errorf("the database was kept in %s, which is gone; bring it back, or remove %s to begin with an empty one", target, link)
}

// open makes the place reachable for the account that root hands it to. dir
// itself gets the search permission; when a directory above it is closed, a
// fresh place moves to /var/lib/foyer and an existing one is an error.
func (p place) open(dir string, fresh bool) (place, error) {
	if blocker, ok := p.account.reaches(filepath.Dir(dir)); !ok && fresh {
		moved := filepath.Join(relocated, hash(dir))
		if err := makeOpen(relocated, moved); err != nil {
			return place{}, err
		}
		if err := os.Symlink(moved, filepath.Join(dir, "postgres")); err != nil && !errors.Is(err, fs.ErrExist) {
			return place{}, err
		}
		p = newPlace(moved)
		var err error
		if p.account, err = accountFor(p.data); err != nil {
			return place{}, err
		}
	} else if inside := strings.HasPrefix(p.base, dir+string(filepath.Separator)); inside && !ok {
		return place{}, fmt.Errorf("user %s, who runs the database in %s, cannot enter %s; allow it with chmod o+x", p.account.name, p.base, blocker)
	} else if inside {
		if err := addSearch(dir); err != nil {
			return place{}, err
		}
		if err := makeOpen(p.base); err != nil {
			return place{}, err
		}
	}
	if blocker, ok := p.account.reaches(p.base); !ok {
		return place{}, fmt.Errorf("user %s, who runs the database, cannot enter %s; allow it with chmod o+x", p.account.name, blocker)
	}
	return p, nil
}

// makeOpen makes directories that everybody may enter, whatever the umask.
func makeOpen(dirs ...string) error {
	for _, d := range dirs {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
		if err := addSearch(d); err != nil {
			return err
		}
	}
	return nil
}

func addSearch(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o011 == 0o011 {
		return err
	}
	return os.Chmod(dir, info.Mode().Perm()|0o011)
}

// socketDir makes the short private directory of the cluster's socket.
func (p place) socketDir() (string, error) {
	for _, parent := range []string{os.TempDir(), "/tmp"} {
		dir := filepath.Join(parent, "foyer-pg-"+hash(p.data))
		if _, ok := p.account.reaches(parent); !ok || len(dir)+len("/.s.PGSQL.5432") > socketLimit {
			continue
		}
		if err := p.account.private(dir); err != nil {
			return "", fmt.Errorf("socket directory: %w", err)
		}
		return dir, nil
	}
	return "", errors.New("no temporary directory takes a unix socket: their paths are too long or closed")
}

// major reads the version that wrote the data, zero when there is none.
func (p place) major() (int, error) {
	b, err := os.ReadFile(filepath.Join(p.data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return 0, fmt.Errorf("%s belongs to another user; start Foyer as that user: %w", p.data, err)
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("read PG_VERSION: %w", err)
	}
	return n, nil
}

// hash names a path in twelve characters.
func hash(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:6])
}
