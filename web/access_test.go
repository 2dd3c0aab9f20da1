package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/store"
)

// TestEveryRouteIsInTheTable: what is registered beside the table has no guard.
func TestEveryRouteIsInTheTable(t *testing.T) {
	s := newSite(t)
	listed := map[string]bool{}
	for _, n := range s.table() {
		if key := n.method + " " + n.pattern; listed[key] {
			t.Errorf("%s stands twice in the table", key)
		} else {
			listed[key] = true
		}
	}
	found := 0
	err := chi.Walk(s.Handler().(chi.Routes), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		found++
		if !listed[method+" "+pattern] {
			t.Errorf("%s %s is not in the table: nobody said who may call it", method, pattern)
		}
		return nil
	})
	if err != nil || found != len(listed) {
		t.Errorf("%d routes, %d in the table, %v", found, len(listed), err)
	}
}

var hole = regexp.MustCompile(`\{[a-z_]+\}`)

// addressOf fills the holes of a pattern with what belongs to the site.
func (s *site) addressOf(pattern string, i store.Import) string {
	pattern = strings.NewReplacer(
		"{community}", idText(i.Community), "{import}", idText(i.ID), "{user}", idText(s.owner.ID), "*", "nothing",
	).Replace(pattern)
	return hole.ReplaceAllString(pattern, "1")
}

// endless says that a route answers for as long as something goes on.
func endless(n route) bool { return strings.HasSuffix(n.pattern, "/events") }

// try asks a route for somebody, with a session of its own: signing out is one of them.
func (s *site) try(n route, u store.User, i store.Import) answer {
	s.Helper()
	s.as(u)
	r := s.request(n.method, s.addressOf(n.pattern, i), strings.NewReader(""))
	if n.method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return s.do(r)
}

// TestWhoMayCallWhat walks every route as nobody, as the neighbour and as each
// role, and compares with the table of grants.
func TestWhoMayCallWhat(t *testing.T) {
	s := newSite(t)
	c := s.community("Secret de Lisière")
	i := store.Import{Scope: c.Scope, ID: s.brought(c, fire(3))}
	s.run(c, i.ID, true)
	stranger := s.stranger()
	people := map[store.Role]store.User{}
	for _, role := range account.Roles() {
		if role != store.RoleGuest {
			people[role] = s.colleague(role)
		}
	}
	guest, other := s.colleague(store.RoleGuest, c.Scope.Community), s.colleague(store.RoleGuest, s.community("Autre").Scope.Community)
	people[store.RoleGuest] = guest
	for _, n := range s.table() {
		if n.access.who == everybody || endless(n) {
			continue
		}
		name := n.method + " " + n.pattern
		inCommunity := strings.Contains(n.pattern, "{community}")
		if a := s.try(n, store.User{}, i); a.status != http.StatusUnauthorized && (a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/sign-in")) {
			t.Errorf("%s: nobody gets %d %s", name, a.status, a.to)
		}
		for who, u := range map[string]store.User{"the neighbour": stranger, "a guest of another community": other} {
			a := s.try(n, u, i)
			if inCommunity && a.status != http.StatusNotFound {
				t.Errorf("%s: %s gets %d", name, who, a.status)
			}
			if strings.Contains(a.body, "Secret de Lisière") {
				t.Errorf("%s: %s reads the community's name", name, who)
			}
		}
		for role, u := range people {
			if n.access.who == aPerson || n.access.who == aCaller {
				continue
			}
			want := n.access.who == "" && account.May(role, n.access.permission)
			a := s.try(n, u, i)
			if got := a.status != http.StatusForbidden; got != want || a.status == http.StatusNotFound && !inCommunity && n.method == http.MethodGet && hole.FindString(n.pattern) == "" {
				t.Errorf("%s: %s gets %d, the table says %v", name, role, a.status, want)
			}
			if a.status >= http.StatusInternalServerError {
				t.Errorf("%s: %s gets %d", name, role, a.status)
			}
		}
	}
}

// TestDangerousThingsAskAgain: who has not proved to be there lately is asked.
func TestDangerousThingsAskAgain(t *testing.T) {
	s := newSite(t)
	now := s.Now
	s.Now = nil
	handler := s.guard(signedIn().sure(), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for name, age := range map[string]struct {
		since  int
		status int
	}{"just now": {1, http.StatusNoContent}, "an hour ago": {61, http.StatusSeeOther}} {
		s.Now = now
		who := account.Actor{User: s.owner, Session: store.Session{ID: 1, Confirmed: now().Add(-minutes(age.since))}}
		r := s.request("GET", "/settings/security", nil)
		w := newRecorder(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			handler(w, r.WithContext(account.WithActor(r.Context(), who)))
		}))
		if w.status != age.status {
			t.Errorf("%s: %d", name, w.status)
		}
	}
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }
