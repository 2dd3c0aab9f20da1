package discordtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/foyer-app/foyer/connectors/discord/discordtest"
)

func start(t *testing.T, o discordtest.Options) *discordtest.Server {
	t.Helper()
	s, err := discordtest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// ask sends a request as a bot does, changed by spoil.
func ask(t *testing.T, s *discordtest.Server, path string, spoil func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/v10"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bot bot-token")
	r.Header.Set("User-Agent", "DiscordBot (https://example.org, 1)")
	if spoil != nil {
		spoil(r)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func TestRESTIsStrict(t *testing.T) {
	t.Parallel()
	s := start(t, discordtest.Options{PerBucket: 1000, Global: 1000})
	g := s.World.AddGuild("g")
	text := s.World.AddChannel(g, "text", discordtest.Text, 0)
	blind := s.World.AddChannel(g, "blind", discordtest.Text, discordtest.ReadHistory)
	shut := s.World.AddChannel(g, "shut", discordtest.Text, discordtest.ViewChannel)
	forum := s.World.AddChannel(g, "forum", discordtest.Forum, 0)
	u := s.World.AddUser("u")
	s.World.Join(g, u, "")
	s.World.Post(text, u, "hello")
	s.World.Post(blind, u, "hello")
	cases := map[string]struct {
		path   string
		spoil  func(*http.Request)
		status int
		body   string // that the answer holds
	}{
		"a page":             {"/channels/" + text + "/messages", nil, 200, `"content":"hello"`},
		"another token":      {"/users/@me", func(r *http.Request) { r.Header.Set("Authorization", "Bot x") }, 401, ""},
		"token without Bot":  {"/users/@me", func(r *http.Request) { r.Header.Set("Authorization", "bot-token") }, 401, ""},
		"no user agent":      {"/users/@me", func(r *http.Request) { r.Header.Set("User-Agent", "Go") }, 403, ""},
		"unknown path":       {"/nothing", nil, 404, ""},
		"unknown server":     {"/guilds/1", nil, 404, "10004"},
		"unknown channel":    {"/channels/1/messages", nil, 404, "10003"},
		"limit too high":     {"/channels/" + text + "/messages?limit=101", nil, 400, "50035"},
		"limit of zero":      {"/channels/" + text + "/messages?limit=0", nil, 400, "50035"},
		"both sides":         {"/channels/" + text + "/messages?before=1&after=1", nil, 400, "50035"},
		"no history":         {"/channels/" + blind + "/messages", nil, 200, "[]"},
		"no access":          {"/channels/" + shut + "/messages", nil, 403, "50001"},
		"messages of forum":  {"/channels/" + forum + "/messages", nil, 400, "50008"},
		"one closed thread":  {"/channels/" + forum + "/threads/archived/public?limit=1", nil, 400, "50035"},
		"closed since never": {"/channels/" + forum + "/threads/archived/public?before=1700000000", nil, 400, "50035"},
		"unknown member":     {"/guilds/" + g + "/members/1", nil, 404, "10007"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, body := ask(t, s, c.path, c.spoil)
			if answer.StatusCode != c.status || !strings.Contains(body, c.body) {
				t.Errorf("%d %s", answer.StatusCode, body)
			}
		})
	}
	if _, body := ask(t, s, "/guilds/"+g+"/members", nil); strings.Count(body, `"joined_at"`) != 1 {
		t.Errorf("a page of members without a limit: %s", body)
	}
}

func TestLimitsAreReal(t *testing.T) {
	t.Parallel()
	s := start(t, discordtest.Options{PerBucket: 2, BucketTime: time.Minute})
	for i := range 3 {
		answer, body := ask(t, s, "/users/@me", nil)
		h := answer.Header
		if i < 2 && (answer.StatusCode != 200 || h.Get("X-RateLimit-Remaining") != string(rune('1'-i))) {
			t.Errorf("request %d: %d, %v", i, answer.StatusCode, h)
		}
		if i == 2 && (answer.StatusCode != 429 || h.Get("Retry-After") == "" || h.Get("X-RateLimit-Scope") != "user" || !strings.Contains(body, "retry_after")) {
			t.Errorf("request %d: %d, %v, %s", i, answer.StatusCode, h, body)
		}
	}
	if s.Refused() != 1 {
		t.Errorf("%d refusals", s.Refused())
	}
}

func TestTokenEndpointIsStrict(t *testing.T) {
	t.Parallel()
	s := start(t, discordtest.Options{Redirect: "http://127.0.0.1/back"})
	g := s.World.AddGuild("g")
	page := s.URL + "/oauth2/authorize?" + url.Values{
		"client_id": {"1000000000000000001"}, "response_type": {"code"}, "redirect_uri": {"http://127.0.0.1/back"},
		"scope": {"bot identify"}, "permissions": {"1024"}, "state": {"s"},
	}.Encode()
	back, err := s.Approve(page, g)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(back)
	form := url.Values{"grant_type": {"authorization_code"}, "code": {u.Query().Get("code")}, "redirect_uri": {"http://127.0.0.1/back"}}
	post := func(kind, body, secret string) int {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/oauth2/token", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		r.SetBasicAuth("1000000000000000001", secret)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	const right = "application/x-www-form-urlencoded"
	for i, c := range []struct {
		kind, body, secret string
		status             int
	}{
		{"application/json", `{"grant_type":"authorization_code"}`, "client-secret", 400},
		{right, form.Encode(), "wrong", 401},
		{right, "grant_type=password", "client-secret", 400},
		{right, form.Encode(), "client-secret", 200},
		{right, form.Encode(), "client-secret", 400}, // used
	} {
		if got := post(c.kind, c.body, c.secret); got != c.status {
			t.Errorf("%d: %d, want %d", i, got, c.status)
		}
	}
	for _, change := range []string{"response_type=token", "redirect_uri=http%3A%2F%2Fevil.example", "client_id=2", "permissions=all"} {
		key, _, _ := strings.Cut(change, "=")
		q, _ := url.Parse(page)
		v := q.Query()
		v.Del(key)
		if _, err := s.Approve(s.URL+"/oauth2/authorize?"+v.Encode()+"&"+change, g); err == nil {
			t.Errorf("%s is accepted", change)
		}
	}
}

// say connects, sends messages and returns the code that the connection ends with.
func say(t *testing.T, s *discordtest.Server, messages ...string) int {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+"/?v=10&encoding=json", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	for _, m := range messages {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(m)); err != nil {
			break
		}
	}
	for {
		_, raw, err := conn.Read(t.Context())
		if err != nil {
			return int(websocket.CloseStatus(err))
		}
		var f struct {
			Op int `json:"op"`
		}
		if json.Unmarshal(raw, &f) == nil && f.Op == 9 {
			return -9
		}
	}
}

func TestGatewayIsStrict(t *testing.T) {
	t.Parallel()
	identify := func(token, intents, shard string) string {
		return `{"op":2,"d":{"token":"` + token + `","intents":` + intents + `,"shard":` + shard + `,"properties":{"os":"linux"}}}`
	}
	good := identify("bot-token", "1", "[0,1]")
	cases := map[string]struct {
		messages []string
		code     int
	}{
		"not JSON":             {[]string{"{"}, 4002},
		"unknown operation":    {[]string{`{"op":99,"d":null}`}, 4001},
		"before identifying":   {[]string{`{"op":3,"d":{}}`}, 4003},
		"another token":        {[]string{identify("x", "1", "[0,1]")}, 4004},
		"twice":                {[]string{good, good}, 4005},
		"no intents":           {[]string{`{"op":2,"d":{"token":"bot-token","properties":{"os":"x"}}}`}, 4002},
		"impossible shard":     {[]string{identify("bot-token", "1", "[1,1]")}, 4010},
		"impossible intent":    {[]string{identify("bot-token", "1073741824", "[0,1]")}, 4013},
		"privileged intent":    {[]string{identify("bot-token", "2", "[0,1]")}, 4014},
		"unknown session":      {[]string{`{"op":6,"d":{"token":"bot-token","session_id":"x","seq":1}}`}, -9},
		"too large":            {[]string{`{"op":1,"d":"` + strings.Repeat("x", 5000) + `"}`}, 4002},
		"no heartbeats at all": {[]string{good}, 4000},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, discordtest.Options{NoMembers: true, Heartbeat: 100 * time.Millisecond})
			if got := say(t, s, c.messages...); got != c.code {
				t.Errorf("closed with %d, want %d", got, c.code)
			}
		})
	}
}

func TestIdentifyIsCounted(t *testing.T) {
	t.Parallel()
	good := `{"op":2,"d":{"token":"bot-token","intents":1,"shard":[0,1],"properties":{"os":"linux"}}}`
	s := start(t, discordtest.Options{Starts: 2, Heartbeat: 50 * time.Millisecond})
	if got := say(t, s, good); got != 4000 {
		t.Errorf("first: %d", got)
	}
	if got := say(t, s, good); got != -9 { // within 5 s of the first
		t.Errorf("second: %d", got)
	}
	if got := say(t, s, good); got != 4004 {
		t.Errorf("beyond the budget: %d", got)
	}
	if answer, _ := ask(t, s, "/users/@me", nil); answer.StatusCode != 401 {
		t.Errorf("the token still works: %d", answer.StatusCode)
	}
}
