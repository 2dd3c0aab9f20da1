package whatsapptest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// grant is what a token may do.
type grant struct {
	scopes  []string
	app     string
	expires time.Time
	revoked bool
}

// Fault is what the Graph API does wrong for some requests.
type Fault struct {
	Path   string // the end of the path it is for; empty means every one
	Times  int
	Status int // 0 means 200
	Code   int // of the error; 0 means a body that is no JSON
	Cut    bool
	Slow   time.Duration // before the answer, which is then the right one unless the rest says otherwise
	Header http.Header
}

// Fault makes the next requests go wrong.
func (w *World) Fault(f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, f)
}

// Permissions are what a token needs.
func Permissions() []string {
	return []string{"whatsapp_business_management", "whatsapp_business_messaging"}
}

// Token makes a system user's token with some permissions. Zero expires never ends.
func (w *World) Token(scopes []string, expires time.Time) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.token(scopes, expires)
}

func (w *World) token(scopes []string, expires time.Time) string {
	t := "EAA" + w.digits(40)
	w.tokens[t] = &grant{scopes: slices.Clone(scopes), app: w.o.AppID, expires: expires}
	return t
}

// ForeignToken makes a token of another application.
func (w *World) ForeignToken() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.token(Permissions(), time.Time{})
	w.tokens[t].app = w.digits(15)
	return t
}

// Withdraw ends a token.
func (w *World) Withdraw(token string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if g := w.tokens[token]; g != nil {
		g.revoked = true
	}
}

// Code gives the code that Embedded Signup brings to the page for a number.
func (w *World) Code(n *Number) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.code(n)
}

func (w *World) code(n *Number) string {
	c := "AQ" + w.digits(60)
	w.codes[c] = n.ID
	return c
}

// Subscribed says whether an application subscribed to the account.
func (w *World) Subscribed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.subs
}

var versioned = regexp.MustCompile(`^/v(2[0-5])\.0/(.+)$`)

// ServeHTTP is the Graph API, and the dialog of Embedded Signup.
func (w *World) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := answer{ResponseWriter: rw, world: w}
	if w.spoil(&a, r) {
		return
	}
	m := versioned.FindStringSubmatch(r.URL.Path)
	if m == nil {
		a.refuse(http.StatusBadRequest, 2500, 0, "OAuthException", "Unknown path components: "+r.URL.Path)
		return
	}
	switch m[2] {
	case "dialog/oauth":
		w.dialog(&a, r)
	case "oauth/access_token":
		w.exchange(&a, r)
	case "debug_token":
		w.debug(&a, r)
	default:
		w.object(&a, r, m[2])
	}
}

// spoil plays a fault that is meant for the request.
func (w *World) spoil(a *answer, r *http.Request) bool {
	f, ok := w.nextFault(r.URL.Path)
	if !ok {
		return false
	}
	for key, values := range f.Header {
		a.Header()[key] = values
	}
	if f.Slow > 0 {
		w.sleep(r.Context(), f.Slow)
		if !f.Cut && f.Code == 0 && f.Status == 0 {
			return false
		}
	}
	switch {
	case f.Cut:
		a.Header().Set("Content-Length", "500")
		_, _ = io.WriteString(a, `{"data": [{"id": "10`)
	case f.Code == 0:
		a.WriteHeader(max(f.Status, http.StatusOK))
		_, _ = io.WriteString(a, "<html>Sorry, something went wrong.</html>")
	default:
		a.refuse(max(f.Status, http.StatusBadRequest), f.Code, 0, "OAuthException", "(#"+strconv.Itoa(f.Code)+") refused")
	}
	return true
}

func (w *World) nextFault(path string) (Fault, bool) {
	for i := range w.faults {
		if f := &w.faults[i]; f.Times > 0 && strings.HasSuffix(path, f.Path) {
			f.Times--
			return *f, true
		}
	}
	return Fault{}, false
}

// sleep lets others work meanwhile.
func (w *World) sleep(ctx context.Context, wait time.Duration) {
	w.mu.Unlock()
	defer w.mu.Lock()
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}

// exchange gives a token for a code, once.
func (w *World) exchange(a *answer, r *http.Request) {
	q := r.URL.Query()
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		a.refuse(http.StatusBadRequest, 100, 33, "GraphMethodException", "Unsupported request")
	case q.Get("client_id") != w.o.AppID:
		a.refuse(http.StatusBadRequest, 101, 0, "OAuthException", "Error validating application.")
	case q.Get("client_secret") != w.o.AppSecret:
		a.refuse(http.StatusBadRequest, 1, 0, "OAuthException", "Error validating client secret.")
	case q.Has("redirect_uri"):
		a.refuse(http.StatusBadRequest, 100, 36008, "OAuthException", "Error validating verification code. redirect_uri does not fit.")
	case w.codes[q.Get("code")] == "":
		a.refuse(http.StatusBadRequest, 100, 36009, "OAuthException", "This authorization code has been used.")
	default:
		delete(w.codes, q.Get("code"))
		a.json(map[string]any{"access_token": w.token(Permissions(), time.Time{}), "token_type": "bearer"})
	}
}

// bearer is the token of a request: in the header or among the parameters.
func bearer(r *http.Request) string {
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return t
	}
	return r.URL.Query().Get("access_token")
}

// debug tells the application what a token is.
func (w *World) debug(a *answer, r *http.Request) {
	input := r.URL.Query().Get("input_token")
	switch {
	case bearer(r) != w.o.AppID+"|"+w.o.AppSecret:
		a.refuse(http.StatusUnauthorized, 190, 0, "OAuthException", "Invalid OAuth access token signature.")
		return
	case input == "":
		a.refuse(http.StatusBadRequest, 100, 0, "OAuthException", "(#100) The parameter input_token is required")
		return
	}
	g := w.tokens[input]
	if g == nil || !g.valid(w.o.Now()) {
		a.json(map[string]any{"data": map[string]any{"is_valid": false, "scopes": []string{}, "error": map[string]any{"code": 190, "message": "invalid"}}})
		return
	}
	var targets []any
	for _, s := range g.scopes {
		targets = append(targets, map[string]any{"scope": s, "target_ids": []string{w.owner}})
	}
	expires := int64(0)
	if !g.expires.IsZero() {
		expires = g.expires.Unix()
	}
	a.json(map[string]any{"data": map[string]any{
		"app_id": g.app, "type": "SYSTEM_USER", "is_valid": true, "expires_at": expires, "scopes": g.scopes, "granular_scopes": targets,
	}})
}

func (g *grant) valid(now time.Time) bool {
	return !g.revoked && (g.expires.IsZero() || now.Before(g.expires))
}

// dialog sends the visitor back with what the page script would get.
func (w *World) dialog(a *answer, r *http.Request) {
	q := r.URL.Query()
	if w.o.Redirect == "" || len(w.numbers) == 0 || q.Get("client_id") != w.o.AppID || q.Get("config_id") != w.o.ConfigID ||
		q.Get("response_type") != "code" || q.Get("override_default_response_type") != "true" || q.Get("state") == "" {
		a.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(a, "The dialog needs client_id, config_id, response_type, override_default_response_type and state.")
		return
	}
	n := w.numbers[len(w.numbers)-1]
	back := url.Values{"code": {w.code(n)}, "state": {q.Get("state")}, "waba_id": {w.owner}, "event": {"FINISH"}}
	if n.Coexistence {
		back.Set("event", "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING")
	} else {
		back.Set("phone_number_id", n.ID)
	}
	http.Redirect(a, r, w.o.Redirect+"?"+back.Encode(), http.StatusFound)
}

// answer writes what the Graph API says.
type answer struct {
	http.ResponseWriter
	world *World
}

func (a *answer) json(body any) { a.send(http.StatusOK, body) }

func (a *answer) send(status int, body any) {
	a.Header().Set("Content-Type", "application/json; charset=UTF-8")
	a.Header().Set("Facebook-Api-Version", "v25.0")
	raw, err := json.Marshal(body)
	if err != nil {
		raw = []byte("{}")
	}
	a.WriteHeader(status)
	_, _ = a.Write(raw)
}

func (a *answer) refuse(status, code, subcode int, kind, text string) {
	e := map[string]any{"message": text, "type": kind, "code": code, "fbtrace_id": "A" + a.world.digits(22)}
	if subcode != 0 {
		e["error_subcode"] = subcode
	}
	a.send(status, map[string]any{"error": e})
}
