package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/outbound"
)

// TestLiveDemo lives a whole demo with stand-ins: one platform is connected by the
// demo, the others as a visitor would; of each something is counted that happened
// afterwards, the overview asks for it by itself, and nothing is left at the end.
func TestLiveDemo(t *testing.T) {
	t.Parallel()
	dir := throwawayRoot(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, errOut, done := &lockedBuffer{}, &lockedBuffer{}, make(chan error, 1)
	go func() {
		// A directory of somebody's is not touched.
		env := demoEnv("TMPDIR="+dir, "FOYER_DATA_DIR=/nowhere/at/all", "FOYER_LOG_LEVEL=warn")
		done <- run(ctx, []string{"demo", "--live", "--open=false", "--pace", "600"}, env, strings.NewReader(""), out, errOut)
	}()
	sources := out.waitForEnd(t, "/connections")
	link := out.waitFor(t, "http://127.0.0.1:", "/demo?code=")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: time.Minute}
	if _, path := read(t, client, link); path != "/communities/1" {
		t.Fatalf("the link leads to %s", path)
	}
	town := strings.Replace(sources, "/communities/1/", "/communities/2/", 1)
	for _, c := range []struct{ at, platform string }{{sources, "slack"}, {town, "whatsapp"}} {
		if page, path := read(t, client, strings.Replace(c.at, "/connections", "/connect/"+c.platform, 1)); !strings.HasSuffix(path, "/connections") {
			t.Fatalf("%s is not connected: %s\n%.500s", c.platform, path, page)
		}
	}
	for _, c := range []struct{ at, platform string }{{town, "WhatsApp"}, {sources, "Discord"}, {sources, "Slack"}} {
		countsLive(t, client, c.at, c.platform)
	}
	look := out.waitFor(t, "http://127.0.0.1:", "from=")
	if page, _ := read(t, client, look); !strings.Contains(page, `id="now" hx-get="`) || !strings.Contains(page, `class="tile`) {
		t.Errorf("the overview of today does not move:\n%.2000s", page)
	}
	if c := strings.Count(out.text(), "connected:"); c != 3 {
		t.Errorf("%d platforms are said to be connected:\n%s", c, out.text())
	}
	stopped := time.Now()
	cancel()
	select {
	case err := <-done:
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("demo: %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the demo does not stop")
	}
	t.Logf("stopped in %v", time.Since(stopped).Round(time.Millisecond))
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if errOut.text() != "" {
		t.Errorf("the log says:\n%s", errOut.text())
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := http.Get("http://" + u.Host); err == nil {
		t.Error("somebody still answers")
	}
}

// settled is how long a history is counted at least before what comes on top is live.
const settled = 5 * time.Second

// countsLive waits until the history of a source is read and then until more is
// counted: that can only have happened since.
func countsLive(t *testing.T, client *http.Client, at, platform string) {
	t.Helper()
	history, since := -1, time.Time{}
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(300 * time.Millisecond) {
		page, _ := read(t, client, at)
		state, count := sourceRow(page, platform)
		switch {
		case state != "Up to date" && history < 0:
			since = time.Time{}
		case since.IsZero() && count > 0:
			since = time.Now()
		case history < 0 && count > 0 && time.Since(since) > settled:
			history = count
		case history >= 0 && count > history:
			t.Logf("%s: %d messages, then %d", platform, history, count)
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %q, %d messages of the past, %d now", platform, state, history, count)
		}
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// sourceRow reads the state and the messages of a source from the page.
func sourceRow(page, platform string) (state string, messages int) {
	_, list, _ := strings.Cut(page, `id="sources"`)
	for row := range strings.SplitSeq(list, "<li") {
		text := strings.Join(strings.Fields(tags.ReplaceAllString("<li"+row, " ")), " ")
		if !strings.HasPrefix(text, platform+" ") {
			continue
		}
		for _, s := range []string{"Up to date", "Importing", "Installing", "Rate limited"} {
			if strings.Contains(text, s) {
				state = s
			}
		}
		if m := regexp.MustCompile(`([\d,]+) messages?`).FindStringSubmatch(text); m != nil {
			messages, _ = strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
		}
		return state, messages
	}
	return "", 0
}

func TestBadLiveDemos(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"too fast":         {"--live", "--pace", "100000"},
		"too slow":         {"--live", "--pace", "0"},
		"a pace of nobody": {"--pace", "60"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(t.Context(), append([]string{"demo"}, args...), demoEnv("TMPDIR="+t.TempDir()), strings.NewReader(""), os.Stderr, os.Stderr)
			var usage *usageError
			if !errors.As(err, &usage) || !strings.Contains(err.Error(), "--pace") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestThisMachineIsOutOfReach: whatever the settings say, an instance that is no
// live demo reaches no address of this machine as a platform.
func TestThisMachineIsOutOfReach(t *testing.T) {
	t.Parallel()
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), ReadHeaderTimeout: time.Second}
	listener, other := listen(t), listen(t)
	go func() { _ = server.Serve(listener) }()
	go func() { _ = server.Serve(other) }()
	t.Cleanup(func() { server.Close() })
	base := "http://" + listener.Addr().String()
	_, port, _ := strings.Cut(listener.Addr().String(), ":")
	for name, tt := range map[string]struct {
		base, asked string
		demo, want  bool
	}{
		"the demo's stand-in":    {base, base, true, true},
		"another port of it":     {base, "http://" + other.Addr().String(), true, false},
		"by the settings":        {base, base, false, false},
		"under another spelling": {"http://[::ffff:127.0.0.1]:" + port, base, false, false},
		"as the unspecified":     {"http://0.0.0.0:" + port, "http://0.0.0.0:" + port, false, false},
		"by name":                {"http://localhost:" + port, "http://localhost:" + port, false, false},
		"by name in the demo":    {"http://localhost:" + port, base, true, false},
		"without a base":         {"", base, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, err := platformClient(tt.base, tt.demo).Get(tt.asked)
			if err == nil {
				res.Body.Close()
			}
			if (err == nil) != tt.want || err != nil && !errors.Is(err, outbound.ErrRefused) {
				t.Errorf("got %v", err)
			}
		})
	}
	c, err := readConfig([]string{"HOME=/nowhere", "FOYER_LIVING=true", "LIVING=true"})
	if err != nil || c.living != nil {
		t.Errorf("the environment opens this machine: %v", err)
	}
}
