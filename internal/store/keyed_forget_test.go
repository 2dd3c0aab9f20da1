package store_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

// spoken is a keyed message with a keyed reaction, and what waits.
func spoken() community.Batch {
	at := time.Date(2024, 3, 10, 9, 0, 0, 0, time.UTC)
	return community.Batch{Activities: []community.Activity{
		{Kind: community.Message, ExternalID: "k/m/1", At: at, Actor: "ann", Channel: "c", Amount: 1, Keyed: true},
		{Kind: community.Reaction, ExternalID: "k/r/1/quidam", At: at.Add(time.Hour), Actor: "quidam", Parent: "k/m/1", Amount: 1, Revision: 1, Keyed: true},
		{Kind: community.Reaction, ExternalID: "k/r/2/quidam", At: at.Add(time.Hour), Actor: "quidam", Parent: "k/m/2", Amount: 1, Revision: 1, Keyed: true},
		{Kind: community.Message, ExternalID: "k/m/3", Revision: 5, Deleted: true, Keyed: true},
	}}
}

func rowsOf(t *testing.T, pool *pgxpool.Pool, table string) (n int) {
	t.Helper()
	if err := pool.QueryRow(store.Across(t.Context()), `select count(*) from `+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestKeyedIsForgottenToo: what is taken out can come again, and what speaks of
// somebody who was erased names nobody.
func TestKeyedIsForgottenToo(t *testing.T) {
	t.Parallel()
	source := community.Source{Platform: "k", ExternalID: "one", Measures: community.Measures{ReplyLinks: true}}
	t.Run("connection", func(t *testing.T) {
		pool := dbtest.New(t)
		s, c := newCommunity(t, pool, "Ours")
		for range 2 {
			in := newIntake(t, s, c, source)
			done, err := in.Store(t.Context(), spoken(), nil)
			if err != nil || done.Activities != 3 {
				t.Fatalf("%+v, %v", done, err)
			}
			list, err := s.Connections(t.Context(), c.Scope)
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			if err := s.EraseConnection(t.Context(), list[0]); err != nil {
				t.Fatal(err)
			}
			if n := rowsOf(t, pool, "keyed") + rowsOf(t, pool, "keyed_child"); n != 0 {
				t.Errorf("%d rows are left", n)
			}
		}
	})
	t.Run("person", func(t *testing.T) {
		pool := dbtest.New(t)
		s, c := newCommunity(t, pool, "Ours")
		s = s.WithKeys(keys(t))
		in := newIntake(t, s, c, source)
		if _, err := in.Store(t.Context(), spoken(), nil); err != nil {
			t.Fatal(err)
		}
		if _, err := s.EraseMember(t.Context(), c.Scope, memberOf(t, pool, c, "quidam")); err != nil {
			t.Fatal(err)
		}
		again := spoken()
		again.Identities = []community.Identity{{ExternalID: "bob", SameAs: "quidam"}}
		if done, err := in.Store(t.Context(), again, nil); err != nil || done.Activities != 0 || done.LeftOut != 2 {
			t.Fatalf("%+v, %v", done, err)
		}
		if found := traces(t, pool, "quidam"); len(found) != 0 {
			t.Errorf("the name stands in %v", found)
		}
	})
	t.Run("retention", func(t *testing.T) {
		pool := dbtest.New(t)
		s, c := newCommunity(t, pool, "Ours")
		s = s.WithKeys(keys(t))
		in := newIntake(t, s, c, source)
		if _, err := in.Store(t.Context(), spoken(), nil); err != nil {
			t.Fatal(err)
		}
		rollUpAll(t, s, c)
		if err := s.SetRetention(t.Context(), c.Organisation, store.Retention{Months: 1, AuditMonths: 3}); err != nil {
			t.Fatal(err)
		}
		if done, err := s.Retain(t.Context(), time.Now()); err != nil || done.Activities != 3 {
			t.Fatalf("%+v, %v", done, err)
		}
		if n := rowsOf(t, pool, "keyed") + rowsOf(t, pool, "keyed_child"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		fresh := community.Activity{Kind: community.Message, ExternalID: "k/m/9", Revision: 7, Deleted: true, Keyed: true}
		if done, err := in.Store(t.Context(), community.Batch{Activities: []community.Activity{fresh}}, nil); err != nil || done.Waiting != 1 {
			t.Errorf("a version that has no moment is too old: %+v, %v", done, err)
		}
	})
}
