package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// viewElsewhere lists the providers and which of them sign the person in.
func (s *Server) viewElsewhere(r *http.Request, l i18n.Locale) (wayList, error) {
	v := wayList{Title: l.T("security.elsewhere"), Sub: l.T("security.elsewhere.text")}
	linked, err := s.linkedTo(r)
	if err != nil {
		return v, err
	}
	for _, p := range s.Providers {
		way := wayView{
			Name: p.Name, Text: l.T("security.elsewhere.none"),
			Links: []ui.Link{{Label: l.T("security.elsewhere.link", "provider", p.Name), URL: securityPath + "/accounts/" + p.Key}},
		}
		if a, ok := linked[p.Key]; ok {
			way.Text, way.Tone, way.Icon, way.State = a.Email, ui.Good, ui.IconCheck, l.T("security.elsewhere.linked")
			way.Links[0].Label = l.T("security.elsewhere.unlink", "provider", p.Name)
		}
		v.Ways = append(v.Ways, way)
	}
	return v, nil
}

// linkedTo are the accounts elsewhere of the person, by provider.
func (s *Server) linkedTo(r *http.Request) (map[string]store.SignInAccount, error) {
	list, err := s.Store.SignInAccounts(r.Context(), actor(r).User.ID)
	linked := map[string]store.SignInAccount{}
	for _, a := range list {
		linked[a.Provider] = a
	}
	return linked, err
}

// elsewhereForm links an account elsewhere, or ends that it signs in.
func (s *Server) elsewhereForm(w http.ResponseWriter, r *http.Request) error {
	p, err := s.provider(r)
	if err != nil {
		return err
	}
	linked, err := s.linkedTo(r)
	if err != nil {
		return fmt.Errorf("web: elsewhere: %w", err)
	}
	l, what, action := s.locale(r), "link", r.URL.Path
	if _, ok := linked[p.Key]; ok {
		what, action = "unlink", r.URL.Path+"/unlink"
	}
	return s.render(w, r, http.StatusOK, doorPage(doorView{
		Page: s.settingsFrame(r, "security", p.Name), Title: l.T("security.elsewhere."+what+".title", "provider", p.Name), Lede: l.T("security.elsewhere."+what+".lede", "provider", p.Name),
		Forms: []doorForm{{Action: action, Send: l.T("security.elsewhere."+what, "provider", p.Name)}}, Ways: []ui.Link{s.stay(l)},
	}))
}

// setOut begins to link an account elsewhere. It begins with a form, so that nobody is
// sent there by a prepared link; it goes on by a link, for no form may lead away.
func (s *Server) setOut(w http.ResponseWriter, r *http.Request) error {
	p, err := s.provider(r)
	if err != nil {
		return err
	}
	to, token, err := s.Accounts.Depart(r.Context(), p, s.callback(r, p), "/", actor(r).User.ID)
	if err != nil {
		s.Log.WarnContext(r.Context(), "a sign-in provider does not answer", slog.String("id", requestID(r)), slog.String("provider", p.Key), slog.Any("error", err))
		return s.toSecurityWith(w, r, "elsewhere")
	}
	s.setStep(w, r, oidcCookie, token, account.Elsewhere)
	l := s.locale(r)
	return s.render(w, r, http.StatusOK, doorPage(doorView{
		Page: s.settingsFrame(r, "security", p.Name), Title: l.T("security.elsewhere.go.title", "provider", p.Name), Lede: l.T("security.elsewhere.go.lede", "provider", p.Name),
		Ways: []ui.Link{{Label: l.T("security.elsewhere.go", "provider", p.Name), URL: to}, s.stay(l)},
	}))
}

// unlinkElsewhere ends that a provider signs the person in.
func (s *Server) unlinkElsewhere(w http.ResponseWriter, r *http.Request) error {
	p, err := s.provider(r)
	if err != nil {
		return err
	}
	err = s.Store.UnlinkElsewhere(r.Context(), actor(r).User.ID, p.Key)
	if errors.Is(err, community.ErrNotFound) {
		return s.toSecurity(w, r)
	}
	if err != nil {
		return fmt.Errorf("web: unlink: %w", err)
	}
	s.audit(r, "person.account_unlinked", "", "provider", p.Key)
	return s.toSecurityWith(w, r, "unlinked")
}
