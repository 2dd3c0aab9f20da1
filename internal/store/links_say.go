package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/linking"
)

// What people say of who is who. Each of these is followed by finding the persons
// anew, in the same transaction, and can be taken back.

// AcceptLinks makes links of suggestions; actor is who says so. It returns the
// links' ids, for undoing. Suggestions that are gone are passed over.
func (s *Store) AcceptLinks(ctx context.Context, sc community.Scope, suggestions []int64, actor int64) ([]int64, error) {
	return s.say(ctx, sc, "accept links", `insert into link (organisation_id, community_id, identity_a, customer_a, identity_b, customer_b, rule, confidence, actor_id)
		select organisation_id, community_id, identity_a, customer_a, identity_b, customer_b, rule, confidence, @actor from link_suggestion
		where organisation_id = @org and community_id = @com and id = any (@ids) on conflict do nothing returning id`, pgx.NamedArgs{"ids": suggestions, "actor": actor})
}

// RejectLinks says of suggestions that they are wrong. It returns the ids of the
// vetoes, for undoing by LiftVetoes.
func (s *Store) RejectLinks(ctx context.Context, sc community.Scope, suggestions []int64, actor int64) ([]int64, error) {
	return s.say(ctx, sc, "reject links", `insert into never_link (organisation_id, community_id, identity_a, customer_a, identity_b, customer_b, actor_id)
		select organisation_id, community_id, identity_a, customer_a, identity_b, customer_b, @actor from link_suggestion
		where organisation_id = @org and community_id = @com and id = any (@ids) on conflict do nothing returning id`, pgx.NamedArgs{"ids": suggestions, "actor": actor})
}

// EndLinks takes back links that somebody said: they are asked for again, or hold
// by a rule. It returns those that were there.
func (s *Store) EndLinks(ctx context.Context, sc community.Scope, links []int64, actor int64) ([]int64, error) {
	return s.say(ctx, sc, "end links", `update link set valid_to = clock_timestamp(), ended_by = @actor, ended_why = 'undone'
		where organisation_id = @org and community_id = @com and id = any (@ids) and valid_to is null returning id`, pgx.NamedArgs{"ids": links, "actor": actor})
}

// Unlink ends links for good: a veto keeps rules from making them again. It
// returns the ids of the vetoes.
func (s *Store) Unlink(ctx context.Context, sc community.Scope, links []int64, actor int64) ([]int64, error) {
	return s.say(ctx, sc, "unlink", `with ended as (
			update link set valid_to = clock_timestamp(), ended_by = @actor, ended_why = 'hand'
			where organisation_id = @org and community_id = @com and id = any (@ids) and valid_to is null
			returning identity_a, customer_a, identity_b, customer_b
		)
		insert into never_link (organisation_id, community_id, identity_a, customer_a, identity_b, customer_b, actor_id)
		select @org, @com, identity_a, customer_a, identity_b, customer_b, @actor from ended on conflict do nothing returning id`,
		pgx.NamedArgs{"ids": links, "actor": actor})
}

// LiftVetoes takes vetoes back; it returns those that were there.
func (s *Store) LiftVetoes(ctx context.Context, sc community.Scope, vetoes []int64) ([]int64, error) {
	return s.say(ctx, sc, "lift vetoes", `delete from never_link where organisation_id = @org and community_id = @com and id = any (@ids) returning id`, pgx.NamedArgs{"ids": vetoes})
}

// LinkByHand says that two accounts are one person's; a veto against it is lifted.
// community.ErrNotFound when one of them is not there.
func (s *Store) LinkByHand(ctx context.Context, sc community.Scope, a, b linking.Ref, actor int64) (int64, error) {
	return s.linkSaid(ctx, sc, a, b, linking.ByHand, &actor)
}

// LinkByMember notes that a member linked an account of theirs by themselves.
func (s *Store) LinkByMember(ctx context.Context, sc community.Scope, a, b linking.Ref) (int64, error) {
	return s.linkSaid(ctx, sc, a, b, linking.ByMember, nil)
}

func (s *Store) linkSaid(ctx context.Context, sc community.Scope, a, b linking.Ref, rule linking.Rule, actor *int64) (int64, error) {
	p := linking.NewPair(a, b)
	args := ends(sc, []linking.Link{{A: p.A, B: p.B, Rule: rule, Confidence: 1}})
	args["actor"] = actor
	ids, err := s.say(ctx, sc, "link by "+string(rule), `with lifted as (
			delete from never_link n using unnest(@as::bigint[], @bs::bigint[]) h (a, b) where n.organisation_id = @org and n.community_id = @com and n.a = h.a and n.b = h.b
		)
		insert into link as l (organisation_id, community_id, identity_a, customer_a, identity_b, customer_b, rule, confidence, actor_id)
		select @org, @com, case when h.a < 0 then -h.a end, case when h.a > 0 then h.a end, case when h.b < 0 then -h.b end, case when h.b > 0 then h.b end,
			h.rule, h.confidence, @actor::bigint
		from unnest(@as::bigint[], @bs::bigint[], @rules::text[], @confidences::real[]) as h (a, b, rule, confidence)
		where (h.a > 0 and exists (select from customer where organisation_id = @org and community_id = @com and id = h.a)
				or exists (select from identity where organisation_id = @org and community_id = @com and id = -h.a))
			and (h.b > 0 and exists (select from customer where organisation_id = @org and community_id = @com and id = h.b)
				or exists (select from identity where organisation_id = @org and community_id = @com and id = -h.b))
		on conflict (organisation_id, community_id, a, b) where valid_to is null do update set rule = excluded.rule, confidence = excluded.confidence, actor_id = excluded.actor_id
		returning id`, args)
	if err == nil && len(ids) == 0 {
		return 0, fmt.Errorf("store: link by %s: %w", rule, community.ErrNotFound)
	}
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// say writes down what was said and finds the persons anew.
func (s *Store) say(ctx context.Context, sc community.Scope, what, sql string, args pgx.NamedArgs) ([]int64, error) {
	ctx = of(ctx, sc)
	var ids []int64
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, intakeLock, scoped(sc, nil)); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sql, scoped(sc, args))
		if err != nil {
			return err
		}
		if ids, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil || len(ids) == 0 {
			return err
		}
		return link(ctx, tx, sc, time.Now())
	})
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w", what, err)
	}
	return ids, nil
}

// PersonsAt are the persons with more than one account as they were known at a
// moment: by the links that held then.
func (s *Store) PersonsAt(ctx context.Context, sc community.Scope, at time.Time) ([][]linking.Ref, error) {
	ctx = of(ctx, sc)
	rows, err := s.pool.Query(ctx, `select a, b from link where organisation_id = @org and community_id = @com
		and valid_from <= @at and (valid_to is null or valid_to > @at)`, scoped(sc, pgx.NamedArgs{"at": at}))
	if err != nil {
		return nil, fmt.Errorf("store: persons at: %w", err)
	}
	var a, b int64
	var pairs []linking.Pair
	if _, err := pgx.ForEachRow(rows, []any{&a, &b}, func() error {
		pairs = append(pairs, linking.NewPair(refBehind(a), refBehind(b)))
		return nil
	}); err != nil {
		return nil, fmt.Errorf("store: persons at: %w", err)
	}
	return linking.Components(pairs), nil
}
