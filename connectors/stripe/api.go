package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// version is the API version of every request and of the webhook.
const version = "2026-03-25.dahlia"

const (
	address0  = "https://api.stripe.com"
	userAgent = "Foyer/1.0.0"
)

// maxAnswer bounds one answer. A page of 100 invoices with ten lines each has some
// two megabytes.
const maxAnswer = 32 << 20

// perPage is the most that Stripe lists at once.
const perPage = "100"

// api sends requests with one key.
type api struct {
	app connectors.App
	key string
}

func newAPI(app connectors.App, c connectors.Connection) api { return api{app, c.Credentials.Access} }

func (a api) now() time.Time {
	if a.app.Now != nil {
		return a.app.Now()
	}
	return time.Now()
}

// get asks for one object or page.
func (a api) get(ctx context.Context, path string, query url.Values, answer any) error {
	return a.call(ctx, http.MethodGet, path, query, answer)
}

// Stripe's limits are by the second and mostly do not say how long to wait: a
// request that is refused without a word is sent again after a while.
const (
	tries    = 4
	tryAgain = time.Second
)

// call sends one request and decodes the answer; see once.
func (a api) call(ctx context.Context, method, path string, values url.Values, answer any) error {
	for n := 1; ; n++ {
		err := a.once(ctx, method, path, values, answer)
		var limit *connectors.RateLimitError
		if n == tries || !errors.As(err, &limit) || limit.After != usualPause {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(n) * tryAgain):
		}
	}
}

// once sends one request and decodes the answer. Its errors hold no address and
// no text of Stripe's: either may hold what is personal.
func (a api) once(ctx context.Context, method, path string, values url.Values, answer any) error {
	target, body := strings.TrimRight(a.app.Base, "/"), io.Reader(nil)
	if target == "" {
		target = address0
	}
	target += "/v1/" + path
	if method == http.MethodPost {
		body = strings.NewReader(values.Encode())
	} else if len(values) > 0 {
		target += "?" + values.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return errors.New("stripe: the address of the API is none")
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	req.Header.Set("Stripe-Version", version)
	req.Header.Set("User-Agent", userAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := a.app.HTTP.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return &unreachableError{err}
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(raw) > maxAnswer {
		return &unreachableError{errors.New("the answer is cut or too long")}
	}
	if resp.StatusCode/100 != 2 {
		return failure(resp, raw, strings.SplitN(path, "/", 2)[0])
	}
	if err := decode(raw, answer); err != nil {
		return &unreachableError{errors.New("the answer is not the JSON that it should be")}
	}
	return nil
}

// unreachableError says that no answer came that means anything.
type unreachableError struct{ err error }

func (e *unreachableError) Error() string { return "stripe: no answer: " + e.err.Error() }
func (e *unreachableError) Unwrap() error { return e.err }

// apiError is a refusal. Stripe's message may quote what was sent, so it is not kept.
type apiError struct {
	status   int
	code     string // Stripe's own word
	resource string // the first part of the path
	account  string // that a refusal named
}

func (e *apiError) Error() string {
	return fmt.Sprintf("stripe: %s: status %d %s", e.resource, e.status, e.code)
}

// Unwrap tells of a key that is no longer valid.
func (e *apiError) Unwrap() error {
	if e.status == http.StatusUnauthorized {
		return connectors.ErrRevoked
	}
	return nil
}

// status is what Stripe refused a request with; 0 for other errors.
func status(err error) int {
	var e *apiError
	if errors.As(err, &e) {
		return e.status
	}
	return 0
}

var (
	accountID = regexp.MustCompile(`\bacct_[A-Za-z0-9]{1,64}\b`)
	codeWord  = regexp.MustCompile(`^[a-z_]{1,64}$`)
)

// failure is the error of an answer that is no success.
func failure(resp *http.Response, raw []byte, resource string) error {
	var answer struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	_ = json.Unmarshal(raw, &answer) // the answer of a proxy is no JSON
	e := &apiError{status: resp.StatusCode, resource: resource, account: accountID.FindString(answer.Error.Message)}
	if codeWord.MatchString(answer.Error.Code) {
		e.code = answer.Error.Code
	}
	switch {
	case e.status == http.StatusTooManyRequests:
		return &connectors.RateLimitError{After: pause(resp.Header.Get("Retry-After"))}
	case e.status >= 500, e.status == http.StatusConflict:
		return &unreachableError{e}
	}
	return e
}

// Bounds of how long a limit is waited for. Stripe counts by the second and
// mostly does not say how long to wait.
const (
	usualPause   = 5 * time.Second
	longestPause = time.Hour
)

func pause(text string) time.Duration {
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 {
		return usualPause
	}
	return min(time.Duration(min(n, 1<<20))*time.Second, longestPause)
}

// values makes a query of names and values in turn.
func values(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return q
}

// between bounds a list by the creation of its objects, half-open; zero times do not bound.
func between(q url.Values, from, to time.Time) url.Values {
	if !from.IsZero() {
		q.Set("created[gte]", strconv.FormatInt(from.Unix(), 10))
	}
	if !to.IsZero() {
		q.Set("created[lt]", strconv.FormatInt(to.Unix(), 10))
	}
	return q
}

// all walks a list to its end, or for at most pages; more says that there was more.
func all[T any](ctx context.Context, a api, path string, query url.Values, pages int, each func(*T) string) (more bool, err error) {
	query.Set("limit", perPage)
	for range pages {
		var page list[T]
		if err := a.get(ctx, path, query, &page); err != nil {
			return false, err
		}
		last := ""
		for i := range page.Data {
			last = each(&page.Data[i])
		}
		if !page.HasMore || last == "" {
			return false, nil
		}
		query.Set("starting_after", last)
	}
	return true, nil
}
