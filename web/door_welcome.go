package web

import (
	"errors"
	"fmt"
	"net/http"
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
		Page: s.bare(r, l.T("door.welcome")), Title: l.T("door.welcome.title"), Lede: l.T("door.welcome.lede"),
		Forms: []doorForm{{Action: "/welcome", Send: l.T("door.welcome.send"), Fields: welcomeFields(l, f)}},
	}
	if s.Code != "" {
		v.Forms[0].Fields = append(v.Forms[0].Fields, ui.Field{
			Name: "code", Label: l.T("door.code"), Hint: l.T("door.code.hint"), Value: f.Code, Error: f.CodeError, Complete: "off", Required: true,
		})
	}
	v.Page.Back = "/welcome"
	return s.render(w, r, status, doorPage(v))
}

// welcomeFields ask for a person and their organisation.
func welcomeFields(l i18n.Locale, f welcomeForm) []ui.Field {
	return []ui.Field{
		{Name: "name", Label: l.T("door.name"), Value: f.Name, Error: f.NameError, Complete: "name", Required: true},
		emailField(l, f.Email, f.EmailError),
		newPassword(l, f.PasswordError),
		{
			Name: "organisation", Label: l.T("door.organisation"), Hint: l.T("door.organisation.hint"), Value: f.Organisation,
			Error: f.OrganisationError, Complete: "organization", Required: true,
		},
		{Name: "kind", Label: l.T("door.kind"), Options: []ui.Option{
			{Value: "brand", Label: l.T("door.kind.brand"), Current: f.Kind != "agency"}, {Value: "agency", Label: l.T("door.kind.agency"), Current: f.Kind == "agency"},
		}},
	}
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
	if err := s.auditCreated(r, u, o); err != nil {
		return fmt.Errorf("web: create first: %w", err)
	}
	return s.enter(w, r, u, proof{method: "first"}, "/")
}
