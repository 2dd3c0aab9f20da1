//go:build linux || darwin

package devpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account is the system user that PostgreSQL runs as.
type account struct {
	uid, gid uint32
	name     string
	switched bool // this process is root and hands the cluster to that user
}

// accountFor chooses the account for the cluster in data, which need not exist.
func accountFor(data string) (account, error) {
	uid := os.Getuid()
	if uid != 0 {
		return account{uid: uint32(uid), gid: uint32(os.Getgid()), name: "uid " + strconv.Itoa(uid)}, nil
	}
	if info, err := os.Stat(data); err == nil {
		if st := info.Sys().(*syscall.Stat_t); st.Uid != 0 {
			return account{uid: st.Uid, gid: st.Gid, name: "uid " + strconv.Itoa(int(st.Uid)), switched: true}, nil
		}
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		if a, ok := named(name); ok {
			return a, nil
		}
	}
	return account{}, errors.New("PostgreSQL cannot run as root and this system has neither a user postgres nor nobody; start as another user")
}

func named(name string) (account, bool) {
	u, err := user.Lookup(name)
	if err != nil {
		return account{}, false
	}
	// Some systems give nobody a negative number; the kernel sees its low 32 bits.
	uid, err1 := strconv.ParseInt(u.Uid, 10, 64)
	gid, err2 := strconv.ParseInt(u.Gid, 10, 64)
	if err1 != nil || err2 != nil || uid == 0 {
		return account{}, false
	}
	return account{uid: uint32(uid), gid: uint32(gid), name: name, switched: true}, true
}

// command prepares a program of PostgreSQL to run as the account, in its own
// process group: Ctrl-C must reach Foyer first, which stops the cluster last.
func (a account) command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = environment(os.Environ())
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if a.switched {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return cmd
}

// environment drops what would steer PostgreSQL away from our settings and
// fixes the language of its messages.
func environment(env []string) []string {
	kept := []string{"LC_ALL=C"}
	for _, e := range env {
		if !strings.HasPrefix(e, "PG") && !strings.HasPrefix(e, "LC_") && !strings.HasPrefix(e, "LANG") {
			kept = append(kept, e)
		}
	}
	return kept
}

// reaches reports whether the account may enter dir and every directory above
// it. It goes by the mode bits; access control lists are not read.
func (a account) reaches(dir string) (blocker string, ok bool) {
	for d := dir; ; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		switch {
		case errors.Is(err, fs.ErrNotExist): // will be created by us, open enough
		case err != nil || !a.enters(info):
			return d, false
		}
		if d == filepath.Dir(d) {
			return "", true
		}
	}
}

func (a account) enters(info fs.FileInfo) bool {
	st := info.Sys().(*syscall.Stat_t)
	mode := info.Mode().Perm()
	switch {
	case st.Uid == a.uid:
		return mode&0o100 != 0
	case st.Gid == a.gid:
		return mode&0o010 != 0
	}
	return mode&0o001 != 0
}

// own makes an existing directory the account's alone.
func (a account) own(dir string) error {
	if a.switched {
		if err := os.Chown(dir, int(a.uid), int(a.gid)); err != nil {
			return err
		}
	}
	return os.Chmod(dir, 0o700)
}

// file opens path for appending, made when missing, as the account's own: a
// later start by that user must be able to open it too.
func (a account) file(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil || !a.switched {
		return f, err
	}
	if err := f.Chown(int(a.uid), int(a.gid)); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// private makes sure that dir exists, is a directory and belongs to the account
// alone. A directory that somebody else made in a shared place is refused.
func (a account) private(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		return a.own(dir)
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if st := info.Sys().(*syscall.Stat_t); !info.IsDir() || (st.Uid != a.uid && st.Uid != uint32(os.Getuid())) {
		return fmt.Errorf("%s belongs to somebody else; remove it", dir)
	}
	return a.own(dir)
}
