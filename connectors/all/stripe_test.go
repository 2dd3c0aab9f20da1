package all_test

import (
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/connectors/stripe/stripetest"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
)

// TestStripeEndsAtTheTruth goes from a pasted key through history, signed
// deliveries out of order and partly twice, inbox and store to the source's own
// books: no line of them differs.
func TestStripeEndsAtTheTruth(t *testing.T) {
	t.Parallel()
	w := stripetest.NewWorld(time.Now().AddDate(0, 0, -110))
	w.Live()
	cast := stripetest.Past(w, 4, 5)
	api := httptest.NewServer(stripetest.NewServer(w, stripetest.Config{}))
	defer api.Close()
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
	in := ingest.New(ingest.Config{
		Store: s, Connectors: all.List(), Log: slog.New(slog.DiscardHandler), Uploads: t.TempDir(), Ring: ring,
		Apps: map[community.Platform]connectors.App{"stripe": {
			Base: api.URL, HTTP: api.Client(), Log: slog.New(slog.DiscardHandler), Now: w.Now, Redirect: "https://foyer.example/connect/stripe/callback",
		}},
	})
	id, err := in.InstallManual(t.Context(), c, "stripe", map[string]string{"key": stripetest.DefaultKey})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Subscribe(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := s.Backfills(t.Context(), c.Scope)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d histories, %v", len(list), err)
	}
	if err := in.Backfill(t.Context(), list[0].Scope, list[0].ID); err != nil {
		t.Fatal(err)
	}
	pending := store.Pending{Scope: c.Scope, Connection: id}
	drain(t, in, pending)
	begun := w.Now()
	stripetest.Present(w, cast)
	deliverStripe(t, s, in, w, pending, begun)
	drain(t, in, pending)
	stripeTruth(t, s, c, w.Truth())
	if err := in.Audit(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn, err := s.ConnectionByID(t.Context(), c.Scope, id)
	if err != nil {
		t.Fatal(err)
	}
	months, lines, err := s.Books(t.Context(), conn, 100)
	if err != nil || len(months) == 0 || len(lines) != 0 {
		t.Errorf("%d months, lines %+v, %v", len(months), lines, err)
	}
	for _, m := range months {
		if m.Gap() != 0 {
			t.Errorf("month %+v", m)
		}
	}
}

// deliverStripe sends to the address that was subscribed, signed with the secret
// of that endpoint.
func deliverStripe(t *testing.T, s *store.Store, in *ingest.Ingest, w *stripetest.World, p store.Pending, since time.Time) {
	t.Helper()
	address, secret, types := w.Endpoint()
	token := address[strings.LastIndexByte(address, '/')+1:]
	for _, e := range stripetest.Mess(w.Events(since, types), 0.3, 20, 11) {
		r, err := stripetest.Request(t.Context(), address, secret, w.Now(), e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.ReceiveFor(t.Context(), "stripe", token, r); err != nil {
			t.Fatalf("%s: %v", e.Type, err)
		}
	}
	var failed int
	drain(t, in, p)
	if err := s.Pool().QueryRow(store.Across(t.Context()), `select count(*) from inbox where failure <> '' or drained_at is null`).Scan(&failed); err != nil || failed != 0 {
		t.Errorf("%d payloads were not understood, %v", failed, err)
	}
}

// stripeTruth holds the sums of what is stored against the world's own.
func stripeTruth(t *testing.T, s *store.Store, c community.Community, truth stripetest.Truth) {
	t.Helper()
	var want, got struct{ orders, net, refunded, subscriptions, customers int64 }
	for _, o := range truth.Orders {
		want.orders, want.net, want.refunded = want.orders+1, want.net+o.Net, want.refunded+o.Refunded
	}
	want.subscriptions, want.customers = int64(truth.Subscriptions()), int64(truth.Customers)
	err := s.Pool().QueryRow(store.WithTenant(t.Context(), c.Organisation), `select
		(select count(*) from customer_order where not removed), (select sum(net_minor)::bigint from customer_order where not removed),
		(select sum(refunded_minor)::bigint from customer_order where not removed), (select count(*) from subscription),
		(select count(*) from customer where not guest)`).Scan(&got.orders, &got.net, &got.refunded, &got.subscriptions, &got.customers)
	if err != nil || got != want {
		t.Errorf(" got %+v, %v\nwant %+v", got, err, want)
	}
}
