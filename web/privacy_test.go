package web

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/courier"
	"github.com/foyer-app/foyer/internal/store"
)

// privateSite is a site with a community, and a courier that keeps its letters.
func privateSite(t *testing.T) (*site, string) {
	t.Helper()
	s := newSite(t)
	s.Post = courier.New(courier.Config{Store: s.Store, Ring: s.Accounts.Ring, Log: s.Server.Log})
	c := s.community("Lisière")
	s.run(c, s.brought(c, fire(20)), true)
	return s, communityPath(c.Scope, "")
}

// everyLetter is the kinds of what was written, with the texts.
func (s *site) everyLetter() (kinds []string, text string) {
	s.Helper()
	list, err := s.Store.Letters(s.Context(), 0, 0, 50)
	if err != nil {
		s.Fatal(err)
	}
	for _, l := range list {
		m, err := s.Post.Open(l)
		if err != nil {
			s.Fatal(err)
		}
		kinds, text = append(kinds, l.Kind), text+m.Text
	}
	return kinds, text
}

// audited is the audit log of the organisation.
func (s *site) audited(organisation int64) string {
	s.Helper()
	list, err := s.Store.AuditEntries(s.Context(), organisation, store.AuditFilter{Limit: 100})
	if err != nil {
		s.Fatal(err)
	}
	b, err := json.Marshal(list)
	if err != nil {
		s.Fatal(err)
	}
	return string(b)
}

// adas finds the member called Ada by the page's own search.
func (s *site) adas() string {
	s.Helper()
	page := s.page(s.get(privacyPath+"?q=ADA%40atelier"), http.StatusOK)
	_, rest, ok := strings.Cut(page, `href="/communities/`)
	for ok && !strings.Contains(rest[:min(60, len(rest))], "/members/") {
		_, rest, ok = strings.Cut(rest, `href="/communities/`)
	}
	path, _, _ := strings.Cut(rest, `/privacy"`)
	if !ok {
		s.Fatal("Ada is not found")
	}
	return "/communities/" + path
}

func TestExportOfAMember(t *testing.T) {
	s, _ := privateSite(t)
	ada := s.adas()
	s.has(s.page(s.get(ada+"/privacy"), http.StatusOK), "Ada", "ada@atelier.example", "Tout exporter")
	a := s.get(ada + "/export.zip")
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/zip" {
		t.Fatalf("%d %s", a.status, a.header.Get("Content-Type"))
	}
	files, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	text := map[string]string{}
	for _, f := range files.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		text[f.Name] = string(b)
		if strings.HasSuffix(f.Name, ".json") {
			var rows []map[string]any
			if err := json.Unmarshal(b, &rows); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
			if f.Name == "activities.json" && len(rows) != 4 {
				t.Errorf("%d activities", len(rows))
			}
		}
	}
	for _, name := range store.MemberSections() {
		if _, ok := text[name+".json"]; !ok || !strings.Contains(text["LISEZMOI.html"], name+".json") || !strings.Contains(text["README.html"], name+".json") {
			t.Errorf("%s is missing, or is not explained", name)
		}
	}
	if !strings.Contains(text["identities.json"], "ada@atelier.example") || strings.Contains(a.body, "hello") {
		t.Error("the export lacks the address, or holds a text")
	}
	if got := s.get(strings.Replace(ada, "/members/", "/members/99", 1) + "/export.zip"); got.status != http.StatusNotFound {
		t.Errorf("an unknown member: %d", got.status)
	}
	if log := s.audited(s.Organisation); !strings.Contains(log, "member.export") || strings.Contains(log, "Ada") {
		t.Errorf("the log: %s", log)
	}
}

func TestErasureOfAMember(t *testing.T) {
	s, path := privateSite(t)
	ada := s.adas()
	before := s.page(s.get(path+"?p=all"), http.StatusOK)
	s.has(s.page(s.get(ada+"/erase"), http.StatusOK), "Effacer Ada", "C'est sans retour")
	s.has(s.page(s.post(ada+"/erase", url.Values{"confirm": {"Adam"}}), http.StatusUnprocessableEntity), "Rien n'a changé")
	for range 2 { // again: nothing is left to do
		if a := s.post(ada+"/erase", url.Values{"confirm": {"Ada"}}); a.status != http.StatusSeeOther || a.to != privacyPath {
			t.Fatalf("%d %s", a.status, a.to)
		}
	}
	s.has(s.page(s.get(privacyPath+"?q=ada"), http.StatusOK), "Personne ne correspond", "1 compte effacé")
	s.has(s.page(s.get(ada+"/privacy"), http.StatusOK), "Déjà effacé")
	s.has(s.page(s.get(ada+"/erase"), http.StatusOK), "Déjà effacé")
	if after := s.page(s.get(path+"?p=all"), http.StatusOK); figures(after) != figures(before) || figures(before) == "" {
		t.Errorf("the figures moved from\n%s\nto\n%s", figures(before), figures(after))
	}
	kinds, text := s.everyLetter()
	if len(kinds) != 1 || kinds[0] != "member_erased" || strings.Contains(text, "Ada") {
		t.Errorf("letters %v: %s", kinds, text)
	}
	if log := s.audited(s.Organisation); strings.Count(log, "member.erase") != 1 || strings.Contains(log, "Ada") {
		t.Errorf("the log: %s", log)
	}
}

// figures are the numbers of an overview.
func figures(page string) string {
	var b strings.Builder
	for _, part := range strings.Split(page, `class="tile`)[1:] {
		b.WriteString(part[:min(len(part), 600)])
	}
	return b.String()
}

func TestPrivacyPage(t *testing.T) {
	s, _ := privateSite(t)
	s.has(s.page(s.get(privacyPath), http.StatusOK), "jusqu'à l'effacement", "24 mois", "7 jours", "30 jours", "Aucun texte n'est gardé", "L'organisation Atelier")
	// Retention says what it does before it does it.
	old := s.page(s.get(privacyPath+"/retention?months=6&audit=12"), http.StatusOK)
	s.has(old, "6 mois", "12 mois", "plus ancienne")
	if r, err := s.Store.Retention(s.Context(), s.Organisation); err != nil || r.Months != 0 {
		t.Errorf("saved by looking: %+v, %v", r, err)
	}
	if a := s.post(privacyPath+"/retention", url.Values{"months": {"6"}, "audit": {"12"}}); a.status != http.StatusSeeOther {
		t.Errorf("%d", a.status)
	}
	if r, err := s.Store.Retention(s.Context(), s.Organisation); err != nil || r != (store.Retention{Months: 6, AuditMonths: 12}) {
		t.Errorf("%+v, %v", r, err)
	}
	for _, bad := range []url.Values{{}, {"months": {"-1"}, "audit": {"12"}}, {"months": {"6"}, "audit": {"0"}}, {"months": {"6; drop"}, "audit": {"6"}}} {
		if a := s.post(privacyPath+"/retention", bad); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", bad, a.status)
		}
		if a := s.get(privacyPath + "/retention?" + bad.Encode()); a.status != http.StatusSeeOther {
			t.Errorf("%v: %d", bad, a.status)
		}
	}
	// Questions, on and off.
	communities, err := s.Store.Communities(s.Context(), s.Organisation)
	if err != nil {
		t.Fatal(err)
	}
	for _, keep := range []string{"on", "off"} {
		if a := s.post(privacyPath+"/questions", url.Values{"community": {idText(communities[0].Scope.Community)}, "keep": {keep}}); a.status != http.StatusSeeOther {
			t.Errorf("%d", a.status)
		}
		c, err := s.Store.Community(s.Context(), communities[0].Scope)
		if err != nil || c.KeepQuestions != (keep == "on") {
			t.Errorf("%s: %v, %v", keep, c.KeepQuestions, err)
		}
	}
	if a := s.post(privacyPath+"/questions", url.Values{"community": {"999"}, "keep": {"on"}}); a.status != http.StatusNotFound {
		t.Errorf("another community: %d", a.status)
	}
	if log := s.audited(s.Organisation); !strings.Contains(log, "privacy.retention") || !strings.Contains(log, "privacy.questions") {
		t.Errorf("the log: %s", log)
	}
}

func TestRecordOfProcessing(t *testing.T) {
	s, _ := privateSite(t)
	s.MailHost = "smtp.atelier.example"
	s.community(`<b>Élan</b> *x*`)
	for path, want := range map[string][]string{
		privacyPath + "/record":      {"Registre des traitements : Atelier", "Campfire : exports", "smtp.atelier.example", "&lt;b&gt;Élan"},
		privacyPath + "/record.html": {"<!doctype html>", "argon2id", "&lt;b&gt;Élan"},
		privacyPath + "/record.md":   {"# Registre des traitements", "\n## Finalités", `&lt;b>Élan&lt;/b> \*x\*`, "7 jours"},
	} {
		a := s.get(path)
		if a.status != http.StatusOK {
			t.Errorf("%s: %d", path, a.status)
		}
		for _, text := range want {
			// Spaces before punctuation are narrow.
			if !strings.Contains(plainSpaces(a.body), text) {
				t.Errorf("%s lacks %q", path, text)
			}
		}
		if rawKey.MatchString(a.body) {
			t.Errorf("%s shows a key", path)
		}
	}
	s.header.Set("Accept-Language", "en")
	s.has(s.page(s.get(privacyPath+"/record"), http.StatusOK), "Record of processing of Atelier")
}

func plainSpaces(text string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(text)
}

func TestDeletingFromThePages(t *testing.T) {
	s, path := privateSite(t)
	other := s.community("Autre")
	s.has(s.page(s.get(path+"/delete"), http.StatusOK), "Supprimer Lisière")
	s.has(s.page(s.post(path+"/delete", url.Values{"confirm": {"Autre"}}), http.StatusUnprocessableEntity), "Rien n'a changé")
	if a := s.post(path+"/delete", url.Values{"confirm": {"Lisière"}}); a.status != http.StatusSeeOther {
		t.Fatalf("%d", a.status)
	}
	if a := s.get(path); a.status != http.StatusNotFound {
		t.Errorf("the community is still shown: %d", a.status)
	}
	if err := s.ingest.FinishDeletions(s.Context()); err != nil {
		t.Fatal(err)
	}
	s.page(s.get(communityPath(other.Scope, "")), http.StatusOK)

	const form = "/settings/organisation/delete"
	s.has(s.page(s.get(form), http.StatusOK), "Supprimer Atelier")
	s.has(s.page(s.post(form, url.Values{"confirm": {"Lisière"}}), http.StatusUnprocessableEntity), "Rien n'a changé")
	if a := s.post(form, url.Values{"confirm": {"Atelier"}}); a.status != http.StatusSeeOther {
		t.Fatalf("%d", a.status)
	}
	if a := s.get(communityPath(other.Scope, "")); a.status != http.StatusNotFound {
		t.Errorf("a community is still shown: %d", a.status)
	}
	s.page(s.get("/settings/organisations"), http.StatusOK)
	if err := s.ingest.FinishDeletions(s.Context()); err != nil {
		t.Fatal(err)
	}
	if kinds, text := s.everyLetter(); len(kinds) != 1 || kinds[0] != "organisation_deleted" || !strings.Contains(text, "Atelier") {
		t.Errorf("letters %v", kinds)
	}
}

// TestDeletingAsksAgain: who proved to be there an hour ago is asked for the password.
func TestDeletingAsksAgain(t *testing.T) {
	s, path := privateSite(t)
	now := s.Now
	s.Now = func() time.Time { return now().Add(time.Hour) }
	for _, address := range []string{"/settings/organisation/delete", path + "/delete", s.adas() + "/erase", s.adas() + "/export.zip"} {
		if a := s.get(address); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/confirm") {
			t.Errorf("%s: %d %s", address, a.status, a.to)
		}
	}
	if bytes.Contains([]byte(s.audited(s.Organisation)), []byte("member.export")) {
		t.Error("exported all the same")
	}
}
