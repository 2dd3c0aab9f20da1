package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
)

var madeKey = regexp.MustCompile(`foyer_[A-Za-z0-9_-]{43}`)

func TestKeys(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	stranger := s.stranger()
	seats, err := s.Store.Seats(t.Context(), stranger.ID)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := s.Store.CreateCommunity(t.Context(), seats[0].Organisation.ID, "La leur", c.Location)
	if err != nil {
		t.Fatal(err)
	}
	s.has(s.page(s.get(keysPath), http.StatusOK), "Pas encore de clé.", "Aucune clé d'API n'est en service.")
	s.page(s.get(keysPath+"/new"), http.StatusOK)
	for says, v := range map[string]url.Values{
		"Écrivez un nom.":                           {"scope": {"communities.view"}},
		"Cochez au moins un droit":                  {"name": {"x"}},
		"Cochez au moins un droit :":                {"name": {"x"}, "scope": {"organisation.delete", "seats.manage"}},
		"Une de ces communautés n'est pas de votre": {"name": {"x"}, "scope": {"communities.view"}, "community": {idText(theirs.Scope.Community)}},
	} {
		s.has(s.page(s.post(keysPath+"/new", v), http.StatusUnprocessableEntity), says)
	}
	if list, err := s.Store.Keys(t.Context(), s.Organisation); err != nil || len(list) > 0 {
		t.Fatalf("a refused key was made: %v, %v", list, err)
	}

	a := s.post(keysPath+"/new", url.Values{
		"name": {"Tableau"}, "scope": {"communities.view", "data.export", "organisation.delete"}, "community": {idText(c.Scope.Community)}, "days": {"30"},
		"organisation": {idText(seats[0].Organisation.ID)}, "prefix": {"x"}, "expires": {"2099-01-01"},
	})
	page := s.page(a, http.StatusOK)
	key := madeKey.FindString(page)
	if key == "" || a.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("no key in the answer, or it may be kept: %s", a.header.Get("Cache-Control"))
	}
	if strings.Contains(strings.Join(a.header.Values("Set-Cookie"), ""), key[6:20]) || a.to != "" {
		t.Error("the key is in a cookie or an address")
	}
	list := s.page(s.get(keysPath), http.StatusOK)
	s.has(list, "Tableau", key[:keyShown], "Seulement : Lisière", "Jamais utilisée", "Une clé d'API est en service.")
	if strings.Contains(list, key) {
		t.Error("the key is shown again")
	}
	who, err := s.Accounts.ResolveKey(t.Context(), key, "203.0.113.9")
	if err != nil || who.Organisation() != s.Organisation || !who.May(account.ViewCommunities) || !who.May(account.ExportData) ||
		who.May(account.ViewPeople) || who.May(account.DeleteForGood) || !who.Sees(c.Scope.Community) || who.Sees(c.Scope.Community+1) {
		t.Errorf("%+v, %v", who.Key, err)
	}
	if days := time.Until(who.Key.Expires).Hours() / 24; days < 29 || days > 31 {
		t.Errorf("it expires in %.1f days", days)
	}
	if got := s.lettersTo(s.owner.Email); !slices.Equal(got, []string{string(mail.APIKeyCreated)}) {
		t.Errorf("letters %v", got)
	}

	revoke := keysPath + "/" + idText(who.Key.ID) + "/revoke"
	s.as(stranger)
	s.page(s.get(revoke), http.StatusNotFound)
	s.page(s.post(revoke, nil), http.StatusNotFound)
	s.as(s.owner)
	s.has(s.page(s.get(revoke), http.StatusOK), "Révoquer la clé « Tableau » ?")
	s.has(s.page(s.follow(s.post(revoke, nil)), http.StatusOK), "La clé est révoquée.", "Révoquée le")
	if who, err := s.Accounts.ResolveKey(t.Context(), key, ""); err != nil || who.SignedIn() {
		t.Errorf("revoked, it lets in %v, %v", who.Key, err)
	}
	s.page(s.get(revoke), http.StatusNotFound)
	if got := s.actions(); !slices.Contains(got, "key.create") || !slices.Contains(got, "key.revoke") {
		t.Errorf("the log holds %v", got)
	}
}

// TestKeysAskAgain: who has not proved to be there lately makes no key.
func TestKeysAskAgain(t *testing.T) {
	s := newSite(t)
	s.Now = func() time.Time { return time.Now().Add(time.Hour) }
	for _, a := range []answer{s.get(keysPath + "/new"), s.post(keysPath+"/new", url.Values{"name": {"x"}, "scope": {"communities.view"}})} {
		if a.status != http.StatusSeeOther || a.to != "/confirm?back=%2Fsettings%2Fkeys%2Fnew" {
			t.Errorf("%d %s", a.status, a.to)
		}
	}
	if list, err := s.Store.Keys(t.Context(), s.Organisation); err != nil || len(list) > 0 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestAuditLog(t *testing.T) {
	s := newSite(t)
	viewer := s.colleague(store.RoleViewer)
	for i := range auditPerPage + 5 {
		e := store.AuditEntry{Organisation: s.Organisation, User: s.owner.ID, Actor: "Zoé", Action: "community.rename", Target: "Lisière " + idText(int64(i))}
		if i == 2 {
			e = store.AuditEntry{
				Organisation: s.Organisation, User: viewer.ID, Actor: "=HYPERLINK(1)", Action: "seat.role", Target: "@SUM(1)", Address: "203.0.113.9",
				Detail: map[string]string{"before": "viewer", "after": "admin", "secret": "hush"},
			}
		}
		if err := s.Store.Audit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	page := s.page(s.get(auditPath), http.StatusOK)
	s.has(page, "A renommé une communauté", "Lisière 54", "Plus anciens")
	if strings.Contains(page, "HYPERLINK") {
		t.Error("the first page holds the oldest entries")
	}
	next := regexp.MustCompile(`href="([^"]*before=\d+[^"]*)"`).FindStringSubmatch(page)
	if next == nil {
		t.Fatal("there is no next page")
	}
	s.has(s.page(s.get(strings.ReplaceAll(next[1], "&amp;", "&")), http.StatusOK), "=HYPERLINK(1)", "avant : Lecture", "après : Administration", "Les plus récents")
	for query, found := range map[string]bool{
		"?user=" + idText(viewer.ID): true, "?kind=seat": true, "?q=sum": true, "?kind=key": false, "?q=nothing": false, "?from=2999-01-01": false,
		"?to=2000-01-01": false, "?from=2000-01-01&to=2999-01-01&q=HYPER": true, "?kind=%25": true, "?user=x&q=SUM": true,
	} {
		got := s.page(s.get(auditPath+query), http.StatusOK)
		if strings.Contains(got, "<tbody>") != found {
			t.Errorf("%s: found %v", query, !found)
		}
		if strings.Contains(got, "hush") {
			t.Error("a circumstance without words is shown")
		}
	}
	s.has(s.page(s.get(auditPath+"?from=yesterday"), http.StatusOK), "Ce n'est pas une date.")

	a := s.get(auditPath + ".csv?kind=seat")
	if a.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(a.body, ",'=HYPERLINK(1),seat.role,") || !strings.Contains(a.body, ",'@SUM(1) · ") {
		t.Errorf("%s %s", a.header.Get("Content-Type"), a.body)
	}
	if strings.Contains(a.body, "community.rename") {
		t.Error("the file is not narrowed")
	}
	if s.actions()[0] != "audit.export" {
		t.Error("the export is not in the log")
	}
	s.as(s.stranger())
	if body := s.get(auditPath).body + s.get(auditPath+".csv").body; strings.Contains(body, "HYPERLINK") || strings.Contains(body, "Lisière") {
		t.Error("a stranger reads the log")
	}
}

func TestOutbox(t *testing.T) {
	s := newSite(t)
	s.has(s.page(s.get(outboxPath), http.StatusOK), "Pas encore de lettre.", "Aucun serveur de courrier n'est configuré.", "FOYER_SMTP_URL")
	page := s.page(s.follow(s.post(outboxPath+"/test", url.Values{"to": {"victim@evil.example"}})), http.StatusOK)
	s.has(page, "La lettre d'essai est gardée ici.", "zoe@atelier.example", "Gardée ici")
	if len(s.lettersTo("victim@evil.example")) > 0 {
		t.Error("the letter goes where the form says")
	}
	letter := regexp.MustCompile(`href="(/settings/outbox/\d+)"`).FindStringSubmatch(page)
	if letter == nil {
		t.Fatal("the letter cannot be opened")
	}
	s.has(s.page(s.get(letter[1]), http.StatusOK), `<pre class="letter">`)
	if s.actions()[0] != "outbox.open" {
		t.Error("opening is not in the log")
	}
	s.page(s.get(outboxPath+"/99999"), http.StatusNotFound)
	s.Now = func() time.Time { return time.Now().Add(time.Hour) }
	if a := s.get(letter[1]); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/confirm?") {
		t.Errorf("opened without asking: %d", a.status)
	}
	s.as(s.colleague(store.RoleOwner))
	for _, path := range []string{outboxPath, letter[1]} {
		s.page(s.get(path), http.StatusForbidden)
	}
	s.page(s.post(outboxPath+"/test", nil), http.StatusForbidden)
}
