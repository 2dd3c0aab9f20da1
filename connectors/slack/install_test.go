package slack

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/slack/slacktest"
)

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

// visit follows InstallURL as a browser does and returns what comes back.
func (s *stage) visit(t *testing.T, state string) url.Values {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Get(connector{}.InstallURL(s.app, state, verifier))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		t.Fatalf("status %d: %v", resp.StatusCode, err)
	}
	return back.Query()
}

func TestInstall(t *testing.T) {
	t.Parallel()
	for _, pkce := range []bool{false, true} {
		for _, rotate := range []bool{false, true} {
			s := newStage(t, slacktest.Config{PKCE: pkce, Rotate: rotate})
			q := s.visit(t, "a state & more")
			if q.Get("state") != "a state & more" {
				t.Errorf("state %q", q.Get("state"))
			}
			c, err := connector{}.Install(context.Background(), s.app, q, verifier)
			if err != nil {
				t.Fatal(err)
			}
			if c.ExternalID != "T0000ATELIER" || c.Name != "Atelier" || c.Settings[settingPlan] != "free" || c.Settings[settingBot] != slacktest.BotUser {
				t.Errorf("connection %q %q %v", c.ExternalID, c.Name, c.Settings)
			}
			if !strings.HasPrefix(c.Credentials.Access, "xoxb-") || (c.Credentials.Refresh != "") != rotate || !rotate && !c.Credentials.Expires.IsZero() ||
				rotate && !c.Credentials.Expires.Equal(s.Now().Add(12*time.Hour)) {
				t.Errorf("credentials end at %v", c.Credentials.Expires)
			}
			if !slices.Contains(c.Granted, "channels:history") || !c.Measures.Joins || !c.Measures.ReplyLinks {
				t.Errorf("granted %v, measures %+v", c.Granted, c.Measures)
			}
			if _, err := (connector{}).Install(context.Background(), s.app, q, verifier); installReason(err) != "expired" {
				t.Errorf("the same code again: %v", err)
			}
		}
	}
}

func installReason(err error) string {
	var e *connectors.InstallError
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}

func TestInstallRefused(t *testing.T) {
	t.Parallel()
	missing := slices.DeleteFunc(slices.Clone(everyScope), func(x string) bool { return x == "channels:join" || x == "users:read" })
	cases := []struct {
		name   string
		config slacktest.Config
		change func(s *stage, q url.Values)
		want   string
		names  []string
	}{
		{name: "declined", config: slacktest.Config{Deny: true}, want: "denied"},
		{name: "another error", change: func(_ *stage, q url.Values) { q.Del("code"); q.Set("error", "invalid_scope") }, want: "refused"},
		{name: "no code", change: func(_ *stage, q url.Values) { q.Del("code") }, want: "refused"},
		{name: "foreign code", change: func(_ *stage, q url.Values) { q.Set("code", "x") }, want: "expired"},
		{name: "late", change: func(s *stage, _ url.Values) { s.Advance(11 * time.Minute) }, want: "expired"},
		{name: "wrong secret", change: func(s *stage, _ url.Values) { s.app.Secret = "other" }, want: "refused"},
		{name: "other address", change: func(s *stage, _ url.Values) { s.app.Redirect += "/" }, want: "refused"},
		{name: "fewer scopes", config: slacktest.Config{Scopes: missing}, want: "scopes", names: []string{"channels:join", "users:read"}},
		{name: "down", change: func(s *stage, _ url.Values) { s.server.Fail(slacktest.Fault{Kind: slacktest.FaultServer}) }, want: "unreachable"},
		{name: "busy", change: func(s *stage, _ url.Values) { s.server.Fail(slacktest.Fault{Kind: slacktest.FaultLimit}) }, want: "unreachable"},
		{name: "not there", change: func(s *stage, _ url.Values) { s.app.Base = "http://127.0.0.1:1" }, want: "unreachable"},
		{name: "its own mistake", change: func(s *stage, _ url.Values) {
			s.server.Fail(slacktest.Fault{Kind: slacktest.FaultRefuse, Code: "internal_error"})
		}, want: "unreachable"},
		{name: "wrong verifier", config: slacktest.Config{PKCE: true}, change: func(s *stage, _ url.Values) { s.app.Options[optionPKCE] = "" }, want: "refused"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, c.config)
			q := s.visit(t, "s")
			if c.change != nil {
				c.change(s, q)
			}
			got, err := connector{}.Install(context.Background(), s.app, q, verifier)
			var e *connectors.InstallError
			if !errors.As(err, &e) || e.Reason != c.want || !slices.Equal(e.Names, c.names) {
				t.Fatalf("got %+v, %v, want %s", got.ExternalID, err, c.want)
			}
			for _, secret := range []string{"hush-hush", "xoxb", "code-", verifier} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("a secret is in %q", err)
				}
			}
		})
	}
}

// TestInstallOrganisation refuses an installation for a whole organisation.
func TestInstallOrganisation(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{})
	s.app.HTTP = &http.Client{Transport: canned(`{"ok":true,"access_token":"xoxb-1","token_type":"bot","scope":"` + strings.Join(everyScope, ",") + `","team":null,"enterprise":{"id":"E1"},"is_enterprise_install":true}`)}
	if _, err := (connector{}).Install(context.Background(), s.app, url.Values{"code": {"a"}}, ""); installReason(err) != "account" {
		t.Errorf("got %v", err)
	}
	s.app.HTTP = &http.Client{Transport: canned(`{"ok":false}`)}
	if _, err := (connector{}).Install(context.Background(), s.app, url.Values{"code": {"a"}}, ""); installReason(err) != "refused" {
		t.Errorf("an answer without anything: %v", err)
	}
}

// canned answers every request alike.
type canned string

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: ioBody(string(c)), Request: r}, nil
}

func TestMissing(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		app  connectors.App
		want []string
	}{
		{"nothing", connectors.App{}, []string{"ID", "Secret", "SigningSecret", "Redirect"}},
		{"all", connectors.App{ID: "1", Secret: "2", SigningSecret: "3", Redirect: "4"}, nil},
		{"by socket", connectors.App{ID: "1", Secret: "2", Token: "xapp", Redirect: "4"}, nil},
	}
	for _, c := range cases {
		if got := (connector{}).Missing(c.app); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestRotation renews a token for as many times as it ends, and what was used
// once is of no use again.
func TestRotation(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{Rotate: true, Tier: tierInternal})
	c, err := connector{}.Install(context.Background(), s.app, s.visit(t, "s"), verifier)
	if err != nil {
		t.Fatal(err)
	}
	life(s.World, 8)
	first := c.Credentials
	for range 3 {
		s.Advance(c.Credentials.Expires.Sub(s.Now()))
		if _, err := (connector{}).Members(context.Background(), s.app, c, ""); !errors.Is(err, connectors.ErrRevoked) {
			t.Errorf("after its end: %v", err)
		}
		fresh, err := connector{}.Refresh(context.Background(), s.app, c)
		if err != nil {
			t.Fatal(err)
		}
		if fresh.Access == c.Credentials.Access || fresh.Refresh == c.Credentials.Refresh || !fresh.Expires.Equal(s.Now().Add(12*time.Hour)) {
			t.Errorf("nothing new: ends at %v", fresh.Expires)
		}
		c.Credentials = fresh
		if _, err := (connector{}).Members(context.Background(), s.app, c, ""); err != nil {
			t.Error(err)
		}
	}
	c.Credentials = first
	if _, err := (connector{}).Refresh(context.Background(), s.app, c); !errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("a refresh token used twice: %v", err)
	}
}

// TestRotationSingleWriter shows why one call at a time is made: of two at once, one loses.
func TestRotationSingleWriter(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{Rotate: true})
	c, err := connector{}.Install(context.Background(), s.app, s.visit(t, "s"), verifier)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	results := make([]error, 8)
	for i := range results {
		wg.Go(func() { _, results[i] = connector{}.Refresh(context.Background(), s.app, c) })
	}
	wg.Wait()
	good := 0
	for _, err := range results {
		switch {
		case err == nil:
			good++
		case !errors.Is(err, connectors.ErrRevoked):
			t.Error(err)
		}
	}
	if good != 1 {
		t.Errorf("%d of the refreshes were good", good)
	}
}

func TestRefreshWithout(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{})
	c := s.connected()
	if got, err := (connector{}).Refresh(context.Background(), s.app, c); err != nil || got != c.Credentials {
		t.Errorf("a token without an end: %v", err)
	}
	c.Credentials.Expires = s.Now()
	if _, err := (connector{}).Refresh(context.Background(), s.app, c); !errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("no refresh token: %v", err)
	}
	c.Credentials.Refresh = "xoxe-1-x"
	for kind, want := range map[slacktest.FaultKind]bool{slacktest.FaultServer: false, slacktest.FaultCut: false, slacktest.FaultLimit: false} {
		s.server.Fail(slacktest.Fault{Kind: kind, Retry: 9})
		_, err := connector{}.Refresh(context.Background(), s.app, c)
		if err == nil || errors.Is(err, connectors.ErrRevoked) != want {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestUninstall(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{})
	sender := &slacktest.Sender{World: s.World}
	sender.Follow()
	c := s.connected()
	if err := (connector{}).Uninstall(context.Background(), s.app, c); err != nil {
		t.Fatal(err)
	}
	if _, err := (connector{}).Members(context.Background(), s.app, c, ""); !errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("the token is still good: %v", err)
	}
	if err := (connector{}).Uninstall(context.Background(), s.app, c); err != nil {
		t.Errorf("again: %v", err)
	}
	if list := sender.Take(); len(list) != 2 {
		t.Errorf("told of %v", list)
	}
	other := newStage(t, slacktest.Config{})
	c = other.connected()
	other.app.Secret = "changed meanwhile"
	if err := (connector{}).Uninstall(context.Background(), other.app, c); err != nil {
		t.Fatal(err)
	}
	if _, err := (connector{}).Members(context.Background(), other.app, c, ""); !errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("only the token could be withdrawn, and was not: %v", err)
	}
	other.server.Fail(slacktest.Fault{Kind: slacktest.FaultServer})
	if err := (connector{}).Uninstall(context.Background(), other.app, c); err == nil {
		t.Error("down, and no error")
	}
}

// TestErrorWords keeps what Slack says out of an error unless it is a word of its own.
func TestErrorWords(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"missing_scope": "missing_scope", "": "refused", "Ana said hello": "refused", strings.Repeat("a", 200): "refused", "xoxb-1": "refused",
	} {
		if got := (&apiError{code: code}).Error(); got != want {
			t.Errorf("%q: %q", code, got)
		}
	}
	for h, want := range map[string]time.Duration{"": usualWait, "x": usualWait, "-1": usualWait, "0": time.Second, "30": 30 * time.Second, "999999999": time.Hour} {
		if got := retryAfter(http.Header{"Retry-After": {h}}); got != want {
			t.Errorf("Retry-After %q: %s", h, got)
		}
	}
}
