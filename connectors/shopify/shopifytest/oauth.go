package shopifytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The life of tokens.
const (
	accessLife  = time.Hour
	refreshLife = 30 * 24 * time.Hour
)

// authorize is the page on which a merchant accepts: it leads back at once.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != s.conf.ClientID || q.Get("redirect_uri") != s.conf.Redirect || q.Get("state") == "" || q.Get("scope") == "" {
		http.Error(w, "invalid_request", http.StatusBadRequest)
		return
	}
	back := url.Values{"shop": {s.World.shop.Domain}, "state": {q.Get("state")}, "timestamp": {strconv.FormatInt(s.World.Now().Unix(), 10)}, "host": {"YWRtaW4="}}
	if s.conf.Deny {
		back.Set("error", "access_denied")
	} else {
		s.made++
		code := fmt.Sprintf("code-%d %s", s.made, q.Get("scope"))
		s.codes[code] = true
		back.Set("code", code)
	}
	back.Set("hmac", SignQuery(s.conf.ClientSecret, back))
	w.Header().Set("Location", s.conf.Redirect+"?"+back.Encode())
	w.WriteHeader(http.StatusFound)
}

// SignQuery signs the query of a callback as Shopify's libraries check it.
func SignQuery(secret string, q url.Values) string {
	q = copied(q)
	q.Del("hmac")
	q.Del("signature")
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(q.Encode())) // a hash never fails
	return hex.EncodeToString(mac.Sum(nil))
}

func copied(q url.Values) url.Values {
	out := url.Values{}
	for k, v := range q {
		out[k] = slices.Clone(v)
	}
	return out
}

// token exchanges a code or a refresh token.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if f, ok := s.fault("token"); ok && broken(w, f) {
		return
	}
	refuse := func(status int, code string) { answer(w, status, object{"error": code, "error_description": "no"}) }
	if r.Method != http.MethodPost || r.ParseForm() != nil || r.URL.RawQuery != "" {
		refuse(http.StatusBadRequest, "invalid_request")
		return
	}
	if r.PostForm.Get("client_id") != s.conf.ClientID || r.PostForm.Get("client_secret") != s.conf.ClientSecret {
		refuse(http.StatusBadRequest, "invalid_client")
		return
	}
	if r.PostForm.Get("grant_type") == "refresh_token" {
		old := s.refreshes[r.PostForm.Get("refresh_token")]
		if old == nil || old.revoked || !s.now().Before(old.refreshEnds) {
			refuse(http.StatusBadRequest, "invalid_grant")
			return
		}
		s.spend(old)
		s.grant(w, old.scopes, true, old.refresh)
		return
	}
	code := r.PostForm.Get("code")
	if !s.codes[code] {
		refuse(http.StatusBadRequest, "invalid_request")
		return
	}
	delete(s.codes, code)
	_, asked, _ := strings.Cut(code, " ")
	scopes := strings.Split(asked, ",")
	if s.conf.Scopes != nil {
		scopes = s.conf.Scopes
	}
	s.grant(w, scopes, r.PostForm.Get("expiring") == "1" && !s.conf.Lasting, "")
}

// spend ends the token that this one replaced: it stayed good until now.
func (s *Server) spend(t *token) {
	if t.before != "" {
		delete(s.refreshes, t.before)
	}
}

func (s *Server) grant(w http.ResponseWriter, scopes []string, expiring bool, before string) {
	s.made++
	t := &token{access: fmt.Sprintf("shpat_%032d", s.made), scopes: scopes}
	out := object{"access_token": t.access, "scope": strings.Join(scopes, ",")}
	if expiring {
		t.refresh, t.before = fmt.Sprintf("shprt_%032d", s.made), before
		t.expires, t.refreshEnds = s.now().Add(accessLife), s.now().Add(refreshLife)
		s.refreshes[t.refresh] = t
		out["expires_in"], out["refresh_token"], out["refresh_token_expires_in"] = int(accessLife.Seconds()), t.refresh, int(refreshLife.Seconds())
	}
	s.tokens[t.access] = t
	answer(w, http.StatusOK, out)
}

// Token makes a token for the scopes, as after an installation.
func (s *Server) Token(scopes ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	t := &token{access: fmt.Sprintf("shpat_%032d", s.made), scopes: scopes}
	s.tokens[t.access] = t
	return t.access
}

// Uninstall takes the application out of the shop: its tokens end, a delivery tells of it.
func (s *Server) Uninstall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uninstall()
}

func (s *Server) uninstall() {
	for _, t := range s.tokens {
		t.revoked = true
	}
	s.hooks = nil
	s.World.mu.Lock()
	defer s.World.mu.Unlock()
	s.World.tell("app/uninstalled", map[string]any{"id": 1, "myshopify_domain": s.World.shop.Domain, "email": "owner@example.org"})
}
