package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

const (
	graphBase = "https://graph.facebook.com"
	dialog    = "https://www.facebook.com"
	userAgent = "Foyer/1.0.0"
)

// maxAnswer bounds one answer of the Graph API.
const maxAnswer = 1 << 20

// graph sends requests with one token.
type graph struct {
	app   connectors.App
	token string
}

func base(app connectors.App, real string) string {
	if app.Base != "" {
		return strings.TrimRight(app.Base, "/")
	}
	return real
}

// call sends one request and decodes the answer. Its errors hold no address,
// because addresses hold secrets here.
func (g graph) call(ctx context.Context, method, path string, query url.Values, body, answer any) error {
	address := base(g.app, graphBase) + "/" + version + "/" + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("whatsapp: %s: %w", method, err)
		}
		in = strings.NewReader(string(raw))
	}
	req, err := http.NewRequestWithContext(ctx, method, address, in)
	if err != nil {
		return errors.New("whatsapp: the address of the Graph API is none")
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if g.token != "" {
		req.Header.Set("Authorization", "Bearer "+g.token)
	}
	resp, err := g.app.HTTP.Do(req)
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
	if err := failure(resp, raw, g.now()); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return &unreachableError{errors.New("the answer is not the JSON that it should be")}
	}
	return nil
}

func (g graph) now() time.Time {
	if g.app.Now != nil {
		return g.app.Now()
	}
	return time.Now()
}

// unreachableError says that no answer came that means anything.
type unreachableError struct{ err error }

func (e *unreachableError) Error() string { return "whatsapp: no answer: " + e.err.Error() }
func (e *unreachableError) Unwrap() error { return e.err }

// graphError is a refusal of the Graph API. Its message may quote what was sent,
// so the codes alone are kept.
type graphError struct{ Status, Code, Subcode int }

func (e *graphError) Error() string {
	return fmt.Sprintf("whatsapp: the Graph API answered %d, code %d, subcode %d", e.Status, e.Code, e.Subcode)
}

// Unwrap tells of a token that is no longer valid.
func (e *graphError) Unwrap() error {
	switch {
	case e.Code == 190, e.Code == 102, e.Code == 0 && e.Status == http.StatusUnauthorized:
		return connectors.ErrRevoked
	}
	return nil
}

// lacksPermission says that the token is valid and may not do that.
func (e *graphError) lacksPermission() bool {
	return e.Code == 3 || e.Code == 10 || e.Code >= 200 && e.Code <= 299
}

// failure is the error that an answer means; nil when it means none.
func failure(resp *http.Response, raw []byte, now time.Time) error {
	var answer struct {
		Error *struct {
			Code      int  `json:"code"`
			Subcode   int  `json:"error_subcode"`
			Transient bool `json:"is_transient"`
		} `json:"error"`
	}
	_ = json.Unmarshal(raw, &answer) // an answer of a proxy is no JSON
	if answer.Error == nil && resp.StatusCode/100 == 2 {
		return nil
	}
	e := &graphError{Status: resp.StatusCode}
	transient := false
	if answer.Error != nil {
		e.Code, e.Subcode, transient = answer.Error.Code, answer.Error.Subcode, answer.Error.Transient
	}
	switch {
	case limited(e):
		return &connectors.RateLimitError{After: pause(resp.Header, now)}
	case transient, e.Code == 1, e.Code == 2, e.Code == 0 && e.Status >= 500:
		return &unreachableError{e}
	}
	return e
}

// limited says whether a refusal is a limit: of the application, the account,
// the number or the pair.
func limited(e *graphError) bool {
	switch e.Code {
	case 4, 17, 32, 613, 80007, 80008, 130429, 131048, 131056:
		return true
	}
	return e.Status == http.StatusTooManyRequests
}

// Bounds of how long a limit is waited for.
const (
	usualPause   = time.Minute
	longestPause = 24 * time.Hour
)

// pause reads how long to wait from the headers.
func pause(h http.Header, now time.Time) time.Duration {
	wait := retryAfter(h.Get("Retry-After"), now)
	// {"<account>": [{"type": …, "estimated_time_to_regain_access": minutes}]}
	var usage map[string][]struct {
		Minutes int `json:"estimated_time_to_regain_access"`
	}
	_ = json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &usage) // absent or of another form: no hint
	for _, list := range usage {
		for _, u := range list {
			wait = max(wait, time.Duration(min(u.Minutes, 1<<20))*time.Minute)
		}
	}
	if wait <= 0 {
		return usualPause
	}
	return min(wait, longestPause)
}

func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(s); err == nil {
		return time.Duration(min(n, 1<<20)) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return at.Sub(now)
	}
	return 0
}
