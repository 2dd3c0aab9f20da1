package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
)

var (
	secretText = regexp.MustCompile(`<code class="secret">([A-Z2-7 ]+)</code>`)
	codeText   = regexp.MustCompile(`<li><code>([0-9a-z-]{19})</code></li>`)
)

// code is the code of a secret, some steps from now.
func (s *site) code(secret string, steps int) string {
	s.Helper()
	c, err := totp.GenerateCode(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		s.Fatal(err)
	}
	return c
}

// setUp puts two-step sign-in in force; it returns the secret and the recovery codes.
func (v *visitor) setUp() (secret string, codes []string) {
	v.Helper()
	page := v.page(v.get("/settings/security/totp"), http.StatusOK)
	m := secretText.FindStringSubmatch(page)
	if m == nil || !strings.Contains(page, `src="data:image/png;base64,`) {
		v.Fatal("no secret, or no picture of it")
	}
	secret = strings.ReplaceAll(m[1], " ", "")
	page = v.page(v.post("/settings/security/totp", "code", v.code(secret, -1)), http.StatusOK)
	for _, m := range codeText.FindAllStringSubmatch(page, -1) {
		codes = append(codes, m[1])
	}
	if len(codes) != 10 {
		v.Fatalf("%d recovery codes", len(codes))
	}
	return secret, codes
}

func TestTwoSteps(t *testing.T) {
	s := newSite(t)
	u, v := s.person(store.RoleViewer), s.visitor()
	v.enter(u)
	secret, codes := v.setUp()
	stored, err := s.Store.User(t.Context(), u.ID)
	if err != nil || strings.Contains(string(stored.TOTP), secret) {
		t.Fatal("the secret is not sealed")
	}
	s.has(s.page(v.get("/settings/security"), http.StatusOK), "Activée", "10 restants")
	if n := len(s.letters(mail.TwoFactorChanged, u.Email)); n != 1 {
		t.Errorf("%d letters", n)
	}

	v = s.visitor()
	s.leads(v.post("/sign-in", "email", u.Email, "password", goodPassword, "back", "/communities"), "/sign-in/code")
	if v.in() {
		t.Fatal("the password alone signs in")
	}
	s.page(v.get("/sign-in/code"), http.StatusOK)
	s.has(s.page(v.post("/sign-in/code", "code", "000000"), http.StatusUnprocessableEntity), "Ce code est inexact")
	s.page(v.post("/sign-in/code", "code", s.code(secret, -1)), http.StatusUnprocessableEntity) // used to set up
	now := s.code(secret, 0)
	s.leads(v.post("/sign-in/code", "code", now[:3]+" "+now[3:]), "/communities")
	if !v.in() {
		t.Error("password and code do not sign in")
	}
	if list, err := s.Store.Sessions(t.Context(), u.ID); err != nil || !list[0].SecondFactor {
		t.Errorf("the session does not know of the second factor, %v", err)
	}
	s.leads(v.post("/sign-in/code", "code", s.code(secret, 1)), "/sign-in") // the step was taken

	second := s.visitor()
	second.post("/sign-in", "email", u.Email, "password", goodPassword)
	s.page(second.post("/sign-in/code", "code", now), http.StatusUnprocessableEntity) // counts once
	s.leads(second.post("/sign-in/code", "code", strings.ToUpper(codes[0])), "/")
	third := s.visitor()
	third.post("/sign-in", "email", u.Email, "password", goodPassword)
	s.page(third.post("/sign-in/code", "code", codes[0]), http.StatusUnprocessableEntity)
	s.page(third.post("/sign-in/code", "code", s.code(secret, 3)), http.StatusUnprocessableEntity) // too far ahead
	s.has(s.page(v.get("/settings/security"), http.StatusOK), "9 restants")

	s.page(v.get("/settings/security/codes"), http.StatusOK)
	page := s.page(v.post("/settings/security/codes"), http.StatusOK)
	if strings.Contains(page, codes[1]) || len(codeText.FindAllString(page, -1)) != 10 {
		t.Error("the codes were not replaced")
	}
	s.page(v.get("/settings/security/totp/off"), http.StatusOK)
	s.leads(v.post("/settings/security/totp/off"), "/settings/security")
	s.visitor().enter(u)
}

func TestCodeAfterMagicLink(t *testing.T) {
	s := newSite(t)
	u, v := s.person(store.RoleViewer), s.visitor()
	v.enter(u)
	secret, _ := v.setUp()
	other := s.visitor()
	other.post("/sign-in/link", "email", u.Email)
	s.leads(other.post(s.linkIn(mail.MagicLink, u.Email)), "/sign-in/code")
	if other.in() {
		t.Error("the link alone signs in")
	}
	s.leads(other.post("/sign-in/code", "code", s.code(secret, 0)), "/")
}

// TestHalfWayIsBound: five codes, then from the start; and only in the browser that
// knew the password.
func TestHalfWayIsBound(t *testing.T) {
	s := newSite(t)
	u, v := s.person(store.RoleViewer), s.visitor()
	v.enter(u)
	secret, _ := v.setUp()
	s.Server.limits = newLimits()
	v = s.visitor()
	s.leads(v.post("/sign-in", "email", u.Email, "password", goodPassword), "/sign-in/code")
	s.leads(s.visitor().post("/sign-in/code", "code", s.code(secret, 0)), "/sign-in")
	for range codeTries {
		s.page(v.post("/sign-in/code", "code", "111111"), http.StatusUnprocessableEntity)
	}
	s.leads(v.post("/sign-in/code", "code", s.code(secret, 0)), "/sign-in")
	s.has(s.page(v.get("/sign-in"), http.StatusOK), "Trop de temps ou trop d'essais.")
	v.post("/sign-in", "email", u.Email, "password", goodPassword)
	s.exec(`update ticket set expires_at = now() - interval '1 second'`)
	s.leads(v.post("/sign-in/code", "code", s.code(secret, 0)), "/sign-in")
	s.leads(v.get("/sign-in/code"), "/sign-in")
	var last answer
	for range limitCodes { // however often one starts again
		v.post("/sign-in", "email", u.Email, "password", goodPassword)
		last = v.post("/sign-in/code", "code", "111111")
	}
	if last.status != http.StatusTooManyRequests || last.header.Get("Retry-After") != "3600" {
		t.Errorf("%d, Retry-After %q", last.status, last.header.Get("Retry-After"))
	}
}

// stale makes the person of a visitor prove again to be there.
func (v *visitor) stale() { v.exec(`update session set confirmed_at = now() - interval '16 minutes'`) }

func TestConfirm(t *testing.T) {
	s := newSite(t)
	u, v := s.person(store.RoleViewer), s.visitor()
	v.enter(u)
	secret, codes := v.setUp()
	v.stale()
	const want = "/settings/security/codes"
	ask := "/confirm?" + url.Values{"back": {want}}.Encode()
	s.leads(v.get(want), ask)
	s.leads(v.post(want), ask)
	s.page(v.get(ask), http.StatusOK)
	s.has(s.page(v.post("/confirm", "back", want, "password", "wrong"), http.StatusUnprocessableEntity), "Ce n'est pas votre mot de passe.")
	s.has(s.page(v.post("/confirm/totp", "back", want, "code", "1"), http.StatusUnprocessableEntity), "Ce code est inexact")
	s.leads(v.get(want), ask)
	s.leads(v.post("/confirm/totp", "back", want, "code", s.code(secret, 0)), want)
	s.page(v.get(want), http.StatusOK)
	v.stale()
	s.page(v.post("/confirm/totp", "back", want, "code", s.code(secret, 0)), http.StatusUnprocessableEntity)
	s.leads(v.post("/confirm/totp", "back", want, "code", codes[3]), want)
	v.stale()
	s.leads(v.post("/confirm", "back", want, "password", goodPassword), want)
	v.stale()
	s.page(v.post("/confirm/passkey", "back", want, "credential", "{}"), http.StatusConflict) // at an address without a name
	s.page(v.post("/confirm/code/send", "back", want), http.StatusUnprocessableEntity)        // has better ways
}

var sixDigits = regexp.MustCompile(`\b[0-9]{6}\b`)

func TestConfirmByMail(t *testing.T) {
	s := newSite(t)
	u, v := s.colleague(store.RoleViewer), s.visitor()
	v.post("/sign-in/link", "email", u.Email)
	s.leads(v.post(s.linkIn(mail.MagicLink, u.Email)), "/")
	v.stale()
	const want = "/settings/security/email"
	ask := "/confirm?" + url.Values{"back": {want}}.Encode()
	s.leads(v.get(want), ask)
	s.has(s.page(v.get(ask), http.StatusOK), "Envoyer un code")
	s.leads(v.post("/confirm/code/send", "back", want), ask)
	s.has(s.page(v.get(ask), http.StatusOK), "Code de l'e-mail")
	list := s.letters(mail.ConfirmationCode, u.Email)
	if len(list) != 1 {
		t.Fatalf("%d letters", len(list))
	}
	code := sixDigits.FindString(list[0].Text)
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	s.has(s.page(v.post("/confirm/code", "back", want, "digits", wrong), http.StatusUnprocessableEntity), "Ce code est inexact")
	other := s.visitor()
	s.as(u)
	other.client.Jar.SetCookies(mustURL(s.url), []*http.Cookie{{Name: sessionCookiePlain, Value: s.session, Path: "/"}})
	s.leads(other.post("/confirm/code", "back", want, "digits", code), ask) // another browser
	s.leads(v.post("/confirm/code", "back", want, "digits", code), want)
	s.page(v.get(want), http.StatusOK)
	v.stale()
	s.leads(v.post("/confirm/code", "back", want, "digits", code), ask) // once
}

func mustURL(text string) *url.URL {
	u, _ := url.Parse(text)
	return u
}
