package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

const seatsPath = "/settings/team"

func (s *Server) seatRoutes() []route {
	const invitation = seatsPath + "/invitations/{invitation}"
	return []route{
		{"GET", seatsPath, may(account.ManageSeats), s.page(s.seats)},
		{"POST", seatsPath, may(account.ManageSeats), s.page(s.invite)},
		{"POST", invitation + "/resend", may(account.ManageSeats), s.page(s.resend)},
		{"POST", invitation + "/revoke", may(account.ManageSeats), s.page(s.revokeInvitation)},
		{"GET", seatsPath + "/{user}", may(account.ManageSeats), s.page(s.seat)},
		{"POST", seatsPath + "/{user}", may(account.ManageSeats), s.page(s.setSeat)},
		{"GET", seatsPath + "/{user}/remove", may(account.ManageSeats), s.page(s.askRemove)},
		{"POST", seatsPath + "/{user}/remove", may(account.ManageSeats), s.page(s.removeSeat)},
	}
}

// inviteForm is whom somebody invites, and to what.
type inviteForm struct {
	Email, Language                    string
	Role                               store.Role
	Communities                        []int64
	EmailError, RoleError, GuestsError string
}

func (f *inviteForm) parse(v url.Values) {
	f.Email, f.Language = line(v, "email"), choice(v, "language", "fr", "en")
	f.Role, f.Communities = store.Role(v.Get("role")), ids64(v["community"])
}

func (f *inviteForm) check(l i18n.Locale, who account.Actor) bool {
	if parseEmail(f.Email) == "" {
		f.EmailError = l.T("door.email.bad")
	}
	if !account.Outranks(who.Seat.Role, f.Role) {
		f.RoleError = l.T("settings.team.role.bad")
	}
	f.Communities, f.GuestsError = guestCommunities(l, f.Role, f.Communities)
	return f.EmailError == "" && f.RoleError == "" && f.GuestsError == ""
}

// guestCommunities are the communities that a role is limited to: a guest's, at
// least one; nobody else's.
func guestCommunities(l i18n.Locale, role store.Role, ticked []int64) (list []int64, problem string) {
	switch {
	case role != store.RoleGuest:
		return nil, ""
	case len(ticked) == 0:
		return nil, l.T("settings.team.guest.none")
	}
	return ticked, ""
}

// seats lists who works for the organisation, who is invited, and what the roles allow.
func (s *Server) seats(w http.ResponseWriter, r *http.Request) error {
	return s.seatsPage(w, r, http.StatusOK, inviteForm{Role: store.RoleAnalyst, Language: actor(r).Seat.Organisation.Language})
}

func (s *Server) seatsPage(w http.ResponseWriter, r *http.Request, status int, f inviteForm) error {
	l, org := s.locale(r), actor(r).Seat.Organisation
	people, err := s.Store.Colleagues(r.Context(), org.ID)
	if err != nil {
		return fmt.Errorf("web: seats: %w", err)
	}
	invitations, err := s.Store.Invitations(r.Context(), org.ID)
	if err != nil {
		return fmt.Errorf("web: seats: %w", err)
	}
	guests, err := s.communityChecks(r, "community", l.T("settings.team.guest"), l.T("settings.team.guest.hint"), f.Communities, f.GuestsError)
	if err != nil {
		return err
	}
	list := rowsPart{Title: l.T("settings.team.people")}
	for _, c := range people {
		list.Rows = append(list.Rows, s.colleagueRow(r, c))
	}
	language := ui.Field{Name: "language", Label: l.T("settings.team.language")}
	for _, n := range i18n.Locales() {
		language.Options = append(language.Options, ui.Option{Value: n.String(), Label: n.Name(), Current: n.String() == f.Language})
	}
	v := s.settingsView(r, "team", "team", l.N("settings.team.title", len(people)))
	v.Parts = []templ.Component{
		list.View(), s.invitationRows(r, invitations).View(), formPart{
			ID: "invite", Title: l.T("settings.team.invite"), Sub: l.T("settings.team.invite.text"), Action: seatsPath, Send: l.T("settings.team.invite.send"),
			Fields: []templ.Component{
				ui.Field{Name: "email", Label: l.T("door.email"), Type: "email", Value: f.Email, Error: f.EmailError, Complete: "off", Required: true}.View(),
				roleField(l, actor(r), f.Role, f.RoleError).View(), guests.View(), language.View(),
			},
		}.View(), grantTable(l).View(),
	}
	return s.showSettings(w, r, status, v)
}

// roleField offers the roles that an actor may give.
func roleField(l i18n.Locale, who account.Actor, current store.Role, problem string) ui.Field {
	f := ui.Field{Name: "role", Label: l.T("settings.team.role"), Hint: l.T("settings.team.role.hint"), Error: problem}
	for _, role := range account.Roles() {
		if account.Outranks(who.Seat.Role, role) {
			f.Options = append(f.Options, ui.Option{Value: string(role), Label: roleName(l, role), Current: role == current})
		}
	}
	return f
}

func (s *Server) colleagueRow(r *http.Request, c store.Colleague) rowView {
	l, org := s.locale(r), actor(r).Seat.Organisation
	row := rowView{Glyph: glyph(colleagueName(c)), Title: colleagueName(c), Lines: []string{c.Email, roleName(l, c.Role)}}
	if c.Role == store.RoleGuest {
		row.Lines = append(row.Lines, l.N("settings.team.communities", len(c.Communities)))
	}
	if c.Seen.IsZero() {
		row.Lines = append(row.Lines, l.T("settings.team.unseen"))
	} else {
		row.Lines = append(row.Lines, l.T("settings.team.seen", "when", l.Relative(c.Seen.In(zoneOf(org)), s.Now().In(zoneOf(org)))))
	}
	if c.SecondFactor {
		row.Says = append(row.Says, sayView{ui.Good, ui.IconLock, l.T("settings.team.second")})
	} else {
		row.Says = append(row.Says, sayView{ui.Watch, ui.IconWarning, l.T("settings.team.second.no")})
	}
	if c.User == actor(r).User.ID {
		row.Says = append(row.Says, sayView{ui.Neutral, ui.IconMembers, l.T("settings.team.you")})
	}
	row.Buttons = []buttonView{{Label: l.T("settings.change"), Of: colleagueName(c), URL: seatPath(c)}}
	return row
}

func seatPath(c store.Colleague) string { return seatsPath + "/" + idText(c.User) }

func (s *Server) invitationRows(r *http.Request, list []store.Invitation) rowsPart {
	l, org := s.locale(r), actor(r).Seat.Organisation
	p := rowsPart{ID: "invitations", Title: l.T("settings.team.invitations"), Sub: l.T("settings.team.invitations.text")}
	for _, n := range list {
		path := seatsPath + "/invitations/" + idText(n.ID)
		row := rowView{Glyph: glyph(n.Email), Title: n.Email, Lines: []string{
			l.T("settings.team.invited", "role", roleName(l, n.Role), "person", orDash(n.InvitedBy), "day", l.Date(n.Sent.In(zoneOf(org)))),
		}}
		if until := l.Date(n.Expires.In(zoneOf(org))); n.Open(s.Now()) {
			row.Says = []sayView{{ui.Good, ui.IconClock, l.T("settings.team.open", "day", until)}}
		} else {
			row.Says = []sayView{{ui.Bad, ui.IconClock, l.T("settings.team.expired", "day", until)}}
		}
		if account.Outranks(actor(r).Seat.Role, n.Role) {
			row.Buttons = []buttonView{
				{Label: l.T("settings.team.resend"), Of: n.Email, URL: path + "/resend", Post: true},
				{Label: l.T("settings.team.revoke"), Of: n.Email, URL: path + "/revoke", Post: true, Weight: ui.Danger},
			}
		}
		p.Rows = append(p.Rows, row)
	}
	if len(list) == 0 {
		p.Empty = &ui.Empty{Lead: l.T("settings.team.invitations.none"), Text: l.T("settings.team.invitations.none.text")}
	}
	return p
}

// grantTable shows the table that the guards keep.
func grantTable(l i18n.Locale) tablePart {
	t := ui.Table{Caption: l.T("settings.team.table"), Cards: true, Columns: []ui.Column{{Label: l.T("settings.team.permission")}}}
	for _, role := range account.Roles() {
		t.Columns = append(t.Columns, ui.Column{Label: roleName(l, role)})
	}
	for _, g := range account.Grants() {
		row := []ui.Cell{{Text: l.T("settings.permission." + string(g.Permission))}}
		for _, role := range account.Roles() {
			if account.May(role, g.Permission) {
				row = append(row, ui.Cell{Text: l.T("settings.team.yes"), Strong: true})
			} else {
				row = append(row, ui.Cell{Text: l.T("settings.team.no")})
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return tablePart{Title: l.T("settings.team.table"), Sub: l.T("settings.team.table.text"), Table: t}
}

// invite offers somebody a seat.
func (s *Server) invite(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	l, who, f := s.locale(r), actor(r), inviteForm{}
	f.parse(r.PostForm)
	if !f.check(l, who) {
		return s.seatsPage(w, r, http.StatusUnprocessableEntity, f)
	}
	n, token, err := s.Accounts.Invite(r.Context(), who, account.Invitation{
		Email: parseEmail(f.Email), Role: f.Role, Communities: f.Communities, Language: f.Language,
	})
	switch {
	case errors.Is(err, store.ErrExists):
		f.EmailError = l.T("settings.team.exists")
	case errors.Is(err, store.ErrSeated):
		f.EmailError = l.T("settings.team.seated")
	case errors.Is(err, account.ErrRank):
		f.RoleError = l.T("settings.team.role.bad")
	case errors.Is(err, community.ErrNotFound):
		f.Communities, f.GuestsError = nil, l.T("settings.team.guest.bad")
	case err != nil:
		return fmt.Errorf("web: invite: %w", err)
	default:
		s.audit(r, "seat.invite", n.Email, "role", string(n.Role))
		if err := s.sendInvitation(r, n, token); err != nil {
			return err
		}
		return s.done(w, r, seatsPath, "invited")
	}
	return s.seatsPage(w, r, http.StatusUnprocessableEntity, f)
}

// resend gives an invitation a new link and writes again.
func (s *Server) resend(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "invitation")
	if err != nil {
		return err
	}
	n, token, err := s.Accounts.Resend(r.Context(), actor(r), id)
	if errors.Is(err, account.ErrRank) {
		return &problem{status: http.StatusForbidden, key: "error.denied", err: err}
	}
	if err != nil {
		return fmt.Errorf("web: resend: %w", err)
	}
	s.audit(r, "seat.resend", n.Email, "role", string(n.Role))
	if err := s.sendInvitation(r, n, token); err != nil {
		return err
	}
	return s.done(w, r, seatsPath, "resent")
}

// revokeInvitation withdraws an invitation that waits.
func (s *Server) revokeInvitation(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "invitation")
	if err != nil {
		return err
	}
	who := actor(r)
	list, err := s.Store.Invitations(r.Context(), who.Organisation())
	if err != nil {
		return fmt.Errorf("web: revoke invitation: %w", err)
	}
	i := slices.IndexFunc(list, func(n store.Invitation) bool { return n.ID == id })
	if i < 0 {
		return fmt.Errorf("web: revoke invitation: %w", community.ErrNotFound)
	}
	if !account.Outranks(who.Seat.Role, list[i].Role) {
		return &problem{status: http.StatusForbidden, key: "error.denied", err: account.ErrRank}
	}
	if err := s.Store.RevokeInvitation(r.Context(), who.Organisation(), id); err != nil {
		return fmt.Errorf("web: revoke invitation: %w", err)
	}
	s.audit(r, "seat.revoke", list[i].Email, "role", string(list[i].Role))
	return s.done(w, r, seatsPath, "revoked")
}
