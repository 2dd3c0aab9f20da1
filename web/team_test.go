package web

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/web/i18n"
)

var member = regexp.MustCompile(`name="member" value="(\d+)"`)

func members(page string) []string {
	var all []string
	for _, m := range member.FindAllStringSubmatch(page, -1) {
		all = append(all, m[1])
	}
	return all
}

func TestTeam(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	path := communityPath(c.Scope, "/team")
	s.has(s.page(s.get(path), http.StatusOK), "Pas encore de membres.")
	s.has(s.page(s.get(path+"?who=team"), http.StatusOK), "L'équipe est vide.")
	s.run(c, s.brought(c, fire(20)), true)

	page := s.page(s.get(path), http.StatusOK)
	s.has(page, "Ada", "Dario", "Compter dans l'équipe")
	if got := members(page); len(got) != 4 {
		t.Fatalf("%d members to tick", len(got))
	}
	s.has(s.page(s.get(path+"?who=bots"), http.StatusOK), "Bot", "La plateforme")
	found := s.page(s.get(path+"?q=BRIGI"), http.StatusOK)
	if got := members(found); len(got) != 1 {
		t.Errorf("%d found", len(got))
	}
	s.has(s.page(s.get(path+"?q=nobody"), http.StatusOK), "Personne ne correspond.", "Voir tout le monde")

	// Marking, and the way back.
	a := s.post(path+"/mark", url.Values{"to": {"team"}, "member": members(page)[:2], "who": {"members"}})
	if a.status != http.StatusSeeOther || a.to != path+"?who=members" {
		t.Fatalf("answers %d %s", a.status, a.to)
	}
	r := s.request("GET", a.to, nil)
	for _, line := range a.header.Values("Set-Cookie") {
		if strings.HasPrefix(line, flashCookie+"=") {
			r.Header.Set("Cookie", r.Header.Get("Cookie")+"; "+strings.SplitN(line, ";", 2)[0])
		}
	}
	after := s.do(r)
	s.has(s.page(after, http.StatusOK), "2 personnes comptent maintenant dans l'équipe.")
	if !strings.Contains(strings.Join(after.header.Values("Set-Cookie"), "\n"), flashCookie+"=; ") {
		t.Error("the flash is not taken away")
	}
	s.has(s.page(s.get(path+"?who=team"), http.StatusOK), "Marqué à la main", "Compter parmi les membres")
	undo := regexp.MustCompile(`action="([^"]*undo=1[^"]*)"`).FindStringSubmatch(after.body)
	if undo == nil {
		t.Fatal("there is no way back")
	}
	if a := s.post(strings.ReplaceAll(undo[1], "&amp;", "&"), nil); a.status != http.StatusSeeOther {
		t.Fatalf("undoing answers %d", a.status)
	}
	s.has(s.page(s.get(path+"?who=team"), http.StatusOK), "L'équipe est vide.")
	if got := members(s.page(s.get(path), http.StatusOK)); len(got) != 4 {
		t.Errorf("%d members after undoing", len(got))
	}
}

func TestTeamRules(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	path := communityPath(c.Scope, "/team")
	s.run(c, s.brought(c, fire(20)), true)
	s.has(s.page(s.post(path, url.Values{"domains": {"atelier.example, not a domain"}}), http.StatusUnprocessableEntity), "« not a domain » n'est pas un domaine.", `value="atelier.example, not a domain"`)
	if rules, err := s.Store.TeamRules(t.Context(), c.Scope); err != nil || len(rules.Domains) > 0 {
		t.Errorf("a refused rule was kept: %v, %v", rules, err)
	}
	if a := s.post(path, url.Values{"domains": {"@Atelier.example"}, "roles": {"Staff; Moderator, staff"}}); a.status != http.StatusSeeOther {
		t.Fatalf("answers %d", a.status)
	}
	rules, err := s.Store.TeamRules(t.Context(), c.Scope)
	if err != nil || !slices.Equal(rules.Domains, []string{"atelier.example"}) || !slices.Equal(rules.Roles, []string{"staff", "moderator"}) {
		t.Errorf("%+v, %v", rules, err)
	}
	s.has(s.page(s.get(path+"?who=team"), http.StatusOK), "Domaine de l'adresse", "Ada", "atelier.example", "staff, moderator")
	f := teamForm{Roles: strings.Repeat("a,b", 1) + strings.Repeat(",x", 3) + "," + strings.Repeat("y", 200)}
	if f.check(i18n.French) || f.RolesError == "" {
		t.Error("a role of 200 characters is taken")
	}
}

func TestMarkRefused(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	path := communityPath(c.Scope, "/team/mark")
	for name, values := range map[string]url.Values{
		"no side":    {"member": {"1"}},
		"no number":  {"to": {"team"}, "member": {"x"}},
		"negative":   {"to": {"team"}, "member": {"-1"}},
		"too many":   {"to": {"team"}, "member": slices.Repeat([]string{"1"}, peoplePerPage+1)},
		"other side": {"to": {"bots"}, "member": {"1"}},
	} {
		if a := s.post(path, values); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	a := s.post(path, url.Values{"to": {"team"}})
	jar, _ := cookiejar.New(nil)
	here, _ := url.Parse(s.url + a.to)
	jar.SetCookies(here, (&http.Response{Header: a.header}).Cookies())
	r := s.request("GET", a.to, nil)
	for _, k := range jar.Cookies(here) {
		r.AddCookie(k)
	}
	s.has(s.page(s.do(r), http.StatusOK), "Cochez d'abord au moins une personne.")
	if a := s.get(path); a.to != communityPath(c.Scope, "/team") {
		t.Errorf("the form's address leads to %s", a.to)
	}
}
