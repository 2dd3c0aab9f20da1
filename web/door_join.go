package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/courier"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// linkTo is the address of a page as a letter says it.
func (s *Server) linkTo(r *http.Request, path string) string {
	base := url.URL{Scheme: "http", Host: r.Host} // of this machine: hosted lets no other in
	if r.TLS != nil {
		base.Scheme = "https"
	}
	if s.URL != nil {
		base = *s.URL
	}
	return base.JoinPath(path).String()
}

// sendInvitation writes to the person who is invited. The token is in no other place.
func (s *Server) sendInvitation(r *http.Request, n store.Invitation, token string) error {
	l, ok := i18n.Parse(n.Language)
	if !ok {
		l = s.locale(r)
	}
	err := s.Post.Post(context.WithoutCancel(r.Context()), courier.Letter{
		Organisation: n.Organisation, Kind: mail.Invitation, Locale: l, Data: mail.Data{
			To: n.Email, Person: actor(r).User.Label(), Organisation: n.OrganisationName, Role: l.T("role." + string(n.Role)),
			Link: s.linkTo(r, "/join/"+token), Until: n.Expires.In(zoneOf(actor(r).Seat.Organisation)),
		},
	})
	if err != nil {
		return fmt.Errorf("web: send invitation: %w", err)
	}
	return nil
}

// joinForm makes the account of somebody who is invited.
type joinForm struct {
	Name, Password           string
	NameError, PasswordError string
}

func (f *joinForm) parse(v url.Values) {
	f.Name, f.Password = strings.TrimSpace(v.Get("name")), v.Get("password")
}

func (f *joinForm) check(l i18n.Locale, n store.Invitation) bool {
	f.NameError = badName(l, f.Name)
	f.PasswordError = weakPassword(l, f.Password, n.Email, f.Name, n.OrganisationName)
	return f.NameError == "" && f.PasswordError == ""
}

// invited is the invitation that the address names, and whether its address has an
// account. An invitation that is over becomes its page.
func (s *Server) invited(r *http.Request) (n store.Invitation, known bool, err error) {
	n, err = s.Accounts.Invited(r.Context(), r.PathValue("token"))
	if errors.Is(err, community.ErrNotFound) {
		return n, false, &problem{status: http.StatusNotFound, key: "door.join.unknown", err: err}
	}
	if err != nil {
		return n, false, fmt.Errorf("web: join: %w", err)
	}
	switch {
	case !n.Accepted.IsZero():
		return n, false, &problem{status: http.StatusGone, key: "door.join.used"}
	case !n.Revoked.IsZero():
		return n, false, &problem{status: http.StatusGone, key: "door.join.revoked"}
	case !n.Open(s.Now()):
		return n, false, &problem{status: http.StatusGone, key: "door.join.expired"}
	}
	_, err = s.Store.UserByEmail(r.Context(), n.Email)
	if err != nil && !errors.Is(err, community.ErrNotFound) {
		return n, false, fmt.Errorf("web: join: %w", err)
	}
	return n, err == nil, nil
}

// join shows an invitation.
func (s *Server) join(w http.ResponseWriter, r *http.Request) error {
	n, known, err := s.invited(r)
	if err != nil {
		return err
	}
	return s.joinPage(w, r, http.StatusOK, n, known, joinForm{})
}

func (s *Server) joinPage(w http.ResponseWriter, r *http.Request, status int, n store.Invitation, known bool, f joinForm) error {
	l, who := s.locale(r), actor(r).User
	role := l.T("role." + string(n.Role))
	v := doorView{
		Page: s.bare(r, l.T("door.join")), Title: l.T("door.join.title", "organisation", n.OrganisationName),
		Lede: l.T("door.join.lede", "person", n.InvitedBy, "role", role),
	}
	if n.InvitedBy == "" {
		v.Lede = l.T("door.join.lede.nobody", "role", role)
	}
	switch {
	case who.ID != 0 && who.Email == n.Email:
		v.Forms = []doorForm{{Text: l.T("door.join.accept.text", "email", n.Email), Action: r.URL.Path, Send: l.T("door.join.accept")}}
	case who.ID != 0:
		v.Banner = &ui.Banner{Tone: ui.Watch, Lead: l.T("door.join.other"), Text: l.T("door.join.other.text", "email", n.Email, "own", who.Email)}
		v.Forms = []doorForm{{Action: "/sign-out", Hidden: []ui.Option{{Value: "back", Label: r.URL.Path}}, Send: l.T("ui.sign_out")}}
	case known:
		v.Banner = &ui.Banner{Lead: l.T("door.join.known"), Text: l.T("door.join.known.text", "email", n.Email)}
		v.Ways = []ui.Link{{Label: l.T("door.join.sign_in"), URL: "/sign-in?" + url.Values{"back": {r.URL.Path}}.Encode()}}
	default:
		v.Forms = []doorForm{{Text: l.T("door.join.new", "email", n.Email), Action: r.URL.Path, Send: l.T("door.join.send"), Fields: []ui.Field{
			{Name: "name", Label: l.T("door.name"), Value: f.Name, Error: f.NameError, Complete: "name", Required: true},
			newPassword(l, f.PasswordError),
		}, Hidden: []ui.Option{{Value: "username", Label: n.Email}}}}
		v.Ways = s.providerLinks(l, r.URL.Path)
	}
	return s.render(w, r, status, doorPage(v))
}

// newPassword is the field for a password that is being chosen.
func newPassword(l i18n.Locale, problem string) ui.Field {
	return ui.Field{
		Name: "password", Label: l.T("door.password"), Type: "password", Hint: l.T("door.password.hint"), Error: problem,
		Complete: "new-password", Required: true,
	}
}

// acceptInvitation takes the seat: for the account at work, or for a new one.
func (s *Server) acceptInvitation(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	n, known, err := s.invited(r)
	if err != nil {
		return err
	}
	who := actor(r).User
	if who.ID != 0 && who.Email == n.Email {
		return s.acceptAs(w, r, n, who)
	}
	if known || who.ID != 0 {
		return s.joinPage(w, r, http.StatusUnprocessableEntity, n, known, joinForm{})
	}
	l := s.locale(r)
	var f joinForm
	f.parse(r.PostForm)
	if !f.check(l, n) {
		return s.joinPage(w, r, http.StatusUnprocessableEntity, n, known, f)
	}
	u, err := s.Accounts.AcceptAsNew(r.Context(), n, account.NewUser{Name: f.Name, Password: f.Password, Language: l.String()})
	switch {
	case errors.Is(err, store.ErrExists):
		return s.joinPage(w, r, http.StatusUnprocessableEntity, n, true, f)
	case errors.Is(err, account.ErrClosed):
		return &problem{status: http.StatusGone, key: "door.join.used", err: err}
	case err != nil:
		return fmt.Errorf("web: join: %w", err)
	}
	s.auditJoined(r, n, u)
	return s.enter(w, r, u, proof{method: "invitation"}, "/")
}

func (s *Server) acceptAs(w http.ResponseWriter, r *http.Request, n store.Invitation, u store.User) error {
	err := s.Accounts.Accept(r.Context(), n, u)
	if errors.Is(err, account.ErrClosed) {
		return &problem{status: http.StatusGone, key: "door.join.used", err: err}
	}
	if err == nil {
		s.auditJoined(r, n, u)
		err = s.Store.ActFor(r.Context(), actor(r).Session.ID, n.Organisation)
	}
	if err != nil {
		return fmt.Errorf("web: join: %w", err)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// auditJoined writes into the organisation's log that somebody came.
func (s *Server) auditJoined(r *http.Request, n store.Invitation, u store.User) {
	who := account.Actor{User: u, Seat: store.Seat{Organisation: store.Organisation{ID: n.Organisation}}, Address: address(r)}
	s.audit(r.WithContext(account.WithActor(r.Context(), who)), "invitation.accept", n.Email, "role", string(n.Role))
}
