package discordtest_test

import (
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors/discord/discordtest"
	"github.com/foyer-app/foyer/connectors/sample"
)

// TestStageHoldsThePast: the history is what the story tells of the weeks that are
// asked for; the same story gives the same; what is played comes on top.
func TestStageHoldsThePast(t *testing.T) { // alone: others measure short times
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	story := sample.Generate(1, now.AddDate(0, 0, 20))
	o := sample.Staging{Story: &story, Since: now.AddDate(0, 0, -14), Now: now, Redirect: "http://127.0.0.1:1/back"}
	want := 0
	for i := range story.Events {
		if e := &story.Events[i]; e.Place == sample.Server && e.Kind == sample.Message && e.At.Before(now) && !e.At.Before(o.Since) {
			want++
		}
	}
	var stages [2]*discordtest.Stage
	for i := range stages {
		s, err := discordtest.NewStage(o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		stages[i] = s
	}
	first, second := stages[0].Truth(), stages[1].Truth()
	if first.Messages != want || want < 50 || first.Reactions == 0 || len(first.Joins) < 50 {
		t.Errorf("%d messages, want %d; %d reactions, %d joins", first.Messages, want, first.Reactions, len(first.Joins))
	}
	if first.Messages != second.Messages || first.Reactions != second.Reactions || len(first.Joins) != len(second.Joins) {
		t.Errorf("the second time it is another past: %+v, %+v", first, second)
	}
	if a, b := stages[0].Settings(), stages[1].Settings(); a["CLIENT_SECRET"] == b["CLIENT_SECRET"] || a["BOT_TOKEN"] == b["BOT_TOKEN"] {
		t.Error("secrets are the same each time")
	}
	played := 0
	for _, i := range o.Future(sample.Server)[:200] {
		if story.Events[i].Kind == sample.Message {
			played++
		}
		stages[0].Play(i)
	}
	if got := stages[0].Truth(); got.Messages != first.Messages+played || got.Sessions == 0 {
		t.Errorf("%d messages and %d voice sessions after %d more", got.Messages, got.Sessions, played)
	}
	if stages[0].Connected() {
		t.Error("the bot is there before anybody added it")
	}
}
