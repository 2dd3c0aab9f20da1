package store

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// ref is the identity of an activity.
type ref struct {
	at  int64 // microseconds
	key string
}

func refOf(at time.Time, key string) ref { return ref{at.UnixMicro(), key} }

// changes are what a batch did to the activities, for the days to recompute.
type changes struct {
	fresh []community.Activity
	other []community.Activity // changed, or withdrawn with what it answered
	late  []time.Time          // further moments
}

func (c *changes) all() iter.Seq[*community.Activity] {
	return func(yield func(*community.Activity) bool) {
		for _, list := range [...][]community.Activity{c.fresh, c.other} {
			for i := range list {
				if !yield(&list[i]) {
					return
				}
			}
		}
	}
}

// storeActivities writes what is new and replaces what has a newer version. The
// list is sorted and holds each activity once.
func (in *Intake) storeActivities(ctx context.Context, tx pgx.Tx, list []community.Activity, done *Stored) (changes, error) {
	if len(list) == 0 {
		return changes{}, nil
	}
	fresh, newer, err := in.compare(ctx, tx, list)
	if err != nil {
		return changes{}, fmt.Errorf("compare: %w", err)
	}
	done.Activities, done.Updated = len(fresh), len(newer)
	done.Duplicates += len(list) - len(fresh) - len(newer)
	changed := append(slices.Clip(fresh), newer...)
	if len(changed) == 0 {
		return changes{}, nil
	}
	authors, err := in.parentAuthors(ctx, tx, changed)
	if err != nil {
		return changes{}, fmt.Errorf("parents: %w", err)
	}
	if err := in.insertActivities(ctx, tx, fresh, authors); err != nil {
		return changes{}, fmt.Errorf("insert: %w", err)
	}
	if err := in.updateActivities(ctx, tx, newer, authors); err != nil {
		return changes{}, fmt.Errorf("update: %w", err)
	}
	if err := in.copyReplies(ctx, tx, fresh); err != nil {
		return changes{}, fmt.Errorf("replies: %w", err)
	}
	withdrawn, err := in.storeReplies(ctx, tx, newer)
	if err != nil {
		return changes{}, fmt.Errorf("replies: %w", err)
	}
	late, err := in.settleAwaiting(ctx, tx, changed, authors)
	if err != nil {
		return changes{}, fmt.Errorf("awaiting: %w", err)
	}
	return changes{fresh: fresh, other: append(newer, withdrawn...), late: late}, nil
}

// linked says whether it is known what the activity answers: the parent of one
// that is known by its key may be still to come.
func linked(a *community.Activity) bool { return a.Parent != "" && !a.ParentAt.IsZero() }

// compare tells what is not stored yet and what is stored in an older version.
func (in *Intake) compare(ctx context.Context, tx pgx.Tx, list []community.Activity) (fresh, newer []community.Activity, err error) {
	// An export in the order of time brings ranges in which nothing is known.
	var something bool
	err = tx.QueryRow(ctx, `select exists (select from activity where organisation_id = @org and community_id = @com
		and occurred_at between @first and @last)`,
		scoped(in.community.Scope, pgx.NamedArgs{"first": list[0].At, "last": list[len(list)-1].At})).Scan(&something)
	if err != nil || !something {
		return list, nil, err
	}
	at, keys := make([]time.Time, len(list)), make([]string, len(list))
	for i, a := range list {
		at[i], keys[i] = a.At, clean(a.ExternalID)
	}
	rows, err := tx.Query(ctx, `select k.i, a.revision
		from unnest(@at::timestamptz[], @keys::text[]) with ordinality as k (at, key, i)
		join activity a on a.organisation_id = @org and a.community_id = @com and a.occurred_at = k.at and a.key = k.key
		where a.occurred_at between @first and @last`,
		scoped(in.community.Scope, pgx.NamedArgs{"at": at, "keys": keys, "first": at[0], "last": at[len(at)-1]}))
	if err != nil {
		return nil, nil, err
	}
	revisions := map[int64]int64{}
	var i, revision int64
	if _, err := pgx.ForEachRow(rows, []any{&i, &revision}, func() error {
		revisions[i-1] = revision
		return nil
	}); err != nil {
		return nil, nil, err
	}
	if len(revisions) == 0 {
		return list, nil, nil
	}
	for i, a := range list {
		switch r, stored := revisions[int64(i)]; {
		case !stored:
			fresh = append(fresh, a)
		case a.Revision > r:
			newer = append(newer, a)
		}
	}
	return fresh, newer, nil
}

// parentAuthors finds who wrote the messages that the activities answer: in the
// batch itself, else among what is stored. Unknown ones are left out.
func (in *Intake) parentAuthors(ctx context.Context, tx pgx.Tx, list []community.Activity) (map[ref]int64, error) {
	authors := make(map[ref]int64, len(list))
	for i := range list {
		if a := &list[i]; a.Kind == community.Message && a.Actor != "" {
			authors[refOf(a.At, a.ExternalID)] = in.identities[a.Actor].id
		}
	}
	asked := map[ref]bool{}
	var at []time.Time
	var keys []string
	for i := range list {
		a := &list[i]
		r := refOf(a.ParentAt, a.Parent)
		if !linked(a) || asked[r] {
			continue
		}
		if _, ok := authors[r]; ok {
			continue
		}
		asked[r] = true
		at, keys = append(at, a.ParentAt), append(keys, clean(a.Parent))
	}
	if len(at) == 0 {
		return authors, nil
	}
	rows, err := tx.Query(ctx, `select a.occurred_at, a.key, a.identity_id
		from unnest(@at::timestamptz[], @keys::text[]) as k (at, key)
		join activity a on a.organisation_id = @org and a.community_id = @com and a.occurred_at = k.at and a.key = k.key
		where a.identity_id is not null`,
		scoped(in.community.Scope, pgx.NamedArgs{"at": at, "keys": keys}))
	if err != nil {
		return nil, err
	}
	var (
		when time.Time
		key  string
		id   int64
	)
	_, err = pgx.ForEachRow(rows, []any{&when, &key, &id}, func() error {
		authors[refOf(when, key)] = id
		return nil
	})
	return authors, err
}

// columns of an activity, in the order of values.
func activityColumns() []string {
	return []string{
		"organisation_id", "community_id", "occurred_at", "key", "kind", "connection_id", "identity_id", "channel_id",
		"parent_at", "parent_key", "parent_identity_id", "mentions", "position", "amount", "length", "question", "link",
		"inferred", "unlinked", "deleted", "detail", "revision",
	}
}

func (in *Intake) values(a *community.Activity, authors map[ref]int64) []any {
	var parentAt, parentKey, parentAuthor, mentions any
	if a.Parent != "" {
		parentKey = clean(a.Parent)
	}
	if linked(a) {
		parentAt = a.ParentAt
		if id, ok := authors[refOf(a.ParentAt, a.Parent)]; ok {
			parentAuthor = id
		}
	}
	if len(a.To) > 0 {
		ids := make([]int64, 0, len(a.To))
		for _, to := range a.To {
			if k, ok := in.identities[to]; ok {
				ids = append(ids, k.id)
			}
		}
		mentions = ids
	}
	return []any{
		in.community.Organisation, in.community.Scope.Community, a.At, clean(a.ExternalID), int16(a.Kind), in.connection,
		idOf(in.identities, a.Actor), idOf(in.channels, a.Channel),
		parentAt, parentKey, parentAuthor, mentions, int32(a.Order), int32(max(1, a.Amount)), int32(a.Features.Length),
		a.Features.Question, a.Features.Link, a.Inferred, a.Unlinked, a.Deleted, clean(a.Detail), a.Revision,
	}
}

func idOf(known map[string]known, external string) any {
	if k, ok := known[external]; ok && external != "" {
		return k.id
	}
	return nil
}

func (in *Intake) insertActivities(ctx context.Context, tx pgx.Tx, list []community.Activity, authors map[ref]int64) error {
	if len(list) == 0 {
		return nil
	}
	return copyInto(ctx, tx, "activity", activityColumns(),
		pgx.CopyFromSlice(len(list), func(i int) ([]any, error) { return in.values(&list[i], authors), nil }))
}

// updateActivities replaces older versions: rare, so one statement each in one batch.
func (in *Intake) updateActivities(ctx context.Context, tx pgx.Tx, list []community.Activity, authors map[ref]int64) error {
	if len(list) == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	for i := range list {
		batch.Queue(query("activity_update"), in.values(&list[i], authors)...)
	}
	return tx.SendBatch(ctx, batch).Close()
}
