package discordtest

import (
	"slices"
	"strconv"
	"sync"
	"time"
)

const epoch = 1420070400000 // of snowflakes, in Unix milliseconds

// Kinds of channel.
const (
	Text          = 0
	Voice         = 2
	Category      = 4
	Announcement  = 5
	PublicThread  = 11
	PrivateThread = 12
	Forum         = 15
)

// Permissions that a bot can be without.
const (
	ManageGuild = 1 << 5
	ViewChannel = 1 << 10
	ReadHistory = 1 << 16
	Connect     = 1 << 20
	audit       = 1 << 7
	threads     = 1 << 34
)

// World is what exists. Its methods change it and tell the gateway; they may be
// called from several goroutines. An id that is not known is left alone.
type World struct {
	now  func() time.Time
	emit func(guild, kind string, data any)
	bot  *User

	mu     sync.Mutex
	last   uint64 // snowflake
	guilds map[string]*guild
	users  map[string]*User
	place  map[string]string // guild of a channel
	where  map[string]string // channel of a message
	truths map[string]*Truth
}

// User is somebody.
type User struct {
	ID, Name, Display string
	Bot               bool
}

type guild struct {
	id, name, owner string
	permissions     uint64 // of the bot, by the role of everybody
	roles           []*Role
	channels        []*Channel
	members         map[string]*Member
	voice           map[string]voiceState
	invites         []*Invite
	vanity          *Invite // the server's own address
	down            bool
	removed         bool // the bot is not in it
}

// Role is a role of a server.
type Role struct{ ID, Name string }

// Member is somebody in a server.
type Member struct {
	*User
	Joined time.Time
	Roles  []string
}

// Channel is a channel or thread.
type Channel struct {
	ID, Guild, Name, Parent string
	Kind                    int
	Denied                  uint64 // permissions taken from everybody
	Archived                time.Time
	messages                []*Message
}

// Message is a message.
type Message struct {
	ID, Channel, Author, Text, Reply string
	Kind                             int
	Edited                           time.Time
	Mentions                         []string
	Reactions                        map[string][]string // givers by emoji
}

type voiceState struct {
	channel, session string
	since            time.Time
}

// Truth counts what happened in a server, as an observer of everything would.
type Truth struct {
	Messages  int            // that exist, lines of the system left out
	Reactions int            // that exist
	Joins     map[string]int // by user
	Leaves    map[string]int // by how: left, kicked, banned
	Sessions  int            // of voice that ended
}

func newWorld(now func() time.Time, bot string, emit func(guild, kind string, data any)) *World {
	w := &World{
		now: now, emit: emit, guilds: map[string]*guild{}, users: map[string]*User{},
		place: map[string]string{}, where: map[string]string{}, truths: map[string]*Truth{},
	}
	w.bot = &User{ID: bot, Name: "foyer", Bot: true}
	w.users[bot] = w.bot
	return w
}

// id makes the next snowflake of a moment. Those of now never go back.
func (w *World) id(at time.Time) string {
	n := uint64(max(1, at.UnixMilli()-epoch)) << 22
	if n>>22 > w.last>>22 {
		w.last = n
		return strconv.FormatUint(n, 10)
	}
	if w.last>>22-n>>22 < 1000 {
		w.last++
		return strconv.FormatUint(w.last, 10)
	}
	// A moment in the past: the low bits tell apart.
	for ; w.where[strconv.FormatUint(n, 10)] != "" || w.place[strconv.FormatUint(n, 10)] != "" || w.users[strconv.FormatUint(n, 10)] != nil; n++ {
	}
	return strconv.FormatUint(n, 10)
}

// AddUser makes somebody who is in no server yet.
func (w *World) AddUser(name string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	u := &User{ID: w.id(w.now()), Name: name, Display: name}
	w.users[u.ID] = u
	return u.ID
}

// AddGuild makes a server with the bot in it, owned by somebody new.
func (w *World) AddGuild(name string) string {
	owner := w.AddUser(name + "-owner")
	w.mu.Lock()
	g := &guild{
		id: w.id(w.now()), name: name, owner: owner, permissions: ViewChannel | ReadHistory | Connect | audit | threads | ManageGuild,
		members: map[string]*Member{}, voice: map[string]voiceState{},
	}
	g.roles = []*Role{{ID: g.id, Name: "@everyone"}}
	w.guilds[g.id] = g
	w.truths[g.id] = &Truth{Joins: map[string]int{}, Leaves: map[string]int{}}
	for _, id := range []string{owner, w.bot.ID} {
		g.members[id] = &Member{User: w.users[id], Joined: w.now()}
	}
	data := g.json(w)
	w.mu.Unlock()
	w.emit(g.id, "GUILD_CREATE", data)
	return g.id
}

// Permit sets what the bot may do in a server.
func (w *World) Permit(guild string, permissions uint64) {
	w.mu.Lock()
	g := w.guilds[guild]
	if g == nil {
		w.mu.Unlock()
		return
	}
	g.permissions = permissions
	data := map[string]any{"guild_id": guild, "role": g.roles[0].json(permissions)}
	w.mu.Unlock()
	w.emit(guild, "GUILD_ROLE_UPDATE", data)
}

// AddRole makes a role.
func (w *World) AddRole(guild, name string) string {
	w.mu.Lock()
	g := w.guilds[guild]
	if g == nil {
		w.mu.Unlock()
		return ""
	}
	r := &Role{ID: w.id(w.now()), Name: name}
	g.roles = append(g.roles, r)
	data := map[string]any{"guild_id": guild, "role": r.json(0)}
	w.mu.Unlock()
	w.emit(guild, "GUILD_ROLE_CREATE", data)
	return r.ID
}

// AddChannel makes a channel of a kind. denied are permissions that nobody has in it.
func (w *World) AddChannel(guild, name string, kind int, denied uint64) string {
	return w.addChannel(guild, "", name, kind, denied, "CHANNEL_CREATE")
}

// AddThread makes a thread in a channel or forum.
func (w *World) AddThread(parent, name string) string {
	w.mu.Lock()
	guild := w.place[parent]
	w.mu.Unlock()
	return w.addChannel(guild, parent, name, PublicThread, 0, "THREAD_CREATE")
}

func (w *World) addChannel(guild, parent, name string, kind int, denied uint64, event string) string {
	w.mu.Lock()
	g := w.guilds[guild]
	if g == nil {
		w.mu.Unlock()
		return ""
	}
	c := &Channel{ID: w.id(w.now()), Guild: guild, Name: name, Parent: parent, Kind: kind, Denied: denied}
	g.channels = append(g.channels, c)
	w.place[c.ID] = guild
	data := c.json(g)
	if kind == PublicThread {
		data["newly_created"] = true
	}
	w.mu.Unlock()
	w.emit(guild, event, data)
	return c.ID
}

// channel finds a channel and its server.
func (w *World) channel(id string) (*guild, *Channel) {
	g := w.guilds[w.place[id]]
	if g == nil {
		return nil, nil
	}
	i := slices.IndexFunc(g.channels, func(c *Channel) bool { return c.ID == id })
	if i < 0 {
		return nil, nil
	}
	return g, g.channels[i]
}

// message finds a message, its channel and server.
func (w *World) message(id string) (*guild, *Channel, *Message) {
	g, c := w.channel(w.where[id])
	if c == nil {
		return nil, nil, nil
	}
	i, ok := c.find(id)
	if !ok {
		return nil, nil, nil
	}
	return g, c, c.messages[i]
}

func (c *Channel) find(id string) (int, bool) {
	return slices.BinarySearchFunc(c.messages, id, func(m *Message, id string) int { return compareIDs(m.ID, id) })
}

// Truth returns what happened in a server so far.
func (w *World) Truth(guild string) Truth {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := *w.truths[guild]
	for _, c := range w.guilds[guild].channels {
		for _, m := range c.messages {
			if m.Kind == 0 || m.Kind == 19 {
				t.Messages++
			}
			for _, givers := range m.Reactions {
				t.Reactions += len(givers)
			}
		}
	}
	return t
}
