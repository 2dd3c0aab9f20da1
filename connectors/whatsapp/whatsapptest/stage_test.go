package whatsapptest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors/sample"
	"github.com/foyer-app/foyer/connectors/whatsapp/whatsapptest"
)

// TestStageHoldsThePast: the same story gives the same past; what is played comes
// on top, and nobody is told before the number is connected.
func TestStageHoldsThePast(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	story := sample.Generate(1, now.AddDate(0, 0, 20))
	o := sample.Staging{
		Story: &story, Since: now.AddDate(0, 0, -28), Now: now, Redirect: "http://127.0.0.1:1/back", Hook: "http://127.0.0.1:1/hook",
	}
	var truths [2]whatsapptest.Truth
	for i := range truths {
		s, err := whatsapptest.NewStage(o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		truths[i] = s.Truth()
		for _, n := range o.Future(sample.Group)[:40] {
			s.Play(n)
		}
		if after := s.Truth(); after.Messages <= truths[i].Messages || after.Team <= truths[i].Team || after.Reactions <= truths[i].Reactions {
			t.Errorf("nothing was played: %+v, then %+v", truths[i], after)
		}
		if err := s.Deliver(t.Context()); err != nil || s.Connected() {
			t.Errorf("connected to nobody: %v", err)
		}
	}
	if truths[0] != truths[1] || truths[0].Messages < 20 || truths[0].Team == 0 {
		t.Errorf("the past: %+v, then %+v", truths[0], truths[1])
	}
}

// TestShareTellsWhatWasSaid: a number that stays in the app shares each
// conversation once when it is asked to, and no group.
func TestShareTellsWhatWasSaid(t *testing.T) {
	t.Parallel()
	w, n, post := shared(t)
	g := w.AddGroup(n, "group")
	p, q := w.AddPerson("Zoé", ""), w.AddPerson("Max", "max")
	w.Write(p, n, nil, "first")
	w.Say(n, p, "second")
	w.Write(q, n, nil, "third")
	w.Write(q, n, g, "in the group")
	w.Bodies(whatsapptest.Delivery{}) // nobody is told
	post("smb_app_state_sync")
	if list := w.Bodies(whatsapptest.Delivery{}); len(list) != 0 {
		t.Errorf("contacts give %d requests", len(list))
	}
	post("history")
	var all strings.Builder
	for _, b := range w.Bodies(whatsapptest.Delivery{}) {
		all.Write(b)
	}
	text := all.String()
	for _, want := range []string{`"body":"first"`, `"body":"second"`, `"body":"third"`, `"progress":100`, `"progress":50`} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%s stands %d times in %s", want, strings.Count(text, want), text)
		}
	}
	if strings.Contains(text, "in the group") {
		t.Error("a group is shared")
	}
}
