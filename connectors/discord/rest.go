package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

const (
	realBase = "https://discord.com"
	version  = "10" // of the interface
	agent    = "DiscordBot (https://github.com/foyer-app/foyer, 1)"
	maxBody  = 16 << 20
)

// Codes of refusals that mean something to us.
const (
	codeUnknownChannel = 10003
	codeUnknownGuild   = 10004
	codeMissingAccess  = 50001
	codeMissingRights  = 50013
)

// apiError is a request that the platform refused.
type apiError struct {
	Status int
	Code   int // the platform's own
}

func (e *apiError) Error() string { return fmt.Sprintf("status %d, code %d", e.Status, e.Code) }

// api asks the REST interface as the bot.
type api struct {
	base      string
	token     string
	http      *http.Client
	allowance *allowance
	pace      pace
	now       func() time.Time
}

func (c Connector) api(app connectors.App) *api {
	base := baseOf(app)
	a := &api{base: base, token: botToken(app), allowance: c.limits.of(base, botToken(app)), pace: c.pace.orSteady(), now: clock(app)}
	client := *app.HTTP
	next := client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	client.Transport = &limiter{next: next, allowance: a.allowance, pace: a.pace, now: a.now}
	if client.Timeout > 0 {
		client.Timeout += a.pace.patience * tries // what the limiter may wait
	}
	a.http = &client
	return a
}

func baseOf(app connectors.App) string {
	if app.Base != "" {
		return strings.TrimSuffix(app.Base, "/")
	}
	return realBase
}

// botToken is the token without the word that people copy along with it.
func botToken(app connectors.App) string { return strings.TrimPrefix(app.Token, "Bot ") }

func clock(app connectors.App) func() time.Time {
	if app.Now != nil {
		return app.Now
	}
	return time.Now
}

// get asks for path and reads the answer. Errors of the platform and of the
// network are tried again; others are *apiError, connectors.ErrRevoked for a
// token that is not accepted, or *connectors.RateLimitError.
func (a *api) get(ctx context.Context, path string, query url.Values, into any) error {
	return a.send(ctx, http.MethodGet, path, query, nil, into)
}

// send makes a request, with a JSON body unless that is nil.
func (a *api) send(ctx context.Context, method, path string, query url.Values, body *bytes.Reader, into any) error {
	const attempts = 4
	var err error
	for n := range attempts {
		if n > 0 && !wait(ctx, a.pace.backoff(n-1)) {
			break
		}
		var again bool
		if again, err = a.once(ctx, method, path, query, body, into); !again {
			break
		}
	}
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return err
}

// once sends one request, and says whether to try it again.
func (a *api) once(ctx context.Context, method, path string, query url.Values, body *bytes.Reader, into any) (again bool, err error) {
	address := a.base + "/api/v" + version + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	var content io.Reader
	if body != nil {
		if _, err := body.Seek(0, io.SeekStart); err != nil {
			return false, err
		}
		content = body
	}
	r, err := http.NewRequestWithContext(ctx, method, address, content)
	if err != nil {
		return false, errors.New("request cannot be made")
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bot "+a.token)
	r.Header.Set("User-Agent", agent)
	r.Header.Set("Accept", "application/json")
	answer, err := a.http.Do(r)
	if err != nil {
		return retryable(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	switch {
	case err != nil:
		return true, fmt.Errorf("answer was cut: %w", err)
	case len(raw) > maxBody:
		return false, errors.New("answer is too large")
	case answer.StatusCode >= 500:
		return true, &apiError{Status: answer.StatusCode}
	case answer.StatusCode == http.StatusUnauthorized:
		return false, connectors.ErrRevoked
	case answer.StatusCode >= 300:
		var told refusal
		if json.Unmarshal(raw, &told) != nil {
			told = refusal{} // a page of the guard before the platform
		}
		return false, &apiError{Status: answer.StatusCode, Code: told.Code}
	case into == nil:
		return false, nil
	}
	return decoded(answer, raw, into)
}

// retryable tells errors of the network from those of the limiter.
func retryable(err error) (again bool, _ error) {
	var limited *connectors.RateLimitError
	switch {
	case errors.As(err, &limited):
		return false, limited
	case errors.Is(err, connectors.ErrRevoked):
		return false, connectors.ErrRevoked
	}
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err // without the address
	}
	return true, err
}

func decoded(answer *http.Response, raw []byte, into any) (again bool, err error) {
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return true, errors.New("answer is not JSON")
	}
	if err := decode(raw, into); err != nil {
		return true, err
	}
	return false, nil
}

// refusedFor says whether the platform refused for one of these reasons.
func refusedFor(err error, codes ...int) bool {
	var e *apiError
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.Code == c {
			return true
		}
	}
	return false
}

// lost says whether the whole server is out of reach: the bot was removed.
func lost(err error) bool {
	var e *apiError
	return errors.As(err, &e) && (e.Status == http.StatusForbidden && e.Code == codeMissingAccess ||
		e.Status == http.StatusNotFound && e.Code == codeUnknownGuild)
}
