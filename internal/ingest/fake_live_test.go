package ingest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// wire is lines as a platform that delivers live: by webhook and history, with
// credentials that end. Its accounts share one history of numbered lines.
type wire struct {
	lines
	mu        sync.Mutex
	token     string // what is valid now
	renewal   string // what renews it, once
	lifetime  time.Duration
	history   int // lines
	since     []time.Time
	pages     int
	refreshes int
	returned  []string // accesses that were given back
	returnErr error
	// before is asked before each page, and can fail or end it.
	before func(page int, c connectors.Connection) error
	slow   time.Duration // of a renewal
}

const wirePage = 10

func newWire(history int) *wire {
	return &wire{token: "sesame-1", renewal: "renew-1", history: history}
}

// delivered is the body of a request.
type delivered struct {
	Parcels []delivery          `json:"parcels"`
	Notices []connectors.Notice `json:"notices"`
}

type delivery struct{ Account, Key, Line string }

func (w *wire) Receive(app connectors.App, r *http.Request, keep func(string) bool) (connectors.Delivery, error) {
	if r.Header.Get("Signature") != app.SigningSecret {
		return connectors.Delivery{}, connectors.ErrSignature
	}
	var in delivered
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return connectors.Delivery{}, &connectors.RefusedError{Reason: connectors.ReasonNotJSON}
	}
	out := connectors.Delivery{Notices: in.Notices}
	for _, d := range in.Parcels {
		line := d.Line
		if at := strings.Split(line, " "); len(at) > 2 && !keep(d.Account) {
			line = strings.Join(at[:2], " ") + " -"
		}
		out.Parcels = append(out.Parcels, connectors.Parcel{Account: d.Account, Payload: payload(d.Key, line)})
	}
	return out, nil
}

func payload(key, line string) connectors.Payload {
	return connectors.Payload{Key: key, Kind: "line", Scope: "c", Body: []byte(line)}
}

func (w *wire) InstallURL(_ connectors.App, state, _ string) string {
	return "https://x.example/" + state
}

func (w *wire) Install(_ context.Context, _ connectors.App, q url.Values, _ string) (connectors.Connection, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := connectors.Connection{ExternalID: q.Get("account"), Name: "One", Measures: community.Measures{ReplyLinks: true}, TeamRoles: []string{"Staff"}}
	if owner := q.Get("owner"); owner != "" {
		c.Settings = map[string]string{connectors.SettingOwner: owner}
	}
	c.Credentials = w.credentials()
	return c, nil
}

func (w *wire) credentials() connectors.Credentials {
	c := connectors.Credentials{Access: w.token, Refresh: w.renewal}
	if w.lifetime > 0 {
		c.Expires = time.Now().Add(w.lifetime)
	}
	return c
}

func (w *wire) Refresh(_ context.Context, _ connectors.App, c connectors.Connection) (connectors.Credentials, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.Credentials.Refresh != w.renewal { // used already: whoever has it is thrown out
		return connectors.Credentials{}, connectors.ErrRevoked
	}
	time.Sleep(w.slow)
	w.refreshes++
	w.token, w.renewal, w.lifetime = fmt.Sprint("sesame-r", w.refreshes), fmt.Sprint("renew-r", w.refreshes), time.Hour
	return w.credentials(), nil
}

func (w *wire) Uninstall(_ context.Context, _ connectors.App, c connectors.Connection) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.returned = append(w.returned, c.Credentials.Access)
	return w.returnErr
}

var errWire = errors.New("the wire broke")

func (w *wire) Backfill(ctx context.Context, _ connectors.App, c connectors.Connection, cursor string, since time.Time) (connectors.Page, error) {
	w.mu.Lock()
	page, before := w.pages, w.before
	w.pages++
	w.since = append(w.since, since)
	valid := c.Credentials.Access == w.token
	w.mu.Unlock()
	if !valid {
		return connectors.Page{}, connectors.ErrRevoked
	}
	if before != nil {
		if err := before(page, c); err != nil {
			return connectors.Page{}, err
		}
	}
	if err := ctx.Err(); err != nil {
		return connectors.Page{}, fmt.Errorf("page: %s", err) // as libraries do that wrap nothing
	}
	from, _ := strconv.Atoi(cursor)
	to := min(from+wirePage, w.history)
	var out connectors.Page
	for n := from; n < to; n++ {
		out.Payloads = append(out.Payloads, payload(fmt.Sprint("h", n), fmt.Sprintf("%d p%d a whisper", lineStart+n*60, n%7)))
	}
	out.Progress = float64(to) / float64(w.history)
	if to < w.history {
		out.Next = strconv.Itoa(to)
	}
	return out, nil
}

func (w *wire) Members(_ context.Context, _ connectors.App, c connectors.Connection, _ string) (connectors.RosterPage, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.Credentials.Access != w.token {
		return connectors.RosterPage{}, connectors.ErrRevoked
	}
	return connectors.RosterPage{}, nil
}

const lineStart = 1714550400
