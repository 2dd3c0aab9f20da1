package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/web/ui"
)

// oneTimeRoutes are the page behind a link that an operator handed out.
func (s *Server) oneTimeRoutes() []route {
	return []route{
		{"GET", "/one-time", anybody(), s.page(s.oneTimeForm)},
		{"POST", "/one-time", anybody(), s.page(s.useOneTime)},
	}
}

// oneTimeForm asks for a password. The link is not spent by looking at it.
func (s *Server) oneTimeForm(w http.ResponseWriter, r *http.Request) error {
	return s.oneTimePage(w, r, http.StatusOK, r.URL.Query().Get("token"), "")
}

func (s *Server) oneTimePage(w http.ResponseWriter, r *http.Request, status int, token, problem string) error {
	l := s.locale(r)
	w.Header().Set("Referrer-Policy", "no-referrer") // the address opens an account
	w.Header().Set("Cache-Control", "no-store")
	u, err := s.Accounts.SeeOneTime(r.Context(), token)
	if errors.Is(err, community.ErrNotFound) {
		v := doorView{Page: s.bare(r, l.T("onetime")), Title: l.T("onetime.over.title"), Lede: l.T("onetime.over"), Forms: []doorForm{{
			Action: "/sign-in", Send: l.T("door.sign_in.send"), Fields: []ui.Field{
				{Name: "email", Label: l.T("door.email"), Type: "email", Complete: "username", Required: true},
				{Name: "password", Label: l.T("door.password"), Type: "password", Complete: "current-password", Required: true},
			},
		}}}
		v.Page.Back = "/sign-in"
		return s.render(w, r, http.StatusGone, doorPage(v))
	}
	if err != nil {
		return fmt.Errorf("web: one-time link: %w", err)
	}
	v := doorView{
		Page: s.bare(r, l.T("onetime")), Title: l.T("onetime.title"), Lede: l.T("onetime.lede", "email", u.Email), Forms: []doorForm{{
			Action: "/one-time",
			Fields: []ui.Field{{Name: "password", Label: l.T("door.password"), Type: "password", Hint: l.T("door.password.hint"), Error: problem, Complete: "new-password", Required: true}},
			Hidden: []ui.Option{{Value: "token", Label: token}}, Send: l.T("onetime.send"),
		}},
	}
	v.Page.Back = "/sign-in" // never the address itself: it would be carried along
	return s.render(w, r, status, doorPage(v))
}

// useOneTime sets the password and lets the person in.
func (s *Server) useOneTime(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	token, password := r.PostForm.Get("token"), r.PostForm.Get("password")
	u, err := s.Accounts.SeeOneTime(r.Context(), token)
	if errors.Is(err, community.ErrNotFound) || err == nil && !u.Disabled.IsZero() {
		return s.oneTimePage(w, r, http.StatusGone, "", "")
	}
	if err != nil {
		return fmt.Errorf("web: one-time link: %w", err)
	}
	if problem := weakPassword(s.locale(r), password, u.Email, u.Name); problem != "" {
		return s.oneTimePage(w, r, http.StatusUnprocessableEntity, token, problem)
	}
	u, err = s.Accounts.UseOneTime(r.Context(), token, password)
	if errors.Is(err, community.ErrNotFound) {
		return s.oneTimePage(w, r, http.StatusGone, "", "")
	}
	if err != nil {
		return fmt.Errorf("web: one-time link: %w", err)
	}
	s.auditUser(r, u, "person.password", "method", "one_time")
	if u.HasTOTP() { // the link stands for the password, not for the second step
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return nil
	}
	return s.enter(w, r, u, proof{method: "one_time"}, "/")
}
