package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/httprate"

	"github.com/foyer-app/foyer/internal/account"
)

// keyPrefix begins every key of the API, so that people and scanners of secrets
// recognise one.
const keyPrefix = "foyer_"

// maxKey bounds what is taken for a key.
const maxKey = 200

// APILimits bound the requests of the API in a minute, in each process.
type APILimits struct {
	Caller  int // of one key or person; 0: 600
	Address int // of one address without either; 0: 60
}

// The usual limits.
const (
	callerLimit  = 600
	addressLimit = 60
)

// keyed finds out who asks: by the key where one is sent, else by the cookie, and
// by that only when the page that asks is ours.
func (s *Server) keyed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := s.caller(r)
		if err != nil {
			s.page(func(http.ResponseWriter, *http.Request) error { return err })(w, r)
			return
		}
		next.ServeHTTP(w, r.WithContext(account.WithActor(r.Context(), who)))
	})
}

func (s *Server) caller(r *http.Request) (account.Actor, error) {
	if sent := r.Header.Get("Authorization"); sent != "" {
		scheme, key, _ := strings.Cut(sent, " ")
		if key = strings.TrimSpace(key); !strings.EqualFold(scheme, "Bearer") || !strings.HasPrefix(key, keyPrefix) || len(key) > maxKey {
			return account.Actor{Address: address(r)}, nil
		}
		return s.Accounts.ResolveKey(r.Context(), key, address(r))
	}
	if !ownPage(r) {
		return account.Actor{Address: address(r)}, nil
	}
	return s.Accounts.Resolve(r.Context(), s.token(r), address(r))
}

// ownPage says whether the browser asks for a page of ours, or for the person.
func ownPage(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

// limited bounds how often somebody may ask. The address is the connection's, or
// what a trusted proxy says: a header of the caller makes no new count.
func (s *Server) limited() func(http.Handler) http.Handler {
	limits := s.Limits
	if limits.Caller <= 0 {
		limits.Caller = callerLimit
	}
	if limits.Address <= 0 {
		limits.Address = addressLimit
	}
	count := httprate.LimitBy(limits.Caller, time.Minute, countedAs, httprate.WithLimitHandler(func(w http.ResponseWriter, r *http.Request) {
		s.problemPage(w, r, &problem{status: http.StatusTooManyRequests, key: "error.rate_limited"})
	}))
	return func(next http.Handler) http.Handler {
		counted := count(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !actor(r).SignedIn() {
				r = r.WithContext(httprate.WithRequestLimit(r.Context(), limits.Address))
			}
			counted.ServeHTTP(w, r)
		})
	}
}

// countedAs is whose request it is: a key's, a person's, or an address's. Of the
// new addresses a household has a whole network.
func countedAs(r *http.Request) (string, error) {
	switch who := actor(r); {
	case who.Key.ID != 0:
		return "key/" + strconv.FormatInt(who.Key.ID, 10), nil
	case who.User.ID != 0:
		return "user/" + strconv.FormatInt(who.User.ID, 10), nil
	}
	return "address/" + httprate.CanonicalizeIP(address(r)), nil
}

// keyless refuses a key in the address: addresses stand in logs and histories.
func (s *Server) keyless(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(strings.ToLower(r.URL.RawQuery), keyPrefix) || namesKey(r.URL.Query()) {
			s.problemPage(w, r, &problem{status: http.StatusBadRequest, key: "error.key_in_query"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func namesKey(values url.Values) bool {
	for _, name := range []string{"access_token", "api_key", "apikey", "key", "token"} {
		if values.Has(name) {
			return true
		}
	}
	return false
}
