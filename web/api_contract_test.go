package web

import (
	"bytes"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/kpi"
)

func localNet() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

// contract is the document of the API, strict: what it does not name is a fault.
func contract(t *testing.T) (*openapi3.T, routers.Router) {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatalf("the document is not valid: %v", err)
	}
	no := false
	for _, schema := range doc.Components.Schemas {
		if schema.Value.Properties != nil {
			schema.Value.AdditionalProperties = openapi3.BoolSchema{Has: &no}
		}
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return doc, router
}

// scopeOf is what x-permission says of a route.
func scopeOf(a access) string {
	if a.who != "" {
		return a.who
	}
	return string(a.permission)
}

// TestDocumentIsTheTable: every route of the API is described with its
// permission, and nothing else is.
func TestDocumentIsTheTable(t *testing.T) {
	t.Parallel()
	doc, _ := contract(t)
	s := &Server{}
	described := map[string]string{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			scope, _ := op.Extensions["x-permission"].(string)
			described[method+" "+path] = scope
			if open := op.Security != nil && len(*op.Security) == 0; open != (scope == everybody) {
				t.Errorf("%s %s: security and x-permission disagree", method, path)
			}
		}
	}
	for _, n := range s.table() {
		if !strings.HasPrefix(n.pattern, "/api") {
			continue
		}
		name := n.method + " " + n.pattern
		if scope, ok := described[name]; !ok || scope != scopeOf(n.access) {
			t.Errorf("%s: described %v as %q, the table says %q", name, ok, scope, scopeOf(n.access))
		}
		delete(described, name)
	}
	for name := range described {
		t.Errorf("%s is described and not in the table", name)
	}
	keys := doc.Components.Parameters["kpi"].Value.Schema.Value.Enum
	for i, k := range kpi.List() {
		if i >= len(keys) || keys[i] != k.Key {
			t.Errorf("the figure %s is not described in its place", k.Key)
		}
	}
	pattern := doc.Components.Schemas["Problem"].Value.Properties["type"].Value.Pattern
	for _, kind := range problemTypes {
		if !strings.Contains(pattern, "("+kind+"|") && !strings.Contains(pattern, "|"+kind+"|") && !strings.Contains(pattern, "|"+kind+")") {
			t.Errorf("the problem %s is not described", kind)
		}
	}
}

// held asks and checks question and answer against the document. Questions that
// are refused as 400 need not fit it.
func (s *site) held(router routers.Router, key, path string, status int, headers ...string) {
	s.Helper()
	a := s.with(key, "GET", path, headers...)
	if a.status != status {
		s.Errorf("%s: %d, want %d: %.200s", path, a.status, status, a.body)
		return
	}
	r := s.request("GET", path, nil)
	s.fits(router, r, a, status != http.StatusBadRequest && status != http.StatusNotFound)
}

// fits checks an answer against what the document says of the request.
func (s *site) fits(router routers.Router, r *http.Request, a answer, asked bool) {
	s.Helper()
	route, holes, err := router.FindRoute(r)
	if err != nil {
		s.Errorf("%s: %v", r.URL, err)
		return
	}
	in := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: holes, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	if asked {
		if err := openapi3filter.ValidateRequest(s.Context(), in); err != nil {
			s.Errorf("%s: the question: %v", r.URL, err)
		}
	}
	err = openapi3filter.ValidateResponse(s.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader([]byte(a.body))), Options: in.Options,
	})
	if err != nil {
		s.Errorf("%s: the answer %d: %v\n%.500s", r.URL, a.status, err, a.body)
	}
}

// TestAnswersKeepTheContract asks every operation of a lively and of an empty
// community, and for every kind of refusal.
func TestAnswersKeepTheContract(t *testing.T) {
	s := newSite(t)
	_, router := contract(t)
	lively, empty := s.lively(), s.community("Vide")
	s.run(lively, s.brought(lively, "something else"), false)
	key, none := s.key(fullScopes()), s.key([]account.Permission{account.ManageKeys})
	for _, path := range []string{"/api/openapi.json", "/api/v1/me", "/api/v1/communities"} {
		s.held(router, key, path, 200)
	}
	queries := map[string][]string{
		"": {""}, "/kpis": {"", "?from=2026-03-02&to=2026-03-09&compare=year&population=everyone", "?compare=none"},
		"/members": {"", "?limit=2&search=a&population=member"}, "/activities": {"", "?limit=3&since=2026-03-02T19:00:00Z&until=2026-03-09T00:00:00Z"},
		"/connections": {""}, "/imports": {""}, "/platform-fit": {""},
	}
	for _, k := range kpi.List() {
		queries["/kpis/"+k.Key] = []string{"", "?from=2026-03-02&to=2026-03-09"}
		for _, interval := range intervals(k.Key) {
			queries["/kpis/"+k.Key+"/series"] = append(queries["/kpis/"+k.Key+"/series"], "?interval="+interval+"&from=2026-02-23&to=2026-03-16")
		}
	}
	for more, list := range queries {
		for _, query := range list {
			s.held(router, key, apiPath(lively, more+query), 200)
			s.held(router, key, apiPath(empty, more+query), 200)
		}
		s.held(router, none, apiPath(lively, more), 403)
		s.held(router, keyPrefix+"wrong", apiPath(lively, more), 401)
		s.held(router, key, "/api/v1/communities/999"+more, 404)
		s.held(router, key, apiPath(lively, more+"?no=1"), 400)
	}
	s.held(router, none, "/api/v1/communities", 403)
	for _, language := range []string{"fr", "en"} {
		s.held(router, "", "/api/v1/me", 401, "Accept-Language", language)
	}
	me := s.request("GET", "/api/v1/me", nil)
	s.fits(router, me, s.with(key, "POST", "/api/v1/me"), false)
	s.fits(router, me, s.do(s.request("GET", "/api/v1/me", strings.NewReader(strings.Repeat("x", apiBytes+1)))), false)
	s.Limits = APILimits{Caller: 1}
	s.handle(s.Handler())
	s.held(router, key, "/api/v1/me", 200)
	s.held(router, key, "/api/v1/me", 429)
	s.Store.Pool().Close() // what is broken says so
	s.held(router, key, "/api/v1/me", 500)
}
