package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

func TestRetain(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := newCommunity(t, pool, "Ours")
	s = s.WithKeys(keys(t))
	src := community.Source{Platform: "x", ExternalID: "1", Measures: community.Measures{ReplyLinks: true, Joins: true}}
	in := newIntake(t, s, c, src)
	list := life(rand.New(rand.NewPCG(11, 2)), "x", 800) // from 20 March 2024 on, for 25 days
	list = append(list, community.Activity{Kind: community.Message, ExternalID: "x/old", At: time.Date(2024, 3, 21, 9, 0, 0, 0, time.UTC), Actor: "gone", Amount: 1})
	b := named(list)
	b.Identities = append(b.Identities, community.Identity{ExternalID: "gone", Name: "Quidam gone"})
	if _, err := in.Store(t.Context(), b, nil); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2024, 5, 4, 15, 0, 0, 0, time.UTC) // a month before: in the middle of it
	if err := s.SetRetention(t.Context(), c.Organisation, store.Retention{Months: 1, AuditMonths: 3}); err != nil {
		t.Fatal(err)
	}
	done, err := s.Retain(t.Context(), now)
	if err != nil || done.Waiting != 1 || done.Activities != 0 {
		t.Fatalf("before the figures are there: %+v, %v", done, err)
	}
	rollUpAll(t, s, c)
	if _, err := pool.Exec(store.Across(t.Context()), `update identity set created_at = '2024-03-21'`); err != nil {
		t.Fatal(err)
	}
	before := dump(t, pool, c.Scope)
	done, err = s.Retain(t.Context(), now)
	if err != nil || done.Waiting != 0 || done.Activities == 0 || done.Members != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	same := func(when string) {
		t.Helper()
		after := dump(t, pool, c.Scope)
		for table, rows := range before {
			if d := difference(after[table], rows); d != "" {
				t.Errorf("%s: %s: %s", when, table, d)
			}
		}
	}
	same("after retention")
	var older, newer int
	cut := time.Date(2024, 4, 4, 0, 0, 0, 0, paris(t))
	if err := pool.QueryRow(store.Across(t.Context()), `select count(*) filter (where occurred_at < $1), count(*) filter (where occurred_at >= $1) from activity`, cut).Scan(&older, &newer); err != nil || older != 0 || newer == 0 {
		t.Errorf("%d older, %d newer, %v", older, newer, err)
	}
	if found := traces(t, pool, "Quidam gone"); len(found) > 0 {
		t.Errorf("whoever left is still in %v", found)
	}
	if n, err := s.Suppressed(t.Context(), c.Organisation); n != 0 || err != nil {
		t.Errorf("%d people may not come back, %v", n, err)
	}
	// Old days are asked for again, by an import of the same and by a mark: they stay.
	if again, err := in.Store(t.Context(), b, nil); err != nil || again.Activities != 0 || again.LeftOut == 0 {
		t.Errorf("%+v, %v", again, err)
	}
	if err := s.SetTimeZone(t.Context(), c.Scope, paris(t)); err != nil {
		t.Fatal(err)
	}
	rollUpAll(t, s, c)
	same("recomputed")
	if done, err = s.Retain(t.Context(), now); err != nil || done.Activities != 0 || done.Members != 0 {
		t.Errorf("again: %+v, %v", done, err)
	}
}

func TestAuditIsDroppedByTimeOnly(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := newCommunity(t, pool, "Ours")
	owner := dbtest.Owner(t, pool)
	for _, months := range []int{1, 4, 30} {
		_, err := owner.Exec(t.Context(), fmt.Sprintf(`with o as (select set_config('foyer.organisation', '-1', false))
			insert into audit_entry (organisation_id, at, action) select v, now() - interval '%d months', 'x' from o, unnest(array[$1::bigint, null]) v`, months), c.Organisation)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SetRetention(t.Context(), c.Organisation, store.Retention{AuditMonths: 3}); err != nil {
		t.Fatal(err)
	}
	done, err := s.Retain(t.Context(), time.Now())
	if err != nil || done.Audit != 3 { // ours of 4 and 30 months, the instance's of 30
		t.Errorf("%+v, %v", done, err)
	}
	// Not even by this way can the last month be removed, nor anything else.
	if _, err := pool.Exec(store.Across(t.Context()), `select drop_audit_before($1, now())`, c.Organisation); err == nil {
		t.Error("the application removes what was just done")
	}
	if _, err := pool.Exec(store.Across(t.Context()), `delete from audit_entry`); err == nil {
		t.Error("the application removes entries")
	}
	var n int
	if err := pool.QueryRow(store.Across(t.Context()), `select count(*) from audit_entry`).Scan(&n); err != nil || n != 3 {
		t.Errorf("%d entries are left, %v", n, err)
	}
}
