package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// joinPeople brings the persons behind pairs of identities together: the oldest
// stays. Their rollups follow with the next recomputation. The caller holds the
// community's lock, and the identities are written.
func (in *Intake) joinPeople(ctx context.Context, tx pgx.Tx, same [][2]string) error {
	if len(same) == 0 {
		return nil
	}
	identities := make([]int64, 0, 2*len(same))
	for _, pair := range same {
		identities = append(identities, in.identities[pair[0]].id, in.identities[pair[1]].id)
		in.same[pair] = true
	}
	into, err := mergers(ctx, tx, in.community.Scope, identities)
	if err != nil {
		return fmt.Errorf("same: %w", err)
	}
	if len(into) == 0 {
		return nil
	}
	before, err := populations(ctx, tx, in.community.Scope, into)
	if err != nil {
		return fmt.Errorf("same: %w", err)
	}
	if err := moveIdentities(ctx, tx, in.community.Scope, into); err != nil {
		return fmt.Errorf("same: %w", err)
	}
	if err := in.applyPopulation(ctx, tx, identities); err != nil {
		return fmt.Errorf("same: %w", err)
	}
	after, err := populations(ctx, tx, in.community.Scope, into)
	if err != nil {
		return fmt.Errorf("same: %w", err)
	}
	return in.markJoined(ctx, tx, into, before, after)
}

// mergers says which members go into which, for pairs of identities one after
// the other: of those that hang together the one with the lowest id stays.
func mergers(ctx context.Context, tx pgx.Tx, sc community.Scope, identities []int64) (map[int64]int64, error) {
	rows, err := tx.Query(ctx, `select id, member_id from identity where organisation_id = @org and community_id = @com and id = any (@ids::bigint[])`,
		scoped(sc, pgx.NamedArgs{"ids": identities}))
	if err != nil {
		return nil, err
	}
	var id, member int64
	members := map[int64]int64{}
	if _, err := pgx.ForEachRow(rows, []any{&id, &member}, func() error {
		members[id] = member
		return nil
	}); err != nil {
		return nil, err
	}
	into := map[int64]int64{}
	root := func(m int64) int64 {
		for into[m] != 0 {
			m = into[m]
		}
		return m
	}
	for i := 0; i < len(identities); i += 2 {
		a, b := root(members[identities[i]]), root(members[identities[i+1]])
		if a != 0 && b != 0 && a != b {
			into[max(a, b)] = min(a, b)
		}
	}
	for m := range into {
		into[m] = root(m)
	}
	return into, nil
}

// populations are the members' own, of those that go and those that stay.
func populations(ctx context.Context, tx pgx.Tx, sc community.Scope, into map[int64]int64) (map[int64]int16, error) {
	members := slices.AppendSeq(slices.Collect(maps.Keys(into)), maps.Values(into))
	rows, err := tx.Query(ctx, `select id, population from member where organisation_id = @org and community_id = @com and id = any (@ids::bigint[])`,
		scoped(sc, pgx.NamedArgs{"ids": members}))
	if err != nil {
		return nil, err
	}
	var (
		id         int64
		population int16
	)
	out := map[int64]int16{}
	_, err = pgx.ForEachRow(rows, []any{&id, &population}, func() error {
		out[id] = population
		return nil
	})
	return out, err
}

// moveIdentities gives the identities of members that go to those that stay.
func moveIdentities(ctx context.Context, tx pgx.Tx, sc community.Scope, into map[int64]int64) error {
	gone, kept := make([]int64, 0, len(into)), make([]int64, 0, len(into))
	for from, to := range into {
		gone, kept = append(gone, from), append(kept, to)
	}
	args := scoped(sc, pgx.NamedArgs{"gone": gone, "kept": kept})
	if _, err := tx.Exec(ctx, query("member_say"), args); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update identity i set member_id = p.kept from unnest(@gone::bigint[], @kept::bigint[]) as p (gone, kept)
		where i.organisation_id = @org and i.community_id = @com and i.member_id = p.gone`, args)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `delete from member where organisation_id = @org and community_id = @com and id = any (@gone::bigint[])`,
		scoped(sc, pgx.NamedArgs{"gone": gone}))
	return err
}

// markJoined logs the days that those who are one now lived as several. Somebody
// who was made a moment ago has none. Where one of them changed sides with it,
// every day is: their exchanges touch other people's rows.
func (in *Intake) markJoined(ctx context.Context, tx pgx.Tx, into map[int64]int64, before, after map[int64]int16) error {
	lived := map[int64][]int64{} // by the one who stays
	for _, to := range into {
		lived[to] = nil
	}
	for m := range before {
		to, goes := into[m]
		if !goes {
			to = m
		}
		if in.newcomers[m] {
			continue
		}
		if before[m] != after[to] {
			return markAllDays(ctx, tx, in.community.Scope)
		}
		lived[to] = append(lived[to], m)
	}
	var members []int64
	for _, list := range lived {
		if len(list) > 1 {
			members = append(members, list...)
		}
	}
	if len(members) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, query("dirty_members"), scoped(in.community.Scope, pgx.NamedArgs{"members": members}))
	return err
}
