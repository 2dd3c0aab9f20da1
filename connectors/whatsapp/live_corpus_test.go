package whatsapp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/whatsapp"
	"github.com/foyer-app/foyer/connectors/whatsapp/whatsapptest"
	"github.com/foyer-app/foyer/internal/community"
)

// corpusRoot is the folder of other people's files, or the test is skipped.
func corpusRoot(t *testing.T) string {
	t.Helper()
	root := os.Getenv("FOYER_CORPUS")
	if root == "" {
		t.Skip("SKIPPED: FOYER_CORPUS is not set, so no official specification and no third party's payloads are checked")
	}
	return root
}

// TestCorpusPayloads accepts the updates that another library tests itself with.
func TestCorpusPayloads(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpusRoot(t), "webhooks", "whatsapp-pywa", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	// What files mean that are not about messages: nothing, or a notice.
	silent := []string{
		"account_update", "call_connect", "call_status", "call_terminate", "message_status",
		"template_category_update", "template_components_update", "template_quality_update", "template_status_update", "user_marketing_preferences",
	}
	total := 0
	for _, file := range files {
		var updates map[string]json.RawMessage
		if err := json.Unmarshal(readFile(t, file), &updates); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		for key, body := range updates {
			total++
			d, err := receive(body, keepNothing)
			// One parcel, or what happened to the account in one notice or two.
			if err != nil || len(d.Parcels) > 1 || (len(d.Parcels) == 1) == (len(d.Notices) > 0) {
				t.Errorf("%s/%s: %v, %d parcels, %d notices", name, key, err, len(d.Parcels), len(d.Notices))
				continue
			}
			if len(d.Parcels) == 0 {
				continue
			}
			p := d.Parcels[0]
			b, err := whatsapp.New().Normalize(p.Payload)
			if err != nil || p.Account == "" || p.Payload.Key == "" {
				t.Errorf("%s/%s: %v, account %q, key %q", name, key, err, p.Account, p.Payload.Key)
				continue
			}
			if quiet := slices.Contains(silent, name); quiet != (len(b.Activities) == 0) {
				t.Errorf("%s/%s of kind %s means %d activities", name, key, p.Payload.Kind, len(b.Activities))
			}
			for _, secret := range []string{"Body Text", "caption", "filename", "lookaside", "wamid", "Test message"} {
				if strings.Contains(string(p.Payload.Body), secret) {
					t.Errorf("%s/%s keeps %q", name, key, secret)
				}
			}
			// The contact has the id, the message the number: the person is known by the id.
			if slices.Contains([]string{"message", "callback_button", "callback_selection"}, name) {
				if id := b.Identities[0].ExternalID; id != "user:US.13491208655302741918" {
					t.Errorf("%s/%s: the person is %q", name, key, id)
				}
			}
		}
	}
	if total != 74 {
		t.Errorf("%d updates, want 74", total)
	}
}

func specification(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join(corpusRoot(t), "specs", "whatsapp.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestCorpusExamples accepts the examples of the official specification.
func TestCorpusExamples(t *testing.T) {
	doc := specification(t)
	kinds := map[string]community.Kind{
		"Reaction Message": community.Reaction, "System Message": community.Notice, "Group Create Message": community.Join,
		"Group Settings Update": community.Notice, "Group Remove Participants": community.Leave, // its type says group_create
	}
	examples := doc.Paths.Find("/whatsapp/webhooks").Post.RequestBody.Value.Content["application/json"].Examples
	if len(examples) < 15 {
		t.Fatalf("%d examples", len(examples))
	}
	for name, example := range examples {
		body, err := json.Marshal(example.Value.Value)
		if err != nil {
			t.Fatal(err)
		}
		d, err := receive(body, keepNothing)
		if err != nil || len(d.Parcels) != 1 {
			t.Errorf("%s: %v, %d parcels", name, err, len(d.Parcels))
			continue
		}
		b, err := whatsapp.New().Normalize(d.Parcels[0].Payload)
		want := kinds[name]
		if want == 0 {
			want = community.Message
		}
		if err != nil || len(b.Activities) == 0 || b.Activities[0].Kind != want {
			t.Errorf("%s: %v, %+v", name, err, b.Activities)
		}
	}
}

// contract holds what we send, and what the fake answers, against the specification.
type contract struct {
	t       *testing.T
	doc     *openapi3.T
	next    http.RoundTripper
	checked map[string]int
}

// The requests that the specification does not describe.
var undescribed = []string{"oauth/access_token", "debug_token", "smb_app_data"}

func (c *contract) RoundTrip(r *http.Request) (*http.Response, error) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	edge := strings.Join(parts[1:], "/")
	if len(parts) == 3 {
		edge = parts[2]
	}
	if slices.Contains(undescribed, strings.Join(parts[1:], "/")) || slices.Contains(undescribed, edge) {
		return c.next.RoundTrip(r)
	}
	path := "/{Version}/{WABA-ID}/" + edge
	item := c.doc.Paths.Value(path)
	if item == nil || item.GetOperation(r.Method) == nil {
		c.t.Errorf("the specification has no %s %s", r.Method, path)
		return c.next.RoundTrip(r)
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	in := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: map[string]string{"Version": parts[0], "WABA-ID": parts[1]},
		Route:   &routers.Route{Spec: c.doc, Path: path, PathItem: item, Method: r.Method, Operation: item.GetOperation(r.Method)},
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
		c.t.Errorf("%s %s: %v", r.Method, path, err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header}
	out.SetBodyBytes(raw)
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		c.t.Errorf("%s %s answered %d %s: %v", r.Method, path, resp.StatusCode, raw, err)
	}
	c.checked[r.Method+" "+edge+" "+resp.Status]++
	return resp, nil
}

// TestCorpusContract sends every request that we know, and gets every answer, with
// the specification as the referee.
func TestCorpusContract(t *testing.T) {
	doc := specification(t)
	s := newSite(t, nil)
	c := &contract{t: t, doc: doc, next: s.app.HTTP.Transport, checked: map[string]int{}}
	s.app.HTTP = &http.Client{Transport: c}
	s.one.Coexistence = true
	installed, err := s.install(url.Values{
		"code": {s.world.Code(s.one)}, "waba_id": {s.world.Owner()}, "phone_number_id": {s.one.ID}, "event": {"FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := (whatsapp.Connector{}).Uninstall(context.Background(), s.app, installed); err != nil {
		t.Error(err)
	}
	weak := connectors.Connection{ExternalID: s.one.ID, Settings: installed.Settings}
	for _, token := range []string{s.world.Token(nil, time.Time{}), "EAAinvented"} {
		weak.Credentials.Access = token
		_ = whatsapp.Connector{}.Uninstall(context.Background(), s.app, weak) // refused: the answer is what is checked
	}
	foreign := connectors.Connection{Settings: map[string]string{connectors.SettingOwner: "99"}, Credentials: installed.Credentials}
	if err := (whatsapp.Connector{}).Uninstall(context.Background(), s.app, foreign); err == nil {
		t.Error("a foreign account was given back")
	}
	for _, want := range []string{
		"GET phone_numbers 200 OK", "POST subscribed_apps 200 OK", "DELETE subscribed_apps 200 OK",
		"DELETE subscribed_apps 400 Bad Request", "DELETE subscribed_apps 401 Unauthorized", "DELETE subscribed_apps 403 Forbidden",
	} {
		if c.checked[want] == 0 {
			t.Errorf("%q was not seen: %v", want, c.checked)
		}
	}
}

// TestCorpusMessages holds the parts of what the fake sends against the
// specification. Its schemas of whole messages are those of messages that a business
// sends, and refuse its own examples; it knows no user ids, so people show their number.
func TestCorpusMessages(t *testing.T) {
	doc := specification(t)
	w := whatsapptest.New(options())
	n := w.AddNumber("Atelier", "+33 1 00 00 00 00")
	p := w.AddPerson("Zoé", "")
	id := w.Write(p, n, nil, "C'est ouvert ?")
	w.React(p, id, "👍")
	w.Answer(p, n, nil, "oui", id)
	w.Send(p, n, nil, "image", "vu")
	w.Say(n, p, "Bonjour")
	checked := map[string]int{}
	check := func(schema string, part any) {
		checked[schema]++
		if err := doc.Components.Schemas[schema].Value.VisitJSON(part); err != nil {
			t.Errorf("%s: %v", schema, err)
		}
	}
	for _, body := range w.Bodies(whatsapptest.Delivery{Batch: 3}) {
		var e struct {
			Entry []struct {
				Changes []struct {
					Value struct {
						Metadata map[string]any   `json:"metadata"`
						Contacts []map[string]any `json:"contacts"`
						Messages []map[string]any `json:"messages"`
						Statuses []map[string]any `json:"statuses"`
					} `json:"value"`
				} `json:"changes"`
			} `json:"entry"`
		}
		if err := json.Unmarshal(body, &e); err != nil {
			t.Fatal(err)
		}
		for _, c := range e.Entry[0].Changes {
			check("Metadata", c.Value.Metadata)
			for schema, list := range map[string][]map[string]any{
				"ContactProfile": c.Value.Contacts, "BaseMessageProperties_1": c.Value.Messages, "Statuses": c.Value.Statuses,
			} {
				for _, part := range list {
					check(schema, part)
				}
			}
		}
	}
	if checked["BaseMessageProperties_1"] != 4 || checked["Statuses"] != 3 || checked["ContactProfile"] != 8 {
		t.Errorf("checked %v", checked)
	}
}
