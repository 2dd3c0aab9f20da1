package dbtest_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/dbtest"
)

// TestKilledServerComesBack with what it had committed, at the same address.
func TestKilledServerComesBack(t *testing.T) {
	t.Parallel()
	c := dbtest.NewCrashing(t)
	address := c.URL()
	run := func(sql string) int {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		var n int
		if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, sql := range []string{`create table kept (n int)`, `insert into kept values (1), (2)`} {
		execute(t, address, sql)
	}
	for range 2 {
		open, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := open.Ping(t.Context()); err == nil {
			t.Error("a connection outlived the server")
		}
		_ = open.Close(t.Context())
		if _, err := pgx.Connect(t.Context(), address); err == nil {
			t.Error("a killed server answers")
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if n := run(`select count(*) from kept`); n != 2 || c.URL() != address {
			t.Errorf("%d rows at %s, want 2 at %s", n, c.URL(), address)
		}
	}
}

func execute(t *testing.T, address, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}
