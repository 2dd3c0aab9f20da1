package store_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

// ended makes an import that has ended, to store under.
func ended(t testing.TB, pool *pgxpool.Pool, sc community.Scope) (id int64) {
	t.Helper()
	if err := pool.QueryRow(store.Across(t.Context()), `insert into import (organisation_id, community_id, state, time_zone, paths, names, owned)
		values ($1, $2, 'done', 'UTC', '{}', '{}', false) returning id`, sc.Organisation, sc.Community).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// changedTrades are the same records, as a second file has them: some changed,
// some new, some gone.
func changedTrades(b community.Business) community.Business {
	var out community.Business
	for i, o := range b.Orders {
		if i%3 == 0 {
			continue
		}
		o.Revision += 9000
		if i%3 == 1 {
			o.Net.Minor += 11
			o.Lines = append([]community.OrderLine{}, community.OrderLine{SKU: "B", Quantity: 2000, Net: eur(5)})
		}
		out.Orders = append(out.Orders, o)
	}
	for i := range 5 {
		o := b.Orders[i]
		o.ExternalID = fmt.Sprintf("new%d", i)
		out.Orders = append(out.Orders, o)
	}
	for i, c := range b.Customers {
		if i%2 == 0 {
			c.Revision += 9000
			c.Contact.Emails = []string{fmt.Sprintf("anders%d@personne.fr", i)}
			out.Customers = append(out.Customers, c)
		}
	}
	for _, s := range b.Subscriptions {
		s.Revision += 9000
		s.Ended = s.Started.AddDate(0, 3, 0)
		s.States = append(s.States[:1:1], community.SubscriptionState{At: s.Ended, Status: community.SubscriptionEnded, Monthly: eur(0)})
		out.Subscriptions = append(out.Subscriptions, s)
	}
	out.Costs = append(out.Costs, b.Costs[0])
	out.Costs[0].Amount.Minor++
	out.Answers = append(out.Answers, community.Answer{ExternalID: "a2", At: b.Answers[len(b.Answers)-1].At, Customer: "c2", Choice: b.Answers[len(b.Answers)-1].Choice + "ami"})
	return out
}

// TestUndoLeavesWhatTheOthersBrought: three imports, undone in every order; what
// is left is what the others alone leave.
func TestUndoLeavesWhatTheOthersBrought(t *testing.T) {
	t.Parallel()
	one := trades(11, 60)
	two := changedTrades(one)
	three := changedTrades(two)
	files := []community.Business{one, two, three}
	for _, undo := range [][]int{{0}, {1}, {2}, {2, 1}, {1, 2}, {0, 2}, {1, 0}, {2, 1, 0}, {0, 1, 2}} {
		pool := dbtest.New(t)
		s, c := newCommunity(t, pool, "Ours")
		s = s.WithKeys(keys(t))
		_, want := newCommunity(t, pool, "Want")
		ids, gone := make([]int64, len(files)), map[int]bool{}
		for i, f := range files {
			ids[i] = ended(t, pool, c.Scope)
			put(t, newIntake(t, s, c, shopSource()).For(ids[i]), f)
		}
		for _, i := range undo {
			gone[i] = true
			if _, err := s.UndoImport(t.Context(), c.Scope, ids[i]); err != nil {
				t.Fatalf("undo %v: %v", undo, err)
			}
			if _, err := s.UndoImport(t.Context(), c.Scope, ids[i]); !errors.Is(err, store.ErrNotUndoable) {
				t.Errorf("undone twice: %v", err)
			}
		}
		for i, f := range files {
			if !gone[i] {
				put(t, newIntake(t, s, want, shopSource()), f)
			}
		}
		if a, z := held(t, pool, c.Scope), held(t, pool, want.Scope); a != z {
			t.Errorf("undo %v: differs:\n%s", undo, firstDifference(a, z))
		}
	}
}

func TestUndoIsOfOneTenant(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c, in := shop(t, pool, "Ours")
	_, other := newCommunity(t, pool, "Theirs")
	id := ended(t, pool, c.Scope)
	put(t, in.For(id), trades(1, 12))
	if _, err := s.UndoImport(t.Context(), other.Scope, id); !errors.Is(err, community.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if got := sums(t, pool, c.Scope); got[0] == '0' {
		t.Error("another tenant took it away")
	}
}
