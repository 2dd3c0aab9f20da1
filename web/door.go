package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// doorRoutes are the addresses before one is in.
func (s *Server) doorRoutes() []route {
	return []route{
		{"GET", "/sign-in", anybody(), s.page(s.signInForm)},
		{"POST", "/sign-in", anybody(), s.page(s.signInWithPassword)},
		{"POST", "/sign-out", signedIn(), s.page(s.signOut)},
		{"GET", "/welcome", anybody(), s.page(s.welcome)},
		{"POST", "/welcome", anybody(), s.page(s.createFirst)},
		{"GET", "/confirm", signedIn(), s.page(s.confirmForm)},
		{"POST", "/confirm", signedIn(), s.page(s.confirmWithPassword)},
	}
}

// doorView is a page with one form, for somebody who is not in yet.
type doorView struct {
	Page   ui.Page
	Title  string
	Lede   string
	Banner *ui.Banner
	Action string
	Fields []ui.Field
	Hidden []ui.Option
	Send   string
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
	return s.signInPage(w, r, http.StatusOK, "", back, "")
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request, status int, email, back, problem string) error {
	l := s.locale(r)
	v := doorView{
		Page: s.bare(r, l.T("door.sign_in")), Title: l.T("door.sign_in.title"), Lede: l.T("door.sign_in.lede"), Action: "/sign-in",
		Fields: []ui.Field{
			{Name: "email", Label: l.T("door.email"), Type: "email", Value: email, Complete: "username", Required: true},
			{Name: "password", Label: l.T("door.password"), Type: "password", Complete: "current-password", Required: true},
		},
		Hidden: []ui.Option{{Value: "back", Label: back}}, Send: l.T("door.sign_in.send"),
	}
	if problem != "" {
		v.Banner = &ui.Banner{Tone: ui.Bad, Lead: l.T(problem), Text: l.T(problem + ".text")}
	}
	v.Page.Back = "/sign-in"
	return s.render(w, r, status, doorPage(v))
}

// signInWithPassword lets somebody in who knows the password.
func (s *Server) signInWithPassword(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	email, back := r.PostForm.Get("email"), localPath(r.PostForm.Get("back"))
	u, err := s.Accounts.CheckPassword(r.Context(), email, r.PostForm.Get("password"))
	if errors.Is(err, account.ErrCredentials) {
		return s.signInPage(w, r, http.StatusUnprocessableEntity, email, back, "door.wrong")
	}
	if err != nil {
		return fmt.Errorf("web: sign in: %w", err)
	}
	return s.enter(w, r, u, false, "password", back)
}

// enter begins the session of somebody who proved who they are, and leads on.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, u store.User, second bool, method, back string) error {
	if err := s.signIn(w, r, u, second); err != nil {
		return fmt.Errorf("web: enter: %w", err)
	}
	s.auditUser(r, u, "person.sign_in", "method", method)
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

// auditUser appends what a person did who has no session yet.
func (s *Server) auditUser(r *http.Request, u store.User, action string, detail ...string) {
	s.audit(r.WithContext(account.WithActor(r.Context(), account.Actor{User: u, Address: address(r)})), action, "", detail...)
}

// welcomeForm makes the first person of an instance and their organisation.
type welcomeForm struct {
	Name, Email, Password, Organisation, Kind, Code                    string
	NameError, EmailError, PasswordError, OrganisationError, CodeError string
}

func (f *welcomeForm) parse(v url.Values) {
	f.Name, f.Email, f.Password = strings.TrimSpace(v.Get("name")), strings.TrimSpace(v.Get("email")), v.Get("password")
	f.Organisation, f.Kind, f.Code = strings.TrimSpace(v.Get("organisation")), v.Get("kind"), strings.TrimSpace(v.Get("code"))
}

func (f *welcomeForm) check(l i18n.Locale) bool {
	f.NameError = badName(l, f.Name)
	f.OrganisationError = badName(l, f.Organisation)
	if parseEmail(f.Email) == "" {
		f.EmailError = l.T("door.email.bad")
	}
	f.PasswordError = weakPassword(l, f.Password, f.Email, f.Name, f.Organisation)
	if f.Kind != "agency" {
		f.Kind = "brand"
	}
	return f.NameError == "" && f.OrganisationError == "" && f.EmailError == "" && f.PasswordError == ""
}

// badName says what is wrong with a name; "" when nothing.
func badName(l i18n.Locale, name string) string {
	switch {
	case name == "":
		return l.T("door.name.missing")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return l.T("door.name.bad")
	case utf8.RuneCountInString(name) > maxName:
		return l.T("start.name.long", "n", maxName)
	}
	return ""
}

// weakPassword says why a password cannot be taken; "" when it can.
func weakPassword(l i18n.Locale, password string, personal ...string) string {
	verdict := secret.Strength(password, personal...)
	if verdict.OK {
		return ""
	}
	return l.T("door.password.weak." + string(verdict.Reason))
}

// welcome offers to create the first person, once in the life of an instance.
func (s *Server) welcome(w http.ResponseWriter, r *http.Request) error {
	n, err := s.Store.Users(r.Context())
	if err != nil {
		return fmt.Errorf("web: welcome: %w", err)
	}
	if n > 0 {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return nil
	}
	return s.welcomePage(w, r, http.StatusOK, welcomeForm{Code: r.URL.Query().Get("code")})
}

func (s *Server) welcomePage(w http.ResponseWriter, r *http.Request, status int, f welcomeForm) error {
	l := s.locale(r)
	v := doorView{
		Page: s.bare(r, l.T("door.welcome")), Title: l.T("door.welcome.title"), Lede: l.T("door.welcome.lede"), Action: "/welcome",
		Fields: []ui.Field{
			{Name: "name", Label: l.T("door.name"), Value: f.Name, Error: f.NameError, Complete: "name", Required: true},
			{Name: "email", Label: l.T("door.email"), Type: "email", Value: f.Email, Error: f.EmailError, Complete: "username", Required: true},
			{Name: "password", Label: l.T("door.password"), Type: "password", Hint: l.T("door.password.hint"), Error: f.PasswordError, Complete: "new-password", Required: true},
			{Name: "organisation", Label: l.T("door.organisation"), Hint: l.T("door.organisation.hint"), Value: f.Organisation, Error: f.OrganisationError, Complete: "organization", Required: true},
			{Name: "kind", Label: l.T("door.kind"), Options: []ui.Option{
				{Value: "brand", Label: l.T("door.kind.brand"), Current: f.Kind != "agency"}, {Value: "agency", Label: l.T("door.kind.agency"), Current: f.Kind == "agency"},
			}},
		},
		Send: l.T("door.welcome.send"),
	}
	if s.Code != "" {
		v.Fields = append(v.Fields, ui.Field{
			Name: "code", Label: l.T("door.code"), Hint: l.T("door.code.hint"), Value: f.Code, Error: f.CodeError, Complete: "off", Required: true,
		})
	}
	v.Page.Back = "/welcome"
	return s.render(w, r, status, doorPage(v))
}

// createFirst makes the owner of a new instance.
func (s *Server) createFirst(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	l := s.locale(r)
	var f welcomeForm
	f.parse(r.PostForm)
	ok := f.check(l)
	if s.Code != "" && !sameSecret(f.Code, s.Code) {
		f.CodeError, ok = l.T("door.code.wrong"), false
	}
	if !ok {
		return s.welcomePage(w, r, http.StatusUnprocessableEntity, f)
	}
	u, o, err := s.Accounts.CreateFirst(r.Context(),
		account.NewUser{Email: f.Email, Name: f.Name, Password: f.Password, Language: l.String(), Verified: true},
		store.Organisation{Name: f.Organisation, Kind: f.Kind, TimeZone: guessZone(l), Currency: "EUR", Language: l.String()})
	if errors.Is(err, store.ErrNotFirst) {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return fmt.Errorf("web: create first: %w", err)
	}
	entry := account.Actor{User: u, Seat: store.Seat{Organisation: o}, Address: address(r)}.Entry("organisation.create", o.Name)
	if err := s.Store.Audit(context.WithoutCancel(r.Context()), entry); err != nil {
		return fmt.Errorf("web: create first: %w", err)
	}
	return s.enter(w, r, u, false, "first", "/")
}

// confirmForm asks a person to prove to be there, before something dangerous.
func (s *Server) confirmForm(w http.ResponseWriter, r *http.Request) error {
	return s.confirmPage(w, r, http.StatusOK, localPath(r.URL.Query().Get("back")), "")
}

func (s *Server) confirmPage(w http.ResponseWriter, r *http.Request, status int, back, problem string) error {
	l := s.locale(r)
	v := doorView{
		Page: s.bare(r, l.T("door.confirm")), Title: l.T("door.confirm.title"), Lede: l.T("door.confirm.lede"), Action: "/confirm",
		Fields: []ui.Field{{Name: "password", Label: l.T("door.password"), Type: "password", Error: problem, Complete: "current-password", Required: true}},
		Hidden: []ui.Option{{Value: "back", Label: back}}, Send: l.T("door.confirm.send"),
	}
	v.Page.Back = "/confirm"
	return s.render(w, r, status, doorPage(v))
}

func (s *Server) confirmWithPassword(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	who, back := actor(r), localPath(r.PostForm.Get("back"))
	_, err := s.Accounts.CheckPassword(r.Context(), who.User.Email, r.PostForm.Get("password"))
	if errors.Is(err, account.ErrCredentials) {
		return s.confirmPage(w, r, http.StatusUnprocessableEntity, back, s.locale(r).T("door.confirm.wrong"))
	}
	if err == nil {
		err = s.Store.ConfirmSession(r.Context(), who.Session.ID)
	}
	if err != nil {
		return fmt.Errorf("web: confirm: %w", err)
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}
