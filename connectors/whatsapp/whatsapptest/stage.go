package whatsapptest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/foyer-app/foyer/connectors/sample"
)

// Stage is a platform on loopback with the number of the sample story's town
// group: members write to it, and meet in a small group of it once it is
// connected. What was written before that is told in chunks, as for a number that
// stays in the app; what happens when it is played is told by signed requests.
// Play, Deliver and Trouble are called by one goroutine.
type Stage struct {
	world     *World
	http      *http.Server
	clock     sample.Clock
	o         sample.Staging
	settings  map[string]string
	number    *Number
	group     *Group          // nil until somebody connects the number
	people    map[int]*Person // by the story's number, like messages
	messages  map[int]string
	in        map[*Person]bool   // the group
	answered  map[*Person]string // what the business wrote to them last
	last      *Person            // who wrote last
	connected time.Time
	again     bool // what comes next is delivered twice and in disorder
}

// NewStage starts a platform with the story's past. Its secrets are made up anew
// each time.
func NewStage(o sample.Staging) (*Stage, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("whatsapptest: stage: %w", err)
	}
	s := &Stage{
		o: o, people: map[int]*Person{}, messages: map[int]string{}, in: map[*Person]bool{}, answered: map[*Person]string{},
	}
	space := o.Story.Spaces[sample.Group]
	s.clock.Set(space.Opened)
	app := Options{
		AppID: "4200000000000042", AppSecret: rand.Text(), VerifyToken: rand.Text(), ConfigID: "4300000000000043", Redirect: o.Redirect,
		Now: s.clock.Now, Seed: o.Story.Seed, Share: true,
	}
	s.world = New(app)
	s.settings = map[string]string{
		"APP_ID": app.AppID, "APP_SECRET": app.AppSecret, "VERIFY_TOKEN": app.VerifyToken, "CONFIG_ID": app.ConfigID,
		"BASE": "http://" + listener.Addr().String(),
	}
	s.number = s.world.AddNumber(space.Name, "+33 4 65 71 00 42") // of the range that is kept for fiction
	s.number.Coexistence = true
	o.Past(sample.Group, &s.clock, s.Play)
	s.world.Bodies(Delivery{}) // nobody is told
	s.http = &http.Server{Handler: s.world, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(listener) }() // until Close
	return s, nil
}

// person is somebody of the story. Every fourth has a username and hides the number.
func (s *Stage) person(n int) *Person {
	if p := s.people[n]; p != nil {
		return p
	}
	who, username := s.o.Story.People[n], ""
	if n%4 == 0 {
		username = who.Handle
	}
	p := s.world.AddPerson(who.Name, username)
	p.Phone = fmt.Sprintf("3363998%04d", n%10000) // of the range that is kept for fiction
	s.people[n] = p
	return p
}

// Place is the town's group.
func (s *Stage) Place() sample.Place { return sample.Group }

// Settings are what an instance says to reach the platform, without the prefix of
// its variables.
func (s *Stage) Settings() map[string]string { return s.settings }

// Verify asks the webhook to repeat a challenge.
func (s *Stage) Verify(ctx context.Context) error { return s.world.Verify(ctx, s.o.Hook, nil) }

// Connected says whether somebody has connected the number.
func (s *Stage) Connected() bool { return s.world.Subscribed() }

// Truth is what has happened around the number.
func (s *Stage) Truth() Truth { return s.world.Truth() }

// Agree opens the dialog, in which the visitor agrees at once, and returns the
// address that the browser is sent back to.
func (s *Stage) Agree(ctx context.Context, client *http.Client, page string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return "", fmt.Errorf("whatsapptest: agree: %w", err)
	}
	res, err := client.Do(r)
	if err != nil {
		return "", fmt.Errorf("whatsapptest: agree: %w", err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusFound {
		return "", fmt.Errorf("whatsapptest: agree: status %d", res.StatusCode)
	}
	return res.Header.Get("Location"), nil
}

// Play lets an event of the story happen now.
func (s *Stage) Play(n int) {
	e := &s.o.Story.Events[n]
	team := s.o.Story.People[e.Person].Team
	switch {
	case e.Kind == sample.Message && team:
		s.say(n, e)
	case e.Kind == sample.Message:
		s.write(n, e)
	case e.Kind == sample.Edit:
		s.world.Edit(s.messages[e.Target], e.Text)
	case e.Kind == sample.Leave && !team:
		if p := s.person(e.Person); s.in[p] {
			s.world.LeaveGroup(p, s.group, false)
			delete(s.in, p)
		}
	}
}

// write lets a member write: into the group now and then, if there is room in it,
// else to the business, whose last words to them they liked.
func (s *Stage) write(n int, e *sample.Event) {
	p := s.person(e.Person)
	var g *Group
	if s.group != nil && n%2 == 0 && (s.in[p] || s.world.JoinGroup(p, s.group)) {
		s.in[p], g = true, s.group
	}
	if told := s.answered[p]; told != "" {
		s.world.React(p, told, "🙏")
		delete(s.answered, p)
	}
	s.last = p
	if quoted := s.messages[e.Target]; quoted != "" {
		s.messages[n] = s.world.Answer(p, s.number, g, e.Text, quoted)
		return
	}
	s.messages[n] = s.world.Write(p, s.number, g, e.Text)
}

// say lets the business answer: who is meant, or else who wrote last.
func (s *Stage) say(n int, e *sample.Event) {
	to := s.last
	if e.Target != sample.None {
		if who := s.o.Story.Events[e.Target].Person; !s.o.Story.People[who].Team {
			to = s.person(who)
		}
	}
	if to == nil {
		return
	}
	s.messages[n] = s.world.Say(s.number, to, e.Text)
	s.answered[to] = s.messages[n]
}

// settle is how long after the connection the first delivery comes: the real
// platform takes minutes to collect a history.
const settle = 5 * time.Second

// Deliver sends what has happened since somebody connected the number.
func (s *Stage) Deliver(ctx context.Context) error {
	s.world.mu.Lock()
	subscribed := s.world.subs
	if !subscribed {
		s.world.pending = nil // nobody is told, it stays in the app
	}
	s.world.mu.Unlock()
	switch {
	case !subscribed:
		s.connected = time.Time{}
		return nil
	case s.connected.IsZero():
		s.connected = time.Now()
	}
	if time.Since(s.connected) < settle {
		return nil
	}
	if s.group == nil {
		s.group = s.world.AddGroup(s.number, "Samedi couture")
	}
	d := Delivery{Batch: 40, Backoff: time.Second}
	if s.again {
		d.Duplicates, d.Shuffle = 1, true
	}
	sent, err := s.world.Deliver(ctx, s.o.Hook, d)
	s.again = s.again && sent == 0
	return err
}

// Trouble lets something happen that goes wrong with the platform, and returns
// its name.
func (s *Stage) Trouble(context.Context, int) (string, error) {
	s.again = true
	return "repeated", nil
}

// Close ends the platform.
func (s *Stage) Close() error { return s.http.Close() }
