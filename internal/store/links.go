package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/linking"
)

// Unlinked lists, of all organisations, the communities where who is who must be
// found anew.
func (s *Store) Unlinked(ctx context.Context) ([]community.Scope, error) {
	rows, err := s.pool.Query(Across(ctx), `select organisation_id, id from community where linked <> traded and deleted_at is null order by linked_at nulls first`)
	if err != nil {
		return nil, fmt.Errorf("store: unlinked: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[community.Scope])
	if err != nil {
		return nil, fmt.Errorf("store: unlinked: %w", err)
	}
	return list, nil
}

// Link finds anew who is who in a community: links that hold no longer end, new
// ones begin, and the persons follow from them. What is the same stays as it is.
func (s *Store) Link(ctx context.Context, sc community.Scope, now time.Time) error {
	ctx = of(ctx, sc)
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, intakeLock, scoped(sc, nil)); err != nil {
			return err
		}
		return link(ctx, tx, sc, now)
	})
	if err != nil {
		return fmt.Errorf("store: link: %w", err)
	}
	return nil
}

// link is Link in a transaction that holds the community's lock.
func link(ctx context.Context, tx pgx.Tx, sc community.Scope, now time.Time) error {
	var traded int64
	in := linking.Input{Now: now}
	err := tx.QueryRow(ctx, `select traded, link_phone from community where organisation_id = @org and id = @com and deleted_at is null`, scoped(sc, nil)).Scan(&traded, &in.Phone)
	if err != nil {
		return notFound(err)
	}
	if err := loadLinking(ctx, tx, sc, &in); err != nil {
		return err
	}
	changed, err := saveLinking(ctx, tx, sc, linking.Decide(in))
	if err != nil {
		return err
	}
	if changed {
		traded++
	}
	_, err = tx.Exec(ctx, `update community set traded = @traded, linked = @traded, linked_at = now() where organisation_id = @org and id = @com`,
		scoped(sc, pgx.NamedArgs{"traded": traded}))
	return err
}

// loadLinking reads what is known of the accounts.
func loadLinking(ctx context.Context, tx pgx.Tx, sc community.Scope, in *linking.Input) error {
	rows, err := tx.Query(ctx, query("link_nodes"), scoped(sc, nil))
	if err != nil {
		return err
	}
	var n linking.Node
	if _, err := pgx.ForEachRow(rows, []any{&n.Customer, &n.ID, &n.Member, &n.Source, &n.Bot, &n.Guest, &n.Unmatched}, func() error {
		in.Nodes = append(in.Nodes, n)
		return nil
	}); err != nil {
		return fmt.Errorf("nodes: %w", err)
	}
	// Keys that only one account has tell nothing.
	rows, err = tx.Query(ctx, query("link_keys"), scoped(sc, nil))
	if err != nil {
		return err
	}
	var (
		k    linking.Key
		hash []byte
	)
	if _, err := pgx.ForEachRow(rows, []any{&k.Customer, &k.ID, &k.Kind, &hash, &k.Verified, &k.Seen}, func() error {
		k.Hash = string(hash)
		in.Keys = append(in.Keys, k)
		return nil
	}); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if err := eachPair(ctx, tx, sc, `select a, b, '', 1::real from never_link where organisation_id = @org and community_id = @com`,
		func(l linking.Link) { in.Never = append(in.Never, linking.Pair{A: l.A, B: l.B}) }); err != nil {
		return fmt.Errorf("never: %w", err)
	}
	return eachPair(ctx, tx, sc, query("link_said"), func(l linking.Link) { in.Said = append(in.Said, l) })
}

// eachPair reads links: both ends, rule and confidence.
func eachPair(ctx context.Context, tx pgx.Tx, sc community.Scope, sql string, add func(linking.Link)) error {
	rows, err := tx.Query(ctx, sql, scoped(sc, nil))
	if err != nil {
		return err
	}
	var (
		a, b int64
		l    linking.Link
	)
	_, err = pgx.ForEachRow(rows, []any{&a, &b, &l.Rule, &l.Confidence}, func() error {
		p := linking.NewPair(refBehind(a), refBehind(b))
		l.A, l.B = p.A, p.B
		add(l)
		return nil
	})
	return err
}

// signed is an account as a number: a customer above zero, an identity below.
func signed(r linking.Ref) int64 {
	if r.Customer {
		return r.ID
	}
	return -r.ID
}

// refBehind is the account behind such a number.
func refBehind(n int64) linking.Ref {
	if n > 0 {
		return linking.Ref{Customer: true, ID: n}
	}
	return linking.Ref{ID: -n}
}

// ends are links as columns.
func ends(sc community.Scope, list []linking.Link) pgx.NamedArgs {
	n := len(list)
	as, bs, rules, confidences := make([]int64, n), make([]int64, n), make([]string, n), make([]float32, n)
	for i, l := range list {
		as[i], bs[i], rules[i], confidences[i] = signed(l.A), signed(l.B), string(l.Rule), float32(l.Confidence)
	}
	return scoped(sc, pgx.NamedArgs{"as": as, "bs": bs, "rules": rules, "confidences": confidences})
}

// saveLinking writes the difference to what is stored; it says whether a person changed.
func saveLinking(ctx context.Context, tx pgx.Tx, sc community.Scope, out linking.Result) (bool, error) {
	links := ends(sc, out.Links)
	for _, name := range []string{"link_end", "link_save"} {
		if _, err := tx.Exec(ctx, query(name), links); err != nil {
			return false, fmt.Errorf("%s: %w", name, err)
		}
	}
	if _, err := tx.Exec(ctx, query("link_suggest"), ends(sc, out.Suggestions)); err != nil {
		return false, fmt.Errorf("suggestions: %w", err)
	}
	var groups, refs []int64
	for n, person := range out.Persons {
		for _, r := range person {
			groups, refs = append(groups, int64(n)), append(refs, signed(r))
		}
	}
	var changed int
	err := tx.QueryRow(ctx, query("link_persons"), scoped(sc, pgx.NamedArgs{"groups": groups, "refs": refs})).Scan(&changed)
	if err != nil {
		return false, fmt.Errorf("persons: %w", err)
	}
	return changed > 0, nil
}
