//go:build linux || darwin

package devpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is a postmaster that this process launched.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended and is reaped
}

func (c *child) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// logLimit is the size in bytes at which a start sets the log aside.
const logLimit = 8 << 20

// errOccupied: the lock file or shared memory of a dead postmaster is still there.
var errOccupied = errors.New("an earlier postmaster has not let go of the data")

// launch starts a postmaster and waits until it takes connections. For up to
// five seconds it tries again while a killed predecessor is on its way out (a
// zombie, or backends that have not noticed yet).
func (cl *Cluster) launch(ctx context.Context, bin binaries, fast bool) (err error) {
	if cl.socket, err = cl.place.socketDir(); err != nil {
		return err
	}
	defer func(dir string) {
		if err != nil {
			_ = os.Remove(dir) // only when empty
		}
	}(cl.socket)
	deadline := time.Now().Add(5 * time.Second)
	for {
		err = cl.spawn(ctx, bin, fast)
		if !errors.Is(err, errOccupied) || time.Now().After(deadline) {
			return err
		}
		if attached, err := cl.attach(ctx); attached || err != nil { // its starter died while it came up
			return err
		}
		clearStale(filepath.Join(cl.place.data, "postmaster.pid"))
		clearStale(filepath.Join(cl.socket, ".s.PGSQL.5432.lock"))
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

func (cl *Cluster) spawn(ctx context.Context, bin binaries, fast bool) error {
	out, offset, err := cl.place.openLog()
	if err != nil {
		return err
	}
	defer out.Close()
	// The postmaster outlives ctx: only Stop ends it.
	cmd := cl.place.account.command(context.Background(), cl.place.data, bin.path("postgres"),
		append([]string{"-D", cl.place.data, "-k", cl.socket, "-p", "5432"}, options(fast)...)...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("launch %s: %w", bin.path("postgres"), err)
	}
	c := &child{cmd: cmd, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended stands in its log
		close(c.done)
	}()
	cl.child, cl.pid, cl.started = c, cmd.Process.Pid, true
	return cl.ready(ctx, offset)
}

// ready waits until the child answers; recovery after a crash may take a while.
func (cl *Cluster) ready(ctx context.Context, offset int64) error {
	for began, told := time.Now(), false; ; {
		if cl.child.ended() {
			cl.child, cl.started = nil, false
			return cl.place.failure(offset)
		}
		if ping(ctx, cl.socket) == answering {
			return nil
		}
		if !told && time.Since(began) > 5*time.Second {
			cl.log.Info("the database is recovering", "log", cl.place.log)
			told = true
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return fmt.Errorf("wait for the database (see %s): %w", cl.place.log, err)
		}
	}
}

// openLog opens the log for appending; offset is where this run's lines begin.
func (p place) openLog() (f *os.File, offset int64, err error) {
	if info, err := os.Stat(p.log); err == nil && info.Size() > logLimit {
		if err := os.Rename(p.log, p.log+".1"); err != nil {
			return nil, 0, err
		}
	}
	if f, err = p.account.file(p.log); err != nil {
		return nil, 0, err
	}
	if offset, err = f.Seek(0, io.SeekEnd); err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, offset, nil
}

// failure explains from its log why a postmaster ended.
func (p place) failure(offset int64) error {
	f, err := os.Open(p.log)
	if err != nil {
		return fmt.Errorf("the database ended at once: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, offset, 16<<10))
	if err != nil {
		return fmt.Errorf("the database ended at once: %w", err)
	}
	said := string(bytes.TrimSpace(text))
	if strings.Contains(said, "FATAL:  lock file") || strings.Contains(said, "is still in use") {
		return fmt.Errorf("%w: %s", errOccupied, said)
	}
	return fmt.Errorf("the database ended at once, saying (%s): %s", p.log, said)
}

// pidFile is what a postmaster writes about itself.
type pidFile struct {
	pid    int
	socket string
}

func (p place) pidFile() (pidFile, bool) {
	b, err := os.ReadFile(filepath.Join(p.data, "postmaster.pid"))
	if err != nil {
		return pidFile{}, false
	}
	return parsePIDFile(string(b))
}

// parsePIDFile reads postmaster.pid: process id, data directory, start time,
// port, socket directory, … one a line. It is short while it is being written.
func parsePIDFile(text string) (pidFile, bool) {
	lines := strings.Split(text, "\n")
	if len(lines) < 6 {
		return pidFile{}, false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 1 || lines[4] == "" {
		return pidFile{}, false
	}
	return pidFile{pid: pid, socket: lines[4]}, true
}

// clearStale removes a lock file whose process id belongs to a zombie that
// nobody reaps or to a program that is not PostgreSQL, as happens in containers,
// where ids repeat. PostgreSQL itself would refuse to start for ever. It still
// checks by shared memory that no backend of the dead postmaster lives.
func clearStale(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err == nil && pid > 0 && alive(pid) && !isPostgres(pid) {
		_ = os.Remove(path) // the next attempt tells if this failed
	}
}

// isPostgres reports whether a process runs and may be a PostgreSQL server.
func isPostgres(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // id (name) state …
	if err == nil {
		end := bytes.LastIndexByte(stat, ')')
		return bytes.Contains(stat, []byte("(post")) && end > 0 && !bytes.HasPrefix(stat[end:], []byte(") Z"))
	}
	name, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	return err != nil || bytes.Contains(name, []byte("post"))
}

// alive reports whether a process has that id, even one we may not signal.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// shutdown asks for a fast shutdown and, when ctx ends first, forces one.
func (cl *Cluster) shutdown(ctx context.Context) error {
	if cl.child != nil && cl.child.ended() {
		cl.child = nil // another process may have started a new one since
	}
	if cl.child == nil {
		// Never signal a number from a file unless PostgreSQL answers there.
		pf, ok := cl.place.pidFile()
		if !ok || ping(ctx, pf.socket) == silent {
			return nil
		}
		cl.pid, cl.socket = pf.pid, pf.socket
	}
	if err := syscall.Kill(cl.pid, syscall.SIGINT); err != nil {
		return fmt.Errorf("signal the database: %w", err)
	}
	err := cl.waitGone(ctx)
	if err != nil {
		cl.log.Warn("the database did not stop in time; cutting it off")
		_ = syscall.Kill(cl.pid, syscall.SIGQUIT) // gone already is as good
		last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if waitErr := cl.waitGone(last); waitErr != nil {
			return fmt.Errorf("the database does not stop: %w", waitErr)
		}
	}
	_ = os.Remove(cl.socket) // empty by now; a leftover does no harm
	return err
}

func (cl *Cluster) waitGone(ctx context.Context) error {
	for !cl.gone() {
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

func (cl *Cluster) gone() bool {
	if cl.child != nil {
		return cl.child.ended()
	}
	pf, ok := cl.place.pidFile() // removed as the last act of a shutdown
	return !ok || pf.pid != cl.pid || !alive(cl.pid)
}
