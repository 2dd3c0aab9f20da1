package slack

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// The phases of a backfill.
const (
	phaseUsers    = "users"
	phaseChannels = "channels"
	phaseRead     = "read"
)

// The bounds of what a cursor holds.
const (
	maxBots    = 2_000
	maxPlaces  = 20_000
	maxThreads = 2_000 // of one page
)

// cursor is where a backfill stands, as JSON. One call is made at each.
type cursor struct {
	Phase string   `json:"p"`
	Page  string   `json:"c,omitempty"`  // Slack's cursor of the call to make
	Bots  []string `json:"b,omitempty"`  // users that are bots
	Left  []place  `json:"ch,omitempty"` // channels that are not done; the first is being read
	Total int      `json:"n,omitempty"`  // channels at first
	// Of the channel being read:
	Reached string   `json:"r,omitempty"`  // the oldest message so far
	Read    bool     `json:"d,omitempty"`  // its history is done, threads may remain
	Later   string   `json:"hc,omitempty"` // Slack's cursor of the history, while threads are read
	Threads []string `json:"t,omitempty"`  // whose replies are to be read
	// Of the whole:
	Oldest   string  `json:"o,omitempty"`   // the oldest message of all channels
	Limited  bool    `json:"lim,omitempty"` // Slack says that older messages are not shown
	Spent    float64 `json:"s,omitempty"`   // seconds, of the reading
	Progress float64 `json:"pr,omitempty"`
	History  int64   `json:"lh,omitempty"` // Unix milliseconds of the last call of each kind
	Replies  int64   `json:"lr,omitempty"`
}

// place is a channel to read.
type place struct {
	ID       string `json:"i"`
	Name     string `json:"n,omitempty"`
	Created  int    `json:"c,omitempty"`
	Member   bool   `json:"m,omitempty"` // we are, or tried to become one
	Private  bool   `json:"p,omitempty"`
	Archived bool   `json:"a,omitempty"`
	Tried    bool   `json:"j,omitempty"` // to join
}

func parseCursor(s string) (c cursor, err error) {
	if s == "" {
		return cursor{Phase: phaseUsers}, nil
	}
	if err := json.Unmarshal([]byte(s), &c); err != nil {
		return c, fmt.Errorf("cursor: %w", err)
	}
	if !slices.Contains([]string{phaseUsers, phaseChannels, phaseRead}, c.Phase) {
		return c, fmt.Errorf("cursor: phase %q is not known", c.Phase)
	}
	return c, nil
}

func (c *cursor) String() string {
	b, _ := json.Marshal(c) // texts and numbers always encode
	return string(b)
}

// The calls that a cursor can stand at.
type step int

const (
	stepUsers step = iota
	stepChannels
	stepJoin
	stepHistory
	stepReplies
	stepDone
)

// step is the call to make next.
func (c *cursor) step() step {
	switch {
	case c.Phase == phaseUsers:
		return stepUsers
	case c.Phase == phaseChannels:
		return stepChannels
	case len(c.Left) == 0:
		return stepDone
	case !c.Left[0].Member:
		return stepJoin
	case len(c.Threads) > 0:
		return stepReplies
	}
	return stepHistory
}

// drop ends the channel being read.
func (c *cursor) drop() {
	c.Left = c.Left[1:]
	c.Page, c.Reached, c.Read, c.Later, c.Threads = "", "", false, "", nil
}

// settle leaves channels of which nothing remains to be read.
func (c *cursor) settle() {
	if c.Phase == phaseRead && len(c.Left) > 0 && c.Read && len(c.Threads) == 0 {
		c.drop()
	}
}

// pause is how long to wait before the next call. Slack counts each of its
// methods by itself, so history and replies can take turns.
func (c *cursor) pause(p pace, now time.Time) time.Duration {
	last := int64(0)
	switch c.step() {
	case stepUsers, stepChannels:
		return everyList
	case stepJoin:
		return everyCall
	case stepDone:
		return 0
	case stepHistory:
		last = c.History
	case stepReplies:
		last = c.Replies
	}
	return min(max(time.UnixMilli(last).Add(p.history).Sub(now), 0), p.history)
}

// advance says how much of the backfill is done, 0 to 1; it never falls. A
// channel counts by the share of its life that was read. from is what the
// reading goes back to, zero for the channel's beginning.
func (c *cursor) advance(now, from time.Time) float64 {
	done := 0.0
	switch {
	case c.Phase != phaseRead:
	case len(c.Left) == 0:
		done = 1
	default:
		first := c.Left[0]
		if created := time.Unix(int64(first.Created), 0); from.Before(created) {
			from = created
		}
		part := 0.0
		if at := stamp(c.Reached).time(); !at.IsZero() && now.After(from) {
			part = min(max(now.Sub(at).Seconds()/now.Sub(from).Seconds(), 0), 0.99)
		}
		done = (float64(c.Total-len(c.Left)) + part) / float64(max(c.Total, 1))
	}
	c.Progress = min(max(c.Progress, done), 1)
	return c.Progress
}

// left estimates the time that remains from what was spent so far; 0 when too
// little was done to tell.
func (c *cursor) left() time.Duration {
	if c.Progress < 0.01 || c.Progress >= 1 || c.Spent <= 0 {
		return 0
	}
	seconds := min(c.Spent/c.Progress*(1-c.Progress), float64(10*365*24*3600))
	return time.Duration(seconds * float64(time.Second)).Round(time.Second)
}

// page finishes one step.
func (c *cursor) page(app connectors.App, from time.Time, out *connectors.Page) {
	c.settle()
	now := app.Now()
	out.Pause = c.pause(limits(app), now)
	if c.Phase == phaseRead {
		c.Spent += max(out.Pause.Seconds(), everyCall.Seconds()/2)
	}
	out.Progress = c.advance(now, from)
	if c.step() == stepDone {
		out.Progress, out.Pause = 1, 0
		return
	}
	out.Left = c.left()
	out.Next = c.String()
}
