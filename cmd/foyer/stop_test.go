package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/dbtest"
)

// served is a running `foyer serve`.
type served struct {
	url  string
	stop context.CancelFunc
	done chan error
}

func startServe(t *testing.T, database, data string, more ...string) served {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := served{stop: cancel, done: make(chan error, 1)}
	out := &lockedBuffer{}
	env := append([]string{"DATABASE_URL=" + database, "FOYER_DATA_DIR=" + data, "FOYER_FX_URL=off", "FOYER_LOG_LEVEL=error", "LANG=C"}, more...)
	go func() {
		s.done <- run(ctx, []string{"serve", "--addr", "127.0.0.1:0"}, env, strings.NewReader(""), out, os.Stderr)
	}()
	s.url = out.waitFor(t, "http://127.0.0.1:")
	return s
}

func (s served) wait(t *testing.T) {
	t.Helper()
	select {
	case err := <-s.done:
		if err != nil {
			t.Errorf("serve: %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("serve does not stop")
	}
}

// newcomer is somebody with a session of a new instance.
func newcomer(t *testing.T, s served) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(s.url+"/welcome", url.Values{
		"name": {"Zoé"}, "email": {"zoe@atelier.example"}, "password": {"seven geese over the loire"}, "organisation": {"Atelier"}, "kind": {"brand"},
	})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("welcome: %d", res.StatusCode)
	}
	return client
}

// chat is an export of n messages by people with this letter.
func chat(letter string, n int) string {
	var b strings.Builder
	base := time.Date(2024, 1, 13, 8, 0, 0, 0, time.UTC)
	for i := range n {
		fmt.Fprintf(&b, "%s - %s%d: hello %d\n", base.Add(time.Duration(i)*time.Minute).Format("02/01/2006, 15:04"), letter, i%23, i)
	}
	return b.String()
}

// upload begins a community with a chat, and sends its second half after between.
func upload(client *http.Client, at, name, content string, between func()) (*http.Response, error) {
	out, in := io.Pipe()
	go func() {
		head := "--X\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n" + name +
			"\r\n--X\r\nContent-Disposition: form-data; name=\"zone\"\r\n\r\nUTC" +
			"\r\n--X\r\nContent-Disposition: form-data; name=\"files\"; filename=\"WhatsApp Chat with " + name + ".txt\"\r\nContent-Type: text/plain\r\n\r\n"
		half := len(content) / 2
		_, _ = io.WriteString(in, head+content[:half])
		between()
		_, _ = io.WriteString(in, content[half:]+"\r\n--X--\r\n")
		_ = in.Close()
	}()
	r, err := http.NewRequest("POST", at+"/communities", out)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "multipart/form-data; boundary=X")
	res, err := client.Do(r)
	if err == nil {
		res.Body.Close()
	}
	return res, err
}

// eventually asks until the answer is the wanted one.
func eventually[T comparable](t *testing.T, pool *pgxpool.Pool, want T, sql string) {
	t.Helper()
	var got T
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if err := pool.QueryRow(t.Context(), sql).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
	}
	t.Fatalf("%s: %v, want %v", sql, got, want)
}

// TestStopLosesNothing stops a server in the middle of an upload and of an
// import: balancers are told first, the upload is answered, and what was asked for
// is all there once somebody works again.
func TestStopLosesNothing(t *testing.T) {
	t.Parallel()
	database, data := dbtest.URL(t), t.TempDir()
	s := startServe(t, database, data, "FOYER_STOP_DELAY=1s")
	client, pool := newcomer(t, s), acrossPool(t, database)
	if got := get(t, s.url+"/readyz"); got != http.StatusOK {
		t.Errorf("ready: %d", got)
	}
	const first, second = 30_000, 500
	if res, err := upload(client, s.url, "Forge", chat("A", first), func() {}); err != nil || res.StatusCode != http.StatusSeeOther {
		t.Fatalf("first upload: %v %v", res, err)
	}
	eventually(t, pool, "running", `select coalesce(string_agg(state || error_reason, ','), '') from import`)
	res, err := upload(client, s.url, "Rempart", chat("B", second), func() {
		time.Sleep(200 * time.Millisecond) // the server reads
		s.stop()
		time.Sleep(300 * time.Millisecond)
		if got := get(t, s.url+"/readyz"); got != http.StatusServiceUnavailable {
			t.Errorf("ready while stopping: %d", got)
		}
		if got := get(t, s.url+"/healthz"); got != http.StatusOK {
			t.Errorf("healthy while stopping: %d", got)
		}
		time.Sleep(3 * time.Second)
		if res, err := http.Get(s.url + "/healthz"); err == nil {
			res.Body.Close()
			t.Error("somebody new is let in after the delay")
		}
	})
	if err != nil || res.StatusCode != http.StatusSeeOther {
		t.Fatalf("the upload that ran: %v %v", res, err)
	}
	s.wait(t)
	again := startServe(t, database, data)
	eventually(t, pool, 2, `select count(*)::int from import where state = 'done'`)
	eventually(t, pool, 0, `select count(*)::int from dirty_day`)
	for name, want := range map[string]int{"Forge": first, "Rempart": second} {
		var got int
		if err := pool.QueryRow(t.Context(), `select count(*) from activity a join community c on c.id = a.community_id where c.name = $1 and kind = 1`, name).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d messages, want %d, %v", name, got, want, err)
		}
	}
	again.stop()
	again.wait(t)
}

func TestMetricsAddress(t *testing.T) {
	t.Parallel()
	for addr, ok := range map[string]bool{
		"": true, "127.0.0.1:9090": true, "[::1]:9090": true, "0.0.0.0:9090": true, "metrics:9090": true,
		":9090": false, "9090": false, "127.0.0.1": false, "127.0.0.1:": false,
	} {
		if got := checkMetrics(addr) == ""; got != ok {
			t.Errorf("%q is taken: %v", addr, got)
		}
	}
	if _, err := readConfig([]string{"HOME=/nowhere", "FOYER_METRICS_ADDR=:9090", "FOYER_STOP_DELAY=5m"}); err == nil ||
		!strings.Contains(err.Error(), "FOYER_METRICS_ADDR") || !strings.Contains(err.Error(), "FOYER_STOP_DELAY") {
		t.Errorf("%v", err)
	}
}

// TestOperatorSeesMetricsAndJobs reads the metrics on their own address, and
// River's pages as the operator who has just signed in.
func TestOperatorSeesMetricsAndJobs(t *testing.T) {
	t.Parallel()
	out := &lockedBuffer{}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	env := []string{"DATABASE_URL=" + dbtest.URL(t), "FOYER_DATA_DIR=" + t.TempDir(), "LANG=C", "FOYER_FX_URL=off", "FOYER_METRICS_ADDR=127.0.0.1:0"}
	logs := &lockedBuffer{}
	go func() {
		done <- run(ctx, []string{"serve", "--addr", "127.0.0.1:0"}, env, strings.NewReader(""), out, logs)
	}()
	s := served{url: out.waitFor(t, "http://127.0.0.1:"), stop: cancel, done: done}
	client := newcomer(t, s)
	read := func(url string) (int, string, http.Header) {
		res, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body), res.Header
	}
	at := strings.TrimPrefix(logs.waitFor(t, "address=127.0.0.1:"), "address=")
	for range 100 { // the first scrape may come before the first request is counted
		if _, text, _ := read("http://" + at + "/metrics"); strings.Contains(text, `route="/welcome"`) && strings.Contains(text, "foyer_database_up 1") {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if status, text, _ := read("http://" + at + "/metrics"); status != 200 || !strings.Contains(text, `route="/welcome"`) || strings.Contains(text, "Atelier") {
		t.Errorf("metrics: %d", status)
	}
	status, page, header := read(s.url + "/admin/river/")
	if status != 200 || !strings.Contains(page, "/admin/river/assets/") || !strings.Contains(header.Get("Content-Security-Policy"), "style-src 'self' 'unsafe-inline'") {
		t.Errorf("job pages: %d %v %.300s", status, header, page)
	}
	if status, text, _ := read(s.url + "/admin/river/api/states"); status != 200 || !strings.Contains(text, "available") {
		t.Errorf("job states: %d %.300s", status, text)
	}
	if status, _, header := read(s.url + "/settings"); strings.Contains(header.Get("Content-Security-Policy"), "unsafe") {
		t.Errorf("settings: %d with River's policy", status)
	}
	if status := get(t, s.url+"/metrics"); status == 200 {
		t.Error("the metrics stand on the pages' address too")
	}
	cancel()
	s.wait(t)
}
