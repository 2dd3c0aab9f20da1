package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/slack/slacktest"
	"github.com/foyer-app/foyer/internal/community"
)

// stage is a workspace on a server of our own, and an application for it.
type stage struct {
	*slacktest.World
	server *slacktest.Server
	app    connectors.App
}

var stageStart = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func newStage(t testing.TB, c slacktest.Config) *stage {
	t.Helper()
	w := slacktest.NewWorld(slacktest.Team{ID: "T0000ATELIER", Name: "Atelier", Domain: "atelier"}, stageStart)
	c.ClientID, c.ClientSecret, c.AppToken = "client", "hush-hush", "xapp-1-token"
	c.Redirect = "https://foyer.example/connect/slack"
	s := &stage{World: w, server: slacktest.NewServer(w, c)}
	srv := httptest.NewServer(s.server)
	t.Cleanup(srv.Close)
	s.app = connectors.App{
		ID: c.ClientID, Secret: c.ClientSecret, SigningSecret: testSecret, Token: c.AppToken, Redirect: c.Redirect, Tier: c.Tier,
		Options: map[string]string{}, Base: srv.URL, HTTP: srv.Client(), Log: slog.New(slog.DiscardHandler), Now: w.Now,
	}
	if c.PKCE {
		s.app.Options[optionPKCE] = "on"
	}
	return s
}

var everyScope = append(append([]string{}, required...), wished...)

// connected is a connection with these scopes, or with all.
func (s *stage) connected(scopes ...string) connectors.Connection {
	if scopes == nil {
		scopes = everyScope
	}
	s.Install()
	return connectors.Connection{
		ExternalID: s.Team().ID, Name: "Atelier", Granted: scopes, Settings: map[string]string{},
		Credentials: connectors.Credentials{Access: s.server.Token(scopes...)},
	}
}

// books applies batches as the store does: one activity an id and moment, of the
// highest revision.
type books struct {
	t          testing.TB
	activities map[string]community.Activity
	identities map[string]community.Identity
	channels   map[string]community.Channel
	keys       map[string]bool
}

func newBooks(t testing.TB) *books {
	return &books{
		t: t, activities: map[string]community.Activity{}, identities: map[string]community.Identity{},
		channels: map[string]community.Channel{}, keys: map[string]bool{},
	}
}

// add normalises a payload, unless its key was met.
func (y *books) add(p connectors.Payload) {
	y.t.Helper()
	if p.Key == "" {
		y.t.Errorf("a payload of kind %s has no key", p.Kind)
	}
	if y.keys[p.Key] {
		return
	}
	y.keys[p.Key] = true
	y.apply(p)
}

func (y *books) apply(p connectors.Payload) {
	y.t.Helper()
	b, err := New().Normalize(p)
	if err != nil {
		y.t.Errorf("%s: %v", p.Kind, err)
		return
	}
	for _, a := range b.Activities {
		key := a.ExternalID + "@" + a.At.String()
		if before, ok := y.activities[key]; ok && before.Revision >= a.Revision {
			continue
		} else if ok && a.Deleted && a.Actor == "" {
			a.Actor = before.Actor
		}
		y.activities[key] = a
	}
	for _, i := range b.Identities {
		y.identities[i.ExternalID] = i
	}
	for _, c := range b.Channels {
		y.channels[c.ExternalID] = c
	}
}

// truth counts as the world does.
func (y *books) truth() slacktest.Truth {
	t := slacktest.Truth{ByChannel: map[string]int{}, ByUser: map[string]int{}}
	for _, a := range y.activities {
		if a.Deleted {
			continue
		}
		switch a.Kind {
		case community.Message:
			t.Messages++
			t.ByChannel[a.Channel]++
			t.ByUser[a.Actor]++
			if a.Parent != "" {
				t.Replies++
			}
			if a.Revision > 0 {
				t.Edited++
			}
		case community.Reaction:
			t.Reactions += a.Amount
		case community.Notice:
			t.Notices++
		case community.Join:
			t.Joins++
		case community.Leave:
			t.Leaves++
		case community.Voice:
		}
	}
	return t
}

// same compares, without joins and leaves where only history was read.
func same(t *testing.T, got, want slacktest.Truth, live bool) {
	t.Helper()
	if !live {
		want.Joins, want.Leaves = 0, 0
	}
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	if string(g) != string(w) {
		t.Errorf("got  %s\nwant %s", g, w)
	}
	if want.Messages == 0 {
		t.Error("nothing happened")
	}
}

// life lets a community live for some rounds.
func life(w *slacktest.World, rounds int) (channels []string) {
	ana := w.Add(slacktest.User{Name: "ana", Email: "ana@example.com", Admin: true})
	bo := w.Add(slacktest.User{Name: "bo"})
	general := w.Channel("general", ana, false)
	help := w.Channel("help", ana, false)
	secret := w.Channel("secret", ana, true)
	hidden := w.Channel("hidden", ana, true)
	channels = []string{general, help, secret, hidden}
	for _, c := range channels[:3] {
		w.Enter(c, slacktest.BotUser, ana)
		w.Enter(c, bo, "")
	}
	people := []string{ana, bo}
	for i := range rounds {
		w.Advance(7 * time.Minute)
		c, who, other := channels[i%4], people[i%len(people)], people[(i+1)%len(people)]
		ts := w.Post(c, who, fmt.Sprintf("does <@%s> know how number %d works?", other, i))
		w.React(c, ts, other, "eyes")
		switch i % 8 {
		case 0:
			people = append(people, w.Join(slacktest.User{Name: fmt.Sprintf("new%d", i)}))
		case 1, 2:
			w.Advance(time.Minute)
			r := w.Reply(c, ts, other, "like this", i%16 == 1)
			w.React(c, r, who, "tada")
			w.React(c, r, other, "wave")
			w.Unreact(c, r, other, "wave")
			w.React(c, r, other, "wave") // given again: it counts once
			w.React(c, r, who, "eyes")
			w.Unreact(c, r, who, "eyes")
			w.Reply(c, ts, who, "thanks", false)
		case 3:
			w.Edit(c, ts, "does it?")
			w.Unfold(c, ts)
			w.Edit(c, ts, "does it really?")
		case 4:
			w.Delete(c, ts)
		case 5:
			w.Reply(c, ts, other, "no", false)
			w.Delete(c, ts)
			w.BotPost(c, "Deploys", "deployed")
		case 6:
			w.Share(c, who, "a picture")
			w.Unfold(c, ts)
			w.Whisper(who, "psst")
		case 7:
			w.RenameUser(other, fmt.Sprintf("Name %d", i))
			if i%24 == 23 {
				w.Leave(people[len(people)-1])
				people = people[:len(people)-1]
			}
		}
	}
	w.Rename(help, "aid")
	return channels
}

// memory is a host that keeps everything in memory.
type memory struct {
	mu      sync.Mutex
	held    map[string]bool
	states  map[string][]byte
	parcels []connectors.Parcel
	notices []connectors.Notice
	refuse  int // so many calls of Accept fail
}

func newMemory() *memory { return &memory{held: map[string]bool{}, states: map[string][]byte{}} }

func (m *memory) Hold(_ context.Context, name string) (func(), bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held[name] {
		return nil, false, nil
	}
	m.held[name] = true
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.held, name)
	}, true, nil
}

func (m *memory) Holds(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.held[name]
}

func (m *memory) Accept(_ context.Context, list []connectors.Parcel) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refuse > 0 {
		m.refuse--
		return errors.New("the database is away")
	}
	m.parcels = append(m.parcels, list...)
	return nil
}

func (m *memory) Note(_ context.Context, n connectors.Notice) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notices = append(m.notices, n)
	return nil
}

func (m *memory) Keep(string) bool { return false }

func (m *memory) Load(_ context.Context, name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.states[name], nil
}

func (m *memory) Save(_ context.Context, name string, state []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.states[name] = state
	return nil
}

func (m *memory) noted(kind connectors.NoticeKind) (list []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.notices {
		if n.Kind == kind {
			list = append(list, strings.TrimSpace(n.Account+" "+n.Detail))
		}
	}
	return list
}

// webhook serves Receive as the product does: what is not stored is not acknowledged.
func webhook(app connectors.App, store func(connectors.Delivery) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, err := connector{}.Receive(app, r, func(string) bool { return false })
		switch {
		case errors.Is(err, connectors.ErrSignature):
			http.Error(w, "", http.StatusUnauthorized)
		case err != nil:
			http.Error(w, "", http.StatusBadRequest)
		case store(d) != nil:
			http.Error(w, "", http.StatusServiceUnavailable)
		default:
			_, _ = w.Write(d.Answer)
		}
	})
}

func ioBody(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }
