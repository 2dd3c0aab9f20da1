package shopify

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/shopify/shopifytest"
	"github.com/foyer-app/foyer/internal/community"
)

const (
	testShop   = "atelier.myshopify.com"
	testSecret = "hush"
)

var (
	start      = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	everyScope = slices.Concat(required, wished)
)

// stage is a shop on a server of our own, and an application for it.
type stage struct {
	*shopifytest.World
	server *shopifytest.Server
	app    connectors.App
}

func newStage(t testing.TB, c shopifytest.Config, shop shopifytest.Shop) *stage {
	t.Helper()
	shop.Domain, shop.Name, shop.TimeZone = testShop, "Atelier Lisière", "Europe/Paris"
	if shop.Currency == "" {
		shop.Currency, shop.TaxesIncluded, shop.TaxPercent = "EUR", true, 20
	}
	w := shopifytest.NewWorld(shop, start, 11)
	c.ClientID, c.ClientSecret, c.Redirect = "client", testSecret, "https://foyer.example/connect/shopify/callback"
	s := &stage{World: w, server: shopifytest.NewServer(w, c)}
	srv := httptest.NewServer(s.server)
	t.Cleanup(srv.Close)
	s.app = connectors.App{
		ID: c.ClientID, Secret: c.ClientSecret, Redirect: c.Redirect, Options: map[string]string{}, Base: srv.URL, HTTP: srv.Client(),
		Log: slog.New(slog.DiscardHandler), Now: w.Now,
	}
	return s
}

// connected is a connection with these scopes, or with all.
func (s *stage) connected(scopes ...string) connectors.Connection {
	if scopes == nil {
		scopes = everyScope
	}
	return connectors.Connection{
		ExternalID: testShop, Name: "Atelier", Granted: scopes, Settings: map[string]string{},
		Credentials: connectors.Credentials{Access: s.server.Token(scopes...)},
	}
}

// walk makes all steps of a backfill, waits in the world's time, and gives what
// went wrong to oops: whether to go on.
func (s *stage) walk(t *testing.T, b *ledger, c connectors.Connection, since time.Time, oops func(error) bool) {
	t.Helper()
	cursor, done := "", 0.0
	for steps := 0; ; steps++ {
		if steps > 2000 {
			t.Fatal("it does not end")
		}
		page, err := connector{}.Backfill(context.Background(), s.app, c, cursor, since)
		var limit *connectors.RateLimitError
		switch {
		case errors.As(err, &limit):
			if limit.After <= 0 {
				t.Errorf("come back after %s", limit.After)
			}
			s.Pass(limit.After)
			continue
		case err != nil && oops != nil && oops(err):
			s.Pass(time.Second)
			continue
		case err != nil:
			t.Fatal(err)
		}
		if page.Progress < done || page.Progress > 1 {
			t.Errorf("progress %v after %v", page.Progress, done)
		}
		done = page.Progress
		b.take(t, page.Payloads)
		if page.Next == "" {
			break
		}
		if len(page.Next) > 2000 {
			t.Errorf("a cursor of %d bytes", len(page.Next))
		}
		cursor = page.Next
		s.Pass(page.Pause)
	}
	if done != 1 {
		t.Errorf("it ended at %v", done)
	}
}

// ledger is a store in small: keys are taken once, revisions decide.
type ledger struct {
	keys      map[string]bool
	payloads  int
	orders    map[string]community.Order
	customers map[string]community.Customer
	aliases   map[string]string
	erased    map[string]bool
	bodies    []string
}

func newLedger() *ledger {
	return &ledger{
		keys: map[string]bool{}, orders: map[string]community.Order{}, customers: map[string]community.Customer{},
		aliases: map[string]string{}, erased: map[string]bool{},
	}
}

func (b *ledger) take(t testing.TB, list []connectors.Payload) {
	t.Helper()
	for _, p := range list {
		if p.Key == "" || b.keys[p.Key] {
			continue
		}
		b.keys[p.Key] = true
		b.payloads++
		b.bodies = append(b.bodies, string(p.Body))
		batch, err := New().Normalize(p)
		if err != nil {
			t.Errorf("%s: %v", p.Kind, err)
		}
		b.put(batch.Business)
	}
}

func (b *ledger) put(in community.Business) {
	for _, o := range in.Orders {
		if old, ok := b.orders[o.ExternalID]; !ok || o.Revision >= old.Revision {
			b.orders[o.ExternalID] = o
		}
	}
	for _, c := range in.Customers {
		for _, a := range c.Aliases {
			b.aliases[a] = c.ExternalID
		}
		if c.Erase {
			b.erased[c.ExternalID] = true
		}
		if c.Erase || len(c.Aliases) > 0 {
			continue
		}
		if old, ok := b.customers[c.ExternalID]; !ok || c.Revision >= old.Revision {
			b.customers[c.ExternalID] = c
		}
	}
}

// sum tells what the ledger holds as the world's truth does.
func (b *ledger) sum() shopifytest.Truth {
	out := shopifytest.Truth{
		Orders: map[string]shopifytest.OrderTruth{}, Customers: map[string]shopifytest.CustomerTruth{},
		Aliases: maps.Clone(b.aliases), Erased: maps.Clone(b.erased),
	}
	for id, o := range b.orders {
		if o.Deleted {
			continue
		}
		n := shopifytest.OrderTruth{
			Number: o.Number, Customer: o.Customer, Code: strings.Join(o.Codes, " "), At: o.At, State: int(o.State), Test: o.Test,
			Net: o.Net.Minor, Tax: o.Tax.Minor, Refunds: len(o.Refunds),
		}
		n.GuestEmail = strings.Join(o.Guest.Emails, " ")
		for _, r := range o.Refunds {
			n.Refunded += r.Net.Minor
		}
		out.Orders[id] = n
	}
	for id, c := range b.customers {
		if b.aliases[id] == "" {
			out.Customers[id] = shopifytest.CustomerTruth{Email: strings.Join(c.Contact.Emails, " "), City: c.Contact.City, Verified: c.Contact.Verified}
		}
	}
	return out
}

// agree compares with the truth, as far as the way in can tell it.
func (b *ledger) agree(t *testing.T, want shopifytest.Truth, aliases bool) {
	t.Helper()
	got := b.sum()
	same(t, "order", got.Orders, want.Orders)
	same(t, "customer", got.Customers, want.Customers)
	if aliases {
		same(t, "alias", got.Aliases, want.Aliases)
	}
}

func same[V comparable](t *testing.T, what string, got, want map[string]V) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d of %s, want %d", len(got), what, len(want))
	}
	wrong := 0
	for k, v := range want {
		if got[k] != v && wrong < 5 {
			wrong++
			t.Errorf("%s %s:\n got %+v\nwant %+v", what, k, got[k], v)
		}
	}
}

func idText(n int64) string { return strconv.FormatInt(n, 10) }
