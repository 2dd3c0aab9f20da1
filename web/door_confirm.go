package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strings"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// Proving to be there, before something dangerous: by password, passkey or code,
// whichever the person has, else by a code that comes by mail.

// confirmForm asks a person to prove to be there.
func (s *Server) confirmForm(w http.ResponseWriter, r *http.Request) error {
	return s.confirmPage(w, r, http.StatusOK, localPath(r.URL.Query().Get("back")), "", "")
}

// confirmPage shows the ways that a person has. problem is said at the field of the
// way that failed.
func (s *Server) confirmPage(w http.ResponseWriter, r *http.Request, status int, back, failed, problem string) error {
	l, u := s.locale(r), actor(r).User
	keys, err := s.Store.Passkeys(r.Context(), u.ID)
	if err != nil {
		return fmt.Errorf("web: confirm: %w", err)
	}
	v := doorView{Page: s.bare(r, l.T("door.confirm")), Title: l.T("door.confirm.title"), Lede: l.T("door.confirm.lede")}
	hidden := []ui.Option{{Value: "back", Label: back}}
	at := func(way string) string {
		if way == failed {
			return problem
		}
		return ""
	}
	if u.Password != "" {
		v.Forms = append(v.Forms, doorForm{
			Action: "/confirm", Hidden: append(hidden, ui.Option{Value: "username", Label: u.Email}), Send: l.T("door.confirm.send"), Fields: []ui.Field{
				{Name: "password", Label: l.T("door.password"), Type: "password", Error: at("password"), Complete: "current-password", Required: true},
			},
		})
	}
	if u.HasTOTP() {
		v.Forms = append(v.Forms, doorForm{
			Action: "/confirm/totp", Hidden: hidden, Send: l.T("door.confirm.totp"), Plain: len(v.Forms) > 0, Fields: []ui.Field{
				{Name: "code", Label: l.T("door.totp.code"), Hint: l.T("door.totp.hint"), Error: at("totp"), Complete: "one-time-code", Required: true},
			},
		})
	}
	if len(keys) > 0 && s.passkeysWork(r) {
		v.Script = true
		v.Forms = append(v.Forms, s.passkeyForm(l, "/confirm/passkey", hidden))
	}
	if failed == "passkey" {
		v.Banner = &ui.Banner{Tone: ui.Bad, Text: problem}
	}
	if u.Password == "" && !u.HasTOTP() {
		v.Forms = append(v.Forms, s.mailedCodeForm(r, l, hidden, at("mail")))
	}
	v.Page.Back = "/confirm"
	return s.render(w, r, status, doorPage(v))
}

// mailedCodeForm sends a code by mail, or asks for the one that was sent.
func (s *Server) mailedCodeForm(r *http.Request, l i18n.Locale, hidden []ui.Option, problem string) doorForm {
	if s.step(r, confirmCookie) == "" && problem == "" {
		return doorForm{
			Action: "/confirm/code/send", Hidden: hidden, Send: l.T("door.confirm.code.send"), Text: l.T("door.confirm.code.text", "email", actor(r).User.Email),
		}
	}
	return doorForm{
		Action: "/confirm/code", Hidden: hidden, Send: l.T("door.confirm.send"), Text: l.T("door.confirm.code.sent", "email", actor(r).User.Email),
		Fields: []ui.Field{{Name: "digits", Label: l.T("door.confirm.code"), Error: problem, Complete: "one-time-code", Required: true}},
	}
}

// confirmed notes that the person is there and leads back to what they wanted to do.
func (s *Server) confirmed(w http.ResponseWriter, r *http.Request, way, back string) error {
	if err := s.Store.ConfirmSession(r.Context(), actor(r).Session.ID); err != nil {
		return fmt.Errorf("web: confirm: %w", err)
	}
	s.audit(r, "person.confirm", "", "method", way)
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

func (s *Server) confirmWithPassword(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	who, back := actor(r), localPath(r.PostForm.Get("back"))
	if err := s.oftenTried(w, r, who.User.Email); err != nil {
		return err
	}
	_, err := s.Accounts.CheckPassword(r.Context(), who.User.Email, r.PostForm.Get("password"))
	if errors.Is(err, account.ErrCredentials) {
		return s.confirmPage(w, r, http.StatusUnprocessableEntity, back, "password", s.locale(r).T("door.confirm.wrong"))
	}
	if err != nil {
		return fmt.Errorf("web: confirm: %w", err)
	}
	return s.confirmed(w, r, "password", back)
}

func (s *Server) confirmWithTOTP(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	u, back := actor(r).User, localPath(r.PostForm.Get("back"))
	if err := s.oftenCoded(w, r, u.ID); err != nil {
		return err
	}
	if !u.HasTOTP() {
		return s.confirmPage(w, r, http.StatusUnprocessableEntity, back, "", "")
	}
	_, err := s.Accounts.CheckSecond(r.Context(), u, r.PostForm.Get("code"))
	if errors.Is(err, account.ErrCode) {
		return s.confirmPage(w, r, http.StatusUnprocessableEntity, back, "totp", s.locale(r).T("door.totp.wrong"))
	}
	if err != nil {
		return fmt.Errorf("web: confirm: %w", err)
	}
	return s.confirmed(w, r, "totp", back)
}

func (s *Server) confirmWithPasskey(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	back := localPath(r.PostForm.Get("back"))
	site, ok := s.passkeySite(r)
	if !ok {
		return errNoName
	}
	u, err := s.Accounts.CheckPasskey(r.Context(), site, s.step(r, passkeyCookie), []byte(r.PostForm.Get("credential")))
	s.endStep(w, r, passkeyCookie)
	if errors.Is(err, account.ErrPasskey) || errors.Is(err, account.ErrCloned) || err == nil && u.ID != actor(r).User.ID {
		return s.confirmPage(w, r, http.StatusUnprocessableEntity, back, "passkey", s.locale(r).T("door.passkey.failed"))
	}
	if err != nil {
		return fmt.Errorf("web: confirm: %w", err)
	}
	return s.confirmed(w, r, "passkey", back)
}

// mailedCode is what was written to a person, for one of their sessions.
type mailedCode struct {
	Session int64
	Code    string
}

// sendConfirmCode writes a code to somebody who has nothing else to prove themselves with.
func (s *Server) sendConfirmCode(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	who, back := actor(r), localPath(r.PostForm.Get("back"))
	if who.User.Password != "" || who.User.HasTOTP() {
		return s.confirmPage(w, r, http.StatusUnprocessableEntity, back, "", "")
	}
	if err := s.oftenWritten(w, r, who.User.Email); err != nil {
		return err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return fmt.Errorf("web: confirm: %w", err)
	}
	code := fmt.Sprintf("%06d", n)
	token, err := s.Accounts.Issue(r.Context(), account.ConfirmCode, who.User.ID, who.User.Email, mailedCode{who.Session.ID, code})
	if err == nil {
		letter := s.letter(r, who.User, mail.ConfirmationCode)
		letter.Data.Key, letter.Data.Valid = code, account.ConfirmCode.Holds()
		err = s.Post.Post(context.WithoutCancel(r.Context()), letter)
	}
	if err != nil {
		return fmt.Errorf("web: confirm: %w", err)
	}
	s.setStep(w, r, confirmCookie, token, account.ConfirmCode)
	http.Redirect(w, r, confirmPath(back), http.StatusSeeOther)
	return nil
}

// confirmWithCode takes the code that came by mail.
func (s *Server) confirmWithCode(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	var m mailedCode
	who, back, token := actor(r), localPath(r.PostForm.Get("back")), s.step(r, confirmCookie)
	t, err := s.Accounts.Try(r.Context(), account.ConfirmCode, token, &m)
	if errors.Is(err, community.ErrNotFound) || err == nil && (t.Attempts > codeTries || t.User != who.User.ID || m.Session != who.Session.ID) {
		s.endStep(w, r, confirmCookie)
		http.Redirect(w, r, confirmPath(back), http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return fmt.Errorf("web: confirm: %w", err)
	}
	if err := s.oftenCoded(w, r, who.User.ID); err != nil {
		return err
	}
	if !sameSecret(onlyDigits(r.PostForm.Get("digits")), m.Code) {
		return s.confirmPage(w, r, http.StatusUnprocessableEntity, back, "mail", s.locale(r).T("door.totp.wrong"))
	}
	if _, err := s.Accounts.Use(r.Context(), account.ConfirmCode, token, nil); err != nil {
		return linkError(err)
	}
	s.endStep(w, r, confirmCookie)
	return s.confirmed(w, r, "mail", back)
}

// confirmPath is the address that asks a person to prove to be there.
func confirmPath(back string) string { return "/confirm?" + url.Values{"back": {back}}.Encode() }

// toConfirm leads from the address of a form to the page that shows it.
func (s *Server) toConfirm(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/confirm", http.StatusSeeOther)
	return nil
}

// onlyDigits leaves out what people type between digits.
func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
