package store_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

// people counts the customers of a community: all, merged into another, erased,
// and those with something left to recognise them by.
func people(t *testing.T, pool *pgxpool.Pool, sc community.Scope) (n [4]int) {
	t.Helper()
	err := pool.QueryRow(store.Across(t.Context()), `select count(*), count(merged_into), count(erased_at), count(*) filter (where contact <> '')
		from customer where organisation_id = $1 and community_id = $2`, sc.Organisation, sc.Community).Scan(&n[0], &n[1], &n[2], &n[3])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A merge and an erasure hold, though another version of the same customer that
// stands in the same batch is newer.
func TestMergesAndErasuresHoldInABatch(t *testing.T) {
	t.Parallel()
	ada := community.Customer{ExternalID: "ada", Contact: community.Contact{Emails: []string{"ada@exemple.fr"}}, Revision: 9}
	merge := community.Customer{ExternalID: "ada", Aliases: []string{"old"}}
	erase := community.Customer{ExternalID: "ada", Erase: true}
	for name, c := range map[string]struct {
		list []community.Customer
		want [4]int
	}{
		"merged before": {[]community.Customer{merge, ada}, [4]int{2, 1, 0, 1}},
		"merged after":  {[]community.Customer{ada, merge}, [4]int{2, 1, 0, 1}},
		"erased before": {[]community.Customer{erase, ada}, [4]int{1, 0, 1, 0}},
		"erased after":  {[]community.Customer{ada, erase}, [4]int{1, 0, 1, 0}},
		// who was merged into them is the same person
		"in two batches": {[]community.Customer{ada, {}, merge, {}, erase, {}, ada}, [4]int{2, 1, 2, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := dbtest.New(t)
			_, com, in := shop(t, pool, "Ours")
			var batch community.Business
			for _, one := range append(c.list, community.Customer{}) {
				if one.ExternalID != "" {
					batch.Customers = append(batch.Customers, one)
					continue
				}
				put(t, in, batch)
				batch = community.Business{}
			}
			if got := people(t, pool, com.Scope); got != c.want {
				t.Errorf("customers, merged, erased, known: %v, want %v", got, c.want)
			}
		})
	}
}

// Who is to be forgotten is also forgotten as the guest of earlier orders.
func TestErasureFindsTheGuest(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	_, c, in := shop(t, pool, "Ours")
	at := time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)
	guest := community.Contact{Emails: []string{"ada@exemple.fr"}}
	put(t, in, community.Business{Orders: []community.Order{
		{ExternalID: "1", Number: "#1", At: at, State: community.OrderPaid, Net: eur(10), Guest: guest},
		{ExternalID: "2", Number: "#2", At: at, State: community.OrderPaid, Net: eur(20), Guest: community.Contact{Emails: []string{"bea@exemple.fr"}}},
	}})
	put(t, in, community.Business{Customers: []community.Customer{{ExternalID: "order/1", Erase: true, Contact: community.Contact{Emails: []string{" ADA@exemple.fr"}}}}})
	if got, want := people(t, pool, c.Scope), [4]int{3, 0, 2, 1}; got != want {
		t.Errorf("customers, merged, erased, known: %v, want %v", got, want)
	}
	if got := sums(t, pool, c.Scope); got != "2 30 2" {
		t.Errorf("the totals became %s", got)
	}
}
