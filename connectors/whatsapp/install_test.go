package whatsapp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/whatsapp"
	"github.com/foyer-app/foyer/connectors/whatsapp/whatsapptest"
)

// site is a world behind its Graph API, and the application that calls it.
type site struct {
	world *whatsapptest.World
	app   connectors.App
	log   *bytes.Buffer
	one   *whatsapptest.Number
	two   *whatsapptest.Number
}

func newSite(t *testing.T, change func(*whatsapptest.Options)) *site {
	t.Helper()
	o := options()
	o.Redirect = "http://127.0.0.1/connected"
	if change != nil {
		change(&o)
	}
	s := &site{world: whatsapptest.New(o), app: application(), log: &bytes.Buffer{}}
	s.one = s.world.AddNumber("Atelier Lisière", "+33 1 00 00 00 01")
	s.two = s.world.AddNumber("", "+33 1 00 00 00 02")
	graph := httptest.NewServer(s.world)
	t.Cleanup(graph.Close)
	s.app.Base, s.app.HTTP, s.app.Now, s.app.Log = graph.URL, graph.Client(), time.Now, slog.New(slog.NewTextHandler(s.log, nil))
	return s
}

func (s *site) install(query url.Values) (connectors.Connection, error) {
	return whatsapp.Connector{}.Install(context.Background(), s.app, query, "verifier")
}

func TestInstall(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	c, err := s.install(url.Values{"code": {s.world.Code(s.one)}, "waba_id": {s.world.Owner()}, "phone_number_id": {s.one.ID}, "event": {"FINISH"}})
	if err != nil {
		t.Fatal(err)
	}
	if c.ExternalID != s.one.ID || c.Name != "Atelier Lisière" || !strings.HasPrefix(c.Credentials.Access, "EAA") || !c.Credentials.Expires.IsZero() {
		t.Errorf("%+v", c)
	}
	if c.Settings[connectors.SettingOwner] != s.world.Owner() || c.Settings["number"] != "+33100000001" || !slices.Equal(c.Granted, whatsapptest.Permissions()) {
		t.Errorf("%+v, %v", c.Settings, c.Granted)
	}
	if c.Measures.Joins || c.Measures.MemberList || !c.Measures.Reactions {
		t.Errorf("%+v", c.Measures)
	}
	if !s.world.Subscribed() {
		t.Error("the account was not subscribed to")
	}
	// Without ids from the page: the token's account, its newest number, and the
	// number's own form where it has no name.
	c, err = s.install(url.Values{"code": {s.world.Code(s.two)}})
	if err != nil || c.ExternalID != s.two.ID || c.Name != "+33 1 00 00 00 02" {
		t.Errorf("%v, %+v", err, c)
	}
	if err := (whatsapp.Connector{}).Uninstall(context.Background(), s.app, c); err != nil || s.world.Subscribed() {
		t.Errorf("uninstall: %v", err)
	}
	s.world.Withdraw(c.Credentials.Access)
	if err := (whatsapp.Connector{}).Uninstall(context.Background(), s.app, c); err != nil {
		t.Errorf("uninstall with a withdrawn token: %v", err)
	}
}

func TestInstallByTheDialog(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.two.Coexistence = true
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(whatsapp.Connector{}.InstallURL(s.app, "opaque state", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	back, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || back.Query().Get("state") != "opaque state" {
		t.Fatalf("%v, %v", err, back)
	}
	c, err := s.install(back.Query())
	if err != nil || c.ExternalID != s.two.ID || c.Settings["history"] != "asked" {
		t.Errorf("%v, %+v", err, c)
	}
	s.two.Coexistence = false
	c, err = s.install(url.Values{"code": {s.world.Code(s.two)}, "event": {"FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"}})
	if err != nil || c.Settings["history"] != "refused" || !strings.Contains(s.log.String(), "131000") {
		t.Errorf("a refused history: %v, %+v, %s", err, c.Settings, s.log)
	}
	app := s.app
	app.Base = ""
	if u := (whatsapp.Connector{}).InstallURL(app, "s", ""); !strings.HasPrefix(u, "https://www.facebook.com/v25.0/dialog/oauth?") || strings.Contains(u, "secret") {
		t.Error(u)
	}
}

func TestInstallRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		query  func(*site) url.Values
		reason string
	}{
		{"cancelled", func(*site) url.Values { return url.Values{"event": {"CANCEL"}} }, "denied"},
		{"denied", func(*site) url.Values { return url.Values{"error": {"access_denied"}} }, "denied"},
		{"error", func(*site) url.Values { return url.Values{"event": {"ERROR"}, "code": {"x"}} }, "refused"},
		{"no code", func(*site) url.Values { return url.Values{} }, "refused"},
		{"unknown code", func(*site) url.Values { return url.Values{"code": {"AQ1"}} }, "expired"},
		{"used code", func(s *site) url.Values {
			q := url.Values{"code": {s.world.Code(s.one)}}
			if _, err := s.install(q); err != nil {
				t.Error(err)
			}
			return q
		}, "expired"},
		{"another account", func(s *site) url.Values {
			return url.Values{"code": {s.world.Code(s.one)}, "waba_id": {"123"}, "phone_number_id": {s.one.ID}}
		}, "account"},
		{"another number", func(s *site) url.Values {
			return url.Values{"code": {s.world.Code(s.one)}, "waba_id": {s.world.Owner()}, "phone_number_id": {"123"}}
		}, "account"},
		{"an address for an id", func(s *site) url.Values {
			return url.Values{"code": {s.world.Code(s.one)}, "waba_id": {"1/../2?x="}}
		}, "account"},
		{"unreachable", func(s *site) url.Values {
			s.world.Fault(whatsapptest.Fault{Times: 1, Status: 503})
			return url.Values{"code": {s.world.Code(s.one)}}
		}, "unreachable"},
		{"transient", func(s *site) url.Values {
			s.world.Fault(whatsapptest.Fault{Path: "debug_token", Times: 1, Status: 500, Code: 2})
			return url.Values{"code": {s.world.Code(s.one)}}
		}, "unreachable"},
		{"slow", func(s *site) url.Values {
			s.world.Fault(whatsapptest.Fault{Path: "debug_token", Times: 1, Slow: time.Minute})
			client := *s.app.HTTP
			client.Timeout = 200 * time.Millisecond
			s.app.HTTP = &client
			return url.Values{"code": {s.world.Code(s.one)}}
		}, "unreachable"},
		{"cut", func(s *site) url.Values {
			s.world.Fault(whatsapptest.Fault{Path: "phone_numbers", Times: 1, Cut: true})
			return url.Values{"code": {s.world.Code(s.one)}}
		}, "unreachable"},
		{"no JSON", func(s *site) url.Values {
			s.world.Fault(whatsapptest.Fault{Path: "phone_numbers", Times: 1})
			return url.Values{"code": {s.world.Code(s.one)}}
		}, "unreachable"},
		{"wrong secret", func(s *site) url.Values {
			q := url.Values{"code": {s.world.Code(s.one)}}
			s.world.Fault(whatsapptest.Fault{Path: "debug_token", Times: 1, Status: 401, Code: 190})
			return q
		}, "refused"},
		{"no permission", func(s *site) url.Values {
			s.world.Fault(whatsapptest.Fault{Path: "subscribed_apps", Times: 1, Status: 403, Code: 200})
			return url.Values{"code": {s.world.Code(s.one)}}
		}, "scopes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, nil)
			_, err := s.install(tt.query(s))
			wantReason(t, err, tt.reason)
			for _, secret := range []string{"app-secret", "EAA", "AQ"} {
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells a secret: %v", err)
				}
			}
		})
	}
}

func wantReason(t *testing.T, err error, reason string) {
	t.Helper()
	var refused *connectors.InstallError
	if !errors.As(err, &refused) || refused.Reason != reason {
		t.Errorf("%v, want the reason %s", err, reason)
	}
}

func TestInstallManual(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	s := newSite(t, func(o *whatsapptest.Options) { o.Now = func() time.Time { return now } })
	good := s.world.Token(whatsapptest.Permissions(), now.Add(time.Hour))
	half := s.world.Token(whatsapptest.Permissions()[:1], time.Time{})
	old := s.world.Token(whatsapptest.Permissions(), now.Add(-time.Hour))
	withdrawn := s.world.Token(whatsapptest.Permissions(), time.Time{})
	s.world.Withdraw(withdrawn)
	try := func(owner, number, token string) (connectors.Connection, error) {
		return whatsapp.Connector{}.InstallManual(context.Background(), s.app, map[string]string{
			"waba_id": owner, "phone_number_id": number, "token": token,
		})
	}
	c, err := try(s.world.Owner(), s.one.ID, good)
	if err != nil || c.ExternalID != s.one.ID || !c.Credentials.Expires.Equal(now.Add(time.Hour)) || !slices.Equal(c.TeamRoles, []string{whatsapp.RoleBusiness}) {
		t.Errorf("%v, %+v", err, c)
	}
	for name, tt := range map[string]struct{ owner, number, token, reason string }{
		"no token":             {s.world.Owner(), s.one.ID, "", "account"},
		"no number":            {s.world.Owner(), "", good, "account"},
		"no id":                {"12a", s.one.ID, good, "account"},
		"foreign account":      {"123456", s.one.ID, good, "account"},
		"foreign number":       {s.world.Owner(), "123456", good, "account"},
		"invented token":       {s.world.Owner(), s.one.ID, "EAAnothing", "expired"},
		"ended token":          {s.world.Owner(), s.one.ID, old, "expired"},
		"withdrawn token":      {s.world.Owner(), s.one.ID, withdrawn, "expired"},
		"token of another app": {s.world.Owner(), s.one.ID, s.world.ForeignToken(), "account"},
		"token with one scope": {s.world.Owner(), s.one.ID, half, "scopes"},
	} {
		_, err := try(tt.owner, tt.number, tt.token)
		wantReason(t, err, tt.reason)
		var refused *connectors.InstallError
		if tt.reason == "scopes" && errors.As(err, &refused) && !slices.Equal(refused.Names, whatsapptest.Permissions()[1:]) {
			t.Errorf("%s: names %v", name, refused.Names)
		}
	}
	fields := whatsapp.Connector{}.Fields()
	if len(fields) != 3 || !fields[2].Secret || fields[0].Secret {
		t.Errorf("%+v", fields)
	}
}

func TestManyNumbers(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for i := range 230 {
		s.world.AddNumber("", fmt.Sprintf("+33 1 00 00 %02d %02d", 1+i/100, i%100))
	}
	c, err := whatsapp.Connector{}.InstallManual(context.Background(), s.app, map[string]string{
		"waba_id": s.world.Owner(), "phone_number_id": s.one.ID, "token": s.world.Token(whatsapptest.Permissions(), time.Time{}),
	})
	if err != nil || c.ExternalID != s.one.ID {
		t.Errorf("the number on the third page: %v, %+v", err, c)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	header := func(key, value string) http.Header { return http.Header{key: {value}} }
	tests := []struct {
		name  string
		fault whatsapptest.Fault
		after time.Duration
	}{
		{"application", whatsapptest.Fault{Code: 4}, time.Minute},
		{"account", whatsapptest.Fault{Code: 80007}, time.Minute},
		{"throughput", whatsapptest.Fault{Code: 130429, Status: 429}, time.Minute},
		{"status alone", whatsapptest.Fault{Status: 429}, time.Minute},
		{"seconds", whatsapptest.Fault{Code: 4, Header: header("Retry-After", "17")}, 17 * time.Second},
		{"negative", whatsapptest.Fault{Code: 4, Header: header("Retry-After", "-17")}, time.Minute},
		{"for ever", whatsapptest.Fault{Code: 4, Header: header("Retry-After", "9999999")}, 24 * time.Hour},
		{"usage", whatsapptest.Fault{Code: 80008, Header: header("X-Business-Use-Case-Usage", `{"1":[{"estimated_time_to_regain_access":7}]}`)}, 7 * time.Minute},
		{"odd usage", whatsapptest.Fault{Code: 80008, Header: header("X-Business-Use-Case-Usage", `[1`)}, time.Minute},
	}
	for _, tt := range tests {
		s := newSite(t, nil)
		tt.fault.Times, tt.fault.Path = 1, "phone_numbers"
		s.world.Fault(tt.fault)
		_, err := s.install(url.Values{"code": {s.world.Code(s.one)}})
		var limit *connectors.RateLimitError
		if !errors.As(err, &limit) || limit.After != tt.after {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	s := newSite(t, func(o *whatsapptest.Options) { o.CallsPerHour = 1 })
	_, err := s.install(url.Values{"code": {s.world.Code(s.one)}})
	var limit *connectors.RateLimitError
	if !errors.As(err, &limit) || limit.After != time.Hour {
		t.Errorf("over the hourly limit: %v", err)
	}
}

func TestRevoked(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	c := connectors.Connection{ExternalID: s.one.ID, Settings: map[string]string{connectors.SettingOwner: s.world.Owner()}}
	c.Credentials.Access = s.world.Token(nil, time.Time{})
	if err := (whatsapp.Connector{}).Uninstall(context.Background(), s.app, c); err == nil || errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("without the permission: %v", err)
	}
	if err := (whatsapp.Connector{}).Uninstall(context.Background(), s.app, connectors.Connection{}); err == nil {
		t.Error("a connection without an account was given back")
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	if got := (whatsapp.Connector{}).Missing(application()); len(got) != 0 {
		t.Errorf("%v", got)
	}
	if got := (whatsapp.Connector{}).Missing(connectors.App{}); !slices.Equal(got, []string{"app_id", "app_secret", "verify_token", "config_id"}) {
		t.Errorf("%v", got)
	}
}
