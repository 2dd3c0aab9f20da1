package dbtest

import (
	"os"
	"syscall"
)

// memory is the memory file system when it has room for a cluster: copying a
// template of some hundred files there takes a tenth of the time. A TMPDIR that
// was set is obeyed instead. Empty means the usual temporary directory.
func memory() string {
	const dir, tmpfs, room = "/dev/shm", 0x01021994, 2 << 30
	var fs syscall.Statfs_t
	if os.Getenv("TMPDIR") != "" || syscall.Statfs(dir, &fs) != nil || int64(fs.Type) != tmpfs {
		return ""
	}
	if fs.Bavail*uint64(fs.Bsize) < room || syscall.Access(dir, 7) != nil {
		return ""
	}
	return dir
}
