package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/sample"
	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/courier"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/exportfs"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// campfire is a platform whose export is a text file: a first line CAMPFIRE, then
// "<unix seconds> <who> <text>", or "ask <date>" where the order of dates is not clear.
type campfire struct{}

func (campfire) Platform() community.Platform { return "campfire" }
func (campfire) Name() string                 { return "Campfire" }

func (campfire) Normalize(p connectors.Payload) (community.Batch, error) {
	at, rest, _ := strings.Cut(string(p.Body), " ")
	who, text, _ := strings.Cut(rest, " ")
	sec, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return community.Batch{}, &connectors.RefusedError{Reason: connectors.ReasonNoTime, Detail: "=at"}
	}
	return community.Batch{
		Identities: []community.Identity{{
			ExternalID: who, Name: strings.ToUpper(who[:1]) + who[1:], Handle: who, Email: who + "@atelier.example", Bot: who == "bot", Roles: []string{"maker"},
		}},
		Channels: []community.Channel{{ExternalID: "fire", Name: "fire"}},
		Activities: []community.Activity{{
			Kind: community.Message, ExternalID: "campfire/" + at + "/" + who, At: time.Unix(sec, 0), Actor: who, Channel: "fire",
			Amount: 1, Features: community.Describe(text),
		}},
	}, nil
}

func (campfire) Recognises(files fs.FS) bool {
	names, _ := fs.Glob(files, "*.txt")
	for _, name := range names {
		if f, err := files.Open(name); err == nil {
			head := make([]byte, 8)
			_, _ = io.ReadFull(f, head)
			_ = f.Close()
			if string(head) == "CAMPFIRE" {
				return true
			}
		}
	}
	return false
}

func (campfire) Import(ctx context.Context, files fs.FS, o connectors.ImportOptions, emit connectors.Emit) error {
	if err := emit(ctx, connectors.Record{Source: &community.Source{Platform: "campfire", ExternalID: "one", Name: "One"}}); err != nil {
		return err
	}
	names, _ := fs.Glob(files, "*.txt")
	for _, name := range names {
		f, err := files.Open(name)
		if err != nil {
			return err
		}
		scan := bufio.NewScanner(f)
		for n := 1; scan.Scan(); n++ {
			switch line := scan.Text(); {
			case strings.HasPrefix(line, "ask"):
				if o.Answers["date_order"] == "" {
					return &connectors.AskError{Question: "date_order", Options: []string{"dmy", "mdy"}, File: name, Sample: line[4:]}
				}
			case line != "CAMPFIRE":
				rec := connectors.Record{Payload: &connectors.Payload{Kind: "line", Body: []byte(line)}, File: name, Line: n}
				if err := emit(ctx, rec); err != nil {
					return err
				}
			}
		}
		if err := scan.Err(); err != nil {
			return err
		}
		_ = f.Close()
	}
	return nil
}

// SamplePlace makes the campfire a place of the sample community.
func (campfire) SamplePlace() sample.Place { return sample.Server }

// Sample writes the last messages of the story, which is enough here.
func (campfire) Sample(story sample.Story) (string, func(io.Writer) error) {
	return "campfire.txt", func(w io.Writer) error {
		_, err := io.WriteString(w, "CAMPFIRE\n")
		for _, e := range story.Events[len(story.Events)-2000:] {
			if e.Kind == sample.Message && err == nil {
				_, err = fmt.Fprintf(w, "%d %s hello\n", e.At.Unix(), story.People[e.Person].Handle)
			}
		}
		return err
	}
}

// fire is an export of n messages, with lines in between.
func fire(n int, extra ...string) string {
	var b strings.Builder
	b.WriteString("CAMPFIRE\n")
	base := time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC).Unix()
	for i := range n {
		fmt.Fprintf(&b, "%d %s hello %d\n", base+int64(i)*3600, []string{"ada", "brigitte", "chloe", "dario", "bot"}[i%5], i)
	}
	for _, line := range extra {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// importer is the real ingest behind the interface that the pages know.
type importer struct {
	upload func(context.Context, community.Community, community.Platform, *time.Location, ingest.Files) (int64, error)
	answer func(context.Context, store.Import, string, string) error
	look   func(context.Context, store.Import, *connectors.Mapping) (connectors.Look, error)
	mapped func(context.Context, store.Import, connectors.Look) error
	cancel func(context.Context, store.Import) error
	sample func(context.Context, store.User, string) (ingest.Sample, error)
	remove func(context.Context, int64, int64) error
}

func (i importer) Upload(ctx context.Context, c community.Community, files Files, o UploadOptions) (int64, error) {
	return i.upload(ctx, c, o.Source, o.Location, files)
}

func (i importer) Answer(ctx context.Context, im store.Import, key, answer string) error {
	return i.answer(ctx, im, key, answer)
}

func (i importer) LookAt(ctx context.Context, im store.Import, said *connectors.Mapping) (connectors.Look, error) {
	return i.look(ctx, im, said)
}

func (i importer) AnswerMapping(ctx context.Context, im store.Import, look connectors.Look) error {
	return i.mapped(ctx, im, look)
}

func (i importer) Sample(ctx context.Context, u store.User, language string) (ingest.Sample, error) {
	return i.sample(ctx, u, language)
}

func (i importer) RemoveSample(ctx context.Context, user, organisation int64) error {
	return i.remove(ctx, user, organisation)
}
func (i importer) Cancel(ctx context.Context, im store.Import) error { return i.cancel(ctx, im) }

// site is a running server over a database of its own.
type site struct {
	testing.TB
	*Server
	ingest       *ingest.Ingest
	Organisation int64
	owner        store.User
	url          string
	header       http.Header // sent with every request
	session      string      // who sends them
}

const testLimit = 1 << 20

func newSite(t testing.TB) *site {
	t.Helper()
	st := store.New(dbtest.New(t))
	log := slog.New(slog.DiscardHandler)
	ring := testRing(t)
	accounts := account.New(account.Config{Store: st, Hasher: secret.NewHasher(2), Ring: ring, Log: log, Now: time.Now})
	post := courier.New(courier.Config{Store: st, Ring: ring, Log: log})
	owner, org, err := accounts.CreateFirst(t.Context(),
		account.NewUser{Email: "zoe@atelier.example", Name: "Zoé", Verified: true}, store.Organisation{Name: "Atelier", Kind: "brand", TimeZone: "Europe/Paris", Currency: "EUR", Language: "fr"})
	if err != nil {
		t.Fatal(err)
	}
	st = st.WithKeys(accounts.Ring)
	list := []connectors.Connector{campfire{}, kiosk{}}
	in := ingest.New(ingest.Config{
		Store: st, Connectors: list, Log: log, Uploads: t.TempDir(), Limits: exportfs.Limits{}, Ring: ring,
		Apps: map[community.Platform]connectors.App{"campfire": {ID: "x", HTTP: http.DefaultClient, Log: log, Now: time.Now}, "kiosk": {ID: "x", HTTP: http.DefaultClient, Log: log, Now: time.Now}},
	})
	client, err := in.Client(false)
	if err != nil {
		t.Fatal(err)
	}
	s := New(Config{
		Store: st, Connectors: list, Log: log, Accounts: accounts, Post: post, Live: in, Version: "test", Now: time.Now, MaxUpload: testLimit,
		Imports: importer{
			upload: func(ctx context.Context, c community.Community, p community.Platform, zone *time.Location, f ingest.Files) (int64, error) {
				return in.Upload(ctx, client, c, p, zone, f, testLimit)
			},
			answer: func(ctx context.Context, i store.Import, key, answer string) error {
				return in.Answer(ctx, client, i, key, answer)
			},
			look: in.LookAt,
			mapped: func(ctx context.Context, i store.Import, look connectors.Look) error {
				return in.AnswerMapping(ctx, client, i, look)
			},
			cancel: in.Cancel,
			sample: func(ctx context.Context, u store.User, language string) (ingest.Sample, error) {
				return in.MakeSample(ctx, client, u, language)
			},
			remove: in.RemoveSample,
		},
	})
	n := &site{TB: t, Server: s, ingest: in, Organisation: org.ID, owner: owner, header: http.Header{"Accept-Language": {"fr"}}}
	n.handle(s.Handler())
	n.as(owner)
	return n
}

// handle makes the requests that follow a handler's: of a site set up anew.
func (s *site) handle(h http.Handler) {
	server := httptest.NewServer(h)
	s.Cleanup(server.Close)
	s.url = server.URL
}

// as makes the requests that follow somebody's; the zero user is nobody.
func (s *site) as(u store.User) {
	s.Helper()
	if u.ID == 0 {
		s.session = ""
		return
	}
	token, err := s.Accounts.Start(s.Context(), u, account.Place{Agent: "test"}, false)
	if err != nil {
		s.Fatal(err)
	}
	s.session = token
}

// stranger is the owner of an organisation of their own.
func (s *site) stranger() store.User {
	s.Helper()
	u, err := s.Accounts.Create(s.Context(), account.NewUser{Email: fmt.Sprintf("stranger%d@elsewhere.example", time.Now().UnixNano()), Name: "Étrangère", Verified: true})
	if err != nil {
		s.Fatal(err)
	}
	if _, err := s.Store.CreateOrganisation(s.Context(), store.Organisation{Name: "Elsewhere", Kind: "brand", TimeZone: "UTC", Currency: "EUR", Language: "fr"}, u.ID); err != nil {
		s.Fatal(err)
	}
	return u
}

// colleague is somebody with a role in the site's organisation.
func (s *site) colleague(role store.Role, communities ...int64) store.User {
	s.Helper()
	u, err := s.Accounts.Create(s.Context(), account.NewUser{Email: fmt.Sprintf("%s%d@atelier.example", role, time.Now().UnixNano()), Name: string(role), Verified: true})
	if err != nil {
		s.Fatal(err)
	}
	if err := s.Store.SetSeat(s.Context(), s.Organisation, u.ID, role, communities); err != nil {
		s.Fatal(err)
	}
	return u
}

func testRing(t testing.TB) *vault.Ring {
	t.Helper()
	ring, err := vault.Ensure(filepath.Join(t.TempDir(), "keys", "ring"))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// community makes a community.
func (s *site) community(name string) community.Community {
	s.Helper()
	c, err := s.Store.CreateCommunity(s.Context(), s.Organisation, name, parseZone("Europe/Paris"))
	if err != nil {
		s.Fatal(err)
	}
	return c
}

// run reads an import to its end, and rolls up when asked.
func (s *site) run(c community.Community, id int64, rollup bool) store.Import {
	s.Helper()
	if err := s.ingest.RunImport(s.Context(), c.Scope, id); err != nil {
		s.Fatal(err)
	}
	if rollup {
		if err := s.ingest.RollUpNow(s.Context(), c.Scope); err != nil {
			s.Fatal(err)
		}
	}
	i, err := s.Store.Import(s.Context(), c.Scope, id)
	if err != nil {
		s.Fatal(err)
	}
	return i
}

// brought uploads files and returns the import's id.
func (s *site) brought(c community.Community, files ...string) int64 {
	s.Helper()
	a := s.upload(communityPath(c.Scope, "/import"), nil, files...)
	if a.status != http.StatusSeeOther {
		s.Fatalf("upload answers %d", a.status)
	}
	id, err := strconv.ParseInt(a.to[strings.LastIndex(a.to, "/")+1:], 10, 64)
	if err != nil {
		s.Fatal(err)
	}
	return id
}

// answer is what came back.
type answer struct {
	status int
	to     string // Location
	body   string
	header http.Header
}

func (s *site) do(r *http.Request) answer {
	s.Helper()
	for _, c := range s.header["Cookie"] {
		r.Header.Set("Cookie", c+"; "+r.Header.Get("Cookie"))
	}
	for name, values := range s.header {
		if r.Header.Get(name) == "" {
			r.Header[name] = values
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: 30 * time.Second}
	res, err := client.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer{res.StatusCode, res.Header.Get("Location"), string(body), res.Header}
}

func (s *site) request(method, path string, body io.Reader) *http.Request {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), method, s.url+path, body)
	if err != nil {
		s.Fatal(err)
	}
	if s.session != "" {
		r.AddCookie(&http.Cookie{Name: sessionCookiePlain, Value: s.session})
	}
	return r
}

func (s *site) get(path string) answer { s.Helper(); return s.do(s.request("GET", path, nil)) }

func (s *site) post(path string, values url.Values) answer {
	s.Helper()
	r := s.request("POST", path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(r)
}

// multipart writes a form: fields first, then the files, whose names are a.txt, b.txt…
func multipartForm(fields map[string]string, files ...string) string {
	var b strings.Builder
	for name, value := range fields {
		fmt.Fprintf(&b, "--X\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", name, value)
	}
	for n, content := range files {
		name := string(rune('a'+n)) + ".txt"
		if content == "" {
			name = ""
		}
		fmt.Fprintf(&b, "--X\r\nContent-Disposition: form-data; name=\"files\"; filename=%q\r\nContent-Type: text/plain\r\n\r\n%s\r\n", name, content)
	}
	b.WriteString("--X--\r\n")
	return b.String()
}

func (s *site) upload(path string, fields map[string]string, files ...string) answer {
	s.Helper()
	r := s.request("POST", path, strings.NewReader(multipartForm(fields, files...)))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=X")
	return s.do(r)
}

var (
	rawKey  = regexp.MustCompile(`[>"](?:web|door|security|settings|audit|role|error|start|import|refusals?|sample|team|pager|zone|reads|ui|privacy|member|record|delete|onetime|fit|sheet)(?:\.[a-z_0-9]+)+[<"]`)
	inline  = regexp.MustCompile(`<[^>]*\s(style|on[a-z]+)=|<style|<script(?:[^>]*)>[^<]`)
	ids     = regexp.MustCompile(`\sid="([^"]+)"`)
	refs    = regexp.MustCompile(`\s(?:for|aria-describedby|popovertarget)="([^"]+)"`)
	holes   = regexp.MustCompile(`\{[a-z]+\}`)
	control = regexp.MustCompile(`<(?:input|select|textarea)\b[^>]*>`)
)

// page checks what every page must be, and returns it.
func (s *site) page(a answer, status int) string {
	s.Helper()
	if a.status != status {
		s.Fatalf("status %d, want %d: %.300s", a.status, status, a.body)
	}
	if n := strings.Count(a.body, "<h1"); n != 1 {
		s.Errorf("%d headings of the first level", n)
	}
	for _, wrong := range []*regexp.Regexp{rawKey, inline, holes} {
		if found := wrong.FindString(a.body); found != "" {
			s.Errorf("page holds %q", found)
		}
	}
	seen := map[string]bool{}
	for _, m := range ids.FindAllStringSubmatch(a.body, -1) {
		if seen[m[1]] {
			s.Errorf("id %q twice", m[1])
		}
		seen[m[1]] = true
	}
	labelled := map[string]bool{}
	for _, m := range refs.FindAllStringSubmatch(a.body, -1) {
		if labelled[m[1]] = true; !seen[m[1]] {
			s.Errorf("nothing has the id %q", m[1])
		}
	}
	for _, at := range control.FindAllStringIndex(a.body, -1) {
		tag, before := a.body[at[0]:at[1]], a.body[:at[0]]
		wrapped := strings.LastIndex(before, "<label") > strings.LastIndex(before, "</label")
		id := ids.FindStringSubmatch(tag)
		if !strings.Contains(tag, `type="hidden"`) && !wrapped && (id == nil || !labelled[id[1]]) {
			s.Errorf("no label for %s", tag)
		}
	}
	return a.body
}

// has checks that a page says something.
func (s *site) has(page string, texts ...string) {
	s.Helper()
	page = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "’", "'", "&#39;", "'", "&amp;", "&").Replace(page)
	for _, text := range texts {
		if !strings.Contains(page, text) {
			s.Errorf("page does not say %q", text)
		}
	}
}
