package discord

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"strconv"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// shard is one part of the servers. It owns its state: one goroutine uses it.
type shard struct {
	listener
	id, count int
	log       *slog.Logger
	state     shardState
	guilds    map[string]*guildRecord
	changed   map[string]bool // servers whose record is not saved
	parcels   []connectors.Parcel
	notices   []connectors.Notice
	saved     time.Time         // when the state was saved last
	watches   map[string]*watch // of invitations, by server
	counted   chan counting     // answers to how often they were used; one is asked for at a time
	asking    bool
	looked    time.Time // at the watches
	ready     time.Time // since when the session runs; zero while it does not
}

func newShard(l listener, id, count int) *shard {
	return &shard{
		listener: l, id: id, count: count, log: l.app.Log.With("shard", id, "shards", count),
		guilds: map[string]*guildRecord{}, changed: map[string]bool{},
		watches: map[string]*watch{}, counted: make(chan counting, 1),
	}
}

func (s *shard) name() string { return nameShard + strconv.Itoa(s.id) + "/" + strconv.Itoa(s.count) }

// run keeps a session until the context ends. Its error says that coming back
// would do harm, or that more shards are needed.
func (s *shard) run(ctx context.Context) error {
	for n := 0; ; n++ {
		err := load(ctx, s.host, s.name(), &s.state)
		if err == nil {
			break
		}
		if !wait(ctx, s.pace.backoff(n)) {
			return nil
		}
	}
	for failures := 0; ctx.Err() == nil; {
		s.ready = time.Time{}
		err := s.connect(ctx, failures)
		if ctx.Err() != nil || !s.held() {
			return nil // who is free takes it up
		}
		if !s.ready.IsZero() {
			failures = 0
		}
		after, fatal := s.verdict(err, failures)
		if fatal != nil {
			return fatal
		}
		s.log.Info("gateway connection ended", "reason", reasonOf(err), "again", after)
		failures++
		wait(ctx, after)
	}
	return nil
}

// reasonOf is what a log may say of an error: never what a peer wrote.
func reasonOf(err error) string {
	if code := closeCode(err); code >= 0 {
		return "close " + strconv.Itoa(code)
	}
	for _, known := range []error{errZombie, errReconnect, errInvalid} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "connection failed"
}

// verdict decides what the end of a connection means: how long to wait before
// the next one, or that there must be none.
func (s *shard) verdict(err error, failures int) (time.Duration, error) {
	var fatal *connectors.FatalError
	if errors.As(err, &fatal) {
		return 0, fatal
	}
	after := time.Duration(0)
	if failures > 0 {
		after = s.pace.backoff(failures - 1)
	}
	if errors.Is(err, errInvalid) {
		s.state.forget()
		return after + s.pace.retry + rand.N(4*s.pace.retry), nil // 1 to 5 s, says the platform
	}
	switch closeCode(err) {
	case 4003, 4007, 4009: // not authenticated, wrong sequence, timed out
		s.state.forget()
	case 4004:
		return 0, &connectors.FatalError{Reason: "token", Err: err}
	case 4010, 4012:
		return 0, &connectors.FatalError{Reason: "gateway", Err: err}
	case 4011:
		return 0, errSharding
	case 4013:
		return 0, &connectors.FatalError{Reason: "intents", Err: err}
	case 4014:
		s.state.forget()
		s.state.Step++
		s.state.Stepped = s.api.now().UnixMilli()
		if s.state.Step >= len(fallbacks) {
			return 0, &connectors.FatalError{Reason: "intents", Err: err}
		}
	}
	return after, nil
}

// connect makes one connection and works until it ends.
func (s *shard) connect(ctx context.Context, failures int) error {
	address, done, err := s.address(ctx, failures)
	if err != nil {
		return err
	}
	socket, err := dialSocket(ctx, s.app, address)
	if err != nil {
		done()
		return err
	}
	now := s.api.now
	in := &session{socket: socket, now: now, events: make(chan received, queueLength), beat: make(chan struct{}, 1)}
	in.seq.Store(s.state.Seq)
	interval, err := in.hello(ctx)
	if err == nil {
		err = s.greet(ctx, socket)
	}
	done() // the next one may identify itself a while after this one did
	if err != nil {
		socket.drop()
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- in.run(running, interval) }()
	s.consume(ctx, stop, in)
	return <-ended
}

// address is where to connect to. A session that is to begin waits for its turn.
func (s *shard) address(ctx context.Context, failures int) (string, func(), error) {
	nothing := func() {}
	if s.state.Session != "" {
		if failures < 3 && trusted(s.app, s.state.Resume) {
			return s.state.Resume, nothing, nil
		}
		info, err := s.info(ctx)
		return info.URL, nothing, err
	}
	if n := s.state.Attempts; n > 0 {
		// Kept across restarts: a process that dies again and again spends no budget.
		longest := 10 * s.pace.longest
		gap := longest
		if n < 20 {
			gap = min(longest, s.pace.retry<<n)
		}
		if !wait(ctx, gap-elapsed(s.api.now(), s.state.Identified)) {
			return "", nothing, ctx.Err()
		}
	}
	return s.turn(ctx, s.id)
}

// greet resumes the session, or begins one.
func (s *shard) greet(ctx context.Context, socket *socket) error {
	token := s.api.token
	if s.state.Session != "" {
		return socket.write(ctx, opResume, map[string]any{"token": token, "session_id": s.state.Session, "seq": s.state.Seq})
	}
	now := s.api.now()
	if s.state.Step > 0 && elapsed(now, s.state.Stepped) > 24*time.Hour {
		s.state.Step = 0 // the right may have been given back
	}
	s.state.Attempts++
	s.state.Identified = now.UnixMilli()
	if err := save(ctx, s.host, s.name(), s.state); err != nil {
		return err
	}
	return socket.write(ctx, opIdentify, map[string]any{
		"token": token, "intents": intentsWithout(s.state.Step), "shard": [2]int{s.id, s.count},
		"properties": map[string]string{"os": runtime.GOOS, "browser": "foyer", "device": "foyer"},
	})
}

// consume stores what the connection brings until it ends; stop ends it.
func (s *shard) consume(ctx context.Context, stop func(), in *session) {
	tick := time.NewTicker(max(s.pace.save/2, time.Millisecond))
	defer tick.Stop()
	for open := true; open; {
		select {
		case e, ok := <-in.events:
			open = ok
			if ok {
				s.take(ctx, e)
				s.more(ctx, in)
			}
		case c := <-s.counted:
			s.answer(c)
		case <-tick.C:
		}
		s.settle(in)
		s.attribute(ctx)
		if !s.flush(ctx, !open) {
			// Nothing of this connection is stored any more: what follows would
			// leave a hole. It is sent again after the next resume.
			stop()
			s.restart(in)
			return
		}
	}
}

// more takes what waits already, so that one write stores it.
func (s *shard) more(ctx context.Context, in *session) {
	const events, parcels = 200, 1000
	for n := 0; n < events && len(s.parcels) < parcels; n++ {
		select {
		case e, ok := <-in.events:
			if !ok {
				return
			}
			s.take(ctx, e)
		default:
			return
		}
	}
}

// settle does what time brings: leaves whose detail nobody told, and that a
// session proves stable.
func (s *shard) settle(in *session) {
	now := s.api.now()
	if !s.ready.IsZero() {
		s.state.Alive = max(s.state.Alive, in.alive.Load())
	}
	s.settleLeaves(now)
	if !s.ready.IsZero() && now.Sub(s.ready) > 60*s.pace.retry {
		s.state.Attempts = 0
	}
}

// restart forgets what is in memory, and empties the queue.
func (s *shard) restart(in *session) {
	for range in.events {
	}
	s.parcels, s.notices = nil, nil
	s.guilds, s.changed = map[string]*guildRecord{}, map[string]bool{}
	s.watches = map[string]*watch{}
}
