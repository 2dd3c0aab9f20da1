package shopify

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// maxAnswer bounds the answer of a call in bytes.
const maxAnswer = 32 << 20

// client asks one shop.
type client struct {
	app  connectors.App
	shop string
	conn connectors.Connection
	// spent is the cost of the last call.
	spent cost
	// portion is how much is asked for at once, of portions.
	portion int
	// hidden says that Shopify held back what tells who somebody is.
	hidden bool
}

func newClient(app connectors.App, c connectors.Connection) (*client, error) {
	if !isShop(c.ExternalID) {
		return nil, errNoShop
	}
	return &client{app: app, shop: c.ExternalID, conn: c}, nil
}

var (
	errNoShop  = errors.New("the connection names no shop")
	errExpired = errors.New("the token has expired")
	errCost    = errors.New("the query costs more than one may")
	errAnswer  = errors.New("the answer cannot be read")
)

// cost is what Shopify says of a call and of what is left.
type cost struct {
	Requested float64 `json:"requestedQueryCost"`
	Actual    float64 `json:"actualQueryCost"`
	Status    struct {
		Maximum   float64 `json:"maximumAvailable"`
		Available float64 `json:"currentlyAvailable"`
		Restore   float64 `json:"restoreRate"`
	} `json:"throttleStatus"`
}

// pause is how long it takes until as much again can be asked for.
func (c cost) pause() time.Duration {
	missing := min(c.Requested, c.Status.Maximum) - c.Status.Available
	if missing <= 0 || c.Status.Restore <= 0 {
		return 0
	}
	seconds := math.Min(missing/c.Status.Restore, longestWait.Seconds())
	return time.Duration(seconds * float64(time.Second))
}

// apiError is a refusal by Shopify; code is its word for why.
type apiError struct{ code string }

func (e *apiError) Error() string { return "refused: " + known(e.code) }

// hasCode says whether an error is a refusal with that word.
func hasCode(err error, code string) bool {
	var said *apiError
	return errors.As(err, &said) && said.code == code
}

// known keeps a word of Shopify's out of an error when it does not look like one.
func known(code string) string {
	if code == "" || len(code) > 60 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return "unknown"
	}
	return code
}

// ask makes one call of the Admin API. What was asked for and is held back from
// us is absent from the answer; hidden then says so.
func (c *client) ask(ctx context.Context, query string, args map[string]any, into any) error {
	body := encode(map[string]any{"query": query, "variables": args})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, shopURL(c.app, c.shop, "/admin/api/"+version+"/graphql.json"), bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Shopify-Access-Token", c.conn.Credentials.Access)
	resp, err := c.app.HTTP.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := c.status(resp); err != nil {
		return err
	}
	var answer struct {
		Data       json.RawMessage `json:"data"`
		Errors     json.RawMessage `json:"errors"`
		Extensions struct {
			Cost cost `json:"cost"`
		} `json:"extensions"`
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	if err := decode(raw, &answer); err != nil {
		return errAnswer
	}
	c.spent = answer.Extensions.Cost
	if err := c.errors(answer.Errors, answer.Data); err != nil {
		return err
	}
	if decode(answer.Data, into) != nil {
		return errAnswer
	}
	return nil
}

// status reads what the status alone says.
func (c *client) status(resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusTooManyRequests:
		return &connectors.RateLimitError{After: retryAfter(resp.Header)}
	case http.StatusUnauthorized:
		if end := c.conn.Credentials.Expires; !end.IsZero() && !c.app.Now().Before(end) {
			return errExpired // it will be renewed
		}
		return connectors.ErrRevoked
	}
	return fmt.Errorf("status %d", resp.StatusCode)
}

// errors reads the list of errors, which does not exclude data.
func (c *client) errors(raw, data json.RawMessage) error {
	var list []struct {
		Path       []json.RawMessage `json:"path"`
		Extensions struct {
			Code string `json:"code"`
		} `json:"extensions"`
	}
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return &apiError{}
	}
	for _, e := range list {
		switch e.Extensions.Code {
		case "THROTTLED":
			return &connectors.RateLimitError{After: cmp.Or(c.spent.pause(), time.Second)}
		case "MAX_COST_EXCEEDED":
			return errCost
		case "ACCESS_DENIED":
			c.hidden = true
			if len(e.Path) > 1 && len(data) > 0 && string(data) != "null" { // a field of what was asked for
				continue
			}
		}
		return &apiError{code: e.Extensions.Code}
	}
	return nil
}

// patience bounds how long one call is waited for, and how often.
const (
	patience  = 15 * time.Second
	patiently = 4
)

// insist is ask for a call that is one of several of a step: it waits for a while
// when Shopify says to.
func (c *client) insist(ctx context.Context, query string, args map[string]any, into any) error {
	for try := 1; ; try++ {
		err := c.ask(ctx, query, args, into)
		var limit *connectors.RateLimitError
		if !errors.As(err, &limit) || try >= patiently || limit.After > patience {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(limit.After):
		}
	}
}

// The bounds of a wait that Shopify asks for.
const (
	usualWait   = 2 * time.Second // when it does not say
	longestWait = time.Hour
)

func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseFloat(strings.TrimSpace(h.Get("Retry-After")), 64)
	if err != nil || !(seconds >= 0) {
		return usualWait
	}
	return time.Duration(min(max(seconds, 1), longestWait.Seconds()) * float64(time.Second))
}

// userErrors are what a mutation could not do.
type userErrors []struct {
	Code    string   `json:"code"`
	Field   []string `json:"field"`
	Message string   `json:"message"`
}

// has looks for a word in the codes and messages.
func (l userErrors) has(word string) bool {
	for _, e := range l {
		if strings.Contains(strings.ToLower(e.Code+" "+e.Message), strings.ToLower(word)) {
			return true
		}
	}
	return false
}

// err is the error of a list that is not empty.
func (l userErrors) err() error {
	if len(l) == 0 {
		return nil
	}
	return &apiError{code: l[0].Code}
}
