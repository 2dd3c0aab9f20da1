package discord_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/discord"
	"github.com/foyer-app/foyer/internal/community"
)

// corpus returns a folder of the real inputs, or skips the test.
func corpus(t testing.TB, path ...string) string {
	t.Helper()
	root := os.Getenv("FOYER_CORPUS")
	if root == "" {
		t.Skip("SKIPPED: the real inputs were not read, FOYER_CORPUS does not say where they are")
	}
	dir := filepath.Join(append([]string{root}, path...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// truth is what an independent program counted.
type truth struct {
	Authors  int            `json:"authors"`
	Bots     int            `json:"bot_messages"`
	System   int            `json:"system_notifications"`
	Replies  int            `json:"replies"`
	Reacted  int            `json:"reactions_total"`
	Edited   int            `json:"edited"`
	Repeated int            `json:"duplicate_ids"`
	Hours    map[string]int `json:"by_hour_utc"`
	count
	Written count `json:"without_system_notifications"`
}

type count struct {
	Messages int            `json:"messages"`
	Authors  int            `json:"authors"`
	Once     int            `json:"authors_with_1_message"`
	Empty    int            `json:"empty_text"`
	First    time.Time      `json:"first"`
	Last     time.Time      `json:"last"`
	Active   int            `json:"active_days"`
	Channels map[string]int `json:"per_channel"`
	Days     map[string]int `json:"per_day_utc"`
	Weekdays map[string]int `json:"by_isoweekday_utc"`
}

// tally counts activities in the same way.
type tally struct {
	count
	authors map[string]int
}

func newTally() tally {
	return tally{
		count{Channels: map[string]int{}, Days: map[string]int{}, Weekdays: map[string]int{}}, map[string]int{},
	}
}

func (c *tally) add(a community.Activity, channel string) {
	c.Messages++
	c.authors[a.Actor]++
	if a.Features.Length == 0 && a.Kind == community.Message {
		c.Empty++
	}
	if c.First.IsZero() || a.At.Before(c.First) {
		c.First = a.At
	}
	if a.At.After(c.Last) {
		c.Last = a.At
	}
	c.Channels[channel]++
	c.Days[a.At.Format(time.DateOnly)]++
	c.Weekdays[strconv.Itoa((int(a.At.Weekday())+6)%7+1)]++
}

func (c *tally) done() count {
	c.Authors, c.Active = len(c.authors), len(c.Days)
	for _, n := range c.authors {
		if n == 1 {
			c.Once++
		}
	}
	c.First, c.Last = c.First.UTC(), c.Last.UTC()
	return c.count
}

func TestCorpusGivesItsTruth(t *testing.T) {
	dir := corpus(t, "discord", "pyscript")
	raw, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Truth truth }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	want := file.Truth
	got := truth{Hours: map[string]int{}}
	all, written := newTally(), newTally()
	bots, channels, ids := map[string]bool{}, map[string]string{}, map[string]bool{}
	for _, r := range read(t, os.DirFS(dir), connectors.ImportOptions{}) {
		if r.Refusal != nil && r.Refusal.File != "truth.json" {
			t.Errorf("refused %+v", r.Refusal)
		}
		if r.Payload == nil {
			continue
		}
		b, err := discord.New().Normalize(*r.Payload)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range b.Channels {
			channels[c.ExternalID] = c.Name
		}
		for _, i := range b.Identities {
			bots[i.ExternalID] = bots[i.ExternalID] || i.Bot
		}
		for _, a := range b.Activities {
			if ids[a.ExternalID] {
				got.Repeated++
			}
			ids[a.ExternalID] = true
			switch a.Kind {
			case community.Reaction:
				got.Reacted += a.Amount
				continue
			case community.Notice:
				got.System++
			case community.Message:
				written.add(a, channels[a.Channel])
				if bots[a.Actor] {
					got.Bots++
				}
				if a.Unlinked {
					got.Replies++ // the conversion of this corpus lost what they answer
				}
			}
			if a.Revision > 0 {
				got.Edited++
			}
			got.Hours[strconv.Itoa(a.At.Hour())]++
			all.add(a, channels[a.Channel])
		}
	}
	got.count, got.Written = all.done(), written.done()
	got.Authors = got.count.Authors
	want.First, want.Last = want.First.UTC(), want.Last.UTC()
	want.Written.First, want.Written.Last = want.Written.First.UTC(), want.Written.Last.UTC()
	want.Empty, want.count.Authors = got.Empty, want.Authors // notices have no text here
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nnot\n%s", brief(got), brief(want))
	}
}

func brief(v truth) string {
	raw, _ := json.Marshal(v)
	return string(raw)
}

// The documentation's own examples are other shapes: they are read as far as
// they go, and none panics.
func TestDocumentationExamples(t *testing.T) {
	dir := corpus(t, "webhooks", "discord-docs")
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatal("no examples", err)
	}
	activities := 0
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{"export.message", "export.channel"} {
			b, err := discord.New().Normalize(connectors.Payload{Kind: kind, Scope: "1", Body: raw})
			if err == nil && kind == "export.message" && strings.HasPrefix(filepath.Base(name), "message-example-") {
				activities += len(b.Activities)
			}
		}
		if _, err := try(fstest.MapFS{"a.json": {Data: raw}}, connectors.ImportOptions{}); err == nil {
			t.Errorf("%s passes as an export", filepath.Base(name))
		}
	}
	if activities != 4 { // two messages with a reaction each
		t.Errorf("%d activities of the examples of messages", activities)
	}
}
