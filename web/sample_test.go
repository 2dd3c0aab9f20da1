package web

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/connectors/sample"
	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// visit asks for the sample data and returns where that leads.
func (s *site) visit() string {
	s.Helper()
	a := s.post("/sample", nil)
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/communities/") {
		s.Fatalf("a visit answers %d %s", a.status, a.to)
	}
	return a.to
}

// sampleOf is the sample community of a person with its one import.
func (s *site) sampleOf(u store.User) (community.Community, store.Import) {
	s.Helper()
	o, err := s.Store.SampleOf(s.Context(), u.ID)
	if err != nil {
		s.Fatal(err)
	}
	list, err := s.Store.Communities(s.Context(), o.ID)
	if err != nil || len(list) != 1 || list[0].Name != sample.Name {
		s.Fatalf("communities %+v, %v", list, err)
	}
	imports, err := s.Store.Imports(s.Context(), list[0].Scope)
	if err != nil || len(imports) != 1 {
		s.Fatalf("imports %+v, %v", imports, err)
	}
	return list[0], imports[0]
}

func TestVisitWithSampleData(t *testing.T) {
	s := newSite(t)
	s.has(s.page(s.get("/start"), http.StatusOK), "Visiter avec des données d'exemple", `action="/sample"`)
	to := s.visit()
	c, i := s.sampleOf(s.owner)
	if to != importPath(i, "") {
		t.Errorf("the visit leads to %s, want the import %s", to, importPath(i, ""))
	}
	rules, err := s.Store.TeamRules(t.Context(), c.Scope)
	if err != nil || len(rules.Domains) != 2 || rules.Domains[1] != "tisserin.example" || len(rules.Roles) != 1 {
		t.Errorf("rules %+v, %v", rules, err)
	}
	if again := s.visit(); again != to {
		t.Errorf("pressed again, it leads to %s", again)
	}
	s.sampleOf(s.owner)
	if got := s.run(c, i.ID, true); got.State != store.ImportDone || got.Activities == 0 || got.Refusals != 0 {
		t.Errorf("%+v", got)
	}
	if done := s.visit(); done != communityPath(c.Scope, "") {
		t.Errorf("when all is read, it leads to %s", done)
	}
	if changed := s.Store.SetTeamRules(t.Context(), c.Scope, store.TeamRules{}); changed != nil {
		t.Fatal(changed)
	}
	s.visit()
	if rules, err = s.Store.TeamRules(t.Context(), c.Scope); err != nil || len(rules.Domains) != 0 {
		t.Errorf("a visit takes back what the visitor said of the team: %+v, %v", rules, err)
	}
}

func TestSampleIsMarkedOnEveryPage(t *testing.T) {
	s := newSite(t)
	s.visit()
	c, i := s.sampleOf(s.owner)
	s.run(c, i.ID, true)
	at := communityPath(c.Scope, "")
	for _, path := range []string{at, at + "/import", importPath(i, ""), at + "/team", "/communities", "/settings/organisations", "/nowhere"} {
		a := s.get(path)
		s.has(s.page(a, a.status), "Ce sont des données d'exemple.", "Revenir à mon organisation", `href="/sample/remove"`)
	}
	if page := s.page(s.get("/start"), http.StatusOK); strings.Contains(page, `action="/sample"`) {
		t.Error("the sample offers itself")
	}
	if a := s.post("/sample/leave", nil); a.status != http.StatusSeeOther || a.to != "/" {
		t.Errorf("leaving answers %d %s", a.status, a.to)
	}
	if page := s.page(s.get("/start"), http.StatusOK); strings.Contains(page, "Ce sont des données") {
		t.Error("one's own organisation is called sample data")
	}
	s.as(s.owner) // a new session begins with one's own data
	if page := s.page(s.get("/settings/organisations"), http.StatusOK); strings.Contains(page, "Ce sont des données") {
		t.Error("a new session begins in the sample data")
	}
	colleague := s.colleague(store.RoleAnalyst)
	if err := s.Store.SetSeat(t.Context(), c.Scope.Organisation, colleague.ID, store.RoleAnalyst, nil); err != nil {
		t.Fatal(err)
	}
	s.as(colleague)
	if page := s.page(s.get(at), http.StatusOK); strings.Contains(page, "/sample/remove") || !strings.Contains(page, "/sample/leave") {
		t.Error("an analyst is offered to remove the sample, or not to leave it")
	}
	if a := s.post("/sample/remove", nil); a.status != http.StatusNotFound {
		t.Errorf("an analyst removes the sample: %d", a.status)
	}
}

func TestTwoVisitsAtOnceMakeOneSample(t *testing.T) {
	s := newSite(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if a := s.post("/sample", nil); a.status != http.StatusSeeOther {
				t.Errorf("answers %d", a.status)
			}
		})
	}
	all.Wait()
	s.sampleOf(s.owner)
	samples := 0
	seats, err := s.Store.Seats(t.Context(), s.owner.ID)
	for _, seat := range seats {
		if seat.Organisation.Sample {
			samples++
		}
	}
	if err != nil || samples != 1 {
		t.Errorf("%d samples, %v", samples, err)
	}
}

// TestInterruptedSampleIsCompleted: whatever a dead process left undone.
func TestInterruptedSampleIsCompleted(t *testing.T) {
	for name, left := range map[string]func(s *site, o store.Organisation){
		"the organisation alone": func(*site, store.Organisation) {},
		"a community without exports": func(s *site, o store.Organisation) {
			if _, err := s.Store.CreateCommunity(s.Context(), o.ID, sample.Name, parseZone("Europe/Paris")); err != nil {
				s.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			o, err := s.Store.CreateOrganisation(t.Context(), store.Organisation{
				Name: sample.Name, Kind: "brand", Sample: true, TimeZone: "Europe/Paris", Currency: "EUR", Language: "fr",
			}, s.owner.ID)
			if err != nil {
				t.Fatal(err)
			}
			left(s, o)
			s.visit()
			c, _ := s.sampleOf(s.owner)
			if rules, err := s.Store.TeamRules(t.Context(), c.Scope); err != nil || len(rules.Domains) != 2 || c.Scope.Organisation != o.ID {
				t.Errorf("%+v, %v in %d", rules, err, c.Scope.Organisation)
			}
		})
	}
}

func TestSampleOfSomebodyElse(t *testing.T) {
	s := newSite(t)
	s.visit()
	c, i := s.sampleOf(s.owner)
	stranger := s.stranger()
	s.as(stranger)
	for _, path := range []string{communityPath(c.Scope, ""), importPath(i, "")} {
		if a := s.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: somebody else gets %d", path, a.status)
		}
	}
	for _, do := range []func() answer{func() answer { return s.get("/sample/remove") }, func() answer { return s.post("/sample/remove", nil) }} {
		if a := do(); a.status != http.StatusNotFound {
			t.Errorf("somebody else removes the sample: %d", a.status)
		}
	}
	s.visit()
	if other, _ := s.sampleOf(stranger); other.Scope.Organisation == c.Scope.Organisation {
		t.Error("two people share a sample")
	}
}

// rowsOf counts the rows of an organisation in every table that has one.
func (s *site) rowsOf(organisation int64) map[string]int {
	s.Helper()
	ctx := store.Across(s.Context())
	rows, err := s.Store.Pool().Query(ctx, `select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
		where a.attname = 'organisation_id' and not a.attisdropped and c.relkind in ('r', 'p') and not c.relispartition
			and c.relnamespace = current_schema()::regnamespace`)
	if err != nil {
		s.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 20 {
		s.Fatalf("tables %v, %v", tables, err)
	}
	found := map[string]int{}
	for _, table := range tables {
		var n int
		err := s.Store.Pool().QueryRow(ctx, `select count(*) from `+pgx.Identifier{table}.Sanitize()+` where organisation_id = $1`, organisation).Scan(&n)
		if err != nil {
			s.Fatalf("%s: %v", table, err)
		}
		if n > 0 {
			found[table] = n
		}
	}
	return found
}

func TestRemovingTheSampleLeavesNothing(t *testing.T) {
	s := newSite(t)
	own := s.community("À moi")
	s.run(own, s.brought(own, fire(30)), true)
	before := s.rowsOf(s.Organisation)
	s.visit()
	c, i := s.sampleOf(s.owner)
	s.run(c, i.ID, true)
	s.brought(c, fire(10)) // one import is still to be read
	s.as(s.owner)
	s.visit()
	if found := s.rowsOf(c.Scope.Organisation); found["activity"] == 0 || found["member_day"] == 0 || found["audit_entry"] == 0 {
		t.Fatalf("there is nothing to remove: %v", found)
	}
	s.has(s.page(s.get("/sample/remove"), http.StatusOK), "Retirer les données d'exemple ?", "Les garder")
	if a := s.post("/sample/remove", nil); a.status != http.StatusSeeOther || a.to != "/" {
		t.Fatalf("removing answers %d %s", a.status, a.to)
	}
	if found := s.rowsOf(c.Scope.Organisation); len(found) > 0 {
		t.Errorf("left behind: %v", found)
	}
	if a := s.get("/"); a.to != communityPath(own.Scope, "") {
		t.Errorf("afterwards / leads to %s", a.to)
	}
	after := s.rowsOf(s.Organisation)
	for table, n := range before {
		if after[table] != n {
			t.Errorf("%s of one's own organisation had %d rows, has %d", table, n, after[table])
		}
	}
	if left, err := filepath.Glob(filepath.Join(s.ingest.Uploads, "*", "*")); err != nil || len(left) > 0 {
		t.Errorf("files left behind: %v, %v", left, err)
	}
	if a := s.post("/sample/remove", nil); a.status != http.StatusNotFound {
		t.Errorf("removing again answers %d", a.status)
	}
	// Only samples go this way.
	if err := s.ingest.RemoveSample(t.Context(), s.owner.ID, s.Organisation); !errors.Is(err, community.ErrNotFound) {
		t.Errorf("an organisation with real data, removed as a sample: %v", err)
	}
	if entries, err := os.ReadDir(s.ingest.Uploads); err != nil || len(entries) > 0 {
		t.Errorf("%d folders left, %v", len(entries), err)
	}
}

func TestDemoTicketLetsInOnce(t *testing.T) {
	s := newSite(t)
	code, err := s.Accounts.DemoCode(t.Context(), s.owner)
	if err != nil {
		t.Fatal(err)
	}
	s.as(store.User{})
	a := s.get("/demo?code=" + code)
	if a.status != http.StatusSeeOther || !strings.Contains(a.to, "/imports/") || !strings.Contains(a.header.Get("Set-Cookie"), sessionCookiePlain+"=") {
		t.Fatalf("the ticket answers %d %s %s", a.status, a.to, a.header.Get("Set-Cookie"))
	}
	for _, wrong := range []string{code, "x"} {
		if a := s.get("/demo?code=" + wrong); a.header.Get("Set-Cookie") != "" {
			t.Errorf("%q lets in", wrong)
		}
	}
	if a := s.get("/demo"); a.status != http.StatusNotFound {
		t.Errorf("without a code: %d", a.status)
	}
	for to, want := range map[string]string{"/communities/1?from=x": "/communities/1?from=x", "https://evil.example/": "/communities/", "//evil.example": "/communities/"} {
		code, err := s.Accounts.DemoCode(t.Context(), s.owner)
		if err != nil {
			t.Fatal(err)
		}
		s.as(store.User{})
		if a := s.get("/demo?" + url.Values{"code": {code}, "to": {to}}.Encode()); !strings.HasPrefix(a.to, want) {
			t.Errorf("%q leads to %q", to, a.to)
		}
	}
	other, err := s.Accounts.DemoCode(t.Context(), s.owner)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store.UseTicket(t.Context(), []byte(other), account.DemoTicket); err == nil {
		t.Error("a ticket is known by itself, not by its hash")
	}
}
