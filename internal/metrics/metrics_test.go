package metrics

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// scrape reads the metrics as Prometheus does.
func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("no line %q", line)
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := store.New(dbtest.New(t))
	m, err := New(s, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	org, err := s.LocalOrganisation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.CreateCommunity(t.Context(), org, "Secrète", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.Connect(t.Context(), c.Scope, community.Source{Platform: "campfire", ExternalID: "hidden", Name: "Cachée"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accept(t.Context(), c.Scope, id, []community.Payload{{Key: "1", Body: []byte("x")}, {Key: "2", Body: []byte("y")}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PostLetter(t.Context(), store.Letter{Kind: "welcome", Recipient: "zoe@atelier.example", Sealed: []byte("x"), State: store.LetterWaiting}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pool().Exec(store.Across(t.Context()), `insert into river_job (kind, args, max_attempts, state, scheduled_at)
		values ('import', '{}', 3, 'available', now() - interval '90 seconds')`); err != nil {
		t.Fatal(err)
	}
	r := chi.NewRouter()
	r.Use(m.Requests)
	r.Get("/communities/{community}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	r.Get("/quiet", func(http.ResponseWriter, *http.Request) {})
	for n := range 200 { // whatever is asked for, the labels stay few
		for _, path := range []string{"/communities/%d", "/nothing/%d", "/quiet?n=%d"} {
			r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", fmt.Sprintf(path, n), nil))
		}
	}
	text := scrape(t, m)
	has(t, text,
		`foyer_http_request_duration_seconds_count{class="4xx",route="/communities/{community}"} 200`,
		`foyer_http_request_duration_seconds_count{class="2xx",route="/quiet"} 200`,
		`foyer_http_requests_in_flight 0`, `foyer_database_up 1`, `foyer_database_connections{state="most"}`, `foyer_database_wait_seconds_total`,
		`foyer_backlog{kind="inbox",state="waiting"} 2`, `foyer_backlog{kind="letters",state="waiting"} 1`, `foyer_backlog{kind="jobs",state="available"} 1`,
		`foyer_backlog{kind="imports",state="failed"} 0`, `foyer_backlog{kind="dirty_days",state="waiting"} 0`,
		`foyer_backlog_oldest_seconds{kind="jobs",state="available"} 9`, `foyer_build_info{version="test"} 1`, `go_goroutines`,
	)
	if n := len(regexp.MustCompile(`(?m)^foyer_http_request_duration_seconds_count`).FindAllString(text, -1)); n != 3 {
		t.Errorf("%d series of requests", n)
	}
	if n := strings.Count(text, "\n"); n > 400 {
		t.Errorf("%d lines", n)
	}
	for _, private := range []string{"Secrète", "hidden", "Cachée", "zoe@", "/nothing/1", "campfire"} {
		if strings.Contains(text, private) {
			t.Errorf("the metrics say %q", private)
		}
	}
	s.Pool().Close()
	has(t, scrape(t, m), `foyer_database_up 0`, `go_goroutines`)
}
