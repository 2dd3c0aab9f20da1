// Package discordtest is a strict stand-in for Discord on loopback: its OAuth
// pages, REST interface and gateway over one World, from which both history and
// live events come. It refuses what the real one refuses, counts and limits as it
// does, and injects faults. It drives tests and the demo.
package discordtest

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Options describe the application that the platform knows. Zero fields have
// the values written beside them.
type Options struct {
	Address       string // to listen on: 127.0.0.1:0
	Token         string // of the bot: "bot-token"
	ClientID      string // "1000000000000000001"
	ClientSecret  string // "client-secret"
	Redirect      string // the only redirect that is accepted; empty accepts none
	Now           func() time.Time
	Heartbeat     time.Duration // 41.25 s
	IdentifyEvery time.Duration // between two IDENTIFYs of one concurrency key: 5 s
	Shards        int           // that /gateway/bot recommends: 1
	Concurrency   int           // 1
	Starts        int           // IDENTIFYs in a day: 1000
	NoMembers     bool          // the intent GUILD_MEMBERS is not granted
	NoContent     bool          // the intent MESSAGE_CONTENT is not granted
	// PerBucket requests are allowed in BucketTime on each route: 5 in 1 s.
	PerBucket  int
	BucketTime time.Duration
	Global     int // requests in a second: 50
}

func (o Options) complete() Options {
	text := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	count := func(n *int, v int) {
		if *n == 0 {
			*n = v
		}
	}
	span := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	text(&o.Address, "127.0.0.1:0")
	text(&o.Token, "bot-token")
	text(&o.ClientID, "1000000000000000001")
	text(&o.ClientSecret, "client-secret")
	if o.Now == nil {
		o.Now = time.Now
	}
	span(&o.Heartbeat, 41250*time.Millisecond)
	span(&o.IdentifyEvery, 5*time.Second)
	span(&o.BucketTime, time.Second)
	count(&o.Shards, 1)
	count(&o.Concurrency, 1)
	count(&o.Starts, 1000)
	count(&o.PerBucket, 5)
	count(&o.Global, 50)
	return o
}

// Server is the platform.
type Server struct {
	World *World
	// URL is what connectors.App.Base is set to.
	URL string
	// PublicKey is the application's, in hexadecimal: what signs interactions.
	PublicKey string

	options Options
	http    *http.Server
	stop    context.CancelFunc
	ctx     context.Context
	served  sync.WaitGroup

	mu      sync.Mutex
	token   string // what is accepted now
	faults  []*fault
	limits  map[string]*window
	grants  map[string]authorization // by code
	asked   []string                 // requests of REST, in turn
	refused int                      // answers 401, 403 and 429
	gateway hub
	command map[string]any // that the application registered
	private ed25519.PrivateKey
}

// New starts a platform with an empty world. Close ends it.
func New(o Options) (*Server, error) {
	o = o.complete()
	listener, err := net.Listen("tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("discordtest: %w", err)
	}
	s := &Server{
		URL: "http://" + listener.Addr().String(), options: o, token: o.Token,
		limits: map[string]*window{}, grants: map[string]authorization{},
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		listener.Close()
		return nil, fmt.Errorf("discordtest: %w", err)
	}
	s.PublicKey, s.private = hex.EncodeToString(public), private
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.gateway = hub{sessions: map[string]*session{}, identified: map[int]time.Time{}, starts: o.Starts}
	s.World = newWorld(o.Now, o.ClientID, s.tell)
	s.http = &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second}
	s.served.Go(func() {
		if err := s.http.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.stop()
		}
	})
	return s, nil
}

// Close ends the platform and all its connections.
func (s *Server) Close() error {
	s.stop()
	s.Drop()
	err := s.http.Close()
	s.served.Wait()
	return err
}

// ResetToken withdraws the bot's token: everything that uses it is refused.
func (s *Server) ResetToken(to string) {
	s.mu.Lock()
	s.token = to
	s.mu.Unlock()
	s.closeAll(4004, true)
}

// Requests lists the requests of REST so far, as "GET /path".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// Refused counts the answers 401, 403 and 429 so far: the platform bans an
// address with 10,000 of them in ten minutes.
func (s *Server) Refused() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}
