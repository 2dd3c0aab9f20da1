package discordtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// window is a rate limit: what is left until it is filled again.
type window struct {
	left  int
	reset time.Time
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	api := func(pattern string, h func(w http.ResponseWriter, r *http.Request)) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" /api/v10"+path, s.guard(h))
	}
	api("GET /gateway/bot", s.gatewayBot)
	api("GET /users/@me", s.me)
	api("DELETE /users/@me/guilds/{guild}", s.leaveGuild)
	api("GET /applications/@me", s.application)
	api("POST /applications/{application}/commands", s.register)
	api("GET /guilds/{guild}", s.inGuild(func(g *guild, _ *http.Request) any { return g.rest() }))
	api("GET /guilds/{guild}/roles", s.inGuild(func(g *guild, _ *http.Request) any { return g.roleList() }))
	api("GET /guilds/{guild}/channels", s.inGuild(channels))
	api("GET /guilds/{guild}/threads/active", s.inGuild(activeThreads))
	api("GET /guilds/{guild}/invites", s.inGuild(invites))
	api("GET /guilds/{guild}/vanity-url", s.inGuild(vanity))
	api("GET /guilds/{guild}/members", s.members)
	api("GET /guilds/{guild}/members/{user}", s.member)
	api("GET /channels/{channel}/messages", s.messages)
	api("GET /channels/{channel}/threads/archived/{kind}", s.archived)
	mux.HandleFunc("GET /oauth2/authorize", s.authorizePage)
	mux.HandleFunc("POST /oauth2/authorize", s.authorized)
	mux.HandleFunc("POST /api/oauth2/token", s.exchange)
	mux.HandleFunc("GET /{$}", s.root)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { s.refuse(w, http.StatusNotFound, 0, "404: Not Found") })
	return mux
}

// root is the gateway, which has no path of its own.
func (s *Server) root(w http.ResponseWriter, r *http.Request) {
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		s.connect(w, r)
		return
	}
	http.NotFound(w, r)
}

func (s *Server) answer(w http.ResponseWriter, status int, body any) {
	if status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusTooManyRequests {
		s.mu.Lock()
		s.refused++
		s.mu.Unlock()
	}
	raw, err := json.Marshal(body)
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte(`{}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

func (s *Server) refuse(w http.ResponseWriter, status, code int, message string) {
	s.answer(w, status, map[string]any{"message": message, "code": code})
}

// guard checks what every request needs, and counts it.
func (s *Server) guard(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/api/v10"))
		token := s.token
		s.mu.Unlock()
		if f := s.due(r.URL.Path); f != nil {
			switch f.kind {
			case Twice, Shuffled:
				w = &disordered{ResponseWriter: w, kind: f.kind}
			default:
				if s.fail(w, r, f) {
					return
				}
			}
		}
		switch {
		case !strings.HasPrefix(r.UserAgent(), "DiscordBot ("):
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusForbidden)
		case r.Header.Get("Authorization") != "Bot "+token:
			s.refuse(w, http.StatusUnauthorized, 0, "401: Unauthorized")
		case s.limited(w, r):
		default:
			h(w, r)
		}
	}
}

// limited counts a request and refuses it above the limits.
func (s *Server) limited(w http.ResponseWriter, r *http.Request) bool {
	parts := strings.Split(r.Pattern, "/")
	major := r.PathValue("channel") + r.PathValue("guild")
	key := strings.Join(parts, "/") + " " + major
	now := time.Now()
	s.mu.Lock()
	all, global := s.count("global", s.options.Global, time.Second, now)
	one, user := s.count(key, s.options.PerBucket, s.options.BucketTime, now)
	limit := s.options.PerBucket
	s.mu.Unlock()
	h := w.Header()
	left := time.Until(one.reset)
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, one.left)))
	h.Set("X-RateLimit-Reset", fmt.Sprintf("%.3f", float64(one.reset.UnixMilli())/1000))
	h.Set("X-RateLimit-Reset-After", fmt.Sprintf("%.3f", left.Seconds()+0.001))
	h.Set("X-RateLimit-Bucket", bucketOf(r.Pattern))
	switch {
	case global:
		for _, name := range []string{"Limit", "Remaining", "Reset", "Reset-After", "Bucket"} {
			h.Del("X-RateLimit-" + name)
		}
		h.Set("X-RateLimit-Global", "true")
		s.tooMany(w, "global", time.Until(all.reset))
	case user:
		s.tooMany(w, "user", left)
	default:
		return false
	}
	return true
}

func bucketOf(pattern string) string {
	n := uint32(2166136261)
	for _, c := range []byte(pattern) {
		n = (n ^ uint32(c)) * 16777619
	}
	return strconv.FormatUint(uint64(n), 16)
}

// count takes one of a window. Server.mu is held.
func (s *Server) count(key string, most int, span time.Duration, now time.Time) (window, bool) {
	l := s.limits[key]
	if l == nil || !now.Before(l.reset) {
		l = &window{left: most, reset: now.Add(span)}
		s.limits[key] = l
	}
	l.left--
	return *l, l.left < 0
}

func (s *Server) tooMany(w http.ResponseWriter, scope string, after time.Duration) {
	wait := max(0.001, after.Seconds())
	w.Header().Set("Retry-After", fmt.Sprintf("%.0f", wait+0.5))
	w.Header().Set("X-RateLimit-Scope", scope)
	s.answer(w, http.StatusTooManyRequests, map[string]any{
		"message": "You are being rate limited.", "retry_after": wait, "global": scope == "global", "code": 0,
	})
}

func (s *Server) gatewayBot(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	left, shards := s.gateway.starts, s.options.Shards
	s.mu.Unlock()
	s.answer(w, http.StatusOK, map[string]any{
		"url": "ws" + strings.TrimPrefix(s.URL, "http"), "shards": shards,
		"session_start_limit": map[string]any{
			"total": s.options.Starts, "remaining": max(0, left), "reset_after": 3_600_000, "max_concurrency": s.options.Concurrency,
		},
	})
}

func (s *Server) me(w http.ResponseWriter, _ *http.Request) {
	out := s.World.bot.json()
	out["mfa_enabled"], out["locale"] = true, "en-US"
	s.answer(w, http.StatusOK, out)
}

func (s *Server) application(w http.ResponseWriter, _ *http.Request) {
	flags := 0
	if !s.options.NoMembers {
		flags |= 1 << 15
	}
	if !s.options.NoContent {
		flags |= 1 << 19
	}
	s.answer(w, http.StatusOK, map[string]any{
		"id": s.options.ClientID, "name": "Foyer", "icon": nil, "description": "", "type": nil, "verify_key": strings.Repeat("0", 64),
		"flags": flags, "flags_new": strconv.Itoa(flags), "redirect_uris": []any{}, "interactions_endpoint_url": nil,
		"role_connections_verification_url": nil, "owner": (&User{ID: "1000000000000000009", Name: "owner"}).json(),
		"approximate_guild_count": 1, "approximate_user_install_count": 0, "approximate_user_authorization_count": 0,
		"explicit_content_filter": 0, "team": nil, "eligible_oauth2_scopes": []any{},
	})
}

func (s *Server) leaveGuild(w http.ResponseWriter, r *http.Request) {
	s.World.mu.Lock()
	g := s.World.guilds[r.PathValue("guild")]
	there := g != nil && !g.removed
	s.World.mu.Unlock()
	if !there {
		s.refuse(w, http.StatusNotFound, 10004, "Unknown Guild")
		return
	}
	s.World.Remove(g.id)
	w.WriteHeader(http.StatusNoContent)
}

// inGuild answers of a server that the bot is in.
func (s *Server) inGuild(of func(*guild, *http.Request) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("guild")
		if _, err := strconv.ParseUint(id, 10, 64); err != nil {
			s.badForm(w)
			return
		}
		s.World.mu.Lock()
		g := s.World.guilds[id]
		var body any
		if g != nil && !g.removed {
			body = of(g, r)
		}
		s.World.mu.Unlock()
		switch body := body.(type) {
		case nil:
			if g == nil {
				s.refuse(w, http.StatusNotFound, 10004, "Unknown Guild")
			} else {
				s.refuse(w, http.StatusForbidden, 50001, "Missing Access")
			}
		case status:
			s.refuse(w, body.status, body.code, body.text)
		default:
			s.answer(w, http.StatusOK, body)
		}
	}
}

// status is a body that refuses.
type status struct {
	status, code int
	text         string
}

func (s *Server) badForm(w http.ResponseWriter) {
	s.refuse(w, http.StatusBadRequest, 50035, "Invalid Form Body")
}

func channels(g *guild, _ *http.Request) any {
	list := []any{}
	for _, c := range g.channels {
		if !c.thread() {
			list = append(list, c.json(g))
		}
	}
	return list
}

func activeThreads(g *guild, _ *http.Request) any {
	list := []any{}
	for _, c := range g.channels {
		if c.thread() && c.Archived.IsZero() {
			list = append(list, c.json(g))
		}
	}
	return map[string]any{"threads": list, "members": []any{}, "has_more": false}
}

func (s *Server) member(w http.ResponseWriter, r *http.Request) {
	s.inGuild(func(g *guild, r *http.Request) any {
		m := g.members[r.PathValue("user")]
		if m == nil {
			return status{http.StatusNotFound, 10007, "Unknown Member"}
		}
		return m.json(true)
	})(w, r)
}

// members lists by id. Without a limit the page has one member.
func (s *Server) members(w http.ResponseWriter, r *http.Request) {
	limit, ok := bounded(r, "limit", 1, 1, 1000)
	if !ok {
		s.badForm(w)
		return
	}
	if s.options.NoMembers {
		s.refuse(w, http.StatusForbidden, 50001, "Missing Access")
		return
	}
	after := r.URL.Query().Get("after")
	s.inGuild(func(g *guild, _ *http.Request) any {
		ids := slices.SortedFunc(maps.Keys(g.members), compareIDs)
		list := []any{}
		for _, id := range ids {
			if len(list) < limit && compareIDs(id, after) > 0 {
				list = append(list, g.members[id].json(true))
			}
		}
		return list
	})(w, r)
}

// bounded reads a number of the query.
func bounded(r *http.Request, name string, def, low, high int) (int, bool) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return def, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= low && n <= high
}
