package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/coder/websocket"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
)

// socketLock is the name of the lock whose holder keeps the socket: Slack deals
// events out to all sockets of an application, so one is enough.
const socketLock = "slack/socket"

// delays are the waits of a gateway.
type delays struct {
	lock        time.Duration // before asking for the lock again
	first, most time.Duration // after a failure, doubled each time
	crowd       time.Duration // when there are too many sockets
	ping        time.Duration // between two signs of life
}

func usualDelays() delays {
	return delays{lock: 10 * time.Second, first: time.Second, most: time.Minute, crowd: time.Minute, ping: 30 * time.Second}
}

// Listen reads events from a socket, for instances that have no public address.
// Without an application's token there is nothing to listen to.
func (connector) Listen(ctx context.Context, app connectors.App, host connectors.Host) error {
	if app.Token == "" {
		<-ctx.Done()
		return nil
	}
	return (&gateway{app: app, host: host, delays: usualDelays()}).listen(ctx)
}

// gateway is one call of Listen.
type gateway struct {
	app  connectors.App
	host connectors.Host
	delays
	presence
}

func (g *gateway) listen(ctx context.Context) error {
	for ctx.Err() == nil {
		release, ok, err := g.host.Hold(ctx, socketLock)
		if err != nil {
			g.app.Log.WarnContext(ctx, "slack: no lock for the socket", "error", err)
		}
		if err != nil || !ok {
			sleep(ctx, g.lock)
			continue
		}
		err = g.held(ctx)
		release()
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("slack: socket: %w", err)
		}
	}
	return nil
}

// held keeps a socket open until the context ends, the lock is lost or coming back would do harm.
func (g *gateway) held(ctx context.Context) error {
	failures := 0
	for ctx.Err() == nil && g.host.Holds(socketLock) {
		again, err := g.session(ctx)
		var fatal *connectors.FatalError
		var limited *connectors.RateLimitError
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &fatal):
			return err
		case errors.As(err, &limited):
			sleep(ctx, limited.After)
			continue
		case err == nil:
			failures = 0
			sleep(ctx, again)
			continue
		}
		g.app.Log.WarnContext(ctx, "slack: the socket was lost", "error", err)
		delay := min(g.first<<min(failures, 10), g.most)
		failures++
		sleep(ctx, delay/2+rand.N(delay/2+1))
	}
	return nil
}

// session is one socket. It ends without an error when Slack asked for another
// one, to be opened after the time returned.
func (g *gateway) session(ctx context.Context) (again time.Duration, err error) {
	_, address, err := library(g.app, "").StartSocketModeContext(ctx)
	if err != nil {
		return 0, openError(ours("apps.connections.open", err))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: g.app.HTTP})
	if err != nil {
		return 0, errors.New("the socket cannot be opened") // the error has the address, and that a ticket
	}
	defer conn.CloseNow()
	conn.SetReadLimit(connectors.MaxDelivery)
	go g.pulse(ctx, conn)
	for {
		_, message, err := conn.Read(ctx)
		if err != nil {
			return 0, fmt.Errorf("read: %w", err)
		}
		done, again, err := g.handle(ctx, conn, message)
		if done || err != nil {
			return again, err
		}
	}
}

// openError says which refusals of a socket are final.
func openError(err error) error {
	switch code(err) {
	case "missing_scope", "not_allowed_token_type", "access_denied":
		return &connectors.FatalError{Reason: "app_token", Err: err}
	case "socket_mode_not_enabled", "socket_mode_disabled":
		return &connectors.FatalError{Reason: "socket_disabled", Err: err}
	}
	if errors.Is(err, connectors.ErrRevoked) {
		return &connectors.FatalError{Reason: "app_token", Err: err}
	}
	return err
}

// pulse closes a socket whose other end no longer answers.
func (g *gateway) pulse(ctx context.Context, conn *websocket.Conn) {
	for sleep(ctx, g.ping) {
		alive, cancel := context.WithTimeout(ctx, g.ping)
		err := conn.Ping(alive)
		cancel()
		if err != nil {
			conn.CloseNow()
			return
		}
		g.stay(ctx, g.app, g.host)
	}
}

// frame is what comes over the socket.
type frame struct {
	kind, id, reason string
	payload          []byte // aliases the message
}

func (f *frame) field(key string, v jsonstream.Value) (err error) {
	switch key {
	case "type":
		return text(v, &f.kind)
	case "envelope_id":
		return name(v, &f.id)
	case "reason":
		return text(v, &f.reason)
	case "payload":
		f.payload, err = v.Raw()
	}
	return err
}

// handle takes one message. It acknowledges what is stored; Slack sends the rest again.
func (g *gateway) handle(ctx context.Context, conn *websocket.Conn, message []byte) (done bool, again time.Duration, err error) {
	var f frame
	if err := object(message, f.field); err != nil {
		return false, 0, nil // not to be acknowledged, nor of use
	}
	switch f.kind {
	case "hello":
		g.back(ctx, g.app, g.host)
		return false, 0, nil
	case "disconnect":
		return g.disconnect(f.reason)
	case "events_api":
		if !g.deliver(ctx, f.payload) {
			return false, 0, nil
		}
	}
	if f.id == "" {
		return false, 0, nil
	}
	ack, _ := json.Marshal(map[string]string{"envelope_id": f.id}) // strings always encode
	if err := conn.Write(ctx, websocket.MessageText, ack); err != nil {
		return false, 0, fmt.Errorf("acknowledge: %w", err)
	}
	return false, 0, nil
}

// deliver stores what an event means; false when it must come again.
func (g *gateway) deliver(ctx context.Context, payload []byte) bool {
	d, err := read(payload, g.host.Keep)
	if err != nil {
		return true // it would be the same again
	}
	for _, p := range d.Parcels {
		g.met(p.Account)
	}
	if len(d.Parcels) > 0 {
		if err := g.host.Accept(ctx, d.Parcels); err != nil {
			g.app.Log.WarnContext(ctx, "slack: an event was not stored", "error", err)
			return false
		}
	}
	for _, n := range d.Notices {
		if err := g.host.Note(ctx, n); err != nil {
			g.app.Log.WarnContext(ctx, "slack: a notice was not stored", "error", err)
			return false
		}
	}
	return true
}

// disconnect says what to do when Slack closes the socket.
func (g *gateway) disconnect(reason string) (done bool, again time.Duration, err error) {
	switch reason {
	case "link_disabled":
		return true, 0, &connectors.FatalError{Reason: "socket_disabled"}
	case "too_many_websockets":
		return true, g.crowd, nil
	}
	return true, 0, nil // a refresh, or the warning of one
}

// sleep waits; false when the context ended.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
