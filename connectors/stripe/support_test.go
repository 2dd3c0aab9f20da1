package stripe

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/stripe/stripetest"
	"github.com/foyer-app/foyer/internal/community"
)

// stage is a world, its address and the application that asks it.
type stage struct {
	*stripetest.World
	server *stripetest.Server
	app    connectors.App
}

var opening = time.Date(2025, 9, 1, 9, 0, 0, 0, time.UTC)

func newStage(t testing.TB, c stripetest.Config) *stage {
	t.Helper()
	w := stripetest.NewWorld(opening)
	w.Live()
	s := stripetest.NewServer(w, c)
	served := httptest.NewServer(s)
	t.Cleanup(served.Close)
	return &stage{w, s, connectors.App{Base: served.URL, HTTP: served.Client(), Log: slog.New(slog.DiscardHandler), Now: w.Now}}
}

func (s *stage) connected(t testing.TB) connectors.Connection {
	t.Helper()
	c, err := Connector{}.InstallManual(context.Background(), s.app, map[string]string{"key": stripetest.DefaultKey})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// books keep what payloads tell, by the rules of the contract: a lower revision
// changes nothing, an equal one replaces; states join.
type books struct {
	keys          map[string]bool
	customers     map[string]community.Customer
	orders        map[string]community.Order
	subscriptions map[string]community.Subscription
	states        map[string]map[time.Time]community.SubscriptionState
}

func newBooks() *books {
	return &books{
		map[string]bool{},
		map[string]community.Customer{},
		map[string]community.Order{},
		map[string]community.Subscription{},
		map[string]map[time.Time]community.SubscriptionState{},
	}
}

func (b *books) add(t testing.TB, p connectors.Payload) {
	t.Helper()
	if b.keys[p.Key] {
		return
	}
	b.keys[p.Key] = true
	batch, err := Connector{}.Normalize(p)
	if err != nil {
		t.Errorf("%s %s: %v", p.Kind, p.Key, err)
	}
	for _, c := range batch.Business.Customers {
		if c.Revision >= b.customers[c.ExternalID].Revision {
			b.customers[c.ExternalID] = c
		}
	}
	for _, o := range batch.Business.Orders {
		if o.Revision >= b.orders[o.ExternalID].Revision {
			b.orders[o.ExternalID] = o
		}
	}
	for _, s := range batch.Business.Subscriptions {
		if b.states[s.ExternalID] == nil {
			b.states[s.ExternalID] = map[time.Time]community.SubscriptionState{}
		}
		for _, x := range s.States {
			b.states[s.ExternalID][x.At] = x
		}
		if s.States = nil; s.Revision >= b.subscriptions[s.ExternalID].Revision {
			b.subscriptions[s.ExternalID] = s
		}
	}
}

// mrr is the monthly revenue at a moment, of the subscriptions that count.
func (b *books) mrr(at time.Time) (sum int64) {
	for _, states := range b.states {
		var now community.SubscriptionState
		for _, moment := range slices.SortedFunc(maps.Keys(states), time.Time.Compare) {
			if !moment.After(at) {
				now = states[moment]
			}
		}
		if now.Status == community.SubscriptionActive || now.Status == community.SubscriptionPastDue {
			sum += now.Monthly.Minor - now.Forever.Minor
		}
	}
	return sum
}

// same holds what was read against the truth, the revenue month by month until now.
func (s *stage) same(t testing.TB, b *books) {
	t.Helper()
	truth := s.Truth()
	for id, want := range truth.Orders {
		got, ok := b.orders[id]
		if !ok {
			t.Errorf("order %s is missing", id)
			continue
		}
		var back int64
		for _, r := range got.Refunds {
			back += r.Net.Minor
		}
		code := ""
		if len(got.Codes) > 0 {
			code = got.Codes[0]
		}
		is := stripetest.TruthOrder{
			Net: got.Net.Minor, Refunded: back, Code: code,
			Paid: got.State == community.OrderPaid, Cancelled: got.State == community.OrderCancelled,
		}
		if is != want {
			t.Errorf("order %s is %+v, not %+v", id, is, want)
		}
	}
	for id, o := range b.orders {
		if _, ok := truth.Orders[id]; !ok && !o.Deleted {
			t.Errorf("%s is no order", id)
		}
	}
	if len(b.subscriptions) != truth.Subscriptions() {
		t.Errorf("%d subscriptions, not %d", len(b.subscriptions), truth.Subscriptions())
	}
	for at := opening.AddDate(0, 1, 0); at.Before(s.Now()); at = at.AddDate(0, 0, 7) {
		if got, want := b.mrr(at), truth.MRR(at); got != want {
			t.Errorf("on %s the monthly revenue is %d, not %d", at.Format(time.DateOnly), got, want)
		}
	}
	if got, want := b.mrr(s.Now()), truth.MRR(s.Now()); got != want || want == 0 {
		t.Errorf("the monthly revenue is %d, not %d", got, want)
	}
}

// fill runs a backfill to its end.
func (s *stage) fill(t testing.TB, c connectors.Connection, since time.Time, b *books) {
	t.Helper()
	cursor, progress := "", 0.0
	for range 10_000 {
		page, err := Connector{}.Backfill(context.Background(), s.app, c, cursor, since)
		if err != nil {
			t.Fatalf("at %s: %v", cursor, err)
		}
		if page.Progress < progress || page.Progress > 1 || page.Left < 0 {
			t.Errorf("progress %f after %f, left %s", page.Progress, progress, page.Left)
		}
		for _, p := range page.Payloads {
			b.add(t, p)
		}
		if progress, cursor = page.Progress, page.Next; cursor == "" {
			if progress != 1 {
				t.Errorf("it ended at %f", progress)
			}
			return
		}
	}
	t.Fatal("the backfill does not end")
}

// deliver receives events; a delivery that fails is repeated.
func (s *stage) deliver(t testing.TB, c connectors.Connection, list []stripetest.Event, b *books) {
	t.Helper()
	for _, e := range list {
		for try := range 3 {
			r, err := stripetest.Request(context.Background(), "http://foyer.example/hooks", c.Credentials.Signing, s.Now(), e)
			if err != nil {
				t.Fatal(err)
			}
			d, err := Connector{}.ReceiveFor(s.app, c, r)
			if err != nil && try < 2 {
				continue
			}
			if err != nil {
				t.Fatalf("%s: %v", e.Type, err)
			}
			for _, p := range d.Parcels {
				if p.Account != c.ExternalID {
					t.Errorf("account %q", p.Account)
				}
				b.add(t, p.Payload)
			}
			break
		}
	}
}

var _ http.Handler = (*stripetest.Server)(nil)

// sound checks what Normalize makes of anything.
func sound(t *testing.T, p connectors.Payload) {
	t.Helper()
	batch, err := Connector{}.Normalize(p)
	again, _ := Connector{}.Normalize(p)
	if !reflect.DeepEqual(batch, again) {
		t.Fatal("twice is not the same")
	}
	if err != nil && !reflect.DeepEqual(batch, community.Batch{}) {
		t.Fatal("an error and a batch")
	}
	if _, err := json.Marshal(batch); err != nil {
		t.Fatalf("it cannot be written: %v", err)
	}
	for _, c := range batch.Business.Customers {
		if c.ExternalID == "" || strings.Contains(c.ExternalID, "@") {
			t.Fatalf("customer %q", c.ExternalID)
		}
	}
	for _, o := range batch.Business.Orders {
		if o.ExternalID == "" || strings.ContainsAny(o.ExternalID+o.Customer, "@\x00") || !o.Deleted && (o.At.IsZero() || o.Discount.Minor < 0) {
			t.Fatalf("order %+v", o)
		}
		for _, r := range o.Refunds {
			if r.Net.Minor < 0 || r.Net.Currency != o.Net.Currency || r.At.IsZero() {
				t.Fatalf("refund %+v", r)
			}
		}
	}
	for _, s := range batch.Business.Subscriptions {
		for i, x := range s.States {
			if x.Forever.Minor < 0 || x.Finite.Minor < 0 || x.Forever.Minor+x.Finite.Minor > x.Monthly.Minor || x.At.IsZero() {
				t.Fatalf("state %+v", x)
			}
			if i > 0 && !s.States[i-1].At.Before(x.At) {
				t.Fatalf("states out of order: %+v", s.States)
			}
		}
	}
}
