package stripe

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/stripe/stripetest"
	"github.com/foyer-app/foyer/internal/community"
)

const hook = "https://foyer.example/hooks/stripe/abc"

// listening is a stage whose past was read, and the connection that listens.
func listening(t testing.TB, c stripetest.Config) (*stage, *stripetest.Cast, connectors.Connection, *books) {
	t.Helper()
	s := newStage(t, c)
	cast := stripetest.Past(s.World, 4, 2)
	conn, err := Connector{}.Subscribe(context.Background(), s.app, s.connected(t), hook)
	if err != nil {
		t.Fatal(err)
	}
	b := newBooks()
	s.fill(t, conn, time.Time{}, b)
	s.same(t, b)
	return s, cast, conn, b
}

func every() []string { return slices.Concat(subscribed()...) }

// TestDeliveries hears of what happens in order, out of it, and twice; the end is
// the same.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	var first *books
	for _, c := range []struct {
		name   string
		repeat float64
		among  int
	}{{"in order", 0, 1}, {"twice", 1, 1}, {"out of order", 0.3, 12}, {"far out of order", 0.5, 200}} {
		s, cast, conn, b := listening(t, stripetest.Config{})
		begun := s.Now()
		stripetest.Present(s.World, cast)
		s.deliver(t, conn, stripetest.Mess(s.Events(begun, every()), c.repeat, c.among, 3), b)
		s.same(t, b)
		if first == nil {
			first = b
		}
		for id, o := range b.orders {
			other := first.orders[id]
			o.Revision, other.Revision = 0, 0
			if !reflect.DeepEqual(o, other) {
				t.Errorf("%s: order %+v, not %+v", c.name, o, other)
			}
		}
		if !reflect.DeepEqual(b.states, first.states) || !reflect.DeepEqual(b.subscriptions, first.subscriptions) || !reflect.DeepEqual(b.customers, first.customers) {
			t.Errorf("%s: not the same end", c.name)
		}
		people(t, b, cast)
	}
}

func people(t *testing.T, b *books, cast *stripetest.Cast) {
	t.Helper()
	if got := b.customers[cast.Customers[0]].Contact.Name; got != "Person Renamed" {
		t.Errorf("the customer is %q", got)
	}
	erased := 0
	for _, c := range b.customers {
		if c.Erase {
			erased++
			if c.Contact.Name != "" || c.Contact.Emails != nil {
				t.Errorf("an erased customer has a contact")
			}
		}
	}
	if erased != 1 {
		t.Errorf("%d customers are erased", erased)
	}
}

// TestGap hears of nothing and finds it in the events; what was delivered as
// well is known by the same keys.
func TestGap(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 7} {
		s, cast, conn, b := listening(t, stripetest.Config{MaxPage: size})
		begun := s.Now()
		stripetest.Present(s.World, cast)
		s.fill(t, conn, begun, b)
		s.same(t, b)
		people(t, b, cast)
		keys := maps.Clone(b.keys)
		s.deliver(t, conn, s.Events(begun, []string{"customer.updated", "customer.subscription.updated"}), b)
		if len(b.keys) != len(keys) {
			t.Errorf("%d payloads came again under another key", len(b.keys)-len(keys))
		}
	}
}

// TestLongGap lists everything anew after more than the events tell. What a
// subscription cost in between is lost, what it costs now is not.
func TestLongGap(t *testing.T) {
	t.Parallel()
	s, cast, conn, b := listening(t, stripetest.Config{})
	connected := s.Now()
	grows := s.Subscribe(cast.Customers[0], stripetest.Start{Plans: []stripetest.Plan{{Unit: "2000", Interval: "month"}}, Worth: 2000})
	s.Advance(time.Hour)
	s.deliver(t, conn, s.Events(connected, every()), b)
	begun, states := s.Now(), len(b.states)
	before := s.Truth().MRR(begun)
	stripetest.Present(s.World, cast)
	s.Resize(grows, 7, 14000)
	s.Advance(40 * 24 * time.Hour)
	s.fill(t, conn, begun, b)
	if got, want := b.mrr(s.Now()), s.Truth().MRR(s.Now()); got != want {
		t.Errorf("the monthly revenue is %d, not %d", got, want)
	}
	if got := b.mrr(begun); got != before {
		t.Errorf("the past became %d, it was %d", got, before)
	}
	if len(b.states) <= states {
		t.Error("no subscription is new")
	}
}

// TestReceiveFaults refuses what is not Stripe's, and has events delivered again
// when they cannot be completed.
func TestReceiveFaults(t *testing.T) {
	t.Parallel()
	s, cast, conn, b := listening(t, stripetest.Config{})
	begun := s.Now()
	s.Charge(stripetest.Sale{Customer: cast.Customers[1], Net: 4200})
	e := s.Events(begun, []string{"charge.succeeded"})[0]
	send := func(change func(*http.Request)) (connectors.Delivery, error) {
		r, err := stripetest.Request(context.Background(), hook, conn.Credentials.Signing, s.Now(), e)
		if err != nil {
			t.Fatal(err)
		}
		change(r)
		return Connector{}.ReceiveFor(s.app, conn, r)
	}
	for name, change := range map[string]func(*http.Request){
		"unsigned": func(r *http.Request) { r.Header.Del("Stripe-Signature") },
		"stale": func(r *http.Request) {
			other, _ := stripetest.Request(context.Background(), hook, conn.Credentials.Signing, s.Now().Add(-6*time.Minute), e)
			r.Header = other.Header
		},
		"of another secret": func(r *http.Request) {
			other, _ := stripetest.Request(context.Background(), hook, "whsec_other", s.Now(), e)
			r.Header = other.Header
		},
		"another body": func(r *http.Request) {
			other, _ := stripetest.Request(context.Background(), hook, conn.Credentials.Signing, s.Now(), stripetest.Event{Body: map[string]any{"object": "event"}})
			r.Body = other.Body
		},
	} {
		if d, err := send(change); !errors.Is(err, connectors.ErrSignature) || len(d.Parcels) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, f := range []stripetest.FaultKind{stripetest.FaultLimit, stripetest.FaultServer, stripetest.FaultCut, stripetest.FaultHTML, stripetest.FaultKey} {
		s.server.Fail(stripetest.Fault{Kind: f, Retry: 9, After: 1})
		d, err := send(func(*http.Request) {})
		var limit *connectors.RateLimitError
		if err == nil || len(d.Parcels) > 0 {
			t.Errorf("%s: %d parcels, %v", f, len(d.Parcels), err)
		}
		if got := errors.As(err, &limit) && limit.After == 9*time.Second; got != (f == stripetest.FaultLimit) {
			t.Errorf("%s: %v", f, err)
		}
		if got := errors.Is(err, connectors.ErrRevoked); got != (f == stripetest.FaultKey) {
			t.Errorf("%s: %v", f, err)
		}
	}
	d, err := send(func(*http.Request) {})
	if err != nil || len(d.Parcels) != 1 {
		t.Fatalf("%d parcels, %v", len(d.Parcels), err)
	}
	b.add(t, d.Parcels[0].Payload)
	s.same(t, b)
}

// TestBackfillFaults lets every kind of request go wrong once; the same cursor goes on.
func TestBackfillFaults(t *testing.T) {
	t.Parallel()
	for _, kind := range []stripetest.FaultKind{stripetest.FaultLimit, stripetest.FaultServer, stripetest.FaultCut, stripetest.FaultHTML} {
		s := newStage(t, stripetest.Config{})
		stripetest.Past(s.World, 2, 3)
		c := s.connected(t)
		paths := []string{"customers", "subscriptions", "subscription_items", "invoices", "charges", "invoice_payments", "refunds", "credit_notes", "checkout/sessions"}
		for _, p := range paths {
			s.server.Fail(stripetest.Fault{Path: p, Kind: kind, Retry: 17})
		}
		b, cursor, failed := newBooks(), "", 0
		for range 1000 {
			page, err := Connector{}.Backfill(context.Background(), s.app, c, cursor, time.Time{})
			if err != nil {
				failed++
				var limited *connectors.RateLimitError
				if errors.As(err, &limited) != (kind == stripetest.FaultLimit) || limited != nil && limited.After != 17*time.Second {
					t.Errorf("got %v", err)
				}
				continue
			}
			for _, p := range page.Payloads {
				b.add(t, p)
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if failed != len(paths) {
			t.Errorf("%s: %d steps failed, want %d", kind, failed, len(paths))
		}
		s.same(t, b)
	}
}

// TestBackfillRevoked says that the key was withdrawn.
func TestBackfillRevoked(t *testing.T) {
	t.Parallel()
	s := newStage(t, stripetest.Config{})
	c := s.connected(t)
	s.server.Revoke()
	if _, err := (Connector{}).Backfill(context.Background(), s.app, c, "", time.Time{}); !errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("got %v", err)
	}
	if _, err := (Connector{}).Backfill(context.Background(), s.app, c, "{", time.Time{}); err == nil {
		t.Error("a foreign cursor is taken")
	}
}

// TestBooks holds Stripe's own lines against the orders that were read, and
// brings those anew that differ.
func TestBooks(t *testing.T) {
	t.Parallel()
	s, cast, conn, b := listening(t, stripetest.Config{MaxPage: 20})
	begun := s.Now()
	stripetest.Present(s.World, cast)
	lines := map[string]connectors.Entry{}
	for cursor := ""; ; {
		page, err := Connector{}.Books(context.Background(), s.app, conn, opening, s.Now(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entries {
			if _, twice := lines[e.ExternalID]; twice {
				t.Errorf("%s is there twice", e.ExternalID)
			}
			lines[e.ExternalID] = e
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	var differ []connectors.Entry
	for id, e := range lines {
		if e.Subscription {
			if _, ok := b.subscriptions[id]; !ok || e.At.After(begun.AddDate(0, 0, -60)) {
				differ = append(differ, e)
			}
			continue
		}
		want := s.Truth().Orders[id]
		if e.Net.Minor != want.Net || e.Refunded.Minor != want.Refunded || (e.State == community.OrderPaid) != want.Paid {
			t.Errorf("line %+v, not %+v", e, want)
		}
		if o, ok := b.orders[id]; !ok || orderEntry(o) != e {
			differ = append(differ, e)
		}
	}
	if got, want := len(lines), len(s.Truth().Orders)+s.Truth().Subscriptions(); got != want || len(differ) == 0 {
		t.Errorf("%d lines, not %d; %d differ", got, want, len(differ))
	}
	payloads, err := Connector{}.Fetch(context.Background(), s.app, conn, append(differ, connectors.Entry{ExternalID: "in_never"}, connectors.Entry{ExternalID: "ch_never"}))
	if err != nil || len(payloads) != len(differ)+2 {
		t.Fatalf("%d payloads for %d lines, %v", len(payloads), len(differ), err)
	}
	for _, p := range payloads {
		b.add(t, p)
	}
	if !b.orders["in_never"].Deleted || !b.orders["ch_never"].Deleted {
		t.Error("what is not there is not gone")
	}
	for id, want := range s.Truth().Orders {
		if got := b.orders[id]; got.Net.Minor != want.Net {
			t.Errorf("order %s: %+v", id, got)
		}
	}
}
