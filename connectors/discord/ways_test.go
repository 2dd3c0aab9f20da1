package discord_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/discord"
	"github.com/foyer-app/foyer/internal/community"
)

// One message is the same activity by the gateway, by the history and from an
// export, and so is a reaction: whichever comes second changes nothing.
func TestOneMessageByThreeWays(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	live, past := newCellar(), newCellar()
	listening(t, appOf(p.Server), live.process())
	p.connected(t)
	w, text := p.World, "Où trouver ce tissu ? https://example.org"
	first := w.Post(p.text, p.people[0], text, p.people[1])
	answer := w.Reply(first, p.people[1], "ici")
	thread := w.AddThread(p.forum, "a topic")
	inside := w.Post(thread, p.people[2], text)
	w.React(first, p.people[3], "👍")
	p.settled(t, live)
	fetch(t, p, past, time.Time{}, false)
	export := state{map[string]community.Activity{}, map[string]community.Identity{}, map[string]community.Channel{}}
	user := func(i int) string {
		return fmt.Sprintf(`{"id":%q,"name":"person%d","nickname":"person%d","isBot":false}`, p.people[i], i, i)
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	for scope, bodies := range map[string][]string{
		p.text: {
			fmt.Sprintf(`{"id":%q,"type":"Default","content":%s,"author":%s,"mentions":[%s],"reactions":[{"emoji":{"id":"","name":"👍"},"count":1,"users":[%s]}]}`,
				first, quoted, user(0), user(1), user(3)),
			fmt.Sprintf(`{"id":%q,"type":"Reply","content":"ici","author":%s,"mentions":[%s],"reference":{"messageId":%q}}`, answer, user(1), user(0), first),
		},
		"thread:" + thread: {fmt.Sprintf(`{"id":%q,"type":"Default","content":%s,"author":%s}`, inside, quoted, user(2))},
	} {
		for _, body := range bodies {
			batch, err := discord.New().Normalize(connectors.Payload{Kind: "export.message", Scope: scope, Body: []byte(body)})
			if err != nil {
				t.Fatal(err)
			}
			export.apply(batch)
		}
	}
	for name, c := range map[string]*cellar{"gateway": live, "history": past} {
		got := c.state(t, p.guild)
		for key, want := range export.activities {
			if name == "history" && want.Kind == community.Reaction {
				continue // the history names no givers
			}
			have := got.activities[key]
			if want.Kind == community.Reaction {
				have.Revision = 0 // when it was given orders it, and changes nothing that is shown
			}
			if !reflect.DeepEqual(have, want) {
				t.Errorf("%s:\n got %+v\nwant %+v", name, have, want)
			}
		}
		for id, want := range export.identities {
			if have, ok := got.identities[id]; ok && (have.Name != want.Name || have.Handle != want.Handle) {
				t.Errorf("%s: %+v, want %+v", name, have, want)
			}
		}
	}
	if len(export.activities) != 4 {
		t.Errorf("%d activities", len(export.activities))
	}
}

// A reaction given, taken back and given again counts once, also when events
// come twice and a process dies in between.
func TestReactionGivenAgain(t *testing.T) {
	t.Parallel()
	p, c := newPlace(t, quick()), newCellar()
	p.Repeat(2)
	first := c.process()
	stop := listening(t, appOf(p.Server), first)
	p.connected(t)
	id := p.World.Post(p.text, p.people[0], "hello")
	kept := p.World.Post(p.text, p.people[0], "again")
	for range 3 {
		p.World.React(id, p.people[1], "👍")
		p.World.Unreact(id, p.people[1], "👍")
		p.World.React(kept, p.people[1], "👍")
		p.World.Unreact(kept, p.people[1], "👍")
	}
	p.settled(t, c)
	first.kill()
	_ = stop()
	listening(t, appOf(p.Server), c.process())
	p.connected(t)
	p.World.React(kept, p.people[1], "👍")
	p.settled(t, c)
	if got, want := c.state(t, p.guild).truth().Reactions, p.World.Truth(p.guild).Reactions; got != 1 || want != 1 {
		t.Errorf("%d reactions, the world has %d", got, want)
	}
}

// A welcome line gives the same notice and join whichever way it comes.
func TestWelcomeLineByTwoWays(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	live, past := newCellar(), newCellar()
	listening(t, appOf(p.Server), live.process())
	p.connected(t)
	p.World.Join(p.guild, p.people[0], p.text)
	until(t, "line and join are stored", func() bool { return len(live.state(t, p.guild).activities) >= 2 })
	fetch(t, p, past, time.Time{}, false)
	if n := len(past.state(t, p.guild).activities); n != 2 {
		t.Errorf("the history gives %d activities, want the line and the join", n)
	}
	until(t, "both are stored", func() bool {
		got := live.state(t, p.guild).activities
		for key := range past.state(t, p.guild).activities {
			if _, ok := got[key]; !ok {
				return false
			}
		}
		return true
	})
	got := live.state(t, p.guild).activities
	for key, want := range past.state(t, p.guild).activities {
		have := got[key]
		if have.Kind == community.Join {
			have.Revision, have.Invitation = 0, nil // which only the gateway looks for
		}
		if !reflect.DeepEqual(have, want) {
			t.Errorf("got %+v\nwant %+v", have, want)
		}
	}
}

// Without the intent the text is not measured, and everything else is.
func TestWithoutContent(t *testing.T) {
	t.Parallel()
	o := quick()
	o.NoContent = true
	p := newPlace(t, o)
	c := newCellar()
	listening(t, appOf(p.Server), c.process())
	p.connected(t)
	id := p.World.Post(p.text, p.people[0], "Why?", p.people[1])
	p.settled(t, c)
	for _, a := range c.state(t, p.guild).activities {
		if a.ExternalID == "discord/m/"+id && (a.Features != community.Features{} || len(a.To) != 1 || a.Actor != p.people[0]) {
			t.Errorf("activity %+v", a)
		}
	}
	if told := c.told(connectors.NoticeDegrade); len(told) != 1 || told[0].Detail != "MESSAGE_CONTENT" {
		t.Errorf("told %+v", told)
	}
}
