package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// ErrNotUndoable says that an import still runs, or was undone before.
var ErrNotUndoable = errors.New("the import cannot be undone")

// Undone counts what undoing an import did.
type Undone struct {
	Removed  int64 // rows that only this import brought
	Restored int64 // rows that it had changed, as they were before
}

// trades are the tables of business data that imports write, those first that
// others hang on last, with the columns that an import may change.
func trades() []struct{ noun, columns string } {
	return []struct{ noun, columns string }{
		{"survey_answer", "customer_id, order_external, at, choice, skipped, removed"},
		{"cost", "kind, from_day, to_day, category, channel, currency, exponent, amount_minor, minutes, removed"},
		{"subscription", "customer_id, started_at, trial_end, cancel_asked_at, ended_at, test, removed, revision"},
		{"customer_order", "number, customer_id, at, state, test, declared, currency, exponent, net_minor, tax_minor, shipping_minor, discount_minor, " +
			"refunded_minor, codes, channel, country, detail_print, removed, revision, base_currency, rate_from, rate_to, rate_due, net_base, refunded_base"},
		{"customer", "created_at, country, channel, contact_print, merged_into, revision"},
	}
}

// UndoImport takes away what an import of business data brought: rows that only it
// brought go, rows that it changed are as they were before, unless a later import
// changed them again: then the later one stays. community.ErrNotFound when there is
// no such import, ErrNotUndoable when it runs or was undone.
func (s *Store) UndoImport(ctx context.Context, sc community.Scope, id int64) (Undone, error) {
	ctx = of(ctx, sc)
	var done Undone
	if s.keys == nil {
		return done, fmt.Errorf("store: undo import: %w", ErrNoKeys)
	}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		args := scoped(sc, pgx.NamedArgs{"id": id})
		if _, err := tx.Exec(ctx, intakeLock, args); err != nil {
			return err
		}
		if err := claimUndo(ctx, tx, args); err != nil {
			return err
		}
		for _, t := range trades() {
			if err := s.undoNoun(ctx, tx, sc, t.noun, t.columns, args, &done); err != nil {
				return fmt.Errorf("%s: %w", t.noun, err)
			}
		}
		if _, err := tx.Exec(ctx, `delete from import_before where organisation_id = @org and community_id = @com and import_id = @id`, args); err != nil {
			return err
		}
		if err := settleDuplicates(ctx, tx, sc); err != nil {
			return err
		}
		return touchTrade(ctx, tx, sc)
	})
	if err != nil {
		return Undone{}, fmt.Errorf("store: undo import: %w", err)
	}
	return done, nil
}

// claimUndo marks the import as undone.
func claimUndo(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs) error {
	var ended bool
	var undone time.Time
	err := tx.QueryRow(ctx, `select state in ('done', 'failed', 'cancelled'), undone_at from import
		where organisation_id = @org and community_id = @com and id = @id for update`, args).Scan(&ended, timeOrZero{&undone})
	if err != nil {
		return notFound(err)
	}
	if !ended || !undone.IsZero() {
		return ErrNotUndoable
	}
	_, err = tx.Exec(ctx, `update import set undone_at = now() where organisation_id = @org and community_id = @com and id = @id`, args)
	return err
}

// undoNoun undoes one table. noun and columns are ours, never input.
func (s *Store) undoNoun(ctx context.Context, tx pgx.Tx, sc community.Scope, noun, columns string, args pgx.NamedArgs, done *Undone) error {
	fill := func(sql string) string { return strings.ReplaceAll(sql, "%noun%", noun) }
	// The image of the next import that changed the same row.
	const next = `(select n.id from import_before n where n.organisation_id = @org and n.community_id = @com and n.noun = '%noun%'
		and n.row_id = b.row_id and n.id > b.id order by n.id limit 1)`
	_, err := tx.Exec(ctx, fill(`update import_before n set before = b.before, sealed = b.sealed from import_before b
		where b.organisation_id = @org and b.community_id = @com and b.import_id = @id and b.noun = '%noun%'
			and n.organisation_id = @org and n.community_id = @com and n.id = `+next), args)
	if err != nil {
		return err
	}
	latest := fill(` and not exists (select from import_before n where n.organisation_id = @org and n.community_id = @com and n.noun = '%noun%'
		and n.row_id = b.row_id and n.id > b.id)`)
	restored, err := s.restore(ctx, tx, sc, noun, columns, latest, args)
	if err != nil {
		return err
	}
	done.Restored += restored
	// What a later import changed is that one's from now on.
	_, err = tx.Exec(ctx, fill(`with first as (select distinct on (n.row_id) n.id, n.row_id, n.import_id from import_before n
			join %noun% r on r.organisation_id = @org and r.community_id = @com and r.id = n.row_id and r.import_id = @id
			where n.organisation_id = @org and n.community_id = @com and n.noun = '%noun%' order by n.row_id, n.id),
		heir as (update %noun% r set import_id = f.import_id from first f where r.organisation_id = @org and r.community_id = @com and r.id = f.row_id)
		delete from import_before n using first f where n.organisation_id = @org and n.community_id = @com and n.id = f.id`), args)
	if err != nil {
		return err
	}
	if noun == "customer" {
		if err := s.keepNamed(ctx, tx, sc, args); err != nil {
			return err
		}
	}
	tag, err := tx.Exec(ctx, fill(`delete from %noun% where organisation_id = @org and community_id = @com and import_id = @id`), args)
	done.Removed += tag.RowsAffected()
	return err
}

// keepNamed keeps customers whom other imports' records name, or will name again
// when an import is undone: without what this one told of them, as theirs.
func (s *Store) keepNamed(ctx context.Context, tx pgx.Tx, sc community.Scope, args pgx.NamedArgs) error {
	rows, err := tx.Query(ctx, `with named as (
		select x.customer_id as id, min(x.import_id) as import_id from (
			select customer_id, import_id from customer_order where organisation_id = @org and community_id = @com
			union all select customer_id, import_id from subscription where organisation_id = @org and community_id = @com
			union all select customer_id, import_id from survey_answer where organisation_id = @org and community_id = @com
			union all select (before->'row'->>'customer_id')::bigint, import_id from import_before
				where organisation_id = @org and community_id = @com and import_id <> @id and noun <> 'customer'
		) x join customer c on c.organisation_id = @org and c.community_id = @com and c.id = x.customer_id and c.import_id = @id group by 1
	), guests as (
		update customer c set import_id = n.import_id from named n where c.organisation_id = @org and c.community_id = @com and c.id = n.id and c.guest
	)
	update customer c set contact = '', contact_print = '', revision = -1, import_id = n.import_id, channel = '', country = '', created_at = null
		from named n where c.organisation_id = @org and c.community_id = @com and c.id = n.id and not c.guest returning c.id`, args)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(ids) == 0 {
		return err
	}
	return s.rekeyCustomers(ctx, tx, sc, ids)
}

// restore puts back what rows were before an import.
func (s *Store) restore(ctx context.Context, tx pgx.Tx, sc community.Scope, noun, columns, where string, args pgx.NamedArgs) (int64, error) {
	var sets []string
	for c := range strings.SplitSeq(columns, ", ") {
		sets = append(sets, c+" = r."+c)
	}
	if noun == "customer" {
		sets = append(sets, "contact = b.sealed")
	}
	rows, err := tx.Query(ctx, `update `+noun+` x set `+strings.Join(sets, ", ")+` from import_before b, jsonb_populate_record(null::`+noun+`, b.before->'row') r
		where b.organisation_id = @org and b.community_id = @com and b.import_id = @id and b.noun = '`+noun+`'`+where+`
			and x.organisation_id = @org and x.community_id = @com and x.id = b.row_id returning x.id`, args)
	if err != nil {
		return 0, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	for _, part := range partsOf(noun) {
		if err := restoreParts(ctx, tx, sc, noun, part.table, part.owner, ids, args); err != nil {
			return 0, err
		}
	}
	if noun == "customer" {
		err = s.rekeyCustomers(ctx, tx, sc, ids)
	}
	return int64(len(ids)), err
}

// part is a table whose rows hang on those of another.
type part struct{ table, owner string }

func partsOf(noun string) []part {
	switch noun {
	case "customer_order":
		return []part{{"order_line", "order_id"}, {"refund", "order_id"}}
	case "subscription":
		return []part{{"subscription_state", "subscription_id"}}
	}
	return nil
}

func restoreParts(ctx context.Context, tx pgx.Tx, sc community.Scope, noun, table, owner string, ids []int64, args pgx.NamedArgs) error {
	with := scoped(sc, pgx.NamedArgs{"ids": ids, "id": args["id"]})
	if _, err := tx.Exec(ctx, `delete from `+table+` where organisation_id = @org and community_id = @com and `+owner+` = any (@ids)`, with); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into `+table+` select r.* from import_before b, jsonb_populate_recordset(null::`+table+`, coalesce(nullif(b.before->'`+table+`', 'null'), '[]')) r
		where b.organisation_id = @org and b.community_id = @com and b.import_id = @id and b.noun = '`+noun+`' and b.row_id = any (@ids)`, with)
	return err
}
