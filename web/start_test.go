package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/web/i18n"
)

func TestStart(t *testing.T) {
	s := newSite(t)
	if a := s.get("/"); a.status != http.StatusSeeOther || a.to != "/start" {
		t.Errorf("an empty Foyer leads to %d %s", a.status, a.to)
	}
	if a := s.get("/communities"); a.to != "/start" {
		t.Errorf("an empty list leads to %s", a.to)
	}
	page := s.page(s.get("/start"), http.StatusOK)
	s.has(page, "Bienvenue. Posons la première pierre.", `<option value="Europe/Paris" selected>`, `data-zone="guessed"`)
	s.header.Set("Accept-Language", "en")
	s.has(s.page(s.get("/start"), http.StatusOK), "Welcome. Let us lay the first stone.", `lang="en"`)
}

func TestOneFormMakesTheCommunityAndImports(t *testing.T) {
	s := newSite(t)
	a := s.upload("/communities", map[string]string{"name": " Lisière ", "zone": "Europe/Brussels"}, fire(30), fire(40))
	if a.status != http.StatusSeeOther || !strings.Contains(a.to, "/imports/") {
		t.Fatalf("answers %d %s", a.status, a.to)
	}
	c, err := s.Store.CommunityNamed(t.Context(), s.Organisation, "lisière")
	if err != nil || c.Location.String() != "Europe/Brussels" {
		t.Fatalf("%+v, %v", c, err)
	}
	list, err := s.Store.Imports(t.Context(), c.Scope)
	if err != nil || len(list) != 1 || len(list[0].Names) != 2 || list[0].TimeZone != "Europe/Brussels" {
		t.Fatalf("%+v, %v", list, err)
	}
	if i := s.run(c, list[0].ID, true); i.Activities != 40 || i.Duplicates != 30 {
		t.Errorf("%+v", i)
	}
	s.has(s.page(s.get("/communities"), http.StatusOK), "1 communauté.", "Lisière")
}

func TestCommunityForms(t *testing.T) {
	s := newSite(t)
	s.community("Prise")
	for name, tt := range map[string]struct {
		fields map[string]string
		files  []string
		want   string
	}{
		"no name":       {map[string]string{"name": "  "}, []string{fire(1)}, "Donnez un nom à la communauté."},
		"long name":     {map[string]string{"name": strings.Repeat("é", 81)}, []string{fire(1)}, "80 caractères au plus"},
		"control sign":  {map[string]string{"name": "a\x00b"}, []string{fire(1)}, "signes invisibles"},
		"taken":         {map[string]string{"name": "prise"}, []string{fire(1)}, "Une communauté porte déjà ce nom."},
		"zone":          {map[string]string{"name": "A", "zone": "Europe/Pari"}, []string{fire(1)}, "Ce fuseau n'existe pas."},
		"zone local":    {map[string]string{"name": "A", "zone": "Local"}, []string{fire(1)}, "Ce fuseau n'existe pas."},
		"no file":       {map[string]string{"name": "A"}, []string{""}, "Choisissez au moins un fichier."},
		"no file field": {map[string]string{"name": "A"}, nil, "Choisissez au moins un fichier."},
		"too large":     {map[string]string{"name": "A"}, []string{strings.Repeat("x", testLimit+envelope+10)}, "Ces fichiers dépassent 1,0 Mo."},
	} {
		t.Run(name, func(t *testing.T) {
			s := *s
			s.TB = t
			s.has(s.page(s.upload("/communities", tt.fields, tt.files...), http.StatusUnprocessableEntity), tt.want)
		})
	}
	list, err := s.Store.Communities(t.Context(), s.Organisation)
	if err != nil || len(list) != 1 {
		t.Errorf("a refused form left a community: %v, %v", list, err)
	}
	if a := s.post("/communities", url.Values{"name": {"Sans fichier"}}); a.status != http.StatusSeeOther || !strings.HasSuffix(a.to, "/import") {
		t.Errorf("answers %d %s", a.status, a.to)
	}
}

func TestZones(t *testing.T) {
	for _, name := range strings.Fields(zoneNames) {
		if _, err := time.LoadLocation(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "Local", "../../etc/passwd", "Europe/Pari", strings.Repeat("a", 100)} {
		if parseZone(name) != nil {
			t.Errorf("%q is taken for a zone", name)
		}
	}
	if f := zoneField("z", "", "", "Asia/Calcutta", ""); f.Options[0].Value != "Asia/Calcutta" || !f.Options[0].Current {
		t.Error("an older name is not offered again")
	}
	for _, l := range i18n.Locales() {
		if parseZone(guessZone(l)) == nil {
			t.Errorf("the guess for %v does not exist", l)
		}
	}
}
