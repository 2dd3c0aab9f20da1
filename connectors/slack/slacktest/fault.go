package slacktest

import (
	"fmt"
	"net/http"
	"time"
)

// Fault is something that goes wrong with the next calls of a method.
type Fault struct {
	Method string // of the Web API; empty for any
	Kind   FaultKind
	Times  int           // how often; 0 means once
	After  int           // calls that go well before
	Retry  int           // seconds, of FaultLimit
	Delay  time.Duration // of FaultSlow
	Code   string        // of FaultRefuse
}

// FaultKind is what goes wrong.
type FaultKind string

// The faults.
const (
	FaultLimit  FaultKind = "limit"  // 429 with Retry-After
	FaultServer FaultKind = "server" // 500 with a page of HTML
	FaultCut    FaultKind = "cut"    // the body ends in the middle
	FaultHTML   FaultKind = "html"   // 200 with a page of HTML
	FaultSlow   FaultKind = "slow"   // the answer comes late
	FaultRefuse FaultKind = "refuse" // ok is false, with Code
)

// Fail makes calls go wrong.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults = append(s.faults, f)
}

// next is the fault of a call, if any.
func (s *Server) next(method string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.faults {
		f := &s.faults[i]
		if f.Times == 0 || f.Method != "" && f.Method != method {
			continue
		}
		if f.After > 0 {
			f.After--
			continue
		}
		f.Times--
		found := *f
		return &found
	}
	return nil
}

// fault lets a call go wrong; false when it goes well.
func (s *Server) fault(w http.ResponseWriter, r *http.Request, q *query) bool {
	f := s.next(q.method)
	if f == nil {
		return false
	}
	no := refuse(string(f.Kind))
	switch f.Kind {
	case FaultSlow:
		select {
		case <-time.After(f.Delay):
		case <-r.Context().Done():
		}
		return false
	case FaultLimit:
		no.code, no.retry = "ratelimited", max(f.Retry, 1)
		w.Header().Set("Retry-After", fmt.Sprint(no.retry))
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte(`{"ok":false,"error":"ratelimited"}`))
	case FaultServer:
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte("<html><body>Something went wrong</body></html>"))
	case FaultHTML:
		_, _ = w.Write([]byte("<html><body>Sign in to the network</body></html>"))
	case FaultCut:
		w.Header().Set("Content-Length", "4096")
		_, _ = w.Write([]byte(`{"ok":true,"messages":[{"type":"message","ts":"16`))
	case FaultRefuse:
		no.code = f.Code
		_, _ = fmt.Fprintf(w, `{"ok":false,"error":%q}`, f.Code)
	}
	s.record(q, no)
	return true
}
