package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

const atCommunity = "/settings/communities/{community}"

func (s *Server) clientRoutes() []route {
	return []route{
		{"GET", "/settings/communities", may(account.SetCommunities), s.page(s.communitySettings)},
		{"POST", "/settings/communities", may(account.SetClients), s.page(s.createClient)},
		{"GET", atCommunity, may(account.SetCommunities), s.page(s.oneCommunity)},
		{"POST", atCommunity, may(account.SetCommunities), s.page(s.setCommunity)},
		{"POST", atCommunity + "/archive", may(account.SetCommunities), s.page(s.archiveCommunity)},
		{"GET", "/settings/clients/{client}", may(account.SetClients), s.page(s.client)},
		{"POST", "/settings/clients/{client}", may(account.SetClients), s.page(s.setClient)},
		{"GET", "/settings/clients/{client}/logo", may(account.SetClients), s.page(s.client)},
		{"POST", "/settings/clients/{client}/logo/remove", may(account.SetClients), s.page(s.removeClientLogo)},
		{"POST", "/settings/clients/{client}/archive", may(account.SetClients), s.page(s.archiveClient)},
		{"GET", "/organisations/{organisation}/clients/{client}/logo", signedIn(), s.page(s.clientLogo)},
	}
}

// communitySettings lists communities and clients.
func (s *Server) communitySettings(w http.ResponseWriter, r *http.Request) error {
	return s.communitySettingsPage(w, r, http.StatusOK, "", "")
}

func (s *Server) communitySettingsPage(w http.ResponseWriter, r *http.Request, status int, name, problem string) error {
	l, org := s.locale(r), actor(r).Seat.Organisation
	list, err := s.Store.Communities(r.Context(), org.ID)
	if err != nil {
		return fmt.Errorf("web: communities: %w", err)
	}
	clients, err := s.Store.Clients(r.Context(), org.ID)
	if err != nil {
		return fmt.Errorf("web: communities: %w", err)
	}
	v := s.settingsView(r, "communities", "communities", counted(l, "settings.communities.title", len(list)))
	v.Parts = []templ.Component{communityRows(l, list, clients).View()}
	switch {
	case !actor(r).May(account.SetClients):
	case org.Kind == "agency" || len(clients) > 0 || problem != "":
		v.Parts = append(v.Parts, clientRows(l, clients).View(), formPart{
			Title: l.T("settings.clients.new"), Action: "/settings/communities", Send: l.T("settings.clients.create"), Weight: ui.Plain,
			Fields: []templ.Component{ui.Field{Name: "name", Label: l.T("settings.clients.name"), Value: name, Error: problem, Complete: "off", Required: true}.View()},
		}.View())
	default:
		v.Parts = append(v.Parts, ui.Banner{
			Lead: l.T("settings.clients.brand"), Text: l.T("settings.clients.brand.text"),
			Action: &ui.Link{Label: l.T("settings.menu.organisation"), URL: "/settings/organisation"},
		}.View())
	}
	return s.showSettings(w, r, status, v)
}

func communityRows(l i18n.Locale, list []community.Community, clients []store.Client) rowsPart {
	p := rowsPart{
		Title: l.T("settings.communities.list"), Sub: l.T("settings.communities.text"),
		Action: &ui.Link{Label: l.T("start.list.new"), URL: "/start", Icon: ui.IconPlus},
	}
	for _, c := range list {
		row := rowView{
			Glyph: glyph(c.Name), Title: c.Name, URL: communitySetPath(c), Lines: []string{l.T("zone.summary", "zone", c.Location.String())},
			Buttons: []buttonView{{Label: l.T("settings.change"), Of: c.Name, URL: communitySetPath(c)}},
		}
		if i := slices.IndexFunc(clients, func(n store.Client) bool { return n.ID == c.Client }); i >= 0 {
			row.Lines = append(row.Lines, l.T("settings.clients.of", "client", clients[i].Name))
		}
		if !c.Archived.IsZero() {
			row.Says = []sayView{{ui.Neutral, ui.IconClock, l.T("settings.archived", "day", l.Date(c.Archived))}}
		}
		p.Rows = append(p.Rows, row)
	}
	if len(list) == 0 {
		p.Empty = &ui.Empty{Lead: l.T("settings.communities.none"), Text: l.T("settings.communities.none.text")}
	}
	return p
}

func communitySetPath(c community.Community) string {
	return "/settings/communities/" + idText(c.Scope.Community)
}

// communitySetForm is what can be changed of a community.
type communitySetForm struct {
	communityForm
	Client      int64
	ClientError string
}

func (f *communitySetForm) parse(v url.Values) {
	f.communityForm.parse(v)
	f.Client, _ = strconv.ParseInt(v.Get("client"), 10, 64)
}

// oneCommunity shows what can be changed of a community.
func (s *Server) oneCommunity(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	return s.oneCommunityPage(w, r, http.StatusOK, c, communitySetForm{
		communityForm: communityForm{Name: c.Name, Zone: c.Location.String()}, Client: c.Client,
	})
}

func (s *Server) oneCommunityPage(w http.ResponseWriter, r *http.Request, status int, c community.Community, f communitySetForm) error {
	l, path := s.locale(r), communitySetPath(c)
	guests, err := s.guestsOf(r, c)
	if err != nil {
		return err
	}
	clients, err := s.Store.Clients(r.Context(), c.Organisation)
	if err != nil {
		return fmt.Errorf("web: community: %w", err)
	}
	sheet := formPart{
		Title: l.T("settings.community"), Action: path, Send: l.T("ui.save"),
		Cancel: &ui.Link{Label: l.T("ui.cancel"), URL: "/settings/communities"},
		Fields: []templ.Component{
			ui.Field{Name: "name", Label: l.T("settings.name"), Value: f.Name, Error: f.NameError, Complete: "off", Required: true}.View(),
			zoneField("zone", l.T("zone"), l.T("settings.community.zone.hint"), f.Zone, f.ZoneError).View(),
		},
	}
	if (len(clients) > 0 || f.ClientError != "") && actor(r).May(account.SetClients) {
		sheet.Fields = append(sheet.Fields, clientField(l, clients, f).View())
	}
	v := s.settingsView(r, "communities", "community", c.Name)
	v.Parts = []templ.Component{sheet.View(), guestRows(l, guests).View(), archivePart(l, path+"/archive", "settings.community", !c.Archived.IsZero()).View()}
	return s.showSettings(w, r, status, v)
}

func clientField(l i18n.Locale, clients []store.Client, f communitySetForm) ui.Field {
	field := ui.Field{Name: "client", Label: l.T("settings.clients.whose"), Error: f.ClientError, Options: []ui.Option{
		{Value: "0", Label: l.T("settings.clients.nobody"), Current: f.Client == 0},
	}}
	for _, n := range clients {
		if n.Archived.IsZero() || n.ID == f.Client {
			field.Options = append(field.Options, ui.Option{Value: idText(n.ID), Label: n.Name, Current: n.ID == f.Client})
		}
	}
	return field
}

// archivePart takes something out of the lists, or puts it back.
func archivePart(l i18n.Locale, action, prefix string, archived bool) formPart {
	key, to := prefix+".archive", "on"
	if archived {
		key, to = prefix+".unarchive", "off"
	}
	return formPart{
		Title: l.T(key), Sub: l.T(key + ".text"), Action: action, Hidden: []ui.Option{{Value: "archived", Label: to}},
		Send: l.T(key + ".send"), Weight: ui.Plain,
	}
}

// guestsOf are the guests to whom a community is shown.
func (s *Server) guestsOf(r *http.Request, c community.Community) ([]store.Colleague, error) {
	all, err := s.Store.Colleagues(r.Context(), c.Organisation)
	if err != nil {
		return nil, fmt.Errorf("web: guests: %w", err)
	}
	return slices.DeleteFunc(all, func(n store.Colleague) bool {
		return n.Role != store.RoleGuest || !slices.Contains(n.Communities, c.Scope.Community)
	}), nil
}

func guestRows(l i18n.Locale, guests []store.Colleague) rowsPart {
	p := rowsPart{Title: counted(l, "settings.guests", len(guests)), Sub: l.T("settings.guests.text"), Action: &ui.Link{Label: l.T("settings.menu.team"), URL: "/settings/team"}}
	for _, g := range guests {
		p.Rows = append(p.Rows, rowView{Glyph: glyph(colleagueName(g)), Title: colleagueName(g), Lines: []string{g.Email}})
	}
	return p
}

// colleagueName is the name of a person, else the address.
func colleagueName(c store.Colleague) string {
	if c.Name != "" {
		return c.Name
	}
	return c.Email
}

// setCommunity changes a community's name, zone and client.
func (s *Server) setCommunity(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	l, f := s.locale(r), communitySetForm{}
	if f.parse(r.PostForm); !r.PostForm.Has("client") || !actor(r).May(account.SetClients) {
		f.Client = c.Client
	}
	if !f.check(l) {
		return s.oneCommunityPage(w, r, http.StatusUnprocessableEntity, c, f)
	}
	said, err := s.changeCommunity(r, c, f)
	switch {
	case errors.Is(err, store.ErrExists):
		f.NameError = l.T("start.name.exists")
	case errors.Is(err, store.ErrTimeZone):
		f.ZoneError = l.T("zone.unknown")
	case errors.Is(err, community.ErrNotFound):
		f.Client, f.ClientError = c.Client, l.T("settings.clients.unknown")
	case err != nil:
		return fmt.Errorf("web: set community: %w", err)
	default:
		return s.done(w, r, communitySetPath(c), said)
	}
	return s.oneCommunityPage(w, r, http.StatusUnprocessableEntity, c, f)
}

// changeCommunity makes the changes and says how that is told.
func (s *Server) changeCommunity(r *http.Request, c community.Community, f communitySetForm) (said string, err error) {
	said = "saved"
	if f.Name != c.Name {
		if err := s.Store.RenameCommunity(r.Context(), c.Scope, f.Name); err != nil {
			return "", err
		}
		s.audit(r, "community.rename", f.Name, "before", c.Name)
	}
	if f.Client != c.Client {
		if err := s.Store.AssignClient(r.Context(), c.Scope, f.Client); err != nil {
			return "", err
		}
		s.audit(r, "community.client", f.Name)
	}
	if f.location.String() != c.Location.String() {
		if err := s.Store.SetTimeZone(r.Context(), c.Scope, f.location); err != nil {
			return "", err
		}
		s.audit(r, "community.zone", f.Name, "before", c.Location.String(), "after", f.location.String())
		said = "zone"
	}
	return said, nil
}

// archiveCommunity takes a community out of the lists, or puts it back.
func (s *Server) archiveCommunity(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	action, said, archive := "community.unarchive", "unarchived", r.PostForm.Get("archived") == "on"
	if archive {
		action, said = "community.archive", "archived"
	}
	if err := s.Store.ArchiveCommunity(r.Context(), c.Scope, archive); err != nil {
		return fmt.Errorf("web: archive community: %w", err)
	}
	s.audit(r, action, c.Name)
	return s.done(w, r, "/settings/communities", said)
}
