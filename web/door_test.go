package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
)

func TestSignInWithPassword(t *testing.T) {
	s := newSite(t)
	u, v := s.person(store.RoleViewer), s.visitor()
	s.page(v.get("/sign-in"), http.StatusOK)
	s.has(s.page(v.post("/sign-in", "email", u.Email, "password", "wrong"), http.StatusUnprocessableEntity), "Adresse ou mot de passe inexacts.")
	s.leads(v.post("/sign-in", "email", " "+strings.ToUpper(u.Email), "password", goodPassword, "back", "/communities?x=1"), "/communities?x=1")
	if !v.in() {
		t.Error("not signed in")
	}
	s.exec(`update app_user set disabled_at = now() where id = $1`, u.ID)
	if v.in() {
		t.Error("a disabled person's session lives")
	}
	s.page(v.post("/sign-in", "email", u.Email, "password", goodPassword), http.StatusUnprocessableEntity)
}

// TestNobodyLearnsWhoHasAnAccount: what is answered is the same for every address, and
// only the owner of a known one reads more, by mail.
func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	s := newSite(t)
	s.Accounts.OpenSignUp = true
	u := s.person(store.RoleViewer)
	const nobody = "personne@ailleurs.example"
	form := func(email string) []string {
		return []string{"email", email, "password", otherPassword, "name", "Inès", "organisation", "Maison", "kind", "brand"}
	}
	for _, path := range []string{"/sign-in", "/sign-in/link", "/forgot", "/sign-up"} {
		known, unknown := s.visitor().post(path, form(u.Email)...), s.visitor().post(path, form(nobody)...)
		same := strings.ReplaceAll(known.body, u.Email, "X") == strings.ReplaceAll(unknown.body, nobody, "X")
		if known.status != unknown.status || known.to != unknown.to || !same {
			t.Errorf("%s: %d %q for a known address, %d %q for an unknown one, same page %v", path, known.status, known.to, unknown.status, unknown.to, same)
		}
		for name := range known.header {
			if _, ok := unknown.header[name]; !ok {
				t.Errorf("%s: the header %s is only sent for a known address", path, name)
			}
		}
	}
	for kind, want := range map[mail.Kind]int{mail.MagicLink: 1, mail.ResetPassword: 1, mail.AccountExists: 1, mail.VerifyAddress: 0} {
		if n := len(s.letters(kind, u.Email)); n != want {
			t.Errorf("%d letters %s to the known address", n, kind)
		}
		if n := len(s.letters(kind, nobody)); (n == 1) != (kind == mail.VerifyAddress) {
			t.Errorf("%d letters %s to the unknown address", n, kind)
		}
	}
}

// TestUnknownAddressTakesAsLong compares medians; without the work that is done for
// nothing the unknown address would answer many times faster.
func TestUnknownAddressTakesAsLong(t *testing.T) {
	s := newSite(t)
	u := s.person(store.RoleViewer)
	median := func(email string) time.Duration {
		var all []time.Duration
		for range 7 {
			start := time.Now()
			if _, err := s.Accounts.CheckPassword(t.Context(), email, "wrong"); err == nil {
				t.Fatal("a wrong password is right")
			}
			all = append(all, time.Since(start))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	if known, unknown := median(u.Email), median("nobody@ailleurs.example"); unknown < known/3 || known < unknown/3 {
		t.Errorf("a known address takes %v, an unknown one %v", known, unknown)
	}
}

func TestNoOpenRedirect(t *testing.T) {
	s := newSite(t)
	u := s.person(store.RoleViewer)
	for _, evil := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "/\t/evil.example", "javascript:alert(1)", "evil.example", "/%0d%0aX:1\r\n"} {
		v := s.visitor()
		s.leads(v.post("/sign-in", "email", u.Email, "password", goodPassword, "back", evil), "/")
		s.leads(v.get("/sign-in?"+url.Values{"back": {evil}}.Encode()), "/")
		s.leads(v.post("/confirm", "password", goodPassword, "back", evil), "/")
		s.leads(v.ask("GET", "/language?to=fr&"+url.Values{"back": {evil}}.Encode(), nil, nil), "/")
		s.leads(v.post("/sign-out", "back", evil), "/sign-in")
		s.exec(`delete from ticket`)
		s.Server.limits = newLimits()
	}
	v := s.visitor()
	s.leads(v.post("/sign-in/link", "email", u.Email, "back", "https://evil.example/"), "/sign-in/sent?what=link")
	s.leads(v.post(s.linkIn(mail.MagicLink, u.Email)), "/")
}

// TestSessionIsNotFixed: a token that was there before signing in is worth nothing after.
func TestSessionIsNotFixed(t *testing.T) {
	s := newSite(t)
	u, v := s.person(store.RoleViewer), s.visitor()
	at, _ := url.Parse(s.url)
	planted, _ := secret.Token()
	v.client.Jar.SetCookies(at, []*http.Cookie{{Name: sessionCookiePlain, Value: planted, Path: "/"}})
	v.enter(u)
	first := jarred(v, sessionCookiePlain)
	if first == planted || first == "" {
		t.Error("the planted token is the session's")
	}
	v.enter(u)
	if second := jarred(v, sessionCookiePlain); second == first {
		t.Error("signing in again keeps the token")
	}
	s.session = first
	if a := s.get("/communities"); a.status == http.StatusOK {
		t.Error("the token from before signing in again still works")
	}
}

func jarred(v *visitor, name string) string {
	at, _ := url.Parse(v.url)
	for _, c := range v.client.Jar.Cookies(at) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func TestTokenAfterSignOut(t *testing.T) {
	s := newSite(t)
	v := s.visitor()
	v.enter(s.person(store.RoleViewer))
	s.session = jarred(v, sessionCookiePlain)
	s.leads(v.post("/sign-out"), "/sign-in")
	if v.in() {
		t.Error("still signed in")
	}
	if a := s.get("/communities"); a.status == http.StatusOK {
		t.Error("the token works after signing out")
	}
}

func TestCookieFlags(t *testing.T) {
	s := newSite(t)
	u := s.person(store.RoleViewer)
	set := func() *http.Cookie {
		a := s.visitor().post("/sign-in", "email", u.Email, "password", goodPassword)
		cookies, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
		if err != nil {
			t.Fatal(err)
		}
		return cookies
	}
	s.URL = &url.URL{Scheme: "https", Host: "foyer.example"}
	c := set()
	if c.Name != "__Host-foyer" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != int(account.Absolute.Seconds()) {
		t.Errorf("over TLS: %+v", c)
	}
	s.exec(`update app_user set totp = 'x', totp_at = now() where id = $1`, u.ID)
	if c := set(); c.Name != "__Host-foyer-half" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 600 {
		t.Errorf("half way: %+v", c)
	}
	s.exec(`update app_user set totp = null, totp_at = null where id = $1`, u.ID)
	s.URL = nil
	if c := set(); c.Name != "foyer" || c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("on this machine: %+v", c)
	}
}

func TestSessionsExpire(t *testing.T) {
	s := newSite(t)
	u := s.person(store.RoleViewer)
	for name, sql := range map[string]string{
		"idle":     `update session set seen_at = now() - interval '14 days 1 minute' where user_id = $1`,
		"absolute": `update session set expires_at = now() - interval '1 second' where user_id = $1`,
	} {
		v := s.visitor()
		v.enter(u)
		if !v.in() {
			t.Fatal("not signed in")
		}
		s.exec(sql, u.ID)
		if v.in() {
			t.Errorf("%s: the session lives", name)
		}
	}
	v := s.visitor()
	v.enter(u)
	s.exec(`update session set seen_at = now() - interval '13 days', expires_at = now() + interval '1 minute' where user_id = $1`, u.ID)
	if !v.in() {
		t.Error("a session within its time is dead")
	}
}

func TestTooManyTries(t *testing.T) {
	s := newSite(t)
	s.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	proxied := httptest.NewServer(s.Handler()) // the same limits
	defer proxied.Close()
	direct := s.url
	s.url = proxied.URL
	try := func(path, email, from string) answer {
		return s.visitor().ask("POST", path, url.Values{"email": {email}, "password": {"x"}}, http.Header{"X-Forwarded-For": {from}})
	}
	for i := range limitAccount {
		if a := try("/sign-in", "Someone@Atelier.example", "10.0.0."+strconv.Itoa(i)); a.status != http.StatusUnprocessableEntity {
			t.Fatalf("try %d: %d", i, a.status)
		}
	}
	a := try("/sign-in", "someone@atelier.example ", "10.1.0.1")
	s.has(s.page(a, http.StatusTooManyRequests), "Trop d'essais.", "Attendez un quart d'heure")
	if a.header.Get("Retry-After") != "900" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	if a := try("/sign-in", "other@atelier.example", "10.1.0.1"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("another account: %d", a.status)
	}
	for range limitLetters {
		try("/forgot", "flood@atelier.example", "10.2.0.1")
	}
	if a := try("/sign-in/link", "flood@atelier.example", "10.2.0.2"); a.status != http.StatusTooManyRequests {
		t.Errorf("the sixth letter: %d", a.status)
	}
	// By the network, whatever a header says: this server trusts no proxy.
	s.url = direct
	s.Proxies = nil
	s.Server.limits = newLimits()
	for i := range limitAddress {
		try("/join/nothing", "", "10.3.0."+strconv.Itoa(i))
	}
	for _, path := range []string{"/sign-in", "/sign-in/link", "/forgot", "/sign-in/code", "/join/nothing", "/reset/nothing", "/verify/nothing"} {
		if a := try(path, "x@y.example", "10.4.0.1"); a.status != http.StatusTooManyRequests {
			t.Errorf("%s: %d after %d tries from one network", path, a.status, limitAddress)
		}
	}
}

func TestNewDeviceIsTold(t *testing.T) {
	s := newSite(t)
	u, v := s.person(store.RoleViewer), s.visitor()
	v.enter(u)
	v.enter(u)
	if n := len(s.letters(mail.NewDevice, u.Email)); n != 0 {
		t.Errorf("%d letters for the first device", n)
	}
	v.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1"
	v.enter(u)
	v.enter(u)
	list := s.letters(mail.NewDevice, u.Email)
	if len(list) != 1 || !strings.Contains(list[0].Text, "Safari, iOS") {
		t.Errorf("%d letters for the second device", len(list))
	}
}
