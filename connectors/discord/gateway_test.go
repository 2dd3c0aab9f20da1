package discord_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/discord/discordtest"
	"github.com/foyer-app/foyer/internal/community"
)

// a server with two text channels, a forum, a voice channel and some people.
type place struct {
	*discordtest.Server
	guild, text, other, voice, forum string
	people                           []string
}

func newPlace(t *testing.T, o discordtest.Options) place {
	t.Helper()
	p := place{Server: platformServer(t, o)}
	w := p.World
	p.guild = w.AddGuild("Lumen")
	p.text = w.AddChannel(p.guild, "general", discordtest.Text, 0)
	p.other = w.AddChannel(p.guild, "help", discordtest.Text, 0)
	p.voice = w.AddChannel(p.guild, "Lounge", discordtest.Voice, 0)
	p.forum = w.AddChannel(p.guild, "ideas", discordtest.Forum, 0)
	for i := range 8 {
		p.people = append(p.people, w.AddUser(fmt.Sprintf("person%d", i)))
	}
	return p
}

// connected waits for a client's session.
func (p place) connected(t *testing.T) {
	t.Helper()
	until(t, "a client is connected", func() bool { _, _, n := p.Gateway(); return n > 0 })
}

// settled waits until the cellar holds the truth.
func (p place) settled(t *testing.T, c *cellar) {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for {
		got, want := c.state(t, p.guild).truth(), p.World.Truth(p.guild)
		if reflect.DeepEqual(got, want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("stored %+v\nworld  %+v", got, want)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestGatewayTellsEverything(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	c := newCellar()
	listening(t, appOf(p.Server), c.process())
	p.connected(t)
	w := p.World
	gold := w.AddRole(p.guild, "Gold")
	for _, u := range p.people {
		w.Join(p.guild, u, "")
	}
	w.SetRoles(p.guild, p.people[0], gold)
	first := w.Post(p.text, p.people[0], "How do I wash wool? https://example.org", p.people[1])
	answer := w.Reply(first, p.people[1], "cold water")
	w.Edit(answer, "cold water, by hand")
	gone := w.Post(p.text, p.people[2], "spam")
	w.Delete(gone)
	a, b := w.Post(p.other, p.people[2], "one"), w.Post(p.other, p.people[2], "two")
	w.Delete(a, b)
	thread := w.AddThread(p.forum, "a topic")
	starter := w.Post(thread, p.people[3], "what do you think?")
	w.React(first, p.people[3], "👍")
	w.React(first, p.people[4], "👍")
	w.Unreact(first, p.people[4], "👍")
	w.Move(p.guild, p.people[5], p.voice)
	w.Mute(p.guild, p.people[5])
	w.Move(p.guild, p.people[5], "")
	w.Leave(p.guild, p.people[5], discordtest.Left, false)
	w.Leave(p.guild, p.people[6], discordtest.Kicked, false)
	w.Leave(p.guild, p.people[7], discordtest.Banned, true)
	w.Rename(p.other, "support")
	w.Archive(thread)
	event := w.Schedule(p.guild, p.people[0], "Meeting")
	w.Interest(p.guild, event, p.people[1], true)
	p.settled(t, c)

	s := c.state(t, p.guild)
	find := func(id string) community.Activity {
		for _, a := range s.activities {
			if a.ExternalID == id {
				return a
			}
		}
		t.Errorf("there is no %s", id)
		return community.Activity{}
	}
	until(t, "the interest is stored", func() bool {
		s = c.state(t, p.guild)
		for _, a := range s.activities {
			if a.ExternalID == "discord/e/"+event+"/"+p.people[1] {
				return true
			}
		}
		return false
	})
	if m := find("discord/m/" + first); !m.Features.Question || !m.Features.Link || m.Features.Length != 39 || !reflect.DeepEqual(m.To, []string{p.people[1]}) {
		t.Errorf("message %+v", m)
	}
	if m := find("discord/m/" + answer); m.Parent != "discord/m/"+first || m.Features.Length != 19 || m.Revision == 0 {
		t.Errorf("answer %+v", m)
	}
	if m := find("discord/m/" + starter); m.Channel != thread || m.Parent != "discord/m/"+thread {
		t.Errorf("message of a thread %+v", m)
	}
	if i := s.identities[p.people[0]]; !reflect.DeepEqual(i.Roles, []string{"Gold"}) {
		t.Errorf("identity %+v", i)
	}
	if ch := s.channels[p.other]; ch.Name != "support" {
		t.Errorf("channel %+v", ch)
	}
	if ch := s.channels[thread]; !ch.Archived || ch.Parent != p.forum || ch.Kind != community.ThreadChannel {
		t.Errorf("thread %+v", ch)
	}
	for _, parcel := range c.parcels {
		for _, word := range []string{"wool", "water", "spam", "think", "example.org"} {
			if strings.Contains(string(parcel.Payload.Body), word) {
				t.Errorf("a payload holds text: %s", parcel.Payload.Body)
			}
		}
	}
}

func TestKeepsQuestionsWhenAsked(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	c := newCellar()
	c.keep = true
	listening(t, appOf(p.Server), c.process())
	p.connected(t)
	p.World.Post(p.text, p.people[0], "How do I wash wool?")
	p.World.Post(p.text, p.people[0], "I wash silk.")
	p.settled(t, c)
	var all strings.Builder
	for _, parcel := range c.parcels {
		all.Write(parcel.Payload.Body)
	}
	if !strings.Contains(all.String(), "wash wool") || strings.Contains(all.String(), "silk") {
		t.Errorf("kept: %s", all.String())
	}
}

func TestGatewayComesBack(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		disturb func(*discordtest.Server)
		gap     bool // the session could not be resumed
	}{
		"cut":                {func(s *discordtest.Server) { s.Drop() }, false},
		"asked to reconnect": {func(s *discordtest.Server) { s.Reconnect() }, false},
		"session invalid":    {func(s *discordtest.Server) { s.Invalidate() }, true},
		"closed 4000":        {func(s *discordtest.Server) { s.CloseAll(4000, false) }, false},
		"closed 4009":        {func(s *discordtest.Server) { s.CloseAll(4009, true) }, true},
		"closed 1001":        {func(s *discordtest.Server) { s.CloseAll(1001, false) }, false},
		"heartbeats unheard": {func(s *discordtest.Server) {
			s.Silence(true)
			time.Sleep(200 * time.Millisecond)
			s.Silence(false)
		}, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, quick())
			c := newCellar()
			listening(t, appOf(p.Server), c.process())
			p.connected(t)
			p.World.Post(p.text, p.people[0], "before")
			p.settled(t, c)
			begun, resumed, _ := p.Gateway()
			gaps := len(c.told(connectors.NoticeGap))
			test.disturb(p.Server)
			if !test.gap {
				p.World.Post(p.text, p.people[0], "meanwhile")
			}
			until(t, "the client is back", func() bool {
				b, r, n := p.Gateway()
				return n > 0 && (b > begun || r > resumed)
			})
			if !test.gap {
				p.settled(t, c)
			} else {
				until(t, "a gap is told", func() bool { return len(c.told(connectors.NoticeGap)) > gaps })
			}
			if b, _, _ := p.Gateway(); !test.gap && b != begun {
				t.Errorf("%d sessions were begun anew", b-begun)
			}
		})
	}
}

func TestRestartResumes(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	c := newCellar()
	stop := listening(t, appOf(p.Server), c.process())
	p.connected(t)
	p.World.Move(p.guild, p.people[0], p.voice)
	p.World.Post(p.text, p.people[0], "before")
	p.settled(t, c)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	p.World.Post(p.text, p.people[0], "while nobody listened")
	p.World.Move(p.guild, p.people[0], "")
	listening(t, appOf(p.Server), c.process())
	p.settled(t, c)
	if begun, resumed, _ := p.Gateway(); begun != 1 || resumed != 1 {
		t.Errorf("%d sessions begun and %d resumed, want 1 and 1", begun, resumed)
	}
}

// TestDatabaseTakesTheLocks: two processes that both believed to hold a shard
// would end each other's connections for ever.
func TestDatabaseTakesTheLocks(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	c := newCellar()
	for range 2 {
		listening(t, appOf(p.Server), c.process())
	}
	p.connected(t)
	for range 5 {
		p.World.Post(p.text, p.people[0], "before")
		p.settled(t, c)
		c.away()
		p.World.Post(p.text, p.people[0], "meanwhile")
		p.settled(t, c)
	}
	time.Sleep(200 * time.Millisecond)
	if begun, resumed, connected := p.Gateway(); begun != 1 || resumed < 1 || resumed > 10 || connected != 1 {
		t.Errorf("%d sessions begun, %d resumed, %d connected", begun, resumed, connected)
	}
}

func TestStaysEndWithoutTheirEvents(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	c := newCellar()
	stop := listening(t, appOf(p.Server), c.process())
	p.connected(t)
	p.World.Move(p.guild, p.people[0], p.voice)
	p.World.Move(p.guild, p.people[1], p.voice)
	p.World.Post(p.text, p.people[0], "before")
	p.settled(t, c)
	_ = stop()
	p.Invalidate()
	p.World.Move(p.guild, p.people[0], "")
	listening(t, appOf(p.Server), c.process())
	p.settled(t, c) // the one who is still there is not counted
	p.World.Move(p.guild, p.people[1], "")
	p.settled(t, c)
}

func TestRightsAreWithdrawn(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		o    func(*discordtest.Options)
		want map[string]bool
	}{
		"content": {func(o *discordtest.Options) { o.NoContent = true }, map[string]bool{"MESSAGE_CONTENT": true}},
		"members": {func(o *discordtest.Options) { o.NoMembers = true }, map[string]bool{"GUILD_MEMBERS": true}},
		"both": {func(o *discordtest.Options) { o.NoMembers, o.NoContent = true, true }, map[string]bool{
			"MESSAGE_CONTENT": true, "GUILD_MEMBERS": true,
		}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := quick()
			test.o(&o)
			p := newPlace(t, o)
			c := newCellar()
			listening(t, appOf(p.Server), c.process())
			until(t, "the rights are told", func() bool { return len(c.told(connectors.NoticeDegrade)) == len(test.want) })
			for _, n := range c.told(connectors.NoticeDegrade) {
				if !test.want[n.Detail] || n.Account != p.guild {
					t.Errorf("told %+v", n)
				}
			}
			p.World.Post(p.text, p.people[0], "hello")
			p.settled(t, c)
		})
	}
}

func TestGatewayGivesUp(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		disturb func(*discordtest.Server)
		reason  string
	}{
		"token":    {func(s *discordtest.Server) { s.ResetToken("another") }, "token"},
		"intents":  {func(s *discordtest.Server) { s.Refuse(4013, 1); s.Invalidate() }, "intents"},
		"withheld": {func(s *discordtest.Server) { s.Refuse(4014, 9); s.Invalidate() }, "intents"},
		"version":  {func(s *discordtest.Server) { s.Refuse(4012, 1); s.Invalidate() }, "gateway"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, quick())
			c := newCellar()
			ended := make(chan error, 1)
			stop := listening(t, appOf(p.Server), c.process())
			p.connected(t)
			test.disturb(p.Server)
			begun, _, _ := p.Gateway()
			until(t, "no client is connected", func() bool { _, _, n := p.Gateway(); return n == 0 })
			time.Sleep(300 * time.Millisecond)
			ended <- stop()
			var fatal *connectors.FatalError
			if err := <-ended; !errors.As(err, &fatal) || fatal.Reason != test.reason {
				t.Errorf("Listen = %v, want %s", err, test.reason)
			}
			if now, _, _ := p.Gateway(); now != begun {
				t.Errorf("%d more sessions", now-begun)
			}
		})
	}
}

// A platform that refuses every session must not be asked until the budget is
// used up: it would reset the token.
func TestBudgetIsKept(t *testing.T) {
	t.Parallel()
	o := quick()
	o.Starts = 40
	p := newPlace(t, o)
	p.Refuse(4009, 1000)
	c := newCellar()
	for range 3 { // also over restarts
		stop := listening(t, appOf(p.Server), c.process())
		time.Sleep(700 * time.Millisecond)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
	if left := p.Starts(); left < 1 || left == 40 {
		t.Errorf("%d of 40 starts are left", left)
	}
}

func TestShardsAreShared(t *testing.T) {
	t.Parallel()
	o := quick()
	o.Shards, o.Concurrency = 4, 2
	p := newPlace(t, o)
	c := newCellar()
	first, second := c.process(), c.process()
	stopFirst := listening(t, appOf(p.Server), first)
	listening(t, appOf(p.Server), second)
	until(t, "four sessions", func() bool { _, _, n := p.Gateway(); return n == 4 })
	p.World.Post(p.text, p.people[0], "one")
	p.settled(t, c)
	first.kill()
	_ = stopFirst()
	p.World.Post(p.text, p.people[0], "two")
	until(t, "four sessions again", func() bool { _, _, n := p.Gateway(); return n == 4 })
	p.settled(t, c)
	p.Grow(8)
	until(t, "eight sessions", func() bool { _, _, n := p.Gateway(); return n == 8 })
}

func TestOutageAndRemoval(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	c := newCellar()
	listening(t, appOf(p.Server), c.process())
	p.connected(t)
	p.World.Move(p.guild, p.people[0], p.voice)
	p.World.Outage(p.guild, true)
	p.World.Move(p.guild, p.people[0], "")
	p.World.Outage(p.guild, false)
	until(t, "back", func() bool {
		return len(c.told(connectors.NoticeBack)) == 1 && len(c.told(connectors.NoticeOutage)) == 1
	})
	p.settled(t, c)
	p.World.Remove(p.guild)
	until(t, "revoked", func() bool { return len(c.told(connectors.NoticeRevoked)) == 1 })
}

// The database may be away for a while: nothing is lost, nothing doubled.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	c := newCellar()
	listening(t, appOf(p.Server), c.process())
	p.connected(t)
	for i := range 30 {
		c.mu.Lock()
		c.failing = 3
		c.mu.Unlock()
		p.World.Post(p.text, p.people[i%8], "hello")
	}
	p.settled(t, c)
}

// A channel that the bot cannot read is told once, by whichever way it became so.
func TestBlindChannelsAreTold(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	before := p.World.AddChannel(p.guild, "secret", discordtest.Text, discordtest.ViewChannel)
	c := newCellar()
	stop := listening(t, appOf(p.Server), c.process())
	p.connected(t)
	p.World.Deny(p.text, discordtest.ReadHistory)
	p.World.Deny(p.text, discordtest.ReadHistory)
	p.World.Deny(p.other, 0)
	until(t, "both are told", func() bool { return len(c.told(connectors.NoticeBlind)) == 2 })
	_ = stop()
	p.Invalidate()
	listening(t, appOf(p.Server), c.process())
	p.connected(t)
	p.World.Post(p.other, p.people[0], "later")
	p.settled(t, c)
	told := c.told(connectors.NoticeBlind)
	if len(told) != 2 || told[0].Detail != before || told[1].Detail != p.text || told[0].Account != p.guild {
		t.Errorf("told %+v", told)
	}
}
