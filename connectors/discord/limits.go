package discord

import (
	"crypto/sha256"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	globalRate   = 50               // requests in a second, of one bot
	invalidMost  = 3000             // refused requests in a window before we stop; the platform bans an address at 10,000
	invalidSpan  = 10 * time.Minute // that window
	deafFor      = time.Minute      // how long a token that was refused is not tried again
	mostBuckets  = 1000             // above it, those that are full again are forgotten
	cloudflare   = time.Minute      // to wait when the guard before the platform refuses us and does not say how long
	longestPause = 24 * time.Hour
)

// limits are what the platform allows each token that is in use here.
type limits struct {
	mu     sync.Mutex
	tokens map[[sha256.Size]byte]*allowance
}

func newLimits() *limits { return &limits{tokens: map[[sha256.Size]byte]*allowance{}} }

// of returns the allowance of a token at an address. Without limits (a Connector
// that was not made by New) it is a fresh one.
func (l *limits) of(base, token string) *allowance {
	if l == nil {
		return newAllowance()
	}
	key := sha256.Sum256([]byte(base + "\n" + token))
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.tokens[key]
	if a == nil {
		a = newAllowance()
		l.tokens[key] = a
	}
	return a
}

// allowance is what one token may still ask.
type allowance struct {
	mu      sync.Mutex
	paused  time.Time            // no request before it: a global limit was met
	deaf    time.Time            // the token was refused: no request before it
	tokens  float64              // of the bucket of globalRate
	filled  time.Time            // when tokens was right
	bucket  map[string]string    // which bucket a route belongs to, as the platform tells
	buckets map[string]remaining // by bucket and the thing asked of
	invalid []time.Time          // refused requests of the last window
}

// remaining is how many requests a bucket allows until it is filled again.
type remaining struct {
	n     int
	reset time.Time
}

func newAllowance() *allowance {
	return &allowance{tokens: globalRate, bucket: map[string]string{}, buckets: map[string]remaining{}}
}

// take returns how long to wait before a request may be sent; 0 means that it is
// counted as sent now. refused says that the token itself is not accepted.
func (a *allowance) take(r route, now time.Time) (wait time.Duration, refused bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now.Before(a.deaf) {
		return 0, true
	}
	a.forget(now)
	if len(a.invalid) >= invalidMost {
		return a.invalid[0].Add(invalidSpan).Sub(now), false
	}
	if d := a.paused.Sub(now); d > 0 {
		return d, false
	}
	key := a.key(r)
	b, known := a.buckets[key]
	if known && b.n <= 0 && now.Before(b.reset) {
		return b.reset.Sub(now), false
	}
	if !a.filled.IsZero() {
		a.tokens = min(globalRate, a.tokens+now.Sub(a.filled).Seconds()*globalRate)
	}
	a.filled = now
	if a.tokens < 1 {
		return time.Duration((1 - a.tokens) / globalRate * float64(time.Second)), false
	}
	a.tokens--
	if known && now.Before(b.reset) {
		b.n--
		a.buckets[key] = b
	}
	return 0, false
}

// forget drops what no longer matters, so that memory does not grow.
func (a *allowance) forget(now time.Time) {
	old := 0
	for old < len(a.invalid) && now.Sub(a.invalid[old]) >= invalidSpan {
		old++
	}
	a.invalid = a.invalid[old:]
	if len(a.buckets) <= mostBuckets {
		return
	}
	for key, b := range a.buckets {
		if now.After(b.reset) {
			delete(a.buckets, key)
		}
	}
}

func (a *allowance) key(r route) string {
	if bucket, ok := a.bucket[r.pattern]; ok {
		return bucket + " " + r.major
	}
	return r.pattern + " " + r.major
}

// learn takes what an answer's headers tell, and returns how long to wait when
// it refuses the request for its rate.
func (a *allowance) learn(r route, status int, h http.Header, body refusal, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if bucket := h.Get("X-RateLimit-Bucket"); bucket != "" {
		a.bucket[r.pattern] = bucket
	}
	after, timed := seconds(h.Get("X-RateLimit-Reset-After"))
	if n, err := strconv.Atoi(h.Get("X-RateLimit-Remaining")); err == nil && timed {
		b := a.buckets[a.key(r)]
		reset := now.Add(after)
		// Answers overtake each other: within one period the lowest count holds.
		if now.Before(b.reset) && reset.Sub(b.reset).Abs() < after/2 {
			n = min(n, b.n)
		}
		a.buckets[a.key(r)] = remaining{n: n, reset: reset}
	}
	switch status {
	case http.StatusUnauthorized:
		a.deaf = now.Add(deafFor)
		a.invalid = append(a.invalid, now)
	case http.StatusForbidden:
		a.invalid = append(a.invalid, now)
	case http.StatusTooManyRequests:
		return a.pause(r, h, body, now)
	}
	return 0
}

// pause is what an answer 429 asks for. One without a body of the platform's
// comes from the guard before it and is meant for everything.
func (a *allowance) pause(r route, h http.Header, body refusal, now time.Time) time.Duration {
	scope := h.Get("X-RateLimit-Scope")
	if scope != "shared" {
		a.invalid = append(a.invalid, now)
	}
	after, ok := body.wait()
	if !ok {
		after, ok = seconds(h.Get("Retry-After"))
	}
	if !ok {
		after = cloudflare
	}
	if scope == "global" || body.Global || h.Get("X-RateLimit-Global") == "true" || !body.told {
		a.paused = latest(a.paused, now.Add(after))
		return after
	}
	a.buckets[a.key(r)] = remaining{reset: now.Add(after)}
	return after
}

// left returns how long to wait before the next request on the route, without sending any.
func (a *allowance) left(r route, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if b, ok := a.buckets[a.key(r)]; ok && b.n <= 0 {
		return max(0, b.reset.Sub(now))
	}
	return 0
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// seconds reads a header in seconds, with or without a fraction.
func seconds(s string) (time.Duration, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || f != f || f < 0 {
		return 0, false
	}
	return time.Duration(min(f, longestPause.Seconds()) * float64(time.Second)), true
}

// route is what limits are counted by: the kind of request and the thing that
// it is asked of.
type route struct {
	pattern string // the method and the path with ids left out
	major   string // the channel or server
}

// routeOf takes a path apart. The ids of channels, servers and webhooks have
// limits of their own, other ids share them.
func routeOf(method, path string) route {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	r := route{}
	for i, p := range parts {
		if _, err := strconv.ParseUint(p, 10, 64); err != nil {
			continue
		}
		parts[i] = "{id}"
		if i > 0 && r.major == "" && (parts[i-1] == "channels" || parts[i-1] == "guilds" || parts[i-1] == "webhooks") {
			r.major = p
		}
	}
	r.pattern = method + " " + strings.Join(parts, "/")
	return r
}

// refusal is the body of an answer that refuses.
type refusal struct {
	Code       int      `json:"code"`
	RetryAfter *float64 `json:"retry_after"`
	Global     bool     `json:"global"`
	told       bool     // it was JSON
}

func (r refusal) wait() (time.Duration, bool) {
	if r.RetryAfter == nil {
		return 0, false
	}
	return seconds(strconv.FormatFloat(*r.RetryAfter, 'f', -1, 64))
}
