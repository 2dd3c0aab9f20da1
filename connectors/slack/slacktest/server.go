package slacktest

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Config is the application as it is registered, and how this Slack behaves.
type Config struct {
	ClientID, ClientSecret string
	Redirect               string   // exact; also of codes made by Code
	Scopes                 []string // that are granted; nil for all that are asked for
	AppToken               string   // xapp-, for Socket Mode
	PKCE                   bool     // the application is a public client
	Rotate                 bool     // tokens end after twelve hours
	Deny                   bool     // the visitor declines
	Tier                   string   // unlisted, marketplace, internal; empty means unlisted
	Unlimited              bool     // no rate limits, for demonstrations
	// ShortPages makes pages shorter than asked for, with more behind them.
	ShortPages bool
	// Limited says of the history that older messages are not shown.
	Limited bool
	Now     func() time.Time // nil: the world's
}

// Server is Slack's address: OAuth, the Web API and the sockets. It is an http.Handler.
type Server struct {
	World *World

	// mu is taken before the world's lock, never after it.
	mux    *http.ServeMux
	mu     sync.Mutex
	conf   atomic.Pointer[Config]
	codes  map[string]code
	tokens map[string]*grant
	calls  map[string][]time.Time // by method, of the last minute
	faults []Fault
	log    []Call
	made   int
	sockets
}

// code is an authorization code.
type code struct {
	redirect, challenge string
	scopes              []string
	made                time.Time
	used                bool
}

// grant is a token of the bot.
type grant struct {
	scopes  []string
	refresh string
	expires time.Time
	revoked bool
}

// Call is one request to the Web API, without its secrets.
type Call struct {
	Method string
	Args   url.Values // without token
	Error  string     // Slack's; empty when it was answered
	Status int
}

// NewServer returns Slack for a world.
func NewServer(w *World, c Config) *Server {
	if c.Now == nil {
		c.Now = w.Now
	}
	s := &Server{World: w, codes: map[string]code{}, tokens: map[string]*grant{}, calls: map[string][]time.Time{}}
	s.conf.Store(&c)
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("GET /oauth/v2/authorize", s.authorize)
	s.mux.HandleFunc("/api/{method}", s.api)
	s.mux.HandleFunc("GET /link", s.link)
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Configure changes how this Slack behaves from now on.
func (s *Server) Configure(change func(c *Config)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := *s.conf.Load()
	change(&c)
	s.conf.Store(&c)
}

// Calls are the requests so far.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Token makes a token that does not end, with all scopes given.
func (s *Server) Token(scopes ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := s.secret("xoxb-")
	s.tokens[token] = &grant{scopes: scopes}
	return token
}

// Revoke withdraws all tokens.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.tokens {
		g.revoked = true
	}
}

// secret is a made-up one; the caller holds the lock.
func (s *Server) secret(prefix string) string {
	s.made++
	return fmt.Sprintf("%s%s-%08d", prefix, strings.ToLower(s.World.team.ID), s.made)
}

// refusal is an error of the Web API.
type refusal struct {
	code             string
	needed, provided string
	retry            int // seconds, of a 429
}

func refuse(code string) *refusal { return &refusal{code: code} }

// method is one of the Web API's.
type method struct {
	scope    string   // any of several, with |
	required []string // arguments
	perMin   int      // by its tier
	open     bool     // without a token
	app      bool     // with the application's token
	json     bool     // takes JSON too
	do       func(s *Server, q *query) (map[string]any, *refusal)
}

// query is one request to the Web API.
type query struct {
	method string
	args   url.Values
	token  string
	grant  *grant
}

var methods = map[string]method{
	"oauth.v2.access":       {required: []string{"client_id"}, perMin: 600, open: true, do: (*Server).access},
	"apps.connections.open": {perMin: 50, app: true, json: true, do: (*Server).openSocket},
	"apps.uninstall":        {required: []string{"client_id", "client_secret"}, perMin: 20, do: (*Server).uninstall},
	"auth.revoke":           {perMin: 50, do: (*Server).revoke},
	"auth.test":             {perMin: 600, json: true, do: (*Server).test},
	"team.info":             {scope: "team:read", perMin: 50, do: (*Server).teamInfo},
	"users.list":            {scope: "users:read", perMin: 20, do: (*Server).usersList},
	"users.info":            {scope: "users:read", required: []string{"user"}, perMin: 100, do: (*Server).usersInfo},
	"conversations.list":    {scope: "channels:read|groups:read", perMin: 20, do: (*Server).channelsList},
	"conversations.info":    {scope: "channels:read|groups:read", required: []string{"channel"}, perMin: 50, do: (*Server).channelsInfo},
	"conversations.join":    {scope: "channels:join", required: []string{"channel"}, perMin: 50, json: true, do: (*Server).channelsJoin},
	"conversations.history": {scope: "channels:history|groups:history", required: []string{"channel"}, perMin: 50, do: (*Server).history},
	"conversations.replies": {scope: "channels:history|groups:history", required: []string{"channel", "ts"}, perMin: 50, do: (*Server).replies},
}

// api answers one call, as strictly as Slack does.
func (s *Server) api(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	q := &query{method: name}
	if s.fault(w, r, q) {
		return
	}
	answer, no := s.answer(r, q)
	s.record(q, no)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if no != nil && no.retry > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(no.retry))
		w.WriteHeader(http.StatusTooManyRequests)
	}
	if no != nil {
		answer = map[string]any{"ok": false, "error": no.code}
		if no.needed != "" {
			answer["needed"], answer["provided"] = no.needed, no.provided
		}
	} else {
		answer["ok"] = true
	}
	_ = json.NewEncoder(w).Encode(answer) // the client may be gone
}

func (s *Server) record(q *query, no *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	args := url.Values{}
	for k, v := range q.args {
		if !slices.Contains([]string{"token", "client_secret", "code", "refresh_token", "code_verifier"}, k) {
			args[k] = v
		}
	}
	c := Call{Method: q.method, Args: args, Status: http.StatusOK}
	if no != nil {
		c.Error = no.code
		if no.retry > 0 {
			c.Status = http.StatusTooManyRequests
		}
	}
	if len(s.log) < 100_000 {
		s.log = append(s.log, c)
	}
}

func (s *Server) answer(r *http.Request, q *query) (map[string]any, *refusal) {
	m, known := methods[q.method]
	if !known {
		return nil, refuse("unknown_method")
	}
	if no := q.read(r, m); no != nil {
		return nil, no
	}
	s.mu.Lock()
	no := s.allow(q, m)
	s.mu.Unlock()
	if no != nil {
		return nil, no
	}
	for _, name := range m.required {
		if q.args.Get(name) == "" {
			return nil, refuse("invalid_arguments")
		}
	}
	return m.do(s, q)
}

// read takes the arguments and the token out of a request.
func (q *query) read(r *http.Request, m method) *refusal {
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		return refuse("method_not_supported")
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Method == http.MethodGet:
		q.args = r.URL.Query()
	case kind == "application/x-www-form-urlencoded":
		if r.ParseForm() != nil {
			return refuse("invalid_form_data")
		}
		q.args = r.PostForm
	case kind == "application/json" && m.json:
		q.args = url.Values{}
		var fields map[string]any
		if r.ContentLength != 0 && json.NewDecoder(r.Body).Decode(&fields) != nil {
			return refuse("invalid_json")
		}
		for k, v := range fields {
			q.args.Set(k, fmt.Sprint(v))
		}
	case kind == "":
		return refuse("missing_post_type")
	default:
		return refuse("invalid_post_type")
	}
	q.token = q.args.Get("token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		q.token = bearer
	}
	return nil
}

// allow checks the token, its scopes and the rate; the caller holds the lock.
func (s *Server) allow(q *query, m method) *refusal {
	if no := s.checkToken(q, m); no != nil {
		return no
	}
	if m.scope != "" && !slices.ContainsFunc(strings.Split(m.scope, "|"), func(x string) bool { return slices.Contains(q.grant.scopes, x) }) {
		return &refusal{code: "missing_scope", needed: strings.ReplaceAll(m.scope, "|", ","), provided: strings.Join(q.grant.scopes, ",")}
	}
	return s.limit(q.method, m.perMin)
}

func (s *Server) checkToken(q *query, m method) *refusal {
	switch {
	case m.open:
		return nil
	case q.token == "":
		return refuse("not_authed")
	case m.app:
		switch {
		case q.token == s.conf.Load().AppToken:
			return nil
		case strings.HasPrefix(q.token, "xoxb-"):
			return refuse("not_allowed_token_type")
		}
		return refuse("invalid_auth")
	}
	q.grant = s.tokens[q.token]
	switch {
	case q.grant == nil:
		return refuse("invalid_auth")
	case q.grant.revoked:
		return refuse("token_revoked")
	case !q.grant.expires.IsZero() && !s.conf.Load().Now().Before(q.grant.expires):
		return refuse("token_expired")
	}
	return nil
}

// unlisted says whether the application has the strict limits of 2025.
func (s *Server) unlisted() bool {
	return s.conf.Load().Tier != "marketplace" && s.conf.Load().Tier != "internal"
}

// limit counts a call; the caller holds the lock.
func (s *Server) limit(name string, perMin int) *refusal {
	if s.conf.Load().Unlimited {
		return nil
	}
	if s.unlisted() && (name == "conversations.history" || name == "conversations.replies") {
		perMin = 1
	}
	now := s.conf.Load().Now()
	recent := slices.DeleteFunc(s.calls[name], func(t time.Time) bool { return now.Sub(t) >= time.Minute })
	s.calls[name] = recent
	if len(recent) >= perMin {
		left := time.Minute - now.Sub(recent[0])
		return &refusal{code: "ratelimited", retry: max(int((left+time.Second-1)/time.Second), 1)}
	}
	s.calls[name] = append(recent, now)
	return nil
}
