package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
)

// filled puts plausible values where a sample has none, so that it says something.
func filled(v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, inner := range v {
			out[k] = filled(inner, k)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = filled(v[i], key)
		}
		return out
	case string:
		if v != "" && v != "0000000000.000000" {
			return v
		}
		switch key {
		case "ts", "event_ts", "thread_ts", "deleted_ts", "latest_reply":
			return "1700000000.000100"
		case "team_id":
			return "T1"
		case "event_id":
			return "Ev1"
		case "channel", "id", "user", "user_id", "reaction", "name", "text", "bot_id", "old_channel_id", "new_channel_id", "bot", "oauth":
			return "C1"
		}
		return v
	}
	return v
}

// TestSamples receives third parties' samples of every event, blank and filled
// in, and cut anywhere.
func TestSamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(corpus(t, "webhooks", "slack-events"), "*.json"))
	if err != nil || len(files) < 80 {
		t.Fatalf("%d samples: %v", len(files), err)
	}
	meant := map[string]bool{}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		full, ok := filled(v, "").(map[string]any)
		if !ok {
			t.Fatal(name)
		}
		full["type"] = "event_callback"
		whole, err := json.Marshal(full)
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range [][]byte{raw, whole} {
			d, err := read(body, always)
			if err != nil {
				t.Errorf("%s: %v", filepath.Base(name), err)
			}
			for _, p := range d.Parcels {
				b, err := New().Normalize(p.Payload)
				if err != nil {
					t.Errorf("%s: %v", filepath.Base(name), err)
				}
				check(t, b)
			}
			if len(d.Parcels)+len(d.Notices) > 0 {
				meant[filepath.Base(name)] = true
			}
		}
		for i := 0; i < len(whole); i += 7 {
			var refusal *connectors.RefusedError
			if _, err := read(whole[:i], always); !errors.As(err, &refusal) {
				t.Fatalf("%s cut at %d: %v", filepath.Base(name), i, err)
			}
		}
	}
	want := []string{
		"AppRateLimitedPayload.json", "AppUninstalledPayload.json", "ChannelArchivePayload.json", "ChannelCreatedPayload.json", "ChannelDeletedPayload.json",
		"ChannelIdChangedPayload.json", "ChannelLeftPayload.json", "ChannelRenamePayload.json", "ChannelUnarchivePayload.json", "GroupArchivePayload.json",
		"GroupDeletedPayload.json", "GroupLeftPayload.json", "GroupRenamePayload.json", "GroupUnarchivePayload.json", "MessageBotPayload.json",
		"MessageChannelJoinPayload.json", "MessageDeletedPayload.json", "MessageFileSharePayload.json", "MessageMePayload.json", "MessagePayload.json",
		"MessageThreadBroadcastPayload.json", "TeamJoinPayload.json", "TokensRevokedPayload.json", "UserChangePayload.json",
	}
	for _, name := range want {
		if !meant[name] {
			t.Errorf("%s means nothing; meant were %v", name, slices.Sorted(maps.Keys(meant)))
		}
	}
}

// TestSampleAnswers reads third parties' samples of the Web API's answers.
func TestSampleAnswers(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(corpus(t, "webhooks", "slack-api"), "*.json"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d samples: %v", len(files), err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		whole, err := json.Marshal(filled(v, ""))
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range [][]byte{raw, whole} {
			payloads := readSample(t, filepath.Base(name), body)
			for _, p := range payloads {
				if b, err := New().Normalize(p); err != nil {
					t.Errorf("%s: %v", filepath.Base(name), err)
				} else {
					check(t, b)
				}
			}
		}
	}
}

// readSample reads an answer as the backfill does.
func readSample(t *testing.T, name string, body []byte) []connectors.Payload {
	t.Helper()
	b := backfill{cursor: cursor{Phase: phaseRead, Left: []place{{ID: "C1"}}}, conn: connectors.Connection{ExternalID: "T1"}}
	_, err := readAnswer(bytes.NewReader(body), func(key string, v jsonstream.Value) error {
		switch key {
		case "channels":
			return elements(v, b.channel)
		case "members":
			return elements(v, func(raw []byte) { _, _ = decodeUser(raw) })
		case "messages":
			return elements(v, func(raw []byte) {
				e := messageEvent{}
				if err := object(raw, e.field); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if e.ts = string(parseStamp(e.ts)); e.ts != "" {
					e.message.channel = "C1"
					b.message(&e)
					e.opens(time.Time{})
				}
			})
		}
		return nil
	})
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return b.out.Payloads
}
