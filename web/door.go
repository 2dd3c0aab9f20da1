package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"strings"
	"unicode"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/ui"
)

// doorRoutes are the addresses before one is in.
func (s *Server) doorRoutes() []route {
	return []route{
		{"GET", "/sign-in", anybody(), s.page(s.signInForm)},
		{"POST", "/sign-in", anybody(), s.slowed(s.signInWithPassword)},
		{"GET", "/sign-in/code", anybody(), s.page(s.codeForm)},
		{"POST", "/sign-in/code", anybody(), s.slowed(s.signInWithCode)},
		{"POST", "/sign-in/passkey/begin", anybody(), s.slowed(s.beginPasskeyUse)},
		{"POST", "/sign-in/passkey", anybody(), s.slowed(s.signInWithPasskey)},
		{"GET", "/sign-in/link", anybody(), s.page(s.linkForm)},
		{"POST", "/sign-in/link", anybody(), s.slowed(s.sendLink)},
		{"GET", "/sign-in/sent", anybody(), s.page(s.sent)},
		{"GET", "/sign-in/link/{token}", anybody(), s.slowed(s.openLink)},
		{"POST", "/sign-in/link/{token}", anybody(), s.slowed(s.signInWithLink)},
		{"GET", "/sign-in/with/{provider}", anybody(), s.slowed(s.depart)},
		{"GET", "/sign-in/with/{provider}/back", anybody(), s.slowed(s.arrive)},
		{"GET", "/forgot", anybody(), s.page(s.forgotForm)},
		{"POST", "/forgot", anybody(), s.slowed(s.sendReset)},
		{"GET", "/reset/{token}", anybody(), s.slowed(s.resetForm)},
		{"POST", "/reset/{token}", anybody(), s.slowed(s.resetPassword)},
		{"GET", "/verify/{token}", anybody(), s.slowed(s.openAddress)},
		{"POST", "/verify/{token}", anybody(), s.slowed(s.proveAddress)},
		{"GET", "/sign-up", anybody(), s.page(s.opened(s.signUpForm))},
		{"POST", "/sign-up", anybody(), s.slowed(s.opened(s.signUp))},
		{"GET", "/sign-up/{token}", anybody(), s.slowed(s.opened(s.openSignUp))},
		{"POST", "/sign-up/{token}", anybody(), s.slowed(s.opened(s.admit))},
		{"GET", "/join/{token}", anybody(), s.slowed(s.join)},
		{"POST", "/join/{token}", anybody(), s.slowed(s.acceptInvitation)},
		{"POST", "/sign-out", signedIn(), s.page(s.signOut)},
		{"GET", "/welcome", anybody(), s.page(s.welcome)},
		{"POST", "/welcome", anybody(), s.slowed(s.createFirst)},
		{"GET", "/confirm", signedIn(), s.page(s.confirmForm)},
		{"POST", "/confirm", signedIn(), s.slowed(s.confirmWithPassword)},
		{"GET", "/confirm/totp", signedIn(), s.page(s.toConfirm)},
		{"POST", "/confirm/totp", signedIn(), s.slowed(s.confirmWithTOTP)},
		{"POST", "/confirm/passkey/begin", signedIn(), s.slowed(s.beginPasskeyUse)},
		{"GET", "/confirm/passkey", signedIn(), s.page(s.toConfirm)},
		{"POST", "/confirm/passkey", signedIn(), s.slowed(s.confirmWithPasskey)},
		{"GET", "/confirm/code/send", signedIn(), s.page(s.toConfirm)},
		{"POST", "/confirm/code/send", signedIn(), s.slowed(s.sendConfirmCode)},
		{"GET", "/confirm/code", signedIn(), s.page(s.toConfirm)},
		{"POST", "/confirm/code", signedIn(), s.slowed(s.confirmWithCode)},
	}
}

// doorView is a page with few forms, for somebody who is not in yet.
type doorView struct {
	Page   ui.Page
	Title  string
	Lede   string
	Banner *ui.Banner
	Forms  []doorForm
	Ways   []ui.Link // other ways on
	Script bool      // loads what passkeys need
	Cannot string    // said where the browser has no passkeys, or no script
}

// doorForm is one form of such a page.
type doorForm struct {
	Title  string
	Text   string
	Action string
	Fields []ui.Field
	Hidden []ui.Option
	Send   string
	Plain  bool // not the primary way
	// Passkey is "get" or "create" for a form that a passkey fills in: hidden without
	// a script. Begin is where its challenge comes from.
	Passkey, Begin, Failed string
}

func (f doorForm) weight() ui.Weight {
	if f.Plain {
		return ui.Plain
	}
	return ui.Primary
}

// maxEmail bounds an address; the standard allows no more.
const maxEmail = 254

// parseEmail returns an address in small letters, or "" for what is none.
func parseEmail(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || a.Name != "" || len(text) > maxEmail || strings.ContainsFunc(text, unicode.IsControl) {
		return ""
	}
	if _, host, _ := strings.Cut(text, "@"); !strings.Contains(host, ".") && host != "localhost" {
		return ""
	}
	return text
}

// signInForm shows the door; whoever is in already goes on.
func (s *Server) signInForm(w http.ResponseWriter, r *http.Request) error {
	back := localPath(r.URL.Query().Get("back"))
	if actor(r).SignedIn() {
		http.Redirect(w, r, back, http.StatusSeeOther)
		return nil
	}
	n, err := s.Store.Users(r.Context())
	if err != nil {
		return fmt.Errorf("web: sign in: %w", err)
	}
	if n == 0 {
		http.Redirect(w, r, "/welcome", http.StatusSeeOther)
		return nil
	}
	f := takeFlash(w, r, "/sign-in")
	return s.signInPage(w, r, http.StatusOK, "", back, f.key)
}

// signInPage shows the ways in. said is the end of a key of the catalogue;
// an unknown one is not said.
func (s *Server) signInPage(w http.ResponseWriter, r *http.Request, status int, email, back, said string) error {
	l := s.locale(r)
	v := doorView{Page: s.bare(r, l.T("door.sign_in")), Title: l.T("door.sign_in.title"), Lede: l.T("door.sign_in.lede")}
	if tone, ok := signInSays(said); ok {
		v.Banner = &ui.Banner{Tone: tone, Lead: l.T("door.said." + said), Text: l.T("door.said." + said + ".text")}
	}
	hidden := []ui.Option{{Value: "back", Label: back}}
	v.Forms = []doorForm{{
		Action: "/sign-in", Hidden: hidden, Send: l.T("door.sign_in.send"), Fields: []ui.Field{
			{Name: "email", Label: l.T("door.email"), Type: "email", Value: email, Complete: "username", Required: true},
			{Name: "password", Label: l.T("door.password"), Type: "password", Complete: "current-password", Required: true},
		},
	}}
	if s.passkeysWork(r) {
		v.Script = true
		v.Forms = append(v.Forms, s.passkeyForm(l, "/sign-in/passkey", hidden))
	}
	query := ""
	if back != "/" {
		query = "?" + url.Values{"back": {back}}.Encode()
	}
	v.Ways = append(s.providerLinks(l, back), ui.Link{Label: l.T("door.link"), URL: "/sign-in/link" + query}, ui.Link{Label: l.T("door.forgot"), URL: "/forgot"})
	if s.Accounts.OpenSignUp {
		v.Ways = append(v.Ways, ui.Link{Label: l.T("door.sign_up"), URL: "/sign-up"})
	}
	v.Page.Back = "/sign-in"
	return s.render(w, r, status, doorPage(v))
}

// signInSays is the tone of what the door may say.
func signInSays(key string) (ui.Tone, bool) {
	switch key {
	case "reset":
		return ui.Good, true
	case "wrong", "again", "passkey", "elsewhere", "declined", "unlinked", "unverified":
		return ui.Bad, true
	}
	return "", false
}

// toDoor leads to the door, which says why.
func (s *Server) toDoor(w http.ResponseWriter, r *http.Request, said string) error {
	setFlash(w, r, "/sign-in", flash{key: said})
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}

// signInWithPassword lets somebody in who knows the password.
func (s *Server) signInWithPassword(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	email, back := r.PostForm.Get("email"), localPath(r.PostForm.Get("back"))
	if err := s.oftenTried(w, r, email); err != nil {
		return err
	}
	u, err := s.Accounts.CheckPassword(r.Context(), email, r.PostForm.Get("password"))
	if errors.Is(err, account.ErrCredentials) {
		return s.signInPage(w, r, http.StatusUnprocessableEntity, email, back, "wrong")
	}
	if err != nil {
		return fmt.Errorf("web: sign in: %w", err)
	}
	return s.enter(w, r, u, proof{method: "password"}, back)
}

// proof is how somebody showed who they are.
type proof struct {
	method string
	second bool // it counts as a second factor
}

// enter begins the session of somebody who proved who they are, and leads on; to
// the code first, where the person set one up.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, u store.User, p proof, back string) error {
	if !u.Disabled.IsZero() {
		return s.signInPage(w, r, http.StatusUnprocessableEntity, "", back, "wrong")
	}
	if u.HasTOTP() && !p.second {
		return s.askCode(w, r, u, p, back)
	}
	if err := s.signIn(w, r, u, p.second); err != nil {
		return fmt.Errorf("web: enter: %w", err)
	}
	s.auditUser(r, u, "person.sign_in", "method", p.method)
	if err := s.noteDevice(r, u); err != nil {
		return fmt.Errorf("web: enter: %w", err)
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

// auditUser appends what a person did who has no session yet.
func (s *Server) auditUser(r *http.Request, u store.User, action string, detail ...string) {
	s.audit(r.WithContext(account.WithActor(r.Context(), account.Actor{User: u, Address: address(r)})), action, "", detail...)
}
