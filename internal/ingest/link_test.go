package ingest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// TestLinkGoesByTheKeys: members and customers with one address are found, a
// community that fails holds up no other, and nothing is done twice.
func TestLinkGoesByTheKeys(t *testing.T) {
	t.Parallel()
	s, _, c := market(t, 0)
	two := s.community("Two")
	for _, to := range []community.Community{s.c, two} {
		id := c.ID
		if to.Scope != s.c.Scope {
			var err error
			if id, err = s.Store.Connect(t.Context(), to.Scope, community.Source{Platform: "stall", ExternalID: "acct"}); err != nil {
				t.Fatal(err)
			}
		}
		in := s.Store.NewIntake(to, id, community.Source{Platform: "stall", ExternalID: "acct"})
		b := community.Batch{}
		for i := range 3 {
			mail := fmt.Sprintf("q%d@personne.fr", i)
			b.Identities = append(b.Identities, community.Identity{ExternalID: fmt.Sprint("u", i), Email: mail})
			b.Business.Customers = append(b.Business.Customers, community.Customer{ExternalID: fmt.Sprint("c", i), Contact: community.Contact{Emails: []string{mail}}, Revision: 1})
		}
		if _, err := in.Store(t.Context(), b, func(pgx.Tx, store.Stored) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := s.Link(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := s.count(`select count(*) from person_part`); n != 12 {
			t.Errorf("%d parts of persons, want 12", n)
		}
	}
}

// TestRollUpLetsIntakeGoOn: while days are recomputed, what comes is stored, with
// what it says of who is who.
func TestRollUpLetsIntakeGoOn(t *testing.T) {
	t.Parallel()
	s, _, c := market(t, 0)
	in := s.Store.NewIntake(s.c, c.ID, community.Source{Platform: "stall", ExternalID: "acct"})
	write := func(who string) error {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err := in.Store(ctx, community.Batch{
			Identities: []community.Identity{{ExternalID: who, Email: who + "@personne.fr"}},
			Activities: []community.Activity{{Kind: community.Message, ExternalID: "stall/" + who, At: shopDay, Actor: who, Channel: "x", Amount: 1}},
		}, nil)
		return err
	}
	if err := write("ann"); err != nil {
		t.Fatal(err)
	}
	// Somebody reads what the recomputation replaces, and takes their time.
	reading, err := s.Store.Pool().Begin(store.Across(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reading.Rollback(context.Background()) }()
	if _, err := reading.Exec(t.Context(), `lock table member_day in share mode`); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := s.Store.RollUp(t.Context(), s.c, true)
		done <- err
	}()
	s.until(`select count(*) from pg_locks l join pg_class c on c.oid = l.relation where c.relname = 'member_day' and not l.granted`, 1)
	if err := write("bob"); err != nil {
		t.Error(err)
	}
	if err := reading.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

var shopDay = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// until waits for a count.
func (s *station) until(sql string, want int) {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if s.count(sql) >= want {
			return
		}
	}
	s.t.Fatalf("%s never gave %d", sql, want)
}
