package store_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

// TestEveryTenantTableIsProtected: a table with an organisation has forced
// row-level security and a policy; the application owns none and passes by none.
func TestEveryTenantTableIsProtected(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	rows, err := pool.Query(t.Context(), `select c.relname, c.relrowsecurity, c.relforcerowsecurity,
			exists (select from pg_policy p where p.polrelid = c.oid), pg_get_userbyid(c.relowner) = current_user
		from pg_class c where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = current_schema()::regnamespace
			and (c.relname = 'organisation' or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organisation_id' and not a.attisdropped))`)
	if err != nil {
		t.Fatal(err)
	}
	var (
		name                         string
		enabled, forced, policy, own bool
	)
	n := 0
	_, err = pgx.ForEachRow(rows, []any{&name, &enabled, &forced, &policy, &own}, func() error {
		n++
		if !enabled || !forced || !policy {
			t.Errorf("%s: row-level security %t, forced %t, policy %t: call protect('%s') in its migration", name, enabled, forced, policy, name)
		}
		if own {
			t.Errorf("the application owns %s", name)
		}
		return nil
	})
	if err != nil || n < 25 {
		t.Fatalf("%d tables, %v", n, err)
	}
	var passes bool
	if err := pool.QueryRow(t.Context(), `select rolsuper or rolbypassrls from pg_roles where rolname = current_user`).Scan(&passes); err != nil || passes {
		t.Errorf("the application passes by row-level security: %t, %v", passes, err)
	}
}

// TestRowSecurityAlone asks without any WHERE, as nobody, as one tenant and as
// another: the policies alone keep them apart.
func TestRowSecurityAlone(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := newCommunity(t, pool, "Ours")
	fill(t, s, c)
	other := otherOrganisation(t, pool)
	for _, table := range append(rollupTables(), "community", "connection", "member", "identity", "activity", "organisation", "channel") {
		count := func(tenant int64) (n int) {
			t.Helper()
			if err := pool.QueryRow(store.WithTenant(t.Context(), tenant), `select count(*) from `+table).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if own := count(c.Organisation); own == 0 && table != "member_share" {
			t.Errorf("%s: the tenant itself sees nothing", table)
		}
		if n := count(0); n != 0 {
			t.Errorf("%s: nobody sees %d rows", table, n)
		}
		if n := count(other); n != 0 && table != "organisation" {
			t.Errorf("%s: the neighbour sees %d rows", table, n)
		}
	}
	// Nor can the neighbour write into another's tables.
	ctx := store.WithTenant(t.Context(), other)
	if _, err := pool.Exec(ctx, `insert into dirty_day (organisation_id, community_id, day) values ($1, 1, '2024-01-01')`, c.Organisation); err == nil {
		t.Error("the neighbour writes a row of ours")
	}
	if tag, err := pool.Exec(ctx, `update community set name = 'Theirs'`); err != nil || tag.RowsAffected() != 0 {
		t.Errorf("the neighbour changes %d rows, %v", tag.RowsAffected(), err)
	}
	// What the store is asked for another organisation than the visitor's is not there.
	if _, err := s.Community(ctx, c.Scope); err == nil {
		t.Error("a visitor of another organisation reads our community")
	}
	for _, sql := range []string{`alter table community disable row level security`, `drop policy tenant on community`, `select count(*) from activity_2024_05`, `create table mine ()`} {
		if _, err := pool.Exec(ctx, sql); err == nil {
			t.Errorf("the application may: %s", sql)
		}
	}
}

// TestAuditIsAppendOnly: not even the tables' owner changes what was written.
func TestAuditIsAppendOnly(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := newCommunity(t, pool, "Ours")
	if err := s.Audit(t.Context(), store.AuditEntry{Organisation: c.Organisation, Action: "team.rules", Actor: "Zoé", Detail: map[string]string{"to": "team"}}); err != nil {
		t.Fatal(err)
	}
	owner := dbtest.Owner(t, pool)
	for _, sql := range []string{`update audit_entry set actor = 'nobody'`, `delete from audit_entry`, `truncate audit_entry`} {
		if _, err := pool.Exec(store.Across(t.Context()), sql); err == nil {
			t.Errorf("the application may: %s", sql)
		}
		tx, err := owner.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err = tx.Exec(t.Context(), `set local foyer.organisation = '-1'`); err == nil {
			_, err = tx.Exec(t.Context(), sql)
		}
		if err == nil {
			t.Errorf("the owner may: %s", sql)
		}
		_ = tx.Rollback(t.Context())
	}
	list, err := s.AuditEntries(t.Context(), c.Organisation, store.AuditFilter{Action: "team", Search: "zo", Limit: 10})
	if err != nil || len(list) != 1 || list[0].Detail["to"] != "team" {
		t.Errorf("%v, %v", list, err)
	}
	if list, _ = s.AuditEntries(t.Context(), c.Organisation, store.AuditFilter{Action: "tea", Limit: 10}); len(list) != 0 {
		t.Error("half a word is taken for an action")
	}
}
