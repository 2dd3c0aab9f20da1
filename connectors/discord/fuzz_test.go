package discord_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/discord"
)

// Whatever the body, Normalize gives an error or activities with sound keys.
func FuzzNormalize(f *testing.F) {
	cases, err := filepath.Glob("testdata/*/payload.json")
	if err != nil || len(cases) == 0 {
		f.Fatal("no cases to begin with", err)
	}
	for _, name := range cases {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		_, body, _ := strings.Cut(string(raw), `"body": `)
		f.Add("thread:815886081458176000", body[:strings.LastIndexByte(body, '}')])
	}
	f.Fuzz(func(t *testing.T, scope, body string) {
		for _, kind := range []string{
			"export.message", "export.channel", "message", "message.deleted", "reaction", "reaction.cleared",
			"member.joined", "member.left", "member", "voice", "channel", "event",
		} {
			b, err := discord.New().Normalize(connectors.Payload{Kind: kind, Scope: scope, Body: []byte(body)})
			if err != nil {
				continue
			}
			seen := map[string]bool{}
			for _, a := range b.Activities {
				if !strings.HasPrefix(a.ExternalID, "discord/") || len(a.ExternalID) > 300 || seen[a.ExternalID] {
					t.Errorf("key %q", a.ExternalID)
				}
				seen[a.ExternalID] = true
				if !utf8.ValidString(a.ExternalID) || strings.Contains(a.ExternalID, "\x00") {
					t.Errorf("key %q cannot be stored", a.ExternalID)
				}
				if a.At.IsZero() || (a.Parent == "") != a.ParentAt.IsZero() {
					t.Errorf("%q: %v, parent %q of %v", a.ExternalID, a.At, a.Parent, a.ParentAt)
				}
			}
			for _, i := range b.Identities {
				if strings.Contains(i.Name+i.Handle, "\x00") || i.ExternalID == "" {
					t.Errorf("identity %+v", i)
				}
			}
		}
	})
}

// Whatever the gateway sends, it becomes payloads that can be read, or nothing.
func FuzzDispatch(f *testing.F) {
	for _, seed := range []string{
		`{"guild_id":"1","id":"1300000000000000000","channel_id":"2","author":{"id":"3"},"content":"why?","type":0}`,
		`{"guild_id":"1","ids":["1300000000000000000"],"channel_id":"2"}`,
		`{"guild_id":"1","user_id":"3","channel_id":"2","message_id":"1300000000000000000","emoji":{"name":"x"},"member":{"user":{"id":"3"}}}`,
		`{"guild_id":"1","user":{"id":"3"},"joined_at":"2024-01-01T00:00:00Z","roles":["5"],"target_id":"3","action_type":20}`,
		`{"id":"1","roles":[{"id":"5","name":"Gold"}],"channels":[{"id":"2","type":0}],"voice_states":[{"user_id":"3","channel_id":"4"}]}`,
		`{"session_id":"s","guilds":[{"id":"1"}],"resume_gateway_url":"ws://x"}`,
		`{"guild_id":"1","guild_scheduled_event_id":"1300000000000000000","user_id":"3"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, p := range discord.TakeAll(t.Context(), newCellar().process(), []byte(body)) {
			var refused *connectors.RefusedError
			if _, err := discord.New().Normalize(p.Payload); err != nil && !errors.As(err, &refused) {
				t.Errorf("%s %s: %v", p.Payload.Kind, p.Payload.Body, err)
			}
			if p.Payload.Key == "" || p.Account == "" {
				t.Errorf("parcel %+v", p)
			}
		}
	})
}

// Whatever the file, Import ends by itself, tells each cursor once, and resumes
// behind the middle one with what is left.
func FuzzImport(f *testing.F) {
	for _, pattern := range []string{"testdata/server/export/*.json", "testdata/refused/export/*.json"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			f.Fatal("no files to begin with", err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		files := fstest.MapFS{
			"a.json": {Data: raw},
			"b.json": {Data: []byte(`{"guild":{"id":"1","name":"g"},"channel":{"id":"2"},"messages":[{}]}`)},
		}
		opts := connectors.ImportOptions{Location: time.UTC, MaxRecord: 4096}
		var records []connectors.Record
		emit := func(_ context.Context, r connectors.Record) error {
			records = append(records, r)
			return nil
		}
		importer := discord.New().(connectors.Importer)
		importer.Recognises(files)
		err := importer.Import(context.Background(), files, opts, emit)
		var refused *connectors.FileError
		if err != nil && !errors.As(err, &refused) {
			t.Fatal(err)
		}
		if err == nil && (records[0].Source == nil || records[len(records)-1].Cursor != "b.json#end") {
			t.Fatalf("begins with %+v, ends with %+v", records[0], records[len(records)-1])
		}
		full := len(records)
		records, opts.Resume = nil, "a.json#end"
		if err == nil && importer.Import(context.Background(), files, opts, emit) != nil || len(records) > full {
			t.Fatalf("resumed: %d of %d records", len(records), full)
		}
	})
}
