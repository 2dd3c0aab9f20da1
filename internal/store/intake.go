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
	same       map[[2]string]bool // identities that were brought together
	newcomers  map[int64]bool     // identities, and their members, made by the last writePeople
	screen     screen
	partitions map[time.Time]bool
	importID   int64          // 0: no import
	grown      map[string]int // rows that trade wrote to each table since its statistics were taken
	analyzed   map[string]int // rows that there were then
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
	Waiting    int // versions of what has not come yet, kept until then
	Duplicates int // known already, or twice in the batch
	TooEarly   int // refused: before Earliest
	TooLate    int // refused: in the future
	LeftOut    int // of erased people, or older than what is kept
	Records    int // of business data: new or changed
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
	in.identities, in.channels, in.same = map[string]known{}, map[string]known{}, map[[2]string]bool{}
}

// Store writes a batch in one transaction, with whatever else must commit with
// it. Applying the same batch again changes nothing.
func (in *Intake) Store(ctx context.Context, b community.Batch, also func(pgx.Tx, Stored) error) (Stored, error) {
	ctx = of(ctx, in.community.Scope)
	done, plain, named := in.sift(b.Activities)
	for _, list := range [][]community.Activity{plain, named} {
		if err := in.ensurePartitions(ctx, list); err != nil {
			return Stored{}, fmt.Errorf("store: intake: %w", err)
		}
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
		b, plain, named = in.leaveOut(b, plain, named, &done)
		if err := in.storeChannels(ctx, tx, b); err != nil {
			return fmt.Errorf("channels: %w", err)
		}
		if err := in.storePeople(ctx, tx, b); err != nil {
			return fmt.Errorf("people: %w", err)
		}
		if err := in.storeAll(ctx, tx, plain, named, &done); err != nil {
			return fmt.Errorf("activities: %w", err)
		}
		if err := in.trade(ctx, tx, b.Business, &done); err != nil {
			return fmt.Errorf("business: %w", err)
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

// storeAll writes the activities, those that are known by their key alone among
// them, and logs the days to recompute.
func (in *Intake) storeAll(ctx context.Context, tx pgx.Tx, plain, named []community.Activity, done *Stored) error {
	r, err := in.resolveKeyed(ctx, tx, named, done)
	if err != nil {
		return fmt.Errorf("keyed: %w", err)
	}
	if len(r.fresh) > 0 {
		plain = append(plain, r.fresh...)
		sortActivities(plain)
	}
	c, err := in.storeActivities(ctx, tx, plain, done)
	if err != nil {
		return err
	}
	if err := in.storeArrivals(ctx, tx, plain); err != nil {
		return fmt.Errorf("arrivals: %w", err)
	}
	if err := in.settleKeyed(ctx, tx, r, &c, done); err != nil {
		return fmt.Errorf("keyed: %w", err)
	}
	return in.markDays(ctx, tx, c)
}

// Impossible says why an activity is left out for its time: before Earliest, or
// more than two days ahead of now. A version without a time belongs to an
// activity that is known by its key.
func Impossible(a *community.Activity, now time.Time) (early, late bool) {
	if a.Keyed && a.At.IsZero() && a.Revision > 0 {
		return false, false
	}
	return a.At.Before(Earliest()), a.At.After(now.Add(48 * time.Hour))
}

// sift sorts the activities by time and key, merges versions of the same one
// and leaves out those whose time cannot be. Those that are known by their key
// alone come apart, in their order: their times are to be found yet.
func (in *Intake) sift(list []community.Activity) (done Stored, plain, named []community.Activity) {
	now := time.Now()
	kept := make([]community.Activity, 0, len(list))
	for _, a := range list {
		a.At = a.At.UTC().Truncate(time.Microsecond)
		a.ParentAt = a.ParentAt.UTC().Truncate(time.Microsecond)
		early, late := Impossible(&a, now)
		switch {
		case early:
			done.TooEarly++
		case late:
			done.TooLate++
		case a.Keyed:
			a.ExternalID, a.Parent, a.ParentAt = clean(a.ExternalID), clean(a.Parent), time.Time{}
			named = append(named, a)
		default:
			kept = append(kept, a)
		}
	}
	sortActivities(kept)
	unique := slices.CompactFunc(kept, func(a, b community.Activity) bool {
		return a.ExternalID == b.ExternalID && a.At.Equal(b.At)
	})
	done.Duplicates = len(kept) - len(unique)
	return done, unique, named
}

func sortActivities(list []community.Activity) {
	slices.SortStableFunc(list, func(a, b community.Activity) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ExternalID, b.ExternalID), cmp.Compare(b.Revision, a.Revision))
	})
}

// ensurePartitions makes the monthly partitions that the activities need.
// Attaching, unlike creating in place, does not wait for running queries.
func (in *Intake) ensurePartitions(ctx context.Context, list []community.Activity) error {
	for _, a := range list {
		if a.At.IsZero() {
			continue // a later version of something
		}
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
