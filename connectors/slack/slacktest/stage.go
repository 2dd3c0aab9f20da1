package slacktest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors/sample"
)

// Stage is a Slack on loopback in which the workspace of the sample story lives:
// its past stands in the history, its future happens when it is played and is
// told by signed requests. Play, Deliver and Trouble are called by one goroutine.
type Stage struct {
	world    *World
	api      *Server
	sender   *Sender
	http     *http.Server
	clock    sample.Clock
	o        sample.Staging
	settings map[string]string
	channels map[int]string // by the story's number, like the others
	people   map[int]string
	messages map[int]string // ts
	again    bool           // what comes next is delivered twice
}

// NewStage starts a Slack with the story's past. Its secrets are made up anew
// each time. The application is one that the workspace made for itself, which
// Slack limits least.
func NewStage(o sample.Staging) (*Stage, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("slacktest: stage: %w", err)
	}
	s := &Stage{o: o, channels: map[int]string{}, people: map[int]string{}, messages: map[int]string{}}
	space := o.Story.Spaces[sample.Workspace]
	s.world = NewWorld(Team{ID: "T0LISIERE1", Name: space.Name, Domain: "lisiere", Plan: "std"}, o.Now)
	s.clock.Set(space.Opened)
	s.world.UseClock(s.clock.Now)
	app := Config{ClientID: "42.42", ClientSecret: rand.Text(), Redirect: o.Redirect, Tier: "internal", Now: time.Now}
	s.api = NewServer(s.world, app)
	s.sender = &Sender{
		URL: o.Hook, Secret: rand.Text(), World: s.world, Now: time.Now, Seed: o.Story.Seed, Retries: []time.Duration{0, 2 * time.Second},
	}
	s.settings = map[string]string{
		"CLIENT_ID": app.ClientID, "CLIENT_SECRET": app.ClientSecret, "SIGNING_SECRET": s.sender.Secret, "TIER": app.Tier,
		"BASE": "http://" + listener.Addr().String(),
	}
	s.open()
	o.Past(sample.Workspace, &s.clock, s.Play)
	s.sender.Follow()
	s.http = &http.Server{Handler: s.api, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(listener) }() // until Close
	return s, nil
}

// open makes the channels and the bots, who were there before anybody wrote.
func (s *Stage) open() {
	for n, p := range s.o.Story.People {
		if p.Bot {
			s.person(n)
		}
	}
	for i, c := range s.o.Story.Channels {
		if c.Place == sample.Workspace {
			s.channels[i] = s.world.Channel(c.Name, s.person(0), false)
		}
	}
}

// person is somebody of the story, who is in the workspace from now on.
func (s *Stage) person(n int) string {
	if id := s.people[n]; id != "" {
		return id
	}
	p := s.o.Story.People[n]
	s.people[n] = s.world.Join(User{Name: p.Handle, RealName: p.Name, Email: p.Email, Admin: p.Team, Bot: p.Bot})
	return s.people[n]
}

// Place is the workspace.
func (s *Stage) Place() sample.Place { return sample.Workspace }

// Settings are what an instance says to reach this Slack, without the prefix of
// its variables.
func (s *Stage) Settings() map[string]string { return s.settings }

// Verify asks the webhook for its challenge.
func (s *Stage) Verify(ctx context.Context) error { return s.sender.Verify(ctx) }

// Connected says whether the application is installed.
func (s *Stage) Connected() bool {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	return s.world.installed
}

// Truth is what has happened in the channels that the application is in.
func (s *Stage) Truth() Truth { return s.world.Truth() }

// Agree opens the page that asks the visitor, who agrees at once, and returns the
// address that the browser is sent back to.
func (s *Stage) Agree(ctx context.Context, client *http.Client, page string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return "", fmt.Errorf("slacktest: agree: %w", err)
	}
	res, err := client.Do(r)
	if err != nil {
		return "", fmt.Errorf("slacktest: agree: %w", err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusFound {
		return "", fmt.Errorf("slacktest: agree: status %d", res.StatusCode)
	}
	return res.Header.Get("Location"), nil
}

// Play lets an event of the story happen now.
func (s *Stage) Play(n int) {
	e := &s.o.Story.Events[n]
	who := s.person(e.Person)
	channel := s.channels[e.Channel]
	switch e.Kind {
	case sample.Join: // person did
	case sample.Leave:
		s.world.Leave(who)
	case sample.Message:
		s.messages[n] = s.write(n, e, channel, who)
	case sample.Reaction:
		s.world.React(channel, s.messages[e.Target], who, nameOf(e.Emoji))
	case sample.Edit:
		s.world.Edit(channel, s.messages[e.Target], e.Text)
	}
}

// write posts a message: an answer into the thread of what it answers.
func (s *Stage) write(n int, e *sample.Event, channel, who string) string {
	text := e.Text
	for _, other := range e.To {
		text = "<@" + s.person(other) + "> " + text
	}
	if root := s.messages[s.o.Story.Root(n)]; root != "" && e.Target != sample.None {
		return s.world.Reply(channel, root, who, text, false)
	}
	return s.world.Post(channel, who, text)
}

// nameOf is Slack's word for an emoji.
func nameOf(emoji string) string {
	names := map[string]string{"❤️": "heart", "🙏": "pray", "👏": "clap", "🔥": "fire", "👍": "+1", "😂": "joy", "👋": "wave"}
	if name := names[strings.TrimSpace(emoji)]; name != "" {
		return name
	}
	return "tada"
}

// Deliver sends what has happened. What the webhook does not take is lost, as it
// is when a server is away for long.
func (s *Stage) Deliver(ctx context.Context) error {
	s.sender.Repeat = 0
	if s.again {
		s.sender.Repeat = 1
	}
	d, err := s.sender.Deliver(ctx)
	s.again = s.again && d.Requests == 0
	return err
}

// Trouble lets the nth of the things happen that go wrong with Slack and returns
// its name.
func (s *Stage) Trouble(ctx context.Context, n int) (string, error) {
	if n%2 == 1 {
		s.again = true
		return "repeated", nil
	}
	s.api.Fail(Fault{Method: "conversations.history", Kind: FaultLimit, Retry: 25})
	return "held", s.sender.Limited(ctx)
}

// Close ends this Slack.
func (s *Stage) Close() error { return s.http.Close() }
