package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// colleague is the person of the organisation that the path names, or
// community.ErrNotFound.
func (s *Server) colleague(r *http.Request) (store.Colleague, error) {
	id, err := pathID(r, "user")
	if err != nil {
		return store.Colleague{}, err
	}
	list, err := s.Store.Colleagues(r.Context(), actor(r).Organisation())
	if err != nil {
		return store.Colleague{}, fmt.Errorf("web: colleague: %w", err)
	}
	i := slices.IndexFunc(list, func(c store.Colleague) bool { return c.User == id })
	if i < 0 {
		return store.Colleague{}, fmt.Errorf("web: colleague: %w", community.ErrNotFound)
	}
	return list[i], nil
}

// mayChange says whether the actor may change somebody's seat at all: one below
// their own, and their own to step down.
func mayChange(who account.Actor, c store.Colleague) bool {
	return c.User == who.User.ID || account.Outranks(who.Seat.Role, c.Role)
}

// mayGive says whether the actor may give somebody a role. Nobody gives what is
// above them, and nobody raises themself.
func mayGive(who account.Actor, c store.Colleague, role store.Role) bool {
	if !slices.Contains(account.Roles(), role) {
		return false
	}
	if c.User == who.User.ID {
		return role == c.Role || account.Outranks(c.Role, role)
	}
	return mayChange(who, c) && account.Outranks(who.Seat.Role, role)
}

// seat shows what can be changed of a colleague.
func (s *Server) seat(w http.ResponseWriter, r *http.Request) error {
	c, err := s.colleague(r)
	if err != nil {
		return err
	}
	return s.seatPage(w, r, http.StatusOK, c, c.Role, c.Communities, seatProblem{})
}

// seatProblem is what is wrong with a change.
type seatProblem struct {
	banner       string // the key of a sentence with a .text
	role, guests string // sentences by the field
}

func (s *Server) seatPage(w http.ResponseWriter, r *http.Request, status int, c store.Colleague, role store.Role, ticked []int64, p seatProblem) error {
	l, who := s.locale(r), actor(r)
	v := s.settingsView(r, "team", "person", colleagueName(c))
	switch {
	case p.banner != "":
		v.Banner = &ui.Banner{Tone: ui.Bad, Lead: l.T(p.banner), Text: l.T(p.banner + ".text")}
	case c.User == who.User.ID:
		v.Banner = &ui.Banner{
			Lead: l.T("settings.person.self"), Text: l.T("settings.person.self.text"), Action: &ui.Link{Label: l.T("settings.menu.organisations"), URL: organisationsPath},
		}
	case !mayChange(who, c):
		v.Banner = &ui.Banner{Tone: ui.Watch, Lead: l.T("settings.person.above"), Text: l.T("settings.person.above.text")}
	}
	if !mayChange(who, c) {
		v.Parts = []templ.Component{rowsPart{Rows: []rowView{{Glyph: glyph(colleagueName(c)), Title: colleagueName(c), Lines: []string{c.Email, roleName(l, c.Role)}}}}.View()}
		return s.showSettings(w, r, status, v)
	}
	guests, err := s.communityChecks(r, "community", l.T("settings.team.guest"), l.T("settings.team.guest.hint"), ticked, p.guests)
	if err != nil {
		return err
	}
	roles := ui.Field{Name: "role", Label: l.T("settings.team.role"), Hint: l.T("settings.team.role.hint"), Error: p.role}
	for _, n := range account.Roles() {
		if mayGive(who, c, n) {
			roles.Options = append(roles.Options, ui.Option{Value: string(n), Label: roleName(l, n), Current: n == role})
		}
	}
	v.Parts = []templ.Component{formPart{
		Title: l.T("settings.person.role"), Sub: c.Email, Action: seatPath(c), Send: l.T("ui.save"), Cancel: &ui.Link{Label: l.T("ui.cancel"), URL: seatsPath},
		Fields: []templ.Component{roles.View(), guests.View()},
	}.View()}
	if c.User != who.User.ID {
		v.Parts = append(v.Parts, rowsPart{Title: l.T("settings.person.remove"), Sub: l.T("settings.person.remove.text"), Action: &ui.Link{
			Label: l.T("settings.person.remove"), URL: seatPath(c) + "/remove",
		}}.View())
	}
	return s.showSettings(w, r, status, v)
}

// setSeat changes a colleague's role and writes to them.
func (s *Server) setSeat(w http.ResponseWriter, r *http.Request) error {
	c, err := s.colleague(r)
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	l, who, role, p := s.locale(r), actor(r), store.Role(r.PostForm.Get("role")), seatProblem{}
	communities := ids64(r.PostForm["community"])
	if !mayGive(who, c, role) {
		p.role = l.T("settings.team.role.bad")
	} else if communities, p.guests = guestCommunities(l, role, communities); p.guests == "" {
		err = s.Store.SetSeat(r.Context(), who.Organisation(), c.User, role, communities)
	}
	switch {
	case errors.Is(err, store.ErrLastOwner):
		p.banner = "settings.owner.last"
	case errors.Is(err, community.ErrNotFound):
		communities, p.guests = nil, l.T("settings.team.guest.bad")
	case err != nil:
		return fmt.Errorf("web: set seat: %w", err)
	case p.role == "" && p.guests == "":
		s.audit(r, "seat.role", colleagueName(c), "before", string(c.Role), "after", string(role))
		if role != c.Role && c.User != who.User.ID {
			s.notify(r, c.User, mail.RoleChanged, func(l i18n.Locale, d *mail.Data) { d.Role, d.Link = roleName(l, role), s.linkTo(r, "/") })
		}
		return s.done(w, r, settingsAfter(who, c), "role")
	}
	return s.seatPage(w, r, http.StatusUnprocessableEntity, c, role, communities, p)
}

// settingsAfter is where a change of a seat leads: who changed their own may not
// see the team any more.
func settingsAfter(who account.Actor, c store.Colleague) string {
	if c.User == who.User.ID {
		return organisationsPath
	}
	return seatsPath
}

// askRemove asks before somebody loses their seat.
func (s *Server) askRemove(w http.ResponseWriter, r *http.Request) error {
	c, err := s.colleague(r)
	if err != nil {
		return err
	}
	return s.removePage(w, r, http.StatusOK, c, "")
}

func (s *Server) removePage(w http.ResponseWriter, r *http.Request, status int, c store.Colleague, problem string) error {
	l, who := s.locale(r), actor(r)
	switch {
	case c.User == who.User.ID:
		return s.seatPage(w, r, status, c, c.Role, c.Communities, seatProblem{})
	case !mayChange(who, c):
		return s.seatPage(w, r, status, c, c.Role, c.Communities, seatProblem{banner: "settings.person.above"})
	case problem != "":
		return s.seatPage(w, r, status, c, c.Role, c.Communities, seatProblem{banner: problem})
	}
	v := s.settingsView(r, "team", "remove", l.T("settings.remove.title", "name", colleagueName(c)))
	v.Parts = []templ.Component{formPart{
		Title: c.Email, Action: seatPath(c) + "/remove", Send: l.T("settings.person.remove"), Weight: ui.Danger, Cancel: &ui.Link{Label: l.T("settings.keep"), URL: seatPath(c)},
	}.View()}
	return s.showSettings(w, r, status, v)
}

// removeSeat takes somebody's seat and writes to them.
func (s *Server) removeSeat(w http.ResponseWriter, r *http.Request) error {
	c, err := s.colleague(r)
	if err != nil {
		return err
	}
	who := actor(r)
	if c.User == who.User.ID || !mayChange(who, c) {
		return s.removePage(w, r, http.StatusUnprocessableEntity, c, "")
	}
	err = s.Store.RemoveSeat(r.Context(), who.Organisation(), c.User)
	if errors.Is(err, store.ErrLastOwner) {
		return s.removePage(w, r, http.StatusUnprocessableEntity, c, "settings.owner.last")
	}
	if err != nil {
		return fmt.Errorf("web: remove seat: %w", err)
	}
	s.audit(r, "seat.remove", colleagueName(c), "role", string(c.Role))
	s.notify(r, c.User, mail.Removed, func(i18n.Locale, *mail.Data) {})
	return s.done(w, r, seatsPath, "removed")
}
