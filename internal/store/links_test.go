package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/linking"
	"github.com/foyer-app/foyer/internal/store"
)

// crowd is a community whose n members and n customers share addresses, but for
// every tenth.
func crowd(t testing.TB, pool *pgxpool.Pool, n int) (*store.Store, community.Community) {
	t.Helper()
	s, c := newCommunity(t, pool, "Ours")
	s = s.WithKeys(keys(t))
	var people []community.Identity
	var b community.Business
	for i := range n {
		people = append(people, community.Identity{ExternalID: fmt.Sprintf("u%d", i), Email: fmt.Sprintf("q%d@personne.fr", i)})
		mail := fmt.Sprintf("Q%d@Personne.fr", i)
		if i%10 == 0 {
			mail = fmt.Sprintf("q%d+boutique@personne.fr", i)
		}
		b.Customers = append(b.Customers, community.Customer{ExternalID: fmt.Sprintf("c%d", i), Contact: community.Contact{Emails: []string{mail}}, Revision: 1})
	}
	chat := newIntake(t, s, c, community.Source{Platform: "chat", ExternalID: "1"})
	if _, err := chat.Store(t.Context(), community.Batch{Identities: people}, nil); err != nil {
		t.Fatal(err)
	}
	put(t, newIntake(t, s, c, shopSource()), b)
	return s, c
}

// persons are the parts of each person, by external ids.
func persons(t testing.TB, pool *pgxpool.Pool, sc community.Scope) (out map[string]string) {
	t.Helper()
	rows, err := pool.Query(store.Across(t.Context()), `select string_agg(coalesce(c.external_id, ''), '' order by p.part), string_agg(coalesce((select min(i.external_id) from identity i
		where i.organisation_id = p.organisation_id and i.community_id = p.community_id and i.member_id = p.member_id), ''), '' order by p.part)
		from person_part p left join customer c on c.organisation_id = p.organisation_id and c.community_id = p.community_id and c.id = p.customer_id
		where p.organisation_id = $1 and p.community_id = $2 group by p.person_id`, sc.Organisation, sc.Community)
	if err != nil {
		t.Fatal(err)
	}
	out = map[string]string{}
	for rows.Next() {
		var c, u string
		if err := rows.Scan(&c, &u); err != nil {
			t.Fatal(err)
		}
		out[c] = u
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return out
}

func idsOf(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) (ids []int64) {
	t.Helper()
	rows, err := pool.Query(store.Across(t.Context()), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func TestLink(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := crowd(t, pool, 30)
	if list, err := s.Unlinked(t.Context()); err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	link := func() {
		t.Helper()
		if err := s.Link(t.Context(), c.Scope, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	link()
	found := persons(t, pool, c.Scope)
	if len(found) != 27 || found["c1"] != "u1" || found["c10"] != "" {
		t.Fatalf("%d persons: %v", len(found), found)
	}
	if list, err := s.Unlinked(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("still to be linked: %v, %v", list, err)
	}
	began := time.Now()
	asks := idsOf(t, pool, `select id from link_suggestion order by id`)
	if len(asks) != 3 {
		t.Fatalf("%d suggestions", len(asks))
	}
	links := func() int { return len(idsOf(t, pool, `select id from link`)) }
	before := links()
	link()
	if links() != before {
		t.Error("linking again adds links")
	}

	// Accepting, rejecting, unlinking, and each of them taken back.
	accepted, err := s.AcceptLinks(t.Context(), c.Scope, asks[:2], 7)
	if err != nil || len(accepted) != 2 {
		t.Fatalf("%v, %v", accepted, err)
	}
	if got := persons(t, pool, c.Scope); len(got) != 29 {
		t.Errorf("%d persons after two were accepted", len(got))
	}
	vetoes, err := s.RejectLinks(t.Context(), c.Scope, asks[2:], 7)
	if err != nil || len(vetoes) != 1 {
		t.Fatalf("%v, %v", vetoes, err)
	}
	if left := idsOf(t, pool, `select id from link_suggestion`); len(left) != 0 {
		t.Errorf("%d are asked still", len(left))
	}
	byRule := idsOf(t, pool, `select l.id from link l join customer c on c.id = l.customer_b and c.community_id = l.community_id where c.external_id = 'c1'`)
	apart, err := s.Unlink(t.Context(), c.Scope, byRule, 7)
	if err != nil || len(apart) != 1 {
		t.Fatalf("%v, %v", apart, err)
	}
	link()
	if got := persons(t, pool, c.Scope); got["c1"] != "" || len(got) != 28 {
		t.Errorf("unlinked and still one: %v", got["c1"])
	}
	for what, undo := range map[string]func() error{
		"accept": func() error { _, err := s.EndLinks(t.Context(), c.Scope, accepted, 7); return err },
		"reject": func() error { _, err := s.LiftVetoes(t.Context(), c.Scope, vetoes); return err },
		"unlink": func() error { _, err := s.LiftVetoes(t.Context(), c.Scope, apart); return err },
	} {
		if err := undo(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got := persons(t, pool, c.Scope); !reflect.DeepEqual(got, found) {
		t.Errorf("taken back it is %v", got)
	}
	if left := idsOf(t, pool, `select id from link_suggestion`); len(left) != 3 {
		t.Errorf("%d are asked again", len(left))
	}
	// As it was known then.
	then, err := s.PersonsAt(t.Context(), c.Scope, began)
	if err != nil || len(then) != 27 {
		t.Errorf("%d persons at the time, %v", len(then), err)
	}
	if none, err := s.PersonsAt(t.Context(), c.Scope, began.AddDate(-1, 0, 0)); err != nil || len(none) != 0 {
		t.Errorf("%d persons before, %v", len(none), err)
	}
}

func TestLinkFollowsWhatChanges(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := crowd(t, pool, 10)
	relink := func() map[string]string {
		t.Helper()
		if err := s.Link(t.Context(), c.Scope, time.Now()); err != nil {
			t.Fatal(err)
		}
		return persons(t, pool, c.Scope)
	}
	relink()
	in := newIntake(t, s, c, shopSource())
	put(t, in, community.Business{Customers: []community.Customer{{ExternalID: "c3", Contact: community.Contact{Emails: []string{"autre@personne.fr"}}, Revision: 2}}})
	if got := relink(); got["c3"] != "" || len(got) != 8 {
		t.Errorf("another address and still linked: %v", got)
	}
	if err := s.EraseCustomer(t.Context(), c.Scope, idsOf(t, pool, `select id from customer where external_id = 'c4'`)[0]); err != nil {
		t.Fatal(err)
	}
	if got := relink(); len(got) != 7 {
		t.Errorf("%d persons after an erasure", len(got))
	}
	if _, err := s.EraseMember(t.Context(), c.Scope, memberOf(t, pool, c, "u5")); err != nil {
		t.Fatal(err)
	}
	if got := relink(); len(got) != 6 {
		t.Errorf("%d persons after a member's erasure", len(got))
	}
	// A personal code, used by the customer of somebody else first.
	member := memberOf(t, pool, c, "u0")
	if _, err := pool.Exec(store.Across(t.Context()), `insert into promo_code (organisation_id, community_id, code, member_id) values ($1, $2, 'MERCI-U0', $3)`, c.Organisation, c.Scope.Community, member); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	put(t, in, community.Business{Orders: []community.Order{{ExternalID: "o", Customer: "c0", At: at, State: community.OrderPaid, Net: eur(5), Codes: []string{"MERCI-U0"}}}})
	if got := relink(); got["c0"] != "u0" {
		t.Errorf("the code says nothing: %v", got)
	}
	other := linking.Ref{Customer: true, ID: idsOf(t, pool, `select id from customer where external_id = 'c6'`)[0]}
	if _, err := s.LinkByHand(t.Context(), c.Scope, other, linking.Ref{ID: 1 << 40}, 1); !errors.Is(err, community.ErrNotFound) {
		t.Errorf("linked with nobody: %v", err)
	}
	_, theirs := newCommunity(t, pool, "Theirs")
	if _, err := s.LinkByHand(t.Context(), theirs.Scope, other, linking.Ref{ID: idsOf(t, pool, `select min(id) from identity`)[0]}, 1); !errors.Is(err, community.ErrNotFound) {
		t.Errorf("another tenant links: %v", err)
	}
}

func BenchmarkLink(b *testing.B) {
	pool := dbtest.New(b)
	s, c := crowd(b, pool, 100_000)
	for b.Loop() {
		if err := s.Link(b.Context(), c.Scope, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(persons(b, pool, c.Scope))), "persons")
}
