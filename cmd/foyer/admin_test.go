package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
)

// instance is a database and a data directory that commands share.
type instance struct {
	testing.TB
	url, dir string
	more     []string // of the environment
}

func newInstance(t testing.TB, more ...string) instance {
	t.Helper()
	return instance{t, dbtest.URL(t), t.TempDir(), more}
}

func (n instance) environ() []string {
	return append([]string{"DATABASE_URL=" + n.url, "FOYER_DATA_DIR=" + n.dir, "FOYER_FX_URL=off", "LANG=en_GB.UTF-8"}, n.more...)
}

// run runs a command with an input and returns what it printed.
func (n instance) run(input string, args ...string) (string, error) {
	n.Helper()
	var out bytes.Buffer
	err := run(n.Context(), args, n.environ(), strings.NewReader(input), &out, &out)
	return out.String(), err
}

func (n instance) must(input string, args ...string) string {
	n.Helper()
	out, err := n.run(input, args...)
	if err != nil {
		n.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

// serve serves until the test ends and returns the address.
func (n instance) serve(out *lockedBuffer) string {
	n.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"serve", "--addr", "127.0.0.1:0"}, n.environ(), strings.NewReader(""), out, out)
	}()
	n.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			n.Errorf("serve: %v", err)
		}
	})
	return out.waitFor(n, "http://127.0.0.1:")
}

// visitor is a browser.
type visitor struct {
	testing.TB
	client *http.Client
	base   string
}

func (n instance) visitor(base string) visitor {
	n.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		n.Fatal(err)
	}
	return visitor{n.TB, &http.Client{Jar: jar, Timeout: time.Minute}, base}
}

// post sends a form and returns where it led.
func (v visitor) post(path string, form url.Values) (status int, at string) {
	v.Helper()
	res, err := v.client.PostForm(v.base+path, form)
	if err != nil {
		v.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode, res.Request.URL.Path
}

var linkOf = regexp.MustCompile(`\S+/one-time\?token=\S+`)

const strongPassword = "quatre mots sous la braise"

func TestAdminCreatesOwners(t *testing.T) {
	t.Parallel()
	n := newInstance(t)
	out := n.must("", "admin", "create-owner", "--email", "Zoe@Atelier.example", "--name", "Zoé", "--organisation", "Atelier")
	link := linkOf.FindString(out)
	if link == "" {
		t.Fatalf("no link in %q", out)
	}
	if _, err := n.run("hunter2\n", "admin", "create-owner", "--email", "lea@agence.example", "--name", "Léa", "--organisation", "Agence", "--password"); err == nil {
		t.Error("a weak password is taken")
	}
	out = n.must(strongPassword+"\n", "admin", "create-owner", "--email", "lea@agence.example", "--name", "Léa", "--organisation", "Agence", "--kind", "agency", "--password")
	if linkOf.MatchString(out) || strings.Contains(out, strongPassword) {
		t.Errorf("printed %q", out)
	}
	// A known person gets one more organisation, or a seat in one that is there.
	out = n.must("", "admin", "create-owner", "--email", "lea@agence.example", "--name", "Léa", "--organisation", "atelier")
	if linkOf.MatchString(out) {
		t.Error("a link for somebody who has a password")
	}
	var list []organisationLine
	if err := json.Unmarshal([]byte(n.must("", "admin", "list-organisations", "--json")), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Name != "Agence" || list[0].Kind != "agency" || list[1].Colleagues != 2 {
		t.Errorf("%+v", list)
	}
	if out = n.must("", "admin", "list-organisations"); !strings.Contains(out, "Atelier (brand)") {
		t.Error(out)
	}

	base := n.serve(&lockedBuffer{})
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	first := n.visitor(base)
	for range 2 { // looking does not spend it
		res, err := first.client.Get(base + u.RequestURI())
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 200 || res.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("the link answers %d, %q", res.StatusCode, res.Header.Get("Referrer-Policy"))
		}
	}
	form := url.Values{"token": {u.Query().Get("token")}, "password": {"atelier"}}
	if status, _ := first.post("/one-time", form); status != http.StatusUnprocessableEntity {
		t.Errorf("a weak password: %d", status)
	}
	form.Set("password", strongPassword)
	if status, at := first.post("/one-time", form); status != 200 || at != "/start" {
		t.Errorf("the link leads to %d %s", status, at)
	}
	if status, _ := n.visitor(base).post("/one-time", form); status != http.StatusGone {
		t.Errorf("the link works twice: %d", status)
	}
	signIn := url.Values{"email": {"lea@agence.example"}, "password": {strongPassword}}
	if status, at := n.visitor(base).post("/sign-in", signIn); status != 200 || at == "/sign-in" {
		t.Errorf("sign in: %d %s", status, at)
	}
	// Out, and in again.
	n.must("", "admin", "disable-user", "--email", "lea@agence.example")
	if status, _ := n.visitor(base).post("/sign-in", signIn); status != http.StatusUnprocessableEntity {
		t.Errorf("a disabled person signs in: %d", status)
	}
	if _, err := n.run("", "admin", "reset-password", "--email", "lea@agence.example"); err == nil {
		t.Error("a link for a disabled person")
	}
	n.must("", "admin", "disable-user", "--email", "lea@agence.example", "--undo")
	n.must("", "admin", "make-operator", "--email", "lea@agence.example")
	if out := n.must("", "admin", "reset-password", "--email", "lea@agence.example"); !linkOf.MatchString(out) {
		t.Errorf("no link in %q", out)
	}
	for _, args := range [][]string{{}, {"dance"}, {"create-owner", "--email", "x"}, {"reset-password", "--email", "nobody@x.example"}, {"make-operator"}, {"rotate-keys", "now"}} {
		if _, err := n.run("", append([]string{"admin"}, args...)...); err == nil {
			t.Errorf("admin %v does something", args)
		}
	}
}

// TestRotateKeys rotates while a server of the same keys reads and writes.
func TestRotateKeys(t *testing.T) {
	t.Parallel()
	n := newInstance(t)
	n.must(strongPassword, "admin", "create-owner", "--email", "zoe@atelier.example", "--name", "Zoé", "--organisation", "Atelier", "--password")
	base := n.serve(&lockedBuffer{})
	v := n.visitor(base)
	if status, at := v.post("/sign-in", url.Values{"email": {"zoe@atelier.example"}, "password": {strongPassword}}); status != 200 || at == "/sign-in" {
		t.Fatalf("sign in: %d %s", status, at)
	}
	keyFile := filepath.Join(n.dir, "keys")
	running, err := vault.Load(keyFile) // as the server has it
	if err != nil {
		t.Fatal(err)
	}
	s := testStore(t, n.url)
	first := running.Primary()
	stop, written := make(chan struct{}), make(chan int, 1)
	end := sync.OnceFunc(func() { close(stop) })
	defer end() // a failure must not leave the writer behind: its own errors would hide the first
	go func() {
		i := 0
		for {
			select {
			case <-stop:
				written <- i
				return
			default:
			}
			text := fmt.Sprintf("letter %d", i)
			if _, err := s.PostLetter(t.Context(), store.Letter{Kind: "test", Recipient: "x@y.example", Subject: text, Sealed: running.Seal(store.PurposeLetter, []byte(text)), State: store.LetterKept}); err != nil {
				if t.Context().Err() == nil {
					t.Error(err)
				}
				written <- i
				return
			}
			i++
			time.Sleep(2 * time.Millisecond)
		}
	}()
	time.Sleep(100 * time.Millisecond)
	for range 2 {
		n.must("", "admin", "rotate-keys")
	}
	n.must("", "admin", "rotate-keys", "--retire")
	time.Sleep(50 * time.Millisecond)
	end()
	count := <-written
	after, err := vault.Load(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	if ids := after.IDs(); len(ids) != 1 || ids[0] == first {
		t.Errorf("keys %v are left", ids)
	}
	list, err := s.Letters(t.Context(), 0, 0, count+1)
	if err != nil || len(list) != count || count < 10 {
		t.Fatalf("%d letters of %d, %v", len(list), count, err)
	}
	for _, l := range list {
		if plain, err := after.Open(store.PurposeLetter, l.Sealed); err != nil || string(plain) != l.Subject {
			t.Fatalf("%s: %q, %v", l.Subject, plain, err)
		}
	}
	if status := get(t, base+"/healthz"); status != 200 {
		t.Errorf("the server answers %d", status)
	}
	if out := n.must("", "admin", "rotate-keys", "--retire"); !strings.Contains(out, "no old key") {
		t.Error(out)
	}
	// What nobody can open keeps every key where it is.
	if _, err := s.PostLetter(t.Context(), store.Letter{Kind: "test", Recipient: "x@y.example", Sealed: []byte("broken"), State: store.LetterKept}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.run("", "admin", "rotate-keys"); err == nil {
		t.Error("nothing is said of what cannot be opened")
	}
	if _, err := n.run("", "admin", "rotate-keys", "--retire"); err == nil {
		t.Error("keys are retired though something cannot be opened")
	}
	if after, err = vault.Load(keyFile); err != nil || len(after.IDs()) != 2 {
		t.Errorf("keys %v, %v", after, err)
	}
}

func TestRotateKeysOfASetting(t *testing.T) {
	t.Parallel()
	text := strings.Join(strings.FieldsFunc(stripComments(vault.Generate()), func(r rune) bool { return r == '\n' }), ",")
	n := newInstance(t, "FOYER_KEYS="+text)
	if out := n.must("", "admin", "rotate-keys"); !strings.Contains(out, "openssl rand") {
		t.Error(out)
	}
	second := strings.SplitN(stripComments(vault.Generate()), "\n", 3)[1]
	old := text[strings.LastIndex(text, ",")+1:]
	n.more = []string{"FOYER_KEYS=" + strings.Replace(text, old, second+","+old, 1)}
	n.must("", "admin", "rotate-keys")
	id, _, _ := strings.Cut(old, ":")
	if out := n.must("", "admin", "rotate-keys", "--retire"); !strings.Contains(out, id) {
		t.Errorf("%q does not say what to remove: %s", out, id)
	}
	if _, err := os.Stat(filepath.Join(n.dir, "keys")); !os.IsNotExist(err) {
		t.Errorf("a key file was made beside the setting: %v", err)
	}
}

func stripComments(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return strings.Join(lines, "\n")
}
