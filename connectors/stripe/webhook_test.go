package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/stripe/stripetest"
)

// TestSigned holds headers against one body.
func TestSigned(t *testing.T) {
	t.Parallel()
	const secret = "whsec_test"
	now := time.Unix(1_700_000_000, 0)
	body := []byte(`{"id":"evt_1"}`)
	good := stripetest.Sign(secret, now, body)
	sum := strings.Split(strings.Split(good, "v1=")[1], ",")[0]
	other := strings.Repeat("ab", 32)
	for name, c := range map[string]struct {
		header, secret string
		at             time.Time
		want           bool
	}{
		"good":                    {good, secret, now, true},
		"five minutes late":       {good, secret, now.Add(5 * time.Minute), true},
		"later":                   {good, secret, now.Add(5*time.Minute + time.Second), false},
		"ahead":                   {good, secret, now.Add(-6 * time.Minute), false},
		"the second of two":       {"t=1700000000,v1=" + other + ",v1=" + sum, secret, now, true},
		"the first of two":        {"t=1700000000,v1=" + sum + ",v1=" + other, secret, now, true},
		"spaces":                  {"t=1700000000, v1=" + sum, secret, now, true},
		"upper case":              {"t=1700000000,v1=" + strings.ToUpper(sum), secret, now, true},
		"another version":         {"t=1700000000,v0=" + sum, secret, now, false},
		"another time":            {"t=1700000001,v1=" + sum, secret, now, false},
		"no time":                 {"v1=" + sum, secret, now, false},
		"a time that is none":     {"t=x,v1=" + sum, secret, now, false},
		"a short signature":       {"t=1700000000,v1=" + sum[:62], secret, now, false},
		"another secret":          {good, "whsec_other", now, false},
		"no secret":               {stripetest.Sign("", now, body), "", now, false},
		"no header":               {"", secret, now, false},
		"too many before":         {"t=1700000000" + strings.Repeat(",v1="+other, maxSignatures) + ",v1=" + sum, secret, now, false},
		"a header that is a book": {good + strings.Repeat(",x=1", 2000), secret, now, false},
	} {
		if got := signed(c.header, body, c.secret, c.at); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// quiet is an application that no request leaves.
func quiet(now time.Time) connectors.App {
	return connectors.App{Base: "http://127.0.0.1:1", HTTP: &http.Client{Transport: closed{}}, Now: func() time.Time { return now }}
}

type closed struct{}

func (closed) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("closed") }

// TestReceive reads events that speak for themselves, and what is none.
func TestReceive(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_762_000_000, 0)
	sub := func(more string) string {
		return `{"id":"sub_1","status":"active","currency":"eur","start_date":1761000000,"customer":"cus_1","items":{"data":[{"id":"si_1","quantity":1,"price":{"unit_amount_decimal":"2000","recurring":{"interval":"month","interval_count":1}}}]}` + more + `}`
	}
	for name, c := range map[string]struct{ body, scope, reason string }{
		"a customer":          {`{"object":"event","id":"evt_1","type":"customer.updated","created":1762000000,"data":{"object":{"id":"cus_1","name":"Ada"}}}`, "1762000000001", ""},
		"a deleted one":       {`{"object":"event","id":"evt_1","type":"customer.deleted","created":1762000000,"data":{"object":{"id":"cus_1","name":"Ada"}}}`, "1762000000999", ""},
		"a new subscription":  {`{"object":"event","id":"evt_1","type":"customer.subscription.created","created":1762000000,"data":{"object":` + sub("") + `}}`, "1762000000400 event 1762000000400", ""},
		"another price":       {`{"object":"event","id":"evt_1","type":"customer.subscription.updated","created":1762000000,"data":{"object":` + sub("") + `,"previous_attributes":{"items":{}}}}`, "1762000000401 event 1762000000401", ""},
		"another card":        {`{"object":"event","id":"evt_1","type":"customer.subscription.updated","created":1762000000,"data":{"object":` + sub("") + `,"previous_attributes":{"default_payment_method":null}}}`, "1762000000401 quiet 1762000000401", ""},
		"a draft":             {`{"object":"event","id":"evt_1","type":"invoice.updated","created":1762000000,"data":{"object":{"id":"in_1","status":"draft"}}}`, "", ""},
		"what nobody asked":   {`{"object":"event","id":"evt_1","type":"payout.paid","created":1762000000,"data":{"object":{"id":"po_1"}}}`, "", ""},
		"of another account":  {`{"object":"event","id":"evt_1","type":"customer.updated","account":"acct_2","created":1762000000,"data":{"object":{"id":"cus_1"}}}`, "", ""},
		"no JSON":             {`{"object":`, "", connectors.ReasonNotJSON},
		"a thin event":        {`{"object":"v2.core.event","id":"evt_1","type":"v1.billing"}`, "", connectors.ReasonForeign},
		"no id":               {`{"object":"event","type":"customer.updated","created":1762000000}`, "", connectors.ReasonNoID},
		"nothing it is about": {`{"object":"event","id":"evt_1","type":"customer.updated","created":1762000000,"data":{}}`, "", connectors.ReasonNotJSON},
	} {
		r := httptest.NewRequest(http.MethodPost, "/hooks/x", strings.NewReader(c.body))
		r.Header.Set("Stripe-Signature", stripetest.Sign("s", now, []byte(c.body)))
		d, err := Connector{}.ReceiveFor(quiet(now), connectors.Connection{ExternalID: "acct_1/test", Credentials: connectors.Credentials{Signing: "s"}}, r)
		var refused *connectors.RefusedError
		if errors.As(err, &refused) != (c.reason != "") || refused != nil && refused.Reason != c.reason || err != nil && refused == nil {
			t.Errorf("%s: %v", name, err)
		}
		got := ""
		if len(d.Parcels) > 0 {
			got = d.Parcels[0].Payload.Scope
		}
		if got != c.scope {
			t.Errorf("%s: scope %q, not %q", name, got, c.scope)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/hooks/x", nil)
	if _, err := (Connector{}).ReceiveFor(quiet(now), connectors.Connection{}, r); err == nil {
		t.Error("a GET is taken")
	}
	r = httptest.NewRequest(http.MethodPost, "/hooks/x", strings.NewReader(strings.Repeat(" ", connectors.MaxDelivery+1)))
	var refused *connectors.RefusedError
	if _, err := (Connector{}).ReceiveFor(quiet(now), connectors.Connection{}, r); !errors.As(err, &refused) || refused.Reason != connectors.ReasonTooLarge {
		t.Errorf("a body without end: %v", err)
	}
}

// TestScrubbed looks for what must not be stored in everything that is.
func TestScrubbed(t *testing.T) {
	t.Parallel()
	s, cast, conn, _ := listening(t, stripetest.Config{})
	begun := s.Now()
	stripetest.Present(s.World, cast)
	var stored strings.Builder
	for cursor := ""; ; {
		page, err := Connector{}.Backfill(context.Background(), s.app, conn, cursor, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Payloads {
			stored.Write(p.Body)
			if strings.Contains(p.Key+p.Scope, "@") {
				t.Errorf("an address in %s", p.Key)
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	for _, e := range s.Events(begun, every()) {
		r, err := stripetest.Request(context.Background(), hook, conn.Credentials.Signing, s.Now(), e)
		if err != nil {
			t.Fatal(err)
		}
		d, err := Connector{}.ReceiveFor(s.app, conn, r)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range d.Parcels {
			stored.Write(p.Payload.Body)
		}
	}
	for _, word := range []string{"4242", "12 rue", "69001", "a note", "invoice.example", stripetest.DefaultKey, "whsec"} {
		if strings.Contains(stored.String(), word) {
			t.Errorf("%q is stored", word)
		}
	}
	if !strings.Contains(stored.String(), "guest@example.org") {
		t.Error("nothing was stored to look at")
	}
}

// FuzzReceive gives signed bodies of any kind to the parser, and what comes of
// them to Normalize.
func FuzzReceive(f *testing.F) {
	w := stripetest.NewWorld(opening)
	cast := stripetest.Past(w, 1, 1)
	stripetest.Present(w, cast)
	seen := map[string]bool{}
	for _, e := range w.Events(opening, every()) {
		if !seen[e.Type] {
			seen[e.Type] = true
			body, err := json.Marshal(e.Body)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(body)
		}
	}
	now := time.Unix(1_762_000_000, 0)
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/hooks/x", strings.NewReader(string(body)))
		r.Header.Set("Stripe-Signature", stripetest.Sign("s", now, body))
		d, err := Connector{}.ReceiveFor(quiet(now), connectors.Connection{ExternalID: "acct_1", Credentials: connectors.Credentials{Signing: "s"}}, r)
		if errors.Is(err, connectors.ErrSignature) {
			t.Fatal("a good signature is refused")
		}
		for _, p := range d.Parcels {
			sound(t, p.Payload)
		}
	})
}

// FuzzSigned gives headers of any kind to the check.
func FuzzSigned(f *testing.F) {
	now := time.Unix(1_762_000_000, 0)
	f.Add(stripetest.Sign("other", now, []byte("{}")), []byte("{}"))
	f.Add("t=1762000000,v1=,v1=00,t=,,=", []byte(""))
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		if signed(header, body, "secret", now) {
			t.Fatalf("%q is taken", header)
		}
	})
}

// FuzzNormalize gives bodies of any kind to every reader.
func FuzzNormalize(f *testing.F) {
	f.Add(kindCustomer, "1", []byte(`{"id":"cus_1","email":"a@b.c","address":{"country":"FR"}}`))
	f.Add(kindInvoice, "1", []byte(`{"invoice":{"id":"in_1","created":1,"currency":"eur","status":"paid","total":100,"subtotal":100,"total_taxes":[{"amount":20}]},"refunds":[{"id":"re_1","amount":50,"created":2}]}`))
	f.Add(kindCharge, "1", []byte(`{"charge":{"id":"ch_1","created":1,"currency":"eur","status":"succeeded","captured":true,"amount_captured":-5},"disputes":[{"id":"d","amount":9,"created":2,"status":"lost"}]}`))
	f.Add(kindSubscription, "1 history 1000", []byte(`{"subscription":{"id":"sub_1","start_date":1,"currency":"eur","status":"active","trial_end":99,"items":{"data":[{"quantity":9223372036854775807,"price":{"unit_amount_decimal":"99999999999999999999","recurring":{"interval":"day","interval_count":-3}}}]}}}`))
	f.Add(kindSubscription, "1 now 1000", []byte(`{"subscription":{"id":"sub_1","start_date":1,"currency":"eur","status":"canceled","ended_at":5}}`))
	f.Fuzz(func(t *testing.T, kind, scope string, body []byte) {
		sound(t, connectors.Payload{Kind: kind, Scope: scope, Body: body})
	})
}
