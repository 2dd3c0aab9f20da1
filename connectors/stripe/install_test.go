package stripe

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/stripe/stripetest"
)

// TestInstall connects by a key, or says why not.
func TestInstall(t *testing.T) {
	t.Parallel()
	s := newStage(t, stripetest.Config{Without: []string{"disputes"}})
	c, err := Connector{}.InstallManual(context.Background(), s.app, map[string]string{"key": " " + stripetest.DefaultKey + "\n"})
	if err != nil {
		t.Fatal(err)
	}
	if c.ExternalID != stripetest.Account+"/test" || c.Name != "Atelier (test)" || c.Credentials.Access != stripetest.DefaultKey || c.Settings[settingCreated] == "" {
		t.Errorf("connection %+v", c)
	}
	if !slices.Contains(c.Granted, "Events") || slices.Contains(c.Granted, "Disputes") {
		t.Errorf("granted %v", c.Granted)
	}
	for _, call := range s.server.Calls() {
		if call.Method != "GET" || call.Path != "account" && call.Query.Get("limit") != "1" {
			t.Errorf("%s %s %v", call.Method, call.Path, call.Query)
		}
	}
}

func TestInstallRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key    string
		conf   stripetest.Config
		fault  stripetest.FaultKind
		reason string
		names  []string
	}{
		"a full key":       {key: "sk_live_51FoyerAtelier", reason: "full_key"},
		"a full test key":  {key: "sk_test_51FoyerAtelier", reason: "full_key"},
		"a public key":     {key: "pk_live_51FoyerAtelier", reason: "not_a_key"},
		"nothing":          {reason: "not_a_key"},
		"two keys":         {key: stripetest.DefaultKey + " " + stripetest.DefaultKey, reason: "not_a_key"},
		"a key of nobody":  {key: "rk_live_51FoyerNobody", reason: "expired_key"},
		"without a right":  {key: stripetest.DefaultKey, conf: stripetest.Config{Without: []string{"events", "refunds", "charges"}}, reason: "scopes", names: []string{"Charges and Refunds", "Events"}},
		"a broken answer":  {key: stripetest.DefaultKey, fault: stripetest.FaultHTML, reason: "unreachable"},
		"an answer of 500": {key: stripetest.DefaultKey, fault: stripetest.FaultServer, reason: "unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, c.conf)
			if c.fault != "" {
				s.server.Fail(stripetest.Fault{Kind: c.fault, After: 3})
			}
			_, err := Connector{}.InstallManual(context.Background(), s.app, map[string]string{"key": c.key})
			var refused *connectors.InstallError
			if !errors.As(err, &refused) || refused.Reason != c.reason || !slices.Equal(refused.Names, c.names) {
				t.Fatalf("got %v", err)
			}
			if c.key != "" && strings.Contains(err.Error(), c.key) {
				t.Error("the key stands in the error")
			}
			if calls := len(s.server.Calls()); (c.reason == "full_key" || c.reason == "not_a_key") && calls > 0 {
				t.Errorf("%d requests were made with it", calls)
			}
		})
	}
}

// TestInstallNameless finds the account's id in a refusal.
func TestInstallNameless(t *testing.T) {
	t.Parallel()
	s := newStage(t, stripetest.Config{Without: []string{"account"}})
	if c := s.connected(t); c.ExternalID != stripetest.Account+"/test" || c.Name != stripetest.Account+" (test)" {
		t.Errorf("connection %q, %q", c.ExternalID, c.Name)
	}
}

// TestSubscribe makes one endpoint and keeps it good.
func TestSubscribe(t *testing.T) {
	t.Parallel()
	s := newStage(t, stripetest.Config{})
	ctx, c := context.Background(), s.connected(t)
	subscribe := func(address string) connectors.Connection {
		t.Helper()
		next, err := Connector{}.Subscribe(ctx, s.app, c, address)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Endpoints(); !slices.Equal(got, []string{address}) {
			t.Errorf("endpoints %v", got)
		}
		c = next
		return next
	}
	changes := func() (n int) {
		for _, call := range s.server.Calls() {
			if call.Method != "GET" {
				n++
			}
		}
		return n
	}
	first := subscribe(hook)
	if first.Credentials.Signing == "" || first.Settings[settingEndpoint] == "" {
		t.Errorf("connection %+v", first.Settings)
	}
	if subscribe(hook); changes() != 1 {
		t.Errorf("%d changes, though all was as it should be", changes())
	}
	s.Disable()
	if subscribe(hook); changes() != 2 || c.Credentials.Signing != first.Credentials.Signing {
		t.Errorf("%d changes", changes())
	}
	c.Credentials.Signing = "" // lost
	if subscribe(hook); c.Credentials.Signing == first.Credentials.Signing || first.Settings[settingEndpoint] == c.Settings[settingEndpoint] {
		t.Error("the secret is the old one, or the settings were changed in place")
	}
	subscribe(hook + "/moved")
	if err := (Connector{}).Uninstall(ctx, s.app, c); err != nil || len(s.Endpoints()) != 0 {
		t.Errorf("uninstalled: %v, %v", err, s.Endpoints())
	}
	if err := (Connector{}).Uninstall(ctx, s.app, c); err != nil {
		t.Errorf("twice: %v", err)
	}
}

// TestSubscribeRefused leaves it to polling.
func TestSubscribeRefused(t *testing.T) {
	t.Parallel()
	for _, conf := range []stripetest.Config{{Without: []string{"webhook_endpoints"}}, {Private: true}} {
		s := newStage(t, conf)
		c := s.connected(t)
		var refused *connectors.RefusedError
		if _, err := (Connector{}).Subscribe(context.Background(), s.app, c, "http://127.0.0.1/hook"); !errors.As(err, &refused) {
			t.Errorf("got %v", err)
		}
		if err := (Connector{}).Uninstall(context.Background(), s.app, c); err != nil {
			t.Errorf("uninstalled: %v", err)
		}
	}
	s := newStage(t, stripetest.Config{})
	c := s.connected(t)
	s.server.Revoke()
	if _, err := (Connector{}).Subscribe(context.Background(), s.app, c, hook); !errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("got %v", err)
	}
	if (Connector{}).Every() != time.Hour {
		t.Error("polled at another pace")
	}
}

// TestStrict holds the stand-in against what Stripe refuses.
func TestStrict(t *testing.T) {
	t.Parallel()
	s := newStage(t, stripetest.Config{PerSecond: 40})
	stripetest.Past(s.World, 1, 1)
	s.Advance(time.Second)
	a := api{s.app, stripetest.DefaultKey}
	for name, c := range map[string]struct {
		path string
		q    url.Values
		want int
	}{
		"a list":               {"customers", values("limit", "3"), 0},
		"an unknown parameter": {"customers", values("status", "all"), 400},
		"too many at once":     {"customers", values("limit", "101"), 400},
		"after nothing":        {"customers", values("starting_after", "cus_none"), 400},
		"an unknown path":      {"customer", nil, 404},
		"an unknown id":        {"invoices/in_none", nil, 404},
		"too deep":             {"subscriptions", values("expand[]", "data.items.data.price.tiers"), 400},
		"not expandable":       {"invoices", values("expand[]", "data.number.x"), 400},
		"items of nothing":     {"subscription_items", nil, 400},
		"21 types":             {"events", url.Values{"types[]": make([]string, 21)}, 400},
	} {
		if got := status(a.get(context.Background(), c.path, c.q, &struct{}{})); got != c.want {
			t.Errorf("%s: %d, not %d", name, got, c.want)
		}
	}
	if got := status((api{s.app, "rk_test_other"}).get(context.Background(), "customers", nil, &struct{}{})); got != 401 {
		t.Errorf("another key: %d", got)
	}
	var limit *connectors.RateLimitError
	for range 40 {
		if err := a.get(context.Background(), "customers", nil, &struct{}{}); errors.As(err, &limit) {
			break
		}
	}
	if limit == nil || limit.After != time.Second {
		t.Errorf("no limit: %v", limit)
	}
}
