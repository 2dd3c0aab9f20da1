package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/connectors"
)

// Receive reads one delivery. The signature is checked on the bytes as they came,
// before anything is made of them. The text of a question is never in one, so
// keep is not asked.
func (connector) Receive(app connectors.App, r *http.Request, _ func(account string) bool) (connectors.Delivery, error) {
	d, err := receive(app, r)
	if err != nil {
		return connectors.Delivery{}, fmt.Errorf("shopify: receive: %w", err)
	}
	return d, nil
}

func receive(app connectors.App, r *http.Request) (d connectors.Delivery, err error) {
	if r.ContentLength > connectors.MaxDelivery {
		return d, refused(connectors.ReasonTooLarge, "")
	}
	given, err := base64.StdEncoding.DecodeString(header(r, "Hmac-Sha256"))
	if err != nil || len(given) != sha256.Size {
		return d, connectors.ErrSignature
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, connectors.MaxDelivery+1))
	switch {
	case err != nil:
		return d, refused(connectors.ReasonTruncated, "")
	case len(body) > connectors.MaxDelivery:
		return d, refused(connectors.ReasonTooLarge, "")
	case !delivered(app.Secret, given, body) && !delivered(app.SigningSecret, given, body):
		return d, connectors.ErrSignature
	}
	shop := strings.ToLower(header(r, "Shop-Domain"))
	if !isShop(shop) {
		return d, refused(connectors.ReasonNoID, "shop")
	}
	h := hook{shop: shop, topic: strings.ToLower(header(r, "Topic")), body: body}
	h.key = keyOf(h, header(r, "Webhook-Id"), header(r, "Event-Id"))
	return h.read()
}

// header is one of Shopify's, by its older name or the one without an X.
func header(r *http.Request, name string) string {
	if v := r.Header.Get("X-Shopify-" + name); v != "" {
		return v
	}
	return r.Header.Get("Shopify-" + name)
}

// delivered checks a signature. Without a secret nothing is signed.
func delivered(secret string, given, body []byte) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write(body) // a hash never fails
	return secret != "" && hmac.Equal(mac.Sum(nil), given)
}

// hook is one delivery whose signature is good.
type hook struct {
	shop, topic, key string
	body             []byte
}

// keyOf drops a repeated delivery: by its own id, by that of the event that it
// tells of under this topic, or by what it says.
func keyOf(h hook, delivery, event string) string {
	switch {
	case delivery != "" && len(delivery) <= 100:
		return "w/" + clean(delivery)
	case event != "" && len(event) <= 100:
		return "e/" + clean(event) + "/" + clean(h.topic)
	}
	return "h/" + clean(h.topic) + "/" + hashed(h.body)
}

func hashed(body []byte) string {
	f := fnv.New64a()
	_, _ = f.Write(body) // a hash never fails
	return strconv.FormatUint(f.Sum64(), 36)
}

// read makes of a delivery what it means. Topics that say nothing of their own
// are taken and left: an edit and a refund change the order, which comes as well.
func (h hook) read() (connectors.Delivery, error) {
	switch h.topic {
	case "orders/create", "orders/updated", "orders/cancelled", "orders/paid":
		var o restOrder
		return h.parcel(kindOrderHook, &o, func() string { return string(o.ID) })
	case "customers/create", "customers/update":
		var c restCustomer
		return h.parcel(kindCustomerHook, &c, func() string { return string(c.ID) })
	case "customers/merge":
		var m merge
		return h.parcel(kindCustomerMerged, &m, func() string { return m.Kept })
	case "orders/delete":
		return h.gone(kindOrderDeleted)
	case "customers/delete":
		return h.gone(kindCustomerDeleted)
	case "customers/redact":
		return h.redact()
	case "customers/data_request":
		return h.request()
	case "shop/redact":
		return h.notice(connectors.NoticeErase, ""), nil
	case "app/uninstalled":
		return h.notice(connectors.NoticeRevoked, ""), nil
	case "app/scopes_update":
		return h.scopes()
	}
	return connectors.Delivery{}, nil
}

func (h hook) notice(kind connectors.NoticeKind, detail string) connectors.Delivery {
	return connectors.Delivery{Notices: []connectors.Notice{{Account: h.shop, Kind: kind, Detail: detail}}}
}

func (h hook) deliver(kind, key string, body []byte) connectors.Delivery {
	return connectors.Delivery{Parcels: []connectors.Parcel{{
		Account: h.shop, Payload: connectors.Payload{Key: key, Kind: kind, Body: body},
	}}}
}

// parcel keeps of a body what its struct has a place for.
func (h hook) parcel(kind string, into any, idOf func() string) (connectors.Delivery, error) {
	if err := decode(h.body, into); err != nil {
		return connectors.Delivery{}, err
	}
	if id(idOf()) == "" {
		return connectors.Delivery{}, refused(connectors.ReasonNoID, "")
	}
	return h.deliver(kind, h.key, encode(into)), nil
}

// gone keeps the id of what was deleted.
func (h hook) gone(kind string) (connectors.Delivery, error) {
	var raw struct {
		ID number `json:"id"`
	}
	if err := decode(h.body, &raw); err != nil {
		return connectors.Delivery{}, err
	}
	if id(string(raw.ID)) == "" {
		return connectors.Delivery{}, refused(connectors.ReasonNoID, "")
	}
	return h.deliver(kind, h.key, encode(gone{ID: string(raw.ID)})), nil
}

// person is whom a request by law is about.
type person struct {
	Customer struct {
		ID    number `json:"id"`
		Email string `json:"email"`
		Phone string `json:"phone"`
	} `json:"customer"`
	Orders  []number `json:"orders_to_redact"`
	Request struct {
		ID number `json:"id"`
	} `json:"data_request"`
}

// redact forgets somebody. The addresses find orders that they made without an account.
func (h hook) redact() (connectors.Delivery, error) {
	var p person
	if err := decode(h.body, &p); err != nil {
		return connectors.Delivery{}, err
	}
	g := gone{ID: string(p.Customer.ID), Email: p.Customer.Email, Phone: p.Customer.Phone}
	if id(g.ID) == "" {
		if len(p.Orders) == 0 || id(string(p.Orders[0])) == "" {
			return connectors.Delivery{}, refused(connectors.ReasonNoID, "")
		}
		g.ID = orderPrefix + string(p.Orders[0])
	}
	return h.deliver(kindCustomerErased, h.key, encode(g)), nil
}

// request tells that somebody asks what is kept of them: the owner must answer.
func (h hook) request() (connectors.Delivery, error) {
	var p person
	if err := decode(h.body, &p); err != nil {
		return connectors.Delivery{}, err
	}
	return h.notice(connectors.NoticeRequest, id(string(p.Customer.ID))), nil
}

// scopes tells what the shop grants now.
func (h hook) scopes() (connectors.Delivery, error) {
	var s struct {
		Current []string `json:"current"`
	}
	if err := decode(h.body, &s); err != nil {
		return connectors.Delivery{}, err
	}
	return h.notice(connectors.NoticeDegrade, weakness(s.Current, false)), nil
}
