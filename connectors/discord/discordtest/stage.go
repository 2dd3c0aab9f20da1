package discordtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors/sample"
)

// Stage is a platform on which the server of the sample story lives: its past
// stands in the history, its future happens when it is played. Play, Deliver and
// Trouble are called by one goroutine.
type Stage struct {
	server   *Server
	clock    sample.Clock
	o        sample.Staging
	settings map[string]string
	guild    string
	role     string // of the team
	welcome  int    // the channel that announces arrivals
	voice    string
	channels map[int]string // by the story's number, like the others
	people   map[int]string
	messages map[int]string
	live     bool
	played   int
	talking  []string // in the voice channel, the first to come first
}

// NewStage starts a platform with the story's past. Its secrets are made up anew
// each time.
func NewStage(o sample.Staging) (*Stage, error) {
	s := &Stage{o: o, channels: map[int]string{}, people: map[int]string{}, messages: map[int]string{}}
	s.clock.Set(o.Story.From)
	app := Options{
		Token: rand.Text(), ClientID: "1000000000000000042", ClientSecret: rand.Text(), Redirect: o.Redirect, Now: s.clock.Now,
	}
	server, err := New(app)
	if err != nil {
		return nil, err
	}
	s.server = server
	s.settings = map[string]string{
		"CLIENT_ID": app.ClientID, "CLIENT_SECRET": app.ClientSecret, "BOT_TOKEN": app.Token, "PUBLIC_KEY": server.PublicKey, "BASE": server.URL,
	}
	s.open()
	o.Past(sample.Server, &s.clock, s.play)
	s.server.World.Remove(s.guild) // the bot comes when somebody adds it
	s.live = true
	return s, nil
}

// open makes the server, owned by the first of the team, with its channels and bots.
func (s *Stage) open() {
	w, story := s.server.World, s.o.Story
	s.guild = w.AddGuild(story.Spaces[sample.Server].Name)
	s.role = w.AddRole(s.guild, story.TeamRole)
	w.mu.Lock()
	owner := w.users[w.guilds[s.guild].owner]
	owner.Name, owner.Display = story.People[0].Handle, story.People[0].Name
	w.mu.Unlock()
	s.people[0] = owner.ID
	w.SetRoles(s.guild, owner.ID, s.role)
	for i, c := range story.Channels {
		if c.Place != sample.Server {
			continue
		}
		s.channels[i] = w.AddChannel(s.guild, c.Name, Text, 0)
		if c.Name == "bienvenue" {
			s.welcome = i
		}
	}
	s.voice = w.AddChannel(s.guild, "atelier-vocal", Voice, 0)
	for n, p := range story.People {
		if p.Bot {
			w.Join(s.guild, s.person(n), "")
		}
	}
}

// person is somebody of the story, who is known to the platform from now on.
func (s *Stage) person(n int) string {
	if id := s.people[n]; id != "" {
		return id
	}
	p, w := s.o.Story.People[n], s.server.World
	id := w.AddUser(p.Handle)
	w.mu.Lock()
	w.users[id].Display, w.users[id].Bot = p.Name, p.Bot
	w.mu.Unlock()
	s.people[n] = id
	return id
}

// Place is the server.
func (s *Stage) Place() sample.Place { return sample.Server }

// Settings are what an instance says to reach the platform, without the prefix
// of its variables.
func (s *Stage) Settings() map[string]string { return s.settings }

// Verify has nothing to do: events go over the gateway.
func (s *Stage) Verify(context.Context) error { return nil }

// Connected says whether somebody has added the bot.
func (s *Stage) Connected() bool {
	w := s.server.World
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.guilds[s.guild].removed
}

// Truth is what has happened in the server.
func (s *Stage) Truth() Truth { return s.server.World.Truth(s.guild) }

// Agree answers the authorization page as a visitor who adds the bot to the
// server, and returns the address that the browser is sent back to.
func (s *Stage) Agree(ctx context.Context, client *http.Client, page string) (string, error) {
	_, query, _ := strings.Cut(page, "?")
	form := url.Values{"query": {query}, "guild_id": {s.guild}, "answer": {"authorise"}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, page, strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("discordtest: agree: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := client.Do(r)
	if err != nil {
		return "", fmt.Errorf("discordtest: agree: %w", err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("discordtest: agree: status %d", res.StatusCode)
	}
	return res.Header.Get("Location"), nil
}

// Play lets an event of the story happen now.
func (s *Stage) Play(event int) {
	s.play(event)
	if s.played++; s.played%8 == 0 {
		s.speak(s.person(s.o.Story.Events[event].Person))
	}
}

func (s *Stage) play(n int) {
	e, w := &s.o.Story.Events[n], s.server.World
	who, target := s.person(e.Person), s.messages[e.Target]
	switch e.Kind {
	case sample.Join:
		w.Join(s.guild, who, s.announced(e))
		if s.o.Story.People[e.Person].Team {
			w.SetRoles(s.guild, who, s.role)
		}
	case sample.Leave:
		w.Leave(s.guild, who, Left, false)
	case sample.Message:
		s.messages[n] = s.write(e, who, target)
	case sample.Reaction:
		w.React(target, who, e.Emoji)
	case sample.Edit:
		w.Edit(target, e.Text)
	}
}

// announced is where an arrival is told: who came before the history begins
// leaves no message in it.
func (s *Stage) announced(e *sample.Event) string {
	if !s.live && e.At.Before(s.o.Since) {
		return ""
	}
	return s.channels[s.welcome]
}

func (s *Stage) write(e *sample.Event, who, target string) string {
	if target != "" {
		return s.server.World.Reply(target, who, e.Text)
	}
	var to []string
	for _, n := range e.To {
		to = append(to, s.person(n))
	}
	return s.server.World.Post(s.channels[e.Channel], who, e.Text, to...)
}

// speaking is how many people sit in the voice channel before the first of them goes.
const speaking = 4

// speak lets a member into the voice channel, and the one who has been there
// longest out of it.
func (s *Stage) speak(who string) {
	w := s.server.World
	w.mu.Lock()
	member := w.guilds[s.guild].members[who]
	w.mu.Unlock()
	if member != nil && !member.Bot {
		w.Move(s.guild, who, s.voice)
		s.talking = append(s.talking, who)
	}
	if len(s.talking) > speaking {
		w.Move(s.guild, s.talking[0], "")
		s.talking = s.talking[1:]
	}
}

// Deliver has nothing to do: the gateway tells at once.
func (s *Stage) Deliver(context.Context) error { return nil }

// limited is how long the platform asks to wait when it limits.
const limited = 25 * time.Second

// Trouble lets the nth of the things happen that go wrong with every platform and
// returns its name.
func (s *Stage) Trouble(_ context.Context, n int) (string, error) {
	if n%2 == 1 {
		s.server.Reconnect()
		return "reconnect", nil
	}
	s.server.Inject(Limit, "/messages", 1, limited)
	s.server.Invalidate()
	return "limit", nil
}

// Close ends the platform.
func (s *Stage) Close() error { return s.server.Close() }
