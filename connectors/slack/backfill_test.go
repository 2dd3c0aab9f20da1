package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/slack/slacktest"
)

// fill runs a backfill to its end, waiting as it is told to. each is called with
// every page.
func (s *stage) fill(t testing.TB, c connectors.Connection, since time.Time, each func(connectors.Page)) {
	t.Helper()
	cursor, progress := "", 0.0
	for range 100_000 {
		page, err := connector{}.Backfill(context.Background(), s.app, c, cursor, since)
		if err != nil {
			t.Fatalf("at %s: %v", cursor, err)
		}
		if page.Progress < progress || page.Progress > 1 || page.Left < 0 || page.Pause < 0 {
			t.Errorf("progress %f after %f, left %s, pause %s", page.Progress, progress, page.Left, page.Pause)
		}
		progress, cursor = page.Progress, page.Next
		each(page)
		if cursor == "" {
			if progress != 1 {
				t.Errorf("ended at %f", progress)
			}
			return
		}
		s.Advance(page.Pause)
	}
	t.Fatal("the backfill does not end")
}

// TestBackfill reads a workspace at the pace of each tier, without ever being
// told to slow down.
func TestBackfill(t *testing.T) {
	t.Parallel()
	for _, tier := range []string{"", tierUnlisted, tierMarketplace, tierInternal} {
		for _, short := range []bool{false, true} {
			t.Run(fmt.Sprintf("tier %q, short pages %t", tier, short), func(t *testing.T) {
				t.Parallel()
				s := newStage(t, slacktest.Config{Tier: tier, ShortPages: short})
				life(s.World, 120)
				s.Advance(time.Hour)
				y := newBooks(t)
				var source, blind int
				start := s.Now()
				s.fill(t, s.connected(), time.Time{}, func(p connectors.Page) {
					for _, p := range p.Payloads {
						y.add(p)
					}
					blind += len(p.Blind)
					if p.Source != nil {
						source++
						if p.Source.ExternalID != "T0000ATELIER" || p.Source.Decisions["oldest_message"] == "" || p.Source.Decisions["history"] != "" {
							t.Errorf("source %+v", p.Source)
						}
					}
				})
				same(t, y.truth(), s.Truth(), false)
				if source != 1 || blind != 0 || len(y.channels) != 3 || !y.identities[slacktest.BotUser].Bot {
					t.Errorf("source %d, blind %d, channels %d", source, blind, len(y.channels))
				}
				for _, c := range s.server.Calls() {
					if c.Status != 200 || c.Error != "" {
						t.Errorf("%s %v: %s", c.Method, c.Args, c.Error)
					}
				}
				if strict := tier == "" || tier == tierUnlisted; strict != (s.Now().Sub(start) > 5*time.Minute) {
					t.Errorf("took %s", s.Now().Sub(start))
				}
			})
		}
	}
}

// TestBackfillKilled loses the process after each page, before the page was
// stored and after; what is stored twice is the same.
func TestBackfillKilled(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{Tier: tierMarketplace, ShortPages: true, Unlimited: true})
	life(s.World, 40)
	c := s.connected()
	y := newBooks(t)
	cursor := ""
	for range 1000 {
		if _, err := (connector{}).Backfill(context.Background(), s.app, c, cursor, time.Time{}); err != nil {
			t.Fatal(err) // this page is lost
		}
		page, err := connector{}.Backfill(context.Background(), s.app, c, cursor, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Payloads {
			y.add(p)
		}
		again, err := connector{}.Backfill(context.Background(), s.app, c, cursor, time.Time{})
		if err != nil {
			t.Fatal(err) // stored twice
		}
		for _, p := range again.Payloads {
			if !y.keys[p.Key] {
				t.Errorf("another key the second time: %s", p.Key)
			}
			y.apply(p)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	same(t, y.truth(), s.Truth(), false)
}

// TestBackfillFaults lets every kind of call go wrong once; the same cursor goes on.
func TestBackfillFaults(t *testing.T) {
	t.Parallel()
	kinds := []slacktest.FaultKind{slacktest.FaultLimit, slacktest.FaultServer, slacktest.FaultCut, slacktest.FaultHTML}
	for _, kind := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, slacktest.Config{Tier: tierMarketplace, Unlimited: true})
			life(s.World, 24)
			open := s.Channel("open", "U1", false) // to be joined
			s.Post(open, "U1", "anybody here?")
			for _, m := range []string{"users.list", "conversations.list", "conversations.join", "conversations.history", "conversations.replies"} {
				s.server.Fail(slacktest.Fault{Method: m, Kind: kind, Retry: 17})
			}
			c, y, cursor, failed := s.connected(), newBooks(t), "", 0
			for range 1000 {
				page, err := connector{}.Backfill(context.Background(), s.app, c, cursor, time.Time{})
				if err != nil {
					failed++
					var limited *connectors.RateLimitError
					if errors.As(err, &limited) != (kind == slacktest.FaultLimit) || limited != nil && limited.After != 17*time.Second {
						t.Errorf("got %v", err)
					}
					if errors.Is(err, connectors.ErrRevoked) {
						t.Errorf("revoked: %v", err)
					}
					continue
				}
				for _, p := range page.Payloads {
					y.add(p)
				}
				if cursor = page.Next; cursor == "" {
					break
				}
			}
			if failed != 5 {
				t.Errorf("%d calls failed, want 5", failed)
			}
			same(t, y.truth(), s.Truth(), false)
		})
	}
}

// TestBackfillBlind lists by name what cannot be read, and reads the rest.
func TestBackfillBlind(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{Tier: tierInternal, Limited: true})
	ana := s.Add(slacktest.User{Name: "ana"})
	open, old, private := s.Channel("open", ana, false), s.Channel("old", ana, false), s.Channel("private", ana, true)
	mine := s.Channel("mine", ana, true)
	s.Enter(mine, slacktest.BotUser, ana)
	for _, c := range []string{open, old, private, mine} {
		s.Post(c, ana, "hello")
	}
	s.Archive(old, true)
	var blind []string
	y := newBooks(t)
	without := slices.DeleteFunc(slices.Clone(everyScope), func(x string) bool { return x == "groups:history" })
	s.fill(t, s.connected(without...), time.Time{}, func(p connectors.Page) {
		for _, c := range p.Blind {
			blind = append(blind, c.Name)
		}
		for _, p := range p.Payloads {
			y.add(p)
		}
		if p.Source != nil && p.Source.Decisions["history"] != "limited" {
			t.Errorf("source %+v", p.Source)
		}
	})
	if !slices.Equal(blind, []string{"old", "mine"}) || y.truth().ByChannel[open] != 1 || y.truth().Messages != 1 {
		t.Errorf("blind %v, read %+v", blind, y.truth())
	}
	if !y.channels[old].Archived || !y.channels[mine].Private {
		t.Errorf("channels %+v", y.channels)
	}
}

// TestBackfillWithoutPrivate does not ask for what was not granted.
func TestBackfillWithoutPrivate(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{Tier: tierInternal})
	life(s.World, 8)
	y := newBooks(t)
	s.fill(t, s.connected(required...), time.Time{}, func(p connectors.Page) {
		for _, p := range p.Payloads {
			y.add(p)
		}
	})
	if len(y.channels) != 2 {
		t.Errorf("channels %+v", y.channels)
	}
}

// TestBackfillSince fills a gap: what was said in it, also in threads that began before.
func TestBackfillSince(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{Tier: tierMarketplace})
	ana := s.Add(slacktest.User{Name: "ana"})
	c := s.Channel("general", ana, false)
	s.Enter(c, slacktest.BotUser, ana)
	s.Post(c, ana, "long ago")
	s.Advance(60 * 24 * time.Hour)
	thread := s.Post(c, ana, "a thread")
	quiet := s.Post(c, ana, "a quiet thread")
	s.Reply(c, quiet, ana, "said before", false)
	s.Advance(24 * time.Hour)
	since := s.Now()
	s.Advance(time.Hour)
	reply := s.Reply(c, thread, ana, "said meanwhile", false)
	post := s.Post(c, ana, "posted meanwhile")
	y := newBooks(t)
	s.fill(t, s.connected(), since, func(p connectors.Page) {
		for _, p := range p.Payloads {
			y.add(p)
		}
	})
	var got []string
	for _, a := range y.activities {
		got = append(got, a.ExternalID)
	}
	for _, ts := range []string{reply, post} {
		if !slices.Contains(got, messageID(c, ts)) {
			t.Errorf("%s is missing of %v", ts, got)
		}
	}
	if len(got) != 4 {
		t.Errorf("got %v", got) // and the two threads' first messages
	}
	replies := 0
	for _, call := range s.server.Calls() {
		if call.Method == "conversations.replies" {
			replies++
		}
	}
	if replies != 1 {
		t.Errorf("%d threads were asked for", replies)
	}
}

// TestBackfillCursorLost goes on from the oldest message when Slack forgets a cursor.
func TestBackfillCursorLost(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{Tier: tierUnlisted, Unlimited: true, ShortPages: true})
	life(s.World, 400)
	s.server.Fail(slacktest.Fault{Method: "conversations.history", Kind: slacktest.FaultRefuse, Code: "invalid_cursor", After: 1})
	s.server.Configure(func(c *slacktest.Config) { c.Unlimited = false })
	y := newBooks(t)
	s.fill(t, s.connected(), time.Time{}, func(p connectors.Page) {
		for _, p := range p.Payloads {
			y.add(p)
		}
	})
	same(t, y.truth(), s.Truth(), false)
}

func TestBackfillRevoked(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{})
	c := s.connected()
	s.server.Revoke()
	if _, err := (connector{}).Backfill(context.Background(), s.app, c, "", time.Time{}); !errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("got %v", err)
	}
	for _, cursor := range []string{"{", `{"p":"else"}`, "null"} {
		if _, err := (connector{}).Backfill(context.Background(), s.app, c, cursor, time.Time{}); err == nil {
			t.Errorf("%q was taken for a cursor", cursor)
		}
	}
}

// TestEstimate compares what the first pages foretell with what it took.
func TestEstimate(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{})
	life(s.World, 600)
	s.Advance(time.Minute)
	start := s.Now()
	type told struct{ at, left time.Duration }
	var list []told
	s.fill(t, s.connected(), time.Time{}, func(p connectors.Page) {
		if p.Left > 0 {
			list = append(list, told{s.Now().Sub(start), p.Left})
		}
	})
	whole := s.Now().Sub(start)
	if len(list) < 20 {
		t.Fatalf("%d estimates", len(list))
	}
	middle := list[len(list)/2]
	if sum := middle.at + middle.left; sum < whole/2 || sum > whole*2 {
		t.Errorf("in the middle it was %s, and it took %s", sum, whole)
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{ShortPages: true})
	want := map[string]bool{slacktest.BotUser: true}
	for i := range 700 {
		want[s.Add(slacktest.User{Name: fmt.Sprintf("u%d", i)})] = true
	}
	gone := s.Add(slacktest.User{Name: "gone"})
	s.Leave(gone)
	stranger := s.Add(slacktest.User{Name: "stranger", Team: "T0000OTHERS"})
	c, cursor, pages := s.connected(), "", 0
	for {
		page, err := connector{}.Members(context.Background(), s.app, c, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Members {
			if !want[m.ExternalID] || m.ExternalID == gone || m.ExternalID == stranger {
				t.Errorf("%s is no member, or twice", m.ExternalID)
			}
			delete(want, m.ExternalID)
		}
		if pages++; page.Next == "" {
			break
		}
		cursor = page.Next
	}
	if len(want) != 0 || pages < 4 {
		t.Errorf("%d are missing, %d pages", len(want), pages)
	}
	s.server.Revoke()
	if _, err := (connector{}).Members(context.Background(), s.app, c, ""); !errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("revoked: %v", err)
	}
}
