package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// keyed is what a batch says of one activity that is known by its key alone.
type keyed struct {
	first  *community.Activity // the first version with a time; nil when there is none
	newest *community.Activity // the one with the highest revision, the first of equals
	count  int                 // of versions
}

// resolved is what a batch's keyed activities turn out to be.
type resolved struct {
	fresh   []community.Activity // to be stored, with their last version and their parent's time
	revised []community.Activity // stored already: what changes of them, at their stored time
}

// keyedVersions brings the versions of each activity together, in the order in
// which they came.
func keyedVersions(list []community.Activity) ([]string, map[string]*keyed) {
	var order []string
	versions := make(map[string]*keyed, len(list))
	for i := range list {
		a := &list[i]
		k, ok := versions[a.ExternalID]
		if !ok {
			k = &keyed{newest: a}
			versions[a.ExternalID] = k
			order = append(order, a.ExternalID)
		}
		if k.count++; a.Revision > k.newest.Revision {
			k.newest = a
		}
		if k.first == nil && !a.At.IsZero() {
			k.first = a
		}
	}
	return order, versions
}

// revise puts what counts of a later version into an activity.
func revise(a *community.Activity, newer *community.Activity) {
	if newer.Revision > a.Revision {
		a.Features, a.Revision, a.Deleted = newer.Features, newer.Revision, newer.Deleted
	}
}

// resolveKeyed finds the stored moments of a batch's keyed activities and of
// their parents, and keeps what speaks of an activity that is not there. The
// caller holds the community's lock.
func (in *Intake) resolveKeyed(ctx context.Context, tx pgx.Tx, list []community.Activity, done *Stored) (resolved, error) {
	var out resolved
	if len(list) == 0 {
		return out, nil
	}
	order, versions := keyedVersions(list)
	stood, err := in.keyedMoments(ctx, tx, order, list)
	if err != nil {
		return out, fmt.Errorf("moments: %w", err)
	}
	var waiting []*community.Activity
	for _, key := range order {
		k := versions[key]
		done.Duplicates += k.count - 1
		at, stored := stood[key]
		switch {
		case stored:
			a := *k.newest
			a.At = at
			out.revised = append(out.revised, a)
		case k.first != nil:
			a := *k.first
			revise(&a, k.newest)
			out.fresh = append(out.fresh, a)
			stood[key] = a.At
		default:
			waiting = append(waiting, k.newest)
		}
	}
	if err := in.keepWaiting(ctx, tx, waiting, done); err != nil {
		return out, fmt.Errorf("keep: %w", err)
	}
	if err := in.takeWaiting(ctx, tx, out.fresh); err != nil {
		return out, fmt.Errorf("take: %w", err)
	}
	for i := range out.fresh {
		a := &out.fresh[i]
		if at, ok := stood[a.Parent]; ok && a.Parent != "" {
			a.ParentAt = at
		}
	}
	if err := in.keepMoments(ctx, tx, out.fresh); err != nil {
		return out, fmt.Errorf("keep: %w", err)
	}
	return out, nil
}

// keyedMoments looks up when activities and parents of new ones stand.
func (in *Intake) keyedMoments(ctx context.Context, tx pgx.Tx, order []string, list []community.Activity) (map[string]time.Time, error) {
	keys := append(make([]string, 0, 2*len(order)), order...)
	for i := range list {
		if p := list[i].Parent; p != "" {
			keys = append(keys, p)
		}
	}
	rows, err := tx.Query(ctx, `select key, occurred_at from keyed
		where organisation_id = @org and community_id = @com and key = any (@keys::text[])`,
		scoped(in.community.Scope, pgx.NamedArgs{"keys": keys}))
	if err != nil {
		return nil, err
	}
	stood := make(map[string]time.Time, len(keys))
	var (
		key string
		at  time.Time
	)
	_, err = pgx.ForEachRow(rows, []any{&key, &at}, func() error {
		stood[key] = at.UTC()
		return nil
	})
	return stood, err
}

// columnsOf are the parts of versions as arrays.
func columnsOf(sc community.Scope, list []*community.Activity) pgx.NamedArgs {
	n := len(list)
	at, keys, revisions := make([]time.Time, n), make([]string, n), make([]int64, n)
	lengths, deleted := make([]int32, n), make([]bool, n)
	questions, links := make([]bool, n), make([]bool, n)
	for i, a := range list {
		at[i], keys[i], revisions[i], deleted[i] = a.At, a.ExternalID, a.Revision, a.Deleted
		lengths[i], questions[i], links[i] = int32(a.Features.Length), a.Features.Question, a.Features.Link
	}
	return scoped(sc, pgx.NamedArgs{
		"at": at, "keys": keys, "revisions": revisions, "deleted": deleted, "lengths": lengths, "questions": questions, "links": links,
	})
}

// keepWaiting keeps versions of activities that are not there.
func (in *Intake) keepWaiting(ctx context.Context, tx pgx.Tx, list []*community.Activity, done *Stored) error {
	if len(list) == 0 {
		return nil
	}
	args := columnsOf(in.community.Scope, list)
	delete(args, "at")
	tag, err := tx.Exec(ctx, query("keyed_wait"), args)
	if err != nil {
		return err
	}
	done.Waiting += int(tag.RowsAffected())
	done.Duplicates += len(list) - int(tag.RowsAffected())
	return nil
}

// takeWaiting puts the versions that waited into the activities that have come.
func (in *Intake) takeWaiting(ctx context.Context, tx pgx.Tx, fresh []community.Activity) error {
	if len(fresh) == 0 {
		return nil
	}
	keys, place := make([]string, len(fresh)), make(map[string]int, len(fresh))
	for i := range fresh {
		keys[i], place[fresh[i].ExternalID] = fresh[i].ExternalID, i
	}
	rows, err := tx.Query(ctx, `delete from keyed_version where organisation_id = @org and community_id = @com and key = any (@keys::text[])
		returning key, revision, deleted, length, question, link`, scoped(in.community.Scope, pgx.NamedArgs{"keys": keys}))
	if err != nil {
		return err
	}
	var v community.Activity
	_, err = pgx.ForEachRow(rows, []any{&v.ExternalID, &v.Revision, &v.Deleted, &v.Features.Length, &v.Features.Question, &v.Features.Link}, func() error {
		revise(&fresh[place[v.ExternalID]], &v)
		return nil
	})
	return err
}

// keepMoments remembers when new activities stand, and which of them wait for a parent.
func (in *Intake) keepMoments(ctx context.Context, tx pgx.Tx, fresh []community.Activity) error {
	if len(fresh) == 0 {
		return nil
	}
	at, keys := make([]time.Time, len(fresh)), make([]string, len(fresh))
	var childAt []time.Time
	var parents, children []string
	for i := range fresh {
		a := &fresh[i]
		at[i], keys[i] = a.At, a.ExternalID
		if a.Parent != "" && a.ParentAt.IsZero() {
			childAt, parents, children = append(childAt, a.At), append(parents, a.Parent), append(children, a.ExternalID)
		}
	}
	_, err := tx.Exec(ctx, `insert into keyed (organisation_id, community_id, key, occurred_at)
		select @org, @com, * from unnest(@keys::text[], @at::timestamptz[])`,
		scoped(in.community.Scope, pgx.NamedArgs{"keys": keys, "at": at}))
	if err != nil || len(children) == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `insert into keyed_child (organisation_id, community_id, parent_key, occurred_at, key)
		select @org, @com, * from unnest(@parents::text[], @at::timestamptz[], @keys::text[])`,
		scoped(in.community.Scope, pgx.NamedArgs{"parents": parents, "at": childAt, "keys": children}))
	return err
}

// settleKeyed changes what is stored already: later versions, and the links of
// those that waited for what is stored now. It adds to what changed.
func (in *Intake) settleKeyed(ctx context.Context, tx pgx.Tx, r resolved, c *changes, done *Stored) error {
	if err := in.reviseKeyed(ctx, tx, r.revised, c, done); err != nil {
		return fmt.Errorf("revise: %w", err)
	}
	if len(r.fresh) == 0 {
		return nil
	}
	at, keys, who := make([]time.Time, len(r.fresh)), make([]string, len(r.fresh)), make([]*int64, len(r.fresh))
	for i := range r.fresh {
		a := &r.fresh[i]
		at[i], keys[i] = a.At, a.ExternalID
		if k, ok := in.identities[a.Actor]; ok && a.Actor != "" && a.Kind == community.Message {
			who[i] = &k.id
		}
	}
	rows, err := tx.Query(ctx, query("keyed_settle"), scoped(in.community.Scope, pgx.NamedArgs{"at": at, "keys": keys, "who": who}))
	if err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	late, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	if err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	c.late = append(c.late, late...)
	return nil
}

func (in *Intake) reviseKeyed(ctx context.Context, tx pgx.Tx, list []community.Activity, c *changes, done *Stored) error {
	if len(list) == 0 {
		return nil
	}
	versions := make([]*community.Activity, len(list))
	for i := range list {
		versions[i] = &list[i]
	}
	rows, err := tx.Query(ctx, query("keyed_revise"), columnsOf(in.community.Scope, versions))
	if err != nil {
		return err
	}
	revised, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (community.Activity, error) {
		var a community.Activity
		return a, row.Scan(&a.At, &a.ExternalID, &a.Kind, &a.ParentAt, &a.Parent)
	})
	if err != nil {
		return err
	}
	done.Updated += len(revised)
	done.Duplicates += len(list) - len(revised)
	for _, a := range revised {
		// It may stand in a channel of another source, where turns are inferred.
		c.late = append(c.late, a.At.Add(-turnGap), a.At.Add(turnGap))
	}
	c.other = append(c.other, revised...)
	return nil
}
