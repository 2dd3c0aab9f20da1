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
	return s.AddNote(ctx, c, "degraded", right)
}

// RestoreConnection notes that a right came back.
func (s *Store) RestoreConnection(ctx context.Context, c Connection, right string) error {
	return s.DropNote(ctx, c, "degraded", right)
}

// AddNote adds one word, without blanks, to what is remarked of a kind.
func (s *Store) AddNote(ctx context.Context, c Connection, kind, word string) error {
	return s.setConnection(ctx, "note", c, `settings = settings || jsonb_build_object(@kind::text,
		trim(array_to_string(array_remove(string_to_array(coalesce(settings->>@kind, ''), ' '), @word::text), ' ') || ' ' || @word))`,
		pgx.NamedArgs{"kind": "note_" + kind, "word": clean(word)})
}

// DropNote takes one word away again; the others stay.
func (s *Store) DropNote(ctx context.Context, c Connection, kind, word string) error {
	return s.setConnection(ctx, "note", c, `settings = case when settings ? @kind then settings || jsonb_build_object(@kind::text,
		array_to_string(array_remove(string_to_array(settings->>@kind, ' '), @word::text), ' ')) else settings end`,
		pgx.NamedArgs{"kind": "note_" + kind, "word": clean(word)})
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
