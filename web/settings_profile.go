package web

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

func (s *Server) profileRoutes() []route {
	return []route{
		{"GET", "/settings/profile", signedIn(), s.page(s.profile)},
		{"POST", "/settings/profile", signedIn(), s.page(s.setProfile)},
	}
}

// profileForm is what a person says of themself. Nothing else of a user can be
// changed by it.
type profileForm struct {
	Name, Language, TimeFormat, TextSize string
	NameError                            string
}

func (f *profileForm) parse(v url.Values) {
	f.Name = line(v, "name")
	f.Language = choice(v, "language", "fr", "en")
	f.TimeFormat = choice(v, "time", "24", "12")
	f.TextSize = choice(v, "size", "large", "larger")
}

func (f *profileForm) check(l i18n.Locale) bool {
	f.NameError = badName(l, f.Name)
	return f.NameError == ""
}

// profile shows what a person says of themself.
func (s *Server) profile(w http.ResponseWriter, r *http.Request) error {
	u := actor(r).User
	return s.profilePage(w, r, http.StatusOK, profileForm{Name: u.Name, Language: u.Language, TimeFormat: u.TimeFormat, TextSize: u.TextSize})
}

func (s *Server) profilePage(w http.ResponseWriter, r *http.Request, status int, f profileForm) error {
	l := s.locale(r)
	language := ui.Field{Name: "language", Label: l.T("settings.profile.language"), Hint: l.T("settings.profile.language.hint"), Options: []ui.Option{
		{Label: l.T("settings.profile.language.auto"), Current: f.Language == ""},
	}}
	for _, n := range i18n.Locales() {
		language.Options = append(language.Options, ui.Option{Value: n.String(), Label: n.Name(), Current: n.String() == f.Language})
	}
	clock := selectField(l, "time", l.T("settings.profile.time"), f.TimeFormat, "settings.profile.time.", "", "24", "12")
	v := s.settingsView(r, "profile", "profile", "")
	v.Parts = []templ.Component{formPart{
		Title: l.T("settings.profile.you"), Action: "/settings/profile", Send: l.T("ui.save"), Fields: []templ.Component{
			ui.Field{Name: "name", Label: l.T("door.name"), Value: f.Name, Error: f.NameError, Complete: "name", Required: true}.View(),
			fixedView{
				Label: l.T("door.email"), Value: actor(r).User.Email,
				Link: &ui.Link{Label: l.T("settings.profile.email.change"), URL: "/settings/security"},
			}.View(),
			language.View(), clock.View(),
			selectField(l, "size", l.T("settings.profile.size"), f.TextSize, "settings.profile.size.", "", "large", "larger").View(),
		},
	}.View()}
	return s.showSettings(w, r, status, v)
}

// setProfile keeps what a person says of themself.
func (s *Server) setProfile(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	var f profileForm
	f.parse(r.PostForm)
	if !f.check(s.locale(r)) {
		return s.profilePage(w, r, http.StatusUnprocessableEntity, f)
	}
	u := store.User{ID: actor(r).User.ID, Name: f.Name, Language: f.Language, TimeFormat: f.TimeFormat, TextSize: f.TextSize}
	if err := s.Store.SetProfile(r.Context(), u); err != nil {
		return fmt.Errorf("web: set profile: %w", err)
	}
	s.audit(r, "person.profile", "")
	return s.done(w, r, "/settings/profile", "saved")
}
