package shopify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/shopify/shopifytest"
	"github.com/foyer-app/foyer/internal/community"
)

func (s *stage) receive(d shopifytest.Delivery, modern bool) (connectors.Delivery, error) {
	return connector{}.Receive(s.app, d.Request(testSecret, modern), nil)
}

// TestDeliveriesReachTheTruth reads deliveries in any order, some twice.
func TestDeliveriesReachTheTruth(t *testing.T) {
	t.Parallel()
	for name, shop := range shops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, shopifytest.Config{}, shop)
			s.Life(600, time.Hour)
			list := s.Deliveries()
			r := rand.New(rand.NewPCG(3, 9))
			for _, d := range slices.Clone(list) {
				if r.IntN(4) == 0 {
					list = append(list, d)
				}
			}
			r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			b := newLedger()
			for i, d := range list {
				got, err := s.receive(d, i%2 == 0)
				if err != nil {
					t.Fatalf("%s: %v", d.Topic, err)
				}
				for _, p := range got.Parcels {
					if p.Account != testShop {
						t.Errorf("of %q", p.Account)
					}
					b.take(t, []connectors.Payload{p.Payload})
				}
			}
			b.agree(t, s.Truth(), true)
			if n := len(b.orders); n < 200 || b.payloads > len(s.Deliveries()) {
				t.Errorf("%d orders of %d payloads", n, b.payloads)
			}
			for _, body := range b.bodies {
				for _, never := range []string{"Secrète", "privée", "192.0.2.7", "69001", "hush"} {
					if strings.Contains(body, never) {
						t.Fatalf("kept: %s", never)
					}
				}
			}
		})
	}
}

// TestBothShapesAreTheSame holds what a delivery tells of an order against what a
// query tells of it, to the last field.
func TestBothShapesAreTheSame(t *testing.T) {
	t.Parallel()
	for name, shop := range shops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, shopifytest.Config{}, shop)
			s.Life(500, time.Hour)
			asked, told := newLedger(), newLedger()
			s.walk(t, asked, s.connected(), time.Time{}, nil)
			for _, d := range s.Deliveries() {
				got, err := s.receive(d, false)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range got.Parcels {
					told.take(t, []connectors.Payload{p.Payload})
				}
			}
			for id, want := range asked.orders {
				if got := told.orders[id]; !reflect.DeepEqual(got, want) {
					t.Errorf("order %s:\n told %+v\nasked %+v", id, got, want)
				}
			}
			for id, want := range asked.customers {
				if got := told.customers[id]; !reflect.DeepEqual(got, want) {
					t.Errorf("customer %s:\n told %+v\nasked %+v", id, got, want)
				}
			}
			if len(asked.orders) < 100 || len(asked.customers) < 20 {
				t.Error("too little")
			}
		})
	}
}

func TestSignatureOfADelivery(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{}, shopifytest.Shop{})
	s.Join()
	d := s.Deliveries()[0]
	for name, change := range map[string]func(*http.Request){
		"no signature":      func(r *http.Request) { r.Header.Del("X-Shopify-Hmac-Sha256") },
		"not base64":        func(r *http.Request) { r.Header.Set("X-Shopify-Hmac-Sha256", "%%%") },
		"short":             func(r *http.Request) { r.Header.Set("X-Shopify-Hmac-Sha256", "aHVzaA==") },
		"of another secret": func(r *http.Request) { r.Header = d.Request("other", false).Header },
		"another body": func(r *http.Request) {
			r.Body = io.NopCloser(bytes.NewReader(append(slices.Clone(d.Body), ' ')))
			r.ContentLength++
		},
	} {
		r := d.Request(testSecret, false)
		change(r)
		if _, err := (connector{}).Receive(s.app, r, nil); !errors.Is(err, connectors.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, app := range map[string]connectors.App{"no secret": {}, "other": {Secret: "x", SigningSecret: "y"}} {
		if _, err := (connector{}).Receive(app, d.Request("", false), nil); !errors.Is(err, connectors.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// While the secret is changed, Shopify signs with the older one.
	if _, err := (connector{}).Receive(connectors.App{Secret: "new", SigningSecret: "old"}, d.Request("old", false), nil); err != nil {
		t.Error(err)
	}
	var own *connectors.RefusedError
	r := d.Request(testSecret, false)
	r.ContentLength = connectors.MaxDelivery + 1
	if _, err := (connector{}).Receive(s.app, r, nil); !errors.As(err, &own) || own.Reason != connectors.ReasonTooLarge {
		t.Errorf("too large: %v", err)
	}
	r = d.Request(testSecret, false)
	r.Header.Set("X-Shopify-Shop-Domain", "evil.example")
	if _, err := (connector{}).Receive(s.app, r, nil); !errors.As(err, &own) {
		t.Errorf("of no shop: %v", err)
	}
}

// one is the only payload or notice of a delivery.
func (s *stage) one(t *testing.T, topic, body string) connectors.Delivery {
	t.Helper()
	s.Say(topic, body)
	list := s.Deliveries()
	d, err := s.receive(list[len(list)-1], true)
	if err != nil {
		t.Errorf("%s: %v", topic, err)
	}
	return d
}

func TestNoticesOfDeliveries(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{}, shopifytest.Shop{})
	for _, c := range []struct {
		topic, body string
		want        connectors.Notice
	}{
		{"app/uninstalled", `{"id":1}`, connectors.Notice{Kind: connectors.NoticeRevoked}},
		{"shop/redact", `{"shop_id":954889,"shop_domain":"atelier.myshopify.com"}`, connectors.Notice{Kind: connectors.NoticeErase}},
		{"customers/data_request", `{"customer":{"id":191167,"email":"a@example.org"},"data_request":{"id":9999}}`, connectors.Notice{Kind: connectors.NoticeRequest, Detail: "191167"}},
		{"app/scopes_update", `{"previous":["read_orders"],"current":["read_orders","read_customers"]}`, connectors.Notice{Kind: connectors.NoticeDegrade, Detail: weakHistory}},
		{"app/scopes_update", `{"current":["read_orders","read_customers","read_all_orders"]}`, connectors.Notice{Kind: connectors.NoticeDegrade}},
		{"app/scopes_update", `{"current":["read_orders"]}`, connectors.Notice{Kind: connectors.NoticeDegrade, Detail: weakScopes}},
	} {
		d := s.one(t, c.topic, c.body)
		c.want.Account = testShop
		if len(d.Parcels) != 0 || len(d.Notices) != 1 || d.Notices[0] != c.want {
			t.Errorf("%s gave %+v", c.topic, d)
		}
	}
	for _, topic := range []string{"refunds/create", "orders/edited", "bulk_operations/finish", "discounts/update", "something/new", ""} {
		if d := s.one(t, topic, `{"id":1}`); len(d.Parcels)+len(d.Notices) != 0 {
			t.Errorf("%s gave %+v", topic, d)
		}
	}
}

func TestPeopleWhoGo(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{}, shopifytest.Shop{})
	for _, c := range []struct {
		topic, body string
		want        community.Customer
	}{
		{"customers/delete", `{"id":706405506930370084,"email":"a@example.org"}`, community.Customer{ExternalID: "706405506930370084", Erase: true}},
		{"customers/redact", `{"customer":{"id":191167,"email":"a@example.org","phone":"555"},"orders_to_redact":[1,2]}`, community.Customer{
			ExternalID: "191167", Erase: true, Contact: community.Contact{Emails: []string{"a@example.org"}, Phones: []string{"555"}},
		}},
		{"customers/redact", `{"customer":{"email":"g@example.org"},"orders_to_redact":[77]}`, community.Customer{
			ExternalID: "order/77", Erase: true, Contact: community.Contact{Emails: []string{"g@example.org"}},
		}},
		{"customers/merge", `{"admin_graphql_api_customer_kept_id":"gid://shopify/Customer/1","admin_graphql_api_customer_deleted_id":"gid://shopify/Customer/2","status":"completed"}`, community.Customer{
			ExternalID: "1", Aliases: []string{"2"},
		}},
		{"customers/merge", `{"admin_graphql_api_customer_kept_id":"gid://shopify/Customer/1","admin_graphql_api_customer_deleted_id":"gid://shopify/Customer/2","status":"failed"}`, community.Customer{}},
	} {
		d := s.one(t, c.topic, c.body)
		if len(d.Parcels) != 1 {
			t.Fatalf("%s gave %+v", c.topic, d)
		}
		b, err := New().Normalize(d.Parcels[0].Payload)
		if err != nil {
			t.Fatal(err)
		}
		if c.want.ExternalID == "" {
			if !b.Business.Empty() {
				t.Errorf("%s gave %+v", c.topic, b.Business)
			}
			continue
		}
		got := b.Business.Customers[0]
		if c.want.Erase && got.Revision != lastRevision {
			t.Errorf("%s: revision %d", c.topic, got.Revision)
		}
		got.Revision = 0
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s gave %+v", c.topic, got)
		}
	}
	d := s.one(t, "orders/delete", `{"id":820982911946154508}`)
	b, err := New().Normalize(d.Parcels[0].Payload)
	if err != nil || !reflect.DeepEqual(b.Business.Orders, []community.Order{{ExternalID: "820982911946154508", Deleted: true, Revision: community.Tombstone}}) {
		t.Errorf("%+v, %v", b.Business.Orders, err)
	}
}

// A delivery is told once, whichever of its names it has.
func TestKeysOfDeliveries(t *testing.T) {
	t.Parallel()
	h := hook{topic: "orders/paid", body: []byte("{}")}
	for _, c := range []struct{ delivery, event, want string }{
		{"d", "e", "w/d"}, {"", "e", "e/e/orders/paid"}, {"", "", "h/orders/paid/" + hashed(h.body)}, {strings.Repeat("x", 101), "e", "e/e/orders/paid"},
	} {
		if got := keyOf(h, c.delivery, c.event); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestUnreadableDeliveries(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{}, shopifytest.Shop{})
	for _, topic := range []string{
		"orders/create", "orders/delete", "customers/update", "customers/merge", "customers/redact", "customers/delete",
	} {
		for _, body := range []string{"", "{", "null", "{}", `{"id":null}`, `{"id":"x"}`, "[]"} {
			s.Say(topic, body)
			list := s.Deliveries()
			_, err := s.receive(list[len(list)-1], false)
			var own *connectors.RefusedError
			if !errors.As(err, &own) {
				t.Errorf("%s %q: %v", topic, body, err)
			}
		}
	}
}

func TestSubscribe(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{ShortPages: 3}, shopifytest.Shop{})
	c, old, address := s.connected(), "https://old.example/hooks/shopify", "https://foyer.example/hooks/shopify"
	subscribe := func(to string) int {
		before := len(s.server.Calls())
		if _, err := (connector{}).Subscribe(context.Background(), s.app, c, to); err != nil {
			t.Fatal(err)
		}
		writes := 0
		for _, call := range s.server.Calls()[before:] {
			if call.Operation == "Subscribe" || call.Operation == "Move" {
				writes++
			}
		}
		return writes
	}
	if n := subscribe(old); n != len(topics) || !slices.Equal(s.server.Topics(old), topics) {
		t.Errorf("%d writes, %v", n, s.server.Topics(old))
	}
	if n := subscribe(old); n != 0 {
		t.Errorf("%d writes though all is well", n)
	}
	if n := subscribe(address); n != len(topics) || len(s.server.Topics(old)) != 0 || !slices.Equal(s.server.Topics(address), topics) {
		t.Errorf("%d writes, %v", n, s.server.Topics(address))
	}
	var own *connectors.RefusedError
	if _, err := (connector{}).Subscribe(context.Background(), s.app, c, "http://foyer.example/hooks/shopify"); !errors.As(err, &own) {
		t.Errorf("an address that Shopify does not take: %v", err)
	}
	c.Credentials.Access = "unknown"
	if _, err := (connector{}).Subscribe(context.Background(), s.app, c, address); !errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("withdrawn: %v", err)
	}
	for _, topic := range topics { // each is one that deliveries are read of
		h := hook{shop: testShop, topic: strings.ToLower(strings.Replace(topic, "_", "/", 1)), body: []byte(`{"id":5}`)}
		d, err := h.read()
		if err == nil && len(d.Parcels)+len(d.Notices) == 0 {
			t.Errorf("%s is subscribed to for nothing", topic)
		}
	}
}

func FuzzReceive(f *testing.F) {
	s := shopifytest.NewWorld(shopifytest.Shop{Domain: testShop, Currency: "EUR", TaxesIncluded: true, TaxPercent: 20}, start, 1)
	s.Life(60, time.Hour)
	for _, d := range s.Deliveries() {
		f.Add(d.Topic, d.Body)
	}
	f.Add("customers/redact", []byte(`{"customer":{"id":1}}`))
	f.Add("app/scopes_update", []byte(`{"current":["read_orders"]}`))
	f.Fuzz(func(t *testing.T, topic string, body []byte) {
		d, err := hook{shop: testShop, topic: topic, key: "w/1", body: body}.read()
		if err != nil && len(d.Parcels)+len(d.Notices) > 0 {
			t.Fatal("an error and a delivery")
		}
		for _, p := range d.Parcels {
			if !json.Valid(p.Payload.Body) {
				t.Fatalf("not JSON: %s", p.Payload.Body)
			}
			normalizeSoundly(t, p.Payload)
		}
	})
}
