// Package slacktest is a Slack of our own: a workspace that can be scripted, the
// Web API that tells its history, and the ways that its events are delivered. It
// refuses what Slack refuses. Tests use it, and the demo.
package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// World is one workspace with one application in it. Everything that happens is
// told to its listeners and stays in its history; both come from here, and so
// does the truth about it. It is safe for use by several goroutines.
type World struct {
	mu        sync.Mutex
	team      Team
	clock     func() time.Time // nil: the world's own
	now       time.Time
	last      int64 // microseconds of the last ts
	events    int
	users     []*User
	channels  []*channel
	telling   []func(Event)
	installed bool
	truth     Truth
}

// Team is the workspace. Plan is Slack's word, empty for the free one.
type Team struct{ ID, Name, Domain, Plan string }

// User is a person or a bot of the workspace, or of another one.
type User struct {
	ID, Name, RealName, Email, Team string
	Bot, Guest, Admin, Deleted      bool
	Updated                         int64 // Unix seconds
}

// BotUser is the id of the application's own user.
const BotUser = "U0FOYERBOT"

// BotID is the id of the application's bot.
const BotID = "B0FOYERBOT"

// AppID is the id of the application.
const AppID = "A0FOYERAPP"

// channel is a conversation and what was said in it, oldest first.
type channel struct {
	id, name          string
	created           int64
	private, archived bool
	direct            bool
	members           map[string]bool
	messages          []*message
}

// message is a message as Slack writes it.
type message struct {
	ts, thread string
	fields     map[string]any
	reactions  []*reaction
	replies    []string // ts of them
	broadcast  bool
	gone       bool
}

type reaction struct {
	name  string
	users []string
}

// Event is one event of the workspace.
type Event struct {
	ID    string
	Time  time.Time
	Type  string
	Inner json.RawMessage
}

// NewWorld returns an empty workspace whose clock stands at a moment.
func NewWorld(team Team, start time.Time) *World {
	return &World{team: team, now: start, users: []*User{{ID: BotUser, Name: "foyer", RealName: "Foyer", Team: team.ID, Bot: true}}}
}

// UseClock lets the world live in real time.
func (w *World) UseClock(clock func() time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = clock
}

// Advance moves the world's own clock.
func (w *World) Advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// Now is the world's time.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.time()
}

func (w *World) time() time.Time {
	if w.clock != nil {
		return w.clock()
	}
	return w.now
}

// Team returns the workspace.
func (w *World) Team() Team { return w.team }

// Listen has fn told of each event that the application may see. It is called
// with the world's lock held: it must not call the world.
func (w *World) Listen(fn func(Event)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.telling = append(w.telling, fn)
}

// Install puts the application into the workspace; from then on it is told of events.
func (w *World) Install() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.installed = true
}

// Uninstall takes the application out of the workspace and tells it.
func (w *World) Uninstall() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tell(nil, "app_uninstalled", nil)
	w.tell(nil, "tokens_revoked", map[string]any{"tokens": map[string]any{"oauth": []string{}, "bot": []string{BotUser}}})
	w.installed = false
}

// ts is the next one, unique in the whole workspace.
func (w *World) ts() string {
	w.last = max(w.last+1, w.time().UnixMicro())
	return fmt.Sprintf("%d.%06d", w.last/1e6, w.last%1e6)
}

// tell makes an event and tells it, when it is of the workspace or of a channel
// that the application is in.
func (w *World) tell(c *channel, kind string, fields map[string]any) {
	if !w.installed || c != nil && !c.members[BotUser] {
		return
	}
	inner := map[string]any{"type": kind, "event_ts": w.ts()}
	for k, v := range fields {
		inner[k] = v
	}
	w.events++
	body, err := json.Marshal(inner)
	if err != nil {
		return // maps of texts and numbers always encode
	}
	e := Event{ID: fmt.Sprintf("Ev%08d", w.events), Time: w.time(), Type: kind, Inner: body}
	for _, fn := range w.telling {
		fn(e)
	}
}

// Envelope is the body of an event's delivery.
func (w *World) Envelope(e Event) []byte {
	body, _ := json.Marshal(map[string]any{ // as in tell
		"token": "unused", "team_id": w.team.ID, "context_team_id": w.team.ID, "context_enterprise_id": nil,
		"api_app_id": AppID, "type": "event_callback", "event_id": e.ID, "event_time": e.Time.Unix(),
		"authorizations": []any{map[string]any{
			"enterprise_id": nil, "team_id": w.team.ID, "user_id": BotUser, "is_bot": true, "is_enterprise_install": false,
		}},
		"is_ext_shared_channel": false, "event_context": "4-" + e.ID, "event": e.Inner,
	})
	return body
}

func (w *World) user(id string) *User {
	i := slices.IndexFunc(w.users, func(u *User) bool { return u.ID == id })
	if i < 0 {
		return nil
	}
	return w.users[i]
}

func (w *World) channel(id string) *channel {
	i := slices.IndexFunc(w.channels, func(c *channel) bool { return c.id == id })
	if i < 0 {
		return nil
	}
	return w.channels[i]
}

func (c *channel) message(ts string) *message {
	i, found := slices.BinarySearchFunc(c.messages, ts, func(m *message, ts string) int { return strings.Compare(m.ts, ts) })
	if !found {
		return nil
	}
	return c.messages[i]
}

func (c *channel) kind() string {
	switch {
	case c.direct:
		return "im"
	case c.private:
		return "group"
	}
	return "channel"
}

// identifier is a made-up id: a letter, then a number in Slack's alphabet.
func identifier(letter string, n int) string {
	return letter + strings.ToUpper(fmt.Sprintf("0%09x", 0x10000+n))
}
