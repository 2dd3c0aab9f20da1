package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// manualView is the form that takes what somebody pastes.
type manualView struct {
	Page         ui.Page
	Head         ui.Head
	Action, Send string
	Fields       []ui.Field
	Banner       *ui.Banner
}

func (s *Server) connectByHand(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	p, _, err := s.offered(r)
	if err != nil {
		return err
	}
	manual, ok := p.(connectors.Manual)
	if !ok {
		return community.ErrNotFound
	}
	return s.manualPage(w, r, http.StatusOK, c, p, manual, nil, nil, nil)
}

func (s *Server) manualPage(w http.ResponseWriter, r *http.Request, status int, c community.Community, p connectors.Connector, manual connectors.Manual,
	values, wrong map[string]string, banner *ui.Banner,
) error {
	l := s.locale(r)
	path := communityPath(c.Scope, "/connect/"+string(p.Platform())+"/manual")
	v := manualView{
		Page: s.frame(r, c, pageConnections, p.Name()), Action: path, Send: l.T("connection.manual.send"), Banner: banner,
		Head: ui.Head{Eyebrow: l.T("connection"), Title: l.T("connection.manual", "platform", p.Name()), Lede: words(l.T("connection.manual.lede"))},
	}
	v.Fields = fieldsOf(l, p.Platform(), manual.Fields(), values, wrong)
	v.Page.Back = path
	return s.render(w, r, status, manualPage(v))
}

// fieldsOf lays out what is to be filled in; secrets are never shown again.
func fieldsOf(l i18n.Locale, p community.Platform, list []connectors.ManualField, values, wrong map[string]string) []ui.Field {
	var out []ui.Field
	for _, f := range list {
		field := ui.Field{
			Name: f.Name, Label: fieldText(l, p, f.Name, ""), Hint: fieldText(l, p, f.Name, ".hint"),
			Value: values[f.Name], Error: wrong[f.Name], Required: true, Complete: "off",
		}
		if f.Secret {
			field.Type, field.Value = "password", ""
		}
		out = append(out, field)
	}
	return out
}

func fieldText(l i18n.Locale, p community.Platform, name, more string) string {
	key := "connection.field." + string(p) + "." + name + more
	switch {
	case l.Has(key):
		return l.T(key)
	case more != "":
		return ""
	}
	return name
}

// maxPasted bounds what is pasted into one field.
const maxPasted = 4096

// pasted reads the fields; none may be missing or endless.
func (s *Server) pasted(r *http.Request, list []connectors.ManualField) (values, wrong map[string]string) {
	values, wrong = map[string]string{}, map[string]string{}
	for _, f := range list {
		values[f.Name] = strings.TrimSpace(r.PostForm.Get(f.Name))
		if values[f.Name] == "" || len(values[f.Name]) > maxPasted {
			wrong[f.Name] = s.locale(r).T("connection.manual.missing")
		}
	}
	return values, wrong
}

// connectManually connects an account by what was pasted.
func (s *Server) connectManually(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	p, _, err := s.offered(r)
	if err != nil {
		return err
	}
	manual, ok := p.(connectors.Manual)
	if !ok {
		return community.ErrNotFound
	}
	if err := form(r); err != nil {
		return err
	}
	l := s.locale(r)
	values, wrong := s.pasted(r, manual.Fields())
	if len(wrong) > 0 {
		return s.manualPage(w, r, http.StatusUnprocessableEntity, c, p, manual, values, wrong, nil)
	}
	id, err := s.Live.InstallManual(r.Context(), c, p.Platform(), values)
	if err == nil {
		return s.changed(w, r, c, store.Connection{ID: id, Platform: p.Platform()}, "connected")
	}
	reason, names := installReason(err)
	if reason == "" {
		return fmt.Errorf("web: connect by hand: %w", err)
	}
	text := l.T("connection.install."+reason+".text", "platform", p.Name())
	if len(names) > 0 {
		text += " " + l.T("connection.install.missing") + " " + l.List(names)
	}
	banner := &ui.Banner{Tone: ui.Bad, Lead: l.T("connection.install."+reason, "platform", p.Name()), Text: text}
	return s.manualPage(w, r, http.StatusUnprocessableEntity, c, p, manual, values, nil, banner)
}
