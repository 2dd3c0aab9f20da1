package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/web/static"
)

// staged is campfire with a dialog that its own script opens.
type staged struct{ campfire }

func (staged) PageScript(app connectors.App) (connectors.PageScript, bool) {
	return connectors.PageScript{
		Source: "https://sdk.campfire.example/en/sdk.js", Origins: []string{"https://www.campfire.example", "https://web.campfire.example"},
		Frames: []string{"https://www.campfire.example"}, Values: map[string]string{"app": app.ID, "config": "c1", "version": "v1"},
	}, true
}

// TestDialogPage: the page with a platform's script lets in that script and
// nothing else, holds nothing of Foyer, and offers the way without a script.
func TestDialogPage(t *testing.T) {
	s := newSite(t)
	s.Connectors = []connectors.Connector{staged{}}
	s.handle(s.Handler())
	c := s.community("Lisière")
	a := s.get(communityPath(c.Scope, "/connect/campfire"))
	page := s.page(a, http.StatusOK)
	here := regexp.MustCompile(`data-back="(https?://[^/]+)/connect/campfire/callback"`).FindStringSubmatch(page)
	if here == nil {
		t.Fatalf("no way back: %s", page)
	}
	want := "default-src 'none'; script-src " + here[1] + static.Path("dialog.js") + " https://sdk.campfire.example; style-src " + here[1] + static.Path("dialog.css") +
		"; connect-src https://www.campfire.example; frame-src https://www.campfire.example; img-src data: https://www.campfire.example" +
		"; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
	if got := a.header.Get("Content-Security-Policy"); got != want {
		t.Errorf("policy\n%s\nwant\n%s", got, want)
	}
	if got := a.header.Get("Cross-Origin-Opener-Policy"); got != "same-origin-allow-popups" {
		t.Errorf("the dialog cannot tell what came of it: %s", got)
	}
	s.has(page, `data-source="https://sdk.campfire.example/en/sdk.js"`, `data-origins="https://www.campfire.example https://web.campfire.example"`,
		communityPath(c.Scope, "/connect/campfire/manual"), "<noscript>")
	for _, foreign := range []string{"foyer.js", "htmx", "<nav", "Lisière", "<form", s.owner.Email} {
		if strings.Contains(page, foreign) {
			t.Errorf("the page of a foreign script holds %q", foreign)
		}
	}
	// What the script brings is taken once, with the state of this page.
	state := regexp.MustCompile(`data-state="([^"]+)"`).FindStringSubmatch(page)[1]
	back := "/connect/campfire/callback?" + url.Values{"state": {state}, "code": {"ok"}}.Encode()
	if a := s.get(back); a.status != http.StatusSeeOther || s.installed(c).ExternalID != "camp-ok" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.get(back); a.status != http.StatusBadRequest {
		t.Errorf("a second time: %d", a.status)
	}
	// Every other page keeps the policy of all.
	if got := s.get(communityPath(c.Scope, "/connections")).header.Get("Content-Security-Policy"); got != policy {
		t.Errorf("another page's policy: %s", got)
	}
}
