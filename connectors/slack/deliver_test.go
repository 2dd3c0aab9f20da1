package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/slack/slacktest"
)

// shelf stores deliveries by key, as the inbox does, and fails now and then.
type shelf struct {
	mu      sync.Mutex
	keys    map[string]bool
	parcels []connectors.Parcel
	notices []connectors.Notice
	n, odd  int // every odd-th store fails
}

func (s *shelf) store(d connectors.Delivery) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n++; s.odd > 0 && s.n%s.odd == 0 {
		return errors.New("the database is away")
	}
	for _, p := range d.Parcels {
		if !s.keys[p.Payload.Key] {
			s.keys[p.Payload.Key] = true
			s.parcels = append(s.parcels, p)
		}
	}
	s.notices = append(s.notices, d.Notices...)
	return nil
}

// live is a stage whose events go to our webhook.
func live(t *testing.T, odd int, out *slacktest.Sender) (*stage, *shelf, *slacktest.Sender) {
	t.Helper()
	s := newStage(t, slacktest.Config{Unlimited: true, Tier: tierInternal})
	box := &shelf{keys: map[string]bool{}, odd: odd}
	srv := httptest.NewServer(webhook(s.app, box.store))
	t.Cleanup(srv.Close)
	out.URL, out.Secret, out.HTTP, out.World = srv.URL, testSecret, srv.Client(), s.World
	out.Retries = []time.Duration{0, 0, 0}
	out.Follow()
	return s, box, out
}

// TestDeliveries loses, repeats and shuffles deliveries; the totals are the world's.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		odd    int
		sender *slacktest.Sender
	}{
		{"in order", 0, &slacktest.Sender{}},
		{"repeated", 0, &slacktest.Sender{Repeat: 0.3, Seed: 1}},
		{"shuffled", 0, &slacktest.Sender{Shuffle: 50, Seed: 2}},
		{"all in any order, repeated", 0, &slacktest.Sender{Repeat: 0.05, Shuffle: 1 << 20, Seed: 3}},
		{"not stored at first", 7, &slacktest.Sender{Repeat: 0.1, Shuffle: 20, Seed: 4}},
		{"a clock that is late", 0, &slacktest.Sender{Skew: -4 * time.Minute}},
		{"a clock that is early", 0, &slacktest.Sender{Skew: 4 * time.Minute}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, box, sender := live(t, c.odd, c.sender)
			s.Install()
			life(s.World, 200)
			d, err := sender.Deliver(context.Background())
			if err != nil || d.Lost != 0 || c.odd > 0 && d.Retried == 0 {
				t.Fatalf("%+v, %v", d, err)
			}
			y := newBooks(t)
			for _, p := range box.parcels {
				if p.Account != "T0000ATELIER" {
					t.Errorf("account %q", p.Account)
				}
				y.add(p.Payload)
			}
			same(t, y.truth(), s.Truth(), true)
			// The history says the same, and the two together as well.
			both, fresh := newBooks(t), newBooks(t)
			for _, p := range box.parcels {
				both.apply(p.Payload)
			}
			s.fill(t, s.connected(), time.Time{}, func(page connectors.Page) {
				for _, p := range page.Payloads {
					both.apply(p)
					fresh.apply(p)
				}
			})
			same(t, both.truth(), s.Truth(), true)
			same(t, fresh.truth(), s.Truth(), false)
		})
	}
}

// TestDeliveriesRefused does not take what is too old, forged or too fast.
func TestDeliveriesRefused(t *testing.T) {
	t.Parallel()
	s, box, sender := live(t, 0, &slacktest.Sender{})
	s.Install()
	life(s.World, 8)
	if err := sender.Verify(context.Background()); err != nil {
		t.Error(err)
	}
	if err := sender.Limited(context.Background()); err != nil || len(box.notices) == 0 || box.notices[0].Kind != connectors.NoticeLimited {
		t.Errorf("limited: %v, %+v", err, box.notices)
	}
	for name, wrong := range map[string]func(){
		"forged":      func() { sender.Secret = "other" },
		"six minutes": func() { sender.Secret, sender.Skew = testSecret, -6*time.Minute },
		"and ahead":   func() { sender.Skew = 6 * time.Minute },
	} {
		sender.Secret = testSecret
		sender.Skew = 0
		wrong()
		s.Post(s.Channel("more "+name, "U1", false), "U1", "text")
		if err := sender.Verify(context.Background()); err == nil {
			t.Errorf("%s: the address was verified", name)
		}
		if d, err := sender.Deliver(context.Background()); err != nil || d.Accepted != 0 || d.Lost == 0 {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	if len(box.parcels) != 0 {
		t.Errorf("%d were stored", len(box.parcels))
	}
}

// TestOneID compares the ids of a message and its reactions on every way in.
func TestOneID(t *testing.T) {
	t.Parallel()
	s, box, sender := live(t, 0, &slacktest.Sender{})
	c := s.connected()
	channel := s.Channel("general", "U1", false)
	s.Enter(channel, slacktest.BotUser, "U1")
	ts := s.Post(channel, "U1", "hello")
	s.React(channel, ts, "U2", "tada")
	if _, err := sender.Deliver(context.Background()); err != nil {
		t.Fatal(err)
	}
	y := newBooks(t)
	for _, p := range box.parcels {
		y.add(p.Payload)
	}
	before := len(y.activities)
	s.fill(t, c, time.Time{}, func(page connectors.Page) {
		for _, p := range page.Payloads {
			y.add(p)
		}
	})
	y.apply(connectors.Payload{Kind: kindMessage, Scope: channel, Body: fmt.Appendf(nil,
		`{"type":"message","user":"U1","text":"hello","ts":%q,"reactions":[{"name":"tada","users":["U2"],"count":1}]}`, ts)})
	if len(y.activities) != before || before != 3 { // and the line of our joining
		t.Errorf("%d activities live, %d by every way", before, len(y.activities))
	}
}
