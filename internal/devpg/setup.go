//go:build linux || darwin

package devpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// options are the server settings. They travel on the command line, so a new
// version of Foyer changes them without touching the user's files. No TCP; no
// statement or row ever reaches the log, for they hold personal data.
func options(fast bool) []string {
	settings := []string{
		"listen_addresses=", "unix_socket_permissions=0700",
		"max_connections=100", "shared_buffers=256MB", "effective_cache_size=1GB",
		"work_mem=16MB", "maintenance_work_mem=128MB", "random_page_cost=1.1", "jit=off",
		"max_wal_size=2GB", "wal_compression=on",
		"timezone=UTC", "log_timezone=UTC", "logging_collector=off", "log_destination=stderr",
		"log_checkpoints=off", "log_min_error_statement=panic", "log_error_verbosity=terse",
	}
	if fast {
		settings = append(settings, "shared_buffers=32MB", "max_wal_size=1GB", "wal_level=minimal", "max_wal_senders=0",
			"fsync=off", "full_page_writes=off", "synchronous_commit=off")
	}
	args := make([]string, 0, 2*len(settings))
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	return args
}

// initialise creates the data directory under another name and renames it, so
// that a kill in the middle leaves no half cluster.
func (p place) initialise(ctx context.Context, bin binaries, fast bool) error {
	if entries, err := os.ReadDir(p.data); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s holds files but no PostgreSQL cluster; move it away", p.data)
	}
	fresh := p.data + ".new"
	var err error
	for _, ctype := range ctypes(bin.major) {
		if err = p.initdb(ctx, bin, fresh, ctype, fast); !errors.Is(err, errLocale) {
			break
		}
	}
	if err != nil {
		return err
	}
	return os.Rename(fresh, p.data)
}

var errLocale = errors.New("locale not installed")

// ctypes are the arguments to try that sort by code point, the same on every
// system and every version, yet know the case of accented letters.
func ctypes(major int) [][]string {
	if major >= 17 {
		return [][]string{{"--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"}}
	}
	return [][]string{
		{"--locale=C", "--lc-ctype=C.UTF-8"},
		{"--locale=C", "--lc-ctype=en_US.UTF-8"},
		{"--locale=C"},
	}
}

func (p place) initdb(ctx context.Context, bin binaries, dir string, ctype []string, fast bool) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := p.account.private(dir); err != nil {
		return err
	}
	args := append([]string{
		"-D", dir, "-U", superuser, "--encoding=UTF8", "--auth-local=trust", "--auth-host=reject",
		"--data-checksums", "--no-instructions",
	}, ctype...)
	if fast {
		args = append(args, "--no-sync")
	}
	cmd := p.account.command(ctx, dir, bin.path("initdb"), args...)
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	said := bytes.TrimSpace(out)
	switch {
	case strings.Contains(string(said), "invalid locale"):
		return errLocale
	case strings.Contains(string(said), "could not look up effective user ID"):
		return fmt.Errorf("initdb needs a named user: give %s an entry in /etc/passwd, start as another user, or set DATABASE_URL: %w", p.account.name, err)
	}
	return fmt.Errorf("initdb: %w: %s", err, said)
}

// state is what a socket says.
type state int

const (
	silent state = iota
	starting
	answering
)

// ping tries one connection.
func ping(ctx context.Context, socket string) state {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgconn.Connect(ctx, address(socket, "postgres", superuser))
	if err == nil {
		_ = conn.Close(ctx)
		return answering
	}
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
		if pg.Code == "57P03" { // cannot_connect_now
			return starting
		}
		return answering // it speaks, for instance of too many connections
	}
	return silent
}

// createDatabase makes the application's role and database when missing.
func (cl *Cluster) createDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, address(cl.socket, "postgres", superuser))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(ctx)
	var hasRole, hasBound, hasDatabase bool
	err = conn.QueryRow(ctx, `select exists (select from pg_roles where rolname = $1),
		exists (select from pg_roles where rolname = $3),
		exists (select from pg_database where datname = $2)`, role, Database, boundRole).Scan(&hasRole, &hasBound, &hasDatabase)
	if err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	if !hasRole {
		if _, err := conn.Exec(ctx, "create role "+role+" login createdb"); err != nil {
			return fmt.Errorf("create the role: %w", err)
		}
	}
	if !hasBound {
		if _, err := conn.Exec(ctx, "create role "+boundRole+" nologin; grant "+boundRole+" to "+role); err != nil {
			return fmt.Errorf("create the role %s: %w", boundRole, err)
		}
	}
	if !hasDatabase {
		if _, err := conn.Exec(ctx, "create database "+Database+" owner "+role); err != nil {
			return fmt.Errorf("create the database: %w", err)
		}
	}
	return nil
}
