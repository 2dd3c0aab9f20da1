package web

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

const securityPath = "/settings/security"

// securityRoutes are the pages about how a person proves who they are.
func (s *Server) securityRoutes() []route {
	const at = securityPath
	back := s.page(s.toSecurity) // for whoever comes back from confirming a form
	return []route{
		{"GET", at, signedIn(), s.page(s.security)},
		{"GET", at + "/password", signedIn().sure(), s.page(s.passwordForm)},
		{"POST", at + "/password", signedIn().sure(), s.page(s.setPassword)},
		{"GET", at + "/email", signedIn().sure(), s.page(s.emailForm)},
		{"POST", at + "/email", signedIn().sure(), s.slowed(s.askEmail)},
		{"GET", at + "/totp", signedIn().sure(), s.page(s.totpForm)},
		{"POST", at + "/totp", signedIn().sure(), s.page(s.confirmTOTP)},
		{"GET", at + "/totp/off", signedIn().sure(), s.page(s.totpOffForm)},
		{"POST", at + "/totp/off", signedIn().sure(), s.page(s.totpOff)},
		{"GET", at + "/codes", signedIn().sure(), s.page(s.codesForm)},
		{"POST", at + "/codes", signedIn().sure(), s.page(s.newCodes)},
		{"GET", at + "/passkeys/new", signedIn().sure(), s.page(s.passkeyNew)},
		{"POST", at + "/passkeys/new", signedIn().sure(), s.page(s.addPasskey)},
		{"GET", at + "/passkeys/new/begin", signedIn(), back},
		{"POST", at + "/passkeys/new/begin", signedIn().sure(), s.page(s.beginPasskey)},
		{"GET", at + "/passkeys/{passkey}", signedIn(), s.page(s.passkeyForms)},
		{"POST", at + "/passkeys/{passkey}", signedIn(), s.page(s.renamePasskey)},
		{"GET", at + "/passkeys/{passkey}/remove", signedIn(), back},
		{"POST", at + "/passkeys/{passkey}/remove", signedIn().sure(), s.page(s.removePasskey)},
		{"GET", at + "/accounts/{provider}", signedIn().sure(), s.page(s.elsewhereForm)},
		{"POST", at + "/accounts/{provider}", signedIn().sure(), s.page(s.setOut)},
		{"GET", at + "/accounts/{provider}/unlink", signedIn(), back},
		{"POST", at + "/accounts/{provider}/unlink", signedIn().sure(), s.page(s.unlinkElsewhere)},
		{"GET", at + "/sessions/{session}/end", signedIn(), back},
		{"POST", at + "/sessions/{session}/end", signedIn(), s.page(s.endSession)},
		{"GET", at + "/sessions/end", signedIn(), back},
		{"POST", at + "/sessions/end", signedIn(), s.page(s.endOtherSessions)},
	}
}

// toSecurity leads from the address of a form to the page that shows it.
func (s *Server) toSecurity(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, securityPath, http.StatusSeeOther)
	return nil
}

// toSecurityWith leads to the page, which says what happened.
func (s *Server) toSecurityWith(w http.ResponseWriter, r *http.Request, said string) error {
	setFlash(w, r, securityPath, flash{key: said})
	return s.toSecurity(w, r)
}

// securityView is the page of how a person signs in, and where they did.
type securityView struct {
	Page   ui.Page
	Head   ui.Head
	Banner *ui.Banner
	Ways   []wayView
	Keys   wayList
	Apart  wayList // accounts elsewhere
	Where  deviceList
}

// wayView is one way to prove who one is.
type wayView struct {
	Name, Text string
	Tone       ui.Tone
	Icon       ui.Icon
	State      string
	Links      []ui.Link
}

// wayList is a panel of ways.
type wayList struct {
	Title, Sub string
	Ways       []wayView
	Empty      string
	Add        *ui.Link
}

// security shows how a person signs in.
func (s *Server) security(w http.ResponseWriter, r *http.Request) error {
	l, who := s.locale(r), actor(r)
	v := securityView{Page: s.settingsFrame(r, "security", l.T("security")), Head: ui.Head{
		Eyebrow: l.T("web.menu.settings"), Title: l.T("security.title"), Lede: words(l.T("security.lede")),
	}}
	if tone, ok := securitySays(takeFlash(w, r, securityPath).key); ok {
		v.Banner = &tone
		v.Banner.Text = l.T("security.said." + v.Banner.Text)
	}
	left, err := s.Store.RecoveryCodesLeft(r.Context(), who.User.ID)
	if err != nil {
		return fmt.Errorf("web: security: %w", err)
	}
	v.Ways = viewWays(l, who.User, left)
	if v.Keys, err = s.viewPasskeys(r, l); err != nil {
		return fmt.Errorf("web: security: %w", err)
	}
	if v.Apart, err = s.viewElsewhere(r, l); err != nil {
		return fmt.Errorf("web: security: %w", err)
	}
	if v.Where, err = s.viewDevices(r, l); err != nil {
		return fmt.Errorf("web: security: %w", err)
	}
	return s.render(w, r, http.StatusOK, securityPage(v))
}

// securitySays is a banner with the key of what the page may say.
func securitySays(key string) (ui.Banner, bool) {
	good := []string{"password", "address", "address_asked", "totp_off", "passkey", "passkey_renamed", "passkey_removed", "linked", "unlinked", "ended", "ended_all"}
	bad := []string{"declined", "linked_before", "elsewhere"}
	switch {
	case slices.Contains(good, key):
		return ui.Banner{Tone: ui.Good, Text: key}, true
	case slices.Contains(bad, key):
		return ui.Banner{Tone: ui.Bad, Text: key}, true
	}
	return ui.Banner{}, false
}

func viewWays(l i18n.Locale, u store.User, codesLeft int) []wayView {
	state := func(w wayView, on bool, yes, no string) wayView {
		w.Tone, w.Icon, w.State = ui.Watch, ui.IconWarning, l.T(no)
		if on {
			w.Tone, w.Icon, w.State = ui.Good, ui.IconCheck, l.T(yes)
		}
		return w
	}
	link := func(label, path string) ui.Link { return ui.Link{Label: l.T(label), URL: securityPath + path} }
	address := state(wayView{Name: l.T("door.email"), Text: u.Email, Links: []ui.Link{link("security.email.change", "/email")}},
		!u.Verified.IsZero(), "security.email.verified", "security.email.unverified")
	password := state(wayView{Name: l.T("door.password"), Text: l.T("security.password.text"), Links: []ui.Link{link("security.password.change", "/password")}},
		u.Password != "", "security.password.set", "security.password.none")
	totp := state(wayView{Name: l.T("security.totp"), Text: l.T("security.totp.text"), Links: []ui.Link{link("security.totp.set_up", "/totp")}},
		u.HasTOTP(), "security.on", "security.off")
	ways := []wayView{address, password, totp}
	if u.HasTOTP() {
		ways[2].Links = []ui.Link{link("security.totp.turn_off", "/totp/off")}
		codes := state(wayView{Name: l.T("security.codes"), Text: l.T("security.codes.text"), Links: []ui.Link{link("security.codes.new", "/codes")}},
			codesLeft > 2, "security.codes.left", "security.codes.left")
		codes.State = l.N("security.codes.left", codesLeft)
		ways = append(ways, codes)
	}
	return ways
}

// passwordForm asks for a new password.
func (s *Server) passwordForm(w http.ResponseWriter, r *http.Request) error {
	return s.passwordPage(w, r, http.StatusOK, "")
}

func (s *Server) passwordPage(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	l := s.locale(r)
	return s.render(w, r, status, doorPage(doorView{
		Page: s.settingsFrame(r, "security", l.T("security.password.change")), Title: l.T("security.password.title"), Lede: l.T("security.password.lede"),
		Forms: []doorForm{{
			Action: r.URL.Path, Send: l.T("door.reset.send"), Fields: []ui.Field{newPassword(l, problem)},
			Hidden: []ui.Option{{Value: "username", Label: actor(r).User.Email}},
		}},
		Ways: []ui.Link{s.stay(l)},
	}))
}

// stay leads back without a change.
func (s *Server) stay(l i18n.Locale) ui.Link {
	return ui.Link{Label: l.T("security.back"), URL: securityPath}
}

// setPassword replaces the password; the other sessions end.
func (s *Server) setPassword(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	who, password := actor(r), r.PostForm.Get("password")
	if weak := weakPassword(s.locale(r), password, who.User.Email, who.User.Name, who.Seat.Organisation.Name); weak != "" {
		return s.passwordPage(w, r, http.StatusUnprocessableEntity, weak)
	}
	if err := s.changePassword(r, who.User, password, who.Session.ID); err != nil {
		return fmt.Errorf("web: set password: %w", err)
	}
	s.audit(r, "person.password", "", "way", "settings")
	return s.toSecurityWith(w, r, "password")
}

// emailForm asks for a new address.
func (s *Server) emailForm(w http.ResponseWriter, r *http.Request) error {
	return s.emailPage(w, r, http.StatusOK, actor(r).User.Email, "")
}

func (s *Server) emailPage(w http.ResponseWriter, r *http.Request, status int, email, problem string) error {
	l := s.locale(r)
	return s.render(w, r, status, doorPage(doorView{
		Page: s.settingsFrame(r, "security", l.T("security.email.change")), Title: l.T("security.email.title"), Lede: l.T("security.email.lede"),
		Forms: []doorForm{{Action: r.URL.Path, Send: l.T("security.email.send"), Fields: []ui.Field{emailField(l, email, problem)}}},
		Ways:  []ui.Link{s.stay(l)},
	}))
}

// askEmail writes to the address that is to be the person's. Whether somebody else
// has it is told to nobody but its reader.
func (s *Server) askEmail(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	l, u := s.locale(r), actor(r).User
	email := parseEmail(r.PostForm.Get("email"))
	if email == "" {
		return s.emailPage(w, r, http.StatusUnprocessableEntity, r.PostForm.Get("email"), l.T("door.email.bad"))
	}
	if err := s.oftenWritten(w, r, email); err != nil {
		return err
	}
	token, err := s.Accounts.Issue(r.Context(), account.ProveAddress, u.ID, email, nil)
	if err == nil {
		n := s.letter(r, u, mail.VerifyAddress)
		n.Data.To, n.Data.Address = email, email
		n.Data.Link, n.Data.Valid = s.linkTo(r, "/verify/"+token), account.ProveAddress.Holds()
		err = s.Post.Post(r.Context(), n)
	}
	if err != nil {
		return fmt.Errorf("web: ask email: %w", err)
	}
	s.audit(r, "person.address_asked", "")
	return s.toSecurityWith(w, r, "address_asked")
}
