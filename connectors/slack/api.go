package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	lib "github.com/slack-go/slack"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
)

// base is the address of Slack, without a slash at the end.
func base(app connectors.App) string {
	if app.Base != "" {
		return strings.TrimSuffix(app.Base, "/")
	}
	return "https://slack.com"
}

// maxAnswer bounds the answer of a call in bytes.
const maxAnswer = 64 << 20

// maxObject bounds one message, user or channel of an answer in bytes.
const maxObject = 2 << 20

// bounded is an HTTP client whose answers end.
type bounded struct{ http *http.Client }

func (b bounded) Do(r *http.Request) (*http.Response, error) {
	resp, err := b.http.Do(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}

// library is slack-go's client, for what it reads well: answers without messages,
// of which one odd block would fail the page.
func library(app connectors.App, token string) *lib.Client {
	return lib.New(token, lib.OptionAPIURL(base(app)+"/api/"), lib.OptionHTTPClient(bounded{app.HTTP}), lib.OptionAppLevelToken(app.Token))
}

// answer is what all answers have.
type answer struct {
	ok           bool
	code, needed string
	next         string
	more         bool
}

// call asks the Web API, and gives field the members of the answer that are its own.
func call(ctx context.Context, app connectors.App, token, method string, args url.Values, field func(key string, v jsonstream.Value) error) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base(app)+"/api/"+method, strings.NewReader(args.Encode()))
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", method, err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := bounded{app.HTTP}.Do(r)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", method, err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		return answer{}, fmt.Errorf("%s: %w", method, &connectors.RateLimitError{After: retryAfter(resp.Header)})
	case resp.StatusCode != http.StatusOK:
		return answer{}, fmt.Errorf("%s: status %d", method, resp.StatusCode)
	}
	a, err := readAnswer(resp.Body, field)
	switch {
	case err != nil:
		return answer{}, fmt.Errorf("%s: %w", method, err)
	case a.ok:
		return a, nil
	case a.code == "ratelimited":
		return answer{}, fmt.Errorf("%s: %w", method, &connectors.RateLimitError{After: retryAfter(resp.Header)})
	}
	return answer{}, fmt.Errorf("%s: %w", method, &apiError{code: a.code, needed: a.needed})
}

func readAnswer(body io.Reader, field func(key string, v jsonstream.Value) error) (a answer, err error) {
	err = jsonstream.New(body, maxObject).Object(func(key string, v jsonstream.Value) error {
		switch key {
		case "ok":
			return boolean(v, &a.ok)
		case "error":
			return text(v, &a.code)
		case "needed":
			return text(v, &a.needed)
		case "has_more":
			return boolean(v, &a.more)
		case "response_metadata":
			return within(v, func(key string, v jsonstream.Value) error {
				if key == "next_cursor" {
					return text(v, &a.next)
				}
				return nil
			})
		}
		if field == nil {
			return nil
		}
		return field(key, v)
	})
	return a, err
}

// elements gives fn each object of a list that is not too large.
func elements(v jsonstream.Value, fn func(raw []byte)) error {
	return each(v, func(v jsonstream.Value) error {
		raw, err := v.Raw()
		switch {
		case errors.Is(err, jsonstream.ErrTooLarge):
			return nil
		case err == nil:
			fn(raw)
		}
		return err
	})
}

// The bounds of a wait that Slack asks for.
const (
	usualWait   = 30 * time.Second // when it does not say
	longestWait = time.Hour
)

func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(h.Get("Retry-After")))
	if err != nil || n < 0 {
		return usualWait
	}
	return wait(time.Duration(min(n, int(longestWait/time.Second))) * time.Second)
}

// wait is at least a second: Slack tells whole ones.
func wait(d time.Duration) time.Duration { return min(max(d, time.Second), longestWait) }

// apiError is Slack's refusal of a call.
type apiError struct{ code, needed string }

func (e *apiError) Error() string {
	if e.needed != "" {
		return known(e.code) + " (needs " + known(e.needed) + ")"
	}
	return known(e.code)
}

// Is says of some refusals that the access was revoked.
func (e *apiError) Is(target error) bool {
	return target == connectors.ErrRevoked && slices.Contains(revoked, e.code)
}

// revoked are the refusals after which only connecting again helps.
var revoked = []string{
	"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked",
	"invalid_refresh_token", "team_access_not_granted", "app_not_installed",
}

// known keeps a code of Slack's out of an error when it does not look like one.
func known(code string) string {
	ok := code != "" && len(code) <= 100
	for i := range len(code) {
		c := code[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == ':' || c == ',' || c == '.')
	}
	if !ok {
		return "refused"
	}
	return code
}

// ours makes one of our errors of one of slack-go's.
func ours(method string, err error) error {
	var limited *lib.RateLimitedError
	var said lib.SlackErrorResponse
	switch {
	case err == nil:
		return nil
	case errors.As(err, &limited):
		err = &connectors.RateLimitError{After: wait(limited.RetryAfter)}
	case errors.As(err, &said):
		err = &apiError{code: said.Err, needed: said.Needed}
	}
	return fmt.Errorf("%s: %w", method, err)
}

// code is what Slack said when it refused a call; empty for another error.
func code(err error) string {
	var said *apiError
	if errors.As(err, &said) {
		return said.code
	}
	return ""
}
