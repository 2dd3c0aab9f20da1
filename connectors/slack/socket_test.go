package slack

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/slack/slacktest"
)

// onSocket is a stage whose events go over sockets.
func onSocket(t *testing.T) *stage {
	t.Helper()
	s := newStage(t, slacktest.Config{Unlimited: true, Tier: tierInternal})
	s.server.ServeSockets("ws" + strings.TrimPrefix(s.app.Base, "http"))
	return s
}

// listen starts a gateway with short waits, and returns what stops it and gives its error.
func (s *stage) listen(t *testing.T, host connectors.Host) func() error {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	g := &gateway{app: s.app, host: host, delays: delays{
		lock: 5 * time.Millisecond, first: 5 * time.Millisecond, most: 20 * time.Millisecond, crowd: 5 * time.Millisecond, ping: 20 * time.Millisecond,
	}}
	go func() { done <- g.listen(ctx) }()
	end := sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() { _ = end() })
	return end
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

// TestSocket loses sockets and stores while a community lives; the totals are the world's.
func TestSocket(t *testing.T) {
	t.Parallel()
	s, host := onSocket(t), newMemory()
	s.Install()
	host.refuse = 3
	stop := s.listen(t, host)
	eventually(t, "a socket", func() bool { return s.server.Sockets() == 1 })
	for _, reason := range []string{"", "warning", "refresh_requested", "too_many_websockets"} {
		for i := range 5 {
			s.Post(s.Channel("more", slacktest.BotUser, false), "U1", strings.Repeat("a", i))
		}
		s.server.Disconnect(reason)
	}
	life(s.World, 60)
	s.server.Fail(slacktest.Fault{Method: "apps.connections.open", Kind: slacktest.FaultServer, Times: 2})
	s.server.Disconnect("")
	life(s.World, 20)
	// What was not stored is sent again once the socket is a new one.
	eventually(t, "everything acknowledged", func() bool {
		if s.server.Waiting() > 0 {
			s.server.Disconnect("refresh_requested")
			time.Sleep(20 * time.Millisecond)
		}
		return s.server.Waiting() == 0
	})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	y := newBooks(t)
	for _, p := range host.parcels {
		y.add(p.Payload)
	}
	same(t, y.truth(), s.Truth(), true)
}

// TestSocketOneHolder lets a second process take over when the first one goes.
func TestSocketOneHolder(t *testing.T) {
	t.Parallel()
	s, host := onSocket(t), newMemory()
	s.Install()
	first := s.listen(t, host)
	eventually(t, "a socket", func() bool { return s.server.Sockets() == 1 })
	second := s.listen(t, host)
	time.Sleep(30 * time.Millisecond)
	if n := s.server.Sockets(); n != 1 {
		t.Errorf("%d sockets", n)
	}
	if err := first(); err != nil {
		t.Error(err)
	}
	c := s.Channel("general", slacktest.BotUser, false)
	s.Post(c, "U1", "hello")
	eventually(t, "the second process reads", func() bool { return s.server.Waiting() == 0 })
	if err := second(); err != nil {
		t.Error(err)
	}
	if len(host.held) != 0 {
		t.Errorf("still held: %v", host.held)
	}
}

func TestSocketEnds(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, want string
		do         func(s *stage)
	}{
		{"switched off while open", "socket_disabled", func(s *stage) { s.server.Disconnect("link_disabled") }},
		{"wrong token", "app_token", func(s *stage) { s.app.Token = "xapp-other" }},
		{"a bot's token", "app_token", func(s *stage) { s.app.Token = "xoxb-1" }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, host := onSocket(t), newMemory()
			early := c.want == "app_token"
			if early {
				c.do(s)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			done := make(chan error, 1)
			go func() { done <- connector{}.Listen(ctx, s.app, host) }()
			if !early {
				eventually(t, "a socket", func() bool { return s.server.Sockets() == 1 })
				c.do(s)
			}
			err := <-done
			var fatal *connectors.FatalError
			if !errors.As(err, &fatal) || fatal.Reason != c.want || strings.Contains(err.Error(), "xapp") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestSocketGap notes a gap for the accounts of before, after a longer absence only.
func TestSocketGap(t *testing.T) {
	t.Parallel()
	s, host := onSocket(t), newMemory()
	s.Install()
	round := func(away time.Duration) []string {
		s.Advance(away)
		host.notices = nil
		stop := s.listen(t, host)
		eventually(t, "a socket", func() bool { return s.server.Sockets() == 1 })
		s.Post(s.Channel("general", slacktest.BotUser, false), "U1", "hello")
		eventually(t, "acknowledged", func() bool { return s.server.Waiting() == 0 })
		time.Sleep(50 * time.Millisecond) // a sign of life, which is saved
		if err := stop(); err != nil {
			t.Error(err)
		}
		eventually(t, "closed", func() bool { return s.server.Sockets() == 0 })
		return host.noted(connectors.NoticeGap)
	}
	if got := round(0); len(got) != 0 {
		t.Errorf("the first time: %v", got)
	}
	if got := round(30 * time.Second); len(got) != 0 {
		t.Errorf("after a moment: %v", got)
	}
	if got := round(time.Hour); !slices.Equal(got, []string{"T0000ATELIER"}) {
		t.Errorf("after an hour: %v", got)
	}
}

func TestSocketNotConfigured(t *testing.T) {
	t.Parallel()
	s := newStage(t, slacktest.Config{})
	s.app.Token = ""
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := (connector{}).Listen(ctx, s.app, newMemory()); err != nil || ctx.Err() == nil {
		t.Errorf("got %v", err)
	}
	if len(s.server.Calls()) != 0 {
		t.Error("something was asked")
	}
}
