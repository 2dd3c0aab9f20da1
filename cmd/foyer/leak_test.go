package main

import (
	"bytes"
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/courier"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
	"github.com/foyer-app/foyer/web/i18n"
)

// leaks are what must never be printed, logged or queued, by what it is.
type leaks map[string]string

// in fails for each that stands in a text.
func (l leaks) in(t testing.TB, where, text string) {
	t.Helper()
	if text == "" {
		t.Errorf("%s is empty: nothing was looked at", where)
	}
	for name, secret := range l {
		if at := strings.Index(strings.ToLower(text), strings.ToLower(secret)); at >= 0 {
			t.Errorf("%s shows the %s: …%s…", where, name, text[max(0, at-80):min(len(text), at+len(secret)+20)])
		}
	}
}

// chatExport is a chat with a telephone number, a name and a text that must not leak.
const chatExport = `13/01/2024, 08:00 - Mathilde Secrétan: La doublure pourpre est-elle prête ?
13/01/2024, 08:01 - +33 6 12 34 56 99: Oui, écris à mathilde@secretan.example
13/01/2024, 08:02 - Mathilde Secrétan: Merci
nonsense before any header
45/45/2024, 08:03 - Nobody: what is this
`

// TestNothingLeaks goes the way of an owner with everything that is secret on it,
// with the most talkative log, and looks for it in all that was printed, logged,
// queued and audited.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	n := newInstance(t, "FOYER_LOG_LEVEL=debug")
	log := &lockedBuffer{}
	base := n.serve(log)
	v := n.visitor(base)
	wrong := "un tout autre secret du matin"
	found := leaks{
		"password": strongPassword, "wrong password": wrong, "member's address": "mathilde@secretan.example", "member's name": "Secrétan",
		"member's number": "612345699", "written number": "6 12 34 56 99", "message": "doublure pourpre",
	}
	v.post("/welcome", url.Values{
		"name": {"Zoé"}, "email": {"zoe@atelier.example"}, "password": {strongPassword}, "organisation": {"Atelier"}, "kind": {"brand"},
	})
	v.post("/sign-out", nil)
	v.post("/sign-in", url.Values{"email": {"zoe@atelier.example"}, "password": {wrong}})
	v.post("/sign-in", url.Values{"email": {"mathilde@secretan.example"}, "password": {wrong}})
	if status, at := v.post("/sign-in", url.Values{"email": {"zoe@atelier.example"}, "password": {strongPassword}}); status != 200 || at == "/sign-in" {
		t.Fatalf("sign in: %d %s", status, at)
	}
	site, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range v.client.Jar.Cookies(site) {
		if len(c.Value) > 30 {
			found["cookie "+c.Name] = c.Value
		}
	}
	uploadChat(t, v)

	// Below the door: a key of the API, letters, a link, the keys themselves.
	s := testStore(t, n.url)
	keyFile := filepath.Join(n.dir, "keys")
	ring, err := vault.Load(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	token, hash := secret.Token()
	found["API key"] = token
	if _, err := s.CreateKey(t.Context(), store.Key{Organisation: 1, Name: "reports", Prefix: token[:6], Scopes: []string{"communities.view"}}, 1, hash); err != nil {
		t.Fatal(err)
	}
	post := courier.New(courier.Config{Store: s, Ring: ring, Log: slogTo(log)})
	link := base + "/enter?token=l3tt3r-s3cr3t-0123456789"
	found["letter's link"] = "l3tt3r-s3cr3t"
	if err := post.Post(t.Context(), courier.Letter{Kind: mail.MagicLink, Locale: i18n.English, Data: mail.Data{To: "zoe@atelier.example", Link: link, Valid: time.Minute}}); err != nil {
		t.Fatal(err)
	}
	oneTime, err := url.Parse(linkOf.FindString(n.must("", "admin", "reset-password", "--email", "zoe@atelier.example")))
	if err != nil {
		t.Fatal(err)
	}
	found["one-time link"] = oneTime.Query().Get("token")
	if res, err := v.client.Get(base + oneTime.RequestURI()); err != nil {
		t.Fatal(err)
	} else {
		res.Body.Close()
	}
	v.post("/one-time", url.Values{"token": {found["one-time link"]}, "password": {wrong + " encore"}})
	found.addKeys(t, keyFile)
	printed := n.must("", "admin", "rotate-keys") + n.must("", "admin", "rotate-keys", "--retire") + n.must("", "admin", "list-organisations", "--json")
	found.addKeys(t, keyFile)

	// The same again by the command line, with a mistake.
	chat := filepath.Join(t.TempDir(), "WhatsApp Chat with Atelier.txt")
	if err := os.WriteFile(chat, []byte(chatExport), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{"import", "--community", "Second", "--time-zone", "UTC", chat}, n.environ(), strings.NewReader(""), &out, &out); err != nil {
		t.Fatal(err, out.String())
	}
	_ = run(t.Context(), []string{"import", "--community", "Second", "--source", "slack", chat}, n.environ(), strings.NewReader(""), &out, &out)
	waitForImports(t, n.url)
	// Members are erased and exported by id: the log and the audit stay without names.
	var member int64
	pool := s.Pool()
	ask := func(sql string, into any) {
		t.Helper()
		if err := pool.QueryRow(store.Across(t.Context()), sql).Scan(into); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	ask(`select m.id from member m where name like 'Mathilde%' order by community_id limit 1`, &member)
	if member == 0 {
		t.Error("nobody was imported")
	}

	found.in(t, "the log of the server", log.text())
	found.in(t, "the output of the commands", printed+out.String())
	for what, sql := range map[string]string{
		"a job":           `select string_agg(concat_ws(' ', args, metadata, errors, tags, kind), ' ') from river_job`,
		"the audit log":   `select string_agg(x::text, ' ') from audit_entry x`,
		"a queue":         `select coalesce(string_agg(x::text, ' '), 'none') from river_queue x`,
		"a table of keys": `select string_agg(x::text, ' ') from api_key x`,
		"the letters":     `select string_agg(x::text || encode(sealed, 'escape'), ' ') from outgoing x`,
		"the sessions":    `select string_agg(x::text || encode(hash, 'escape'), ' ') from session x`,
		"the tickets":     `select string_agg(x::text, ' ') from ticket x`,
		"the users":       `select string_agg(x::text, ' ') from app_user x`,
	} {
		var text string
		ask(sql, &text)
		found.in(t, what, text)
	}
	// The search itself finds what is there.
	var people string
	ask(`select string_agg(name, ' ') from member`, &people)
	if !strings.Contains(people, "Secrétan") {
		t.Error("the search would find nothing anywhere")
	}
}

var keyEntry = regexp.MustCompile(`(?m)^([a-z0-9]+):(\S+)$`)

// addKeys adds what the key file holds.
func (l leaks) addKeys(t testing.TB, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range keyEntry.FindAllStringSubmatch(string(text), -1) {
		l["key "+m[1]] = m[2]
	}
}

// uploadChat makes a community by sending the chat through the form.
func uploadChat(t testing.TB, v visitor) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range map[string]string{"name": "Première", "zone": "Europe/Paris"} {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.CreateFormFile("files", "WhatsApp Chat with Atelier.txt")
	if err == nil {
		_, err = f.Write([]byte(chatExport))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, v.base+"/communities", &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := v.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 || !strings.Contains(res.Request.URL.Path, "/imports/") {
		t.Fatalf("the upload leads to %d %s", res.StatusCode, res.Request.URL.Path)
	}
}

// waitForImports waits until all imports have ended.
func waitForImports(t testing.TB, url string) {
	t.Helper()
	s := testStore(t, url)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		list, err := s.UnfinishedImports(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			return
		}
	}
	t.Fatal("an import does not end")
}
