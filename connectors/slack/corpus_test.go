package slack

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// corpus is the path of a set of real files.
func corpus(t *testing.T, parts ...string) string {
	t.Helper()
	dir := os.Getenv("FOYER_CORPUS")
	if dir == "" {
		t.Log("FOYER_CORPUS is not set: the real exports are NOT tested")
		t.Skip("FOYER_CORPUS is not set")
	}
	return filepath.Join(append([]string{dir}, parts...)...)
}

// truth is what was counted independently, as far as an import can tell it.
type truth struct {
	Records          int
	System, Bot      int
	HumanMessages    int            `json:"human_messages"`
	HumanAuthors     int            `json:"human_authors"`
	HumanWithoutUser int            `json:"human_without_user"`
	Channels         int            `json:"channels_with_human_messages"`
	ThreadReplies    int            `json:"thread_replies"`
	Edited           int            `json:"edited"`
	Reactions        int            `json:"reactions_total"`
	First, Last      time.Time      `json:"-"`
	FirstText        string         `json:"first"`
	LastText         string         `json:"last"`
	ActiveDays       int            `json:"active_days"`
	OneMessage       int            `json:"authors_with_1_message"`
	Top              [][2]any       `json:"top10_authors"`
	PerChannel       map[string]int `json:"per_channel"`
	MonthlyAuthors   map[string]int `json:"monthly_active_authors"`
	WeeklyAuthors    map[string]int `json:"weekly_active_authors"`
	FirstMonth       map[string]int `json:"first_message_month"`
	ByHour           map[string]int `json:"by_hour_utc"`
	ByWeekday        map[string]int `json:"by_isoweekday_utc"`
	PerDay           map[string]int `json:"per_day_utc"`
	UsersJSON        int            `json:"users_json"`
}

func TestHaskellJP(t *testing.T) {
	dir := corpus(t, "slack", "haskell-jp")
	var file struct{ Truth truth }
	b, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	want := file.Truth
	r, err := zip.OpenReader(filepath.Join(dir, "export.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if !New().(connectors.Importer).Recognises(r) {
		t.Error("not recognised")
	}
	c := newCount()
	err = importInto(r, connectors.ImportOptions{Location: time.UTC}, func(_ context.Context, r connectors.Record) error {
		if r.Refusal != nil {
			t.Errorf("refused: %+v", r.Refusal)
		}
		if r.Payload == nil {
			return nil
		}
		b, err := New().Normalize(*r.Payload)
		c.add(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c.compare(t, want)
}

// count derives the figures of a truth from batches.
type count struct {
	got      truth
	slackbot int // messages
	seen     map[string]bool
	names    map[string]string // of channels
	bots     map[string]bool
	authors  map[string]int
	first    map[string]time.Time
	distinct map[string]map[string]bool // period to authors
}

func newCount() *count {
	return &count{
		got: truth{
			PerChannel: map[string]int{}, ByHour: map[string]int{}, ByWeekday: map[string]int{}, PerDay: map[string]int{},
			MonthlyAuthors: map[string]int{}, WeeklyAuthors: map[string]int{}, FirstMonth: map[string]int{},
		},
		seen: map[string]bool{}, names: map[string]string{}, bots: map[string]bool{},
		authors: map[string]int{}, first: map[string]time.Time{}, distinct: map[string]map[string]bool{},
	}
}

func (c *count) add(b community.Batch) {
	for _, channel := range b.Channels {
		c.names[channel.ExternalID] = channel.Name
	}
	for _, i := range b.Identities {
		if i.Listed {
			c.got.UsersJSON++
		}
		if i.Bot {
			c.bots[i.ExternalID] = true
		}
	}
	for _, a := range b.Activities {
		if !c.seen[a.ExternalID] {
			c.seen[a.ExternalID] = true
			c.activity(a)
		}
	}
}

func (c *count) activity(a community.Activity) {
	g := &c.got
	switch a.Kind {
	case community.Reaction:
		g.Reactions++
		return
	case community.Notice:
		g.System++
	}
	g.Records++
	if a.Kind != community.Message {
		return
	}
	if a.Actor == slackbot {
		c.slackbot++ // the truth takes Slack's robot for a person
	} else if a.Actor != "" && c.bots[a.Actor] {
		g.Bot++
		return
	}
	g.HumanMessages++
	if a.Parent != "" {
		g.ThreadReplies++
	}
	if a.Revision > 0 {
		g.Edited++
	}
	g.PerChannel[c.names[a.Channel]]++
	g.ByHour[strconv.Itoa(a.At.Hour())]++
	g.ByWeekday[strconv.Itoa((int(a.At.Weekday())+6)%7+1)]++
	g.PerDay[a.At.Format(time.DateOnly)]++
	if g.First.IsZero() || a.At.Before(g.First) {
		g.First = a.At
	}
	if a.At.After(g.Last) {
		g.Last = a.At
	}
	c.author(a)
}

// author counts who wrote. The truth's tables by month and week take those
// without a user for one more author.
func (c *count) author(a community.Activity) {
	year, week := a.At.ISOWeek()
	for _, period := range []string{a.At.Format("2006-01"), fmt.Sprintf("%d-W%02d", year, week)} {
		if c.distinct[period] == nil {
			c.distinct[period] = map[string]bool{}
		}
		c.distinct[period][a.Actor] = true
	}
	if a.Actor == "" {
		c.got.HumanWithoutUser++
		return
	}
	c.authors[a.Actor]++
	if f := c.first[a.Actor]; f.IsZero() || a.At.Before(f) {
		c.first[a.Actor] = a.At
	}
}

func (c *count) finish() truth {
	g := c.got
	g.HumanAuthors = len(c.authors)
	g.Channels, g.ActiveDays = len(g.PerChannel), len(g.PerDay)
	for period, authors := range c.distinct {
		if period[5] == 'W' {
			g.WeeklyAuthors[period] = len(authors)
		} else {
			g.MonthlyAuthors[period] = len(authors)
		}
	}
	for author, n := range c.authors {
		if n == 1 {
			g.OneMessage++
		}
		g.FirstMonth[c.first[author].Format("2006-01")]++
	}
	return g
}

func (c *count) compare(t *testing.T, want truth) {
	t.Helper()
	got := c.finish()
	same := func(name string, got, want any) {
		t.Helper()
		if g, w := encode(t, got), encode(t, want); g != w {
			t.Errorf("%s: got %.200s, want %.200s", name, g, w)
		}
	}
	if c.slackbot != 264 || !c.bots[slackbot] {
		t.Errorf("%d messages of Slackbot, a bot: %t", c.slackbot, c.bots[slackbot])
	}
	same("records", got.Records, want.Records)
	same("system", got.System, want.System)
	same("bot", got.Bot, want.Bot)
	same("human messages", got.HumanMessages, want.HumanMessages)
	same("human authors", got.HumanAuthors, want.HumanAuthors)
	same("human without user", got.HumanWithoutUser, want.HumanWithoutUser)
	same("channels", got.Channels, want.Channels)
	same("channel records", len(c.names), len(want.PerChannel))
	same("thread replies", got.ThreadReplies, want.ThreadReplies)
	same("edited", got.Edited, want.Edited)
	same("reactions", got.Reactions, want.Reactions)
	same("active days", got.ActiveDays, want.ActiveDays)
	same("authors with one message", got.OneMessage, want.OneMessage)
	same("users", got.UsersJSON, want.UsersJSON)
	same("per channel", got.PerChannel, want.PerChannel)
	same("per day", got.PerDay, want.PerDay)
	same("by hour", got.ByHour, want.ByHour)
	same("by weekday", got.ByWeekday, want.ByWeekday)
	same("monthly authors", got.MonthlyAuthors, want.MonthlyAuthors)
	same("weekly authors", got.WeeklyAuthors, want.WeeklyAuthors)
	same("first month", got.FirstMonth, want.FirstMonth)
	const micro = "2006-01-02T15:04:05.000000-07:00"
	same("first", got.First.Format(micro), want.FirstText)
	same("last", got.Last.Format(micro), want.LastText)
	c.top(t, want)
}

// top compares the ten largest authors; where the truth lists those without a
// user among them, they are not an author.
func (c *count) top(t *testing.T, want truth) {
	t.Helper()
	counts := slices.Sorted(maps.Values(c.authors))
	slices.Reverse(counts)
	list := append(slices.Clone(counts[:min(10, len(counts))]), want.HumanWithoutUser)
	for _, entry := range want.Top {
		if n, _ := entry[1].(float64); !slices.Contains(list, int(n)) {
			t.Errorf("nobody wrote %v messages: %v", entry[1], list)
		}
	}
}

func encode(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestEventShapes reads the messages of official samples, whose values are blank.
func TestEventShapes(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(corpus(t, "webhooks"), "slack-events", "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var envelope struct{ Event json.RawMessage }
		if err := json.Unmarshal(b, &envelope); err != nil {
			t.Fatal(err)
		}
		accept(t, filepath.Base(name), kindMessage, envelope.Event)
	}
}

// TestAnswerShapes reads the objects of official samples of the Web API.
func TestAnswerShapes(t *testing.T) {
	dir := filepath.Join(corpus(t, "webhooks"), "slack-api")
	for name, c := range map[string]struct{ field, kind string }{
		"conversations.history.json": {"messages", kindMessage},
		"conversations.replies.json": {"messages", kindMessage},
		"users.list.json":            {"members", kindUser},
		"conversations.list.json":    {"channels", kindChannel},
	} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		var answer map[string]json.RawMessage
		if err := json.Unmarshal(b, &answer); err != nil {
			t.Fatal(err)
		}
		var list []json.RawMessage
		if err := json.Unmarshal(answer[c.field], &list); err != nil || len(list) == 0 {
			t.Fatalf("%s: %v", name, err)
		}
		for _, raw := range list {
			accept(t, name, c.kind, raw)
		}
	}
}

// accept normalises; what has no time or id because the sample is blank may be refused.
func accept(t *testing.T, name, kind string, body []byte) {
	t.Helper()
	if len(body) == 0 {
		return
	}
	b, err := New().Normalize(connectors.Payload{Kind: kind, Scope: "C00000001", Body: body})
	var r *connectors.RefusedError
	if err != nil && !errors.As(err, &r) {
		t.Errorf("%s: %v", name, err)
	}
	check(t, b)
}
