package discordtest

import (
	"crypto/rand"
	"errors"
	"html/template"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// authorization is a code that was given and not used yet.
type authorization struct {
	guild, redirect, scope string
	expires                time.Time
}

// request checks the query of an authorization; the text says what is wrong.
func (s *Server) request(q url.Values) string {
	switch {
	case q.Get("client_id") != s.options.ClientID:
		return "Unknown application"
	case q.Get("response_type") != "code":
		return "response_type is required with these scopes"
	case s.options.Redirect == "" || q.Get("redirect_uri") != s.options.Redirect:
		return "Invalid OAuth2 redirect_uri"
	case q.Get("scope") == "":
		return "scope is required"
	case q.Get("integration_type") != "" && q.Get("integration_type") != "0":
		return "integration_type is not allowed"
	}
	if _, err := strconv.ParseUint(q.Get("permissions"), 10, 64); err != nil {
		return "permissions is not a number"
	}
	return ""
}

const authorizeHTML = `<!doctype html><meta charset="utf-8"><title>Authorise</title>
<h1>An external application wants to access a server</h1>
<form method="post"><input type="hidden" name="query" value="{{.Query}}">
<label>Add to server <select name="guild_id">{{range .Guilds}}<option value="{{.ID}}">{{.Name}}</option>{{end}}</select></label>
<button name="answer" value="authorise">Authorise</button> <button name="answer" value="cancel">Cancel</button></form>`

// authorizePage is the page on which a visitor grants or denies.
func (s *Server) authorizePage(w http.ResponseWriter, r *http.Request) {
	if wrong := s.request(r.URL.Query()); wrong != "" {
		http.Error(w, wrong, http.StatusBadRequest)
		return
	}
	page, err := template.New("").Parse(authorizeHTML)
	if err != nil {
		http.Error(w, "page", http.StatusInternalServerError)
		return
	}
	type choice struct{ ID, Name string }
	var list []choice
	s.World.mu.Lock()
	for _, id := range slices.Sorted(maps.Keys(s.World.guilds)) {
		list = append(list, choice{id, s.World.guilds[id].name})
	}
	s.World.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, map[string]any{"Query": r.URL.RawQuery, "Guilds": list})
}

// authorized takes the visitor's answer and sends the browser back.
func (s *Server) authorized(w http.ResponseWriter, r *http.Request) {
	if r.ParseForm() != nil {
		http.Error(w, "form", http.StatusBadRequest)
		return
	}
	target, err := s.back(r.Form.Get("query"), r.Form.Get("guild_id"), r.Form.Get("answer") == "authorise")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// Approve answers an authorization page for a visitor who chooses a server, and
// returns the address that the browser is sent back to.
func (s *Server) Approve(page, guild string) (string, error) { return s.decide(page, guild, true) }

// Deny answers an authorization page for a visitor who cancels.
func (s *Server) Deny(page string) (string, error) { return s.decide(page, "", false) }

func (s *Server) decide(page, guild string, yes bool) (string, error) {
	u, err := url.Parse(page)
	if err != nil {
		return "", err
	}
	return s.back(u.RawQuery, guild, yes)
}

func (s *Server) back(query, guild string, yes bool) (string, error) {
	q, err := url.ParseQuery(query)
	if err != nil {
		return "", err
	}
	if wrong := s.request(q); wrong != "" {
		return "", errors.New(wrong)
	}
	out := url.Values{"state": {q.Get("state")}}
	if !yes {
		out.Set("error", "access_denied")
		out.Set("error_description", "The resource owner or authorization server denied the request")
		return q.Get("redirect_uri") + "?" + out.Encode(), nil
	}
	s.World.mu.Lock()
	g := s.World.guilds[guild]
	var snapshot map[string]any
	if g != nil && g.members[s.World.bot.ID] == nil {
		g.removed = false
		g.members[s.World.bot.ID] = &Member{User: s.World.bot, Joined: s.World.now()}
		snapshot = g.json(s.World)
	}
	s.World.mu.Unlock()
	if snapshot != nil {
		s.dispatch(guild, "GUILD_CREATE", snapshot)
	}
	code := rand.Text()
	s.mu.Lock()
	s.grants[code] = authorization{guild: guild, redirect: q.Get("redirect_uri"), scope: q.Get("scope"), expires: time.Now().Add(time.Minute)}
	s.mu.Unlock()
	out.Set("code", code)
	out.Set("guild_id", guild)
	out.Set("permissions", q.Get("permissions"))
	return q.Get("redirect_uri") + "?" + out.Encode(), nil
}

// exchange gives a token for a code, once.
func (s *Server) exchange(w http.ResponseWriter, r *http.Request) {
	if f := s.due(r.URL.Path); f != nil && s.fail(w, r, f) {
		return
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		s.answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_request"})
		return
	}
	id, secret, _ := r.BasicAuth()
	if id != s.options.ClientID || secret != s.options.ClientSecret {
		s.answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	if r.PostForm.Get("grant_type") != "authorization_code" {
		s.answer(w, http.StatusBadRequest, map[string]any{"error": "unsupported_grant_type"})
		return
	}
	s.mu.Lock()
	a, ok := s.grants[r.PostForm.Get("code")]
	delete(s.grants, r.PostForm.Get("code"))
	s.mu.Unlock()
	if !ok || time.Now().After(a.expires) || a.redirect != r.PostForm.Get("redirect_uri") {
		s.answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	out := map[string]any{
		"token_type": "Bearer", "access_token": rand.Text(), "expires_in": 604800, "refresh_token": rand.Text(), "scope": a.scope,
	}
	if slices.Contains(strings.Fields(a.scope), "bot") {
		out["guild"] = s.granted(a.guild)
	}
	s.answer(w, http.StatusOK, out)
}

// granted is the server in the answer to a code. Its roles' permissions are
// numbers there, as the platform's own example has them.
func (s *Server) granted(id string) any {
	s.World.mu.Lock()
	defer s.World.mu.Unlock()
	g := s.World.guilds[id]
	if g == nil {
		return nil
	}
	out := g.rest()
	list := []any{}
	for _, r := range g.roles {
		one := r.json(0)
		one["permissions"], one["permissions_new"] = g.permissions, strconv.FormatUint(g.permissions, 10)
		list = append(list, one)
	}
	out["roles"] = list
	return out
}
