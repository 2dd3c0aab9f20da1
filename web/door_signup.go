package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/courier"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/ui"
)

// opened answers only where anybody may make an account; elsewhere the address does
// not exist.
func (s *Server) opened(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !s.Accounts.OpenSignUp {
			return &problem{status: http.StatusNotFound, key: "error.not_found"}
		}
		return h(w, r)
	}
}

// signUpForm asks who wants an account.
func (s *Server) signUpForm(w http.ResponseWriter, r *http.Request) error {
	return s.signUpPage(w, r, http.StatusOK, welcomeForm{})
}

func (s *Server) signUpPage(w http.ResponseWriter, r *http.Request, status int, f welcomeForm) error {
	l := s.locale(r)
	return s.render(w, r, status, doorPage(doorView{
		Page: s.bare(r, l.T("door.sign_up")), Title: l.T("door.sign_up.title"), Lede: l.T("door.sign_up.lede"),
		Forms: []doorForm{{Action: "/sign-up", Send: l.T("door.sign_up.send"), Fields: welcomeFields(l, f)}},
		Ways:  append(s.providerLinks(l, "/"), ui.Link{Label: l.T("door.again"), URL: "/sign-in"}),
	}))
}

// signUp writes to whoever wants an account. The answer is the same for an address
// that has one: its owner reads so in the letter.
func (s *Server) signUp(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	l := s.locale(r)
	var f welcomeForm
	f.parse(r.PostForm)
	if !f.check(l) {
		return s.signUpPage(w, r, http.StatusUnprocessableEntity, f)
	}
	email := parseEmail(f.Email)
	if err := s.oftenWritten(w, r, email); err != nil {
		return err
	}
	hash, err := s.Accounts.HashPassword(r.Context(), f.Password)
	if err != nil {
		return fmt.Errorf("web: sign up: %w", err)
	}
	n := account.Applicant{Name: f.Name, Language: l.String(), Organisation: f.Organisation, Kind: f.Kind, Zone: guessZone(l), Hash: hash}
	if err := s.later(r, "sign up", func(ctx context.Context) error { return s.answerApplicant(ctx, r, email, n) }); err != nil {
		return err
	}
	http.Redirect(w, r, "/sign-in/sent?"+url.Values{"what": {"sign_up"}}.Encode(), http.StatusSeeOther)
	return nil
}

func (s *Server) answerApplicant(ctx context.Context, r *http.Request, email string, n account.Applicant) error {
	u, err := s.Store.UserByEmail(ctx, email)
	if err == nil {
		known := s.letter(r, u, mail.AccountExists)
		known.Data.Link = s.linkTo(r, "/sign-in")
		return s.Post.Post(ctx, known)
	}
	if !errors.Is(err, community.ErrNotFound) {
		return err
	}
	token, err := s.Accounts.Issue(ctx, account.SignUp, 0, email, n)
	if err != nil {
		return err
	}
	return s.Post.Post(ctx, courier.Letter{Kind: mail.VerifyAddress, Locale: s.locale(r), Data: mail.Data{
		To: email, Address: email, Link: s.linkTo(r, "/sign-up/"+token), Valid: account.SignUp.Holds(),
	}})
}

// openSignUp shows the link that proves an applicant's address.
func (s *Server) openSignUp(w http.ResponseWriter, r *http.Request) error {
	t, err := s.ticket(r, account.SignUp, nil)
	if err != nil {
		return err
	}
	return s.pressPage(w, r, "sign_up", t.Email)
}

// admit makes the account of somebody whose address is proven.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) error {
	var n account.Applicant
	t, err := s.Accounts.Use(r.Context(), account.SignUp, r.PathValue("token"), &n)
	if err != nil {
		return linkError(err)
	}
	return s.admitAs(w, r, t.Email, n, proof{method: "sign up"})
}

func (s *Server) admitAs(w http.ResponseWriter, r *http.Request, email string, n account.Applicant, p proof) error {
	u, o, err := s.Accounts.Admit(r.Context(), email, n)
	if errors.Is(err, store.ErrExists) {
		return &problem{status: http.StatusConflict, key: "door.address.taken"}
	}
	if err != nil {
		return fmt.Errorf("web: sign up: %w", err)
	}
	if err := s.auditCreated(r, u, o); err != nil {
		return fmt.Errorf("web: sign up: %w", err)
	}
	return s.enter(w, r, u, p, "/")
}

// auditCreated writes into an organisation's log who made it.
func (s *Server) auditCreated(r *http.Request, u store.User, o store.Organisation) error {
	entry := account.Actor{User: u, Seat: store.Seat{Organisation: o}, Address: address(r)}.Entry("organisation.create", o.Name)
	return s.Store.Audit(context.WithoutCancel(r.Context()), entry)
}
