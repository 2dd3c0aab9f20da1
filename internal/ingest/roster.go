package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// How often member lists are read, and how long one may take.
const (
	rosterEvery = 24 * time.Hour
	rosterAgain = 15 * time.Minute
	rosterTime  = 20 * time.Minute
	rosterMost  = 2_000_000 // members of one account
)

// Reconcile compares the member lists that are due with what is known: joins and
// leaves that no event told become activities marked reconciled.
func (in *Ingest) Reconcile(ctx context.Context) error {
	due, err := in.Store.RosterDue(ctx)
	if err != nil {
		return fmt.Errorf("ingest: reconcile: %w", err)
	}
	for _, c := range due {
		if _, ok := connectors.Find(in.Connectors, c.Platform).(connectors.Roster); !ok {
			if err := in.Store.SetRoster(ctx, c, 0, time.Now().AddDate(1, 0, 0)); err != nil {
				return err
			}
			continue
		}
		if err := in.reconcile(ctx, c); err != nil {
			in.Log.WarnContext(ctx, "member list not read", slog.String("platform", string(c.Platform)), slog.Int64("connection", c.ID), slog.Any("error", err))
		}
	}
	return ctx.Err()
}

// reconcile reads one member list; nothing when another process does. The list
// is compared as a whole: one that breaks off says nothing about who left.
func (in *Ingest) reconcile(ctx context.Context, c store.Connection) error {
	release, ok, err := in.Store.HoldNamed(ctx, fmt.Sprintf("roster/%d", c.ID))
	if err != nil || !ok {
		return err
	}
	defer release()
	ctx, cancel := context.WithTimeout(ctx, rosterTime)
	defer cancel()
	members, err := in.readRoster(ctx, c)
	var limit *connectors.RateLimitError
	switch {
	case errors.Is(err, connectors.ErrRevoked):
		return in.revoke(ctx, c, "")
	case errors.As(err, &limit):
		return in.Store.SetRoster(ctx, c, c.RosterCount, time.Now().Add(max(limit.After, time.Minute)))
	case err != nil:
		return errors.Join(err, in.Store.SetRoster(context.WithoutCancel(ctx), c, c.RosterCount, time.Now().Add(rosterAgain)))
	}
	if err := in.settleRoster(ctx, c, members); err != nil {
		return err
	}
	return in.Store.SetRoster(ctx, c, len(members), time.Now().Add(rosterEvery))
}

// readRoster fetches every page of a member list.
func (in *Ingest) readRoster(ctx context.Context, c store.Connection) ([]connectors.RosterMember, error) {
	roster, ok := connectors.Find(in.Connectors, c.Platform).(connectors.Roster)
	app, configured := in.App(c.Platform)
	if !ok || !configured {
		return nil, ErrNotOffered
	}
	var out []connectors.RosterMember
	for cursor := ""; ; {
		conn, err := in.fresh(ctx, c, app)
		if err != nil {
			return nil, err
		}
		page, err := roster.Members(ctx, app, conn, cursor)
		var limit *connectors.RateLimitError
		if errors.As(err, &limit) && limit.After <= time.Minute {
			select {
			case <-time.After(limit.After):
				continue
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		if err != nil {
			return nil, err
		}
		if out = append(out, page.Members...); len(out) > rosterMost {
			return nil, fmt.Errorf("the member list has more than %d entries", rosterMost)
		}
		if page.Next == "" || page.Next == cursor {
			return out, nil
		}
		cursor = page.Next
	}
}

// settleRoster turns the difference into activities.
func (in *Ingest) settleRoster(ctx context.Context, c store.Connection, members []connectors.RosterMember) error {
	com, err := in.Store.Community(ctx, c.Scope)
	if err != nil {
		return err
	}
	known, err := in.Store.Presence(ctx, c)
	if err != nil {
		return err
	}
	batch := rosterBatch(c, members, known, time.Now().UTC().Truncate(time.Second))
	intake := in.Store.NewIntake(com, c.ID, community.Source{Platform: c.Platform, ExternalID: c.ExternalID, Measures: c.Measures})
	for len(batch.Identities)+len(batch.Activities) > 0 {
		var part community.Batch
		n, m := min(portionSize, len(batch.Identities)), min(portionSize, len(batch.Activities))
		part.Identities, batch.Identities = batch.Identities[:n], batch.Identities[n:]
		if len(batch.Identities) == 0 { // people before what they did
			part.Activities, batch.Activities = batch.Activities[:m], batch.Activities[m:]
		}
		if _, err := intake.Store(ctx, part, nil); err != nil {
			return err
		}
	}
	return nil
}

// sameJoin is how far apart two sources may tell of one arrival.
const sameJoin = 24 * time.Hour

// rosterBatch is what a member list says beyond what is known. An arrival that an
// event told, about then, is the same one; somebody who is known to be there and
// is not on the list has left since the last look.
func rosterBatch(c store.Connection, members []connectors.RosterMember, known map[string]store.Presence, now time.Time) community.Batch {
	var b community.Batch
	listed := make(map[string]bool, len(members))
	prefix := string(c.Platform) + "/reconciled/"
	for _, m := range members {
		m.Listed = true
		listed[m.ExternalID] = true
		b.Identities = append(b.Identities, m.Identity)
		p, ok := known[m.ExternalID]
		at := m.Joined
		if at.IsZero() {
			if ok && p.Here || !ok && c.RosterAt.IsZero() {
				continue // known to be there, or the first look: nobody says since when
			}
			at = now
		}
		if ok && (p.Here && !at.After(p.Since.Add(sameJoin)) || at.Sub(p.Since).Abs() < sameJoin) {
			continue
		}
		b.Activities = append(b.Activities, community.Activity{
			Kind: community.Join, ExternalID: prefix + "join/" + m.ExternalID + "/" + at.Format("20060102T150405"), At: at,
			Actor: m.ExternalID, Amount: 1, Detail: community.DetailReconciled, Inferred: m.Joined.IsZero(),
		})
	}
	for external, p := range known {
		if listed[external] || !p.Listed || !p.Here {
			continue
		}
		b.Activities = append(b.Activities, community.Activity{
			Kind: community.Leave, ExternalID: prefix + "leave/" + external + "/" + now.Format("20060102"), At: now,
			Actor: external, Amount: 1, Detail: community.DetailReconciled, Inferred: true,
		})
	}
	return b
}
