package slack

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/slack/slacktest"
)

// step makes one call of a backfill.
func (s *stage) step(t *testing.T, c connectors.Connection, cursor string, y *books) connectors.Page {
	t.Helper()
	page, err := connector{}.Backfill(context.Background(), s.app, c, cursor, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range page.Payloads {
		y.add(p)
	}
	s.Advance(page.Pause)
	return page
}

func (s *stage) called(method string) (n int) {
	for _, c := range s.server.Calls() {
		if c.Method == method {
			n++
		}
	}
	return n
}

// TestBackfillApps: what a bot user writes is the bot's, what an app writes in a
// person's name is the app's, and nobody becomes a bot by using one.
func TestBackfillApps(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{Tier: tierInternal})
	ana, robot := s.Add(slacktest.User{Name: "ana"}), s.Add(slacktest.User{Name: "deploys", Bot: true})
	c := s.Channel("general", ana, false)
	s.Enter(c, slacktest.BotUser, ana)
	own, lent, post := s.AppPost(c, robot, "deployed"), s.AppPost(c, ana, "sent by the app"), s.Post(c, ana, "sent by hand")
	y := newBooks(t)
	s.fill(t, s.connected(), time.Time{}, func(p connectors.Page) {
		for _, p := range p.Payloads {
			y.add(p)
		}
	})
	for ts, want := range map[string]string{own: robot, lent: "B0APPSTOKEN", post: ana} {
		for _, a := range y.activities {
			if a.ExternalID == messageID(c, ts) && a.Actor != want {
				t.Errorf("%s is by %s, want %s", ts, a.Actor, want)
			}
		}
	}
	if !y.identities[robot].Bot || !y.identities["B0APPSTOKEN"].Bot || y.identities[ana].Bot {
		t.Errorf("bots: %+v", y.identities)
	}
}

// TestBackfillPutOut: somebody removes the application from channels while their
// history is read. A public one is joined again, once; a private one is closed.
func TestBackfillPutOut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		private       bool
		again         bool // put out of it again after it was joined
		read, entered int
		blind         []string
	}{
		{"public", false, false, 20, 1, nil},
		{"public, twice", false, true, 10, 1, []string{"place"}},
		{"private", true, false, 10, 0, []string{"place"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, slacktest.Config{Tier: tierUnlisted, ShortPages: true})
			ana := s.Add(slacktest.User{Name: "ana"})
			c := s.Channel("place", ana, test.private)
			s.Enter(c, slacktest.BotUser, ana)
			for i := range 20 {
				s.Post(c, ana, fmt.Sprint("number ", i))
			}
			conn, y, cursor := s.connected(), newBooks(t), ""
			var blind []string
			for i := range 50 {
				page := s.step(t, conn, cursor, y)
				for _, b := range page.Blind {
					blind = append(blind, b.Name)
				}
				if cursor = page.Next; cursor == "" {
					break
				}
				if i == 2 || test.again && s.called("conversations.join") == 1 {
					s.Exit(c, slacktest.BotUser) // after the first page of the history
				}
			}
			if got := y.truth().ByUser[ana]; cursor != "" || got != test.read || s.called("conversations.join") != test.entered || !slices.Equal(blind, test.blind) {
				t.Errorf("%d messages, %d times joined, blind %v, cursor %q", got, s.called("conversations.join"), blind, cursor)
			}
		})
	}
}

// TestBackfillLongThread reads a thread over several pages, also when Slack
// forgets the cursor in the middle.
func TestBackfillLongThread(t *testing.T) {
	t.Parallel()
	for _, forgets := range []bool{false, true} {
		s := newStage(t, slacktest.Config{Tier: tierUnlisted, Unlimited: forgets, ShortPages: true})
		ana := s.Add(slacktest.User{Name: "ana"})
		c := s.Channel("general", ana, false)
		s.Enter(c, slacktest.BotUser, ana)
		thread, other := s.Post(c, ana, "a thread"), s.Post(c, ana, "another")
		for i := range 45 {
			s.Advance(time.Second)
			s.Reply(c, thread, ana, fmt.Sprint("number ", i), false)
		}
		s.Reply(c, other, ana, "one", false)
		if forgets {
			s.server.Fail(slacktest.Fault{Method: "conversations.replies", Kind: slacktest.FaultRefuse, Code: "invalid_cursor", After: 2})
		}
		y := newBooks(t)
		s.fill(t, s.connected(), time.Time{}, func(p connectors.Page) {
			for _, p := range p.Payloads {
				y.add(p)
			}
		})
		same(t, y.truth(), s.Truth(), false)
		if got := y.truth().Replies; got != 46 || s.called("conversations.replies") < 5 {
			t.Errorf("%d replies in %d calls", got, s.called("conversations.replies"))
		}
	}
}
