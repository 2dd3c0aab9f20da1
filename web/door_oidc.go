package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// providerLinks lead to where people sign in elsewhere. They are links, not forms:
// the policy of the page lets no form lead away.
func (s *Server) providerLinks(l i18n.Locale, back string) []ui.Link {
	var links []ui.Link
	for _, p := range s.Providers {
		to := "/sign-in/with/" + p.Key
		if back != "/" {
			to += "?" + url.Values{"back": {back}}.Encode()
		}
		links = append(links, ui.Link{Label: l.T("door.with", "provider", p.Name), URL: to})
	}
	return links
}

// provider is the one that the address names.
func (s *Server) provider(r *http.Request) (*account.Provider, error) {
	for _, p := range s.Providers {
		if p.Key == r.PathValue("provider") {
			return p, nil
		}
	}
	return nil, fmt.Errorf("provider: %w", community.ErrNotFound)
}

// callback is the one address that a provider may send people back to.
func (s *Server) callback(r *http.Request, p *account.Provider) string {
	return s.linkTo(r, "/sign-in/with/"+p.Key+"/back")
}

// depart leads to a provider.
func (s *Server) depart(w http.ResponseWriter, r *http.Request) error {
	p, err := s.provider(r)
	if err != nil {
		return err
	}
	to, token, err := s.Accounts.Depart(r.Context(), p, s.callback(r, p), localPath(r.URL.Query().Get("back")), 0)
	if err != nil {
		s.Log.WarnContext(r.Context(), "a sign-in provider does not answer", slog.String("id", requestID(r)), slog.String("provider", p.Key), slog.Any("error", err))
		return s.toDoor(w, r, "elsewhere")
	}
	s.setStep(w, r, oidcCookie, token, account.Elsewhere)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// arrive takes what a provider says of somebody who comes back.
func (s *Server) arrive(w http.ResponseWriter, r *http.Request) error {
	p, err := s.provider(r)
	if err != nil {
		return err
	}
	var e account.Errand
	_, err = s.Accounts.Use(r.Context(), account.Elsewhere, s.step(r, oidcCookie), &e)
	s.endStep(w, r, oidcCookie)
	if errors.Is(err, community.ErrNotFound) {
		return s.toDoor(w, r, "elsewhere")
	}
	if err != nil {
		return fmt.Errorf("web: arrive: %w", err)
	}
	q := r.URL.Query()
	if q.Get("error") != "" { // their text is not ours to repeat
		if e.Link != 0 {
			return s.toSecurityWith(w, r, "declined")
		}
		return s.toDoor(w, r, "declined")
	}
	c, err := s.Accounts.Return(r.Context(), p, s.callback(r, p), e, q.Get("state"), q.Get("code"))
	if err != nil {
		s.Log.WarnContext(r.Context(), "a sign-in provider's answer was refused", slog.String("id", requestID(r)), slog.String("provider", p.Key), slog.Any("error", err))
		return s.toDoor(w, r, "elsewhere")
	}
	if e.Link != 0 {
		return s.linkElsewhere(w, r, p, e, c)
	}
	return s.enterFrom(w, r, p, e, c)
}

// enterFrom lets in whom a provider's account belongs to. A verified address opens the
// account that has it, an open invitation, or a new account where anybody may make one.
func (s *Server) enterFrom(w http.ResponseWriter, r *http.Request, from *account.Provider, e account.Errand, c account.Claim) error {
	p := proof{method: c.Provider}
	u, err := s.Store.UserElsewhere(r.Context(), c.Provider, c.Subject)
	if err == nil {
		return s.enter(w, r, u, p, localPath(e.Back))
	}
	if !errors.Is(err, community.ErrNotFound) {
		return fmt.Errorf("web: arrive: %w", err)
	}
	if !c.Verified || parseEmail(c.Email) == "" {
		return s.toDoor(w, r, "unverified")
	}
	u, err = s.Store.UserByEmail(r.Context(), c.Email)
	if errors.Is(err, community.ErrNotFound) {
		return s.welcomeFrom(w, r, e, c)
	}
	if err == nil {
		err = s.keepElsewhere(r, u, c)
	}
	if err == nil {
		err = s.tell(r, u, mail.SignInLinked, func(d *mail.Data) { d.Key = from.Name })
	}
	if err != nil {
		return fmt.Errorf("web: arrive: %w", err)
	}
	return s.enter(w, r, u, p, localPath(e.Back))
}

func (s *Server) keepElsewhere(r *http.Request, u store.User, c account.Claim) error {
	err := s.Store.LinkElsewhere(r.Context(), store.SignInAccount{User: u.ID, Provider: c.Provider, Subject: c.Subject, Email: c.Email})
	if err == nil {
		s.auditUser(r, u, "person.account_linked", "provider", c.Provider)
	}
	return err
}

// welcomeFrom makes the account of somebody whose address a provider vouches for.
func (s *Server) welcomeFrom(w http.ResponseWriter, r *http.Request, e account.Errand, c account.Claim) error {
	l, ctx := s.locale(r), r.Context()
	name := c.Name
	if badName(l, name) != "" {
		name = ""
	}
	n, err := s.Store.OpenInvitation(ctx, c.Email)
	if err == nil {
		u, err := s.Accounts.AcceptAsNew(ctx, n, account.NewUser{Name: name, Language: l.String()})
		if errors.Is(err, account.ErrClosed) || errors.Is(err, store.ErrExists) {
			return s.toDoor(w, r, "elsewhere") // it was accepted this very moment
		}
		if err == nil {
			err = s.keepElsewhere(r, u, c)
		}
		if err != nil {
			return fmt.Errorf("web: arrive: %w", err)
		}
		s.auditJoined(r, n, u)
		return s.enter(w, r, u, proof{method: c.Provider}, "/")
	}
	if !errors.Is(err, community.ErrNotFound) {
		return fmt.Errorf("web: arrive: %w", err)
	}
	if !s.Accounts.OpenSignUp {
		return s.toDoor(w, r, "unlinked")
	}
	organisation := name
	if organisation == "" {
		organisation = c.Email
	}
	u, o, err := s.Accounts.Admit(ctx, c.Email, account.Applicant{Name: name, Language: l.String(), Organisation: organisation, Kind: "brand", Zone: guessZone(l)})
	if err == nil {
		err = s.keepElsewhere(r, u, c)
	}
	if err == nil {
		err = s.auditCreated(r, u, o)
	}
	if err != nil {
		return fmt.Errorf("web: arrive: %w", err)
	}
	return s.enter(w, r, u, proof{method: c.Provider}, localPath(e.Back))
}

// linkElsewhere links a provider's account to the person who set out to do so, if it
// is still them who are here.
func (s *Server) linkElsewhere(w http.ResponseWriter, r *http.Request, p *account.Provider, e account.Errand, c account.Claim) error {
	u := actor(r).User
	if u.ID != e.Link {
		return s.toDoor(w, r, "elsewhere")
	}
	err := s.keepElsewhere(r, u, c)
	if errors.Is(err, store.ErrExists) {
		return s.toSecurityWith(w, r, "linked_before")
	}
	if err == nil {
		err = s.tell(r, u, mail.SignInLinked, func(d *mail.Data) { d.Key = p.Name })
	}
	if err != nil {
		return fmt.Errorf("web: link: %w", err)
	}
	return s.toSecurityWith(w, r, "linked")
}
