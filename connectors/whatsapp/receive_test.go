package whatsapp_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/whatsapp"
	"github.com/foyer-app/foyer/connectors/whatsapp/whatsapptest"
)

// options are the application of all tests.
func options() whatsapptest.Options {
	return whatsapptest.Options{
		AppID: "210000000000001", AppSecret: "app-secret", VerifyToken: "verify-token", ConfigID: "310000000000001", Seed: 7,
	}
}

func application() connectors.App {
	o := options()
	return connectors.App{ID: o.AppID, Secret: o.AppSecret, VerifyToken: o.VerifyToken, Options: map[string]string{whatsapp.OptionConfig: o.ConfigID}}
}

func keepNothing(string) bool { return false }

// receive signs and receives a body.
func receive(body []byte, keep func(string) bool) (connectors.Delivery, error) {
	r := httptest.NewRequest(http.MethodPost, "/hooks/whatsapp", bytes.NewReader(body))
	r.Header.Set("X-Hub-Signature-256", whatsapptest.New(options()).Sign(body))
	return whatsapp.Connector{}.Receive(application(), r, keep)
}

// delivery is a body with one change.
func delivery(field, value string) []byte {
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"900","changes":[{"field":%q,"value":%s}]}]}`, field, value)
}

// messages is a body with messages of one person to the number 42.
func messages(list string) []byte {
	return delivery("messages", `{"messaging_product":"whatsapp","metadata":{"display_phone_number":"33100000000","phone_number_id":"42"},
		"contacts":[{"profile":{"name":"Zoé"},"wa_id":"33600000001","user_id":"FR.1"}],"messages":[`+list+`]}`)
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	good := url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {"verify-token"}, "hub.challenge": {"1158201444"}}
	tests := []struct {
		name   string
		change func(url.Values, *connectors.App)
		signed bool // ErrSignature
	}{
		{"wrong token", func(q url.Values, _ *connectors.App) { q.Set("hub.verify_token", "verify-tokem") }, true},
		{"longer token", func(q url.Values, _ *connectors.App) { q.Set("hub.verify_token", "verify-token2") }, true},
		{"no token", func(q url.Values, _ *connectors.App) { q.Del("hub.verify_token") }, true},
		{"other mode", func(q url.Values, _ *connectors.App) { q.Set("hub.mode", "unsubscribe") }, true},
		{"nothing configured", func(q url.Values, a *connectors.App) { q.Set("hub.verify_token", ""); a.VerifyToken = "" }, true},
		{"no challenge", func(q url.Values, _ *connectors.App) { q.Del("hub.challenge") }, false},
		{"long challenge", func(q url.Values, _ *connectors.App) { q.Set("hub.challenge", strings.Repeat("1", 2000)) }, false},
	}
	for _, tt := range tests {
		q, app := url.Values{}, application()
		for key := range good {
			q.Set(key, good.Get(key))
		}
		tt.change(q, &app)
		d, err := whatsapp.Connector{}.Receive(app, httptest.NewRequest(http.MethodGet, "/hooks?"+q.Encode(), nil), keepNothing)
		var refused *connectors.RefusedError
		if errors.Is(err, connectors.ErrSignature) != tt.signed || !tt.signed && !errors.As(err, &refused) || d.Answer != nil {
			t.Errorf("%s: %v, %q", tt.name, err, d.Answer)
		}
	}
	d, err := whatsapp.Connector{}.Receive(application(), httptest.NewRequest(http.MethodGet, "/hooks?"+good.Encode(), nil), keepNothing)
	if err != nil || string(d.Answer) != "1158201444" || !strings.HasPrefix(d.AnswerType, "text/plain") {
		t.Errorf("%v, %q as %q", err, d.Answer, d.AnswerType)
	}
}

func TestSignature(t *testing.T) {
	t.Parallel()
	w := whatsapptest.New(options())
	// The bytes as they come: escapes, a slash, blanks, a number of any form.
	body := []byte(`{ "object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages",` +
		`"value":{"metadata":{"phone_number_id":"42"},"messages":[{"id":"wamid.A\/b","from":"33600000001","timestamp":"1750000000",` +
		`"type":"text","text":{"body":"\u00e9t\u00E9 \ud83d\ude00 a\/b"}}]}}]}]}`)
	same, err := json.Marshal(json.RawMessage(body)) // compacted: the same JSON, other bytes
	if err != nil {
		t.Fatal(err)
	}
	good := w.Sign(body)
	tests := []struct {
		name, header string
		body         []byte
		ok           bool
	}{
		{"right", good, body, true},
		{"upper case hex", "sha256=" + strings.ToUpper(good[7:]), body, true},
		{"same JSON in other bytes", good, same, false},
		{"one byte more", good, append(bytes.Clone(body), ' '), false},
		{"none", "", body, false},
		{"no scheme", good[7:], body, false},
		{"sha1", "sha1=" + good[7:47], body, false},
		{"half", good[:40], body, false},
		{"no hex", "sha256=" + strings.Repeat("zz", 32), body, false},
		{"empty", "sha256=", body, false},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(tt.body))
		if tt.header != "" {
			r.Header.Set("X-Hub-Signature-256", tt.header)
		}
		d, err := whatsapp.Connector{}.Receive(application(), r, keepNothing)
		if tt.ok != (err == nil && len(d.Parcels) == 1) || !tt.ok && (!errors.Is(err, connectors.ErrSignature) || len(d.Parcels) > 0) {
			t.Errorf("%s: %v, %d parcels", tt.name, err, len(d.Parcels))
		}
	}
	app := application()
	app.Secret = ""
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("X-Hub-Signature-256", good)
	if _, err := (whatsapp.Connector{}).Receive(app, r, keepNothing); !errors.Is(err, connectors.ErrSignature) {
		t.Errorf("without a secret: %v", err)
	}
	app.SigningSecret = options().AppSecret
	r = httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("X-Hub-Signature-256", good)
	if _, err := (whatsapp.Connector{}).Receive(app, r, keepNothing); err != nil {
		t.Errorf("with a secret for signatures: %v", err)
	}
}

// endlessBody is a body without an end.
type endlessBody struct{ read int }

func (e *endlessBody) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += len(p)
	return len(p), nil
}

func TestBodyIsBounded(t *testing.T) {
	t.Parallel()
	in := &endlessBody{}
	r := httptest.NewRequest(http.MethodPost, "/", in)
	r.ContentLength = 1 << 40
	r.Header.Set("X-Hub-Signature-256", "sha256="+strings.Repeat("00", 32))
	_, err := whatsapp.Connector{}.Receive(application(), r, keepNothing)
	var refused *connectors.RefusedError
	if !errors.As(err, &refused) || refused.Reason != connectors.ReasonTooLarge || in.read > 3*connectors.MaxDelivery {
		t.Errorf("%v after %d bytes", err, in.read)
	}
	r = httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader("{"), brokenBody{}))
	r.Header.Set("X-Hub-Signature-256", "sha256="+strings.Repeat("00", 32))
	if _, err := (whatsapp.Connector{}).Receive(application(), r, keepNothing); !errors.As(err, &refused) || refused.Reason != connectors.ReasonTruncated {
		t.Errorf("a cut body: %v", err)
	}
	if _, err := (whatsapp.Connector{}).Receive(application(), httptest.NewRequest(http.MethodPut, "/", nil), keepNothing); !errors.As(err, &refused) {
		t.Errorf("another method: %v", err)
	}
}

// TestMemoryOfABody: a body of commas would unfold to a hundred times its size. It
// measures, so it runs alone.
func TestMemoryOfABody(t *testing.T) {
	_, err := receive(messages(strings.Repeat("1,", 1<<20)+"1"), keepNothing)
	var refused *connectors.RefusedError
	if !errors.As(err, &refused) || refused.Reason != connectors.ReasonTooLarge {
		t.Errorf("a million elements: %v", err)
	}
	// The largest that is read: history in short messages.
	var list strings.Builder
	for i := range 12_000 {
		fmt.Fprintf(&list, `,{"from":"33600000001","id":"wamid.%0100d","timestamp":"1750000000","type":"text","text":{"body":"oui, non"},"history_context":{"status":"READ"}}`, i)
	}
	began := new(runtime.MemStats)
	runtime.ReadMemStats(began)
	d, err := receive(delivery("history", `{"metadata":{"phone_number_id":"42"},"history":[{"threads":[{"id":"33600000001","messages":[`+list.String()[1:]+`]}]}]}`), keepNothing)
	if err != nil || len(d.Parcels) != 12_000 {
		t.Errorf("%v, %d parcels", err, len(d.Parcels))
	}
	ended := new(runtime.MemStats)
	runtime.ReadMemStats(ended)
	if used := (ended.TotalAlloc - began.TotalAlloc) >> 20; used > 512 {
		t.Errorf("%d MB were allocated in all", used)
	}
}

type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestForeignBodies(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ body, reason string }{
		"empty":        {"", connectors.ReasonNotJSON},
		"no JSON":      {"hello", connectors.ReasonNotJSON},
		"other object": {`{"object":"instagram","entry":[]}`, connectors.ReasonForeign},
		"a list":       {`[]`, connectors.ReasonForeign},
		"null":         {`null`, connectors.ReasonForeign},
		"deep":         {strings.Repeat("[", 20_000), connectors.ReasonNotJSON},
	} {
		_, err := receive([]byte(tt.body), keepNothing)
		var refused *connectors.RefusedError
		if !errors.As(err, &refused) || refused.Reason != tt.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	// One odd field leaves the rest of the batch alone.
	d, err := receive(messages(`{"id":5,"from":[],"timestamp":{},"type":7,"text":"x"},
		{"id":"wamid.B","from":"33600000001","timestamp":1750000000,"type":"text","text":{"body":"ok"}}`), keepNothing)
	if err != nil || len(d.Parcels) != 2 {
		t.Fatalf("%v, %d parcels", err, len(d.Parcels))
	}
	if _, err := whatsapp.New().Normalize(d.Parcels[0].Payload); err == nil {
		t.Error("a message without id and time was read")
	}
	if b, err := whatsapp.New().Normalize(d.Parcels[1].Payload); err != nil || len(b.Activities) != 1 {
		t.Errorf("%v, %+v", err, b)
	}
}

func TestCutAtEveryByte(t *testing.T) {
	t.Parallel()
	w := populated(t)
	for _, body := range w.Bodies(whatsapptest.Delivery{Batch: 12})[:3] {
		for i := range body {
			d, err := receive(body[:i:i], keepNothing)
			if err == nil || len(d.Parcels) > 0 {
				t.Fatalf("cut at byte %d of %d: %v", i, len(body), err)
			}
		}
		d, err := receive(body, keepNothing)
		if err != nil || len(d.Parcels) == 0 {
			t.Fatalf("whole: %v", err)
		}
		for _, p := range d.Parcels {
			for i := range p.Payload.Body {
				cut := p.Payload
				cut.Body = cut.Body[:i:i]
				if _, err := whatsapp.New().Normalize(cut); err == nil {
					t.Fatalf("%s cut at byte %d of %s was read", cut.Kind, i, p.Payload.Body)
				}
			}
		}
	}
}

func TestScrub(t *testing.T) {
	t.Parallel()
	const secret = "SECRET"
	list := `{"id":"wamid.1","from":"33600000001","timestamp":"1750000000","type":"text","text":{"body":"où est SECRET ?"}},
	{"id":"wamid.2","from":"33600000001","timestamp":"1750000001","type":"image","image":{"id":"SECRET","caption":"SECRET","sha256":"SECRET","url":"https://SECRET"}},
	{"id":"wamid.3","from":"33600000001","timestamp":"1750000002","type":"document","document":{"filename":"SECRET.pdf","caption":"SECRET","id":"SECRET"}},
	{"id":"wamid.4","from":"33600000001","timestamp":"1750000003","type":"location","location":{"name":"SECRET","address":"SECRET","latitude":1}},
	{"id":"wamid.5","from":"33600000001","timestamp":"1750000004","type":"contacts","contacts":[{"name":{"formatted_name":"SECRET"},"phones":[{"phone":"SECRET"}]}]},
	{"id":"wamid.6","from":"33600000001","timestamp":"1750000005","type":"order","order":{"text":"SECRET","product_items":[{"product_retailer_id":"SECRET"}]}},
	{"id":"wamid.7","from":"33600000001","timestamp":"1750000006","type":"SECRET","SECRET":{"body":"SECRET"}},
	{"id":"wamid.8","from":"33600000001","timestamp":"1750000007","type":"edit","edit":{"original_message_id":"wamid.1","message":{"type":"text","text":{"body":"SECRET"}}}},
	{"id":"wamid.9","from":"33600000001","timestamp":"1750000008","type":"reaction","reaction":{"message_id":"wamid.1","emoji":"SECRET"}},
	{"id":"wamid.10","from":"33600000001","timestamp":"1750000009","type":"text","referral":{"body":"SECRET"},"text":{"body":"SECRET"}}`
	for _, keep := range []bool{false, true} {
		d, err := receive(messages(list), func(account string) bool { return keep && account == "42" })
		if err != nil || len(d.Parcels) != 10 {
			t.Fatalf("%v, %d parcels", err, len(d.Parcels))
		}
		for i, p := range d.Parcels {
			has := strings.Contains(strings.ToLower(fmt.Sprintf("%s %s %s %s", p.Payload.Body, p.Payload.Key, p.Payload.Scope, p.Payload.Kind)), strings.ToLower(secret))
			if has != (keep && i == 0) {
				t.Errorf("keep %v: %s", keep, p.Payload.Body)
			}
			if strings.Contains(string(p.Payload.Body), "wamid") {
				t.Errorf("an id of the platform, which holds a number, is stored: %s", p.Payload.Body)
			}
			if p.Account != "42" || p.Payload.Key == "" {
				t.Errorf("account %q, key %q", p.Account, p.Payload.Key)
			}
		}
	}
}

func TestBatchOfAThousand(t *testing.T) {
	t.Parallel()
	w := whatsapptest.New(options())
	n := w.AddNumber("Atelier", "+33 1 00 00 00 00")
	for i := range 1000 {
		w.Write(w.AddPerson(fmt.Sprint("Personne ", i), ""), n, nil, "bonjour")
	}
	bodies := w.Bodies(whatsapptest.Delivery{Batch: 1000})
	if len(bodies) != 1 {
		t.Fatalf("%d bodies", len(bodies))
	}
	began := time.Now()
	d, err := receive(bodies[0], keepNothing)
	if err != nil || len(d.Parcels) != 1000 {
		t.Fatalf("%v, %d parcels", err, len(d.Parcels))
	}
	keys, people := map[string]bool{}, map[string]bool{}
	for _, p := range d.Parcels {
		keys[p.Payload.Key] = true
		b, err := whatsapp.New().Normalize(p.Payload)
		if err != nil || len(b.Identities) != 2 || b.Identities[0].Name == "" {
			t.Fatalf("%v, %+v", err, b.Identities)
		}
		people[b.Activities[0].Actor] = true
	}
	if len(keys) != 1000 || len(people) != 1000 {
		t.Errorf("%d keys, %d people", len(keys), len(people))
	}
	if spent := time.Since(began); spent > 2*time.Second {
		t.Errorf("it took %v", spent)
	}
}

func TestNotices(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, field, value, want string }{
		{"removed", "account_update", `{"event":"PARTNER_REMOVED","waba_info":{"waba_id":"901"}}`, "901 revoked partner_removed"},
		{
			"inactive", "account_update",
			`{"event":"PARTNER_REMOVED","waba_info":{"waba_id":"901"},"disconnection_info":{"reason":"PRIMARY_INACTIVITY"}}`, "901 revoked primary_inactivity",
		},
		{"uninstalled", "account_update", `{"event":"PARTNER_APP_UNINSTALLED","waba_info":{"waba_id":"901"}}`, "901 revoked partner_app_uninstalled"},
		{"deleted", "account_update", `{"event":"ACCOUNT_DELETED"}`, "900 revoked account_deleted"},
		{"restricted", "account_update", `{"event":"ACCOUNT_RESTRICTION"}`, "900 degrade account_restriction"},
		{"disabled", "account_update", `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"DISABLE"}}`, "900 degrade disabled_update"},
		{"reinstated", "account_update", `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"REINSTATE"}}`, "900 restore disabled_update, 900 back "},
		{"reconnected", "account_update", `{"event":"ACCOUNT_RECONNECTED"}`, "900 back "},
		{"history declined", "history", `{"metadata":{"phone_number_id":"42"},"history":[{"errors":[{"code":2593109}]}]}`, "42 degrade history_declined"},
		{"history declined beside", "history", `{"metadata":{"phone_number_id":"42"},"errors":[{"code":2593109}]}`, "42 degrade history_declined"},
		{
			"suspended", "group_status_update",
			`{"metadata":{"phone_number_id":"42"},"groups":[{"group_id":"G","type":"group_suspend","timestamp":"1750000000"}]}`, "42 blind group:G",
		},
		{"added", "account_update", `{"event":"PARTNER_ADDED","waba_info":{"waba_id":"901"}}`, ""},
	}
	for _, tt := range tests {
		d, err := receive(delivery(tt.field, tt.value), keepNothing)
		var list []string
		for _, n := range d.Notices {
			list = append(list, fmt.Sprint(n.Account, " ", n.Kind, " ", n.Detail))
		}
		if got := strings.Join(list, ", "); err != nil || got != tt.want {
			t.Errorf("%s: %v, %q, want %q", tt.name, err, got, tt.want)
		}
	}
}
