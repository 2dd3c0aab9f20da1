package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/oauth2-proxy/mockoidc"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/store"
)

// withProvider runs a provider of OpenID Connect beside the site.
func (s *site) withProvider() *mockoidc.MockOIDC {
	s.Helper()
	m, err := mockoidc.Run()
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = m.Shutdown() })
	s.Providers = []*account.Provider{account.NewProvider(account.ProviderConfig{
		Key: "oidc", Name: "Maison", Issuer: m.Issuer(), ClientID: m.ClientID, ClientSecret: m.ClientSecret,
	})}
	return m
}

// abroad goes to the provider and returns where it sends the visitor back to.
func (v *visitor) abroad(m *mockoidc.MockOIDC, path string, u *mockoidc.MockUser) string {
	v.Helper()
	m.QueueUser(u)
	a := v.get(path)
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, m.AuthorizationEndpoint()) {
		v.Fatalf("%d to %q", a.status, a.to)
	}
	return v.consent(a.to)
}

func (v *visitor) consent(to string) string {
	v.Helper()
	res, err := v.client.Get(to)
	if err != nil {
		v.Fatal(err)
	}
	_ = res.Body.Close()
	back := res.Header.Get("Location")
	if !strings.HasPrefix(back, v.url+"/sign-in/with/oidc/back?") {
		v.Fatalf("the provider leads to %q", back)
	}
	return strings.TrimPrefix(back, v.url)
}

func TestSignInElsewhere(t *testing.T) {
	s := newSite(t)
	m := s.withProvider()
	u, v := s.person(store.RoleViewer), s.visitor()
	s.has(s.page(v.get("/sign-in"), http.StatusOK), "Continuer avec Maison")
	known := &mockoidc.MockUser{Subject: "7", Email: strings.ToUpper(u.Email), EmailVerified: true}
	to := v.get("/sign-in/with/oidc").to
	for _, want := range []string{"state=", "nonce=", "code_challenge=", "code_challenge_method=S256", "redirect_uri=" + url.QueryEscape(s.url+"/sign-in/with/oidc/back")} {
		if !strings.Contains(to, want) {
			t.Errorf("%s is not in %s", want, to)
		}
	}
	back := v.abroad(m, "/sign-in/with/oidc?back=/communities", known)
	s.leads(v.get(back), "/communities")
	if !v.in() {
		t.Error("not signed in")
	}
	s.leads(s.visitor().get(back), "/sign-in") // another browser
	s.leads(v.get(back), "/sign-in")           // once

	// Linked now: the address may change there and be unverified.
	v = s.visitor()
	s.leads(v.get(v.abroad(m, "/sign-in/with/oidc", &mockoidc.MockUser{Subject: "7", Email: "other@x.example"})), "/")
	if !v.in() {
		t.Error("a linked account does not sign in")
	}
	s.page(v.get("/sign-in/with/nobody"), http.StatusNotFound)
}

func TestSignInElsewhereRefused(t *testing.T) {
	s := newSite(t)
	m := s.withProvider()
	u := s.person(store.RoleViewer)
	for name, c := range map[string]struct {
		user *mockoidc.MockUser
		bend func(string) string
		says string
	}{
		"unverified address": {&mockoidc.MockUser{Subject: "1", Email: u.Email}, nil, "ne garantit pas votre adresse"},
		"no address":         {&mockoidc.MockUser{Subject: "2", EmailVerified: true}, nil, "ne garantit pas votre adresse"},
		"unknown address":    {&mockoidc.MockUser{Subject: "3", Email: "x@y.example", EmailVerified: true}, nil, "Aucun compte ne correspond"},
		"forged state": {&mockoidc.MockUser{Subject: "4", Email: u.Email, EmailVerified: true}, func(b string) string {
			return strings.Replace(b, "state=", "state=x", 1)
		}, "n'a pas abouti"},
		"forged code": {&mockoidc.MockUser{Subject: "5", Email: u.Email, EmailVerified: true}, func(b string) string {
			return strings.Replace(b, "code=", "code=x", 1)
		}, "n'a pas abouti"},
		"declined": {&mockoidc.MockUser{Subject: "6", Email: u.Email, EmailVerified: true}, func(string) string {
			return "/sign-in/with/oidc/back?error=access_denied&error_description=%3Cb%3E"
		}, "ne vous a pas laissé passer"},
	} {
		t.Run(name, func(t *testing.T) {
			v := s.visitor()
			back := v.abroad(m, "/sign-in/with/oidc", c.user)
			if c.bend != nil {
				back = c.bend(back)
			}
			s.leads(v.get(back), "/sign-in")
			s.has(s.page(v.get("/sign-in"), http.StatusOK), c.says)
			if v.in() {
				t.Error("signed in")
			}
		})
	}
	// The code of one errand does not fit another's verifier and nonce.
	v, thief := s.visitor(), s.visitor()
	stolen := mustURL(v.abroad(m, "/sign-in/with/oidc", &mockoidc.MockUser{Subject: "8", Email: u.Email, EmailVerified: true})).Query().Get("code")
	own := mustURL(thief.get("/sign-in/with/oidc").to).Query().Get("state")
	s.leads(thief.get("/sign-in/with/oidc/back?"+url.Values{"state": {own}, "code": {stolen}}.Encode()), "/sign-in")
	if thief.in() {
		t.Error("a code was injected")
	}
	_ = m.Shutdown()
	s.Providers = []*account.Provider{account.NewProvider(s.Providers[0].ProviderConfig)}
	s.leads(v.get("/sign-in/with/oidc"), "/sign-in")
}

func TestSignInElsewhereComesNew(t *testing.T) {
	s := newSite(t)
	m := s.withProvider()
	s.invite("ines@maison.example", store.RoleAnalyst)
	v := s.visitor()
	s.leads(v.get(v.abroad(m, "/sign-in/with/oidc", &mockoidc.MockUser{Subject: "1", Email: "ines@maison.example", EmailVerified: true})), "/")
	u, err := s.Store.UserByEmail(t.Context(), "ines@maison.example")
	if err != nil {
		t.Fatal(err)
	}
	seats, err := s.Store.Seats(t.Context(), u.ID)
	if err != nil || len(seats) != 1 || seats[0].Role != store.RoleAnalyst || seats[0].Organisation.ID != s.Organisation {
		t.Errorf("%+v, %v", seats, err)
	}
	s.Accounts.OpenSignUp = true
	v = s.visitor()
	s.leads(v.get(v.abroad(m, "/sign-in/with/oidc", &mockoidc.MockUser{Subject: "2", Email: "max@maison.example", EmailVerified: true})), "/")
	if u, err = s.Store.UserByEmail(t.Context(), "max@maison.example"); err != nil {
		t.Fatal(err)
	}
	if seats, err = s.Store.Seats(t.Context(), u.ID); err != nil || len(seats) != 1 || seats[0].Role != store.RoleOwner || seats[0].Organisation.ID == s.Organisation {
		t.Errorf("%+v, %v", seats, err)
	}
}

func TestLinkElsewhere(t *testing.T) {
	s := newSite(t)
	m := s.withProvider()
	u, v := s.person(store.RoleViewer), s.visitor()
	v.enter(u)
	const path = "/settings/security/accounts/oidc"
	s.has(s.page(v.get("/settings/security"), http.StatusOK), "Comptes ailleurs", "Lier Maison")
	s.page(v.get(path), http.StatusOK)
	link := func(v *visitor, subject string) answer {
		m.QueueUser(&mockoidc.MockUser{Subject: subject, Email: "private@x.example"})
		page := s.page(v.post(path), http.StatusOK)
		i := strings.Index(page, m.AuthorizationEndpoint())
		if i < 0 {
			t.Fatal("no way to the provider")
		}
		to, _, _ := strings.Cut(page[i:], `"`)
		return v.get(v.consent(strings.ReplaceAll(to, "&amp;", "&")))
	}
	s.leads(link(v, "9"), "/settings/security")
	s.has(s.page(v.get("/settings/security"), http.StatusOK), "private@x.example", "Délier Maison", "Le compte est lié.")
	other := s.visitor()
	s.leads(other.get(other.abroad(m, "/sign-in/with/oidc", &mockoidc.MockUser{Subject: "9", Email: "private@x.example"})), "/")

	thief := s.visitor() // another person cannot take it
	thief.enter(s.person(store.RoleViewer))
	s.leads(link(thief, "9"), "/settings/security")
	s.has(s.page(thief.get("/settings/security"), http.StatusOK), "déjà lié à un compte")

	s.page(v.get(path), http.StatusOK)
	s.leads(v.post(path+"/unlink"), "/settings/security")
	other = s.visitor()
	s.leads(other.get(other.abroad(m, "/sign-in/with/oidc", &mockoidc.MockUser{Subject: "9", Email: "private@x.example"})), "/sign-in")
}
