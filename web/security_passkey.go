package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// viewPasskeys lists the passkeys of a person.
func (s *Server) viewPasskeys(r *http.Request, l i18n.Locale) (wayList, error) {
	v := wayList{Title: l.T("security.passkeys"), Sub: l.T("security.passkeys.text"), Empty: l.T("security.passkeys.none")}
	list, err := s.Store.Passkeys(r.Context(), actor(r).User.ID)
	if err != nil {
		return v, err
	}
	for _, p := range list {
		text := l.T("security.passkey.added", "day", l.LongDate(p.Created))
		if !p.Used.IsZero() {
			text = l.T("security.passkey.used", "when", l.Relative(p.Used, s.Now()))
		}
		v.Ways = append(v.Ways, wayView{
			Name: p.Name, Text: text, Links: []ui.Link{{Label: l.T("security.passkey.manage"), URL: passkeyPath(p.ID, "")}},
		})
	}
	if s.passkeysWork(r) {
		v.Add = &ui.Link{Label: l.T("security.passkey.add"), URL: securityPath + "/passkeys/new", Icon: ui.IconPlus}
	} else if len(v.Ways) == 0 {
		v.Empty = l.T("door.passkey.nowhere.text")
	}
	return v, nil
}

func passkeyPath(id int64, more string) string {
	return securityPath + "/passkeys/" + idText(id) + more
}

// passkeyNew names a passkey and makes it.
func (s *Server) passkeyNew(w http.ResponseWriter, r *http.Request) error {
	return s.passkeyPage(w, r, http.StatusOK, s.locale(r).T("security.passkey.default", "device", browserOf(r.UserAgent())), "", "")
}

func (s *Server) passkeyPage(w http.ResponseWriter, r *http.Request, status int, name, nameProblem, problem string) error {
	if !s.passkeysWork(r) {
		return errNoName
	}
	l := s.locale(r)
	v := doorView{
		Page: s.settingsFrame(r, "security", l.T("security.passkey.add")), Title: l.T("security.passkey.title"), Lede: l.T("security.passkey.lede"), Script: true,
		Cannot: l.T("security.passkey.cannot"),
		Forms: []doorForm{{
			Action: securityPath + "/passkeys/new", Begin: securityPath + "/passkeys/new/begin", Passkey: "create", Send: l.T("security.passkey.send"),
			Failed: l.T("security.passkey.failed"), Fields: []ui.Field{
				{Name: "name", Label: l.T("security.passkey.name"), Hint: l.T("security.passkey.name.hint"), Value: name, Error: nameProblem, Required: true},
			},
		}},
		Ways: []ui.Link{s.stay(l)},
	}
	if problem != "" {
		v.Banner = &ui.Banner{Tone: ui.Bad, Text: l.T(problem)}
	}
	return s.render(w, r, status, doorPage(v))
}

// beginPasskey hands the challenge for a new passkey to the page's script.
func (s *Server) beginPasskey(w http.ResponseWriter, r *http.Request) error {
	site, ok := s.passkeySite(r)
	if !ok {
		return errNoName
	}
	options, token, err := s.Accounts.BeginPasskey(r.Context(), site, actor(r).User)
	if errors.Is(err, account.ErrManyPasskeys) {
		return &problem{status: http.StatusConflict, key: "error.form", err: err}
	}
	if err != nil {
		return fmt.Errorf("web: passkey: %w", err)
	}
	s.setStep(w, r, passkeyCookie, token, account.PasskeyNew)
	return writeJSON(w, options)
}

// addPasskey keeps the key that the person's device made.
func (s *Server) addPasskey(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	site, ok := s.passkeySite(r)
	if !ok {
		return errNoName
	}
	u, name := actor(r).User, strings.TrimSpace(r.PostForm.Get("name"))
	if bad := badName(s.locale(r), name); bad != "" {
		return s.passkeyPage(w, r, http.StatusUnprocessableEntity, name, bad, "")
	}
	err := s.Accounts.AddPasskey(r.Context(), site, u, s.step(r, passkeyCookie), name, []byte(r.PostForm.Get("credential")))
	s.endStep(w, r, passkeyCookie)
	if errors.Is(err, account.ErrPasskey) || errors.Is(err, store.ErrExists) {
		return s.passkeyPage(w, r, http.StatusUnprocessableEntity, name, "", "security.passkey.failed")
	}
	if err == nil {
		s.audit(r, "person.passkey_added", name)
		err = s.tell(r, u, mail.PasskeyAdded, func(d *mail.Data) { d.Key = name })
	}
	if err != nil {
		return fmt.Errorf("web: passkey: %w", err)
	}
	return s.toSecurityWith(w, r, "passkey")
}

// thePasskey is the one of the person that the address names.
func (s *Server) thePasskey(r *http.Request) (store.Passkey, error) {
	id, err := pathID(r, "passkey")
	if err != nil {
		return store.Passkey{}, err
	}
	list, err := s.Store.Passkeys(r.Context(), actor(r).User.ID)
	if err != nil {
		return store.Passkey{}, err
	}
	for _, p := range list {
		if p.ID == id {
			return p, nil
		}
	}
	return store.Passkey{}, fmt.Errorf("passkey: %w", community.ErrNotFound)
}

// passkeyForms renames or removes a passkey.
func (s *Server) passkeyForms(w http.ResponseWriter, r *http.Request) error {
	p, err := s.thePasskey(r)
	if err != nil {
		return err
	}
	return s.passkeyEdit(w, r, http.StatusOK, p, p.Name, "")
}

func (s *Server) passkeyEdit(w http.ResponseWriter, r *http.Request, status int, p store.Passkey, name, problem string) error {
	l := s.locale(r)
	return s.render(w, r, status, doorPage(doorView{
		Page: s.settingsFrame(r, "security", p.Name), Title: p.Name, Lede: l.T("security.passkey.added", "day", l.LongDate(p.Created)),
		Forms: []doorForm{
			{Action: passkeyPath(p.ID, ""), Send: l.T("security.passkey.rename"), Fields: []ui.Field{
				{Name: "name", Label: l.T("security.passkey.name"), Value: name, Error: problem, Required: true},
			}},
			{Action: passkeyPath(p.ID, "/remove"), Send: l.T("security.passkey.remove"), Text: l.T("security.passkey.remove.text"), Plain: true},
		},
		Ways: []ui.Link{s.stay(l)},
	}))
}

func (s *Server) renamePasskey(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	p, err := s.thePasskey(r)
	if err != nil {
		return err
	}
	name := strings.TrimSpace(r.PostForm.Get("name"))
	if bad := badName(s.locale(r), name); bad != "" {
		return s.passkeyEdit(w, r, http.StatusUnprocessableEntity, p, name, bad)
	}
	if err := s.Store.RenamePasskey(r.Context(), p.User, p.ID, name); err != nil {
		return fmt.Errorf("web: passkey: %w", err)
	}
	s.audit(r, "person.passkey_renamed", name)
	return s.toSecurityWith(w, r, "passkey_renamed")
}

func (s *Server) removePasskey(w http.ResponseWriter, r *http.Request) error {
	p, err := s.thePasskey(r)
	if err != nil {
		return err
	}
	if err := s.Store.RemovePasskey(r.Context(), p.User, p.ID); err != nil {
		return fmt.Errorf("web: passkey: %w", err)
	}
	s.audit(r, "person.passkey_removed", p.Name)
	return s.toSecurityWith(w, r, "passkey_removed")
}
