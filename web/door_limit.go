package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/httprate"
)

// How often somebody may try to get in. What is counted is what was asked for, so
// an unknown account counts like a known one.
const (
	limitWindow   = 15 * time.Minute
	limitAddress  = 200 // requests from one network address: an office in the morning
	limitAccount  = 20  // tries at the password of one account
	limitLetters  = 5   // letters to one address
	codeWindow    = time.Hour
	limitCodes    = 10 // tries at the six digits of one account
	errandsAtOnce = 8
	errandsMost   = 256
)

// limits count what each process was asked.
type limits struct{ address, account, letters, codes *httprate.RateLimiter }

func newLimits() limits {
	quiet := httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"})
	return limits{
		address: httprate.NewRateLimiter(limitAddress, limitWindow, quiet), account: httprate.NewRateLimiter(limitAccount, limitWindow, quiet),
		letters: httprate.NewRateLimiter(limitLetters, limitWindow, quiet), codes: httprate.NewRateLimiter(limitCodes, codeWindow, quiet),
	}
}

// slowed is a page for people before the door, for so many tries from one network.
func (s *Server) slowed(h handler) http.HandlerFunc {
	return s.page(func(w http.ResponseWriter, r *http.Request) error {
		if s.limits.address.OnLimit(w, r, httprate.CanonicalizeIP(address(r))) {
			return errTooMany
		}
		err := h(w, r)
		if errors.Is(err, errLink) {
			return s.gonePage(w, r)
		}
		return err
	})
}

var (
	errTooMany      = &problem{status: http.StatusTooManyRequests, key: "error.too_many"}
	errTooManyCodes = &problem{status: http.StatusTooManyRequests, key: "error.too_many_codes"}
)

// oftenTried says that an account was tried too often.
func (s *Server) oftenTried(w http.ResponseWriter, r *http.Request, email string) error {
	if s.limits.account.OnLimit(w, r, accountKey(email)) {
		return errTooMany
	}
	return nil
}

// oftenWritten says that somebody was sent too many letters.
func (s *Server) oftenWritten(w http.ResponseWriter, r *http.Request, email string) error {
	if s.limits.letters.OnLimit(w, r, accountKey(email)) {
		return errTooMany
	}
	return nil
}

// oftenCoded says that the codes of a person were tried too often.
func (s *Server) oftenCoded(w http.ResponseWriter, r *http.Request, user int64) error {
	if s.limits.codes.OnLimit(w, r, strconv.FormatInt(user, 10)) {
		return errTooManyCodes
	}
	return nil
}

// accountKey is the same for every way of writing an address.
func accountKey(email string) string {
	if parsed := parseEmail(email); parsed != "" {
		return parsed
	}
	return strings.ToLower(strings.TrimSpace(email))
}

// errands are done after the answer: how long they take says nothing about whether
// an account exists.
type errands struct {
	pending chan struct{}
	working chan struct{}
	all     *sync.WaitGroup
}

func newErrands() errands {
	return errands{pending: make(chan struct{}, errandsMost), working: make(chan struct{}, errandsAtOnce), all: new(sync.WaitGroup)}
}

// later does something after the answer. When too much waits already the visitor
// is asked to come again.
func (s *Server) later(r *http.Request, what string, do func(ctx context.Context) error) error {
	select {
	case s.errand.pending <- struct{}{}:
	default:
		return &problem{status: http.StatusServiceUnavailable, key: "error.busy"}
	}
	ctx, id := context.WithoutCancel(r.Context()), requestID(r)
	s.errand.all.Go(func() {
		defer func() { <-s.errand.pending }()
		s.errand.working <- struct{}{}
		defer func() { <-s.errand.working }()
		defer func() {
			if v := recover(); v != nil {
				s.Log.ErrorContext(ctx, "errand panicked", slog.String("id", id), slog.String("errand", what), slog.Any("panic", v))
			}
		}()
		ctx, cancel := context.WithTimeout(ctx, requestTime)
		defer cancel()
		if err := do(ctx); err != nil {
			s.Log.ErrorContext(ctx, "errand failed", slog.String("id", id), slog.String("errand", what), slog.Any("error", err))
		}
	})
	return nil
}

// Finish waits for what is still done for requests that were answered.
func (s *Server) Finish() { s.errand.all.Wait() }
