package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/ui"
)

// codeTries is how many codes are taken before the first step is asked again.
const codeTries = 5

// The cookies that bind a step to the browser that took the one before it.
const (
	halfCookie    = "half"
	passkeyCookie = "passkey"
	oidcCookie    = "elsewhere"
	confirmCookie = "confirm"
)

// setStep keeps the token of a step in this browser, for as long as it is good.
func (s *Server) setStep(w http.ResponseWriter, r *http.Request, name, token string, p account.Purpose) {
	http.SetCookie(w, &http.Cookie{
		Name: s.stepName(r, name), Value: token, Path: "/", MaxAge: int(p.Holds().Seconds()), HttpOnly: true,
		Secure: s.safe(r), SameSite: http.SameSiteLaxMode,
	})
}

func (s *Server) stepName(r *http.Request, name string) string { return s.sessionName(r) + "-" + name }

func (s *Server) step(r *http.Request, name string) string { return cookie(r, s.stepName(r, name)) }

// endStep takes the token of a step away.
func (s *Server) endStep(w http.ResponseWriter, r *http.Request, name string) {
	http.SetCookie(w, &http.Cookie{
		Name: s.stepName(r, name), Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.safe(r), SameSite: http.SameSiteLaxMode,
	})
}

// halfWay is what is known of somebody between the first proof and the code.
type halfWay struct{ Method, Back string }

// askCode keeps the first proof and asks for the second.
func (s *Server) askCode(w http.ResponseWriter, r *http.Request, u store.User, p proof, back string) error {
	token, err := s.Accounts.Issue(r.Context(), account.HalfWay, u.ID, "", halfWay{p.method, back})
	if err != nil {
		return fmt.Errorf("web: ask code: %w", err)
	}
	s.setStep(w, r, halfCookie, token, account.HalfWay)
	http.Redirect(w, r, "/sign-in/code", http.StatusSeeOther)
	return nil
}

// codeForm asks for the code.
func (s *Server) codeForm(w http.ResponseWriter, r *http.Request) error {
	_, err := s.Accounts.See(r.Context(), account.HalfWay, s.step(r, halfCookie), nil)
	if errors.Is(err, community.ErrNotFound) {
		return s.toDoor(w, r, "again")
	}
	if err != nil {
		return fmt.Errorf("web: code: %w", err)
	}
	return s.codePage(w, r, http.StatusOK, "")
}

func (s *Server) codePage(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	l := s.locale(r)
	return s.render(w, r, status, doorPage(doorView{
		Page: s.bare(r, l.T("door.totp")), Title: l.T("door.totp.title"), Lede: l.T("door.totp.lede"),
		Forms: []doorForm{{Action: "/sign-in/code", Send: l.T("door.sign_in.send"), Fields: []ui.Field{
			{Name: "code", Label: l.T("door.totp.code"), Hint: l.T("door.totp.hint"), Error: problem, Complete: "one-time-code", Required: true},
		}}},
		Ways: []ui.Link{{Label: l.T("door.again"), URL: "/sign-in"}},
	}))
}

// signInWithCode lets somebody in who is half way and knows a code.
func (s *Server) signInWithCode(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	var half halfWay
	token := s.step(r, halfCookie)
	t, err := s.Accounts.Try(r.Context(), account.HalfWay, token, &half)
	if errors.Is(err, community.ErrNotFound) || err == nil && t.Attempts > codeTries {
		s.endStep(w, r, halfCookie)
		return s.toDoor(w, r, "again")
	}
	if err != nil {
		return fmt.Errorf("web: code: %w", err)
	}
	if err := s.oftenCoded(w, r, t.User); err != nil {
		return err
	}
	u, err := s.Store.User(r.Context(), t.User)
	if err != nil {
		return fmt.Errorf("web: code: %w", err)
	}
	recovery, err := s.Accounts.CheckSecond(r.Context(), u, r.PostForm.Get("code"))
	if errors.Is(err, account.ErrCode) {
		s.auditUser(r, u, "person.code_refused")
		return s.codePage(w, r, http.StatusUnprocessableEntity, s.locale(r).T("door.totp.wrong"))
	}
	if err == nil {
		_, err = s.Accounts.Use(r.Context(), account.HalfWay, token, nil)
	}
	if errors.Is(err, community.ErrNotFound) {
		return s.toDoor(w, r, "again")
	}
	if err != nil {
		return fmt.Errorf("web: code: %w", err)
	}
	s.endStep(w, r, halfCookie)
	if recovery {
		half.Method += "+recovery"
		s.auditUser(r, u, "person.recovery_code")
	} else {
		half.Method += "+totp"
	}
	return s.enter(w, r, u, proof{method: half.Method, second: true}, localPath(half.Back))
}
