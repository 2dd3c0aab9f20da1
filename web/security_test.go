package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
)

func TestDevices(t *testing.T) {
	s := newSite(t)
	u, here, there, third := s.person(store.RoleViewer), s.visitor(), s.visitor(), s.visitor()
	here.enter(u)
	there.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1"
	there.enter(u)
	third.enter(u)
	s.has(s.page(here.get("/settings/security"), http.StatusOK), "Firefox, Linux", "Safari, iOS", "127.0.0.1", "Cet appareil", "Déconnecter tous les autres appareils")
	list, err := s.Store.Sessions(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	stranger := s.visitor()
	stranger.enter(s.person(store.RoleViewer))
	for _, n := range list {
		if strings.Contains(n.Agent, "iPhone") {
			path := "/settings/security/sessions/" + idText(n.ID) + "/end"
			s.page(stranger.post(path), http.StatusNotFound)
			if !there.in() {
				t.Fatal("a stranger ended the session")
			}
			s.leads(here.post(path), "/settings/security")
		}
	}
	if there.in() || !here.in() || !third.in() {
		t.Error("not the one device is signed out")
	}
	s.leads(here.post("/settings/security/sessions/end"), "/settings/security")
	s.has(s.page(here.get("/settings/security"), http.StatusOK), "Tous les autres appareils sont déconnectés.")
	if third.in() || !here.in() || !stranger.in() {
		t.Error("not the other devices of the person are signed out")
	}
}

func TestPasswordInSettings(t *testing.T) {
	s := newSite(t)
	u, v, other := s.person(store.RoleViewer), s.visitor(), s.visitor()
	v.enter(u)
	other.enter(u)
	s.page(v.get("/settings/security/password"), http.StatusOK)
	s.has(s.page(v.post("/settings/security/password", "password", "motdepasse"), http.StatusUnprocessableEntity), "trop courant")
	s.leads(v.post("/settings/security/password", "password", otherPassword), "/settings/security")
	if other.in() || !v.in() {
		t.Error("not the other sessions ended")
	}
	if n := len(s.letters(mail.PasswordChanged, u.Email)); n != 1 {
		t.Errorf("%d letters", n)
	}
}

func TestPasskeyPages(t *testing.T) {
	s := newSite(t)
	u, v := s.person(store.RoleViewer), s.visitor()
	v.enter(u)
	id, err := s.Store.AddPasskey(t.Context(), store.Passkey{User: u.ID, CredentialID: []byte("key"), Credential: []byte(`{"id":"a2V5"}`), Name: "Mon téléphone"})
	if err != nil {
		t.Fatal(err)
	}
	s.has(s.page(v.get("/settings/security"), http.StatusOK), "Mon téléphone", "Ajoutée le")
	s.page(v.get(passkeyPath(id, "")), http.StatusOK)
	s.page(v.post(passkeyPath(id, ""), "name", " "), http.StatusUnprocessableEntity)
	s.leads(v.post(passkeyPath(id, ""), "name", "Clé du bureau"), "/settings/security")
	s.has(s.page(v.get("/settings/security"), http.StatusOK), "Clé du bureau")

	stranger := s.visitor()
	stranger.enter(s.person(store.RoleViewer))
	s.page(stranger.get(passkeyPath(id, "")), http.StatusNotFound)
	s.page(stranger.post(passkeyPath(id, ""), "name", "à moi"), http.StatusNotFound)
	s.page(stranger.post(passkeyPath(id, "/remove")), http.StatusNotFound)

	v.stale()
	if a := v.post(passkeyPath(id, "/remove")); !strings.HasPrefix(a.to, "/confirm") {
		t.Errorf("removed without asking: %d %s", a.status, a.to)
	}
	s.leads(v.post("/confirm", "password", goodPassword), "/")
	s.leads(v.post(passkeyPath(id, "/remove")), "/settings/security")
	if list, err := s.Store.Passkeys(t.Context(), u.ID); err != nil || len(list) != 0 {
		t.Errorf("%d passkeys, %v", len(list), err)
	}
	// At an address without a name browsers give none.
	s.page(v.get("/settings/security/passkeys/new"), http.StatusConflict)
	if strings.Contains(s.visitor().get("/sign-in").body, "data-passkey") {
		t.Error("the sign-in page offers passkeys at a bare address")
	}
}

// TestPasskeyAnswers: what is no answer to a challenge of ours opens nothing, and a
// challenge is good once.
func TestPasskeyAnswers(t *testing.T) {
	s := newSite(t)
	s.url = strings.Replace(s.url, "127.0.0.1", "localhost", 1)
	v := s.visitor()
	page := s.page(v.get("/sign-in"), http.StatusOK)
	s.has(page, `data-passkey="get"`, "passkey")
	for _, answer := range []string{"", "{}", "null", "[", strings.Repeat("[", 10000), `{"id":"a","rawId":"YQ","type":"public-key","response":{}}`, strings.Repeat("a", 100000)} {
		a := v.post("/sign-in/passkey/begin")
		if a.status != http.StatusOK || !strings.Contains(a.body, `"rpId":"localhost"`) || !strings.Contains(a.body, `"userVerification":"required"`) {
			t.Fatalf("%d %s", a.status, a.body)
		}
		s.has(s.page(v.post("/sign-in/passkey", "credential", answer), http.StatusUnprocessableEntity), "Cette clé d'accès n'ouvre rien ici.")
	}
	s.page(s.visitor().post("/sign-in/passkey", "credential", "{}"), http.StatusUnprocessableEntity) // without a challenge
	v.enter(s.person(store.RoleViewer))
	s.page(v.get("/settings/security/passkeys/new"), http.StatusOK)
	a := v.post("/settings/security/passkeys/new/begin")
	if a.status != http.StatusOK || !strings.Contains(a.body, `"residentKey":"required"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	s.has(s.page(v.post("/settings/security/passkeys/new", "name", "Clé", "credential", "{}"), http.StatusUnprocessableEntity), "Aucune clé d'accès n'a été créée.")
	s.page(v.post("/settings/security/passkeys/new", "name", "", "credential", "{}"), http.StatusUnprocessableEntity)
}
