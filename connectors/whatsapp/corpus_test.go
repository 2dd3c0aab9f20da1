package whatsapp_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// corpus is the folder of real exports, or the test is skipped.
func corpus(t *testing.T, set string) string {
	t.Helper()
	root := os.Getenv("FOYER_CORPUS")
	if root == "" {
		t.Skip("SKIPPED: FOYER_CORPUS is not set, so no real WhatsApp export is read")
	}
	return filepath.Join(root, "whatsapp", set)
}

func readFile(t *testing.T, parts ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestCorpusChatMiner(t *testing.T) {
	dir := corpus(t, "chat-miner")
	var truth struct {
		Truth struct {
			Files        int `json:"files"`
			UserMessages int `json:"user_messages"`
			ByFile       map[string]struct {
				DateOrder    string         `json:"date_order"`
				Records      int            `json:"records"`
				System       int            `json:"system"`
				UserMessages int            `json:"user_messages"`
				Authors      map[string]int `json:"authors"`
				First        string         `json:"first"`
				Last         string         `json:"last"`
				PerDay       map[string]int `json:"per_day"`
			} `json:"by_file"`
		} `json:"truth"`
	}
	if err := json.Unmarshal(readFile(t, dir, "truth.json"), &truth); err != nil {
		t.Fatal(err)
	}
	total := 0
	for path, want := range truth.Truth.ByFile {
		name := filepath.Base(path)
		out := importText(t, name, string(readFile(t, dir, name)), connectors.ImportOptions{})
		if out.err != nil || len(out.refusals) > 0 {
			t.Errorf("%s: %v, refused %v", name, out.err, out.refusals)
			continue
		}
		if got := out.sources[0].Decisions["date_order"]; got != strings.ToLower(want.DateOrder) {
			t.Errorf("%s: date order %q, want %q", name, got, want.DateOrder)
		}
		authors, days, first, last, messages := map[string]int{}, map[string]int{}, "", "", 0
		for _, a := range out.batch.Activities {
			if a.Kind != community.Message || a.Deleted {
				continue
			}
			messages++
			authors[strings.TrimPrefix(a.Actor, "name:")]++
			days[a.At.Format("2006-01-02")]++
			if last = a.At.Format("2006-01-02T15:04:05"); first == "" {
				first = last
			}
		}
		total += messages
		if len(out.payloads) != want.Records || messages != want.UserMessages || len(out.batch.Activities)-messages != want.System {
			t.Errorf("%s: %d records, %d messages, want %d, %d", name, len(out.payloads), messages, want.Records, want.UserMessages)
		}
		if !equal(authors, want.Authors) || !equal(days, want.PerDay) || first != want.First || last != want.Last {
			t.Errorf("%s: authors %v, days %v, %s to %s; want %v, %v, %s to %s",
				name, authors, days, first, last, want.Authors, want.PerDay, want.First, want.Last)
		}
	}
	if len(truth.Truth.ByFile) != truth.Truth.Files || total != truth.Truth.UserMessages || total == 0 {
		t.Errorf("%d messages, want %d", total, truth.Truth.UserMessages)
	}
}

func equal(a, b map[string]int) bool {
	if len(a) != len(b) {
		return false
	}
	for key, n := range a {
		if b[key] != n {
			return false
		}
	}
	return true
}

// expected is one record as that set's author reads it.
type expected struct {
	Author    string `json:"author"`
	Kind      string `json:"kind"`
	Timestamp string `json:"timestamp"`
	Text      string `json:"text"`
	System    struct {
		Event string `json:"event"`
	} `json:"system"`
}

// eventNames are our words for that set's.
var eventNames = map[string]string{
	"e2e_encrypted": "e2e", "group_created": "created", "missed_voice_call": "call",
	"member_added": community.DetailAdded, "member_left": community.DetailLeft,
}

func TestCorpusChatCarve(t *testing.T) {
	dir := corpus(t, "chatcarve")
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			var opts connectors.ImportOptions
			out := importText(t, name, string(readFile(t, file)), opts)
			if out.err != nil || len(out.refusals) > 0 {
				t.Fatalf("%v, refused %v", out.err, out.refusals)
			}
			wants := bytes.Split(bytes.TrimSpace(readFile(t, dir, "expected", strings.TrimSuffix(name, ".txt")+".jsonl")), []byte("\n"))
			if len(out.batch.Activities) != len(wants) {
				t.Fatalf("%d activities, want %d", len(out.batch.Activities), len(wants))
			}
			for i, raw := range wants {
				var want expected
				if err := json.Unmarshal(raw, &want); err != nil {
					t.Fatal(err)
				}
				compare(t, i, out.batch.Activities[i], want)
			}
		})
	}
}

func compare(t *testing.T, i int, a community.Activity, want expected) {
	t.Helper()
	if got := a.At.Format("2006-01-02T15:04:05"); got != want.Timestamp {
		t.Errorf("record %d: at %s, want %s", i, got, want.Timestamp)
	}
	if want.Kind == "system" {
		if a.Kind == community.Message || a.Detail != eventNames[want.System.Event] {
			t.Errorf("record %d: kind %d, detail %q, want system %q", i, a.Kind, a.Detail, want.System.Event)
		}
		return
	}
	if a.Kind != community.Message || a.Actor != "name:"+want.Author || a.Deleted != (want.Kind == "deleted") {
		t.Errorf("record %d: kind %d by %q, deleted %v, want %s by %q", i, a.Kind, a.Actor, a.Deleted, want.Kind, want.Author)
	}
	length := len([]rune(want.Text))
	if want.Kind != "text" {
		length = 0
	}
	if a.Features.Length != length {
		t.Errorf("record %d: length %d, want %d", i, a.Features.Length, length)
	}
}
