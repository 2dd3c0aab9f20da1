package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/slack/slacktest"
)

// The official description of the Web API is of 2020 and in Swagger 2, with
// schemas that are not valid there: lists of alternatives under "items" and the
// type "null". modern says the same in OpenAPI 3. Members and lengths of ids that
// Slack added since are let through.
func modern(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return modernSchema(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = modern(v[i])
		}
		return out
	case string:
		return strings.Replace(v, "#/definitions/", "#/components/schemas/", 1)
	}
	return v
}

var fixedLength = regexp.MustCompile(`\{(\d+)(,\d+)?\}`)

func modernSchema(m map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		if strings.HasPrefix(k, "x-") || k == "examples" || k == "example" || k == "additionalItems" {
			continue
		}
		out[k] = modern(v)
	}
	if out["additionalProperties"] == false {
		delete(out, "additionalProperties")
	}
	if _, ok := out["minItems"].(float64); ok {
		delete(out, "minItems")
	}
	if p, ok := out["pattern"].(string); ok {
		out["pattern"] = fixedLength.ReplaceAllString(p, "{$1,}")
	}
	if list, ok := out["items"].([]any); ok {
		delete(out, "items")
		alternatives(out, list)
	}
	if list, ok := out["type"].([]any); ok {
		delete(out, "type")
		var schemas []any
		for _, t := range list {
			s := map[string]any{"type": t}
			if t == "array" {
				s["items"] = map[string]any{}
			}
			schemas = append(schemas, s)
		}
		alternatives(out, schemas)
	}
	if out["type"] == "array" && out["items"] == nil {
		out["items"] = map[string]any{}
	}
	return out
}

// alternatives makes anyOf of a list, and nullable of the type "null".
func alternatives(out map[string]any, list []any) {
	var kept []any
	for _, s := range list {
		if m, ok := s.(map[string]any); ok && m["type"] == "null" {
			out["nullable"] = true
			continue
		}
		kept = append(kept, s)
	}
	if out["nullable"] == true {
		kept = append(kept, map[string]any{"nullable": true, "enum": []any{nil}})
	}
	out["anyOf"] = kept
	delete(out, "type")
}

// official is the description, each method as a POST of a form.
type official struct {
	doc      *openapi3.T
	examples map[string][]byte // of good answers, by path
}

func readOfficial(t *testing.T) official {
	t.Helper()
	raw, err := os.ReadFile(corpus(t, "specs", "slack-web-api-2020.json"))
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Definitions map[string]any
		Paths       map[string]map[string]struct {
			Parameters []map[string]any
			Responses  map[string]struct {
				Schema   map[string]any
				Examples map[string]any
			}
		}
	}
	if err := json.Unmarshal(raw, &spec); err != nil {
		t.Fatal(err)
	}
	o := official{examples: map[string][]byte{}}
	paths := map[string]any{}
	for name, verbs := range spec.Paths {
		for _, op := range verbs {
			form, good := map[string]any{}, op.Responses["200"]
			for _, p := range op.Parameters {
				form[p["name"].(string)] = map[string]any{"type": p["type"]}
			}
			paths[name] = map[string]any{"post": map[string]any{
				"requestBody": map[string]any{"content": map[string]any{"application/x-www-form-urlencoded": map[string]any{
					"schema": map[string]any{"type": "object", "properties": form, "additionalProperties": false},
				}}},
				"responses": map[string]any{"200": map[string]any{"description": "", "content": map[string]any{
					"application/json": map[string]any{"schema": modern(good.Schema)},
				}}},
			}}
			if example, err := json.Marshal(good.Examples["application/json"]); err == nil && good.Examples != nil {
				o.examples[name] = example
			}
		}
	}
	doc, err := json.Marshal(map[string]any{
		"openapi": "3.0.3", "info": map[string]any{"title": "Slack", "version": "1"}, "paths": paths,
		"components": map[string]any{"schemas": modern(spec.Definitions)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if o.doc, err = openapi3.NewLoader().LoadFromData(doc); err != nil {
		t.Fatal(err)
	}
	return o
}

// checker holds each request and answer against the description.
type checker struct {
	t    *testing.T
	spec official
	next http.RoundTripper
	mu   sync.Mutex
	met  map[string]int
}

func (c *checker) RoundTrip(r *http.Request) (*http.Response, error) {
	name := "/" + path.Base(r.URL.Path)
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(sent))
	resp, err := c.next.RoundTrip(r)
	if err != nil {
		return resp, err
	}
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(got))
	item := c.spec.doc.Paths.Value(name)
	if item == nil {
		c.t.Errorf("%s is not described", name)
		return resp, nil
	}
	c.mu.Lock()
	c.met[name]++
	c.mu.Unlock()
	copied := r.Clone(context.Background())
	copied.Body = io.NopCloser(bytes.NewReader(sent))
	in := &openapi3filter.RequestValidationInput{
		Request: copied, Route: &routers.Route{Spec: c.spec.doc, Path: name, PathItem: item, Method: http.MethodPost, Operation: item.Post},
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
		c.t.Errorf("request %s %s: %v", name, sent, err)
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header}
	out.SetBodyBytes(got)
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		c.t.Errorf("answer %s: %v", name, err)
	}
	return resp, nil
}

// since2020 are arguments that we send and Slack documents now, but not then.
var since2020 = map[string][]string{
	"/oauth.v2.access": {"grant_type", "refresh_token", "code_verifier"},
}

// TestContract plays a workspace and holds what we send, and what the fake
// answers, against the official description.
func TestContract(t *testing.T) {
	t.Parallel()
	c := &checker{t: t, spec: readOfficial(t), met: map[string]int{}}
	for name, fields := range since2020 {
		schema := c.spec.doc.Paths.Value(name).Post.RequestBody.Value.Content.Get("application/x-www-form-urlencoded").Schema.Value
		for _, f := range fields {
			schema.Properties[f] = openapi3.NewStringSchema().NewRef()
		}
	}
	s := newStage(t, slacktest.Config{Rotate: true, Tier: tierMarketplace, ShortPages: true})
	q := s.visit(t, "s")
	c.next = s.app.HTTP.Transport
	s.app.HTTP = &http.Client{Transport: c}
	conn, err := connector{}.Install(context.Background(), s.app, q, verifier)
	if err != nil {
		t.Fatal(err)
	}
	life(s.World, 40)
	s.Post(s.Channel("open", slacktest.BotUser+"X", false), "U1AAAAAAA", "hello")
	s.fill(t, conn, time.Time{}, func(connectors.Page) {})
	if conn.Credentials, err = (connector{}).Refresh(context.Background(), s.app, conn); err != nil {
		t.Fatal(err)
	}
	if _, err := (connector{}).Members(context.Background(), s.app, conn, ""); err != nil {
		t.Fatal(err)
	}
	if err := (connector{}).Uninstall(context.Background(), s.app, conn); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"oauth.v2.access", "team.info", "users.list", "conversations.list", "conversations.join", "conversations.history", "conversations.replies", "apps.uninstall"} {
		if c.met["/"+name] == 0 {
			t.Errorf("%s was not called", name)
		}
	}
}

// TestOfficialExamples reads the examples of the description.
func TestOfficialExamples(t *testing.T) {
	t.Parallel()
	o := readOfficial(t)
	for _, name := range []string{"/conversations.history", "/conversations.replies", "/conversations.list", "/users.list"} {
		if o.examples[name] == nil {
			t.Errorf("%s has no example", name)
			continue
		}
		payloads := readSample(t, name, o.examples[name])
		if len(payloads) == 0 && name != "/users.list" {
			t.Errorf("%s means nothing", name)
		}
		for _, p := range payloads {
			b, err := New().Normalize(p)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			check(t, b)
		}
	}
}

// TestEventContract holds the envelopes that the fake sends against the official
// description of events.
func TestEventContract(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(corpus(t, "specs", "slack-events-2020.json"))
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Topics     map[string]any
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(raw, &spec); err != nil {
		t.Fatal(err)
	}
	wrapper, ok := modern(spec.Components.Schemas["GenericEventWrapper"]).(map[string]any)
	if !ok {
		t.Fatal("no schema of an envelope")
	}
	// authed_users and authed_teams gave way to authorizations in 2021.
	required, _ := wrapper["required"].([]any)
	var kept []any
	for _, r := range required {
		if r != "authed_users" && r != "authed_teams" {
			kept = append(kept, r)
		}
	}
	wrapper["required"] = kept
	body, err := json.Marshal(wrapper)
	if err != nil {
		t.Fatal(err)
	}
	var schema openapi3.Schema
	if err := json.Unmarshal(body, &schema); err != nil {
		t.Fatal(err)
	}
	w := slacktest.NewWorld(slacktest.Team{ID: "T0000ATELIER", Name: "Atelier"}, stageStart)
	sender := &slacktest.Sender{World: w}
	sender.Follow()
	w.Install()
	life(w, 40)
	w.Uninstall()
	kinds := map[string]bool{}
	for _, e := range sender.Take() {
		kinds[e.Type] = true
		var v any
		if err := json.Unmarshal(w.Envelope(e), &v); err != nil {
			t.Fatal(err)
		}
		if err := schema.VisitJSON(v); err != nil {
			t.Errorf("%s: %v", e.Type, err)
		}
		if _, known := spec.Topics[strings.ReplaceAll(e.Type, "_", ".")]; !known {
			t.Errorf("%s is no event that is described", e.Type)
		}
	}
	if len(kinds) < 9 {
		t.Errorf("only %v", kinds)
	}
}
