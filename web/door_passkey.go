package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// passkeySite is what passkeys are bound to; false where browsers give none, at an
// address without a name.
func (s *Server) passkeySite(r *http.Request) (account.Site, bool) {
	if s.URL != nil {
		host := s.URL.Hostname()
		return account.Site{Name: host, Origin: s.URL.Scheme + "://" + s.URL.Host}, net.ParseIP(host) == nil
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(host)
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return account.Site{Name: host, Origin: scheme + strings.ToLower(r.Host)}, host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func (s *Server) passkeysWork(r *http.Request) bool {
	_, ok := s.passkeySite(r)
	return ok
}

// passkeyForm is the button that asks for a passkey and posts to an address. A script
// shows it.
func (s *Server) passkeyForm(l i18n.Locale, action string, hidden []ui.Option) doorForm {
	return doorForm{
		Action: action, Begin: action + "/begin", Passkey: "get", Hidden: hidden, Text: l.T("door.passkey.text"),
		Send: l.T("door.passkey.send"), Failed: l.T("door.passkey.failed"), Plain: true,
	}
}

// noName refuses passkeys where browsers give none.
var errNoName = &problem{status: http.StatusConflict, key: "door.passkey.nowhere"}

// beginPasskeyUse hands the challenge of a sign-in to the page's script.
func (s *Server) beginPasskeyUse(w http.ResponseWriter, r *http.Request) error {
	site, ok := s.passkeySite(r)
	if !ok {
		return errNoName
	}
	options, token, err := s.Accounts.AskPasskey(r.Context(), site)
	if err != nil {
		return fmt.Errorf("web: passkey: %w", err)
	}
	s.setStep(w, r, passkeyCookie, token, account.PasskeyUse)
	return writeJSON(w, options)
}

// writeJSON answers a script.
func writeJSON(w http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("web: json: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // the visitor may have gone
	return nil
}

// signInWithPasskey lets somebody in whose device knows them.
func (s *Server) signInWithPasskey(w http.ResponseWriter, r *http.Request) error {
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
	if errors.Is(err, account.ErrCloned) {
		s.auditUser(r, u, "person.passkey_cloned")
	}
	if errors.Is(err, account.ErrPasskey) || errors.Is(err, account.ErrCloned) {
		return s.signInPage(w, r, http.StatusUnprocessableEntity, "", back, "passkey")
	}
	if err != nil {
		return fmt.Errorf("web: passkey: %w", err)
	}
	return s.enter(w, r, u, proof{method: "passkey", second: true}, back)
}
