package discordtest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Fault is something that goes wrong with a request.
type Fault int

// The faults.
const (
	Error500   Fault = iota // an error of the platform
	Error401                // the token is refused
	Limit                   // 429 of the route, with the usual headers
	LimitAll                // 429 of the whole bot, without X-RateLimit-Reset-After
	Shared                  // 429 of a resource that others use too
	Cloudflare              // 429 in HTML, of the guard before the platform
	Cut                     // the body ends in the middle
	Slow                    // the answer takes its time
	Twice                   // every message of the page stands in it twice
	Shuffled                // the page is in disorder
)

type fault struct {
	kind  Fault
	path  string // part of the path
	times int
	after time.Duration // Retry-After, or how slow
}

// Inject makes the next requests whose path holds path go wrong. after is what
// a limit asks to wait, or how long a slow answer takes.
func (s *Server) Inject(kind Fault, path string, times int, after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &fault{kind: kind, path: path, times: times, after: after})
}

// due takes the next fault for a path.
func (s *Server) due(path string) *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.times > 0 && strings.Contains(path, f.path) {
			f.times--
			return f
		}
	}
	return nil
}

// fail answers with a fault; false when the request goes on.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, f *fault) bool {
	after := fmt.Sprintf("%.3f", f.after.Seconds())
	h := w.Header()
	limited := func(scope string, global bool) {
		h.Set("Retry-After", after)
		h.Set("X-RateLimit-Scope", scope)
		s.answer(w, http.StatusTooManyRequests, map[string]any{
			"message": "You are being rate limited.", "retry_after": f.after.Seconds(), "global": global, "code": 0,
		})
	}
	switch f.kind {
	case Error500:
		s.answer(w, http.StatusInternalServerError, map[string]any{"message": "500: Internal Server Error", "code": 0})
	case Error401:
		s.refuse(w, http.StatusUnauthorized, 0, "401: Unauthorized")
	case Limit:
		h.Set("X-RateLimit-Limit", "5")
		h.Set("X-RateLimit-Remaining", "0")
		h.Set("X-RateLimit-Reset-After", after)
		h.Set("X-RateLimit-Bucket", "fault")
		limited("user", false)
	case LimitAll:
		h.Set("X-RateLimit-Global", "true")
		limited("global", true)
	case Shared:
		limited("shared", false)
	case Cloudflare:
		h.Set("Content-Type", "text/html; charset=UTF-8")
		h.Set("Retry-After", after)
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte("<!doctype html><title>Access denied | error 1015</title>"))
	case Cut:
		h.Set("Content-Type", "application/json")
		h.Set("Content-Length", "4096")
		_, _ = w.Write([]byte(`[{"id":"1`))
		panic(http.ErrAbortHandler) // how a handler cuts a connection
	case Slow:
		select {
		case <-r.Context().Done():
		case <-time.After(f.after):
		}
		return false
	default:
		return false
	}
	return true
}

// Drop cuts all gateway connections without a word.
func (s *Server) Drop() {
	for _, l := range s.links() {
		l.cancel()
		_ = l.conn.CloseNow()
	}
}

// Reconnect asks all clients to connect again (operation 7).
func (s *Server) Reconnect() {
	for _, l := range s.links() {
		_ = l.write(s.ctx, op{Op: 7})
	}
}

// Invalidate ends all sessions: what follows cannot be had by resuming (operation 9).
func (s *Server) Invalidate() {
	links := s.links()
	s.mu.Lock()
	s.gateway.sessions = map[string]*session{}
	s.mu.Unlock()
	for _, l := range links {
		_ = l.write(s.ctx, op{Op: 9, Data: false})
	}
}

// CloseAll closes all gateway connections with a code; forget ends their sessions too.
func (s *Server) CloseAll(code int, forget bool) { s.closeAll(code, forget) }

func (s *Server) closeAll(code int, forget bool) {
	links := s.links()
	if forget {
		s.mu.Lock()
		s.gateway.sessions = map[string]*session{}
		s.mu.Unlock()
	}
	for _, l := range links {
		go l.close(code)
	}
}

func (s *Server) links() []*link {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*link
	for _, sess := range s.gateway.sessions {
		if sess.link != nil {
			list = append(list, sess.link)
		}
	}
	return list
}

// Silence stops or starts the acknowledgement of heartbeats.
func (s *Server) Silence(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway.silent = on
}

// Repeat sends every nth event twice; 0 none.
func (s *Server) Repeat(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway.twice = n
}

// Refuse closes the next IDENTIFYs with a code.
func (s *Server) Refuse(code, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway.refuse, s.gateway.refusals = code, times
}

// Grow makes the platform ask for more shards.
func (s *Server) Grow(shards int) {
	s.mu.Lock()
	s.options.Shards = shards
	s.mu.Unlock()
	s.closeAll(4011, true)
}

// Gateway tells what clients did: sessions begun, resumed, and connected now.
func (s *Server) Gateway() (begun, resumed, connected int) {
	n := len(s.links())
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gateway.made, s.gateway.resumed, n
}

// Starts are the IDENTIFYs that are left today.
func (s *Server) Starts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gateway.starts
}
