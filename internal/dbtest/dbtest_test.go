//go:build linux || darwin

package dbtest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// victimEnv makes this test binary a process that waits to be killed.
const victimEnv = "FOYER_DBTEST_VICTIM"

func TestMain(m *testing.M) {
	if os.Getenv(victimEnv) != "" {
		os.Exit(victim())
	}
	Main(m)
}

// victim starts a cluster, says where, and waits to be killed.
func victim() int {
	s, err := shared()
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Printf("victim %d %s %s\n", s.cluster.PID(), s.dir, s.cluster.SocketDir())
	select {}
}

func TestIsolated(t *testing.T) {
	ctx := t.Context()
	one, two := Owner(t, New(t)), Owner(t, New(t))
	if _, err := one.Exec(ctx, "create table only_here ()"); err != nil {
		t.Fatal(err)
	}
	var there bool
	if err := two.QueryRow(ctx, "select to_regclass('only_here') is not null").Scan(&there); err != nil || there {
		t.Errorf("the other database has the table: %t, %v", there, err)
	}
}

func TestMigrated(t *testing.T) {
	var tables int
	err := New(t).QueryRow(t.Context(), "select count(*) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')").Scan(&tables)
	if err != nil || tables == 0 {
		t.Errorf("%d tables, %v", tables, err)
	}
}

func TestParallel(t *testing.T) {
	var seen sync.Map
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			var name string
			if err := New(t).QueryRow(t.Context(), "select current_database()").Scan(&name); err != nil {
				t.Fatal(err)
			}
			if _, twice := seen.LoadOrStore(name, true); twice {
				t.Errorf("two tests share %s", name)
			}
		})
	}
}

func TestDropped(t *testing.T) {
	var address string
	t.Run("inner", func(t *testing.T) {
		address = URL(t)
		conn, err := pgx.Connect(t.Context(), address) // left open: dropping must not wait for it
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close(context.Background()) })
	})
	if conn, err := pgx.Connect(t.Context(), address); err == nil {
		conn.Close(t.Context())
		t.Error("the database outlived its test")
	}
}

func TestOtherServer(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://u:p@h:1/db?sslmode=disable": "postgres://u:p@h:1/x?sslmode=disable",
		"postgres:///db?host=%2Ftmp":            "postgres:///x?host=%2Ftmp",
	} {
		if got, err := on(address, "x"); err != nil || got != want {
			t.Errorf("%s: %s, %v", address, got, err)
		}
	}
	if _, err := on("host=/tmp dbname=x", "y"); err == nil {
		t.Error("it took a key-value string")
	}
}

func TestKilledProcessLeavesNothing(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimEnv+"=1", "FOYER_TEST_DATABASE_URL=")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	var pid int
	var dir, socket string
	for lines := bufio.NewScanner(out); pid == 0 && lines.Scan(); {
		if line := lines.Text(); strings.HasPrefix(line, "victim ") {
			if _, err := fmt.Sscanf(line, "victim %d %s %s", &pid, &dir, &socket); err != nil {
				t.Fatal(err)
			}
		}
	}
	if pid == 0 || syscall.Kill(pid, 0) != nil {
		t.Fatalf("the victim has no postmaster (%d)", pid)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	left := func() bool {
		_, errDir := os.Stat(dir)
		_, errSocket := os.Stat(socket)
		return errDir == nil || errSocket == nil || syscall.Kill(pid, 0) == nil
	}
	for deadline := time.Now().Add(30 * time.Second); left(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("postmaster %d, %s or %s is left", pid, dir, socket)
		}
	}
}
