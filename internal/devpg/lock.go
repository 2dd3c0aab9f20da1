//go:build linux || darwin

package devpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lock opens path and takes its exclusive advisory lock, waiting until ctx
// ends. Closing the file releases it, as does the end of the process.
func (a account) lock(ctx context.Context, path string) (*os.File, error) {
	for {
		f, err := a.tryLock(path, syscall.LOCK_EX)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return f, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s: %w", path, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// tryLock takes the lock how (LOCK_SH or LOCK_EX) at once, or fails with
// EWOULDBLOCK.
func (a account) tryLock(path string, how int) (*os.File, error) {
	f, err := a.file(path)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return f, nil
}
