package discord_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/discord"
	"github.com/foyer-app/foyer/connectors/discord/discordtest"
)

// contract holds requests and answers against the platform's own description.
type contract struct {
	router routers.Router
	mu     sync.Mutex
	seen   map[string]int // answers by operation
	wrong  []string
}

func described(t *testing.T) *contract {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join(corpus(t, "specs"), "discord.json"))
	if err != nil {
		t.Fatal(err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return &contract{router: router, seen: map[string]int{}}
}

// RoundTrip sends a request and checks it with its answer.
func (c *contract) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || !strings.HasPrefix(r.URL.Path, "/api/v10/") {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return answer, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.check(r, answer, body); err != nil {
		c.wrong = append(c.wrong, fmt.Sprintf("%s %s: %v", r.Method, r.URL.Path, err))
	}
	return answer, nil
}

func (c *contract) check(r *http.Request, answer *http.Response, body []byte) error {
	there := r.Clone(r.Context())
	there.URL.Scheme, there.URL.Host, there.Host = "https", "discord.com", "discord.com"
	route, params, err := c.router.FindRoute(there)
	if err != nil {
		return err
	}
	for name := range there.URL.Query() {
		known := slices.ContainsFunc(route.Operation.Parameters, func(p *openapi3.ParameterRef) bool { return p.Value.Name == name })
		if !known {
			return fmt.Errorf("the parameter %s is not described", name)
		}
	}
	in := &openapi3filter.RequestValidationInput{
		Request: there, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	c.seen[r.Method+" "+route.Path+" "+fmt.Sprint(answer.StatusCode)]++
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: answer.StatusCode, Header: answer.Header,
		Body: io.NopCloser(bytes.NewReader(body)), Options: in.Options,
	}
	if err := openapi3filter.ValidateResponse(r.Context(), out); err != nil {
		return fmt.Errorf("answer %d: %w", answer.StatusCode, err)
	}
	return nil
}

func TestContract(t *testing.T) {
	t.Parallel()
	c := described(t)
	p := newPlace(t, quick())
	app := appOf(p.Server)
	app.HTTP = &http.Client{Transport: c, Timeout: 10 * time.Second}
	app.Options["link_base"] = "https://foyer.example/link"
	w := p.World
	w.AddRole(p.guild, "Gold")
	last := history(p, p.text, 250)
	w.React(last, p.people[0], "👍")
	first := w.Post(p.other, p.people[0], "hello", p.people[1])
	w.Edit(w.Reply(first, p.people[1], "hi"), "hi!")
	w.Join(p.guild, p.people[0], p.other)
	for i := range 3 {
		thread := w.AddThread(p.forum, fmt.Sprint("topic ", i))
		w.Post(thread, p.people[0], "text")
		if i > 0 {
			w.Archive(thread)
		}
	}
	w.AddChannel(p.guild, "secret", discordtest.Text, discordtest.ViewChannel)
	live := discord.NewHurried()
	conn, err := live.Install(t.Context(), app, sentBack(t, p.Server, app, p.guild), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, since := range []time.Time{{}, time.Now().Add(-time.Hour)} {
		for cursor := ""; ; {
			page, err := live.Backfill(t.Context(), app, conn, cursor, since)
			if err != nil {
				t.Fatal(err)
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
	}
	if _, err := live.Members(t.Context(), app, conn, ""); err != nil {
		t.Fatal(err)
	}
	p.Inject(discordtest.Limit, "members", 1, time.Millisecond)
	if _, err := live.Members(t.Context(), app, conn, "1"); err != nil {
		t.Fatal(err)
	}
	listening(t, app, newCellar().process())
	p.connected(t)
	if err := live.Uninstall(t.Context(), app, conn); err != nil {
		t.Fatal(err)
	}
	_, err = live.Backfill(t.Context(), app, conn, "", time.Time{})
	if err == nil {
		t.Error("a server that was left is read")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, wrong := range c.wrong {
		t.Error(wrong)
	}
	t.Logf("held against the description: %v", c.seen)
	if len(c.seen) < 13 {
		t.Errorf("only %d kinds of answer were seen", len(c.seen))
	}
}

// The examples of the documentation and of a library decode without an error,
// whatever they are examples of, and no payload made of them panics.
func TestDocumentationDecodes(t *testing.T) {
	t.Parallel()
	dir := corpus(t, "webhooks")
	files := 0
	for _, set := range []string{"discord-docs", "discord-disgo"} {
		names, err := filepath.Glob(filepath.Join(dir, set, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !json.Valid(raw) {
				t.Logf("%s is no JSON", filepath.Base(name))
				continue
			}
			files++
			if err := discord.DecodeAll(raw); err != nil {
				t.Errorf("%s: %v", filepath.Base(name), err)
			}
			for _, kind := range []string{
				"message", "message.deleted", "reaction", "reaction.cleared", "member.joined", "member.left", "member", "voice", "channel", "event",
			} {
				_, _ = discord.New().Normalize(connectors.Payload{Kind: kind, Body: raw})
			}
		}
	}
	if files < 100 {
		t.Errorf("%d files", files)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "discord-docs", "oauth2-extended-bot-authorization-access-token-example-3.json"))
	if err != nil {
		t.Fatal(err)
	}
	scope, id, name, err := discord.GrantOf(raw)
	if err != nil || scope != "bot" || id != "2909267986347357250" || name != "SomeTest" {
		t.Errorf("grant = %q %q %q, %v", scope, id, name, err)
	}
}
