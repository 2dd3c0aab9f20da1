package stripetest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Fault is something that goes wrong with the next requests.
type Fault struct {
	Path  string // the beginning of the path after /v1/; empty for any
	Kind  FaultKind
	Times int           // how often; 0 means once
	After int           // requests that go well before
	Retry int           // seconds, of FaultLimit
	Delay time.Duration // of FaultSlow
}

// FaultKind is what goes wrong.
type FaultKind string

// The faults.
const (
	FaultLimit  FaultKind = "limit"  // 429 with Retry-After
	FaultServer FaultKind = "server" // 500
	FaultKey    FaultKind = "key"    // 401
	FaultCut    FaultKind = "cut"    // the body ends in the middle
	FaultHTML   FaultKind = "html"   // 200 with a page of HTML
	FaultSlow   FaultKind = "slow"   // the answer comes late
)

// Fail makes requests go wrong.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Times = max(f.Times, 1)
	s.fault = append(s.fault, f)
}

func (s *Server) next(path string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.fault {
		f := &s.fault[i]
		if f.Times == 0 || !strings.HasPrefix(path, f.Path) {
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

// broken lets a request go wrong; false when it goes well.
func (s *Server) broken(w http.ResponseWriter, r *http.Request) bool {
	f := s.next(strings.TrimPrefix(r.URL.Path, "/v1/"))
	if f == nil {
		return false
	}
	code := http.StatusOK
	switch f.Kind {
	case FaultSlow:
		select {
		case <-time.After(f.Delay):
		case <-r.Context().Done():
		}
		return false
	case FaultLimit:
		code = http.StatusTooManyRequests
		w.Header().Set("Retry-After", fmt.Sprint(max(f.Retry, 1)))
		w.WriteHeader(code)
		_, _ = w.Write([]byte(`{"error":{"code":"rate_limit","message":"Too many requests"}}`))
	case FaultServer:
		code = http.StatusInternalServerError
		w.WriteHeader(code)
		_, _ = w.Write([]byte(`{"error":{"type":"api_error","message":"An unknown error occurred"}}`))
	case FaultKey:
		code = http.StatusUnauthorized
		w.WriteHeader(code)
		_, _ = w.Write([]byte(`{"error":{"message":"Expired API Key provided: rk_test_****"}}`))
	case FaultHTML:
		_, _ = w.Write([]byte("<html><body>Sign in to the network</body></html>"))
	case FaultCut:
		w.Header().Set("Content-Length", "4096")
		_, _ = w.Write([]byte(`{"object":"list","data":[{"id":"cus_`))
	}
	s.note(r, r.URL.Query(), code)
	return true
}
