package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// screen is what an intake may not store: what erased people did, and what is
// older than the organisation keeps.
type screen struct {
	erasures int64           // of the community, when the rest was read
	prints   map[string]bool // of erased people; empty for most communities
	judged   map[string]bool // external ids, and whether they are an erased person's
	keptFrom time.Time       // zero: everything
}

// look reads what may not be stored, where that has changed. It comes after the
// community's lock, so an erasure is over or has not begun.
func (in *Intake) look(ctx context.Context, tx pgx.Tx) error {
	var erasures int64
	err := tx.QueryRow(ctx, `select erasures, kept_from from community
		where organisation_id = @org and id = @com and deleted_at is null`, scoped(in.community.Scope, nil)).
		Scan(&erasures, timeOrZero{&in.screen.keptFrom})
	if errors.Is(err, pgx.ErrNoRows) {
		return community.ErrNotFound
	}
	if err != nil || erasures == in.screen.erasures {
		return err
	}
	in.forget() // ids of people who are somebody else now
	rows, err := tx.Query(ctx, `select fingerprint from suppression where organisation_id = @org and community_id = @com`,
		scoped(in.community.Scope, nil))
	if err != nil {
		return err
	}
	prints, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		return err
	}
	in.screen.prints, in.screen.judged = make(map[string]bool, len(prints)), map[string]bool{}
	for _, p := range prints {
		in.screen.prints[string(p)] = true
	}
	if len(prints) > 0 && in.store.keys == nil {
		return ErrNoKeys
	}
	in.screen.erasures = erasures
	return nil
}

// erased says whether an external id is an erased person's; each id is judged once.
func (in *Intake) erased(external string) bool {
	if len(in.screen.prints) == 0 || external == "" {
		return false
	}
	known, ok := in.screen.judged[external]
	if !ok {
		known = in.screen.prints[string(in.store.fingerprint(in.community.Scope, in.platform, clean(external)))]
		in.screen.judged[external] = known
	}
	return known
}

// leaveOut takes away what may not be stored. The caller's lists stay as they are.
func (in *Intake) leaveOut(b community.Batch, plain, named []community.Activity, done *Stored) (community.Batch, []community.Activity, []community.Activity) {
	if len(in.screen.prints) == 0 && in.screen.keptFrom.IsZero() {
		return b, plain, named
	}
	plain, named = in.keepable(plain, done), in.keepable(named, done)
	b.Identities = slices.DeleteFunc(slices.Clone(b.Identities), func(p community.Identity) bool { return in.erased(p.ExternalID) })
	for i := range b.Identities {
		if p := &b.Identities[i]; in.erased(p.SameAs) {
			p.SameAs = ""
		}
	}
	b.Activities = slices.Concat(plain, named)
	return b, plain, named
}

// keepable are the activities that may be stored.
func (in *Intake) keepable(list []community.Activity, done *Stored) []community.Activity {
	kept := make([]community.Activity, 0, len(list))
	for _, a := range list {
		old := a.At.Before(in.screen.keptFrom) && !(a.Keyed && a.At.IsZero())
		if in.erased(a.Actor) || old {
			done.LeftOut++
			continue
		}
		if slices.ContainsFunc(a.To, in.erased) {
			a.To = slices.DeleteFunc(slices.Clone(a.To), in.erased)
		}
		if i := a.Invitation; i != nil && in.erased(i.Inviter) {
			a.Invitation = &community.Invitation{Known: i.Known} // its code leads to who made it
		}
		kept = append(kept, a)
	}
	return kept
}
