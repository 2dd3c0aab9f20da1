package discord_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/discord"
	"github.com/foyer-app/foyer/connectors/discord/discordtest"
	"github.com/foyer-app/foyer/internal/community"
)

// cellar is what the processes share: the database.
type cellar struct {
	mu      sync.Mutex
	locks   map[string]*process
	saved   map[string][]byte
	keys    map[string]bool // account and payload key
	parcels []connectors.Parcel
	notices []connectors.Notice
	repeats int // parcels dropped by their key
	keep    bool
	failing int // the next so many writes fail
}

func newCellar() *cellar {
	return &cellar{locks: map[string]*process{}, saved: map[string][]byte{}, keys: map[string]bool{}}
}

// process is one process at work on a cellar; a dead one can do nothing more.
type process struct {
	*cellar
	dead bool
}

var errDead = errors.New("the process is dead")

func (c *cellar) process() *process { return &process{cellar: c} }

// kill is kill -9: nothing is written any more, and the locks are free.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
	for name, holder := range p.locks {
		if holder == p {
			delete(p.locks, name)
		}
	}
}

func (p *process) enter() error {
	if p.dead {
		return errDead
	}
	if p.failing > 0 {
		p.failing--
		return errors.New("the database is away")
	}
	return nil
}

func (p *process) Hold(_ context.Context, name string) (func(), bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.enter(); err != nil {
		return nil, false, err
	}
	if p.locks[name] != nil {
		return nil, false, nil
	}
	p.locks[name] = p
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.locks[name] == p {
			delete(p.locks, name)
		}
	}, true, nil
}

func (p *process) Holds(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.dead && p.locks[name] == p
}

// away is the database for a moment: it takes all locks with it.
func (c *cellar) away() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.locks)
}

func (p *process) Accept(_ context.Context, list []connectors.Parcel) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.enter(); err != nil {
		return err
	}
	p.accept(list)
	return nil
}

func (c *cellar) accept(list []connectors.Parcel) {
	for _, one := range list {
		key := one.Account + " " + one.Payload.Key
		if one.Payload.Key == "" || c.keys[key] {
			c.repeats++
			continue
		}
		c.keys[key] = true
		c.parcels = append(c.parcels, one)
	}
}

func (p *process) Note(_ context.Context, n connectors.Notice) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.enter(); err != nil {
		return err
	}
	p.notices = append(p.notices, n)
	return nil
}

func (p *process) Keep(string) bool { return p.keep }

func (p *process) Load(_ context.Context, name string) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.enter(); err != nil {
		return nil, err
	}
	return p.saved[name], nil
}

func (p *process) Save(_ context.Context, name string, state []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.enter(); err != nil {
		return err
	}
	p.saved[name] = slices.Clone(state)
	return nil
}

func (c *cellar) told(kind connectors.NoticeKind) []connectors.Notice {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []connectors.Notice
	for _, n := range c.notices {
		if n.Kind == kind {
			list = append(list, n)
		}
	}
	return list
}

// state is what the stored payloads of an account mean, applied as the store
// does: the highest revision of each id and time.
type state struct {
	activities map[string]community.Activity
	identities map[string]community.Identity
	channels   map[string]community.Channel
}

func (c *cellar) state(t *testing.T, account string) state {
	t.Helper()
	c.mu.Lock()
	parcels := slices.Clone(c.parcels)
	c.mu.Unlock()
	s := state{map[string]community.Activity{}, map[string]community.Identity{}, map[string]community.Channel{}}
	for _, p := range parcels {
		if p.Account != account {
			continue
		}
		batch, err := discord.New().Normalize(p.Payload)
		if err != nil {
			t.Fatalf("%s %s: %v", p.Payload.Kind, p.Payload.Body, err)
		}
		s.apply(batch)
	}
	return s
}

func (s state) apply(b community.Batch) {
	for _, a := range b.Activities {
		key := a.ExternalID + " " + a.At.String()
		if old, ok := s.activities[key]; !ok || a.Revision > old.Revision {
			s.activities[key] = a
		}
	}
	for _, i := range b.Identities {
		if i.Name != "" {
			s.identities[i.ExternalID] = i
		}
	}
	for _, c := range b.Channels {
		if c.Name != "" {
			s.channels[c.ExternalID] = c
		}
	}
}

// truth counts a state as the world counts itself. Nameless reactions carry the
// whole count, known givers included.
func (s state) truth() discordtest.Truth {
	out := discordtest.Truth{Joins: map[string]int{}, Leaves: map[string]int{}}
	named, counted := map[string]int{}, map[string]int{}
	for _, a := range s.activities {
		if a.Deleted {
			continue
		}
		switch a.Kind {
		case community.Message:
			out.Messages++
		case community.Reaction:
			parent := s.activities[a.Parent+" "+a.ParentAt.String()]
			if parent.Deleted {
				continue // it went with its message
			}
			emoji := a.ExternalID[:len(a.ExternalID)-len(a.Actor)]
			if a.Actor == "" {
				counted[emoji] += a.Amount
			} else {
				named[emoji]++
			}
		case community.Join:
			out.Joins[a.Actor]++
		case community.Leave:
			out.Leaves[a.Detail]++
		case community.Voice:
			out.Sessions++
		}
	}
	for emoji, n := range named {
		counted[emoji] = max(counted[emoji], n)
	}
	for _, n := range counted {
		out.Reactions += n
	}
	return out
}

// quick are options of a platform that hurries.
func quick() discordtest.Options {
	return discordtest.Options{
		Redirect: "http://127.0.0.1/callback", Heartbeat: 50 * time.Millisecond, IdentifyEvery: time.Millisecond,
		PerBucket: 500, BucketTime: 100 * time.Millisecond, Global: 5000, Starts: 100_000,
	}
}

func platformServer(t *testing.T, o discordtest.Options) *discordtest.Server {
	t.Helper()
	s, err := discordtest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func appOf(s *discordtest.Server) connectors.App {
	return connectors.App{
		ID: "1000000000000000001", Secret: "client-secret", Token: "bot-token", Redirect: "http://127.0.0.1/callback",
		Base: s.URL, HTTP: &http.Client{Timeout: 10 * time.Second}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Options: map[string]string{},
	}
}

// listening starts a process that listens, and returns how to stop it: gently
// or, when it was killed before, at once. The error is what Listen returned.
func listening(t *testing.T, app connectors.App, p *process) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- discord.NewHurried().Listen(ctx, app, p) }()
	var once sync.Once
	var err error
	stop = func() error {
		once.Do(func() {
			cancel()
			select {
			case err = <-done:
			case <-time.After(20 * time.Second):
				t.Error("Listen did not return")
			}
		})
		return err
	}
	t.Cleanup(func() { _ = stop() })
	return stop
}

// until waits for something to become true.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}
