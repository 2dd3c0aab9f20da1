package slacktest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors/sample"
	"github.com/foyer-app/foyer/connectors/slack/slacktest"
)

// TestStageDelivers: nothing is told before somebody installs the application; then
// what is played is, signed, and all of it twice when that goes wrong.
func TestStageDelivers(t *testing.T) {
	t.Parallel()
	var events, limits atomic.Int64
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case r.Header.Get("X-Slack-Signature") == "":
			w.WriteHeader(http.StatusUnauthorized)
		case strings.Contains(string(body), "app_rate_limited"):
			limits.Add(1)
		default:
			events.Add(1)
		}
	}))
	defer hook.Close()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	story := sample.Generate(1, now.AddDate(0, 0, 20))
	o := sample.Staging{Story: &story, Since: now.AddDate(0, 0, -14), Now: now, Redirect: "http://127.0.0.1:1/back", Hook: hook.URL}
	s, err := slacktest.NewStage(o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	future := o.Future(sample.Workspace)
	play := func(n int) {
		for _, i := range future[:n] {
			s.Play(i)
		}
		if future = future[n:]; s.Deliver(t.Context()) != nil {
			t.Error("not delivered")
		}
	}
	play(20)
	if events.Load() != 0 || s.Connected() {
		t.Errorf("%d events are told to nobody", events.Load())
	}
	install(t, s)
	if !s.Connected() {
		t.Fatal("not connected")
	}
	play(20)
	once := events.Load()
	if name, err := s.Trouble(t.Context(), 0); name != "held" || err != nil || limits.Load() != 1 {
		t.Errorf("%s, %v, %d notices", name, err, limits.Load())
	}
	if name, err := s.Trouble(t.Context(), 1); name != "repeated" || err != nil {
		t.Errorf("%s, %v", name, err)
	}
	play(20)
	twice := events.Load() - once
	play(0)
	if once == 0 || twice == 0 || twice%2 != 0 {
		t.Errorf("%d events, then %d", once, twice)
	}
}

// install agrees, exchanges the code and lets the application into all channels.
func install(t *testing.T, s *slacktest.Stage) {
	t.Helper()
	set := s.Settings()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	back, err := s.Agree(t.Context(), client, set["BASE"]+"/oauth/v2/authorize?client_id="+set["CLIENT_ID"]+
		"&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fback&scope=channels:read,channels:join&state=s")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(back, "code=")
	code, _, _ = strings.Cut(code, "&")
	token := call(t, set["BASE"]+"/api/oauth.v2.access", "", "client_id="+set["CLIENT_ID"]+"&client_secret="+set["CLIENT_SECRET"]+
		"&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fback&code="+code, "access_token")
	if token == "" {
		t.Fatal("no token")
	}
	list := call(t, set["BASE"]+"/api/conversations.list", token, "", "")
	for part := range strings.SplitSeq(list, `"id":"C`) {
		if id, _, ok := strings.Cut(part, `"`); ok && strings.HasPrefix(id, "0") {
			call(t, set["BASE"]+"/api/conversations.join", token, "channel=C"+id, "")
		}
	}
}

// call makes a call and returns the text of one field, or the whole answer.
func call(t *testing.T, address, token, form, field string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if field == "" {
		return string(body)
	}
	_, value, _ := strings.Cut(string(body), `"`+field+`":"`)
	value, _, _ = strings.Cut(value, `"`)
	return value
}
