package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

func clientPath(n store.Client) string { return "/settings/clients/" + idText(n.ID) }

func clientLogoPath(n store.Client) string {
	if n.LogoHash == "" {
		return ""
	}
	return "/organisations/" + idText(n.Organisation) + "/clients/" + idText(n.ID) + "/logo?v=" + n.LogoHash
}

func clientRows(l i18n.Locale, clients []store.Client) rowsPart {
	p := rowsPart{Title: counted(l, "settings.clients.title", len(clients)), Sub: l.T("settings.clients.text")}
	for _, n := range clients {
		row := rowView{
			Glyph: glyph(n.Name), Picture: clientLogoPath(n), Title: n.Name, URL: clientPath(n),
			Lines: []string{counted(l, "settings.clients.communities", n.Communities)}, Buttons: []buttonView{{Label: l.T("settings.change"), Of: n.Name, URL: clientPath(n)}},
		}
		if !n.Archived.IsZero() {
			row.Says = []sayView{{ui.Neutral, ui.IconClock, l.T("settings.archived", "day", l.Date(n.Archived))}}
		}
		p.Rows = append(p.Rows, row)
	}
	if len(clients) == 0 {
		p.Empty = &ui.Empty{Lead: l.T("settings.clients.none"), Text: l.T("settings.clients.none.text")}
	}
	return p
}

// createClient makes a client.
func (s *Server) createClient(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	l, name := s.locale(r), line(r.PostForm, "name")
	if problem := badName(l, name); problem != "" {
		return s.communitySettingsPage(w, r, http.StatusUnprocessableEntity, name, problem)
	}
	_, err := s.Store.CreateClient(r.Context(), actor(r).Organisation(), name)
	if errors.Is(err, store.ErrExists) {
		return s.communitySettingsPage(w, r, http.StatusUnprocessableEntity, name, l.T("settings.clients.taken"))
	}
	if err != nil {
		return fmt.Errorf("web: create client: %w", err)
	}
	s.audit(r, "client.create", name)
	return s.done(w, r, "/settings/communities", "client")
}

// theClient is the one that the path names, or community.ErrNotFound: also for
// another organisation's.
func (s *Server) theClient(r *http.Request) (store.Client, error) {
	id, err := pathID(r, "client")
	if err != nil {
		return store.Client{}, err
	}
	return s.Store.Client(r.Context(), actor(r).Organisation(), id)
}

// client shows what can be changed of a client.
func (s *Server) client(w http.ResponseWriter, r *http.Request) error {
	n, err := s.theClient(r)
	if err != nil {
		return err
	}
	return s.clientPage(w, r, http.StatusOK, n, n.Name, "", "")
}

func (s *Server) clientPage(w http.ResponseWriter, r *http.Request, status int, n store.Client, name, nameError, logoError string) error {
	l, path := s.locale(r), clientPath(n)
	v := s.settingsView(r, "communities", "client", n.Name)
	v.Page.Back = path
	v.Parts = []templ.Component{
		formPart{
			Title: l.T("settings.client"), Action: path, Send: l.T("ui.save"), Cancel: &ui.Link{Label: l.T("ui.cancel"), URL: "/settings/communities"},
			Fields: []templ.Component{ui.Field{Name: "name", Label: l.T("settings.name"), Value: name, Error: nameError, Complete: "off", Required: true}.View()},
		}.View(),
		logoSheet(l, path+"/logo", clientLogoPath(n), logoError),
		archivePart(l, path+"/archive", "settings.client", !n.Archived.IsZero()).View(),
	}
	return s.showSettings(w, r, status, v)
}

// setClient renames a client.
func (s *Server) setClient(w http.ResponseWriter, r *http.Request) error {
	n, err := s.theClient(r)
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	l, name := s.locale(r), line(r.PostForm, "name")
	if problem := badName(l, name); problem != "" {
		return s.clientPage(w, r, http.StatusUnprocessableEntity, n, name, problem, "")
	}
	err = s.Store.RenameClient(r.Context(), n.Organisation, n.ID, name)
	if errors.Is(err, store.ErrExists) {
		return s.clientPage(w, r, http.StatusUnprocessableEntity, n, name, l.T("settings.clients.taken"), "")
	}
	if err != nil {
		return fmt.Errorf("web: set client: %w", err)
	}
	s.audit(r, "client.rename", name, "before", n.Name)
	return s.done(w, r, clientPath(n), "saved")
}

// setClientLogo keeps a picture as a client's logo.
func (s *Server) setClientLogo(w http.ResponseWriter, r *http.Request) error {
	n, err := s.theClient(r)
	if err != nil {
		return err
	}
	picture, err := sentLogo(r)
	if key := logoProblem(err); key != "" {
		return s.clientPage(w, r, http.StatusUnprocessableEntity, n, n.Name, "", s.locale(r).T(key))
	}
	if err == nil {
		err = s.Store.SetClientLogo(r.Context(), n.Organisation, n.ID, picture)
	}
	if err != nil {
		return fmt.Errorf("web: set client logo: %w", err)
	}
	s.audit(r, "client.logo", n.Name)
	return s.done(w, r, clientPath(n), "logo")
}

func (s *Server) removeClientLogo(w http.ResponseWriter, r *http.Request) error {
	n, err := s.theClient(r)
	if err != nil {
		return err
	}
	if err := s.Store.SetClientLogo(r.Context(), n.Organisation, n.ID, nil); err != nil {
		return fmt.Errorf("web: remove client logo: %w", err)
	}
	s.audit(r, "client.logo_remove", n.Name)
	return s.done(w, r, clientPath(n), "logo_removed")
}

// archiveClient takes a client out of the lists, or puts it back.
func (s *Server) archiveClient(w http.ResponseWriter, r *http.Request) error {
	n, err := s.theClient(r)
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	action, said, archive := "client.unarchive", "unarchived", r.PostForm.Get("archived") == "on"
	if archive {
		action, said = "client.archive", "archived"
	}
	if err := s.Store.ArchiveClient(r.Context(), n.Organisation, n.ID, archive); err != nil {
		return fmt.Errorf("web: archive client: %w", err)
	}
	s.audit(r, action, n.Name)
	return s.done(w, r, "/settings/communities", said)
}

// clientLogo sends a client's logo to whoever has a seat in the organisation; a
// guest sees it where one of their communities is the client's.
func (s *Server) clientLogo(w http.ResponseWriter, r *http.Request) error {
	org, err := pathID(r, "organisation")
	if err != nil {
		return err
	}
	id, err := pathID(r, "client")
	if err != nil {
		return err
	}
	who, ok := actor(r).For(org)
	if !ok {
		return fmt.Errorf("web: client logo: %w", community.ErrNotFound)
	}
	ctx := account.WithActor(r.Context(), who)
	if who.Seat.Role == store.RoleGuest {
		list, err := s.Store.Communities(ctx, org)
		if err != nil {
			return fmt.Errorf("web: client logo: %w", err)
		}
		shown := false
		for _, c := range list {
			shown = shown || c.Client == id && who.Sees(c.Scope.Community)
		}
		if !shown {
			return fmt.Errorf("web: client logo: %w", errNotShown)
		}
	}
	picture, hash, err := s.Store.ClientLogo(ctx, org, id)
	if err != nil {
		return fmt.Errorf("web: client logo: %w", err)
	}
	sendLogo(w, r, picture, hash)
	return nil
}
