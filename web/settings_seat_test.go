package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
)

// lettersTo are the kinds of letters to a person, the newest first.
func (s *site) lettersTo(to string) []string {
	s.Helper()
	list, err := s.Store.Letters(s.Context(), 0, 0, 100)
	if err != nil {
		s.Fatal(err)
	}
	var kinds []string
	for _, n := range list {
		if n.Recipient == to {
			kinds = append(kinds, n.Kind)
		}
	}
	return kinds
}

// roleOf is a person's role in the site's organisation; "" for none.
func (s *site) roleOf(u store.User) store.Role {
	s.Helper()
	seats, err := s.Store.Seats(s.Context(), u.ID)
	if err != nil {
		s.Fatal(err)
	}
	for _, n := range seats {
		if n.Organisation.ID == s.Organisation {
			return n.Role
		}
	}
	return ""
}

// TestMayGive goes through every change of a role by everybody.
func TestMayGive(t *testing.T) {
	t.Parallel()
	roles := account.Roles()
	rank := func(r store.Role) int { return slices.Index(roles, r) }
	for _, own := range roles {
		who := account.Actor{User: store.User{ID: 1}, Seat: store.Seat{Organisation: store.Organisation{ID: 1}, Role: own}}
		for _, role := range append(roles, "god", "") {
			if got, want := mayGive(who, store.Colleague{User: 1, Role: own}, role), rank(role) >= rank(own); got != want {
				t.Errorf("%s gives themself %q: %v", own, role, got)
			}
			for _, its := range roles {
				want := rank(role) >= 0 && (own == store.RoleOwner || rank(own) < rank(its) && rank(own) < rank(role))
				if got := mayGive(who, store.Colleague{User: 2, Role: its}, role); got != want {
					t.Errorf("%s makes a %s %q: %v", own, its, role, got)
				}
			}
		}
	}
}

func TestSeats(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	viewer, admin := s.colleague(store.RoleViewer), s.colleague(store.RoleAdmin)
	path := func(u store.User) string { return seatsPath + "/" + idText(u.ID) }
	page := s.page(s.get(seatsPath), http.StatusOK)
	s.has(page, "3 personnes travaillent ici.", viewer.Email, "Sans second facteur", "Ce que chaque rôle permet", "Gérer les clés d'API", "Aucune invitation en attente.")

	s.has(s.page(s.follow(s.post(path(viewer), url.Values{"role": {"analyst"}, "user": {"1"}, "email": {"x@evil.example"}})), http.StatusOK), "Le rôle est changé.")
	if s.roleOf(viewer) != store.RoleAnalyst || !slices.Equal(s.lettersTo(viewer.Email), []string{string(mail.RoleChanged)}) {
		t.Errorf("%s, letters %v", s.roleOf(viewer), s.lettersTo(viewer.Email))
	}
	s.has(s.page(s.post(path(viewer), url.Values{"role": {"guest"}}), http.StatusUnprocessableEntity), "Un invité voit au moins une communauté.")
	s.has(s.page(s.post(path(viewer), url.Values{"role": {"guest"}, "community": {"99999"}}), http.StatusUnprocessableEntity), "n'est pas de votre organisation")
	if s.roleOf(viewer) != store.RoleAnalyst {
		t.Error("half a change was kept")
	}
	s.follow(s.post(path(viewer), url.Values{"role": {"guest"}, "community": {idText(c.Scope.Community)}}))
	s.has(s.page(s.get(path(viewer)), http.StatusOK), "checked")
	s.has(s.page(s.post(path(s.owner), url.Values{"role": {"admin"}}), http.StatusUnprocessableEntity), "Une organisation garde au moins un propriétaire.")
	s.has(s.page(s.post(path(s.owner)+"/remove", nil), http.StatusUnprocessableEntity), "C'est vous.")
	s.has(s.page(s.post(path(viewer), url.Values{"role": {"god"}}), http.StatusUnprocessableEntity), "Choisissez un rôle de la liste")

	// An admin neither changes an owner or another admin, nor raises themself.
	other := s.colleague(store.RoleAdmin)
	s.as(admin)
	for _, u := range []store.User{s.owner, other} {
		s.has(s.page(s.get(path(u)), http.StatusOK), "Ce rôle n'est pas sous le vôtre.")
		s.page(s.post(path(u), url.Values{"role": {"viewer"}}), http.StatusUnprocessableEntity)
		s.page(s.post(path(u)+"/remove", nil), http.StatusUnprocessableEntity)
	}
	for _, u := range []store.User{admin, viewer} {
		s.page(s.post(path(u), url.Values{"role": {"owner"}}), http.StatusUnprocessableEntity)
	}
	if s.roleOf(s.owner) != store.RoleOwner || s.roleOf(other) != store.RoleAdmin || s.roleOf(admin) != store.RoleAdmin || s.roleOf(viewer) != store.RoleGuest {
		t.Error("an admin changed what is not theirs to change")
	}
	s.has(s.page(s.get(path(viewer)+"/remove"), http.StatusOK), "Retirer l'accès de")
	s.has(s.page(s.follow(s.post(path(viewer)+"/remove", nil)), http.StatusOK), "La personne n'a plus accès.")
	if s.roleOf(viewer) != "" || s.lettersTo(viewer.Email)[0] != string(mail.Removed) {
		t.Errorf("%q, letters %v", s.roleOf(viewer), s.lettersTo(viewer.Email))
	}
	if got := s.actions(); !slices.Contains(got, "seat.role") || !slices.Contains(got, "seat.remove") {
		t.Errorf("the log holds %v", got)
	}

	// Whoever is not of the organisation does not exist there.
	for _, u := range []store.User{viewer, s.stranger()} {
		for _, more := range []string{"", "/remove"} {
			s.page(s.get(path(u)+more), http.StatusNotFound)
			s.page(s.post(path(u)+more, url.Values{"role": {"viewer"}}), http.StatusNotFound)
		}
	}
}

func TestInvitations(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	admin := s.colleague(store.RoleAdmin)
	for says, v := range map[string]url.Values{
		"Écrivez-la comme":                  {"email": {"nobody"}, "role": {"viewer"}},
		"Choisissez un rôle de la liste":    {"email": {"a@b.example"}, "role": {"god"}},
		"Un invité voit au moins une":       {"email": {"a@b.example"}, "role": {"guest"}},
		"n'est pas de votre organisation":   {"email": {"a@b.example"}, "role": {"guest"}, "community": {"99999"}},
		"Cette personne travaille déjà ici": {"email": {admin.Email}, "role": {"viewer"}},
	} {
		s.has(s.page(s.post(seatsPath, v), http.StatusUnprocessableEntity), says)
	}
	v := url.Values{"email": {"Ines@Client.example"}, "role": {"guest"}, "community": {idText(c.Scope.Community)}, "language": {"en"}, "token": {"x"}, "expires": {"2099-01-01"}}
	page := s.page(s.follow(s.post(seatsPath, v)), http.StatusOK)
	s.has(page, "L'invitation est envoyée.", "ines@client.example", "Invité, par Zoé")
	s.has(s.page(s.post(seatsPath, v), http.StatusUnprocessableEntity), "Une invitation attend déjà")
	resend := regexp.MustCompile(`action="(/settings/team/invitations/\d+)/resend"`).FindStringSubmatch(page)
	if resend == nil {
		t.Fatal("it cannot be sent again")
	}
	s.follow(s.post(resend[1]+"/resend", nil))
	if got := s.lettersTo("ines@client.example"); len(got) != 2 || got[0] != string(mail.Invitation) {
		t.Errorf("letters %v", got)
	}

	// An admin may not withdraw or send again what an owner alone may give.
	s.follow(s.post(seatsPath, url.Values{"email": {"chef@atelier.example"}, "role": {"owner"}, "language": {"fr"}}))
	list, err := s.Store.Invitations(t.Context(), s.Organisation)
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	for _, who := range []struct {
		user   store.User
		status int
	}{{admin, http.StatusForbidden}, {s.stranger(), http.StatusNotFound}} {
		s.as(who.user)
		for _, n := range list {
			if n.Role != store.RoleOwner && who.status == http.StatusForbidden {
				continue
			}
			for _, act := range []string{"/resend", "/revoke"} {
				s.page(s.post(seatsPath+"/invitations/"+idText(n.ID)+act, nil), who.status)
			}
		}
	}
	s.as(admin)
	s.page(s.post(seatsPath, url.Values{"email": {"x@y.example"}, "role": {"owner"}}), http.StatusUnprocessableEntity)
	s.follow(s.post(resend[1]+"/revoke", nil))
	if page := s.get(seatsPath).body; strings.Contains(page, "<b>ines@client.example") {
		t.Error("a withdrawn invitation is listed")
	}
	s.page(s.post(resend[1]+"/resend", nil), http.StatusNotFound)
}
