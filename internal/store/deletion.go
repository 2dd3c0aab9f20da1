package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// Deleting has two steps. The first, in one transaction, marks what is deleted
// and takes every way in: from then on nobody sees it. The second removes the
// rows, in batches, however often it is interrupted.

// Deletion is an organisation or, with a community, one community of it that is
// being deleted.
type Deletion struct {
	Organisation int64
	Community    int64 // 0: all of the organisation
}

// MarkOrganisation begins the deletion of an organisation: nobody sees it any
// more. community.ErrNotFound when there is none, or when it is being deleted.
func (s *Store) MarkOrganisation(ctx context.Context, organisation int64) error {
	ctx = within(ctx, organisation)
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		args := pgx.NamedArgs{"org": organisation}
		tag, err := tx.Exec(ctx, `update organisation set deleted_at = now() where id = @org and deleted_at is null`, args)
		if err == nil && tag.RowsAffected() == 0 {
			err = community.ErrNotFound
		}
		if err != nil {
			return err
		}
		for _, sql := range []string{
			`update community set deleted_at = coalesce(deleted_at, now()) where organisation_id = @org`,
			`update connection set state = 'revoked', sealed = null where organisation_id = @org and state <> 'file'`,
			`update backfill set state = 'cancelled', finished_at = now() where organisation_id = @org and state = 'running'`,
			`update import set state = 'cancelled', finished_at = now() where organisation_id = @org and state in ('waiting', 'running', 'asking')`,
			`delete from seat where organisation_id = @org`,
			`delete from invitation where organisation_id = @org`,
			`delete from api_key where organisation_id = @org`,
		} {
			if _, err := tx.Exec(ctx, sql, args); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: delete organisation: %w", err)
	}
	return nil
}

// MarkCommunity begins the deletion of a community: nobody sees it any more. Keys
// and invitations that were for it alone end with it.
func (s *Store) MarkCommunity(ctx context.Context, sc community.Scope) error {
	ctx = of(ctx, sc)
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		args := scoped(sc, nil)
		// The name is free again at once.
		tag, err := tx.Exec(ctx, `update community set deleted_at = now(), name = 'deleted ' || id
			where organisation_id = @org and id = @com and deleted_at is null`, args)
		if err == nil && tag.RowsAffected() == 0 {
			err = community.ErrNotFound
		}
		if err != nil {
			return err
		}
		for _, sql := range []string{
			`update import set state = 'cancelled', finished_at = now()
				where organisation_id = @org and community_id = @com and state in ('waiting', 'running', 'asking')`,
			`update connection set state = 'revoked', sealed = null where organisation_id = @org and community_id = @com and state <> 'file'`,
			`update backfill set state = 'cancelled', finished_at = now() where organisation_id = @org and community_id = @com and state = 'running'`,
			`delete from seat_community where organisation_id = @org and community_id = @com`,
			// An empty list means all communities: what was for this one alone ends.
			`update api_key set revoked_at = coalesce(revoked_at, now()) where organisation_id = @org and communities = array[@com::bigint]`,
			`update api_key set communities = array_remove(communities, @com::bigint)
				where organisation_id = @org and @com::bigint = any (communities) and communities <> array[@com::bigint]`,
			`update invitation set revoked_at = coalesce(revoked_at, now()) where organisation_id = @org and communities = array[@com::bigint]`,
			`update invitation set communities = array_remove(communities, @com::bigint)
				where organisation_id = @org and @com::bigint = any (communities) and communities <> array[@com::bigint]`,
		} {
			if _, err := tx.Exec(ctx, sql, args); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: delete community: %w", err)
	}
	return nil
}

// DeleteOrganisation deletes an organisation with everything that it has.
func (s *Store) DeleteOrganisation(ctx context.Context, organisation int64) error {
	if err := s.MarkOrganisation(ctx, organisation); err != nil {
		return err
	}
	_, err := s.FinishDeletion(ctx, Deletion{Organisation: organisation})
	return err
}

// DeleteCommunity deletes a community with everything that it has.
func (s *Store) DeleteCommunity(ctx context.Context, sc community.Scope) error {
	if err := s.MarkCommunity(ctx, sc); err != nil {
		return err
	}
	_, err := s.FinishDeletion(ctx, Deletion{Organisation: sc.Organisation, Community: sc.Community})
	return err
}

// Deletions lists what was marked and is not gone yet, of all organisations.
func (s *Store) Deletions(ctx context.Context) ([]Deletion, error) {
	rows, err := s.pool.Query(Across(ctx), `select id, 0 from organisation where deleted_at is not null
		union all select c.organisation_id, c.id from community c join organisation o on o.id = c.organisation_id
		where c.deleted_at is not null and o.deleted_at is null order by 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("store: deletions: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Deletion])
	if err != nil {
		return nil, fmt.Errorf("store: deletions: %w", err)
	}
	return list, nil
}

// UploadsOf are the files that imports of what is being deleted had still to read.
func (s *Store) UploadsOf(ctx context.Context, d Deletion) ([]string, error) {
	rows, err := s.pool.Query(WithTenant(ctx, d.Organisation), `select distinct p from import, unnest(paths) p
		where organisation_id = $1 and ($2::bigint = 0 or community_id = $2) and owned`, d.Organisation, d.Community)
	if err != nil {
		return nil, fmt.Errorf("store: uploads of: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("store: uploads of: %w", err)
	}
	return list, nil
}

// deletedAtOnce bounds the rows of one statement.
const deletedAtOnce = 10_000

// FinishDeletion removes what was marked; false when another process is at it.
// Interrupted, it goes on where it was when called again.
func (s *Store) FinishDeletion(ctx context.Context, d Deletion) (bool, error) {
	ctx = WithTenant(ctx, d.Organisation)
	release, ok, err := s.hold(ctx, fmt.Sprintf("deletion/%d/%d", d.Organisation, d.Community))
	if err != nil || !ok {
		return false, err
	}
	defer release()
	tables, err := s.tablesOf(ctx, d)
	if err != nil {
		return false, fmt.Errorf("store: finish deletion: %w", err)
	}
	for _, t := range tables {
		if err := s.empty(ctx, t, d); err != nil {
			return false, fmt.Errorf("store: finish deletion: %s: %w", t.name, err)
		}
	}
	if err := s.inTx(ctx, func(tx pgx.Tx) error { return deleteRest(ctx, tx, d, tables) }); err != nil {
		return false, fmt.Errorf("store: finish deletion: %w", err)
	}
	return true, nil
}

// tenantTable is a table with rows of organisations.
type tenantTable struct {
	name  string // quoted
	split bool   // into partitions
}

// tablesOf lists from the catalogue the tables that may hold rows of what is
// deleted: a table of a later version is among them without being named here.
// Tables that others refer to come last; what communities refer to and what the
// application may not delete from goes with the organisation.
func (s *Store) tablesOf(ctx context.Context, d Deletion) ([]tenantTable, error) {
	column := "organisation_id"
	if d.Community != 0 {
		column = "community_id"
	}
	rows, err := s.pool.Query(ctx, `select quote_ident(c.relname), c.relkind = 'p' from pg_class c
		join pg_attribute a on a.attrelid = c.oid and a.attname = $1 and not a.attisdropped
		where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = current_schema()::regnamespace
			and c.relname <> 'community' and has_table_privilege(c.oid, 'delete')
			and not exists (select from pg_constraint k where k.conrelid = 'community'::regclass and k.confrelid = c.oid)
			and exists (select from pg_attribute o where o.attrelid = c.oid and o.attname = 'organisation_id' and not o.attisdropped)
		order by (select count(*) from pg_constraint k where k.confrelid = c.oid), c.relname`, column)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (tenantTable, error) {
		var t tenantTable
		return t, row.Scan(&t.name, &t.split)
	})
}

func (d Deletion) where() string {
	if d.Community != 0 {
		return `organisation_id = @org and community_id = @com`
	}
	return `organisation_id = @org`
}

func (d Deletion) args() pgx.NamedArgs {
	return scoped(community.Scope{Organisation: d.Organisation, Community: d.Community}, pgx.NamedArgs{"limit": deletedAtOnce})
}

// empty removes a table's rows in batches.
func (s *Store) empty(ctx context.Context, t tenantTable, d Deletion) error {
	if t.split {
		return s.emptyPartitions(ctx, t, d)
	}
	for {
		tag, err := s.pool.Exec(ctx, `delete from `+t.name+` where ctid = any (array(select ctid from `+t.name+` where `+d.where()+` limit @limit))`, d.args())
		if err != nil || tag.RowsAffected() < deletedAtOnce {
			return err
		}
	}
}

// emptyPartitions goes by partition: a row's place says where it is within its own.
func (s *Store) emptyPartitions(ctx context.Context, t tenantTable, d Deletion) error {
	for {
		var part *uint32
		err := s.pool.QueryRow(ctx, `select tableoid from `+t.name+` where `+d.where()+` limit 1`, d.args()).Scan(&part)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		args := d.args()
		args["part"] = part
		_, err = s.pool.Exec(ctx, `delete from `+t.name+` where tableoid = @part and `+d.where()+`
			and ctid = any (array(select ctid from `+t.name+` where tableoid = @part and `+d.where()+` limit @limit))`, args)
		if err != nil {
			return err
		}
	}
}

// deleteRest removes in one transaction what came meanwhile, the jobs, and the row
// that everything hung on. It waits for writers that began before the mark; later
// ones find the mark.
func deleteRest(ctx context.Context, tx pgx.Tx, d Deletion, tables []tenantTable) error {
	rows, err := tx.Query(ctx, `select id from community where organisation_id = @org and (@com::bigint = 0 or id = @com) order by id`, d.args())
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for _, id := range ids {
		sc := community.Scope{Organisation: d.Organisation, Community: id}
		if _, err := tx.Exec(ctx, intakeLock, scoped(sc, nil)); err != nil {
			return err
		}
		if _, err := lockRollup(ctx, tx, sc, true); err != nil {
			return err
		}
	}
	for _, t := range tables {
		if _, err := tx.Exec(ctx, `delete from `+t.name+` where `+d.where(), d.args()); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	last := []string{
		// River does not let go of a job that runs: it finds nothing and ends.
		`delete from river_job where state <> 'running' and args ->> 'organisation' = @org::bigint::text
			and (@com::bigint = 0 or args ->> 'community' = @com::bigint::text)`,
		`delete from community where organisation_id = @org and (@com::bigint = 0 or id = @com)`,
	}
	if d.Community == 0 {
		last = append(last, `delete from organisation where id = @org`)
	}
	for _, sql := range last {
		if _, err := tx.Exec(ctx, sql, d.args()); err != nil {
			return err
		}
	}
	return nil
}

// Holdings count what a deletion would remove.
type Holdings struct {
	Communities, Members, Colleagues, Imports int
	Messages                                  int64
}

// Holdings counts what an organisation holds, or one community of it.
func (s *Store) Holdings(ctx context.Context, d Deletion) (Holdings, error) {
	ctx = within(ctx, d.Organisation)
	var h Holdings
	err := s.pool.QueryRow(ctx, query("holdings"), d.args()).
		Scan(&h.Communities, &h.Members, &h.Colleagues, &h.Imports, &h.Messages)
	if err != nil {
		return h, fmt.Errorf("store: holdings: %w", err)
	}
	return h, nil
}
