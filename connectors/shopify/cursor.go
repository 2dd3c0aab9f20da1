package shopify

import (
	"encoding/json"
	"errors"
	"time"
)

// The ways of reading.
const (
	modeBulk  = "bulk"  // a file that Shopify makes of everything
	modeAll   = "all"   // everything by pages, when there is no such file
	modeSince = "since" // what changed, by pages
)

// What is read. Customers come first, so that orders find theirs.
const (
	kindsCustomers = "customers"
	kindsOrders    = "orders"
)

// cursor is where a backfill stands, as JSON.
type cursor struct {
	Mode  string    `json:"m"`
	Kinds string    `json:"k"`
	Since time.Time `json:"s,omitzero"` // of modeSince: changes from then on
	Begun time.Time `json:"b,omitzero"` // when a first load began: what changed meanwhile is read at its end
	// Of a file:
	Operation string `json:"op,omitempty"`
	Offset    int64  `json:"o,omitempty"` // bytes that were read
	Polls     int    `json:"p,omitempty"` // how often it was not ready
	Fails     int    `json:"f,omitempty"` // how often it failed
	Stuck     int    `json:"x,omitempty"` // how often it ended too early
	// Of pages:
	After string `json:"a,omitempty"`
	First int    `json:"n,omitempty"` // things a page; 0 before the first
	Seen  int    `json:"c,omitempty"` // things of this query
	// Done is the progress, which never falls.
	Done float64 `json:"d,omitempty"`
}

// overlap is how much further back changes are read than what is known: the
// index that Shopify searches lags behind.
const overlap = 10 * time.Minute

var errCursor = errors.New("cursor: not one of ours")

func parseCursor(s string, now, since time.Time) (c cursor, err error) {
	if s == "" {
		if since.IsZero() {
			return cursor{Mode: modeBulk, Kinds: kindsCustomers, Begun: now.UTC()}, nil
		}
		return cursor{Mode: modeSince, Kinds: kindsCustomers, Since: since.UTC()}, nil
	}
	if json.Unmarshal([]byte(s), &c) != nil || c.Offset < 0 || c.First < 0 ||
		c.Kinds != kindsCustomers && c.Kinds != kindsOrders || c.Mode != modeBulk && c.Mode != modeAll && c.Mode != modeSince {
		return c, errCursor
	}
	return c, nil
}

func (c *cursor) String() string { return string(encode(c)) }

// next goes on to what is read next; false at the end.
func (c *cursor) next() bool {
	n := cursor{Mode: c.Mode, Kinds: kindsOrders, Since: c.Since, Begun: c.Begun, Done: c.Done}
	switch {
	case c.Kinds == kindsCustomers && c.Mode == modeAll:
		n.Mode = modeBulk
	case c.Kinds == kindsCustomers:
	case c.Mode == modeSince:
		return false
	default:
		n.Mode, n.Kinds, n.Since = modeSince, kindsCustomers, c.Begun.Add(-overlap)
	}
	*c = n
	return true
}

// progress says how much is done when part of what is being read is.
func (c *cursor) progress(part float64) float64 {
	from, to := 0.0, 0.5
	switch first := !c.Begun.IsZero(); {
	case first && c.Mode == modeSince && c.Kinds == kindsCustomers:
		from, to = 0.95, 0.97
	case first && c.Mode == modeSince:
		from, to = 0.97, 0.99
	case first && c.Kinds == kindsCustomers:
		from, to = 0.01, 0.25
	case first:
		from, to = 0.25, 0.95
	case c.Kinds == kindsOrders:
		from, to = 0.5, 0.99
	}
	c.Done = max(c.Done, from+(to-from)*min(max(part, 0), 1))
	return c.Done
}
