package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// kiosk is a shop that is asked for its address first, and that hands its keys
// over by a request of its own.
type kiosk struct{}

func (kiosk) Platform() community.Platform { return "kiosk" }
func (kiosk) Name() string                 { return "Kiosk" }

func (kiosk) Normalize(connectors.Payload) (community.Batch, error) { return community.Batch{}, nil }
func (kiosk) InstallURL(connectors.App, string, string) string      { return "" }

func (kiosk) Trades() connectors.Trades { return connectors.Trades{Orders: true} }
func (kiosk) Every() time.Duration      { return time.Hour }

func (kiosk) Ask() []connectors.ManualField { return []connectors.ManualField{{Name: "shop"}} }

func (kiosk) InstallURLFor(_ connectors.App, state, _ string, v map[string]string) (string, error) {
	if !strings.HasSuffix(v["shop"], ".example") {
		return "", &connectors.InstallError{Reason: "account"}
	}
	return "https://" + v["shop"] + "/authorize?" + url.Values{"state": {state}}.Encode(), nil
}

func (kiosk) Handed(r *http.Request) (string, map[string]string, error) {
	if err := r.ParseForm(); err != nil {
		return "", nil, err
	}
	return r.PostForm.Get("state"), map[string]string{"key": r.PostForm.Get("key")}, nil
}

func (kiosk) Install(_ context.Context, _ connectors.App, q url.Values, _ string) (connectors.Connection, error) {
	if q.Get("handed.key") == "" {
		return connectors.Connection{}, &connectors.InstallError{Reason: "expired"}
	}
	return connectors.Connection{ExternalID: q.Get("ask.shop") + "/" + q.Get("handed.key"), Credentials: connectors.Credentials{Access: "s3cr3t"}}, nil
}

func TestConnectAsksFirst(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	ask := communityPath(c.Scope, "/connect/kiosk")
	s.has(s.page(s.get(ask), http.StatusOK), "shop", "Continuer vers Kiosk")
	s.has(s.page(s.post(ask, url.Values{"shop": {"nowhere"}}), http.StatusUnprocessableEntity), "ne ressemble pas", `value="nowhere"`)
	s.has(s.page(s.post(ask, url.Values{}), http.StatusUnprocessableEntity), "Collez cette valeur.")
	lead := func() string {
		a := s.post(ask, url.Values{"shop": {"lisiere.example"}})
		to, err := url.Parse(a.to)
		if err != nil || a.status != http.StatusSeeOther || to.Host != "lisiere.example" {
			t.Fatalf("leads to %d %s", a.status, a.to)
		}
		return to.Query().Get("state")
	}
	hand := func(state, key string) int {
		r := s.request("POST", "/connect/kiosk/keys", strings.NewReader(url.Values{"state": {state}, "key": {key}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Del("Cookie")
		return s.do(r).status
	}
	state := lead()
	if got := hand("guess", "evil"); got != http.StatusNotFound {
		t.Errorf("keys for a state that nobody has: %d", got)
	}
	// The visitor may not bring what was asked or handed by himself.
	s.page(s.get("/connect/kiosk/callback?handed.key=evil&ask.shop=evil.example&state="+state), http.StatusUnprocessableEntity)
	state = lead()
	if got := hand(state, "k1"); got != http.StatusOK {
		t.Fatalf("keys: %d", got)
	}
	if a := s.get("/connect/kiosk/callback?handed.key=evil&ask.shop=evil.example&state=" + state); a.status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if conn := s.installed(c); conn.ExternalID != "lisiere.example/k1" {
		t.Errorf("connected as %q", conn.ExternalID)
	}
	if got := hand(state, "late"); got != http.StatusNotFound {
		t.Errorf("keys for a state that is spent: %d", got)
	}
	state = lead()
	for range handedAttempts {
		hand(state, "again")
	}
	if got := hand(state, "again"); got != http.StatusNotFound {
		t.Errorf("keys are taken without an end: %d", got)
	}
	if a := s.post(communityPath(c.Scope, "/connect/campfire"), nil); a.status != http.StatusNotFound {
		t.Errorf("a platform that asks nothing: %d", a.status)
	}
	s.as(s.colleague(store.RoleViewer))
	s.page(s.post(ask, url.Values{"shop": {"lisiere.example"}}), http.StatusForbidden)
}

// TestShopOnTheConnectionsPage: what it brought, what differs, what it does not
// tell, and somebody who asks what is kept of them.
func TestShopOnTheConnectionsPage(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	id, err := s.Store.Install(t.Context(), c.Scope, store.Installation{
		Platform: "kiosk", ExternalID: "k", Name: "lisiere.example", Settings: map[string]string{"note_silent": "webhooks", "note_request": "cust-77"},
	})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := s.Store.ConnectionByID(t.Context(), c.Scope, id)
	if err != nil {
		t.Fatal(err)
	}
	eur := func(n int64) community.Money { return community.Money{Minor: n, Currency: "EUR", Exponent: 2} }
	in := s.Store.NewIntake(c, id, community.Source{Platform: "kiosk", ExternalID: "k"})
	b := community.Business{Orders: []community.Order{{ExternalID: "1", At: s.Now().UTC().AddDate(0, 0, -1), State: community.OrderPaid, Net: eur(9900)}}}
	if _, err := in.Store(t.Context(), community.Batch{Business: b}, nil); err != nil {
		t.Fatal(err)
	}
	month := store.BooksMonth{Month: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), Currency: "EUR", Exponent: 2, TheirsCount: 2, TheirsMinor: 20000, OursCount: 1, OursMinor: 9900}
	if err := s.Store.SaveBooks(t.Context(), conn, month.Month, nil, []store.BooksMonth{month}); err != nil {
		t.Fatal(err)
	}
	list := communityPath(c.Scope, "/connections")
	page := s.page(s.get(list), http.StatusOK)
	s.has(page, "1 commande", "50,5", "février 2026", "cust-77", "Foyer relit toutes les", "Commandes par jour")
	if a := s.post(list+"/"+idText(id)+"/answered", nil); a.status != http.StatusSeeOther {
		t.Fatalf("%d", a.status)
	}
	if page := s.page(s.get(list), http.StatusOK); strings.Contains(page, "cust-77") {
		t.Error("answered and asked still")
	}
}
