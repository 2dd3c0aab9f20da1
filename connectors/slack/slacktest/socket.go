package slacktest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// maxSockets is how many an application may have open.
const maxSockets = 10

// sockets are the connections of Socket Mode, and the events that wait for one.
type sockets struct {
	socketMu sync.Mutex
	address  string // ws://host of this server
	tickets  map[string]bool
	open     map[*socket]bool
	waiting  []*delivery
	disabled bool
	opened   int
}

// socket is one connection.
type socket struct {
	conn   *websocket.Conn
	cancel context.CancelFunc
	wake   chan struct{}
	closes chan string // reasons
}

// delivery is an envelope that is not acknowledged.
type delivery struct {
	id       string
	event    Event
	sent     *socket
	attempts int
}

// ServeSockets says at which address the sockets are, such as "ws://127.0.0.1:80",
// and has the world's events delivered over them.
func (s *Server) ServeSockets(address string) {
	s.socketMu.Lock()
	s.address, s.tickets, s.open = address, map[string]bool{}, map[*socket]bool{}
	s.socketMu.Unlock()
	s.World.Listen(func(e Event) { s.SendSocket(e) })
}

// SendSocket queues an event for the sockets.
func (s *Server) SendSocket(list ...Event) {
	s.socketMu.Lock()
	defer s.socketMu.Unlock()
	for _, e := range list {
		s.opened++
		s.waiting = append(s.waiting, &delivery{id: fmt.Sprintf("%08d-0000-4000-8000-000000000000", s.opened), event: e})
	}
	s.wakeAll()
}

func (s *Server) wakeAll() {
	for c := range s.open {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

// Waiting is the number of events that are not acknowledged.
func (s *Server) Waiting() int {
	s.socketMu.Lock()
	defer s.socketMu.Unlock()
	return len(s.waiting)
}

// Sockets is the number of open connections.
func (s *Server) Sockets() int {
	s.socketMu.Lock()
	defer s.socketMu.Unlock()
	return len(s.open)
}

// Disconnect asks all sockets to go, for a reason: "warning", "refresh_requested",
// "link_disabled", "too_many_websockets"; or cuts them when it is empty.
func (s *Server) Disconnect(reason string) {
	s.socketMu.Lock()
	defer s.socketMu.Unlock()
	s.disabled = s.disabled || reason == "link_disabled"
	for c := range s.open {
		if reason == "" {
			c.cancel()
			continue
		}
		select {
		case c.closes <- reason:
		default:
		}
	}
}

// openSocket is apps.connections.open.
func (s *Server) openSocket(*query) (map[string]any, *refusal) {
	s.socketMu.Lock()
	defer s.socketMu.Unlock()
	if s.disabled || s.address == "" {
		return nil, refuse("socket_mode_not_enabled")
	}
	s.opened++
	ticket := fmt.Sprintf("ticket-%d", s.opened)
	s.tickets[ticket] = true
	return map[string]any{"url": s.address + "/link?ticket=" + ticket}, nil
}

// link is one socket, from a ticket that is good once.
func (s *Server) link(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	s.socketMu.Lock()
	good := s.tickets[ticket]
	delete(s.tickets, ticket)
	s.socketMu.Unlock()
	if !good {
		http.Error(w, "bad ticket", http.StatusForbidden)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	c := &socket{conn: conn, cancel: cancel, wake: make(chan struct{}, 1), closes: make(chan string, 1)}
	s.socketMu.Lock()
	crowded := len(s.open) >= maxSockets
	if !crowded {
		s.open[c] = true
	}
	s.socketMu.Unlock()
	if crowded {
		_ = c.write(ctx, map[string]any{"type": "disconnect", "reason": "too_many_websockets"})
		return
	}
	defer s.forget(c)
	s.talk(ctx, c)
}

// forget lets another socket have what this one did not acknowledge.
func (s *Server) forget(c *socket) {
	s.socketMu.Lock()
	defer s.socketMu.Unlock()
	delete(s.open, c)
	for _, d := range s.waiting {
		if d.sent == c {
			d.sent = nil
		}
	}
	s.wakeAll()
}

func (c *socket) write(ctx context.Context, v map[string]any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.conn.Write(ctx, websocket.MessageText, body)
}

func (s *Server) talk(ctx context.Context, c *socket) {
	hello := map[string]any{
		"type": "hello", "num_connections": s.Sockets(), "debug_info": map[string]any{"host": "fake", "approximate_connection_time": 3600},
		"connection_info": map[string]any{"app_id": AppID},
	}
	if c.write(ctx, hello) != nil {
		return
	}
	go s.listen(ctx, c)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		if s.flush(ctx, c) != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		case <-again.C:
		case reason := <-c.closes:
			_ = c.write(ctx, map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "fake"}})
			return
		}
	}
}

// listen reads acknowledgements.
func (s *Server) listen(ctx context.Context, c *socket) {
	defer c.cancel()
	for {
		_, body, err := c.conn.Read(ctx)
		if err != nil {
			return
		}
		var ack struct {
			ID string `json:"envelope_id"`
		}
		if json.Unmarshal(body, &ack) != nil {
			return
		}
		s.acknowledge(ack.ID)
	}
}

func (s *Server) acknowledge(id string) {
	s.socketMu.Lock()
	defer s.socketMu.Unlock()
	for i, d := range s.waiting {
		if d.id == id {
			s.waiting = append(s.waiting[:i:i], s.waiting[i+1:]...)
			return
		}
	}
}

// flush sends what waits and is not under way.
func (s *Server) flush(ctx context.Context, c *socket) error {
	s.socketMu.Lock()
	var list []*delivery
	for _, d := range s.waiting {
		if d.sent == nil {
			d.sent = c
			d.attempts++
			list = append(list, d)
		}
	}
	s.socketMu.Unlock()
	for _, d := range list {
		err := c.write(ctx, map[string]any{
			"type": "events_api", "envelope_id": d.id, "accepts_response_payload": false, "retry_attempt": d.attempts - 1,
			"retry_reason": "", "payload": json.RawMessage(s.World.Envelope(d.event)),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
