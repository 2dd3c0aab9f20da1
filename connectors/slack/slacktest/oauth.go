package slacktest

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// allScopes are those of a bot that this Slack knows.
var allScopes = []string{
	"channels:read", "channels:history", "channels:join", "groups:read", "groups:history",
	"reactions:read", "users:read", "users:read.email", "team:read",
}

// codeLife and tokenLife are how long Slack's last.
const (
	codeLife  = 10 * time.Minute
	tokenLife = 12 * time.Hour
)

// authorize is the page on which the visitor agrees; here they do so at once.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	asked := strings.Split(q.Get("scope"), ",")
	switch {
	case q.Get("client_id") != s.conf.Load().ClientID:
		http.Error(w, "invalid_client_id", http.StatusBadRequest)
		return
	case q.Get("redirect_uri") != s.conf.Load().Redirect:
		http.Error(w, "bad_redirect_uri", http.StatusBadRequest)
		return
	case slices.ContainsFunc(asked, func(x string) bool { return !slices.Contains(allScopes, x) }):
		http.Error(w, "invalid_scope", http.StatusBadRequest)
		return
	case q.Has("code_challenge") && (!s.conf.Load().PKCE || q.Get("code_challenge_method") != "S256"):
		http.Error(w, "invalid_pkce", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}}
	if s.conf.Load().Deny {
		back.Set("error", "access_denied")
	} else {
		back.Set("code", s.code(q.Get("code_challenge"), asked))
	}
	http.Redirect(w, r, s.conf.Load().Redirect+"?"+back.Encode(), http.StatusFound)
}

// Code makes an authorization code as if a visitor had agreed to these scopes.
func (s *Server) Code(scopes ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.code("", scopes)
}

func (s *Server) code(challenge string, asked []string) string {
	if s.conf.Load().Scopes != nil {
		asked = s.conf.Load().Scopes
	}
	c := s.secret("code-")
	s.codes[c] = code{redirect: s.conf.Load().Redirect, challenge: challenge, scopes: asked, made: s.conf.Load().Now()}
	return c
}

// access exchanges a code or a refresh token.
func (s *Server) access(q *query) (map[string]any, *refusal) {
	s.mu.Lock()
	switch {
	case q.args.Get("client_id") != s.conf.Load().ClientID:
		s.mu.Unlock()
		return nil, refuse("invalid_client_id")
	case q.args.Get("client_secret") != s.conf.Load().ClientSecret:
		s.mu.Unlock()
		return nil, refuse("bad_client_secret")
	}
	var answer map[string]any
	var no *refusal
	if q.args.Get("grant_type") == "refresh_token" {
		answer, no = s.rotate(q.args.Get("refresh_token"))
	} else {
		answer, no = s.exchange(q)
	}
	s.mu.Unlock()
	if no == nil && q.args.Get("grant_type") == "" {
		s.World.Install()
	}
	return answer, no
}

func (s *Server) exchange(q *query) (map[string]any, *refusal) {
	given := q.args.Get("code")
	c, known := s.codes[given]
	switch {
	case !known:
		return nil, refuse("invalid_code")
	case c.used:
		return nil, refuse("code_already_used")
	case s.conf.Load().Now().Sub(c.made) > codeLife:
		return nil, refuse("code_expired")
	case q.args.Get("redirect_uri") != c.redirect:
		return nil, refuse("bad_redirect_uri")
	case c.challenge != "" && challenge(q.args.Get("code_verifier")) != c.challenge:
		return nil, refuse("invalid_code_verifier")
	}
	c.used = true
	s.codes[given] = c
	return s.grant(c.scopes), nil
}

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// rotate takes a refresh token, once.
func (s *Server) rotate(refresh string) (map[string]any, *refusal) {
	for _, g := range s.tokens {
		if g.refresh == "" || g.refresh != refresh {
			continue
		}
		if g.revoked {
			break
		}
		g.refresh = ""
		return s.grant(g.scopes), nil
	}
	return nil, refuse("invalid_refresh_token")
}

// grant makes a token and says so.
func (s *Server) grant(scopes []string) map[string]any {
	token := s.secret("xoxb-")
	g := &grant{scopes: scopes}
	s.tokens[token] = g
	answer := map[string]any{
		"access_token": token, "token_type": "bot", "scope": strings.Join(scopes, ","), "bot_user_id": BotUser, "app_id": AppID,
		"team": map[string]any{"id": s.World.team.ID, "name": s.World.team.Name}, "enterprise": nil, "is_enterprise_install": false,
		"authed_user": map[string]any{"id": "U000000001"},
	}
	if s.conf.Load().Rotate {
		g.refresh, g.expires = s.secret("xoxe-1-"), s.conf.Load().Now().Add(tokenLife)
		answer["refresh_token"], answer["expires_in"] = g.refresh, int(tokenLife/time.Second)
	}
	return answer
}

func (s *Server) uninstall(q *query) (map[string]any, *refusal) {
	s.mu.Lock()
	switch {
	case q.args.Get("client_id") != s.conf.Load().ClientID:
		s.mu.Unlock()
		return nil, refuse("invalid_client_id")
	case q.args.Get("client_secret") != s.conf.Load().ClientSecret:
		s.mu.Unlock()
		return nil, refuse("bad_client_secret")
	}
	for _, g := range s.tokens {
		g.revoked = true
	}
	s.mu.Unlock()
	s.World.Uninstall()
	return map[string]any{}, nil
}

func (s *Server) revoke(q *query) (map[string]any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q.grant.revoked = true
	return map[string]any{"revoked": true}, nil
}
