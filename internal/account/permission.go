// Package account is who may sign in and what they may do: users, organisations,
// roles, sessions and invitations.
package account

import (
	"slices"

	"github.com/foyer-app/foyer/internal/store"
)

// Permission is one thing that a role may do or not. Handlers, the API and the
// menu ask for permissions, never for roles.
type Permission string

// The permissions.
const (
	ViewCommunities   Permission = "communities.view"   // figures of communities
	ViewPeople        Permission = "people.view"        // members by name
	ImportData        Permission = "data.import"        // bring exports, answer and cancel imports
	ExportData        Permission = "data.export"        // take activities and lists away
	SetTeam           Permission = "team.set"           // who of the community is team
	CreateCommunities Permission = "communities.create" //
	SetCommunities    Permission = "communities.set"    // name, zone, client, questions' text, archive
	Connect           Permission = "connections.set"    // install, pause and remove platforms
	SetClients        Permission = "clients.set"
	ManageSeats       Permission = "seats.manage" // invite, change roles below one's own, remove
	SetOrganisation   Permission = "organisation.set"
	ManageKeys        Permission = "keys.manage"
	ManagePrivacy     Permission = "privacy.manage" // retention, export and erasure of a person
	ViewAudit         Permission = "audit.view"
	DeleteForGood     Permission = "organisation.delete" // the organisation, a community
)

// Grant says which roles have a permission.
type Grant struct {
	Permission Permission
	Roles      []store.Role
}

// Grants is the table of what each role may do, in the order in which the
// settings show it. It is the only place that says so.
func Grants() []Grant {
	const o, a, n, v, g = store.RoleOwner, store.RoleAdmin, store.RoleAnalyst, store.RoleViewer, store.RoleGuest
	return []Grant{
		{ViewCommunities, []store.Role{o, a, n, v, g}},
		{ViewPeople, []store.Role{o, a, n, v}},
		{ExportData, []store.Role{o, a, n}},
		{ImportData, []store.Role{o, a, n}},
		{SetTeam, []store.Role{o, a, n}},
		{CreateCommunities, []store.Role{o, a}},
		{SetCommunities, []store.Role{o, a}},
		{Connect, []store.Role{o, a}},
		{SetClients, []store.Role{o, a}},
		{ManageSeats, []store.Role{o, a}},
		{SetOrganisation, []store.Role{o, a}},
		{ManageKeys, []store.Role{o, a}},
		{ManagePrivacy, []store.Role{o, a}},
		{ViewAudit, []store.Role{o, a}},
		{DeleteForGood, []store.Role{o}},
	}
}

// Roles lists the roles, from the one that may do everything down.
func Roles() []store.Role {
	return []store.Role{store.RoleOwner, store.RoleAdmin, store.RoleAnalyst, store.RoleViewer, store.RoleGuest}
}

// May says whether a role has a permission. An unknown role or permission: no.
func May(role store.Role, p Permission) bool {
	for _, g := range Grants() {
		if g.Permission == p {
			return slices.Contains(g.Roles, role)
		}
	}
	return false
}

// Outranks says whether a role may give and take another: owners all, others
// only what stands below themselves.
func Outranks(role, other store.Role) bool {
	order := Roles()
	own, its := slices.Index(order, role), slices.Index(order, other)
	return own >= 0 && its >= 0 && (own == 0 || own < its)
}
