package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// addresses are all addresses of one community, with the method each takes.
func addresses(c community.Scope, i store.Import) map[string]string {
	return map[string]string{
		communityPath(c, ""): "GET", communityPath(c, "/import"): "GET", communityPath(c, "/team"): "GET", communityPath(c, "/team/mark"): "GET",
		importPath(i, ""): "GET", importPath(i, "/cancel"): "GET", importPath(i, "/answer"): "GET", importPath(i, "/events"): "GET",
		importPath(i, "/refusals"): "GET", importPath(i, "/refusals.csv"): "GET",
		communityPath(c, "/import") + "?": "POST", communityPath(c, "/team") + "?": "POST", communityPath(c, "/team/mark") + "?": "POST",
		importPath(i, "/cancel") + "?": "POST", importPath(i, "/answer") + "?": "POST",
	}
}

func TestNothingOfAnotherOrganisation(t *testing.T) {
	s := newSite(t)
	ours := s.community("La nôtre")
	stranger := s.stranger()
	seats, err := s.Store.Seats(t.Context(), stranger.ID)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := s.Store.CreateCommunity(t.Context(), seats[0].Organisation.ID, "La leur", ours.Location)
	if err != nil {
		t.Fatal(err)
	}
	i := store.Import{Scope: theirs.Scope, ID: s.brought(ours, fire(1))}
	for address, method := range addresses(theirs.Scope, i) {
		if a := s.do(s.request(method, address, nil)); a.status != http.StatusNotFound {
			t.Errorf("%s %s: %d", method, address, a.status)
		}
	}
	// An import of another community of ours.
	second := s.community("La seconde")
	if a := s.get(importPath(store.Import{Scope: second.Scope, ID: i.ID}, "")); a.status != http.StatusNotFound {
		t.Errorf("an import shows below another community: %d", a.status)
	}
	for address, method := range addresses(ours.Scope, store.Import{Scope: ours.Scope, ID: i.ID}) {
		if strings.HasSuffix(address, "/events") {
			continue // it ends when the import does
		}
		if a := s.do(s.request(method, address, nil)); a.status == http.StatusNotFound || a.status >= http.StatusInternalServerError {
			t.Errorf("%s %s: %d", method, address, a.status)
		}
	}
	if strings.Contains(s.get("/communities").body, "La leur") {
		t.Error("the list shows another organisation's community")
	}
}

func TestWhatDoesNotExist(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/nothing", "/communities/0/import", "/communities/99/import", "/communities/x/team", "/communities/99999999999999999999/team", "/communities/1/imports/1/nothing"} {
		s.has(s.page(s.get(path), http.StatusNotFound), "Cette page n'existe pas.")
	}
	s.page(s.do(s.request("POST", "/start", nil)), http.StatusMethodNotAllowed)
	s.header.Set("Accept-Language", "en")
	s.has(s.page(s.get("/nothing"), http.StatusNotFound), "This page does not exist.")
}

func TestForeignFormsAndHosts(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	for _, path := range []string{"/communities", "/theme", communityPath(c.Scope, "/team"), communityPath(c.Scope, "/import")} {
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
			r := s.request("POST", path, strings.NewReader("name=x"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(name, value)
			s.has(s.page(s.do(r), http.StatusForbidden), "Cette demande vient d'un autre site.")
		}
	}
	for host, ok := range map[string]bool{
		"localhost": true, "localhost:8080": true, "127.0.0.1:8080": true, "127.9.9.9": true, "[::1]:8080": true, "LOCALHOST.": true, "foyer.localhost:1": true,
		"evil.example": false, "evil.example:8080": false, "10.0.0.1": false, "localhost.evil.example": false, "169.254.169.254": false,
	} {
		for _, path := range []string{"/start", importPath(store.Import{Scope: c.Scope, ID: 1}, "/events")} {
			r := s.request("GET", path, nil)
			r.Host = host
			if got := s.do(r).status != http.StatusForbidden; got != ok {
				t.Errorf("%s%s: let in %v", host, path, got)
			}
		}
	}
	s.URL = &url.URL{Scheme: "https", Host: "foyer.example"}
	if !s.knows("Foyer.example:443") || s.knows("x.foyer.example") || s.knows("") {
		t.Error("configured names are not told apart")
	}
}

func TestHeaders(t *testing.T) {
	s := newSite(t)
	h := s.get("/start").header
	for name, want := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if h.Get(name) != want {
			t.Errorf("%s: %q", name, h.Get(name))
		}
	}
	if len(h.Get("X-Request-Id")) != 12 {
		t.Errorf("request id %q", h.Get("X-Request-Id"))
	}
	r := s.request("GET", "/start", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	if got := s.do(r).header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("a page is sent as %q", got)
	}
	if a := s.do(s.request("HEAD", "/start", nil)); a.status != http.StatusOK || a.body != "" {
		t.Errorf("HEAD answers %d", a.status)
	}
}

func TestTooLargeForm(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	a := s.post(communityPath(c.Scope, "/team"), url.Values{"roles": {strings.Repeat("x", formBytes)}})
	s.page(a, http.StatusRequestEntityTooLarge)
	r := s.request("POST", "/theme", strings.NewReader("%zz"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	s.page(s.do(r), http.StatusBadRequest)
}

func TestHealth(t *testing.T) {
	s := newSite(t)
	r := s.request("GET", "/healthz", nil)
	r.Host = "10.1.2.3"
	if a := s.do(r); a.status != http.StatusOK || a.body != "ok\n" {
		t.Errorf("%d %q", a.status, a.body)
	}
	s.Store.Pool().Close()
	if a := s.get("/healthz"); a.status != http.StatusServiceUnavailable {
		t.Errorf("without a database: %d", a.status)
	}
	a := s.get("/communities")
	s.has(s.page(a, http.StatusInternalServerError), "Quelque chose s'est interrompu ici.", a.header.Get("X-Request-Id"))
	if strings.Contains(a.body, "closed pool") {
		t.Error("the visitor reads the inner error")
	}
}

func TestPanicBecomesAPage(t *testing.T) {
	s := newSite(t)
	broken := s.recovered(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		var none *Server
		_ = none.Version
	}))
	w := newRecorder(broken)
	s.page(w, http.StatusInternalServerError)
}
