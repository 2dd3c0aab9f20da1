package shopifytest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// Config is the application as it is registered, and how this Shopify behaves.
type Config struct {
	ClientID, ClientSecret string
	Redirect               string   // exact
	Scopes                 []string // that are granted; nil for all that are asked for
	Deny                   bool     // the visitor declines
	Lasting                bool     // tokens do not end, as those of a shop's own application
	HideContacts           bool     // who the customers are is held back
	// Points and Restore are the bucket of a shop and what flows back in a second; 0 for plenty.
	Points, Restore float64
	MostCost        float64 // of one query; 0 means 1000
	BulkPolls       int     // how often a bulk operation is not ready
	ShortPages      int     // things a page at most; 0 for what was asked for
}

// Server is Shopify's address for one world. It is an http.Handler: the first
// folder of a path is the shop, files of bulk operations lie below /files.
type Server struct {
	World *World
	conf  Config

	mu        sync.Mutex
	schema    *ast.Schema
	codes     map[string]bool
	tokens    map[string]*token
	refreshes map[string]*token
	made      int
	started   time.Time
	bucket    float64
	filled    time.Time
	bulks     map[string]*bulk
	hooks     []*subscription
	faults    []Fault
	log       []Call
}

// token is what a shop granted.
type token struct {
	access, refresh, before string // before is the refresh token that this one replaced
	expires                 time.Time
	refreshEnds             time.Time
	scopes                  []string
	revoked                 bool
}

// Call is one call of the Admin API, without its secrets.
type Call struct {
	Operation string
	Variables map[string]any
	Status    int
	Code      string // of a refusal
}

// Fault is something that goes wrong.
type Fault struct {
	Where string // graphql, token or file
	Kind  string // 429, 401, 500, throttled, slow, broken, or cut
	After int    // calls of that place that go well before
	Bytes int    // of a file that come before it is cut
}

// NewServer returns Shopify for a world.
func NewServer(w *World, c Config) *Server {
	if c.Points == 0 {
		c.Points, c.Restore = 1e9, 1e9
	}
	if c.MostCost == 0 {
		c.MostCost = 1000
	}
	s := &Server{
		World: w, conf: c, schema: loadSchema(), codes: map[string]bool{}, tokens: map[string]*token{}, refreshes: map[string]*token{},
		bulks: map[string]*bulk{}, started: time.Now(), bucket: c.Points,
	}
	s.filled = s.now()
	return s
}

// now is the world's time, and goes on by itself as well: whoever waits, waits.
func (s *Server) now() time.Time { return s.World.Now().Add(time.Since(s.started)) }

// Break lets something go wrong, once.
func (s *Server) Break(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// Calls are those of the Admin API so far.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// fault takes the fault that is due at a place.
func (s *Server) fault(where string) (Fault, bool) {
	for i, f := range s.faults {
		if f.Where != where {
			continue
		}
		if f.After > 0 {
			s.faults[i].After--
			return Fault{}, false
		}
		s.faults = slices.Delete(s.faults, i, i+1)
		return f, true
	}
	return Fault{}, false
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shop, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case shop == "files":
		s.file(w, r, path)
	case shop != s.World.shop.Domain:
		http.NotFound(w, r)
	case path == "admin/oauth/authorize":
		s.authorize(w, r)
	case path == "admin/oauth/access_token":
		s.token(w, r)
	case path == "admin/api/2026-10/graphql.json":
		s.graphql(w, r)
	default:
		http.NotFound(w, r)
	}
}

// broken answers as a fault says; false when the call goes on.
func broken(w http.ResponseWriter, f Fault) bool {
	switch f.Kind {
	case "429":
		w.Header().Set("Retry-After", "2.0")
		w.WriteHeader(http.StatusTooManyRequests)
	case "401":
		answer(w, http.StatusUnauthorized, object{"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"})
	case "500":
		http.Error(w, "<html>Something went wrong: client1@example.org</html>", http.StatusInternalServerError)
	case "broken":
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte(`{"data":{"orders":{"nodes":[{"id":"gid://`))
	case "slow":
		time.Sleep(50 * time.Millisecond)
		return false
	default:
		return false
	}
	return true
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client went away
}
