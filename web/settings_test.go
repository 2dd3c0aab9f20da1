package web

import (
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
)

// follow makes the request that a form's answer leads to, with its cookies.
func (s *site) follow(a answer) answer {
	s.Helper()
	if a.status != http.StatusSeeOther {
		s.Fatalf("the form answers %d: %.400s", a.status, a.body)
	}
	r := s.request("GET", a.to, nil)
	for _, line := range a.header.Values("Set-Cookie") {
		r.Header.Set("Cookie", r.Header.Get("Cookie")+"; "+strings.SplitN(line, ";", 2)[0])
	}
	return s.do(r)
}

// organisation is the site's, as it is stored.
func (s *site) organisation() store.Organisation {
	s.Helper()
	o, err := s.Store.Organisation(s.Context(), s.Organisation)
	if err != nil {
		s.Fatal(err)
	}
	return o
}

// actions are what the site's log holds, the newest first.
func (s *site) actions() []string {
	s.Helper()
	list, err := s.Store.AuditEntries(s.Context(), s.Organisation, store.AuditFilter{Limit: 100})
	if err != nil {
		s.Fatal(err)
	}
	var all []string
	for _, e := range list {
		all = append(all, e.Action)
	}
	return all
}

var (
	audited = regexp.MustCompile(`(?:[aA]udit(?:User)?\(|\.Entry\(|AuditEntry\{)[^"\n]*"([a-z_]+\.[a-z_]*)"(\s*\+)?`)
	chosen  = regexp.MustCompile(`\baction\b[^=\n]*=\s*"([a-z_]+\.[a-z_]+)"`)
)

// TestEveryActionHasWords reads the sources: what is written to the log has a
// sentence in both languages, and its kind a name for the filter.
func TestEveryActionHasWords(t *testing.T) {
	found := map[string]bool{}
	for _, root := range []string{".", "../internal", "../cmd"} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
				return err
			}
			source, err := os.ReadFile(name)
			for _, m := range append(audited.FindAllStringSubmatch(string(source), -1), chosen.FindAllStringSubmatch(string(source), -1)...) {
				found[m[1]] = len(m) > 2 && m[2] != ""
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) < 30 {
		t.Fatalf("only %d actions found", len(found))
	}
	for _, l := range i18n.Locales() {
		for action, prefix := range found {
			known := l.Has("audit." + action)
			if prefix {
				known = slices.ContainsFunc(l.Keys(), func(k string) bool { return strings.HasPrefix(k, "audit."+action) })
			}
			if !known {
				t.Errorf("%s in %v: the log has no words for it", action, l)
			}
			if kind, _, _ := strings.Cut(action, "."); !l.Has("audit.kind." + kind) {
				t.Errorf("%s in %v: its kind has no name", action, l)
			}
		}
		for _, g := range account.Grants() {
			if !l.Has("settings.permission." + string(g.Permission)) {
				t.Errorf("%s in %v: the permission has no words", g.Permission, l)
			}
		}
	}
}

// TestSectionsAgreeWithRoutes: who is shown a section may open it, and nobody else may.
func TestSectionsAgreeWithRoutes(t *testing.T) {
	s := newSite(t)
	routes := map[string]route{}
	for _, n := range s.table() {
		if n.method == http.MethodGet {
			routes[n.pattern] = n
		}
	}
	for _, n := range sections() {
		r, ok := routes[n.url]
		if !ok {
			continue // a part of Foyer that stands elsewhere
		}
		for _, role := range account.Roles() {
			for _, operator := range []bool{false, true} {
				who := account.Actor{User: store.User{ID: 1, Operator: operator}, Seat: store.Seat{Organisation: store.Organisation{ID: 1}, Role: role}}
				if got, want := n.shown(who), allowed(r.access, who) == nil; got != want {
					t.Errorf("%s: shown to %s (operator %v) %v, allowed %v", n.name, role, operator, got, want)
				}
			}
		}
	}
}

func TestSectionsOfGuestAndOwner(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	page := s.page(s.get("/settings/profile"), http.StatusOK)
	s.has(page, `href="/settings/security"`, `href="/settings/team"`, `href="/settings/audit"`, `href="/settings/outbox"`, `class="sections"`)
	s.as(s.colleague(store.RoleGuest, c.Scope.Community))
	page = s.page(s.get("/settings/profile"), http.StatusOK)
	s.has(page, `href="/settings/security"`, `href="/settings/organisations"`)
	for _, not := range []string{"team", "communities", "keys", "audit", "outbox", "organisation"} {
		if strings.Contains(page, `href="/settings/`+not+`"`) {
			t.Errorf("a guest is shown %s", not)
		}
	}
	if a := s.get("/settings"); a.to != "/settings/profile" {
		t.Errorf("leads to %s", a.to)
	}
}

func TestProfile(t *testing.T) {
	s := newSite(t)
	const path = "/settings/profile"
	s.has(s.page(s.get(path), http.StatusOK), "zoe@atelier.example", `value="Zoé"`)
	s.has(s.page(s.post(path, url.Values{"name": {""}}), http.StatusUnprocessableEntity), "Écrivez un nom.")
	a := s.post(path, url.Values{
		"name": {"Zoé Martin"}, "language": {"en"}, "time": {"12"}, "size": {"large"},
		"email": {"thief@evil.example"}, "operator": {"on"}, "id": {"99"}, "password": {"x"}, "verified": {"1"},
	})
	s.has(s.page(s.follow(a), http.StatusOK), "Saved.", `data-size="large"`, `lang="en"`)
	u, err := s.Store.User(t.Context(), s.owner.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := s.owner
	want.Name, want.Language, want.TimeFormat, want.TextSize = "Zoé Martin", "en", "12", "large"
	if u.Email != want.Email || u.Operator != want.Operator || u.Password != want.Password || u.Name != want.Name || u.Language != "en" || u.TimeFormat != "12" || u.TextSize != "large" {
		t.Errorf("%+v", u)
	}
	// The log prints its times by the clock that was chosen.
	if log := s.get("/settings/audit").body; !regexp.MustCompile(`\d{1,2}:\d\d\x{00a0}[ap]m`).MatchString(log) {
		t.Error("times do not follow the profile")
	}
	s.post(path, url.Values{"name": {"Zoé"}, "language": {"xx"}, "time": {"13"}, "size": {`"><script>`}})
	if u, _ = s.Store.User(t.Context(), s.owner.ID); u.Language != "" || u.TimeFormat != "" || u.TextSize != "" {
		t.Errorf("values outside the lists are kept: %+v", u)
	}
}

func TestOrganisationsOfAPerson(t *testing.T) {
	s := newSite(t)
	s.has(s.page(s.get(organisationsPath), http.StatusOK), "Vous travaillez pour une organisation.", "Atelier", "Propriétaire")
	s.has(s.page(s.post(organisationsPath, url.Values{"name": {""}}), http.StatusUnprocessableEntity), "Écrivez un nom.")
	s.has(s.page(s.follow(s.post(organisationsPath, url.Values{"name": {"Seconde"}, "kind": {"agency"}, "sample": {"on"}, "id": {"1"}})), http.StatusOK), "Seconde", "L'organisation est créée")
	seats, err := s.Store.Seats(t.Context(), s.owner.ID)
	if err != nil || len(seats) != 2 || seats[1].Organisation.Name != "Seconde" || seats[1].Organisation.Kind != "agency" || seats[1].Organisation.Sample {
		t.Fatalf("%+v, %v", seats, err)
	}
	leave := organisationsPath + "/" + idText(seats[1].Organisation.ID) + "/leave"
	s.has(s.page(s.get(leave), http.StatusOK), "Quitter Seconde ?")
	s.has(s.page(s.post(leave, url.Values{"sure": {"yes"}}), http.StatusUnprocessableEntity), "Une organisation garde au moins un propriétaire.")
	if a := s.post(organisationsPath+"/switch", url.Values{"organisation": {idText(s.Organisation)}}); a.to != "/" {
		t.Errorf("switching leads to %s", a.to)
	}

	colleague := s.colleague(store.RoleAnalyst)
	s.as(colleague)
	s.page(s.post(organisationsPath, url.Values{"name": {"Pirate"}}), http.StatusForbidden)
	s.page(s.get(leave), http.StatusNotFound)
	s.page(s.post(leave, url.Values{"sure": {"yes"}}), http.StatusNotFound)
	s.page(s.post(organisationsPath+"/switch", url.Values{"organisation": {idText(seats[1].Organisation.ID)}}), http.StatusNotFound)
	own := organisationsPath + "/" + idText(s.Organisation) + "/leave"
	s.page(s.post(own, nil), http.StatusUnprocessableEntity)
	s.has(s.page(s.follow(s.post(own, url.Values{"sure": {"yes"}})), http.StatusOK), "Vous ne faites partie d'aucune organisation.", "Vous avez quitté l'organisation.")
	s.Accounts.OpenSignUp = true
	if a := s.post(organisationsPath, url.Values{"name": {"La mienne"}}); a.status != http.StatusSeeOther {
		t.Errorf("with open sign-up: %d", a.status)
	}
	if !slices.Contains(s.actions(), "seat.leave") {
		t.Error("leaving is not in the log")
	}
}
