package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/stripe/stripetest"
)

// TestFewRequests lists a past in a number of requests that does not grow with
// every order.
func TestFewRequests(t *testing.T) {
	t.Parallel()
	s := newStage(t, stripetest.Config{})
	ada := s.Customer("Ada", "ada@example.org", "")
	for n := range 300 {
		s.Advance(time.Hour)
		if n%3 == 0 {
			s.Charge(stripetest.Sale{Net: 900})
			continue
		}
		s.Pay(s.Bill(stripetest.Sale{Customer: ada, Net: 1000}))
	}
	s.Subscribe(ada, stripetest.Start{Plans: []stripetest.Plan{{Unit: "100", Interval: "month"}}, Worth: 100})
	c, before, b := s.connected(t), len(s.server.Calls()), newBooks()
	s.fill(t, c, time.Time{}, b)
	s.same(t, b)
	if n := len(s.server.Calls()) - before; n > 30 {
		t.Errorf("%d requests for 300 orders", n)
	}
}

// TestLatePayment finds the invoice of a payment that came long after it, and of one
// from before there were payment intents.
func TestLatePayment(t *testing.T) {
	t.Parallel()
	s := newStage(t, stripetest.Config{})
	ada := s.Customer("Ada", "ada@example.org", "")
	late, old := s.Bill(stripetest.Sale{Customer: ada, Net: 1000}), s.Bill(stripetest.Sale{Customer: ada, Net: 2000})
	s.Advance(70 * 24 * time.Hour)
	paid := s.Pay(late)
	before := s.PayAsBefore(old)
	s.Advance(time.Hour)
	other := s.Bill(stripetest.Sale{Customer: ada, Net: 700})
	s.Refund(s.PayAsBefore(other), other, 200, 200)
	s.Advance(-2 * time.Hour)
	s.PayAsBefore(s.Bill(stripetest.Sale{Customer: ada, Net: 600}))
	s.Advance(2 * time.Hour)
	s.Charge(stripetest.Sale{Customer: ada, Net: 3000})
	s.Refund(before, old, 500, 500)
	s.Refund(paid, late, 100, 100)
	s.Subscribe(ada, stripetest.Start{Plans: []stripetest.Plan{{Unit: "100", Interval: "month"}}, Worth: 100})
	b, c := newBooks(), s.connected(t)
	s.fill(t, c, time.Time{}, b)
	s.same(t, b)
	payloads, err := Connector{}.Fetch(context.Background(), s.app, c, []connectors.Entry{{ExternalID: before}, {ExternalID: paid}})
	if err != nil || len(payloads) != 2 || payloads[0].Kind != kindGone || payloads[1].Kind != kindGone {
		t.Errorf("payments of invoices are orders: %v, %v", payloads, err)
	}
}

// TestManySessions asks for the visit to Checkout one by one where there are too
// many to list, and does without the right.
func TestManySessions(t *testing.T) {
	t.Parallel()
	for name, conf := range map[string]stripetest.Config{"many": {MaxPage: 2}, "without the right": {Without: []string{"checkout", "disputes"}}} {
		s := newStage(t, conf)
		for n := range 30 {
			s.Checkout(stripetest.Sale{Net: 1000, Tax: 200, Email: fmt.Sprintf("p%d@example.org", n)})
		}
		ada := s.Customer("Ada", "ada@example.org", "")
		s.Subscribe(ada, stripetest.Start{Plans: []stripetest.Plan{{Unit: "100", Interval: "month"}}, Worth: 100})
		b := newBooks()
		s.fill(t, s.connected(t), time.Time{}, b)
		if name == "many" {
			s.same(t, b)
			s.together(t)
			continue
		}
		for id, o := range b.orders {
			if o.Net.Minor != 1200 || o.Tax.Currency != "" || o.Guest.Emails == nil {
				t.Errorf("%s: %+v", id, o)
			}
		}
		if len(b.orders) != 30 {
			t.Errorf("%d orders", len(b.orders))
		}
	}
}

// together completes all payments at once, of which the list of sessions shows the newest only.
func (s *stage) together(t *testing.T) {
	t.Helper()
	a := api{s.app, stripetest.DefaultKey}
	var page []charge
	if _, err := all(context.Background(), a, "charges", values(), 1000, func(c *charge) string {
		page = append(page, *c)
		return c.ID
	}); err != nil {
		t.Fatal(err)
	}
	records, err := a.charges(context.Background(), page)
	if err != nil || len(records) != 30 {
		t.Fatalf("%d payments, %v", len(records), err)
	}
	for _, r := range records {
		if r.Session == nil || r.Session.Intent != r.Charge.Intent {
			t.Errorf("%s: session %+v", r.Charge.ID, r.Session)
		}
	}
}

// TestWithoutDisputes reads an invoice whose payment may have been disputed by a key
// that may not ask.
func TestWithoutDisputes(t *testing.T) {
	t.Parallel()
	s := newStage(t, stripetest.Config{Without: []string{"disputes"}})
	ada := s.Customer("Ada", "ada@example.org", "")
	in := s.Bill(stripetest.Sale{Customer: ada, Net: 1000})
	s.Advance(70 * 24 * time.Hour)
	s.Pay(in)
	s.Subscribe(ada, stripetest.Start{Plans: []stripetest.Plan{{Unit: "100", Interval: "month"}}, Worth: 100})
	b := newBooks()
	s.fill(t, s.connected(t), time.Time{}, b)
	s.same(t, b)
}

// TestDiscountEnds hears that a discount is over, which changes no field of the
// subscription that an event would tell.
func TestDiscountEnds(t *testing.T) {
	t.Parallel()
	s, cast, conn, b := listening(t, stripetest.Config{})
	begun := s.Now()
	ada := s.Customer("Ada", "ada@example.org", "")
	sub := s.Subscribe(ada, stripetest.Start{Plans: []stripetest.Plan{{Unit: "2000", Interval: "month"}}, Code: cast.Forever, Worth: 1600})
	s.deliver(t, conn, s.Events(begun, every()), b)
	s.Advance(9 * 24 * time.Hour)
	ended := s.Now()
	s.Undiscount(sub, 2000)
	s.Advance(time.Hour)
	s.deliver(t, conn, s.Events(ended, every()), b)
	s.same(t, b)
}

// TestImpatience sends a request again that was refused without a word, for a while.
func TestImpatience(t *testing.T) {
	t.Parallel()
	count := 0
	app := connectors.App{Base: "http://127.0.0.1:1", HTTP: &http.Client{Transport: answers(func() *http.Response {
		if count++; count < 2 {
			return &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{}, Body: body(`{}`)}
		}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body(`{"data":[]}`)}
	})}}
	if err := (api{app, "k"}).get(context.Background(), "customers", nil, &struct{}{}); err != nil || count != 2 {
		t.Errorf("%d requests, %v", count, err)
	}
	count = -100
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	var limit *connectors.RateLimitError
	if err := (api{app, "k"}).get(ctx, "customers", nil, &struct{}{}); !errors.As(err, &limit) || limit.After != usualPause {
		t.Errorf("got %v", err)
	}
}

type answers func() *http.Response

func (a answers) RoundTrip(*http.Request) (*http.Response, error) { return a(), nil }

func body(text string) readCloser { return readCloser{strings.NewReader(text)} }

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
