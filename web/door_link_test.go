package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
)

// gone checks the page of a link that is worth nothing.
func (s *site) gone(a answer) {
	s.Helper()
	s.has(s.page(a, http.StatusGone), "Ce lien ne vaut plus rien.", "Demandez-en un nouveau")
}

func TestMagicLink(t *testing.T) {
	s := newSite(t)
	u, v := s.person(store.RoleViewer), s.visitor()
	s.page(v.get("/sign-in/link"), http.StatusOK)
	s.has(s.page(v.post("/sign-in/link", "email", "nonsense"), http.StatusUnprocessableEntity), "Cette adresse n'en est pas une.")
	s.leads(v.post("/sign-in/link", "email", u.Email, "back", "/communities"), "/sign-in/sent?what=link")
	s.has(s.page(v.get("/sign-in/sent?what=link"), http.StatusOK), "Si un compte existe pour cette adresse", "n'envoie pas encore d'e-mails")
	link := s.linkIn(mail.MagicLink, u.Email)
	for range 2 { // a mail scanner opens it, too
		s.has(s.page(v.get(link), http.StatusOK), u.Email)
	}
	if v.in() {
		t.Fatal("opening the link signs in")
	}
	s.leads(v.post(link), "/communities")
	if !v.in() {
		t.Error("not signed in")
	}
	other := s.visitor()
	s.gone(other.get(link))
	s.gone(other.post(link))
	s.gone(other.get("/sign-in/link/forged"))
	s.gone(other.post("/sign-in/link/forged"))
	if other.in() {
		t.Error("a used link signs in")
	}
}

func TestMagicLinkExpires(t *testing.T) {
	s := newSite(t)
	u, v := s.person(store.RoleViewer), s.visitor()
	v.post("/sign-in/link", "email", u.Email)
	link := s.linkIn(mail.MagicLink, u.Email)
	s.exec(`update ticket set expires_at = now() - interval '1 second'`)
	s.gone(v.get(link))
	s.gone(v.post(link))
	v.post("/sign-in/link", "email", u.Email)
	first := s.linkIn(mail.MagicLink, u.Email)
	v.post("/sign-in/link", "email", u.Email)
	s.linkIn(mail.MagicLink, u.Email)
	s.gone(v.post(first)) // a newer one replaces it
	// A link for a password is none to sign in.
	v.post("/forgot", "email", u.Email)
	s.gone(v.post(strings.Replace(s.linkIn(mail.ResetPassword, u.Email), "/reset/", "/sign-in/link/", 1)))
}

func TestForgottenPassword(t *testing.T) {
	s := newSite(t)
	u, thief, v := s.person(store.RoleViewer), s.visitor(), s.visitor()
	thief.enter(u)
	v.post("/sign-in/link", "email", u.Email)
	magic := s.linkIn(mail.MagicLink, u.Email)
	s.leads(v.post("/forgot", "email", u.Email), "/sign-in/sent?what=forgot")
	link := s.linkIn(mail.ResetPassword, u.Email)
	s.has(s.page(v.get(link), http.StatusOK), u.Email)
	s.has(s.page(v.post(link, "password", "azerty123"), http.StatusUnprocessableEntity), "trop courant")
	s.leads(v.post(link, "password", otherPassword), "/sign-in")
	s.has(s.page(v.get("/sign-in"), http.StatusOK), "Votre mot de passe a changé.")
	s.gone(v.post(link, "password", otherPassword))
	s.gone(v.post(magic))
	if thief.in() {
		t.Error("a session from before lives")
	}
	if n := len(s.letters(mail.PasswordChanged, u.Email)); n != 1 {
		t.Errorf("%d letters", n)
	}
	s.page(v.post("/sign-in", "email", u.Email, "password", goodPassword), http.StatusUnprocessableEntity)
	s.leads(v.post("/sign-in", "email", u.Email, "password", otherPassword), "/")
}

func TestChangedAddress(t *testing.T) {
	s := newSite(t)
	u, taken, v := s.person(store.RoleViewer), s.person(store.RoleViewer), s.visitor()
	v.enter(u)
	const fresh = "nouvelle@atelier.example"
	s.page(v.get("/settings/security/email"), http.StatusOK)
	s.page(v.post("/settings/security/email", "email", "x"), http.StatusUnprocessableEntity)
	s.leads(v.post("/settings/security/email", "email", fresh), "/settings/security")
	s.has(s.page(v.get("/settings/security"), http.StatusOK), "Un lien est en route", u.Email)
	link := s.linkIn(mail.VerifyAddress, fresh)
	s.page(v.get(link), http.StatusOK)
	s.leads(v.post(link), "/settings/security")
	s.has(s.page(v.get("/settings/security"), http.StatusOK), fresh, "Votre adresse est confirmée.")
	if n := len(s.letters(mail.AddressChanged, u.Email)); n != 1 {
		t.Errorf("%d letters to the old address", n)
	}
	s.gone(v.post(link))
	s.leads(v.post("/settings/security/email", "email", taken.Email), "/settings/security")
	s.has(s.page(v.post(s.linkIn(mail.VerifyAddress, taken.Email)), http.StatusConflict), "Cette adresse a déjà un compte.")
}

func TestOpenSignUp(t *testing.T) {
	s := newSite(t)
	v := s.visitor()
	for _, path := range []string{"/sign-up", "/sign-up/x"} {
		s.page(v.get(path), http.StatusNotFound)
		s.page(v.post(path, "email", "a@b.example"), http.StatusNotFound)
	}
	s.Accounts.OpenSignUp = true
	s.has(s.page(v.get("/sign-in"), http.StatusOK), "Créer un compte")
	s.page(v.get("/sign-up"), http.StatusOK)
	const email = "ines@maison.example"
	s.has(s.page(v.post("/sign-up", "email", "x", "password", "court"), http.StatusUnprocessableEntity), "Écrivez un nom.", "n'en est pas une", "trop court")
	s.leads(v.post("/sign-up", "email", email, "password", goodPassword, "name", "Inès", "organisation", "Maison", "kind", "agency"), "/sign-in/sent?what=sign_up")
	link := s.linkIn(mail.VerifyAddress, email)
	s.page(v.post("/sign-in", "email", email, "password", goodPassword), http.StatusUnprocessableEntity) // not yet
	s.page(v.get(link), http.StatusOK)
	s.leads(v.post(link), "/")
	if !v.in() {
		t.Error("not signed in")
	}
	u, err := s.Store.UserByEmail(t.Context(), email)
	if err != nil || u.Verified.IsZero() || u.Operator {
		t.Fatalf("%+v, %v", u, err)
	}
	seats, err := s.Store.Seats(t.Context(), u.ID)
	if err != nil || len(seats) != 1 || seats[0].Role != store.RoleOwner || seats[0].Organisation.Name != "Maison" || seats[0].Organisation.Kind != "agency" {
		t.Errorf("%+v, %v", seats, err)
	}
	s.gone(v.post(link))
}

func TestInvitation(t *testing.T) {
	s := newSite(t)
	_, token := s.invite("ines@maison.example", store.RoleAnalyst)
	v := s.visitor()
	path := "/join/" + token
	s.has(s.page(v.get(path), http.StatusOK), "On vous attend chez Atelier.", "Zoé", "Analyse", "ines@maison.example")
	s.has(s.page(v.post(path, "name", "", "password", "ines@maison"), http.StatusUnprocessableEntity), "Écrivez un nom.", "ressemble trop")
	s.leads(v.post(path, "name", "Inès", "password", goodPassword, "role", "owner", "email", "evil@evil.example"), "/")
	if !v.in() {
		t.Error("not signed in")
	}
	u, err := s.Store.UserByEmail(t.Context(), "ines@maison.example")
	if err != nil || u.Verified.IsZero() {
		t.Fatalf("%+v, %v", u, err)
	}
	seats, err := s.Store.Seats(t.Context(), u.ID)
	if err != nil || len(seats) != 1 || seats[0].Role != store.RoleAnalyst {
		t.Errorf("%+v, %v", seats, err)
	}
	s.has(s.page(v.get(path), http.StatusGone), "Cette invitation a déjà été acceptée.")
	s.page(s.visitor().post(path, "name", "X", "password", otherPassword), http.StatusGone)
}

func TestInvitationOfSomebodyKnown(t *testing.T) {
	s := newSite(t)
	stranger := s.stranger()
	if err := s.Accounts.SetPassword(t.Context(), stranger.ID, goodPassword, 0); err != nil {
		t.Fatal(err)
	}
	_, token := s.invite(stranger.Email, store.RoleViewer)
	path := "/join/" + token
	v := s.visitor()
	s.has(s.page(v.get(path), http.StatusOK), "Vous avez déjà un compte.", "/sign-in?back=%2Fjoin%2F"+token)
	s.page(v.post(path, "name", "Faux", "password", otherPassword), http.StatusUnprocessableEntity)
	other := s.visitor()
	other.enter(s.person(store.RoleViewer))
	s.has(s.page(other.get(path), http.StatusOK), "Cette invitation est pour une autre adresse.")
	s.page(other.post(path), http.StatusUnprocessableEntity)
	s.leads(other.post("/sign-out", "back", path), path)
	s.leads(v.post("/sign-in", "email", stranger.Email, "password", goodPassword, "back", path), path)
	s.has(s.page(v.get(path), http.StatusOK), "Accepter l'invitation")
	s.leads(v.post(path), "/")
	seats, err := s.Store.Seats(t.Context(), stranger.ID)
	if err != nil || len(seats) != 2 {
		t.Errorf("%d seats, %v", len(seats), err)
	}
}

func TestInvitationThatIsOver(t *testing.T) {
	s := newSite(t)
	v := s.visitor()
	s.has(s.page(v.get("/join/forged"), http.StatusNotFound), "Cette invitation n'existe pas.")
	n, old := s.invite("a@maison.example", store.RoleViewer)
	seats, _ := s.Store.Seats(t.Context(), s.owner.ID)
	again, token, err := s.Accounts.Resend(t.Context(), account.Actor{User: s.owner, Seat: seats[0]}, n.ID)
	if err != nil || again.ID != n.ID {
		t.Fatal(err)
	}
	s.page(v.get("/join/"+old), http.StatusNotFound)
	s.page(v.get("/join/"+token), http.StatusOK)
	s.exec(`update invitation set expires_at = now() - interval '1 second'`)
	s.has(s.page(v.get("/join/"+token), http.StatusGone), "Cette invitation a expiré.")
	s.page(v.post("/join/"+token, "name", "A", "password", goodPassword), http.StatusGone)
	if err := s.Store.RevokeInvitation(t.Context(), s.Organisation, n.ID); err != nil {
		t.Fatal(err)
	}
	s.has(s.page(v.get("/join/"+token), http.StatusGone), "Cette invitation a été retirée.")
}

func TestSendInvitation(t *testing.T) {
	s := newSite(t)
	n, token := s.invite("a@maison.example", store.RoleGuest)
	seats, _ := s.Store.Seats(t.Context(), s.owner.ID)
	r := s.request("GET", "/settings", nil)
	r = r.WithContext(account.WithActor(r.Context(), account.Actor{User: s.owner, Seat: seats[0]}))
	r.Host = strings.TrimPrefix(s.url, "http://")
	if err := s.sendInvitation(r, n, token); err != nil {
		t.Fatal(err)
	}
	if got := s.linkIn(mail.Invitation, "a@maison.example"); got != "/join/"+token {
		t.Errorf("link %q", got)
	}
}
