package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/ui"
)

const organisationsPath = "/settings/organisations"

func (s *Server) organisationsRoutes() []route {
	return []route{
		{"GET", organisationsPath, signedIn(), s.page(s.organisationList)},
		{"POST", organisationsPath, signedIn(), s.page(s.createOrganisation)},
		{"POST", organisationsPath + "/switch", signedIn(), s.page(s.switchOrganisation)},
		{"GET", organisationsPath + "/{organisation}/leave", signedIn(), s.page(s.askLeave)},
		{"POST", organisationsPath + "/{organisation}/leave", signedIn(), s.page(s.leave)},
	}
}

// organisationList shows the organisations of a person.
func (s *Server) organisationList(w http.ResponseWriter, r *http.Request) error {
	return s.organisationListPage(w, r, http.StatusOK, store.Organisation{}, "")
}

func (s *Server) organisationListPage(w http.ResponseWriter, r *http.Request, status int, o store.Organisation, problem string) error {
	l, who := s.locale(r), actor(r)
	p := rowsPart{Title: l.T("settings.organisations.yours")}
	for _, seat := range who.Seats {
		p.Rows = append(p.Rows, s.seatRow(r, seat))
	}
	if len(who.Seats) == 0 {
		p.Empty = &ui.Empty{Lead: l.T("error.no_organisation"), Text: l.T("error.no_organisation.text"), Action: s.sampleOffer(r)}
	}
	v := s.settingsView(r, "organisations", "organisations", counted(l, "settings.organisations.title", len(who.Seats)))
	v.Parts = []templ.Component{p.View()}
	if s.mayFound(who) {
		v.Parts = append(v.Parts, formPart{
			Title: l.T("settings.organisations.new"), Sub: l.T("settings.organisations.new.text"), Action: organisationsPath,
			Send: l.T("settings.organisations.create"), Weight: ui.Plain, Fields: []templ.Component{
				ui.Field{Name: "name", Label: l.T("settings.name"), Value: o.Name, Error: problem, Complete: "organization", Required: true}.View(),
				selectField(l, "kind", l.T("settings.kind"), o.Kind, "settings.kind.", "brand", "agency").View(),
			},
		}.View())
	}
	return s.showSettings(w, r, status, v)
}

func (s *Server) seatRow(r *http.Request, seat store.Seat) rowView {
	l, o := s.locale(r), seat.Organisation
	row := rowView{Glyph: glyph(o.Name), Picture: organisationLogo(o), Title: o.Name, Lines: []string{roleName(l, seat.Role)}}
	if o.ID == actor(r).Organisation() {
		row.Says = []sayView{{ui.Good, ui.IconCheck, l.T("settings.organisations.current")}}
	} else {
		row.Buttons = append(row.Buttons, buttonView{
			Label: l.T("settings.organisations.switch"), Of: o.Name, URL: organisationsPath + "/switch", Post: true,
			Hidden: []ui.Option{{Value: "organisation", Label: idText(o.ID)}},
		})
	}
	row.Buttons = append(row.Buttons, buttonView{Label: l.T("settings.leave"), Of: o.Name, URL: organisationsPath + "/" + idText(o.ID) + "/leave", Weight: ui.Quiet})
	return row
}

// mayFound says who may create a further organisation.
func (s *Server) mayFound(who account.Actor) bool { return s.Accounts.OpenSignUp || who.User.Operator }

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

// createOrganisation makes a further organisation, whose owner is who asks.
func (s *Server) createOrganisation(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	l, who := s.locale(r), actor(r)
	if !s.mayFound(who) {
		return &problem{status: http.StatusForbidden, key: "error.denied"}
	}
	o := store.Organisation{Name: line(r.PostForm, "name"), Kind: choice(r.PostForm, "kind", "brand", "agency")}
	if wrong := badName(l, o.Name); wrong != "" {
		return s.organisationListPage(w, r, http.StatusUnprocessableEntity, o, wrong)
	}
	if o.Kind == "" {
		o.Kind = "brand"
	}
	o.TimeZone, o.Currency, o.Language = guessZone(l), "EUR", l.String()
	o, err := s.Store.CreateOrganisation(r.Context(), o, who.User.ID)
	if err == nil {
		err = s.Store.ActFor(r.Context(), who.Session.ID, o.ID)
	}
	if err != nil {
		return fmt.Errorf("web: create organisation: %w", err)
	}
	who.Seat = store.Seat{Organisation: o, Role: store.RoleOwner}
	s.audit(asFor(r, who), "organisation.create", o.Name)
	return s.done(w, r, organisationsPath, "founded")
}

// theSeat is the actor at work for the organisation that the path names.
func (s *Server) theSeat(r *http.Request) (account.Actor, error) {
	id, err := pathID(r, "organisation")
	if err != nil {
		return account.Actor{}, err
	}
	who, ok := actor(r).For(id)
	if !ok {
		return who, fmt.Errorf("web: seat: %w", community.ErrNotFound)
	}
	return who, nil
}

// askLeave asks before a person leaves an organisation.
func (s *Server) askLeave(w http.ResponseWriter, r *http.Request) error {
	who, err := s.theSeat(r)
	if err != nil {
		return err
	}
	return s.leavePage(w, r, http.StatusOK, who, nil)
}

func (s *Server) leavePage(w http.ResponseWriter, r *http.Request, status int, who account.Actor, b *ui.Banner) error {
	l, o := s.locale(r), who.Seat.Organisation
	v := s.settingsView(r, "organisations", "leave", l.T("settings.leave.title", "name", o.Name))
	v.Banner = b
	v.Parts = []templ.Component{formPart{
		Title: o.Name, Action: organisationsPath + "/" + idText(o.ID) + "/leave", Hidden: []ui.Option{{Value: "sure", Label: "yes"}},
		Send: l.T("settings.leave"), Weight: ui.Danger, Cancel: &ui.Link{Label: l.T("settings.stay"), URL: organisationsPath},
	}.View()}
	return s.showSettings(w, r, status, v)
}

// leave gives up a seat.
func (s *Server) leave(w http.ResponseWriter, r *http.Request) error {
	who, err := s.theSeat(r)
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	if r.PostForm.Get("sure") != "yes" {
		return s.leavePage(w, r, http.StatusUnprocessableEntity, who, nil)
	}
	l, o := s.locale(r), who.Seat.Organisation
	err = s.Store.RemoveSeat(account.WithActor(r.Context(), who), o.ID, who.User.ID)
	if errors.Is(err, store.ErrLastOwner) {
		return s.leavePage(w, r, http.StatusUnprocessableEntity, who, &ui.Banner{
			Tone: ui.Bad, Lead: l.T("settings.owner.last"), Text: l.T("settings.leave.last"), Action: &ui.Link{Label: l.T("settings.menu.team"), URL: "/settings/team"},
		})
	}
	if err != nil {
		return fmt.Errorf("web: leave: %w", err)
	}
	s.audit(asFor(r, who), "seat.leave", who.User.Label())
	return s.done(w, r, organisationsPath, "left")
}
