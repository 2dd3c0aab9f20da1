package slack

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

func FuzzNormalize(f *testing.F) {
	names, err := filepath.Glob("testdata/*/payload.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		p := readPayload(f, name)
		f.Add(p.Kind, p.Scope, []byte(p.Body))
	}
	f.Fuzz(func(t *testing.T, kind, scope string, body []byte) {
		p := connectors.Payload{Kind: kind, Scope: scope, Body: body}
		kept := bytes.Clone(body)
		b, err := New().Normalize(p)
		again, errAgain := New().Normalize(p)
		if !reflect.DeepEqual(b, again) || (err == nil) != (errAgain == nil) {
			t.Fatalf("twice is not the same: %+v, %v and %+v, %v", b, err, again, errAgain)
		}
		if !bytes.Equal(body, kept) {
			t.Fatal("the body was changed")
		}
		if err != nil && !reflect.DeepEqual(b, community.Batch{}) {
			t.Fatalf("an error and a batch: %v, %+v", err, b)
		}
		check(t, b)
	})
}

// check tells whether a batch keeps the contract.
func check(t *testing.T, b community.Batch) {
	t.Helper()
	seen := map[string]bool{}
	for _, a := range b.Activities {
		switch {
		case !strings.HasPrefix(a.ExternalID, "slack/"), seen[a.ExternalID]:
			t.Fatalf("id %q is foreign or repeated", a.ExternalID)
		case a.At.IsZero(), a.At.Year() > 9999, a.Amount < 1, a.Revision < 0,
			(a.Channel == "") != (a.Kind == community.Join || a.Kind == community.Leave):
			t.Fatalf("activity %+v", a)
		case (a.Parent == "") != a.ParentAt.IsZero(), a.Parent == a.ExternalID:
			t.Fatalf("parent %q at %v of %q", a.Parent, a.ParentAt, a.ExternalID)
		}
		seen[a.ExternalID] = true
		for _, s := range append([]string{a.ExternalID, a.Parent, a.Actor, a.Channel, a.Detail}, a.To...) {
			if len(s) > 512 || !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				t.Fatalf("no database stores %q", s)
			}
		}
		for _, id := range a.To {
			if id == "" || id == a.Actor {
				t.Fatalf("addressed %q by %q", a.To, a.Actor)
			}
		}
	}
	for _, i := range b.Identities {
		if i.ExternalID == "" || strings.Contains(i.Name, "\x00") || !utf8.ValidString(i.Name) {
			t.Fatalf("identity %+v", i)
		}
	}
}

// TestCut reads every case cut at every byte.
func TestCut(t *testing.T) {
	names, err := filepath.Glob("testdata/*/payload.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		p := readPayload(t, name)
		body := bytes.TrimSpace(p.Body)
		for n := range body {
			p.Body = body[:n]
			if b, err := New().Normalize(p); err == nil {
				t.Fatalf("%s cut at %d gave %+v", name, n, b)
			}
		}
	}
}

func FuzzImport(f *testing.F) {
	payload, err := os.ReadFile("testdata/thread_reply/payload.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`[{"id":"U1","team_id":"T1"}]`), []byte(`[{"id":"C1","name":"a"}]`), []byte(`[{"id":"D1"}]`), payload)
	f.Add([]byte(`[`), []byte(`{}`), []byte(``), []byte(`[{"ts":"1.000000"},{"ts":"2`))
	f.Add([]byte(``), []byte("[{\"id\":\"\xff\",\"name\":\"a\"}]"), []byte(`[]`), []byte("\xef\xbb\xbf[{\"ts\":1.5,\"bot_id\":\"B\"}]"))
	f.Fuzz(func(t *testing.T, users, channels, direct, day []byte) {
		fsys := files("users.json", string(users), "channels.json", string(channels),
			"mpims.json", string(direct), "a/2020-01-01.json", string(day), "b/2020-01-01.json", string(day))
		New().(connectors.Importer).Recognises(fsys)
		var cursor string
		whole := run(t, fsys, connectors.ImportOptions{MaxRecord: 1 << 12})
		for i, r := range whole {
			if r.Cursor == "" {
				continue
			}
			cursor = r.Cursor
			rest := run(t, fsys, connectors.ImportOptions{MaxRecord: 1 << 12, Resume: cursor})
			if !reflect.DeepEqual(show(rest[1:]), show(whole[i+1:])) {
				t.Fatalf("resumed at %q: %q, want %q", cursor, show(rest[1:]), show(whole[i+1:]))
			}
		}
		if cursor == "" {
			t.Fatal("nothing could be resumed")
		}
	})
}

// TestFlatMemory imports a day file of some 60 MB.
func TestFlatMemory(t *testing.T) {
	const bound = 4 << 20
	before := heap()
	err := importInto(synthetic(50_000), connectors.ImportOptions{}, func(_ context.Context, r connectors.Record) error {
		if used := int64(heapAt(r.Cursor)) - int64(before); used > bound {
			t.Errorf("heap grew by %d bytes until %s", used, r.Cursor)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// heapAt measures at each ten thousandth record.
func heapAt(cursor string) uint64 {
	if strings.HasSuffix(cursor, "0000") {
		return heap()
	}
	return 0
}
