package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// Links by mail. Opening one changes nothing, for mail programs and scanners open
// them too: the page has a button, and the button spends the link.

// errLink says that a link is worth nothing.
var errLink = errors.New("the link was used or replaced, has expired or was never made")

// gonePage says so, and where a new one is had.
func (s *Server) gonePage(w http.ResponseWriter, r *http.Request) error {
	l := s.locale(r)
	v := doorView{
		Page: s.bare(r, l.T("door.gone")), Title: l.T("door.gone"), Lede: l.T("door.gone.text"),
		Ways: []ui.Link{{Label: l.T("door.link"), URL: "/sign-in/link"}, {Label: l.T("door.forgot"), URL: "/forgot"}, {Label: l.T("door.again"), URL: "/sign-in"}},
	}
	if actor(r).SignedIn() {
		v.Ways = []ui.Link{s.stay(l)}
	}
	return s.render(w, r, http.StatusGone, doorPage(v))
}

// emailField asks for an address.
func emailField(l i18n.Locale, value, problem string) ui.Field {
	return ui.Field{Name: "email", Label: l.T("door.email"), Type: "email", Value: value, Error: problem, Complete: "username", Required: true}
}

// linkForm asks where a link to sign in shall go.
func (s *Server) linkForm(w http.ResponseWriter, r *http.Request) error {
	return s.askAddress(w, r, http.StatusOK, "link", localPath(r.URL.Query().Get("back")), "", "")
}

// forgotForm asks where a link for a new password shall go.
func (s *Server) forgotForm(w http.ResponseWriter, r *http.Request) error {
	return s.askAddress(w, r, http.StatusOK, "forgot", "/", "", "")
}

func (s *Server) askAddress(w http.ResponseWriter, r *http.Request, status int, what, back, email, problem string) error {
	l := s.locale(r)
	return s.render(w, r, status, doorPage(doorView{
		Page: s.bare(r, l.T("door."+what)), Title: l.T("door." + what + ".title"), Lede: l.T("door." + what + ".lede"),
		Forms: []doorForm{{
			Action: r.URL.Path, Send: l.T("door." + what + ".send"), Fields: []ui.Field{emailField(l, email, problem)},
			Hidden: []ui.Option{{Value: "back", Label: back}},
		}},
		Ways: []ui.Link{{Label: l.T("door.again"), URL: "/sign-in"}},
	}))
}

// sendLink sends a link to sign in, if there is an account, and says the same if not.
func (s *Server) sendLink(w http.ResponseWriter, r *http.Request) error {
	return s.mailLink(w, r, "link", account.MagicLink, mail.MagicLink, "/sign-in/link/")
}

// sendReset sends a link for a new password, if there is an account, and says the
// same if not.
func (s *Server) sendReset(w http.ResponseWriter, r *http.Request) error {
	return s.mailLink(w, r, "forgot", account.Reset, mail.ResetPassword, "/reset/")
}

// mailed is what a link by mail remembers.
type mailed struct{ Back string }

func (s *Server) mailLink(w http.ResponseWriter, r *http.Request, what string, p account.Purpose, kind mail.Kind, path string) error {
	if err := form(r); err != nil {
		return err
	}
	l, back := s.locale(r), localPath(r.PostForm.Get("back"))
	email := parseEmail(r.PostForm.Get("email"))
	if email == "" {
		return s.askAddress(w, r, http.StatusUnprocessableEntity, what, back, r.PostForm.Get("email"), l.T("door.email.bad"))
	}
	if err := s.oftenWritten(w, r, email); err != nil {
		return err
	}
	// After the answer, which thus takes as long whether there is an account or not.
	err := s.later(r, what, func(ctx context.Context) error {
		u, err := s.Store.UserByEmail(ctx, email)
		if errors.Is(err, community.ErrNotFound) || err == nil && !u.Disabled.IsZero() {
			return nil
		}
		if err != nil {
			return err
		}
		token, err := s.Accounts.Issue(ctx, p, u.ID, u.Email, mailed{back})
		if err != nil {
			return err
		}
		n := s.letter(r, u, kind)
		n.Data.Link, n.Data.Valid = s.linkTo(r, path+token), p.Holds()
		return s.Post.Post(ctx, n)
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/sign-in/sent?"+url.Values{"what": {what}}.Encode(), http.StatusSeeOther)
	return nil
}

// sent says that a letter is on its way, if somebody is there to receive it.
func (s *Server) sent(w http.ResponseWriter, r *http.Request) error {
	l, what := s.locale(r), r.URL.Query().Get("what")
	if what != "forgot" && what != "sign_up" {
		what = "link"
	}
	v := doorView{
		Page: s.bare(r, l.T("door.sent")), Title: l.T("door.sent.title"), Lede: l.T("door.sent." + what),
		Banner: &ui.Banner{Text: l.T("door.sent.text")}, Ways: []ui.Link{{Label: l.T("door.again"), URL: "/sign-in"}},
	}
	if !s.Post.Sends() {
		v.Banner = &ui.Banner{Tone: ui.Watch, Lead: l.T("door.sent.kept"), Text: l.T("door.sent.kept.text")}
	}
	return s.render(w, r, http.StatusOK, doorPage(v))
}

// ticket reads the ticket of the address; a used, expired or forged one becomes the
// page that says so.
func (s *Server) ticket(r *http.Request, p account.Purpose, data any) (store.Ticket, error) {
	t, err := s.Accounts.See(r.Context(), p, r.PathValue("token"), data)
	return t, linkError(err)
}

func linkError(err error) error {
	if errors.Is(err, community.ErrNotFound) {
		return errLink
	}
	return err
}

// pressPage is the page of a link: a sentence and the button that spends it.
func (s *Server) pressPage(w http.ResponseWriter, r *http.Request, what, email string) error {
	l := s.locale(r)
	return s.render(w, r, http.StatusOK, doorPage(doorView{
		Page: s.bare(r, l.T("door."+what+".press")), Title: l.T("door." + what + ".press.title"),
		Lede:  l.T("door."+what+".press.lede", "email", email),
		Forms: []doorForm{{Action: r.URL.Path, Send: l.T("door." + what + ".press.send")}},
	}))
}

// openLink shows a link to sign in.
func (s *Server) openLink(w http.ResponseWriter, r *http.Request) error {
	t, err := s.ticket(r, account.MagicLink, nil)
	if err != nil {
		return err
	}
	return s.pressPage(w, r, "link", t.Email)
}

// signInWithLink spends a link to sign in.
func (s *Server) signInWithLink(w http.ResponseWriter, r *http.Request) error {
	var m mailed
	t, err := s.Accounts.Use(r.Context(), account.MagicLink, r.PathValue("token"), &m)
	if err != nil {
		return linkError(err)
	}
	u, err := s.Store.User(r.Context(), t.User)
	if err != nil {
		return fmt.Errorf("web: link: %w", err)
	}
	if u.Email != t.Email {
		return errLink // the address changed since
	}
	if err := s.Store.VerifyEmail(r.Context(), u.ID); err != nil {
		return fmt.Errorf("web: link: %w", err)
	}
	return s.enter(w, r, u, proof{method: "link"}, localPath(m.Back))
}

// resetForm asks for the new password.
func (s *Server) resetForm(w http.ResponseWriter, r *http.Request) error {
	t, err := s.ticket(r, account.Reset, nil)
	if err != nil {
		return err
	}
	return s.resetPage(w, r, http.StatusOK, t.Email, "")
}

func (s *Server) resetPage(w http.ResponseWriter, r *http.Request, status int, email, problem string) error {
	l := s.locale(r)
	return s.render(w, r, status, doorPage(doorView{
		Page: s.bare(r, l.T("door.reset")), Title: l.T("door.reset.title"), Lede: l.T("door.reset.lede", "email", email),
		Forms: []doorForm{{
			Action: r.URL.Path, Send: l.T("door.reset.send"), Fields: []ui.Field{newPassword(l, problem)},
			Hidden: []ui.Option{{Value: "username", Label: email}},
		}},
	}))
}

// resetPassword spends a link for a new password: every session of the person ends,
// and they are told.
func (s *Server) resetPassword(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	t, err := s.ticket(r, account.Reset, nil)
	if err != nil {
		return err
	}
	u, err := s.Store.User(r.Context(), t.User)
	if err != nil {
		return fmt.Errorf("web: reset: %w", err)
	}
	if u.Email != t.Email || !u.Disabled.IsZero() {
		return errLink
	}
	password := r.PostForm.Get("password")
	if weak := weakPassword(s.locale(r), password, u.Email, u.Name); weak != "" {
		return s.resetPage(w, r, http.StatusUnprocessableEntity, u.Email, weak)
	}
	if _, err = s.Accounts.Use(r.Context(), account.Reset, r.PathValue("token"), nil); err != nil {
		return linkError(err)
	}
	if err := s.changePassword(r, u, password, 0); err != nil {
		return fmt.Errorf("web: reset: %w", err)
	}
	if err := s.Store.VerifyEmail(r.Context(), u.ID); err != nil {
		return fmt.Errorf("web: reset: %w", err)
	}
	s.auditUser(r, u, "person.password", "way", "link")
	s.forget(w, r)
	return s.toDoor(w, r, "reset")
}

// changePassword replaces a password, ends the other sessions and every link that
// was asked for before, and tells the person.
func (s *Server) changePassword(r *http.Request, u store.User, password string, except int64) error {
	if err := s.Accounts.SetPassword(r.Context(), u.ID, password, except); err != nil {
		return err
	}
	err := s.Store.DropTickets(r.Context(), u.ID, string(account.MagicLink), string(account.Reset), string(account.HalfWay), string(account.ProveAddress))
	if err != nil {
		return err
	}
	return s.tell(r, u, mail.PasswordChanged, nil)
}

// openAddress shows the link that proves an address.
func (s *Server) openAddress(w http.ResponseWriter, r *http.Request) error {
	t, err := s.ticket(r, account.ProveAddress, nil)
	if err != nil {
		return err
	}
	return s.pressPage(w, r, "address", t.Email)
}

// proveAddress makes an address that was shown to be theirs the person's.
func (s *Server) proveAddress(w http.ResponseWriter, r *http.Request) error {
	t, err := s.Accounts.Use(r.Context(), account.ProveAddress, r.PathValue("token"), nil)
	if err != nil {
		return linkError(err)
	}
	u, err := s.Store.User(r.Context(), t.User)
	if err != nil {
		return fmt.Errorf("web: address: %w", err)
	}
	err = s.Store.SetEmail(r.Context(), u.ID, t.Email)
	if errors.Is(err, store.ErrExists) {
		return &problem{status: http.StatusConflict, key: "door.address.taken"}
	}
	if err != nil {
		return fmt.Errorf("web: address: %w", err)
	}
	s.auditUser(r, u, "person.address")
	if u.Email != t.Email {
		err = s.Store.DropTickets(r.Context(), u.ID, string(account.MagicLink), string(account.Reset))
		if err == nil {
			err = s.tell(r, u, mail.AddressChanged, func(d *mail.Data) { d.Address = t.Email })
		}
		if err != nil {
			return fmt.Errorf("web: address: %w", err)
		}
	}
	if actor(r).User.ID == u.ID {
		setFlash(w, r, "/settings/security", flash{key: "address"})
		http.Redirect(w, r, "/settings/security", http.StatusSeeOther)
		return nil
	}
	return s.toDoor(w, r, "verified")
}
