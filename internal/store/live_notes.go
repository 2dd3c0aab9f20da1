package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// KeepingQuestions are, of all organisations, the communities that keep the text
// of questions.
func (s *Store) KeepingQuestions(ctx context.Context) (map[community.Scope]bool, error) {
	rows, err := s.pool.Query(Across(ctx), `select organisation_id, id from community where keep_questions`)
	if err != nil {
		return nil, fmt.Errorf("store: keeping questions: %w", err)
	}
	out := map[community.Scope]bool{}
	var sc community.Scope
	if _, err := pgx.ForEachRow(rows, []any{&sc.Organisation, &sc.Community}, func() error {
		out[sc] = true
		return nil
	}); err != nil {
		return nil, fmt.Errorf("store: keeping questions: %w", err)
	}
	return out, nil
}

// NoteConnection keeps a remark on a connection: that its gateway needs somebody,
// or why it was revoked. An empty detail takes it away.
func (s *Store) NoteConnection(ctx context.Context, c Connection, kind, detail string) error {
	return s.setConnection(ctx, "note", c, `settings = case when @detail::text = '' then settings - @kind::text
		else settings || jsonb_build_object(@kind::text, @detail::text) end`, pgx.NamedArgs{"kind": "note_" + kind, "detail": clean(detail)})
}

// DegradeConnection notes a right that a connection lacks; several can be missing
// at once. RestoreConnection takes it away again.
func (s *Store) DegradeConnection(ctx context.Context, c Connection, right string) error {
	return s.setConnection(ctx, "degraded", c, `settings = settings || jsonb_build_object('note_degraded',
		trim(array_to_string(array_remove(string_to_array(coalesce(settings->>'note_degraded', ''), ' '), @right::text), ' ') || ' ' || @right))`,
		pgx.NamedArgs{"right": clean(right)})
}

// RestoreConnection notes that a right came back.
func (s *Store) RestoreConnection(ctx context.Context, c Connection, right string) error {
	return s.setConnection(ctx, "restored", c, `settings = case when settings ? 'note_degraded' then settings || jsonb_build_object('note_degraded',
		array_to_string(array_remove(string_to_array(settings->>'note_degraded', ' '), @right::text), ' ')) else settings end`,
		pgx.NamedArgs{"right": clean(right)})
}

// BlindChannel notes that a connection cannot read a channel any more.
func (s *Store) BlindChannel(ctx context.Context, c Connection, external string) error {
	_, err := s.pool.Exec(of(ctx, c.Scope), `update channel set blind = true
		where organisation_id = @org and community_id = @com and connection_id = @id and external_id = @external`,
		scoped(c.Scope, pgx.NamedArgs{"id": c.ID, "external": clean(external)}))
	if err != nil {
		return fmt.Errorf("store: blind channel: %w", err)
	}
	return nil
}

// BlindChannels lists the names of the channels that a community's connections
// cannot read, by connection.
func (s *Store) BlindChannels(ctx context.Context, sc community.Scope) (map[int64][]string, error) {
	ctx = of(ctx, sc)
	rows, err := s.pool.Query(ctx, `select connection_id, coalesce(nullif(name, ''), external_id) from channel
		where organisation_id = @org and community_id = @com and blind order by 1, 2`, scoped(sc, nil))
	if err != nil {
		return nil, fmt.Errorf("store: blind channels: %w", err)
	}
	out := map[int64][]string{}
	var (
		id   int64
		name string
	)
	if _, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error {
		out[id] = append(out[id], name)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("store: blind channels: %w", err)
	}
	return out, nil
}
