package shopify

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/shopify/shopifytest"
)

// visit follows the way to the shop as a browser does, and returns what comes
// back, with what Foyer adds.
func (s *stage) visit(t *testing.T, state, typed string) url.Values {
	t.Helper()
	to, err := connector{}.InstallURLFor(s.app, state, "", map[string]string{"shop": typed})
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Get(to)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		t.Fatalf("status %d: %v", resp.StatusCode, err)
	}
	q := back.Query()
	q.Set("ask.shop", typed)
	return q
}

func TestInstall(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{}, shopifytest.Shop{})
	s.Join()
	q := s.visit(t, "a state & more", " https://Atelier.myshopify.com/admin ")
	if q.Get("state") != "a state & more" {
		t.Errorf("state %q", q.Get("state"))
	}
	c, err := connector{}.Install(context.Background(), s.app, q, "")
	if err != nil {
		t.Fatal(err)
	}
	if c.ExternalID != testShop || c.Name != "Atelier Lisière" || c.Settings[settingTimeZone] != "Europe/Paris" || c.Settings[settingCurrency] != "EUR" {
		t.Errorf("connection %q %q %v", c.ExternalID, c.Name, c.Settings)
	}
	if weak, ok := c.Settings[settingWeak]; ok {
		t.Errorf("nothing is missing, but it says %q", weak)
	}
	if !slices.Contains(c.Granted, "read_all_orders") {
		t.Errorf("granted %v", c.Granted)
	}
	k := c.Credentials
	if k.Access == "" || k.Refresh == "" || k.Expires.Sub(s.Now()).Round(time.Minute) != time.Hour || k.RefreshExpires.Sub(s.Now()).Round(time.Hour) != 30*24*time.Hour {
		t.Errorf("credentials end %v and %v", k.Expires, k.RefreshExpires)
	}
	if _, err := (connector{}).Install(context.Background(), s.app, q, ""); installReason(err) != "expired" {
		t.Errorf("the same code again: %v", err)
	}
}

func installReason(err error) string {
	var own *connectors.InstallError
	if errors.As(err, &own) {
		return own.Reason
	}
	return ""
}

func TestInstallSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config       shopifytest.Config
		reason, weak string
	}{
		"denied":       {config: shopifytest.Config{Deny: true}, reason: "denied"},
		"no orders":    {config: shopifytest.Config{Scopes: []string{"read_customers"}}, reason: "scopes"},
		"60 days":      {config: shopifytest.Config{Scopes: []string{"read_orders", "read_customers"}}, weak: weakHistory},
		"written":      {config: shopifytest.Config{Scopes: []string{"write_orders", "read_orders", "write_customers", "read_all_orders"}}},
		"no contacts":  {config: shopifytest.Config{HideContacts: true}, weak: weakContacts},
		"neither":      {config: shopifytest.Config{HideContacts: true, Scopes: []string{"read_orders", "read_customers"}}, weak: weakBoth},
		"never ending": {config: shopifytest.Config{Lasting: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, c.config, shopifytest.Shop{})
			s.Order(shopifytest.Cart{Customer: s.Join()})
			conn, err := connector{}.Install(context.Background(), s.app, s.visit(t, "s", "atelier"), "")
			if installReason(err) != c.reason || (err == nil) != (c.reason == "") {
				t.Errorf("reason %q, %v", installReason(err), err)
			}
			if conn.Settings[settingWeak] != c.weak {
				t.Errorf("it says %q, want %q", conn.Settings[settingWeak], c.weak)
			}
			if c.config.Lasting && (!conn.Credentials.Expires.IsZero() || conn.Credentials.Refresh != "") {
				t.Error("a lasting token ends")
			}
		})
	}
}

func TestCallbackIsChecked(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{}, shopifytest.Shop{})
	good := s.visit(t, "s", "atelier")
	resigned := func(change func(url.Values)) url.Values {
		q := url.Values{}
		for k, v := range good {
			q[k] = slices.Clone(v)
		}
		change(q)
		q.Del("ask.shop")
		q.Set("hmac", shopifytest.SignQuery(testSecret, q))
		return q
	}
	for name, c := range map[string]struct {
		reason string
		query  url.Values
	}{
		"another shop":   {"refused", changed(good, "shop", "evil.myshopify.com")},
		"another code":   {"refused", changed(good, "code", "mine")},
		"no signature":   {"refused", changed(good, "hmac", "")},
		"half of one":    {"refused", changed(good, "hmac", good.Get("hmac")[:32])},
		"something more": {"refused", changed(good, "extra", "x")},
		"old":            {"refused", resigned(func(q url.Values) { q.Set("timestamp", unix(s.Now().Add(-91*time.Second))) })},
		"of the future":  {"refused", resigned(func(q url.Values) { q.Set("timestamp", unix(s.Now().Add(91*time.Second))) })},
		"without time":   {"refused", resigned(func(q url.Values) { q.Del("timestamp") })},
		"no shop at all": {"account", resigned(func(q url.Values) { q.Set("shop", "evil.example") })},
		"a path":         {"account", resigned(func(q url.Values) { q.Set("shop", "evil.example/x.myshopify.com") })},
		"not what was asked for": {"account", func() url.Values {
			q := resigned(func(q url.Values) { q.Set("shop", "other.myshopify.com") })
			q.Set("ask.shop", "atelier")
			return q
		}()},
		"no code":      {"refused", resigned(func(q url.Values) { q.Del("code") })},
		"unknown code": {"expired", resigned(func(q url.Values) { q.Set("code", "code-9") })},
		"almost old":   {"", resigned(func(q url.Values) { q.Set("timestamp", unix(s.Now().Add(-90*time.Second))) })},
	} {
		if _, err := (connector{}).Install(context.Background(), s.app, c.query, ""); installReason(err) != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	wrong := s.app
	wrong.Secret = "other"
	if _, err := (connector{}).Install(context.Background(), wrong, good, ""); installReason(err) != "refused" {
		t.Errorf("another secret: %v", err)
	}
}

func changed(q url.Values, key, value string) url.Values {
	out := url.Values{}
	for k, v := range q {
		out[k] = slices.Clone(v)
	}
	out.Set(key, value)
	return out
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// The vectors that Shopify's documentation gives, secret and all.
func TestPublishedVectors(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"code=0907a61c0c8d55e99db179b68161bc00&shop=some-shop.myshopify.com&timestamp=1337178173":            "4712bf92ffc2917d15a2f5a273e39f0116667419aa4b6ac0b3baaf26fa3c4d20",
		"code=0907a61c0c8d55e99db179b68161bc00&shop=some-shop.myshopify.com&state=abcd&timestamp=1337178173": "7db6973c2aff68295ebcf354c2ce528a6b09aef1146baafccc2e0b369fff5f6d",
	} {
		q, err := url.ParseQuery(query + "&hmac=" + want + "&signature=ignored&ask.shop=some-shop")
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(1337178173, 0)
		if !genuine("hush", q, at.Add(90*time.Second)) || !genuine("hush", q, at.Add(-90*time.Second)) {
			t.Errorf("%s is not taken", query)
		}
		if genuine("hush", q, at.Add(91*time.Second)) || genuine("hush!", q, at) || genuine("", q, at) {
			t.Errorf("%s is taken too easily", query)
		}
		q.Set("code", "0907a61c0c8d55e99db179b68161bc01")
		if genuine("hush", q, at) {
			t.Error("another code is taken")
		}
	}
}

func TestShopAddresses(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"atelier": testShop, "Atelier.MyShopify.com": testShop, "https://atelier.myshopify.com/": testShop,
		"https://admin.shopify.com/store/atelier/orders": testShop, "atelier.myshopify.com/admin": testShop,
		"": "", "www.atelier.fr": "", "atelier.myshopify.com.evil.example": "", "evil.example#.myshopify.com": "", "a b": "",
		"atelier.myshopify.com:443": "", "user@atelier.myshopify.com": "", "-x.myshopify.com": "", ".myshopify.com": "", "a.b.myshopify.com": "",
		"http://atelier.myshopify.com": "", "évil": "", strings.Repeat("a", 64): "", "atelier.myshopify.com/admin/oauth": "",
	} {
		got, ok := shopOf(typed)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, %v", typed, got, ok)
		}
		_, err := connector{}.InstallURLFor(connectors.App{}, "s", "", map[string]string{"shop": typed})
		if (installReason(err) == "account") != (want == "") {
			t.Errorf("%q gave %v", typed, err)
		}
	}
}

func TestTokensRotate(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{}, shopifytest.Shop{})
	s.Order(shopifytest.Cart{Customer: s.Join()})
	c, err := connector{}.Install(context.Background(), s.app, s.visit(t, "s", "atelier"), "")
	if err != nil {
		t.Fatal(err)
	}
	ask := func() error {
		_, err := connector{}.Backfill(context.Background(), s.app, c, "", start)
		return err
	}
	refresh := func() (connectors.Credentials, error) { return connector{}.Refresh(context.Background(), s.app, c) }
	s.Pass(61 * time.Minute)
	if err := ask(); err == nil || errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("after an hour: %v", err)
	}
	first := c.Credentials
	lost, err := refresh() // its answer is lost
	if err != nil {
		t.Fatal(err)
	}
	if c.Credentials, err = refresh(); err != nil {
		t.Fatalf("the refresh token went with a lost answer: %v", err)
	}
	if c.Credentials.Access == first.Access || c.Credentials.Refresh == first.Refresh || c.Credentials.Access == lost.Access || !c.Credentials.Expires.After(s.Now()) {
		t.Error("nothing was renewed")
	}
	if err := ask(); err != nil {
		t.Error(err)
	}
	c.Credentials = first
	if _, err := refresh(); !errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("a refresh token that was replaced: %v", err)
	}
	for _, kind := range []string{"500", "429"} {
		s.server.Break(shopifytest.Fault{Where: "token", Kind: kind})
		if _, err := refresh(); err == nil || errors.Is(err, connectors.ErrRevoked) {
			t.Errorf("status %s: %v", kind, err)
		}
	}
	c.Credentials = connectors.Credentials{Access: "lasting"}
	if got, err := refresh(); err != nil || got != c.Credentials {
		t.Errorf("a lasting token: %v", err)
	}
	c.Credentials = connectors.Credentials{Access: "x", Refresh: "y", Expires: s.Now(), RefreshExpires: s.Now()}
	if _, err := refresh(); !errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("a refresh token that ended: %v", err)
	}
}

func TestUninstall(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{}, shopifytest.Shop{})
	c := s.connected()
	for range 2 {
		if err := (connector{}).Uninstall(context.Background(), s.app, c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := (connector{}).Backfill(context.Background(), s.app, c, "", start); !errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("after it: %v", err)
	}
	list := s.Deliveries()
	if n := len(list); n == 0 || list[n-1].Topic != "app/uninstalled" {
		t.Error("no delivery tells of it")
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	if got := (connector{}).Missing(connectors.App{ID: "x"}); !slices.Equal(got, []string{"Secret", "Redirect"}) {
		t.Error(got)
	}
}

func FuzzCallback(f *testing.F) {
	f.Add("code=0907a61c0c8d55e99db179b68161bc00&shop=some-shop.myshopify.com&timestamp=1337178173&hmac=4712bf92ffc2917d15a2f5a273e39f0116667419aa4b6ac0b3baaf26fa3c4d20")
	f.Add("timestamp=-1&hmac=00&shop=%00")
	f.Add("state=%26%3D%25&host=YQ%3D%3D&shop=a.myshopify.com&timestamp=1337178173")
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		given := q.Get("hmac")
		if genuine("hush", q, time.Unix(1337178173, 0)) {
			if b, err := hex.DecodeString(given); err != nil || len(b) != 32 {
				t.Fatalf("%q is taken", raw)
			}
			q.Set("shop", q.Get("shop")+"x")
			if genuine("hush", q, time.Unix(1337178173, 0)) {
				t.Fatalf("%q with another shop is taken", raw)
			}
		}
		q.Set("hmac", shopifytest.SignQuery("hush", q))
		all := q.Encode()
		if !strings.Contains(all, "ask.") && !strings.Contains(all, "handed.") && !signed("hush", q) {
			t.Fatalf("%q is not taken when signed", raw)
		}
	})
}
