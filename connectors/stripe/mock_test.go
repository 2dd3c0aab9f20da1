package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/stripe/stripetest"
)

// mock is Stripe's own stand-in, which holds requests against Stripe's own
// specification of its API. It is a program of its own and no dependency.
const (
	mock        = "github.com/stripe/stripe-mock"
	mockVersion = "v0.203.0"
)

// mockBinary builds it once per machine, into the user's cache. That takes a
// minute and the network, so it is done only where the corpora are.
func mockBinary(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip("SKIPPED: there is no cache folder, so no request was held against the platform's own specification")
	}
	dir := filepath.Join(cache, "foyer-test", "stripe-mock-"+mockVersion)
	binary := filepath.Join(dir, "stripe-mock")
	if _, err := os.Stat(binary); err == nil {
		return binary
	}
	if os.Getenv("FOYER_CORPUS") == "" {
		t.Skip("SKIPPED: FOYER_CORPUS is not set, so no request was held against the platform's own specification")
	}
	cmd := exec.Command("go", "install", mock+"@"+mockVersion)
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "GOBIN="+dir, "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: %s cannot be built: %v\n%s", mock, err, out)
	}
	return binary
}

// mocked starts it on a free port of this machine alone.
func mocked(t *testing.T) string {
	t.Helper()
	binary := mockBinary(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	cmd := exec.Command(binary, "-http-addr", address)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for range 200 {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
			return "http://" + address
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("it does not start")
	return ""
}

// recorder notes what was asked and what came of it.
type recorder struct {
	mu   sync.Mutex
	seen map[string]int
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err == nil {
		r.mu.Lock()
		r.seen[req.Method+" "+strings.TrimPrefix(req.URL.Path, "/v1/")+"?"+req.URL.RawQuery] = resp.StatusCode
		r.mu.Unlock()
	}
	return resp, err
}

// TestMock sends every kind of request that the connector makes.
func TestMock(t *testing.T) {
	t.Parallel()
	r := &recorder{seen: map[string]int{}}
	now := time.Now()
	app := connectors.App{Base: mocked(t), HTTP: &http.Client{Transport: r}, Now: func() time.Time { return now }}
	ctx := context.Background()
	// Account ids of its fixtures are random words; only that may be refused.
	_, _ = Connector{}.InstallManual(ctx, app, map[string]string{"key": stripetest.DefaultKey})
	c := connectors.Connection{ExternalID: "acct_1", Credentials: connectors.Credentials{Access: stripetest.DefaultKey}, Settings: map[string]string{}}
	// Nor do its fixtures tell the secret of an endpoint.
	c, err := Connector{}.Subscribe(ctx, app, c, hook)
	if err != nil && !errors.Is(err, errNoSecret) {
		t.Errorf("subscribe: %v", err)
	}
	for _, step := range append(slices.Clone(listing), stepEvents) {
		for _, group := range []int{0, 1} {
			cursor, err := json.Marshal(position{Step: step, Group: group, After: "obj_1", Start: now.Unix()})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := (Connector{}).Backfill(ctx, app, c, string(cursor), now.Add(-time.Hour)); err != nil {
				t.Errorf("%s: %v", step, err)
			}
		}
	}
	if _, err := (Connector{}).Books(ctx, app, c, now.Add(-48*time.Hour), now, ""); err != nil {
		t.Errorf("books: %v", err)
	}
	entries := []connectors.Entry{{ExternalID: "in_1"}, {ExternalID: "ch_1"}, {ExternalID: "sub_1", Subscription: true}}
	if _, err := (Connector{}).Fetch(ctx, app, c, entries); err != nil {
		t.Errorf("fetch: %v", err)
	}
	a := newAPI(app, c)
	_ = a.items(ctx, &subscription{ID: "sub_1"})
	_, _ = a.paidBy(ctx, &charge{ID: "ch_1", Customer: "cus_1", Intent: "pi_1"})
	_, _ = a.paidBy(ctx, &charge{ID: "ch_1", Customer: "cus_1", Created: 1_500_000_000})
	_, _ = a.session(ctx, "pi_1")
	_, _ = a.sessions(ctx, now.Add(-time.Hour), now)
	_ = a.back(ctx, "pi_1", "", true, &returned{})
	_ = a.back(ctx, "", "ch_1", true, &returned{})
	_ = a.complete(ctx, &invoiceRecord{Invoice: invoice{ID: "in_1", NotesAfter: 1, Payments: list[invoicePayment]{HasMore: true}}}, nil)
	_ = a.completeSubscription(ctx, &subscriptionRecord{Subscription: subscription{ID: "sub_1", Status: "unpaid"}})
	in := reader{api: a, seen: map[string]bool{}}
	_ = in.visit(ctx, &event{ID: "evt_1"}, "pi_1")
	_ = a.call(ctx, http.MethodPost, "webhook_endpoints/we_1", map[string][]string{"disabled": {"false"}, "enabled_events[]": every()}, &endpoint{})
	_ = Connector{}.Uninstall(ctx, app, connectors.Connection{Credentials: c.Credentials, Settings: map[string]string{settingEndpoint: "we_1"}})
	for request, code := range r.seen {
		if code != http.StatusOK {
			t.Errorf("%s: %d", request, code)
		}
	}
	for _, path := range []string{
		"GET account?", "GET customers?", "GET subscriptions?", "GET subscriptions/", "GET subscription_items?", "GET invoices?", "GET invoices/", "GET invoice_payments?",
		"GET charges?", "GET charges/", "GET refunds?", "GET disputes?", "GET credit_notes?", "GET coupons?", "GET promotion_codes?", "GET checkout/sessions?",
		"GET events?", "GET webhook_endpoints?", "POST webhook_endpoints?", "POST webhook_endpoints/", "DELETE webhook_endpoints/",
	} {
		found := false
		for request := range r.seen {
			found = found || strings.HasPrefix(request, path)
		}
		if !found {
			t.Errorf("nothing asked for %s", path)
		}
	}
}

// schema is a part of Stripe's specification.
type schema struct {
	Properties map[string]schema `json:"properties"`
	AnyOf      []schema          `json:"anyOf"`
	Items      *schema           `json:"items"`
	Ref        string            `json:"$ref"`
	Enum       []any             `json:"enum"`
}

type specification struct {
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
	Paths map[string]map[string]struct {
		Body struct {
			Content map[string]struct {
				Schema schema `json:"schema"`
			} `json:"content"`
		} `json:"requestBody"`
	} `json:"paths"`
}

func specified(t *testing.T) specification {
	t.Helper()
	mockBinary(t)
	cmd := exec.Command("go", "mod", "download", "-json", mock+"@"+mockVersion)
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.Output()
	var module struct{ Dir string }
	if err != nil || json.Unmarshal(out, &module) != nil {
		t.Skipf("SKIPPED: the source of %s is not here: %v", mock, err)
	}
	raw, err := os.ReadFile(filepath.Join(module.Dir, "embedded", "openapi", "spec3.json"))
	if err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	var s specification
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// has says whether a schema has a field, wherever it leads.
func (s specification) field(in schema, name string) (schema, bool) {
	for _, x := range s.forms(in, 0) {
		if f, ok := x.Properties[name]; ok {
			return f, true
		}
	}
	return schema{}, false
}

// forms are the schemas that one may be.
func (s specification) forms(in schema, depth int) []schema {
	if depth > 4 {
		return nil
	}
	list := []schema{in}
	if name, ok := strings.CutPrefix(in.Ref, "#/components/schemas/"); ok {
		list = append(list, s.forms(s.Components.Schemas[name], depth+1)...)
	}
	for _, x := range in.AnyOf {
		list = append(list, s.forms(x, depth+1)...)
	}
	if in.Items != nil {
		list = append(list, s.forms(*in.Items, depth+1)...)
	}
	return list
}

// TestSpecification holds what is read, and what the stand-in writes, against the
// fields that Stripe's specification knows.
func TestSpecification(t *testing.T) {
	t.Parallel()
	s := specified(t)
	for name, v := range map[string]any{
		"customer": customer{}, "subscription": subscription{}, "subscription_item": item{}, "invoice": invoice{}, "charge": charge{}, "refund": refund{},
		"credit_note": creditNote{}, "dispute": dispute{}, "checkout.session": session{}, "invoice_payment": invoicePayment{}, "coupon": coupon{},
		"promotion_code": promotionCode{}, "discount": discount{}, "price": price{}, "tax_rate": taxRate{}, "webhook_endpoint": endpoint{},
	} {
		s.reads(t, name, s.Components.Schemas[name], reflect.TypeOf(v))
	}
	body := s.Paths["/v1/webhook_endpoints"]["post"].Body.Content["application/x-www-form-urlencoded"].Schema
	events := body.Properties["enabled_events"].Items.Enum
	for _, e := range every() {
		if !slices.Contains(events, any(e)) {
			t.Errorf("there is no event %s", e)
		}
	}
	if !slices.Contains(body.Properties["api_version"].Enum, any(version)) {
		t.Errorf("there is no version %s", version)
	}
	w := stripetest.NewWorld(opening)
	stripetest.Present(w, stripetest.Past(w, 2, 1))
	for _, e := range w.Events(opening, every()) {
		object := e.Body["data"].(map[string]any)["object"].(map[string]any)
		s.writes(t, object["object"].(string), s.Components.Schemas[object["object"].(string)], object)
	}
}

// former are fields that older versions of the API have and the present one does not.
var former = []string{
	"customer.deleted", // of a schema of its own
	"subscription.discount", "subscription.discounts.coupon", "discount.coupon", "invoice.total_discount_amounts.discount.coupon", "subscription_item.discounts.coupon", "subscription.items.data.discounts.coupon",
}

func (s specification) reads(t *testing.T, path string, in schema, v reflect.Type) {
	t.Helper()
	for v.Kind() == reflect.Slice || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return
	}
	if f, ok := v.FieldByName("Object"); ok && strings.HasPrefix(v.Name(), "expandable") {
		s.reads(t, path, in, f.Type)
		return
	}
	for f := range v.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			s.reads(t, path, in, f.Type)
			continue
		}
		if slices.Contains(former, path+"."+name) {
			continue
		}
		below, ok := s.field(in, name)
		if !ok {
			t.Errorf("%s has no %s", path, name)
			continue
		}
		s.reads(t, path+"."+name, below, f.Type)
	}
}

func (s specification) writes(t *testing.T, path string, in schema, v any) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			s.writes(t, path, in, x)
		}
	case map[string]any:
		for name, x := range v {
			below, ok := s.field(in, name)
			if !ok && !slices.Contains([]string{"metadata"}, name) {
				t.Errorf("the stand-in writes %s.%s", path, name)
				continue
			}
			s.writes(t, path+"."+name, below, x)
		}
	}
}
