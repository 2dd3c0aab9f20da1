package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

// throwawayRoot is a folder that the database's user can enter, unlike t.TempDir's.
func throwawayRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "foyer-demo-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// demoEnv is the environment of a demo: a database address in it must not matter.
func demoEnv(more ...string) []string {
	return append([]string{
		"DATABASE_URL=postgres://nobody@127.0.0.1:1/nothing", "FOYER_URL=https://foyer.example", "HOME=/nowhere",
		"FOYER_PG_BINDIR=" + os.Getenv("FOYER_TEST_PG_BINDIR"), "FOYER_LOG_LEVEL=error", "LANG=C",
	}, more...)
}

// read returns a page and where it was found.
func read(t testing.TB, client *http.Client, url string) (page, path string) {
	t.Helper()
	res, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), res.Request.URL.Path
}

// TestDemo lives a whole demo: the link, the figures, the end that leaves nothing.
func TestDemo(t *testing.T) {
	t.Parallel()
	dir := throwawayRoot(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, done, begin := &lockedBuffer{}, make(chan error, 1), time.Now()
	go func() {
		done <- run(ctx, []string{"demo", "--open=false"}, demoEnv("TMPDIR="+dir), strings.NewReader(""), out, os.Stderr)
	}()
	link := out.waitFor(t, "http://127.0.0.1:")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: time.Minute}
	site, _, _ := strings.Cut(link, "/demo?")
	if _, path := read(t, client, link); !strings.HasPrefix(path, "/communities/1") {
		t.Fatalf("the link leads to %s", path)
	}
	if _, path := read(t, &http.Client{}, link); path != "/sign-in" {
		t.Errorf("the link lets in twice: %s", path)
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		page, _ := read(t, client, site+"/communities/1")
		if strings.Contains(page, `class="tile`) {
			t.Logf("figures after %v", time.Since(begin).Round(time.Millisecond))
			if !strings.Contains(page, "These are sample data.") || strings.Contains(page, "/sample/leave") {
				t.Error("the page does not say what it shows, or leads to an organisation that is not there")
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no figures:\n%.1000s", page)
		}
	}
	if page, _ := read(t, client, site+"/communities/2"); !strings.Contains(page, "Ambassadrices") {
		t.Error("the second community is not there")
	}
	cancel()
	select {
	case err := <-done:
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("demo: %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the demo does not stop")
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestBadDemos(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"reachable from elsewhere": {[]string{"--addr", "0.0.0.0:8080"}, "for this one only"},
		"an argument too many":     {[]string{"everything"}, "not expected"},
		"an unknown flag":          {[]string{"--forever"}, "forever"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			err := run(t.Context(), append([]string{"demo"}, tt.args...), demoEnv("TMPDIR="+dir), strings.NewReader(""), io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want something about %q", err, tt.want)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// TestDemoLeavesOthersAlone: where people work, nobody is let in by a link; the
// demo's own directory serves it again.
func TestDemoLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	tm := terminal{in: strings.NewReader(""), out: io.Discard, err: io.Discard, locale: localeOf(nil)}
	c, err := readConfig([]string{"FOYER_DATA_DIR=" + t.TempDir()})
	if err != nil || !c.dataDirGiven {
		t.Fatalf("%+v, %v", c, err)
	}
	s, log := store.New(dbtest.New(t)), slog.New(slog.DiscardHandler)
	first, err := prepareDemo(t.Context(), c, tm, s, log)
	if err != nil {
		t.Fatal(err)
	}
	again, err := prepareDemo(t.Context(), c, tm, s, log)
	if err != nil || again == first {
		t.Fatalf("the second time: %v", err)
	}
	if n, err := s.Organisations(t.Context()); err != nil || len(n) != 1 || !n[0].Sample {
		t.Errorf("organisations: %+v, %v", n, err)
	}
	u, err := s.UserByEmail(t.Context(), demoEmail)
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.SampleOf(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Communities(t.Context(), o.ID)
	if err != nil || len(list) != 2 {
		t.Fatalf("communities: %+v, %v", list, err)
	}
	for n, platforms := range [][]community.Platform{{"slack"}, {"discord", "whatsapp"}} {
		imports, err := s.Imports(t.Context(), list[n].Scope)
		if err != nil || len(imports) != len(platforms) {
			t.Errorf("%s: %+v, %v", list[n].Name, imports, err)
		}
		for _, i := range imports {
			if !slices.Contains(platforms, i.Source) || !i.Owned {
				t.Errorf("%s: an import of %s", list[n].Name, i.Source)
			}
		}
	}

	s = store.New(dbtest.New(t))
	_, _, err = s.CreateFirst(t.Context(), store.User{Email: "zoe@atelier.example", Handle: []byte("zoe")},
		store.Organisation{Name: "Atelier", Kind: "brand", TimeZone: "Europe/Paris", Currency: "EUR", Language: "fr"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := prepareDemo(t.Context(), c, tm, s, log); err == nil || !strings.Contains(err.Error(), "people work with") {
		t.Errorf("a demo in somebody's Foyer: %v", err)
	}
}
