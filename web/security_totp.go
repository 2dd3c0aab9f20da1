package web

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"net/url"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/web/ui"
)

// totpView is the page that sets up the code of an app.
type totpView struct {
	Page                    ui.Page
	Head                    ui.Head
	Scan, Alt, QR           string // QR is a picture in an address
	Type, Secret, Open, URL string
	Form                    doorForm
	StepOne, StepTwo        string
	Back                    ui.Link
}

// codesView is the page that shows recovery codes, once.
type codesView struct {
	Page                          ui.Page
	Head                          ui.Head
	Warning                       ui.Banner
	Label                         string
	Codes                         []string
	Copy, Copied, Print, Download string
	File, FileName                string
	Done                          ui.Link
}

// qrPixels is the side of one module of the picture: a camera reads it from a
// phone's length away.
const qrPixels = 4

// qrPicture draws a text as a QR code, as the address of a PNG.
func qrPicture(text string) (string, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err == nil {
		side := code.Bounds().Dx() * qrPixels
		code, err = barcode.Scale(code, side, side)
	}
	var buf bytes.Buffer
	if err == nil {
		err = png.Encode(&buf, code)
	}
	if err != nil {
		return "", fmt.Errorf("web: qr: %w", err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(buf.Bytes()), nil
}

// issuer names this place in an authenticator app.
func (s *Server) issuer() string {
	if s.URL != nil {
		return "Foyer (" + s.URL.Host + ")"
	}
	return "Foyer"
}

// totpForm shows a secret to be taken over by an app. It stays the same until it is
// confirmed or another one is begun.
func (s *Server) totpForm(w http.ResponseWriter, r *http.Request) error {
	return s.totpPage(w, r, http.StatusOK, "")
}

func (s *Server) totpPage(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	l, u := s.locale(r), actor(r).User
	if u.HasTOTP() {
		return s.toSecurity(w, r)
	}
	key, pending, err := s.Accounts.PendingTOTP(u, s.issuer())
	if err == nil && !pending {
		key, err = s.Accounts.SetUpTOTP(r.Context(), u, s.issuer())
	}
	var picture string
	if err == nil {
		picture, err = qrPicture(key.URL)
	}
	if err != nil {
		return fmt.Errorf("web: totp: %w", err)
	}
	return s.render(w, r, status, totpPage(totpView{
		Page: s.settingsFrame(r, "security", l.T("security.totp")), Head: ui.Head{Title: l.T("security.totp.title"), Lede: words(l.T("security.totp.lede"))},
		StepOne: l.T("security.totp.one"), Scan: l.T("security.totp.scan"), Alt: l.T("security.totp.alt"), QR: picture,
		Type: l.T("security.totp.type"), Secret: key.Secret, Open: l.T("security.totp.open"), URL: key.URL, StepTwo: l.T("security.totp.two"),
		Form: doorForm{Title: l.T("security.totp.two"), Action: securityPath + "/totp", Send: l.T("security.totp.send"), Fields: []ui.Field{
			{Name: "code", Label: l.T("door.totp.code"), Error: problem, Complete: "one-time-code", Required: true},
		}},
		Back: s.stay(l),
	}))
}

// confirmTOTP puts the secret in force and shows the recovery codes.
func (s *Server) confirmTOTP(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	u := actor(r).User
	if err := s.oftenCoded(w, r, u.ID); err != nil {
		return err
	}
	codes, err := s.Accounts.ConfirmTOTP(r.Context(), u, r.PostForm.Get("code"))
	if errors.Is(err, account.ErrSecondFactor) {
		return s.toSecurity(w, r)
	}
	if errors.Is(err, account.ErrCode) {
		return s.totpPage(w, r, http.StatusUnprocessableEntity, s.locale(r).T("door.totp.wrong"))
	}
	if err == nil {
		s.audit(r, "person.totp_on", "")
		err = s.tell(r, u, mail.TwoFactorChanged, func(d *mail.Data) { d.On = true })
	}
	if err != nil {
		return fmt.Errorf("web: totp: %w", err)
	}
	return s.showCodes(w, r, codes)
}

// showCodes shows recovery codes, which nobody can show again.
func (s *Server) showCodes(w http.ResponseWriter, r *http.Request, codes []string) error {
	l := s.locale(r)
	file := l.T("security.codes.file", "email", actor(r).User.Email) + "\n\n" + strings.Join(codes, "\n") + "\n"
	v := codesView{
		Page: s.settingsFrame(r, "security", l.T("security.codes")), Head: ui.Head{Title: l.T("security.codes.title"), Lede: words(l.T("security.codes.lede"))},
		Warning: ui.Banner{Tone: ui.Watch, Lead: l.T("security.codes.once"), Text: l.T("security.codes.once.text")}, Label: l.T("security.codes"),
		Codes: codes, Copy: l.T("security.codes.copy"), Copied: l.T("security.codes.copied"), Print: l.T("security.codes.print"),
		Download: l.T("security.codes.download"), File: "data:text/plain;charset=utf-8," + url.PathEscape(file), FileName: "foyer-codes.txt",
		Done: ui.Link{Label: l.T("security.codes.done"), URL: securityPath},
	}
	v.Page.Back, v.Page.Languages = securityPath, nil // another language would lose the codes
	return s.render(w, r, http.StatusOK, codesPage(v))
}

// askPage is a page with a question and the button that does it.
func (s *Server) askPage(w http.ResponseWriter, r *http.Request, what, action string) error {
	l := s.locale(r)
	return s.render(w, r, http.StatusOK, doorPage(doorView{
		Page: s.settingsFrame(r, "security", l.T("security."+what+".title")), Title: l.T("security." + what + ".title"), Lede: l.T("security." + what + ".lede"),
		Forms: []doorForm{{Action: action, Send: l.T("security." + what + ".send")}}, Ways: []ui.Link{s.stay(l)},
	}))
}

// totpOffForm asks whether the code shall be no more.
func (s *Server) totpOffForm(w http.ResponseWriter, r *http.Request) error {
	if !actor(r).User.HasTOTP() {
		return s.toSecurity(w, r)
	}
	return s.askPage(w, r, "totp_off", r.URL.Path)
}

func (s *Server) totpOff(w http.ResponseWriter, r *http.Request) error {
	u := actor(r).User
	if !u.HasTOTP() {
		return s.toSecurity(w, r)
	}
	err := s.Accounts.EndTOTP(r.Context(), u.ID)
	if err == nil {
		s.audit(r, "person.totp_off", "")
		err = s.tell(r, u, mail.TwoFactorChanged, nil)
	}
	if err != nil {
		return fmt.Errorf("web: totp: %w", err)
	}
	return s.toSecurityWith(w, r, "totp_off")
}

// codesForm asks whether the recovery codes shall be replaced.
func (s *Server) codesForm(w http.ResponseWriter, r *http.Request) error {
	if !actor(r).User.HasTOTP() {
		return s.toSecurity(w, r)
	}
	return s.askPage(w, r, "codes_new", r.URL.Path)
}

func (s *Server) newCodes(w http.ResponseWriter, r *http.Request) error {
	u := actor(r).User
	if !u.HasTOTP() {
		return s.toSecurity(w, r)
	}
	codes, err := s.Accounts.NewRecoveryCodes(r.Context(), u.ID)
	if err != nil {
		return fmt.Errorf("web: codes: %w", err)
	}
	s.audit(r, "person.recovery_codes", "")
	return s.showCodes(w, r, codes)
}
