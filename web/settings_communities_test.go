package web

import (
	"bytes"
	"image/png"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/store"
)

func TestCommunitySettings(t *testing.T) {
	s := newSite(t)
	s.has(s.page(s.get("/settings/communities"), http.StatusOK), "Pas encore de communauté.", "Les clients sont l'affaire des agences.")
	c, other := s.community("Lisière"), s.community("Forêt")
	path := communitySetPath(c)
	s.has(s.page(s.get(path), http.StatusOK), "Aucun invité ne voit cette communauté", `value="Lisière"`)
	s.has(s.page(s.post(path, url.Values{"name": {"FORÊT"}, "zone": {"Europe/Paris"}}), http.StatusUnprocessableEntity), "Une communauté porte déjà ce nom")
	s.has(s.page(s.post(path, url.Values{"name": {"Lisière"}, "zone": {"Mars"}}), http.StatusUnprocessableEntity), "Ce fuseau n'existe pas.")
	s.has(s.page(s.post(path, url.Values{"name": {"Lisière"}, "zone": {"Europe/Paris"}, "client": {"99999"}}), http.StatusUnprocessableEntity), "n'est pas de votre organisation")
	a := s.post(path, url.Values{"name": {"Lisière du bois"}, "zone": {"Asia/Tokyo"}, "keep_questions": {"on"}, "archived": {"on"}, "organisation_id": {"99"}})
	s.has(s.page(s.follow(a), http.StatusOK), "Les chiffres sont recalculés", "Lisière du bois")
	got, err := s.Store.Community(t.Context(), c.Scope)
	if err != nil || got.Name != "Lisière du bois" || got.Location.String() != "Asia/Tokyo" || !got.Archived.IsZero() || got.KeepQuestions || got.Client != 0 {
		t.Errorf("%+v, %v", got, err)
	}

	s.has(s.page(s.follow(s.post(path+"/archive", url.Values{"archived": {"on"}})), http.StatusOK), "Archivée le", "Rien n'est effacé.")
	if page := s.get("/communities").body; strings.Contains(page, "Lisière du bois") || !strings.Contains(page, "Forêt") {
		t.Error("an archived community is listed, or the other is not")
	}
	s.page(s.get(communityPath(c.Scope, "")), http.StatusOK)
	s.follow(s.post(path+"/archive", url.Values{"archived": {"off"}}))
	if !strings.Contains(s.get("/communities").body, "Lisière du bois") {
		t.Error("taken back, it is not listed")
	}
	s.as(s.colleague(store.RoleGuest, other.Scope.Community))
	s.page(s.get(path), http.StatusNotFound)
	s.page(s.get(communitySetPath(other)), http.StatusForbidden)
	s.as(s.stranger())
	s.page(s.get(path), http.StatusNotFound)
	s.page(s.post(path, url.Values{"name": {"Volée"}, "zone": {"UTC"}}), http.StatusNotFound)
	s.page(s.post(path+"/archive", url.Values{"archived": {"on"}}), http.StatusNotFound)
	if got, _ := s.Store.Community(t.Context(), c.Scope); got.Name != "Lisière du bois" || !got.Archived.IsZero() {
		t.Errorf("a stranger changed %+v", got)
	}
	log := s.actions()
	for _, want := range []string{"community.rename", "community.zone", "community.archive", "community.unarchive"} {
		if !slices.Contains(log, want) {
			t.Errorf("%s is not in the log", want)
		}
	}
}

func TestClients(t *testing.T) {
	s := newSite(t)
	o := s.organisation()
	o.Kind = "agency"
	if err := s.Store.SetOrganisation(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	const list = "/settings/communities"
	c, apart := s.community("Lisière"), s.community("Autre")
	s.has(s.page(s.get(list), http.StatusOK), "Pas encore de client.")
	s.has(s.page(s.post(list, url.Values{"name": {""}}), http.StatusUnprocessableEntity), "Écrivez un nom.")
	s.has(s.page(s.follow(s.post(list, url.Values{"name": {"Maison Brune"}, "archived_at": {"2020-01-01"}, "organisation": {"99"}})), http.StatusOK), "Maison Brune", "Aucune communauté")
	s.has(s.page(s.post(list, url.Values{"name": {"maison brune"}}), http.StatusUnprocessableEntity), "Un client porte déjà ce nom.")
	clients, err := s.Store.Clients(t.Context(), s.Organisation)
	if err != nil || len(clients) != 1 || !clients[0].Archived.IsZero() {
		t.Fatalf("%+v, %v", clients, err)
	}
	path := clientPath(clients[0])
	s.follow(s.post(communitySetPath(c), url.Values{"name": {"Lisière"}, "zone": {"Europe/Paris"}, "client": {idText(clients[0].ID)}}))
	s.has(s.page(s.get(list), http.StatusOK), "Client : Maison Brune", "1 communauté")
	s.has(s.page(s.follow(s.post(path, url.Values{"name": {"Maison Rousse"}})), http.StatusOK), "Maison Rousse")
	s.has(s.page(s.post(path, url.Values{"name": {strings.Repeat("x", maxName+1)}}), http.StatusUnprocessableEntity), "trop long")
	whole := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, picture(30, 30)) })
	s.has(s.page(s.send(path+"/logo", "logo", "a.svg", []byte("<svg/>")), http.StatusUnprocessableEntity), "n'est pas une image que nous lisons")
	s.has(s.page(s.follow(s.send(path+"/logo", "logo", "a.png", whole)), http.StatusOK), "Le logo est en place.")
	client, err := s.Store.Client(t.Context(), s.Organisation, clients[0].ID)
	if err != nil || client.LogoHash == "" {
		t.Fatalf("%+v, %v", client, err)
	}
	logo := clientLogoPath(client)
	stranger := s.stranger()
	for _, who := range []struct {
		user   store.User
		status int
	}{
		{s.owner, http.StatusOK},
		{s.colleague(store.RoleViewer), http.StatusOK},
		{s.colleague(store.RoleGuest, c.Scope.Community), http.StatusOK},
		{s.colleague(store.RoleGuest, apart.Scope.Community), http.StatusNotFound},
		{stranger, http.StatusNotFound},
	} {
		s.as(who.user)
		if a := s.get(logo); a.status != who.status {
			t.Errorf("%s gets the logo with %d", who.user.Name, a.status)
		}
	}
	s.as(stranger)
	s.page(s.get(path), http.StatusNotFound)
	for _, more := range []string{"", "/archive", "/logo/remove"} {
		s.page(s.post(path+more, url.Values{"name": {"Volé"}, "archived": {"on"}}), http.StatusNotFound)
	}
	s.page(s.send(path+"/logo", "logo", "a.png", whole), http.StatusNotFound)
	s.as(s.owner)
	s.has(s.page(s.follow(s.post(path+"/archive", url.Values{"archived": {"on"}})), http.StatusOK), "Archivée le")
	s.has(s.page(s.get(communitySetPath(apart)), http.StatusOK), "Aucun")
	if strings.Contains(s.get(communitySetPath(apart)).body, "Maison Rousse") {
		t.Error("an archived client is offered")
	}
	s.follow(s.post(path+"/logo/remove", nil))
	if a := s.get(logo); a.status != http.StatusNotFound {
		t.Errorf("removed, the logo answers %d", a.status)
	}
}
