package web

import (
	"flag"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

var serve = flag.String("serve", "", "address on which TestServe shows the pages in all their states")

// TestServe shows the pages to whoever works on them: go test ./web -run TestServe -serve 127.0.0.1:8090 -timeout 0
func TestServe(t *testing.T) {
	if *serve == "" {
		t.Skip("no address given")
	}
	s := newSite(t)
	s.MaxUpload = 4 << 30
	c := s.community("Atelier Lisière")
	s.states(c)
	s.community("Les cyclistes de la Loire")
	owner := s.session
	s.as(s.stranger())
	stranger := s.session
	server := &http.Server{Addr: *serve, ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := owner
		if strings.HasPrefix(r.Host, "new.") { // the same pages without any community, below another name
			who = stranger
		}
		r.AddCookie(&http.Cookie{Name: sessionCookiePlain, Value: who})
		s.Handler().ServeHTTP(w, r)
	})}
	t.Log(server.ListenAndServe())
}

// states makes one import of every state.
func (s *site) states(c community.Community) {
	s.Helper()
	var bad []string
	for range 130 {
		bad = append(bad, "x broken")
	}
	s.run(c, s.brought(c, fire(800), fire(1200)), true)
	s.run(c, s.brought(c, fire(1300, bad...)), true)
	s.run(c, s.brought(c, "something else"), true)
	s.run(c, s.brought(c, fire(5, "ask 03/04/2024, 10:22")), true)
	running, cancelled := s.brought(c, fire(3)), s.brought(c, fire(3))
	if _, err := s.Store.Pool().Exec(s.Context(), `update import set state = 'cancelled' where id = $1`, cancelled); err != nil {
		s.Fatal(err)
	}
	if _, err := s.Store.Pool().Exec(s.Context(), `update import set state = 'running', source = 'campfire', files = 3, names = '{export-2026.zip}',
		bytes_total = 480000000, bytes_read = 297600000, payloads = 148200, activities = 139870, duplicates = 8100, refusals = 12,
		started_at = now() - interval '6 minutes', decisions = '{"date_order":"dmy"}' where id = $1`, running); err != nil {
		s.Fatal(err)
	}
	s.brought(c, fire(2))
}
