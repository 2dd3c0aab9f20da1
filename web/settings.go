package web

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/web/ui"
)

// settingsRoutes are the pages of settings.
func (s *Server) settingsRoutes() []route {
	return []route{
		{"GET", "/settings", signedIn(), s.page(s.settings)},
		{"GET", "/settings/organisations", signedIn(), s.page(s.organisationList)},
		{"POST", "/settings/organisations/switch", signedIn(), s.page(s.switchOrganisation)},
	}
}

// settings leads to the first page of settings.
func (s *Server) settings(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/settings/organisations", http.StatusSeeOther)
	return nil
}

// seatView is one organisation of a person.
type seatView struct {
	ID, Name, Glyph, Role string
	Current               bool
}

// organisationListView is the page where a person chooses for whom they work.
type organisationListView struct {
	Page                   ui.Page
	Head                   ui.Head
	Title, Switch, Working string
	Seats                  []seatView
	Empty                  *ui.Empty
}

// organisationList shows the organisations of a person.
func (s *Server) organisationList(w http.ResponseWriter, r *http.Request) error {
	l, who := s.locale(r), actor(r)
	v := organisationListView{
		Page: s.bare(r, l.T("settings.organisations")), Title: l.T("settings.organisations.yours"),
		Head:   ui.Head{Eyebrow: l.T("web.menu.settings"), Title: l.N("settings.organisations.title", len(who.Seats))},
		Switch: l.T("settings.organisations.switch"), Working: l.T("settings.organisations.current"),
	}
	for _, seat := range who.Seats {
		v.Seats = append(v.Seats, seatView{
			ID: idText(seat.Organisation.ID), Name: seat.Organisation.Name, Glyph: glyph(seat.Organisation.Name),
			Role: l.T("role." + string(seat.Role)), Current: seat.Organisation.ID == who.Organisation(),
		})
	}
	if len(v.Seats) == 0 {
		v.Empty = &ui.Empty{Lead: l.T("error.no_organisation"), Text: l.T("error.no_organisation.text"), Action: s.sampleOffer(r)}
	}
	return s.render(w, r, http.StatusOK, organisationListPage(v))
}

// switchOrganisation makes a person work for another of their organisations.
func (s *Server) switchOrganisation(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	id, err := strconv.ParseInt(r.PostForm.Get("organisation"), 10, 64)
	who, ok := actor(r).For(id)
	if err != nil || !ok {
		return community.ErrNotFound
	}
	if err := s.Store.ActFor(r.Context(), who.Session.ID, id); err != nil {
		return fmt.Errorf("web: switch organisation: %w", err)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
