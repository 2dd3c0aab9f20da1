package store

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// Intake stores batches of one connection. It remembers the ids of people and
// channels, so one Intake serves one stream of batches, not several at once.
type Intake struct {
	store      *Store
	community  community.Community
	connection int64
	platform   community.Platform
	turns      bool
	seed       maphash.Seed
	identities map[string]known
	channels   map[string]known
	screen     screen
	partitions map[time.Time]bool
}

// known is a row that exists, and a fingerprint of what was written to it.
type known struct {
	id          int64
	fingerprint uint64
}

// Stored counts what a batch did.
type Stored struct {
	Activities int // new
	Updated    int // edited or deleted
	Duplicates int // known already, or twice in the batch
	TooEarly   int // refused: before Earliest
	TooLate    int // refused: in the future
	LeftOut    int // of erased people, or older than what is kept
}

// Earliest is the first moment that an activity can have: before the oldest of
// the platforms there was nothing to export.
func Earliest() time.Time { return time.Date(2005, 1, 1, 0, 0, 0, 0, time.UTC) }

// NewIntake returns an intake for the connection of a source.
func (s *Store) NewIntake(c community.Community, connection int64, src community.Source) *Intake {
	in := &Intake{
		store: s, community: c, connection: connection, platform: src.Platform,
		turns: !src.Measures.ReplyLinks, seed: maphash.MakeSeed(), partitions: map[time.Time]bool{},
	}
	in.forget()
	return in
}

func (in *Intake) forget() {
	in.identities, in.channels = map[string]known{}, map[string]known{}
}

// Store writes a batch in one transaction, with whatever else must commit with
// it. Applying the same batch again changes nothing.
func (in *Intake) Store(ctx context.Context, b community.Batch, also func(pgx.Tx, Stored) error) (Stored, error) {
	ctx = of(ctx, in.community.Scope)
	done, activities := in.sift(b.Activities)
	if err := in.ensurePartitions(ctx, activities); err != nil {
		return Stored{}, fmt.Errorf("store: intake: %w", err)
	}
	err := in.store.inTx(ctx, func(tx pgx.Tx) error {
		// One writer per community: a reply and the message it answers, stored at
		// once by two connections, would otherwise miss each other.
		if _, err := tx.Exec(ctx, intakeLock, scoped(in.community.Scope, nil)); err != nil {
			return err
		}
		if err := in.look(ctx, tx); err != nil {
			return err
		}
		b, activities = in.leaveOut(b, activities, &done)
		if err := in.storeChannels(ctx, tx, b); err != nil {
			return fmt.Errorf("channels: %w", err)
		}
		if err := in.storePeople(ctx, tx, b); err != nil {
			return fmt.Errorf("people: %w", err)
		}
		if err := in.storeActivities(ctx, tx, activities, &done); err != nil {
			return fmt.Errorf("activities: %w", err)
		}
		if also != nil {
			return also(tx, done)
		}
		return nil
	})
	if err != nil {
		in.forget() // what was written for the first time is not there
		return Stored{}, fmt.Errorf("store: intake: %w", err)
	}
	return done, nil
}

// sift sorts the activities by time and key, merges versions of the same one
// and leaves out those whose time cannot be.
func (in *Intake) sift(list []community.Activity) (Stored, []community.Activity) {
	var done Stored
	latest := time.Now().Add(48 * time.Hour)
	kept := make([]community.Activity, 0, len(list))
	for _, a := range list {
		a.At = a.At.UTC().Truncate(time.Microsecond)
		a.ParentAt = a.ParentAt.UTC().Truncate(time.Microsecond)
		switch {
		case a.At.Before(Earliest()):
			done.TooEarly++
		case a.At.After(latest):
			done.TooLate++
		default:
			kept = append(kept, a)
		}
	}
	slices.SortStableFunc(kept, func(a, b community.Activity) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ExternalID, b.ExternalID), cmp.Compare(b.Revision, a.Revision))
	})
	unique := slices.CompactFunc(kept, func(a, b community.Activity) bool {
		return a.ExternalID == b.ExternalID && a.At.Equal(b.At)
	})
	done.Duplicates = len(kept) - len(unique)
	return done, unique
}

// ensurePartitions makes the monthly partitions that the activities need.
// Attaching, unlike creating in place, does not wait for running queries.
func (in *Intake) ensurePartitions(ctx context.Context, list []community.Activity) error {
	for _, a := range list {
		month := time.Date(a.At.Year(), a.At.Month(), 1, 0, 0, 0, 0, time.UTC)
		if in.partitions[month] {
			continue
		}
		if err := in.store.ensurePartition(ctx, month); err != nil {
			return fmt.Errorf("partition %s: %w", month.Format("2006-01"), err)
		}
		in.partitions[month] = true
	}
	return nil
}

func (s *Store) ensurePartition(ctx context.Context, month time.Time) error {
	// Read from the catalogue: to_regclass may answer from a cache that does not
	// know yet what another process has just made.
	const attached = `select exists (select from pg_inherits h join pg_class c on c.oid = h.inhrelid
		where h.inhparent = 'activity'::regclass and c.relname = $1)`
	var exists bool
	if err := s.pool.QueryRow(ctx, attached, "activity_"+month.Format("2006_01")).Scan(&exists); err != nil || exists {
		return err
	}
	// The application may not make tables; the owner's function makes this one.
	_, err := s.pool.Exec(ctx, `select make_activity_partition($1)`, month)
	return err
}
