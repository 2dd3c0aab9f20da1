package all_test

import (
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/connectors/shopify/shopifytest"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
)

const shopSecret = "app-secret"

// counter is a Foyer with a shop that is connected.
type counter struct {
	t      *testing.T
	in     *ingest.Ingest
	store  *store.Store
	world  *shopifytest.World
	server *shopifytest.Server
	c      community.Community
	id     int64
}

// openCounter connects a shop that has a past, as a merchant does.
func openCounter(t *testing.T, past int) *counter {
	t.Helper()
	w := shopifytest.NewWorld(shopifytest.Shop{
		Domain: "lisiere.myshopify.com", Name: "Atelier Lisière", TimeZone: "Europe/Paris", Currency: "EUR", TaxesIncluded: true, TaxPercent: 20,
	}, time.Now().Add(-40*24*time.Hour), 5)
	w.Life(past, 40*24*time.Hour/time.Duration(past+1)*8/10)
	redirect := "https://foyer.example/connect/shopify/callback"
	server := shopifytest.NewServer(w, shopifytest.Config{ClientID: "client", ClientSecret: shopSecret, Redirect: redirect})
	srv := httptest.NewServer(server)
	t.Cleanup(srv.Close)
	ring, err := vault.Ensure(filepath.Join(t.TempDir(), "keys", "ring"))
	if err != nil {
		t.Fatal(err)
	}
	s := store.New(dbtest.New(t)).WithKeys(ring)
	org, err := s.LocalOrganisation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.CreateCommunity(t.Context(), org, "Atelier", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	app := connectors.App{
		ID: "client", Secret: shopSecret, Redirect: redirect, Base: srv.URL, HTTP: srv.Client(), Log: slog.New(slog.DiscardHandler), Now: w.Now,
	}
	k := &counter{t: t, store: s, world: w, server: server, c: c, in: ingest.New(ingest.Config{
		Store: s, Connectors: all.List(), Log: slog.New(slog.DiscardHandler), Uploads: t.TempDir(), Ring: ring,
		Apps: map[community.Platform]connectors.App{"shopify": app},
	})}
	if k.id, err = k.in.Install(t.Context(), c, "shopify", k.visit(app), ""); err != nil {
		t.Fatal(err)
	}
	return k
}

// visit goes to the shop and comes back.
func (k *counter) visit(app connectors.App) url.Values {
	k.t.Helper()
	asker, _ := connectors.Find(all.List(), "shopify").(connectors.Asker)
	to, err := asker.InstallURLFor(app, "state", "", map[string]string{"shop": "lisiere"})
	if err != nil {
		k.t.Fatal(err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Get(to)
	if err != nil {
		k.t.Fatal(err)
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		k.t.Fatal(err)
	}
	q := back.Query()
	q.Set("ask.shop", "lisiere")
	return q
}

// load walks through what is to be fetched, to its end.
func (k *counter) load() {
	k.t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		list, err := k.store.Backfills(k.t.Context(), k.c.Scope)
		if err != nil {
			k.t.Fatal(err)
		}
		left := 0
		for _, b := range list {
			if b.State == "failed" || time.Now().After(end) {
				k.t.Fatalf("a walk is %q at %v", b.State, b.Progress)
			}
			if b.State == "running" {
				left++
				if err := k.in.Backfill(k.t.Context(), k.c.Scope, b.ID); err != nil {
					k.t.Fatal(err)
				}
			}
		}
		if left == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	k.drain()
}

func (k *counter) drain() {
	if _, err := k.in.Drain(k.t.Context(), store.Pending{Scope: k.c.Scope, Connection: k.id}); err != nil {
		k.t.Error(err)
	}
}

// deliver sends what happened from three senders, shuffled, some of it twice.
func (k *counter) deliver(list []shopifytest.Delivery) {
	list = slices.Clone(list)
	for i := 0; i < len(list); i += 5 {
		list = append(list, list[i])
	}
	r := rand.New(rand.NewPCG(4, 4))
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	var senders sync.WaitGroup
	for sender := range 3 {
		senders.Go(func() {
			for i := sender; i < len(list); i += 3 {
				if _, err := k.in.Receive(k.t.Context(), "shopify", list[i].Request(shopSecret, i%2 == 0)); err != nil {
					k.t.Error(err)
				}
				if i%50 == 0 {
					k.drain()
				}
			}
		})
	}
	senders.Wait()
	k.drain()
}

// stored reads back what the tables hold, as the shop's truth tells it.
func (k *counter) stored() shopifytest.Truth {
	k.t.Helper()
	out := shopifytest.Truth{Orders: map[string]shopifytest.OrderTruth{}, Aliases: map[string]string{}}
	rows, err := k.store.Pool().Query(store.Across(k.t.Context()), `select o.external_id, o.number, case when c.guest then '' else coalesce(c.external_id, '') end,
			o.at, o.state, o.test, o.net_minor, coalesce(o.tax_minor, 0), o.refunded_minor, array_to_string(o.codes, ' '),
			(select count(*) from refund r where r.order_id = o.id)
		from customer_order o left join customer c on c.id = o.customer_id where not o.removed`)
	if err != nil {
		k.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var o shopifytest.OrderTruth
		if err := rows.Scan(&id, &o.Number, &o.Customer, &o.At, &o.State, &o.Test, &o.Net, &o.Tax, &o.Refunded, &o.Code, &o.Refunds); err != nil {
			k.t.Fatal(err)
		}
		o.At = o.At.UTC()
		out.Orders[id] = o
	}
	merged, err := k.store.Pool().Query(store.Across(k.t.Context()), `select c.external_id, i.external_id from customer c join customer i on i.id = c.merged_into`)
	if err != nil {
		k.t.Fatal(err)
	}
	defer merged.Close()
	for merged.Next() {
		var from, into string
		if err := merged.Scan(&from, &into); err != nil {
			k.t.Fatal(err)
		}
		out.Aliases[from] = into
	}
	return out
}

// agree compares the tables with the truth; a guest's address is sealed there.
func (k *counter) agree(what string) {
	k.t.Helper()
	want, got := k.world.Truth(), k.stored()
	for id, o := range want.Orders {
		o.GuestEmail = ""
		want.Orders[id] = o
	}
	if !maps.Equal(got.Orders, want.Orders) {
		wrong := 0
		for id, o := range want.Orders {
			if got.Orders[id] != o && wrong < 3 {
				wrong++
				k.t.Errorf("%s: order %s:\n got %+v\nwant %+v", what, id, got.Orders[id], o)
			}
		}
		k.t.Errorf("%s: %d orders, want %d", what, len(got.Orders), len(want.Orders))
	}
}

// audit asks the shop to deliver, and holds its books against tables of which some
// rows are wrong, one is gone and one is of no order.
func (k *counter) audit() {
	k.t.Helper()
	if err := k.in.Subscribe(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
	if n := len(k.server.Topics("https://foyer.example/hooks/shopify")); n != 11 {
		k.t.Errorf("%d topics", n)
	}
	ctx := store.Across(k.t.Context())
	for _, sql := range []string{
		`update customer_order set net_minor = net_minor + 1 where id in (select id from customer_order where not removed order by id limit 7)`,
		`update customer_order set external_id = '77' where id = (select max(id) from customer_order where not removed)`,
	} {
		if _, err := k.store.Pool().Exec(ctx, sql); err != nil {
			k.t.Fatal(err)
		}
	}
	if err := k.in.Audit(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
	k.agree("books")
	var lines int
	if err := k.store.Pool().QueryRow(ctx, `select count(*) from books_line`).Scan(&lines); err != nil || lines != 0 {
		k.t.Errorf("%d lines of the books differ still, %v", lines, err)
	}
}

// TestShopEndsAtTheTruth goes from the merchant's consent through the first load,
// signed deliveries and the hourly look to the tables of the database.
func TestShopEndsAtTheTruth(t *testing.T) {
	t.Parallel()
	k := openCounter(t, 250)
	before := len(k.world.Deliveries())
	k.load()
	gone := k.world.Truth()
	k.agree("first load")
	k.world.Life(150, time.Minute)
	k.deliver(k.world.Deliveries()[before:])
	k.agree("deliveries")
	var failed int
	if err := k.store.Pool().QueryRow(store.Across(t.Context()), `select count(*) from inbox where failure <> '' or drained_at is null`).Scan(&failed); err != nil || failed != 0 {
		t.Errorf("%d payloads were not understood, %v", failed, err)
	}
	k.audit()
	if len(gone.Orders) < 80 {
		t.Errorf("too little happened: %d orders", len(gone.Orders))
	}
	// Deliveries that are lost are found by the next look.
	since := k.world.Now()
	order := k.world.Order(shopifytest.Cart{Customer: k.world.Join(), Code: "CERCLE10"})
	k.world.Refund(order, 0, 1, -100)
	conn, err := k.store.ConnectionByID(t.Context(), k.c.Scope, k.id)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.store.StartBackfill(t.Context(), conn, "gap", since); err != nil {
		t.Fatal(err)
	}
	k.load()
	k.agree("what was lost")
	want, got := k.world.Truth().Aliases, k.stored().Aliases
	for from, into := range want {
		if _, known := gone.Aliases[from]; !known && got[from] != into { // of one before, no delivery told
			t.Errorf("%s went into %q, want %s", from, got[from], into)
		}
	}
	if len(want) == len(gone.Aliases) {
		t.Error("nobody was merged")
	}
}
