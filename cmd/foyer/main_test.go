package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		beCommand()
		return
	}
	dbtest.Main(m)
}

// foyer runs a command against a database and returns what it printed.
func foyer(t testing.TB, url string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errOut bytes.Buffer
	err = run(t.Context(), args, []string{"DATABASE_URL=" + url, "FOYER_DATA_DIR=" + t.TempDir(), "LANG=en_GB.UTF-8"},
		strings.NewReader(""), &out, &errOut)
	return out.String(), errOut.String(), err
}

// report runs an import with --json.
func report(t testing.TB, url string, args ...string) importReport {
	t.Helper()
	out, errOut, err := foyer(t, url, append([]string{"import", "--json"}, args...)...)
	if err != nil {
		t.Fatalf("import %v: %v\n%s", args, err, errOut)
	}
	var r importReport
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &r); err != nil {
		t.Fatalf("the last line is no report: %v\n%s", err, out)
	}
	return r
}

// slackExport writes a small workspace of a week in 2021 and returns its folder.
func slackExport(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, v any) {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	type m = map[string]any
	ts := func(day, hour int) string {
		return fmt.Sprintf("%d.000100", time.Date(2021, 1, day, hour, 0, 0, 0, time.UTC).Unix())
	}
	write("channels.json", []m{{"id": "C1", "name": "general"}})
	write("users.json", []m{
		{"id": "U1", "name": "ada", "team_id": "T1", "profile": m{"real_name": "Ada"}},
		{"id": "U2", "name": "bob", "team_id": "T1", "profile": m{"real_name": "Bob"}},
		{"id": "U3", "name": "quiet", "team_id": "T1", "profile": m{"real_name": "Quiet"}},
		{"id": "U4", "name": "robot", "team_id": "T1", "is_bot": true, "profile": m{"real_name": "Robot"}},
	})
	write("general/2021-01-04.json", []m{
		{"type": "message", "user": "U1", "ts": ts(4, 9), "text": "How do I thread the overlocker?", "thread_ts": ts(4, 9), "reply_count": 1},
		{"type": "message", "user": "U2", "ts": ts(4, 10), "text": "Left needle first.", "thread_ts": ts(4, 9), "parent_user_id": "U1"},
		{"type": "message", "subtype": "bot_message", "bot_id": "B1", "ts": ts(4, 11), "text": "Build passed"},
		{"type": "message", "subtype": "channel_join", "user": "U3", "ts": ts(4, 12), "text": "joined"},
	})
	write("general/2021-01-05.json", []m{
		{
			"type": "message", "user": "U1", "ts": ts(5, 9), "text": "Thank you <@U2>!",
			"reactions": []m{{"name": "tada", "users": []string{"U2"}, "count": 1}},
		},
		{"type": "message", "user": "U2", "text": "no time"},
	})
	return dir
}

func TestImportThenFigures(t *testing.T) {
	t.Parallel()
	url, dir := dbtest.URL(t), slackExport(t)
	r := report(t, url, "--community", "Atelier", "--time-zone", "Europe/Paris", dir)
	if r.Source != "slack" || r.Messages != 4 || r.Reactions != 1 || r.Members != 3 || r.Channels != 1 || r.Joins != 0 {
		t.Errorf("report: %+v", r)
	}
	if len(r.Refused) != 1 || r.Refused[0].File != "general/2021-01-05.json" || r.Refused[0].Reason != "no_time" {
		t.Errorf("refused: %+v", r.Refused)
	}
	again := report(t, url, "--community", "atelier", dir)
	if again.Messages != 4 || again.Activities != r.Activities || again.Duplicates == 0 {
		t.Errorf("the second time: %+v", again)
	}
	out, _, err := foyer(t, url, "kpis", "--community", "Atelier", "--from", "2021-01-04", "--to", "2021-01-11", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Community string
		TimeZone  string `json:"time_zone"`
		KPIs      map[string]struct {
			Value, Numerator, Denominator *float64
			Reason                        *string
			Formula                       string
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Community != "Atelier" || got.TimeZone != "Europe/Paris" || len(got.KPIs) != 16 {
		t.Errorf("%q in %q with %d figures", got.Community, got.TimeZone, len(got.KPIs))
	}
	for key, want := range map[string]float64{
		"contributions": 3, "messages_per_active": 1.5, "horizontal_share": 1, "people_talking": 2,
		"first_reply": 3600, "peer_answers": 1, "unanswered": 0, "concentration": 1,
	} {
		if v := got.KPIs[key]; v.Value == nil || *v.Value != want {
			t.Errorf("%s: %+v, want %v", key, v, want)
		}
	}
	for key, want := range map[string]string{"retention_factor": "joins_not_measured", "leavers": "leaves_not_measured"} {
		if v := got.KPIs[key]; v.Value != nil || v.Reason == nil || *v.Reason != want {
			t.Errorf("%s: %+v, want the reason %s", key, v, want)
		}
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	report(t, url, "--community", "Atelier", slackExport(t))
	csv, _, err := foyer(t, url, "export", "activities", "--community", "Atelier", "--from", "2021-01-05")
	if err != nil || strings.Count(csv, "\n") != 3 || !strings.HasPrefix(csv, "occurred_at,") {
		t.Errorf("csv: %v\n%s", err, csv)
	}
	lines, _, err := foyer(t, url, "export", "activities", "--community", "Atelier", "--format", "jsonl")
	if err != nil || strings.Count(lines, "\n") != 6 || !json.Valid([]byte(strings.SplitN(lines, "\n", 2)[0])) {
		t.Errorf("jsonl: %v\n%s", err, lines)
	}
}

func TestBadCommandLines(t *testing.T) {
	t.Parallel()
	url, dir := dbtest.URL(t), slackExport(t)
	empty := filepath.Join(t.TempDir(), "empty.json")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"frobnicate"}, "no command"},
		{[]string{"import", dir}, "--community"},
		{[]string{"import", "--community", "X"}, "files or folders"},
		{[]string{"import", "--community", "X", "--time-zone", "Mars/Olympus", dir}, "Mars/Olympus"},
		{[]string{"import", "--community", "X", "--source", "myspace", dir}, "myspace"},
		{[]string{"import", "--community", "X", "--source", "discord", dir}, "chosen source"},
		{[]string{"import", "--community", "X", "/does/not/exist"}, "no such file"},
		{[]string{"import", "--community", "X", empty}, "empty.json"},
		{[]string{"kpis", "--community", "Nobody", "--from", "2021-01-01", "--to", "2021-02-01"}, "Nobody"},
		{[]string{"kpis", "--community", "X", "--from", "2021-13-01", "--to", "2021-02-01"}, "2021-13-01"},
		{[]string{"kpis", "--community", "X", "--from", "2021-02-01", "--to", "2021-02-01"}, "after"},
		{[]string{"export", "secrets"}, "activities"},
		{[]string{"serve", "--addr", "0.0.0.0:8080"}, "loopback"},
		{[]string{"serve", "--addr", "192.168.1.5:8080"}, "127.0.0.1"},
		{[]string{"serve", "--role", "king"}, "king"},
	} {
		if test.want == "loopback" {
			test.want = "other machines"
		}
		_, _, err := foyer(t, url, test.args...)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want something about %q", test.args, err, test.want)
		}
	}
}

func TestConfigReportsEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := readConfig([]string{"FOYER_LOG_FORMAT=xml", "FOYER_MAX_UPLOAD_MB=0", "HOME=/nowhere"})
	if err == nil || !strings.Contains(err.Error(), "FOYER_LOG_FORMAT") || !strings.Contains(err.Error(), "FOYER_MAX_UPLOAD_MB") {
		t.Errorf("%v", err)
	}
}

// TestServeStops serves, answers and stops when told.
func TestServeStops(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	out := &lockedBuffer{}
	env := []string{"DATABASE_URL=" + url, "FOYER_DATA_DIR=" + t.TempDir(), "FOYER_FX_URL=off", "FOYER_LOG_LEVEL=error", "LANG=C"}
	go func() {
		done <- run(ctx, []string{"serve", "--addr", "127.0.0.1:0"}, env, strings.NewReader(""), out, os.Stderr)
	}()
	address := out.waitFor(t, "http://127.0.0.1:")
	status := get(t, address+"/healthz")
	if status != 200 {
		t.Errorf("healthz: %d", status)
	}
	cancel()
	select {
	case err := <-done:
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("serve: %v", err)
		}
	case <-time.After(40 * time.Second):
		t.Fatal("serve does not stop")
	}
}

// TestKilledImportLosesNothing kills the process at several moments, lets a
// worker take the import up, and imports again.
func TestKilledImportLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	binary := filepath.Join(dir, "foyer")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const messages = 40_000
	chat := filepath.Join(dir, "WhatsApp Chat with Atelier.txt")
	var b strings.Builder
	base := time.Date(2024, 1, 13, 8, 0, 0, 0, time.UTC)
	for i := range messages {
		fmt.Fprintf(&b, "%s - P%d: hello %d\n", base.Add(time.Duration(i)*time.Minute).Format("02/01/2006, 15:04"), i%23, i)
	}
	if err := os.WriteFile(chat, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	url := dbtest.URL(t)
	env := append(os.Environ(), "DATABASE_URL="+url, "FOYER_DATA_DIR="+dir, "FOYER_FX_URL=off", "FOYER_LOG_LEVEL=error")
	command := func(args ...string) *exec.Cmd {
		c := exec.Command(binary, args...)
		c.Env = env
		return c
	}
	for _, after := range []time.Duration{150, 400, 700, 1000} {
		c := command("import", "--community", "Atelier", "--time-zone", "UTC", chat)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after * time.Millisecond)
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	// What the dead left is taken up by a worker, beside a further import.
	worker := command("serve", "--role", "worker")
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = worker.Process.Kill(); _ = worker.Wait() }()
	r := report(t, url, "--community", "Atelier", chat)
	if r.Messages != messages || r.Members != 23 {
		t.Errorf("%d messages by %d members, want %d by 23", r.Messages, r.Members, messages)
	}
	pool := testStore(t, url).Pool()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		var left, failed int
		if err := pool.QueryRow(store.Across(t.Context()), `select count(*) filter (where state in ('waiting', 'running')), count(*) filter (where state = 'failed') from import`).
			Scan(&left, &failed); err != nil {
			t.Fatal(err)
		}
		if failed > 0 {
			t.Fatalf("%d imports failed", failed)
		}
		if left == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d imports were never taken up", left)
		}
		time.Sleep(200 * time.Millisecond)
	}
	out, _, err := foyer(t, url, "kpis", "--community", "Atelier", "--from", "2024-01-01", "--to", "2024-03-01", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		KPIs map[string]struct{ Value *float64 }
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if v := got.KPIs["contributions"].Value; v == nil || *v != messages {
		t.Errorf("contributions: %v, want %d", v, messages)
	}
}
