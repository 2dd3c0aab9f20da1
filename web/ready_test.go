package web

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/logging"
	"github.com/foyer-app/foyer/internal/store"
)

func TestReady(t *testing.T) {
	s := newSite(t)
	is := func(status int, text string) {
		t.Helper()
		if a := s.get("/readyz"); a.status != status || strings.TrimSpace(a.body) != text {
			t.Errorf("%d %q, want %d %q", a.status, a.body, status, text)
		}
	}
	is(200, "ready")
	owner := dbtest.Owner(t, s.Store.Pool())
	if _, err := owner.Exec(t.Context(), `delete from goose_db_version where version_id = (select max(version_id) from goose_db_version)`); err != nil {
		t.Fatal(err)
	}
	is(503, "migrations are missing")
	if _, err := owner.Exec(t.Context(), `insert into goose_db_version (version_id, is_applied) values (9999, true)`); err != nil {
		t.Fatal(err)
	}
	is(200, "ready") // a newer program has been here
	s.Leave()
	s.Leave()
	is(503, "stopping")
	if a := s.get("/healthz"); a.status != 200 {
		t.Errorf("healthz while stopping: %d", a.status)
	}
	if a := s.get("/start"); a.status != 200 {
		t.Errorf("a page while stopping: %d", a.status)
	}
}

func TestNotReadyWithoutDatabase(t *testing.T) {
	s := newSite(t)
	s.Store.Pool().Close()
	if a := s.get("/readyz"); a.status != 503 || strings.TrimSpace(a.body) != "no database" {
		t.Errorf("%d %q", a.status, a.body)
	}
}

// TestStreamsEndWhenTheServerStops: an event stream would go on for ever.
func TestStreamsEndWhenTheServerStops(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	path := importPath(store.Import{Scope: c.Scope, ID: s.brought(c, fire(3))}, "/events")
	s.Leave()
	if a := s.get(path); a.status != 200 || !strings.Contains(a.body, "data: ") { // else the client's limit ends the test
		t.Errorf("%d %q", a.status, a.body)
	}
}

// TestLogNamesTheRequest: everything done for a request is logged with its id, and
// the job that it asks for remembers it, and nothing about people.
func TestLogNamesTheRequest(t *testing.T) {
	s := newSite(t)
	var out bytes.Buffer
	s.Server.Log = slog.New(logging.Handler(slog.NewJSONHandler(&out, nil)))
	s.handle(s.Handler())
	c := s.community("Secret de Lisière")
	a := s.upload(communityPath(c.Scope, "/import"), nil, fire(3))
	id := a.header.Get("X-Request-Id")
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil || line["request_id"] != id || line["msg"] != "request" {
		t.Errorf("%v: %s", err, out.String())
	}
	var args, metadata string
	if err := s.Store.Pool().QueryRow(t.Context(), `select args::text, metadata::text from river_job where kind = 'import'`).Scan(&args, &metadata); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(metadata, id) {
		t.Errorf("the job does not remember the request: %s", metadata)
	}
	for _, private := range []string{"Lisière", "txt", "Zoé", "zoe@", "127.0.0.1"} {
		if strings.Contains(args+metadata, private) {
			t.Errorf("the job's row says %q: %s %s", private, args, metadata)
		}
	}
	out.Reset()
	s.Store.Pool().Close()
	broken := s.get("/api/v1/me")
	if !strings.Contains(out.String(), `"msg":"request failed"`) || strings.Count(out.String(), `"request_id":"`+broken.header.Get("X-Request-Id")+`"`) != 2 {
		t.Errorf("%s", out.String())
	}
}

// TestJobsAreTheOperators: River's pages are for whoever runs the instance and has
// just proved to be there, under a policy that goes no further.
func TestJobsAreTheOperators(t *testing.T) {
	s := newSite(t)
	var asked []string
	s.Jobs = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = append(asked, r.Method+" "+r.URL.Path) })
	s.handle(s.Handler())
	for _, path := range []string{jobsAt, jobsAt + "/", jobsAt + "/api/jobs", jobsAt + "/assets/main.js"} {
		if a := s.get(path); a.status != 200 || a.header.Get("Content-Security-Policy") != jobsPolicy {
			t.Errorf("%s: %d %s", path, a.status, a.header.Get("Content-Security-Policy"))
		}
	}
	if a := s.post(jobsAt+"/api/jobs/cancel", nil); a.status != 200 {
		t.Errorf("cancel: %d", a.status)
	}
	if len(asked) != 5 || asked[4] != "POST /admin/river/api/jobs/cancel" {
		t.Errorf("asked %v", asked)
	}
	r := s.request("POST", jobsAt+"/api/jobs/cancel", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if a := s.do(r); a.status != http.StatusForbidden {
		t.Errorf("from another site: %d", a.status)
	}
	if _, err := s.Store.Pool().Exec(t.Context(), `update session set confirmed_at = now() - interval '1 hour'`); err != nil {
		t.Fatal(err)
	}
	if a := s.get(jobsAt); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/confirm") {
		t.Errorf("an hour later: %d %s", a.status, a.to)
	}
	s.as(s.colleague(store.RoleAdmin))
	if a := s.get(jobsAt); a.status != http.StatusForbidden {
		t.Errorf("an admin: %d", a.status)
	}
	if len(asked) != 5 {
		t.Errorf("asked %v", asked)
	}
}
