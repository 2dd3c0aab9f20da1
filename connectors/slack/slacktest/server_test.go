package slacktest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// stage is a server with a channel that holds 20 messages, and a token.
func stage(t *testing.T, c Config) (s *Server, address, token, channel string) {
	t.Helper()
	w := NewWorld(Team{ID: "T0000ATELIER", Name: "Atelier"}, start)
	w.Install()
	channel = w.Channel("general", BotUser, false)
	for range 20 {
		w.Post(channel, "U00000001", "hello")
	}
	s = NewServer(w, c)
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return s, srv.URL, s.Token("channels:history", "channels:read", "users:read"), channel
}

func post(t *testing.T, address, method, token, kind string, args url.Values) (map[string]any, *http.Response) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, address+"/api/"+method, strings.NewReader(args.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%s: %s", err, body)
	}
	return answer, resp
}

const form = "application/x-www-form-urlencoded"

func TestStrict(t *testing.T) {
	t.Parallel()
	s, address, token, channel := stage(t, Config{Unlimited: true, ClientID: "client", ClientSecret: "hush", AppToken: "xapp-1"})
	other := s.World.Channel("other", "U00000001", false)
	secret := s.World.Channel("secret", "U00000001", true)
	ended := s.Token("channels:history")
	s.tokens[ended].expires = start
	of := func(list ...string) url.Values {
		v := url.Values{}
		for i := 0; i < len(list); i += 2 {
			v.Set(list[i], list[i+1])
		}
		return v
	}
	cases := []struct {
		name, method, token, kind string
		args                      url.Values
		want                      string
	}{
		{"good", "conversations.history", token, form, of("channel", channel), ""},
		{"token in the form", "conversations.history", "", form, of("channel", channel, "token", token), ""},
		{"no such method", "conversations.everything", token, form, of(), "unknown_method"},
		{"no token", "conversations.history", "", form, of("channel", channel), "not_authed"},
		{"foreign token", "conversations.history", "xoxb-x", form, of("channel", channel), "invalid_auth"},
		{"token that ended", "conversations.history", ended, form, of("channel", channel), "token_expired"},
		{"no content type", "conversations.history", token, "", of("channel", channel), "missing_post_type"},
		{"text", "conversations.history", token, "text/plain", of("channel", channel), "invalid_post_type"},
		{"JSON where a form is wanted", "conversations.history", token, "application/json", of(), "invalid_post_type"},
		{"no channel", "conversations.history", token, form, of(), "invalid_arguments"},
		{"no such channel", "conversations.history", token, form, of("channel", "C1"), "channel_not_found"},
		{"private", "conversations.history", token, form, of("channel", secret), "channel_not_found"},
		{"not a member", "conversations.history", token, form, of("channel", other), "not_in_channel"},
		{"scope of joining", "conversations.join", token, form, of("channel", other), "missing_scope"},
		{"scope of private channels", "conversations.list", token, form, of("types", "private_channel"), "missing_scope"},
		{"kind of channel", "conversations.list", token, form, of("types", "im"), "invalid_types"},
		{"limit of letters", "conversations.history", token, form, of("channel", channel, "limit", "all"), "invalid_limit"},
		{"limit too large", "conversations.history", token, form, of("channel", channel, "limit", "1000"), "invalid_limit"},
		{"foreign cursor", "conversations.history", token, form, of("channel", channel, "cursor", "x"), "invalid_cursor"},
		{"cursor of another method", "users.list", token, form, of("cursor", "Y29udmVyc2F0aW9ucy5oaXN0b3J5OjE="), "invalid_cursor"},
		{"time of letters", "conversations.history", token, form, of("channel", channel, "oldest", "yesterday"), "invalid_ts_oldest"},
		{"no such thread", "conversations.replies", token, form, of("channel", channel, "ts", "1.1"), "thread_not_found"},
		{"a bot's token for a socket", "apps.connections.open", token, form, of(), "not_allowed_token_type"},
		{"no sockets", "apps.connections.open", "xapp-1", form, of(), "socket_mode_not_enabled"},
		{"foreign application", "oauth.v2.access", "", form, of("client_id", "x", "code", "y"), "invalid_client_id"},
		{"wrong secret", "oauth.v2.access", "", form, of("client_id", "client", "client_secret", "y"), "bad_client_secret"},
		{"no such code", "oauth.v2.access", "", form, of("client_id", "client", "client_secret", "hush", "code", "y"), "invalid_code"},
	}
	for _, c := range cases {
		got, _ := post(t, address, c.method, c.token, c.kind, c.args)
		code, _ := got["error"].(string)
		if code != c.want || got["ok"] != (c.want == "") {
			t.Errorf("%s: %v, want %q", c.name, got["error"], c.want)
		}
	}
	for _, c := range s.Calls() {
		if c.Args.Has("token") || c.Args.Has("client_secret") || c.Args.Has("code") {
			t.Errorf("a secret was recorded: %v", c.Args)
		}
	}
}

// TestLimits asks too often, with and without the strict limits.
func TestLimits(t *testing.T) {
	t.Parallel()
	s, address, token, channel := stage(t, Config{})
	args := url.Values{"channel": {channel}, "limit": {"200"}}
	got, _ := post(t, address, "conversations.history", token, form, args)
	if list, _ := got["messages"].([]any); len(list) != 15 || got["has_more"] != true {
		t.Errorf("%d messages, more %v", len(list), got["has_more"])
	}
	s.World.Advance(20 * time.Second)
	got, resp := post(t, address, "conversations.history", token, form, args)
	if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "40" || got["error"] != "ratelimited" {
		t.Errorf("status %d, wait %q, %v", resp.StatusCode, resp.Header.Get("Retry-After"), got)
	}
	s.World.Advance(40 * time.Second)
	if got, _ = post(t, address, "conversations.history", token, form, args); got["ok"] != true {
		t.Errorf("after the wait: %v", got)
	}
	s.Configure(func(c *Config) { c.Tier = "internal" })
	got, _ = post(t, address, "conversations.history", token, form, args)
	if list, _ := got["messages"].([]any); len(list) != 20 || got["has_more"] != false {
		t.Errorf("internal: %d messages, more %v", len(list), got["has_more"])
	}
	limited := 0
	for range 25 {
		if _, resp := post(t, address, "users.list", token, form, nil); resp.StatusCode == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited != 5 {
		t.Errorf("%d of 25 were limited", limited)
	}
}

// TestTruth counts what is there, and not what was taken back.
func TestTruth(t *testing.T) {
	t.Parallel()
	w := NewWorld(Team{ID: "T0000ATELIER"}, start)
	w.Install()
	c := w.Channel("general", BotUser, false)
	kept, gone := w.Post(c, "U1", "a"), w.Post(c, "U2", "b")
	w.Reply(c, kept, "U2", "c", false)
	w.React(c, kept, "U2", "tada")
	w.React(c, kept, "U2", "tada")
	w.React(c, kept, "U3", "tada")
	w.Unreact(c, kept, "U3", "tada")
	w.React(c, gone, "U3", "tada")
	w.Delete(c, gone)
	w.Edit(c, kept, "d")
	w.Unfold(c, kept)
	elsewhere := w.Channel("elsewhere", "U1", false)
	w.Post(elsewhere, "U1", "unseen")
	u := w.Join(User{Name: "new"})
	w.Leave(u)
	w.Leave(u)
	got := w.Truth()
	if got.Messages != 2 || got.Replies != 1 || got.Edited != 1 || got.Reactions != 1 || got.Joins != 1 || got.Leaves != 1 || got.ByUser["U1"] != 1 {
		t.Errorf("got %+v", got)
	}
}
