package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// storeSubscriptions writes the subscriptions and what is told of their course.
func (t *trading) storeSubscriptions(ctx context.Context, b community.Business) error {
	list := latest(b.Subscriptions, func(s *community.Subscription) string { return clean(s.ExternalID) }, func(s *community.Subscription) int64 { return s.Revision })
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, func(a, b community.Subscription) int { return compareTexts(a.ExternalID, b.ExternalID) })
	n := len(list)
	ids, customers, revisions := make([]string, n), make([]*int64, n), make([]int64, n)
	started, trials, asked, ended := make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n)
	tests, removed := make([]bool, n), make([]bool, n)
	for i, s := range list {
		ids[i], customers[i], revisions[i] = clean(s.ExternalID), t.idOf(t.buyer(s.Customer, s.Guest)), s.Revision
		started[i], trials[i], asked[i], ended[i] = orNull(s.Started), orNull(s.TrialEnd), orNull(s.CancelAsked), orNull(s.Ended)
		tests[i], removed[i] = s.Test, s.Deleted
	}
	written, err := t.upsert(ctx, "trade_subscription", pgx.NamedArgs{
		"ids": ids, "customers": customers, "started": started, "trials": trials, "asked": asked, "ended": ended,
		"tests": tests, "revisions": revisions, "removed": removed,
	})
	if err != nil {
		return err
	}
	return t.writeStates(ctx, b.Subscriptions, written)
}

// writeStates writes the course of all versions: an older one may tell of a
// moment that no other does. Of the same moment the higher revision speaks.
func (t *trading) writeStates(ctx context.Context, list []community.Subscription, written map[string]upserted) error {
	type moment struct {
		of int64
		at int64
	}
	states := map[moment]community.SubscriptionState{}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b community.Subscription) int { return cmp.Compare(a.Revision, b.Revision) })
	for _, s := range sorted {
		id := written[clean(s.ExternalID)].ID
		for _, st := range s.States {
			st.At = st.At.UTC().Truncate(time.Microsecond)
			states[moment{id, st.At.UnixMicro()}] = st
		}
	}
	if len(states) == 0 {
		return nil
	}
	moments := make([]moment, 0, len(states))
	for m := range states {
		moments = append(moments, m)
	}
	slices.SortFunc(moments, func(a, b moment) int { return cmp.Or(cmp.Compare(a.of, b.of), cmp.Compare(a.at, b.at)) })
	n := len(moments)
	of, ats, statuses, currencies := make([]int64, n), make([]time.Time, n), make([]int16, n), make([]string, n)
	exponents, monthlies, forevers, finites := make([]int16, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i, m := range moments {
		s := states[m]
		of[i], ats[i], statuses[i], currencies[i], exponents[i] = m.of, s.At, int16(s.Status), s.Monthly.Currency, int16(s.Monthly.Exponent)
		monthlies[i], forevers[i], finites[i] = s.Monthly.Minor, s.Forever.Minor, s.Finite.Minor
	}
	tag, err := t.tx.Exec(ctx, query("trade_state"), t.args(pgx.NamedArgs{
		"subscriptions": of, "ats": ats, "statuses": statuses, "currencies": currencies, "exponents": exponents,
		"monthlies": monthlies, "forevers": forevers, "finites": finites,
	}))
	t.changed = t.changed || tag.RowsAffected() > 0
	return err
}
