package main

import (
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/dbtest"
)

// asCommand in the environment makes the test's binary the command itself: real
// processes that can be killed, without building them.
const asCommand = "FOYER_TEST_AS_COMMAND"

// beCommand is main, until whoever started it is gone.
func beCommand() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // open for as long as the test lives
		os.Exit(1)
	}()
	start(true)
}

// process is a `foyer serve` of some roles that is started again whenever it ends,
// as a service manager does.
type process struct {
	args, env []string
	out       *lockedBuffer
	done      chan struct{}

	mu     sync.Mutex
	cmd    *exec.Cmd
	starts int
	ending bool
}

// pauseBetween is how long the service manager waits before it starts a process again.
const pauseBetween = 100 * time.Millisecond

// supervise starts a process, which is ended with the test.
func supervise(t testing.TB, env []string, args ...string) *process {
	t.Helper()
	p := &process{args: args, env: append([]string{asCommand + "=1"}, env...), out: &lockedBuffer{}, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		for p.once() {
			time.Sleep(pauseBetween)
		}
	}()
	t.Cleanup(p.end)
	return p
}

// once runs the process until it ends; false when it must not be started again.
func (p *process) once() bool {
	p.mu.Lock()
	if p.ending {
		p.mu.Unlock()
		return false
	}
	cmd := exec.Command(os.Args[0], p.args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, p.out, p.out
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		p.mu.Unlock()
		return false
	}
	p.cmd = cmd
	p.starts++
	p.mu.Unlock()
	_ = cmd.Wait() // killed, or without a database: both happen here
	in.Close()
	return true
}

// kill ends the process by SIGKILL; the next one is started after a moment.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil {
		_ = p.cmd.Process.Kill() // it may just have ended by itself
	}
}

// end kills the process and starts no other one.
func (p *process) end() {
	p.mu.Lock()
	p.ending = true
	p.mu.Unlock()
	p.kill()
	<-p.done
}

// faults are the lines of a process's log that tell of a bug and not of a kill.
func (p *process) faults() (list []string) {
	for line := range strings.Lines(p.out.text()) {
		if strings.Contains(line, "panic") || strings.Contains(line, "DATA RACE") {
			list = append(list, line)
		}
	}
	return list
}

// freePort is a port of the loopback that nobody listens at.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// spent is the time of the processors that the process has used; 0 when it is not known.
func (p *process) spent() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return 0
	}
	return dbtest.Spent(p.cmd.Process.Pid)
}
