package slack

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/connectors"
)

// FuzzRead takes foreign envelopes: whatever comes, what is left of it can be
// normalised, and holds nothing of a text.
func FuzzRead(f *testing.F) {
	const said = "zqxjkv"
	f.Add([]byte(outer(`{"type":"message","channel":"C1","user":"U1","text":"` + said + ` <@U2>","ts":"1700000000.000100","thread_ts":"1600000000.000100","blocks":[{"text":"` + said + `"}]}`)))
	f.Add([]byte(outer(`{"type":"message","subtype":"message_changed","channel":"C1","message":{"text":"` + said + `","user":"U1","ts":"1700000000.000100","edited":{"ts":"1700000001.000000"}},"previous_message":{"text":"` + said + `"}}`)))
	f.Add([]byte(outer(`{"type":"message","subtype":"message_deleted","channel":"C1","deleted_ts":"1700000000.000100","previous_message":{"reactions":[{"name":"a","users":["U1"],"count":2}]}}`)))
	f.Add([]byte(outer(`{"type":"reaction_added","user":"U2","reaction":"tada","item":{"type":"message","channel":"C1","ts":"1700000000.000100"}}`)))
	f.Add([]byte(outer(`{"type":"user_change","user":{"id":"U1","deleted":true,"updated":1700000000,"profile":{"email":"a@example.com"},"enterprise_user":{"enterprise_id":"E1","teams":["T1"]}}}`)))
	f.Add([]byte(outer(`{"type":"channel_rename","channel":{"id":"C1","name":"\u0000\ud800x"}}`)))
	f.Add([]byte(`{"type":"url_verification","challenge":"a"}`))
	f.Add([]byte(`{"type":"app_rate_limited","team_id":"T1"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		kept := bytes.Clone(body)
		d, err := read(body, never)
		var refusal *connectors.RefusedError
		if err != nil && !errors.As(err, &refusal) {
			t.Fatal(err)
		}
		if !bytes.Equal(kept, body) {
			t.Fatal("the body was changed")
		}
		for _, p := range d.Parcels {
			if p.Account == "" || p.Payload.Key == "" {
				t.Fatalf("parcel %+v", p)
			}
			if p.Payload.Kind == liveMessage && bytes.Contains(p.Payload.Body, []byte(`"text"`)) {
				t.Fatalf("a text is left in %s", p.Payload.Body)
			}
			b, err := New().Normalize(p.Payload)
			if err != nil {
				t.Fatalf("%s of %s: %v", p.Payload.Body, body, err)
			}
			check(t, b)
		}
	})
}

// TestManifest compares the manifest in the documentation with what is read and asked for.
func TestManifest(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/slack-manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string][]string{}
	key := ""
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if item, ok := strings.CutPrefix(line, "- "); ok {
			lists[key] = append(lists[key], item)
		} else if name, ok := strings.CutSuffix(line, ":"); ok {
			key = name
		}
	}
	scopes := slices.Sorted(slices.Values(everyScope))
	if !slices.Equal(lists["bot"], scopes) {
		t.Errorf("scopes %v, want %v", lists["bot"], scopes)
	}
	if len(lists["bot_events"]) < 20 {
		t.Errorf("events %v", lists["bot_events"])
	}
	for _, event := range lists["bot_events"] {
		kind, _, _ := strings.Cut(event, ".")
		body := `{"type":"` + kind + `","channel":"C1","user":"UBOT","inviter":"U1","text":"a","ts":"1700000000.000100","reaction":"a",` +
			`"item":{"type":"message","channel":"C1","ts":"1700000000.000100"},"tokens":{"bot":["UBOT"]},"old_channel_id":"C1","new_channel_id":"C2"}`
		switch kind {
		case "channel_created", "channel_rename", "group_rename":
			body = `{"type":"` + kind + `","channel":{"id":"C1","name":"a"}}`
		case "team_join", "user_change":
			body = `{"type":"` + kind + `","user":{"id":"U1"}}`
		}
		if d := receive(t, outer(body), never); len(d.Parcels)+len(d.Notices) == 0 {
			t.Errorf("%s is subscribed to, and means nothing", event)
		}
	}
	if !strings.Contains(string(raw), "socket_mode_enabled: false") || strings.Contains(string(raw), "im:") || strings.Contains(string(raw), "message.im") {
		t.Error("socket mode, or direct messages")
	}
}
