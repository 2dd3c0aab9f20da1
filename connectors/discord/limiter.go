package discord

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// limiter sends requests no faster than the platform allows. What it cannot
// wait for within its patience it refuses with *connectors.RateLimitError.
type limiter struct {
	next      http.RoundTripper
	allowance *allowance
	pace      pace
	now       func() time.Time
}

// tries bounds how often a request is sent when the platform refuses it for its rate.
const tries = 4

// RoundTrip implements http.RoundTripper. A request that was refused for its rate
// is sent again, its body as well.
func (l *limiter) RoundTrip(r *http.Request) (*http.Response, error) {
	route := routeOf(r.Method, r.URL.Path)
	for range tries {
		if err := l.admit(r, route); err != nil {
			return nil, err
		}
		sent := r
		if r.GetBody != nil {
			body, err := r.GetBody()
			if err != nil {
				return nil, err
			}
			sent = r.Clone(r.Context())
			sent.Body = body
		}
		answer, err := l.next.RoundTrip(sent)
		if err != nil {
			return nil, err
		}
		var body refusal
		if answer.StatusCode == http.StatusTooManyRequests {
			body = peek(answer)
		}
		after := l.allowance.learn(route, answer.StatusCode, answer.Header, body, l.now())
		if answer.StatusCode != http.StatusTooManyRequests {
			return answer, nil
		}
		answer.Body.Close()
		if after > l.pace.patience {
			return nil, &connectors.RateLimitError{After: after}
		}
		if !wait(r.Context(), after) {
			return nil, r.Context().Err()
		}
	}
	return nil, &connectors.RateLimitError{After: l.pace.longest}
}

// admit waits until the request may be sent.
func (l *limiter) admit(r *http.Request, route route) error {
	for {
		after, refused := l.allowance.take(route, l.now())
		switch {
		case refused:
			return connectors.ErrRevoked
		case after <= 0:
			return r.Context().Err()
		case after > l.pace.patience:
			return &connectors.RateLimitError{After: after}
		case !wait(r.Context(), after):
			return r.Context().Err()
		}
	}
}

// peek reads the refusal in a body; one that is not the platform's JSON tells nothing.
func peek(answer *http.Response) refusal {
	raw, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil {
		return refusal{}
	}
	var body refusal
	body.told = json.NewDecoder(bytes.NewReader(raw)).Decode(&body) == nil
	return body
}
