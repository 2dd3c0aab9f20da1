package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// appRole is what the application is in the database: it owns no table, so it can
// neither change nor pass by the row-level security.
const appRole = "foyer_app"

// ErrUnbound says that row-level security would not bind the application.
var ErrUnbound = errors.New("the database user passes by row-level security and may not create the role " + appRole +
	": create it (create role " + appRole + " nologin; grant " + appRole + " to the user), or use a user without BYPASSRLS")

// grantAll gives the application's role what it needs of the current schema:
// partitions and the migrations' bookkeeping are left out, and the audit log can
// only be read and appended to.
const grantAll = `do $$
declare r record;
begin
	execute format('grant usage on schema %I to ` + appRole + `', current_schema());
	for r in select c.oid::regclass as t from pg_class c
		where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
			and c.relname not in ('goose_db_version', 'river_migration')
	loop
		execute format('grant select, insert, update, delete on %s to ` + appRole + `', r.t);
	end loop;
	revoke update, delete on audit_entry from ` + appRole + `;
	grant select on goose_db_version to ` + appRole + `; -- to know whether the schema is current
	execute format('grant usage, select on all sequences in schema %I to ` + appRole + `', current_schema());
end $$`

// makeRole makes the application's role where it is missing and may be made, and
// grants it its rights. It returns whether the user can act as it.
func makeRole(ctx context.Context, conn *pgxpool.Conn) (bool, error) {
	// Roles belong to the whole server: another database may be at it too.
	_, err := conn.Exec(ctx, `do $$ begin
		create role `+appRole+` nologin noinherit;
		execute format('grant `+appRole+` to %I', current_user);
	exception when duplicate_object or unique_violation or insufficient_privilege then null; end $$`)
	if err != nil {
		return false, err
	}
	var exists, member, unbound, bypass bool
	err = conn.QueryRow(ctx, `select exists (select from pg_roles where rolname = '`+appRole+`'),
		coalesce((select pg_has_role(current_user, oid, 'member') from pg_roles where rolname = '`+appRole+`'), false),
		(select rolsuper or rolbypassrls from pg_roles where rolname = current_user),
		coalesce((select rolsuper or rolbypassrls from pg_roles where rolname = '`+appRole+`'), false)`).Scan(&exists, &member, &unbound, &bypass)
	switch {
	case err != nil:
		return false, err
	case exists && bypass:
		return false, fmt.Errorf("the role %s passes by row-level security: alter role %s nosuperuser nobypassrls", appRole, appRole)
	case exists && member:
		_, err = conn.Exec(ctx, grantAll)
		return true, err
	case unbound:
		return false, ErrUnbound
	}
	return false, nil // the owner is bound by force
}

// Open migrates the database at conf and returns a store over a pool that acts as
// the application's role. Where that role cannot be had, the pool stays the
// tables' owner, whom forced row-level security binds; ErrUnbound when not.
func Open(ctx context.Context, conf *pgxpool.Config) (*Store, error) {
	owner := conf.Copy()
	owner.MaxConns, owner.MinConns = 4, 0
	pool, err := pgxpool.NewWithConfig(ctx, owner)
	if err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	acts, err := prepareDatabase(ctx, pool)
	pool.Close()
	if err != nil {
		return nil, err
	}
	bound := conf.Copy()
	bound.PrepareConn = prepare
	if acts {
		bound.AfterConnect = actAsApplication
	}
	if pool, err = pgxpool.NewWithConfig(ctx, bound); err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	return New(pool), nil
}

func prepareDatabase(ctx context.Context, pool *pgxpool.Pool) (acts bool, err error) {
	if err := Migrate(ctx, pool); err != nil {
		return false, err
	}
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return false, fmt.Errorf("store: open: %w", err)
	}
	defer conn.Release()
	// Granting the same right twice at once fails: one process after the other.
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return false, fmt.Errorf("store: open: lock: %w", err)
	}
	defer func() { _ = conn.Conn().Close(context.WithoutCancel(ctx)) }() // and the lock with it
	if acts, err = makeRole(ctx, conn); err != nil {
		return false, fmt.Errorf("store: role: %w", err)
	}
	return acts, nil
}

func actAsApplication(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "set role "+appRole)
	return err
}
