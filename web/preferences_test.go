package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func newRecorder(h http.Handler) answer {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/start", nil))
	return answer{status: w.Code, body: w.Body.String(), header: w.Header()}
}

func TestTheme(t *testing.T) {
	s := newSite(t)
	a := s.post("/theme", url.Values{"theme": {"dark"}, "back": {"/start?x=1"}})
	if a.status != http.StatusSeeOther || a.to != "/start?x=1" || !strings.HasPrefix(a.header.Get("Set-Cookie"), "theme=dark; Path=/; Max-Age=31536000") {
		t.Errorf("%d %s %s", a.status, a.to, a.header.Get("Set-Cookie"))
	}
	s.header.Set("Cookie", "theme=dark")
	s.has(s.page(s.get("/start"), http.StatusOK), `data-theme="dark"`)
}

func TestLanguage(t *testing.T) {
	s := newSite(t)
	s.has(s.get("/start").body, `href="/language?back=%2Fstart&to=en"`)
	a := s.get("/language?to=en&back=%2Fstart")
	if a.to != "/start" || !strings.HasPrefix(a.header.Get("Set-Cookie"), "language=en;") {
		t.Errorf("%s %s", a.to, a.header.Get("Set-Cookie"))
	}
	s.page(s.get("/language?to=xx"), http.StatusNotFound)
	s.header.Set("Cookie", "language=en")
	s.has(s.page(s.get("/start"), http.StatusOK), "Welcome.")
}

func TestLocalPath(t *testing.T) {
	for back, want := range map[string]string{
		"/communities/1?x=y#z": "/communities/1?x=y#z", "/": "/", "": "/", "https://evil.example/": "/", "//evil.example": "/",
		"/\\evil.example": "/", "javascript:alert(1)": "/", "/a\r\nb": "/", "evil": "/", "///evil.example": "/", "\\\\evil.example": "/",
	} {
		if got := localPath(back); got != want {
			t.Errorf("%q leads to %q", back, got)
		}
	}
}

func TestHomeRemembers(t *testing.T) {
	s := newSite(t)
	a, b := s.community("Abri"), s.community("Beffroi")
	if got := s.get("/").to; got != communityPath(a.Scope, "") {
		t.Errorf("home leads to %s", got)
	}
	set := s.get(communityPath(b.Scope, "/import")).header.Get("Set-Cookie")
	s.header.Set("Cookie", strings.SplitN(set, ";", 2)[0])
	if got := s.get("/").to; got != communityPath(b.Scope, "") {
		t.Errorf("home forgets: %s after %s", got, set)
	}
	s.header.Set("Cookie", "community=4711")
	if got := s.get("/").to; got != communityPath(a.Scope, "") {
		t.Errorf("home leads to %s", got)
	}
	s.has(s.page(s.get("/communities"), http.StatusOK), "2 communautés.", "Nouvelle communauté")
}

func TestGlyph(t *testing.T) {
	for name, want := range map[string]string{"Atelier Lisière": "AL", "élan": "É", "a b c": "AB", "«»": "", "": "", "Ολυμπία 7": "Ο7"} {
		if got := glyph(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}
