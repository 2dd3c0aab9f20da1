package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/web/ui"
)

// Some platforms must be asked for something before the visitor can be led there,
// and some hand the keys over by a request of their own.

// connectAsked takes the answer, such as a shop's address, and leads there.
func (s *Server) connectAsked(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	p, app, err := s.offered(r)
	if err != nil {
		return err
	}
	asker, ok := p.(connectors.Asker)
	if !ok {
		return community.ErrNotFound
	}
	if err := form(r); err != nil {
		return err
	}
	values, wrong := s.pasted(r, asker.Ask())
	if len(wrong) > 0 {
		return s.connectAskPage(w, r, http.StatusUnprocessableEntity, c, p, asker, values, wrong, nil)
	}
	state, verifier, hash, a := s.attempt(r, c, p)
	a.Values = values
	to, err := asker.InstallURLFor(app, state, verifier, values)
	if reason, _ := installReason(err); reason != "" {
		l := s.locale(r)
		banner := &ui.Banner{Tone: ui.Bad, Lead: l.T("connection.install."+reason, "platform", p.Name()), Text: l.T("connection.ask.wrong", "platform", p.Name())}
		return s.connectAskPage(w, r, http.StatusUnprocessableEntity, c, p, asker, values, nil, banner)
	}
	if err == nil {
		err = s.keepAttempt(r, hash, a)
	}
	if err != nil {
		return fmt.Errorf("web: connect: %w", err)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// connectAskPage is the form of what must be known first.
func (s *Server) connectAskPage(w http.ResponseWriter, r *http.Request, status int, c community.Community, p connectors.Connector, asker connectors.Asker,
	values, wrong map[string]string, banner *ui.Banner,
) error {
	l := s.locale(r)
	path := communityPath(c.Scope, "/connect/"+string(p.Platform()))
	v := manualView{
		Page: s.frame(r, c, pageConnections, p.Name()), Action: path, Send: l.T("connection.ask.send", "platform", p.Name()), Banner: banner,
		Head: ui.Head{Eyebrow: l.T("connection"), Title: l.T("connection.manual", "platform", p.Name()), Lede: words(l.T("connection.ask.lede", "platform", p.Name()))},
	}
	v.Fields = fieldsOf(l, p.Platform(), asker.Ask(), values, wrong)
	v.Page.Back = path
	return s.render(w, r, status, manualPage(v))
}

// handedKeys takes the keys that a platform hands over by itself. It is known by
// the state that the visitor took along; the visitor's return does the rest.
func (s *Server) handedKeys(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, maxHanded)
	if err := s.takeKeys(r); err != nil {
		status := http.StatusServiceUnavailable
		var refused *connectors.RefusedError
		switch {
		case errors.Is(err, community.ErrNotFound):
			status = http.StatusNotFound
		case errors.As(err, &refused):
			status = http.StatusBadRequest
		default:
			s.Log.ErrorContext(r.Context(), "keys not taken", "id", requestID(r), "error", err)
		}
		http.Error(w, http.StatusText(status), status)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// The bounds of a handing over.
const (
	maxHanded      = 64 << 10
	handedAttempts = 5
)

func (s *Server) takeKeys(r *http.Request) error {
	p, _, err := s.offered(r)
	if err != nil {
		return community.ErrNotFound
	}
	handover, ok := p.(connectors.Handover)
	if !ok {
		return community.ErrNotFound
	}
	state, values, err := handover.Handed(r)
	if err != nil {
		return &connectors.RefusedError{Reason: connectors.ReasonNotJSON}
	}
	hash := secret.HashToken(state)
	t, err := s.Store.TryTicket(r.Context(), hash, connectPurpose)
	if err != nil {
		return err
	}
	if t.Attempts > handedAttempts {
		return community.ErrNotFound
	}
	var a attempt
	plain, err := s.Accounts.Ring.Open(connectPurpose, t.Data)
	if err == nil {
		err = json.Unmarshal(plain, &a)
	}
	if err != nil {
		return fmt.Errorf("web: handed keys: %w", err)
	}
	if string(a.Platform) != chi.URLParam(r, "platform") {
		return community.ErrNotFound
	}
	a.Handed = values
	data, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("web: handed keys: %w", err)
	}
	return s.Store.AmendTicket(r.Context(), hash, connectPurpose, s.Accounts.Ring.Seal(connectPurpose, data))
}

// told adds what was asked before and handed over meanwhile to what the visitor
// came back with. Nobody else can put such values there.
func (a attempt) told(query url.Values) url.Values {
	out := url.Values{}
	for name, list := range query {
		if !strings.HasPrefix(name, "ask.") && !strings.HasPrefix(name, "handed.") {
			out[name] = list
		}
	}
	for name, value := range a.Values {
		out.Set("ask."+name, value)
	}
	for name, value := range a.Handed {
		out.Set("handed."+name, value)
	}
	return out
}
