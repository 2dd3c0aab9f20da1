package shopifytest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Delivery is something that happened, on its way to those who subscribed to it.
type Delivery struct {
	Topic, ID, Event, Triggered string
	Body                        []byte
	shop                        string
}

// subscription is one of a topic to an address.
type subscription struct{ id, topic, uri string }

func (h *subscription) object() object {
	return object{"__typename": "WebhookSubscription", "id": h.id, "topic": h.topic, "uri": h.uri, "format": "JSON"}
}

// Topics are those that are subscribed to at an address.
func (s *Server) Topics(uri string) (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.hooks {
		if h.uri == uri {
			out = append(out, h.topic)
		}
	}
	slices.Sort(out)
	return out
}

// tell puts a delivery on its way. The world is locked.
func (w *World) tell(topic string, body any) {
	raw, _ := json.Marshal(body) // maps and texts always can be written
	w.made(topic, raw)
}

func (w *World) made(topic string, body []byte) {
	n := len(w.outbox) + 1
	w.outbox = append(w.outbox, Delivery{
		Topic: topic, ID: fmt.Sprintf("b54557e4-%08d", n), Event: fmt.Sprintf("e-%08d", n), Triggered: w.now.Format("2006-01-02T15:04:05.000000000Z"),
		Body: body, shop: w.shop.Domain,
	})
}

// Deliveries are all so far, in the order in which things happened.
func (w *World) Deliveries() []Delivery {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.outbox)
}

// Redact lets the law ask: somebody is to be forgotten, wants to know what is
// kept, or the whole shop is to be forgotten.
func (w *World) Redact(c *Customer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.truth.Erased[text(c.ID)] = true
	w.tell("customers/redact", map[string]any{
		"shop_id": 954889, "shop_domain": w.shop.Domain, "orders_to_redact": []int64{},
		"customer": map[string]any{"id": c.ID, "email": c.Email, "phone": c.Phone},
	})
}

// Say sends a delivery as it is.
func (w *World) Say(topic, body string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made(topic, []byte(body))
}

// Request is a delivery as a signed request; modern has the newer names of the headers.
func (d Delivery) Request(secret string, modern bool) *http.Request {
	r, _ := http.NewRequest(http.MethodPost, "https://foyer.example/hooks/shopify", bytes.NewReader(d.Body)) // the address is good
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write(d.Body) // a hash never fails
	prefix := "X-Shopify-"
	if modern {
		prefix = "shopify-"
	}
	for name, value := range map[string]string{
		"Hmac-Sha256": base64.StdEncoding.EncodeToString(mac.Sum(nil)), "Topic": d.Topic, "Shop-Domain": d.shop, "Api-Version": "2026-10",
		"Webhook-Id": d.ID, "Event-Id": d.Event, "Triggered-At": d.Triggered,
	} {
		r.Header.Set(prefix+name, value)
	}
	return r
}

// mutations are what can be changed.
func (s *Server) mutations(e *executor) object {
	type resolver = func(map[string]any) (object, error)
	none := []any{}
	return object{
		"__typename": "Mutation",
		"bulkOperationRunQuery": resolver(func(args map[string]any) (object, error) {
			query, _ := args["query"].(string)
			b, err := s.runBulk(e, query, args["groupObjects"] == true)
			if err != nil {
				problem := object{"code": "INVALID", "field": []any{"query"}, "message": err.Error()}
				return object{"bulkOperation": nil, "userErrors": []any{problem}}, nil
			}
			return object{"bulkOperation": object{"id": b.id, "status": b.status}, "userErrors": none}, nil
		}),
		"webhookSubscriptionCreate": resolver(func(args map[string]any) (object, error) {
			topic, _ := args["topic"].(string)
			hook, _ := args["webhookSubscription"].(map[string]any)
			uri, _ := hook["uri"].(string)
			taken := slices.ContainsFunc(s.hooks, func(h *subscription) bool { return h.topic == topic && h.uri == uri })
			return s.hooked(uri, taken, func() {
				s.made++
				s.hooks = append(s.hooks, &subscription{id: gid("WebhookSubscription", int64(s.made)), topic: topic, uri: uri})
			})
		}),
		"webhookSubscriptionUpdate": resolver(func(args map[string]any) (object, error) {
			hook, _ := args["webhookSubscription"].(map[string]any)
			uri, _ := hook["uri"].(string)
			return s.hooked(uri, false, func() {
				for _, h := range s.hooks {
					if h.id == args["id"] {
						h.uri = uri
					}
				}
			})
		}),
		"appUninstall": resolver(func(map[string]any) (object, error) {
			s.World.mu.Unlock()
			defer s.World.mu.Lock()
			s.uninstall()
			return object{"userErrors": none}, nil
		}),
	}
}

func (s *Server) hooked(uri string, taken bool, change func()) (object, error) {
	problem := ""
	switch {
	case !strings.HasPrefix(uri, "https://"):
		problem = "Address protocol http:// is not supported"
	case taken:
		problem = "Address for this topic has already been taken"
	}
	if problem != "" {
		return object{"webhookSubscription": nil, "userErrors": []any{object{"field": []any{"webhookSubscription"}, "message": problem}}}, nil
	}
	change()
	return object{"webhookSubscription": nil, "userErrors": []any{}}, nil
}
