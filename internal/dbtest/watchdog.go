package dbtest

import (
	"fmt"
	"io"
	"os/exec"
	"strconv"
)

// script waits for a word on its input. At the end of input without one the test
// process is dead: it cuts the postmaster off and removes the directories. It
// ignores the signals that a terminal sends to the whole group.
const script = `trap '' INT TERM HUP QUIT
read -r word && exit 0
pid=$1; shift
kill -QUIT "$pid"
for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" || break; sleep 0.3; done
rm -rf "$@"`

// watchdog is a shell that survives this process by a moment.
//
// The kernel could signal the postmaster itself when its parent dies, but it
// means the thread that forked it, and Go ends threads as it pleases. The pipe's
// only writer is this process, so its end is certain.
type watchdog struct {
	cmd *exec.Cmd
	in  io.WriteCloser
}

// watch starts a watchdog for a postmaster and the directories to remove.
func watch(pid int, dirs ...string) (*watchdog, error) {
	args := append([]string{"-c", script, "foyer-test-watchdog", strconv.Itoa(pid)}, dirs...)
	w := &watchdog{cmd: exec.Command("/bin/sh", args...)}
	w.cmd.Dir = "/"
	var err error
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("watchdog: %w", err)
	}
	if err := w.cmd.Start(); err != nil {
		return nil, fmt.Errorf("watchdog: %w", err)
	}
	return w, nil
}

// dismiss sends the watchdog home after an orderly end.
func (w *watchdog) dismiss() error {
	if _, err := io.WriteString(w.in, "done\n"); err != nil {
		return fmt.Errorf("watchdog: %w", err)
	}
	if err := w.cmd.Wait(); err != nil {
		return fmt.Errorf("watchdog: %w", err)
	}
	return nil
}
