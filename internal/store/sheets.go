package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// mappingsKept bounds how many shapes of tables a community remembers: the last used.
const mappingsKept = 500

// SaveMapping remembers how tables of a shape are read, inside the transaction
// that also answers with it. mapping is JSON.
func (s *Store) SaveMapping(ctx context.Context, tx pgx.Tx, sc community.Scope, shape, mapping string) error {
	_, err := tx.Exec(ctx, `insert into sheet_mapping (organisation_id, community_id, shape, mapping) values (@org, @com, @shape, @mapping::jsonb)
		on conflict (organisation_id, community_id, shape) do update set mapping = excluded.mapping, used_at = now()`,
		scoped(sc, pgx.NamedArgs{"shape": shape, "mapping": mapping}))
	if err == nil {
		_, err = tx.Exec(ctx, `delete from sheet_mapping where organisation_id = @org and community_id = @com and shape in (
			select shape from sheet_mapping where organisation_id = @org and community_id = @com order by used_at desc, shape offset @kept)`,
			scoped(sc, pgx.NamedArgs{"kept": mappingsKept}))
	}
	if err != nil {
		return fmt.Errorf("store: save mapping: %w", err)
	}
	return nil
}

// Mappings are what a community remembers, as JSON by shape.
func (s *Store) Mappings(ctx context.Context, sc community.Scope) (map[string]string, error) {
	ctx = of(ctx, sc)
	rows, err := s.pool.Query(ctx, `select shape, mapping::text from sheet_mapping where organisation_id = @org and community_id = @com`, scoped(sc, nil))
	if err != nil {
		return nil, fmt.Errorf("store: mappings: %w", err)
	}
	all := map[string]string{}
	var shape, mapping string
	if _, err := pgx.ForEachRow(rows, []any{&shape, &mapping}, func() error {
		all[shape] = mapping
		return nil
	}); err != nil {
		return nil, fmt.Errorf("store: mappings: %w", err)
	}
	return all, nil
}

// RefusedLinesKept is how long refused lines stay to be corrected.
const RefusedLinesKept = 30 * 24 * time.Hour

// maxRefusedLines bounds what is kept of one refusal, in bytes.
const maxRefusedLines = 256 << 10

// sealLines is what is kept of refused lines; nothing of too much.
func (s *Store) sealLines(l *community.Lines) []byte {
	if l == nil || s.keys == nil {
		return []byte{}
	}
	plain, _ := json.Marshal(l) // texts always marshal
	if len(plain) > maxRefusedLines {
		return []byte{}
	}
	return s.keys.Seal(PurposeRefused, plain)
}

// RefusedLines calls found for each refusal of an import whose lines are kept, in
// the order of the files.
func (s *Store) RefusedLines(ctx context.Context, i Import, found func(community.Refusal) error) error {
	ctx = of(ctx, i.Scope)
	if s.keys == nil {
		return fmt.Errorf("store: refused lines: %w", ErrNoKeys)
	}
	rows, err := s.pool.Query(ctx, `select file, line, reason, detail, lines from refusal
		where organisation_id = @org and community_id = @com and import_id = @id and lines <> '' order by id`,
		scoped(i.Scope, pgx.NamedArgs{"id": i.ID}))
	if err != nil {
		return fmt.Errorf("store: refused lines: %w", err)
	}
	var r community.Refusal
	var sealed []byte
	if _, err := pgx.ForEachRow(rows, []any{&r.File, &r.Line, &r.Reason, &r.Detail, &sealed}, func() error {
		plain, err := s.keys.Open(PurposeRefused, sealed)
		if err != nil {
			return err
		}
		r.Lines = &community.Lines{}
		if err := json.Unmarshal(plain, r.Lines); err != nil {
			return err
		}
		return found(r)
	}); err != nil {
		return fmt.Errorf("store: refused lines: %w", err)
	}
	return nil
}

// HasRefusedLines says whether lines of an import are kept to be corrected.
func (s *Store) HasRefusedLines(ctx context.Context, i Import) (bool, error) {
	ctx = of(ctx, i.Scope)
	var there bool
	err := s.pool.QueryRow(ctx, `select exists (select from refusal
		where organisation_id = @org and community_id = @com and import_id = @id and lines <> '')`, scoped(i.Scope, pgx.NamedArgs{"id": i.ID})).Scan(&there)
	if err != nil {
		return false, fmt.Errorf("store: has refused lines: %w", err)
	}
	return there, nil
}

// DropRefusedLines removes, of all organisations, the refused lines of imports
// that ended before a moment. The refusals stay listed.
func (s *Store) DropRefusedLines(ctx context.Context, before time.Time) (int64, error) {
	tag, err := s.pool.Exec(Across(ctx), `update refusal r set lines = '' from import i
		where r.lines <> '' and i.organisation_id = r.organisation_id and i.community_id = r.community_id and i.id = r.import_id
			and coalesce(i.finished_at, i.created_at) < $1`, before)
	if err != nil {
		return 0, fmt.Errorf("store: drop refused lines: %w", err)
	}
	return tag.RowsAffected(), nil
}
