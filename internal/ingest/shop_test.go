package ingest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
)

// stall is a shop: its books are a map, deliveries are signed by account.
type stall struct {
	mu        sync.Mutex
	orders    map[string]community.Order
	address   string
	subscribe error
	fetched   int
	booksErr  error
}

func newStall(n int) *stall {
	s := &stall{orders: map[string]community.Order{}}
	// In the month that the books are asked for, whatever the day of the test.
	at := time.Now().UTC().AddDate(0, 0, -20).Truncate(time.Hour)
	for i := range n {
		s.set(fmt.Sprintf("o%d", i), at.Add(time.Duration(i)*time.Minute), int64(1000+i), 1)
	}
	return s
}

func (s *stall) set(id string, at time.Time, cents, revision int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders[id] = community.Order{
		ExternalID: id, Number: id, Guest: community.Contact{Emails: []string{id + "@exemple.fr"}}, At: at, State: community.OrderPaid,
		Net: community.Money{Minor: cents, Currency: "EUR", Exponent: 2}, Revision: revision,
	}
}

func (*stall) Platform() community.Platform { return "stall" }
func (*stall) Name() string                 { return "Stall" }
func (*stall) Trades() connectors.Trades    { return connectors.Trades{Customers: true, Orders: true} }
func (*stall) Every() time.Duration         { return time.Hour }

func (*stall) Normalize(p connectors.Payload) (community.Batch, error) {
	var o community.Order
	if err := json.Unmarshal(p.Body, &o); err != nil {
		return community.Batch{}, &connectors.RefusedError{Reason: connectors.ReasonNotJSON}
	}
	o.At = o.At.UTC()
	return community.Batch{Business: community.Business{Orders: []community.Order{o}}}, nil
}

func (s *stall) payload(id string) connectors.Payload {
	body, _ := json.Marshal(s.orders[id])
	return connectors.Payload{Key: fmt.Sprintf("%s/%d", id, s.orders[id].Revision), Kind: "order", Body: body}
}

func (*stall) Fields() []connectors.ManualField {
	return []connectors.ManualField{{Name: "key", Secret: true}}
}

func (*stall) InstallManual(_ context.Context, _ connectors.App, v map[string]string) (connectors.Connection, error) {
	return connectors.Connection{ExternalID: "acct", Name: "One", Credentials: connectors.Credentials{Access: v["key"]}}, nil
}

func (s *stall) Subscribe(_ context.Context, _ connectors.App, c connectors.Connection, address string) (connectors.Connection, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.address, c.Credentials.Signing, c.Settings = address, "whsec", map[string]string{"hook": "1"}
	return c, s.subscribe
}

func (*stall) ReceiveFor(_ connectors.App, c connectors.Connection, r *http.Request) (connectors.Delivery, error) {
	if c.Credentials.Signing == "" || r.Header.Get("Signature") != c.Credentials.Signing {
		return connectors.Delivery{}, connectors.ErrSignature
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return connectors.Delivery{}, err
	}
	if kind := r.Header.Get("Notice"); kind != "" {
		return connectors.Delivery{Notices: []connectors.Notice{{Kind: connectors.NoticeKind(kind), Detail: "cust-1"}}}, nil
	}
	return connectors.Delivery{Parcels: []connectors.Parcel{{Payload: connectors.Payload{Key: r.Header.Get("Key"), Kind: "order", Body: body}}}}, nil
}

func (s *stall) Backfill(_ context.Context, _ connectors.App, _ connectors.Connection, _ string, _ time.Time) (connectors.Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page connectors.Page
	for id := range s.orders {
		page.Payloads = append(page.Payloads, s.payload(id))
	}
	return page, nil
}

func (s *stall) Books(_ context.Context, _ connectors.App, _ connectors.Connection, from, to time.Time, cursor string) (connectors.BooksPage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.booksErr != nil {
		return connectors.BooksPage{}, s.booksErr
	}
	var page connectors.BooksPage
	for _, o := range s.orders {
		if (cursor == "") == (o.Net.Minor%2 == 0) && !o.At.Before(from) && o.At.Before(to) { // two pages
			page.Entries = append(page.Entries, connectors.Entry{ExternalID: o.ExternalID, At: o.At, State: o.State, Net: o.Net})
		}
	}
	if cursor == "" {
		page.Next = "odd"
	}
	return page, nil
}

func (s *stall) Fetch(_ context.Context, _ connectors.App, _ connectors.Connection, entries []connectors.Entry) ([]connectors.Payload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []connectors.Payload
	for _, e := range entries {
		if _, ok := s.orders[e.ExternalID]; ok {
			s.fetched++
			out = append(out, s.payload(e.ExternalID))
		}
	}
	return out, nil
}

// market is an Ingest with a stall that is connected.
func market(t *testing.T, orders int) (*station, *stall, store.Connection) {
	t.Helper()
	in, c := setup(t)
	in.Store = in.Store.WithKeys(in.Ring)
	shop := newStall(orders)
	in.Connectors = []connectors.Connector{shop}
	in.Apps = map[community.Platform]connectors.App{"stall": {Redirect: "https://foyer.example/connect/stall/callback", Log: slog.New(slog.DiscardHandler), Now: time.Now}}
	s := &station{Ingest: in, t: t, c: c}
	id, err := in.InstallManual(t.Context(), c, "stall", map[string]string{"key": "k"})
	if err != nil {
		t.Fatal(err)
	}
	return s, shop, s.connection(c, id)
}

func TestDeliveriesOfAnAccount(t *testing.T) {
	t.Parallel()
	s, shop, c := market(t, 0)
	if err := s.Subscribe(t.Context()); err != nil {
		t.Fatal(err)
	}
	token, ok := strings.CutPrefix(shop.address, "https://foyer.example/hooks/stall/")
	if !ok || len(token) < 40 {
		t.Fatalf("asked to deliver to %q", shop.address)
	}
	shop.set("new", time.Now().UTC().Add(-time.Hour), 500, 1)
	body := shop.payload("new").Body
	send := func(token, signature string) error {
		r := httptest.NewRequest("POST", "/", strings.NewReader(string(body)))
		r.Header.Set("Signature", signature)
		r.Header.Set("Key", "evt")
		_, err := s.ReceiveFor(t.Context(), "stall", token, r)
		return err
	}
	for range 2 {
		if err := send(token, "whsec"); err != nil {
			t.Fatal(err)
		}
	}
	if err := send(token, "guess"); !errors.Is(err, connectors.ErrSignature) {
		t.Errorf("wrong signature: %v", err)
	}
	if err := send(token[:len(token)-1]+"x", "whsec"); !errors.Is(err, ingest.ErrNotOffered) {
		t.Errorf("wrong address: %v", err)
	}
	s.drain(c)
	if n := s.count(`select count(*) from customer_order where external_id = 'new'`); n != 1 {
		t.Errorf("%d orders of one delivery that came twice", n)
	}
	first := shop.address
	s.set(`update connection set subscribed_at = now() - interval '2 days'`)
	if err := s.Subscribe(t.Context()); err != nil || shop.address != first {
		t.Errorf("the address became %q, %v", shop.address, err)
	}
}

func TestShopThatDoesNotDeliver(t *testing.T) {
	t.Parallel()
	s, shop, c := market(t, 3)
	shop.subscribe = &connectors.RefusedError{Reason: "scopes"}
	if err := s.Subscribe(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.walk(s.Ingest)
	s.drain(c)
	shop.set("late", time.Now().UTC().Add(-2*time.Hour), 700, 1)
	for range 2 {
		if err := s.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.count(`select count(*) from backfill where kind = 'gap'`); n != 1 {
		t.Errorf("%d gaps are walked after two polls in an hour", n)
	}
	s.walk(s.Ingest)
	s.drain(c)
	if n := s.count(`select count(*) from customer_order`); n != 4 {
		t.Errorf("%d orders, 4 expected", n)
	}
}

func TestBooksAreHeldAgainstTheSource(t *testing.T) {
	t.Parallel()
	s, shop, c := market(t, 40)
	s.walk(s.Ingest)
	s.drain(c)
	// One delivery was missed, one change was missed, one order is gone there, and
	// one is wrong here and cannot be mended.
	at := time.Now().UTC().AddDate(0, 0, -10)
	shop.set("missed", at, 900, 1)
	shop.set("o1", shop.orders["o1"].At, 5555, 2)
	delete(shop.orders, "o2")
	s.set(`update customer_order set net_minor = 1, revision = 99 where external_id = 'o3'`)
	if err := s.Audit(t.Context()); err != nil {
		t.Fatal(err)
	}
	months, lines, err := s.Store.Books(t.Context(), c, 100)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, l := range lines {
		found = append(found, l.External+" "+l.Problem)
	}
	slices.Sort(found)
	if want := []string{"o2 surplus", "o3 differs"}; !slices.Equal(found, want) {
		t.Errorf("lines %v, want %v", found, want)
	}
	if n := s.count(`select net_minor from customer_order where external_id = 'o1'`); n != 5555 {
		t.Errorf("o1 is %d", n)
	}
	var theirs, ours int64
	for _, m := range months {
		theirs, ours = theirs+m.TheirsCount, ours+m.OursCount
	}
	if theirs != 40 || ours != 41 {
		t.Errorf("they have %d, we %d", theirs, ours)
	}
	// A second look the same day asks nothing; a source that is down keeps the finding.
	asked := shop.fetched
	if err := s.Audit(t.Context()); err != nil || shop.fetched != asked {
		t.Errorf("asked again: %v", err)
	}
	shop.booksErr = errors.New("down")
	s.set(`update connection set books_at = now() - interval '2 days'`)
	if err := s.Audit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, lines, _ = s.Store.Books(t.Context(), c, 100); len(lines) != 2 {
		t.Errorf("%d lines are left", len(lines))
	}
	_, other := s.community("Other").Scope, store.Connection{Scope: s.community("Third").Scope, ID: c.ID}
	if m, l, err := s.Store.Books(t.Context(), other, 10); err != nil || len(m)+len(l) != 0 {
		t.Errorf("another community sees them: %d %d %v", len(m), len(l), err)
	}
}

// TestWhatTheLawDemands: a platform passes on that somebody asks what is kept of
// them, and that everything of an account must go.
func TestWhatTheLawDemands(t *testing.T) {
	t.Parallel()
	s, shop, c := market(t, 5)
	if err := s.Subscribe(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.walk(s.Ingest)
	s.drain(c)
	token := strings.TrimPrefix(shop.address, "https://foyer.example/hooks/stall/")
	say := func(kind connectors.NoticeKind) {
		t.Helper()
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("Signature", "whsec")
		r.Header.Set("Notice", string(kind))
		if _, err := s.ReceiveFor(t.Context(), "stall", token, r); err != nil {
			t.Fatal(err)
		}
	}
	say(connectors.NoticeRequest)
	if got := s.connection(s.c, c.ID).Settings["note_request"]; got != "cust-1" {
		t.Errorf("asked: %q", got)
	}
	say(connectors.NoticeErase)
	for _, table := range []string{"customer", "customer_order", "contact_key", "connection", "inbox"} {
		if n := s.count(`select count(*) from ` + table); n != 0 {
			t.Errorf("%d rows are left in %s", n, table)
		}
	}
	if n := s.count(`select count(*) from audit_entry where action in ('connection.asked', 'connection.erased')`); n != 2 {
		t.Errorf("%d entries tell of it", n)
	}
}

// TestTasksThatFail: what changed while a poll could not be noted is fetched by the
// next one; books that could not be read are asked for again soon and not before; and
// whoever connects anew is asked to deliver anew.
func TestTasksThatFail(t *testing.T) {
	t.Parallel()
	s, shop, c := market(t, 2)
	s.walk(s.Ingest)
	s.drain(c)
	ago := func(column string) int {
		t.Helper()
		return s.count(`select coalesce(extract(epoch from now() - ` + column + `)::integer, -1) from connection`)
	}
	s.set(`update connection set polled_at = now() - interval '3 hours'`)
	owner := dbtest.Owner(t, s.Store.Pool())
	as := func(sql string) {
		t.Helper()
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	as(`revoke insert on backfill from foyer_app`) // the database fails at the wrong moment
	if err := s.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := ago("polled_at"); got < 3*3600 {
		t.Errorf("a poll that came to nothing is noted as done %d s ago", got)
	}
	as(`grant insert on backfill to foyer_app`)
	if err := s.Poll(t.Context()); err != nil || ago("polled_at") > 60 {
		t.Errorf("not polled again: %v", err)
	}
	if n := s.count(`select count(*) from backfill where kind = 'gap' and since < now() - interval '3 hours'`); n != 1 {
		t.Errorf("%d gaps reach back to the last poll", n)
	}
	s.walk(s.Ingest)
	shop.booksErr = errors.New("down")
	for range 2 {
		if err := s.Audit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if again := 24*3600 - ago("books_at"); again < 600 || again > 15*60 {
		t.Errorf("books are asked for again in %d s", again)
	}
	for range 2 {
		if err := s.Subscribe(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := ago("subscribed_at"); got < 0 || got > 60 {
			t.Errorf("asked to deliver %d s ago", got)
		}
		if _, err := s.InstallManual(t.Context(), s.c, "stall", map[string]string{"key": "another"}); err != nil {
			t.Fatal(err)
		}
		if got := ago("subscribed_at"); got != -1 {
			t.Errorf("connected anew, and the deliveries of before are trusted: %d s", got)
		}
	}
	if conn := s.connection(s.c, c.ID); conn.State != store.ConnectionActive {
		t.Errorf("is %s", conn.State)
	}
}
