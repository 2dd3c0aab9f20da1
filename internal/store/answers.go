package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// copyReplies keeps which message answers which, of messages that are new.
func (in *Intake) copyReplies(ctx context.Context, tx pgx.Tx, list []community.Activity) error {
	var rows [][]any
	for i := range list {
		a := &list[i]
		if a.Kind != community.Message || a.Deleted || !linked(a) || a.Actor == "" {
			continue
		}
		rows = append(rows, []any{
			in.community.Organisation, in.community.Scope.Community, a.ParentAt, clean(a.Parent), a.At, clean(a.ExternalID),
			in.identities[a.Actor].id,
		})
	}
	if len(rows) == 0 {
		return nil
	}
	return copyInto(ctx, tx, "reply",
		[]string{"organisation_id", "community_id", "parent_at", "parent_key", "occurred_at", "key", "identity_id"}, pgx.CopyFromRows(rows))
}

// storeReplies does the same for messages that changed. It returns the replies
// that a deletion took away, with what they answered.
func (in *Intake) storeReplies(ctx context.Context, tx pgx.Tx, list []community.Activity) ([]community.Activity, error) {
	var parentAt, at []time.Time
	var parents, keys []string
	var who []int64
	var deletedAt []time.Time
	var deleted []string
	for i := range list {
		a := &list[i]
		switch {
		case a.Kind != community.Message:
		case a.Deleted:
			deletedAt, deleted = append(deletedAt, a.At), append(deleted, clean(a.ExternalID))
		case linked(a) && a.Actor != "":
			parentAt, parents = append(parentAt, a.ParentAt), append(parents, clean(a.Parent))
			at, keys, who = append(at, a.At), append(keys, clean(a.ExternalID)), append(who, in.identities[a.Actor].id)
		}
	}
	if len(keys) > 0 {
		_, err := tx.Exec(ctx, `insert into reply (organisation_id, community_id, parent_at, parent_key, occurred_at, key, identity_id)
			select @org, @com, * from unnest(@parent_at::timestamptz[], @parents::text[], @at::timestamptz[], @keys::text[], @who::bigint[])
			on conflict do nothing`,
			scoped(in.community.Scope, pgx.NamedArgs{"parent_at": parentAt, "parents": parents, "at": at, "keys": keys, "who": who}))
		if err != nil {
			return nil, err
		}
	}
	if len(deleted) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, query("reply_delete"),
		scoped(in.community.Scope, pgx.NamedArgs{"at": deletedAt, "keys": deleted}))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (community.Activity, error) {
		a := community.Activity{Kind: community.Message}
		return a, row.Scan(&a.ParentAt, &a.Parent, &a.At)
	})
}

// settleAwaiting tells activities that arrived before the message they answer
// who wrote it, and remembers those that still wait. It returns the moments of
// those that were told.
func (in *Intake) settleAwaiting(ctx context.Context, tx pgx.Tx, list []community.Activity, authors map[ref]int64) ([]time.Time, error) {
	var waitAt, at []time.Time
	var waitFor, keys []string
	var cameAt []time.Time
	var came []string
	var who []int64
	for i := range list {
		a := &list[i]
		if a.Kind == community.Message && a.Actor != "" {
			cameAt, came, who = append(cameAt, a.At), append(came, clean(a.ExternalID)), append(who, in.identities[a.Actor].id)
		}
		if _, ok := authors[refOf(a.ParentAt, a.Parent)]; linked(a) && !a.Keyed && !ok && !a.Deleted {
			waitAt, waitFor = append(waitAt, a.ParentAt), append(waitFor, clean(a.Parent))
			at, keys = append(at, a.At), append(keys, clean(a.ExternalID))
		}
	}
	var told []time.Time
	waiting := false
	if len(came) > 0 {
		err := tx.QueryRow(ctx, `select exists (select from awaiting where organisation_id = @org and community_id = @com)`,
			scoped(in.community.Scope, nil)).Scan(&waiting)
		if err != nil {
			return nil, err
		}
	}
	if waiting {
		rows, err := tx.Query(ctx, query("awaiting_settle"),
			scoped(in.community.Scope, pgx.NamedArgs{"at": cameAt, "keys": came, "who": who}))
		if err != nil {
			return nil, err
		}
		if told, err = pgx.CollectRows(rows, pgx.RowTo[time.Time]); err != nil {
			return nil, err
		}
	}
	if len(keys) == 0 {
		return told, nil
	}
	_, err := tx.Exec(ctx, `insert into awaiting (organisation_id, community_id, parent_at, parent_key, occurred_at, key)
		select @org, @com, * from unnest(@wait_at::timestamptz[], @wait_for::text[], @at::timestamptz[], @keys::text[])
		on conflict do nothing`,
		scoped(in.community.Scope, pgx.NamedArgs{"wait_at": waitAt, "wait_for": waitFor, "at": at, "keys": keys}))
	return told, err
}

// turnGap is how long a silence ends a conversation, where a source has no
// reply links and exchanges are inferred from turn-taking.
const turnGap = 30 * time.Minute

// markDays logs the local days that the activities change: their own, that of
// the question they answer, and where turns are inferred the neighbours'.
func (in *Intake) markDays(ctx context.Context, tx pgx.Tx, c changes) error {
	if len(c.fresh)+len(c.other)+len(c.late) == 0 {
		return nil
	}
	days := map[community.Date]bool{}
	loc := in.community.Location
	mark := func(t time.Time) { days[community.DateOf(t, loc)] = true }
	for a := range c.all() {
		mark(a.At)
		if a.Kind == community.Message && linked(a) {
			mark(a.ParentAt)
		}
		if in.turns {
			mark(a.At.Add(-turnGap))
			mark(a.At.Add(turnGap))
		}
	}
	for _, t := range c.late {
		mark(t)
	}
	if err := in.markThreads(ctx, tx, &c, mark); err != nil {
		return err
	}
	dates := make([]time.Time, 0, len(days))
	for _, d := range slices.Sorted(maps.Keys(days)) {
		dates = append(dates, d.UTC())
	}
	_, err := tx.Exec(ctx, `insert into dirty_day (organisation_id, community_id, day)
		select @org, @com, unnest(@days::date[])`, scoped(in.community.Scope, pgx.NamedArgs{"days": dates}))
	return err
}

// threadReach is how long after a question inside a thread a further message of
// that thread counts as its answer.
const threadReach = 7 * 24 * time.Hour

// markThreads marks the days of earlier messages in the same threads: one of
// them may be a question that is answered now.
func (in *Intake) markThreads(ctx context.Context, tx pgx.Tx, c *changes, mark func(time.Time)) error {
	type span struct{ first, last time.Time }
	threads := map[ref]span{}
	here := make(map[ref]bool, len(c.fresh))
	for i := range c.fresh {
		if a := &c.fresh[i]; a.Kind == community.Message && a.Actor != "" {
			here[refOf(a.At, clean(a.ExternalID))] = true
		}
	}
	for a := range c.all() {
		r := refOf(a.ParentAt, clean(a.Parent))
		// When the thread begins in this batch, what stood in it before was waiting
		// for its beginning, and is marked for that.
		if a.Kind != community.Message || !linked(a) || here[r] {
			continue
		}
		s, ok := threads[r]
		if !ok || a.At.Before(s.first) {
			s.first = a.At
		}
		if a.At.After(s.last) {
			s.last = a.At
		}
		threads[r] = s
	}
	if len(threads) == 0 {
		return nil
	}
	var at, from, to []time.Time
	var keys []string
	for r, s := range threads {
		at, keys = append(at, time.UnixMicro(r.at)), append(keys, r.key)
		from, to = append(from, s.first.Add(-threadReach)), append(to, s.last)
	}
	rows, err := tx.Query(ctx, `select distinct date_trunc('hour', r.occurred_at)
		from unnest(@at::timestamptz[], @keys::text[], @from::timestamptz[], @to::timestamptz[]) as k (at, key, first, last)
		join reply r on r.organisation_id = @org and r.community_id = @com and r.parent_at = k.at and r.parent_key = k.key
			and r.occurred_at >= k.first and r.occurred_at < k.last`,
		scoped(in.community.Scope, pgx.NamedArgs{"at": at, "keys": keys, "from": from, "to": to}))
	if err != nil {
		return err
	}
	var t time.Time
	_, err = pgx.ForEachRow(rows, []any{&t}, func() error {
		mark(t)
		mark(t.Add(time.Hour - time.Microsecond)) // zones whose days begin at half hours
		return nil
	})
	return err
}
