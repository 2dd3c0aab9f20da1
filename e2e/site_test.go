package e2e

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// site is a running Foyer with a database of its own.
type site struct{ url string }

// start builds Foyer and serves it on a free port, with more settings if there are any.
func start(t *testing.T, more ...string) site {
	t.Helper()
	dir, err := os.MkdirTemp("", "foyer-e2e-") // not t.TempDir: the database's user must get in
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	binary := filepath.Join(dir, "foyer")
	build := exec.Command("go", "build", "-tags", "standins", "-o", binary, "./cmd/foyer")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	serve := exec.Command(binary, "serve", "--addr", "127.0.0.1:0")
	serve.Env = append(os.Environ(), "DATABASE_URL=", "FOYER_FX_URL=off", "FOYER_DATA_DIR="+filepath.Join(dir, "data"), "LANG=C.UTF-8", "FOYER_LOG_LEVEL=warn")
	serve.Env = append(serve.Env, more...)
	serve.Stderr = os.Stderr
	out, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = serve.Process.Signal(syscall.SIGTERM)
		if err := serve.Wait(); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		for word := range strings.FieldsSeq(lines.Text()) {
			if strings.HasPrefix(word, "http://") {
				return site{word}
			}
		}
	}
	t.Fatal("foyer serve never said where it listens")
	return site{}
}

// The first person of a site.
const (
	ownerEmail    = "zoe@atelier.example"
	ownerPassword = "quatre mots sous la braise"
)

// enter makes the first person in the browser.
func enter(t *testing.T, ctx context.Context, s site) {
	t.Helper()
	do(t, ctx,
		chromedp.Navigate(s.url+"/"), // leads to /welcome
		chromedp.SendKeys(chromedp.CSS(`input[name=name]`), "Zoé Martin"),
		chromedp.SendKeys(chromedp.CSS(`input[name=email]`), ownerEmail),
		chromedp.SendKeys(chromedp.CSS(`input[name=password]`), ownerPassword),
		chromedp.SendKeys(chromedp.CSS(`input[name=organisation]`), "Atelier Test"),
		chromedp.Click(chromedp.CSS(`main button`)),
		chromedp.WaitVisible(chromedp.CSS(`input[type=file]`)), // the start page
	)
}

// join makes the first person by a plain request and returns a client that is signed in.
func join(t *testing.T, s site) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: time.Minute}
	res, err := client.PostForm(s.url+"/welcome", url.Values{
		"name": {"Zoé Martin"}, "email": {ownerEmail}, "password": {ownerPassword}, "organisation": {"Atelier Test"}, "kind": {"brand"},
	})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Request.URL.Path != "/start" {
		t.Fatalf("%d at %s", res.StatusCode, res.Request.URL)
	}
	return client
}

// signedIn returns a client that is signed in as the first person.
func signedIn(t *testing.T, s site) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: time.Minute}
	res, err := client.PostForm(s.url+"/sign-in", url.Values{"email": {ownerEmail}, "password": {ownerPassword}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.Request.URL.Path == "/sign-in" {
		t.Fatalf("not signed in: %d", res.StatusCode)
	}
	return client
}

// browser returns a tab; the whole test is skipped, loudly, without a browser.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := chromium()
	if path == "" {
		t.Skip("NO CHROMIUM OR CHROME WAS FOUND: THE BROWSER TESTS DID NOT RUN")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "en-GB"), chromedp.Flag("accept-lang", "en-GB"))
	if os.Getuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 8*time.Minute)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // opens the tab, before any shorter context does
		t.Fatalf("the browser does not start: %v", err)
	}
	return ctx
}

func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
	if _, err := os.Stat(mac); err == nil {
		return mac
	}
	return ""
}

// export writes a DiscordChatExporter file of about a year and returns its path.
func export(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`{"guild":{"id":"100000000000000000","name":"Atelier"},"channel":{"id":"200000000000000000","type":"GuildTextChat","name":"general"},"messages":[`)
	begin := time.Now().UTC().AddDate(-1, 0, 0)
	const epoch = 1420070400000
	id := func(i int) int64 { return (begin.Add(time.Duration(i)*5*time.Hour).UnixMilli() - epoch) << 22 }
	for i := range 1700 {
		kind, reference := "Default", ""
		if i%3 == 2 {
			kind, reference = "Reply", fmt.Sprintf(`,"reference":{"messageId":"%d","channelId":"200000000000000000","guildId":"100000000000000000"}`, id(i-1))
		}
		if i%40 == 0 {
			kind = "GuildMemberJoin"
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"%d","type":"%s","timestamp":"%s","content":"How do I thread this, %d?","author":{"id":"3000000000000%05d","name":"person%d","isBot":false,"roles":[]},"reactions":[],"mentions":[]%s}`,
			id(i), kind, begin.Add(time.Duration(i)*5*time.Hour).Format(time.RFC3339), i, 10000+(i*7)%31, (i*7)%31, reference)
	}
	b.WriteString(`]}`)
	path := filepath.Join(t.TempDir(), "Atelier - general [200000000000000000].json")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// settled waits until the page at the address answers with the text.
func settled(t *testing.T, client *http.Client, url, text string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			continue
		}
		var page strings.Builder
		_, _ = bufio.NewReader(res.Body).WriteTo(&page)
		res.Body.Close()
		if strings.Contains(page.String(), text) {
			return
		}
	}
	t.Fatalf("%s never said %q", url, text)
}
