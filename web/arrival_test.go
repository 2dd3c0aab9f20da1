package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

// TestHowSomebodyCame: the page of a member and the API say by whose invitation
// they came, that it is unknown, or nothing where nobody looked.
func TestHowSomebodyCame(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	src := community.Source{Platform: "campfire", ExternalID: "camp"}
	id, err := s.Store.Connect(t.Context(), c.Scope, src)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var b community.Batch
	for who, i := range map[string]*community.Invitation{
		"Ana": nil, "Bo": {Known: true, Code: "mars-2026", Inviter: "Ana"}, "Cy": {}, "Di": {Known: true, Code: "lisiere"},
	} {
		b.Identities = append(b.Identities, community.Identity{ExternalID: who, Name: who})
		b.Activities = append(b.Activities, community.Activity{Kind: community.Join, ExternalID: "campfire/j/" + who, At: at, Actor: who, Amount: 1, Invitation: i})
	}
	if _, err := s.Store.NewIntake(c, id, src).Store(t.Context(), b, nil); err != nil {
		t.Fatal(err)
	}
	got := decoded[paged[memberAPI]](t, s.with(s.key(fullScopes()), "GET", apiPath(c, "/members")), http.StatusOK)
	ids := map[string]int64{}
	for _, m := range got.Data {
		ids[m.Name] = m.ID
	}
	for _, m := range got.Data {
		switch i := m.Invitation; m.Name {
		case "Ana":
			if i != nil {
				t.Errorf("of Ana nobody looked: %+v", i)
			}
		case "Bo":
			if i == nil || !i.Known || i.Code == nil || *i.Code != "mars-2026" || i.Inviter == nil || *i.Inviter != ids["Ana"] || !i.Joined.Equal(at) {
				t.Errorf("Bo came by %+v", i)
			}
		case "Cy":
			if i == nil || i.Known || i.Code != nil || i.Inviter != nil {
				t.Errorf("of Cy it is unknown: %+v", i)
			}
		case "Di":
			if i == nil || !i.Known || i.Code == nil || i.Inviter != nil {
				t.Errorf("Di came by %+v", i)
			}
		}
	}
	s.has(s.page(s.get(memberPath(c.Scope, ids["Cy"], "/privacy")), http.StatusOK), "<dt>Arrivée</dt>")
	for who, want := range map[string]string{
		"Bo": "par l'invitation de Ana, mars-2026", "Cy": "par une invitation inconnue", "Di": "par l'adresse du serveur, lisiere",
	} {
		s.has(s.page(s.get(memberPath(c.Scope, ids[who], "/privacy")), http.StatusOK), want)
		s.has(s.page(s.get(memberPath(c.Scope, ids[who], "/erase")), http.StatusOK), want)
	}
	if page := s.page(s.get(memberPath(c.Scope, ids["Ana"], "/privacy")), http.StatusOK); strings.Contains(page, "<dt>Arrivée</dt>") {
		t.Error("the page of Ana says how she came")
	}
}
