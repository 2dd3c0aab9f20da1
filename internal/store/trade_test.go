package store_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

func eur(n int64) community.Money { return community.Money{Minor: n, Currency: "EUR", Exponent: 2} }

func shopSource() community.Source { return community.Source{Platform: "shop", ExternalID: "s1"} }

// trades is a small seeded shop: customers, guests, orders with lines and refunds,
// subscriptions, costs and answers.
func trades(seed uint64, n int) community.Business {
	r := rand.New(rand.NewPCG(seed, seed))
	at := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)
	var b community.Business
	for i := range n / 3 {
		b.Customers = append(b.Customers, community.Customer{
			ExternalID: fmt.Sprintf("c%d", i), Created: at.Add(time.Duration(i) * time.Hour), Revision: int64(i + 1), Channel: "instagram",
			Contact: community.Contact{Name: fmt.Sprintf("Quidam %d", i), Emails: []string{fmt.Sprintf("q%d@personne.fr", i)}, Phones: []string{fmt.Sprintf("06 12 34 56 %02d", i%100)}, Country: "FR"},
		})
	}
	for i := range n {
		o := community.Order{
			ExternalID: fmt.Sprintf("o%d", i), Number: fmt.Sprintf("#%d", 1000+i), At: at.Add(time.Duration(i) * 3 * time.Hour), State: community.OrderPaid,
			Net: eur(1000 + r.Int64N(9000)), Tax: eur(200), Codes: []string{"FEU10"}, Revision: int64(1000 + i),
			Lines: []community.OrderLine{{SKU: "A", Name: "Bougie", Quantity: 1000, Net: eur(1000)}},
		}
		if r.IntN(4) == 0 {
			o.Guest = community.Contact{Emails: []string{fmt.Sprintf("guest%d@personne.fr", r.IntN(5))}}
		} else {
			o.Customer = fmt.Sprintf("c%d", r.IntN(n/3))
		}
		if r.IntN(10) == 0 {
			o.Refunds = []community.Refund{{ExternalID: "r", At: o.At.Add(time.Hour), Net: eur(500)}}
		}
		b.Orders = append(b.Orders, o)
	}
	for i := range n / 10 {
		started := at.Add(time.Duration(i) * 24 * time.Hour)
		b.Subscriptions = append(b.Subscriptions, community.Subscription{
			ExternalID: fmt.Sprintf("s%d", i), Customer: fmt.Sprintf("c%d", i), Started: started, Revision: 5,
			States: []community.SubscriptionState{{At: started, Status: community.SubscriptionActive, Monthly: eur(900)}},
		})
	}
	b.Costs = []community.Cost{{ExternalID: "k1", Kind: community.ProgrammeCost, From: at.Truncate(24 * time.Hour), To: at.Truncate(24*time.Hour).AddDate(0, 1, 0), Category: "people", Amount: eur(120000)}}
	b.Answers = []community.Answer{{ExternalID: "a1", At: at, Customer: "c1", Choice: "community"}, {ExternalID: "a2", At: at, Customer: "c2", Skipped: true}}
	return b
}

// held is everything stored of the business data, in a form that can be compared:
// without ids, moments of storing and sealed bytes.
func held(t testing.TB, pool *pgxpool.Pool, sc community.Scope) string {
	t.Helper()
	var all strings.Builder
	for _, q := range []string{
		`select n.platform, c.external_id, c.guest, c.created_at, c.country, c.channel, encode(c.contact_print, 'hex'), case when c.guest then 0 else c.revision end,
			(select m.external_id from customer m where m.organisation_id = c.organisation_id and m.community_id = c.community_id and m.id = c.merged_into),
			(select string_agg(k.kind || encode(k.key, 'hex') || k.verified, ',' order by k.kind, k.key) from contact_key k
				where k.organisation_id = c.organisation_id and k.community_id = c.community_id and k.customer_id = c.id)
			from customer c join connection n using (organisation_id, community_id) where n.id = c.connection_id and organisation_id = $1 and community_id = $2 order by 1, 2`,
		`select o.external_id, o.number, c.external_id, o.at, o.state, o.test, o.currency, o.exponent, o.net_minor, o.tax_minor, o.refunded_minor, o.net_base,
			o.refunded_base, o.codes, o.removed, o.counts, o.revision,
			(select jsonb_agg(jsonb_build_array(l.position, l.sku, l.quantity, l.net_minor) order by l.position) from order_line l where l.organisation_id = o.organisation_id and l.community_id = o.community_id and l.order_id = o.id),
			(select jsonb_agg(jsonb_build_array(r.external_id, r.at, r.net_minor) order by r.external_id) from refund r where r.organisation_id = o.organisation_id and r.community_id = o.community_id and r.order_id = o.id)
			from customer_order o left join customer c on c.organisation_id = o.organisation_id and c.community_id = o.community_id and c.id = o.customer_id
			where o.organisation_id = $1 and o.community_id = $2 order by o.connection_id, 1`,
		`select s.external_id, c.external_id, s.started_at, s.trial_end, s.ended_at, s.removed,
			(select jsonb_agg(jsonb_build_array(t.at, t.status, t.monthly_minor) order by t.at) from subscription_state t where t.organisation_id = s.organisation_id and t.community_id = s.community_id and t.subscription_id = s.id)
			from subscription s left join customer c on c.organisation_id = s.organisation_id and c.community_id = s.community_id and c.id = s.customer_id
			where s.organisation_id = $1 and s.community_id = $2 order by 1`,
		`select external_id, kind, from_day, to_day, category, amount_minor, removed from cost where organisation_id = $1 and community_id = $2 order by 1`,
		`select external_id, at, choice, skipped, removed from survey_answer where organisation_id = $1 and community_id = $2 order by 1`,
	} {
		var text []byte
		if err := pool.QueryRow(store.Across(t.Context()), `select coalesce(jsonb_agg(to_jsonb(x)), '[]') from (`+q+`) x`, sc.Organisation, sc.Community).Scan(&text); err != nil {
			t.Fatal(err)
		}
		var rows []json.RawMessage
		if err := json.Unmarshal(text, &rows); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			all.Write(r)
			all.WriteByte('\n')
		}
	}
	return all.String()
}

// shop returns a store with keys, a community, and an intake of its shop.
func shop(t testing.TB, pool *pgxpool.Pool, name string) (*store.Store, community.Community, *store.Intake) {
	t.Helper()
	s, c := newCommunity(t, pool, name)
	s = s.WithKeys(keys(t))
	return s, c, newIntake(t, s, c, shopSource())
}

func put(t testing.TB, in *store.Intake, b community.Business) store.Stored {
	t.Helper()
	done, err := in.Store(t.Context(), community.Batch{Business: b}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestTradeTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	_, c, in := shop(t, pool, "Ours")
	b := trades(1, 60)
	if done := put(t, in, b); done.Records == 0 {
		t.Fatalf("%+v", done)
	}
	before := held(t, pool, c.Scope)
	if done := put(t, in, b); done.Records != 0 || done.Duplicates == 0 {
		t.Errorf("the second time: %+v", done)
	}
	if after := held(t, pool, c.Scope); after != before {
		t.Error("the second time changed something")
	}
}

// TestTradeInAnyOrder: what shuffled, doubled and outdated deliveries leave is
// what the latest versions in their order leave.
func TestTradeInAnyOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		pool := dbtest.New(t)
		s, c := newCommunity(t, pool, "Ours")
		s = s.WithKeys(keys(t))
		_, other := newCommunity(t, pool, "Other")
		b := trades(seed, 60)
		later := trades(seed, 60)
		for i := range later.Orders {
			o := &later.Orders[i]
			o.Revision += 5000
			o.Net.Minor += 7
			o.Deleted = i%9 == 0
			o.Refunds = []community.Refund{{ExternalID: "late", At: o.At.Add(2 * time.Hour), Net: eur(3)}}
		}
		straight := newIntake(t, s, c, shopSource())
		put(t, straight, b)
		put(t, straight, later)

		all := append(append([]community.Order{}, b.Orders...), later.Orders...)
		all = append(all, b.Orders[:20]...)
		r := rand.New(rand.NewPCG(seed, 99))
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		crooked := newIntake(t, s, other, shopSource())
		for len(all) > 0 {
			n := min(len(all), 1+r.IntN(30))
			put(t, crooked, community.Business{Orders: all[:n]})
			all = all[n:]
		}
		rest := b
		rest.Orders = nil
		put(t, crooked, rest)
		a, z := held(t, pool, c.Scope), held(t, pool, other.Scope)
		if a != z {
			t.Errorf("seed %d: differs:\n%s", seed, firstDifference(a, z))
		}
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			return x[i] + "\n" + strings.Join(y[min(i, len(y)):min(i+1, len(y))], "")
		}
	}
	return "more lines"
}

func TestTradeLeavesNoContactInTheClear(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c, in := shop(t, pool, "Ours")
	put(t, in, trades(3, 60))
	for _, word := range []string{"personne.fr", "Quidam", "06 12 34"} {
		if found := traces(t, pool, word); len(found) > 0 {
			t.Errorf("%q is in %v", word, found)
		}
	}
	var id int64
	if err := pool.QueryRow(store.Across(t.Context()), `select id from customer where external_id = 'c1'`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	before := sums(t, pool, c.Scope)
	if err := s.EraseCustomer(t.Context(), c.Scope, id); err != nil {
		t.Fatal(err)
	}
	put(t, in, trades(3, 60)) // the source brings them again
	if got := sums(t, pool, c.Scope); got != before {
		t.Errorf("sums were %s, are %s", before, got)
	}
	var again int
	if err := pool.QueryRow(store.Across(t.Context()), `select count(*) from customer where external_id = 'c1' or (erased_at is not null and contact <> '')`).Scan(&again); err != nil || again != 0 {
		t.Errorf("%d, %v: the erased came back", again, err)
	}
	if err := s.EraseCustomer(t.Context(), c.Scope, id); err != nil {
		t.Errorf("again: %v", err)
	}
	if err := s.EraseCustomer(t.Context(), c.Scope, 1<<40); err == nil {
		t.Error("nobody was erased")
	}
}

func sums(t testing.TB, pool *pgxpool.Pool, sc community.Scope) (out string) {
	t.Helper()
	if err := pool.QueryRow(store.Across(t.Context()), `select count(*) || ' ' || sum(net_base - refunded_base) || ' ' || count(distinct customer_id)
		from customer_order where organisation_id = $1 and community_id = $2 and counts`, sc.Organisation, sc.Community).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestGuestsJoinTheirCustomer(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	_, c, in := shop(t, pool, "Ours")
	at := time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)
	guest := community.Contact{Emails: []string{"Ada@Personne.FR "}}
	put(t, in, community.Business{Orders: []community.Order{{ExternalID: "1", At: at, State: community.OrderPaid, Net: eur(10), Guest: guest}, {ExternalID: "2", At: at, State: community.OrderPaid, Net: eur(10), Guest: guest}}})
	if got := sums(t, pool, c.Scope); got != "2 20 1" {
		t.Errorf("two orders of one guest: %s", got)
	}
	put(t, in, community.Business{Customers: []community.Customer{{ExternalID: "ada", Contact: community.Contact{Emails: []string{"ada@personne.fr"}}, Revision: 1}}})
	put(t, in, community.Business{Orders: []community.Order{{ExternalID: "3", At: at, State: community.OrderPaid, Net: eur(10), Guest: guest}}})
	var external string
	if err := pool.QueryRow(store.Across(t.Context()), `select c.external_id from customer_order o join customer c on c.id = o.customer_id and c.community_id = o.community_id where o.external_id = '3'`).Scan(&external); err != nil || external != "ada" {
		t.Errorf("%q, %v: the guest is known by the address", external, err)
	}
}

func TestTwoSourcesOfOneOrder(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c, in := shop(t, pool, "Ours")
	b := trades(5, 30)
	put(t, in, b)
	want := sums(t, pool, c.Scope)
	src := community.Source{Platform: "sheet", ExternalID: "x"}
	other := newIntake(t, s, c, src)
	copied := community.Business{Orders: append([]community.Order{}, b.Orders...)}
	for i := range copied.Orders {
		copied.Orders[i].ExternalID = "row" + copied.Orders[i].ExternalID
		copied.Orders[i].Number = strings.ToLower(copied.Orders[i].Number)
	}
	put(t, other, copied)
	list, err := s.Connections(t.Context(), c.Scope)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PairOrders(t.Context(), c.Scope, list[0].ID, list[1].ID); err != nil {
		t.Fatal(err)
	}
	if got := sums(t, pool, c.Scope); strings.Fields(got)[0] != strings.Fields(want)[0] || strings.Fields(got)[1] != strings.Fields(want)[1] {
		t.Errorf("counted %s, once is %s", got, want)
	}
	if err := s.UnpairOrders(t.Context(), c.Scope, list[1].ID); err != nil {
		t.Fatal(err)
	}
	if got := sums(t, pool, c.Scope); strings.Fields(got)[0] != "60" {
		t.Errorf("apart again they count %s", got)
	}
}

// TestErasingReachesWhoWasMerged: the accounts that the source made one are one
// person's, and what was bought is counted as before, in both sources of an order.
func TestErasingReachesWhoWasMerged(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c, in := shop(t, pool, "Ours")
	known := func(id, name string, aliases ...string) community.Customer {
		return community.Customer{ExternalID: id, Contact: community.Contact{Name: name, Emails: []string{id + "@personne.fr"}}, Aliases: aliases, Revision: 1}
	}
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	order := community.Order{ExternalID: "1", Number: "#1", Customer: "old", At: at, State: community.OrderPaid, Net: eur(700)}
	put(t, in, community.Business{Customers: []community.Customer{known("oldest", "Quidam A"), known("old", "Quidam B", "oldest"), known("kept", "Quidam C", "old"), known("other", "Alterum")}, Orders: []community.Order{order}})
	twin := order
	twin.ExternalID, twin.Customer = "row1", ""
	put(t, newIntake(t, s, c, community.Source{Platform: "sheet", ExternalID: "x"}), community.Business{Orders: []community.Order{twin}})
	list, err := s.Connections(t.Context(), c.Scope)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PairOrders(t.Context(), c.Scope, list[0].ID, list[1].ID); err != nil {
		t.Fatal(err)
	}
	want := sums(t, pool, c.Scope)
	if err := s.EraseCustomer(t.Context(), c.Scope, idsOf(t, pool, `select id from customer where external_id = 'kept'`)[0]); err != nil {
		t.Fatal(err)
	}
	if left := idsOf(t, pool, `select id from customer where contact <> '' or erased_at is null`); len(left) != 1 {
		t.Errorf("%d customers are known, only the other should be", len(left))
	}
	put(t, in, community.Business{Customers: []community.Customer{known("old", "Quidam B")}})
	if again := idsOf(t, pool, `select id from customer where external_id = 'old'`); len(again) != 0 {
		t.Error("one of the accounts came back")
	}
	if err := s.PairOrders(t.Context(), c.Scope, list[0].ID, list[1].ID); err != nil {
		t.Fatal(err)
	}
	if got := sums(t, pool, c.Scope); got != want {
		t.Errorf("counted %s, before the erasure %s", got, want)
	}
}

// TestTheOtherCountsWhenTheFirstIsGone: an order that was left out as a duplicate
// counts by itself once the one that counted is undone, or its source erased.
func TestTheOtherCountsWhenTheFirstIsGone(t *testing.T) {
	t.Parallel()
	for _, gone := range []string{"undone", "erased"} {
		pool := dbtest.New(t)
		s, c := newCommunity(t, pool, "Ours")
		s = s.WithKeys(keys(t))
		at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		order := community.Order{ExternalID: "1", Number: "A-1", At: at, State: community.OrderPaid, Net: eur(700), Guest: community.Contact{Emails: []string{"a@personne.fr"}}}
		file := ended(t, pool, c.Scope)
		put(t, newIntake(t, s, c, shopSource()).For(file), community.Business{Orders: []community.Order{order}})
		put(t, newIntake(t, s, c, community.Source{Platform: "sheet", ExternalID: "x"}), community.Business{Orders: []community.Order{order}})
		list, err := s.Connections(t.Context(), c.Scope)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.PairOrders(t.Context(), c.Scope, list[0].ID, list[1].ID); err != nil {
			t.Fatal(err)
		}
		version := func() int64 {
			return idsOf(t, pool, `select traded from community where id = $1`, c.Scope.Community)[0]
		}
		before := version()
		if gone == "undone" {
			_, err = s.UndoImport(t.Context(), c.Scope, file)
		} else {
			err = s.EraseConnection(t.Context(), list[0])
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := sums(t, pool, c.Scope); got != "1 700 1" {
			t.Errorf("%s: counted %s", gone, got)
		}
		if version() == before {
			t.Errorf("%s: what was computed is not stale", gone)
		}
	}
}
