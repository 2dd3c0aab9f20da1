package discord

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// How a connection ended, where it matters for the next one.
var (
	errZombie    = errors.New("heartbeat was not acknowledged")
	errReconnect = errors.New("the platform asks to reconnect")
	errInvalid   = errors.New("the session is not valid any more")
)

// queueLength bounds the events that wait to be stored. Above it nothing is
// read, and the platform keeps what comes. Snapshots of servers can be large, and
// come thousands at once when a session begins.
const queueLength = 256

// received is an event and when it came.
type received struct {
	frame
	at time.Time
}

// session is one connection to the gateway, from HELLO to its end.
type session struct {
	socket *socket
	now    func() time.Time
	events chan received
	acked  atomic.Bool
	seq    atomic.Int64 // of the last event read
	beat   chan struct{}
	alive  atomic.Int64 // Unix milliseconds of the last frame read
}

// hello waits for HELLO and returns the interval of heartbeats.
func (s *session) hello(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	f, err := s.socket.read(ctx)
	if err != nil {
		return 0, err
	}
	var d struct {
		Interval float64 `json:"heartbeat_interval"`
	}
	if f.Op != opHello || json.Unmarshal(f.Data, &d) != nil || d.Interval < 1 || d.Interval > 600_000 {
		return 0, errors.New("gateway did not say hello")
	}
	return time.Duration(d.Interval * float64(time.Millisecond)), nil
}

// run reads events into the channel until the connection ends, and says why it
// did. It closes the channel.
func (s *session) run(ctx context.Context, interval time.Duration) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.acked.Store(true)
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		if err := s.heartbeats(ctx, interval); err != nil {
			cancel(err)
		}
	}()
	reading := make(chan error, 1)
	go func() { reading <- s.readAll(ctx) }()
	var err error
	select {
	case err = <-reading:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if closeCode(err) < 0 {
		s.socket.closeKeeping()
	}
	cancel(nil)
	s.socket.drop()
	<-beating
	return err
}

// readAll reads until the connection ends. The context is not given to the
// reading itself: its end would cut the connection without a close code.
func (s *session) readAll(ctx context.Context) error {
	defer close(s.events)
	for {
		f, err := s.socket.read(context.WithoutCancel(ctx))
		if err != nil {
			return err
		}
		now := s.now()
		s.alive.Store(now.UnixMilli())
		switch f.Op {
		case opDispatch:
			if f.Seq != nil {
				s.seq.Store(max(s.seq.Load(), *f.Seq))
			}
			select {
			case s.events <- received{frame: f, at: now}:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		case opHeartbeat:
			select {
			case s.beat <- struct{}{}:
			default:
			}
		case opAck:
			s.acked.Store(true)
		case opReconnect:
			return errReconnect
		case opInvalidSession:
			if string(f.Data) == "true" {
				return errReconnect
			}
			return errInvalid
		}
	}
}

// heartbeats sends them until the context ends. Not acknowledged between two,
// the connection is dead though it looks open.
func (s *session) heartbeats(ctx context.Context, interval time.Duration) error {
	timer := time.NewTimer(time.Duration(rand.Float64() * float64(interval)))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.beat: // asked for
		case <-timer.C:
			if !s.acked.Swap(false) {
				return errZombie
			}
			timer.Reset(interval)
		}
		var last any
		if seq := s.seq.Load(); seq > 0 {
			last = seq
		}
		if err := s.socket.write(ctx, opHeartbeat, last); err != nil {
			return err
		}
	}
}
