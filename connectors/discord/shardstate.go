package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// shardState is what a shard keeps across restarts. Times are Unix milliseconds.
type shardState struct {
	Session string `json:"session,omitempty"` // empty: there is none to resume
	Bot     string `json:"bot,omitempty"`     // our own user id
	Resume  string `json:"resume,omitempty"`  // address to resume at
	Seq     int64  `json:"seq,omitempty"`     // of the last event that was stored
	Alive   int64  `json:"alive,omitempty"`   // when something was last heard in the session
	Lost    int64  `json:"lost,omitempty"`    // Alive of the session before this one
	// Awaited are the servers whose snapshot the session has not sent yet.
	Awaited map[string]bool `json:"awaited,omitempty"`
	Stays   map[string]stay `json:"stays,omitempty"` // open voice sessions by server/user
	// LastStay is the latest beginning of a stay, in milliseconds: each has its own, also
	// when events come in a burst, because a stay is known by its beginning.
	LastStay int64    `json:"last_stay,omitempty"`
	Reacted  int64    `json:"reacted,omitempty"` // the moment of the latest reaction: each has its own, in their order
	Leaves   []leave  `json:"leaves,omitempty"`  // that wait for the audit log
	Ends     []ending `json:"ends,omitempty"`    // kicks and bans that wait for their leave

	Step       int   `json:"step,omitempty"`       // of fallbacks
	Stepped    int64 `json:"stepped,omitempty"`    // when it was last changed
	Attempts   int   `json:"attempts,omitempty"`   // IDENTIFYs since a session was stable
	Identified int64 `json:"identified,omitempty"` // when the last one was sent
}

// guildRecord is what of a server is needed to understand its events.
type guildRecord struct {
	Roles    rolenames       `json:"roles,omitempty"`
	Channels map[string]spot `json:"channels,omitempty"`
	Down     int64           `json:"down,omitempty"` // since when the platform says that it is unavailable
	// What the bot's rights are computed from; Mine is nil when it is not known.
	Owner  string                 `json:"owner,omitempty"`
	Mine   []string               `json:"mine,omitzero"`
	Rights map[string]permissions `json:"rights,omitempty"`
	// Of invitations: how often each was used when nobody had joined since but the
	// newcomers; nil when that is not known.
	Uses      tally      `json:"uses,omitzero"`
	Vanity    bool       `json:"vanity,omitempty"` // the server has an address of its own
	Newcomers []newcomer `json:"newcomers,omitempty"`
}

// spot is a channel as far as events need it.
type spot struct {
	Type   int    `json:"t"`
	Name   string `json:"n,omitempty"`
	Parent string `json:"p,omitempty"`
	Blind  bool   `json:"b,omitempty"` // the bot cannot read it
}

func newGuildRecord() *guildRecord {
	return &guildRecord{Roles: rolenames{}, Channels: map[string]spot{}, Rights: map[string]permissions{}}
}

// put remembers a channel. A closed thread is forgotten: before anybody writes in
// it again, it is opened, which is told.
func (g *guildRecord) put(c wireChannel) {
	if c.Thread.Archived {
		delete(g.Channels, c.ID)
		return
	}
	g.Channels[c.ID] = spot{Type: c.Type, Name: cut(clean(c.Name), maxTag), Parent: c.ParentID, Blind: g.Channels[c.ID].Blind}
}

// see finds out whether the bot can read a channel, and says whether it just
// became unable to. Threads are as their channel.
func (g *guildRecord) see(guild, bot string, c wireChannel) (lost bool) {
	p, ok := g.Channels[c.ID]
	if !ok || g.Mine == nil || c.thread() || !c.text() && !c.forum() {
		return false
	}
	was := p.Blind
	p.Blind = !g.holder(guild, bot).readable(c)
	g.Channels[c.ID] = p
	return p.Blind && !was
}

// holder is the bot in the server.
func (g *guildRecord) holder(guild, bot string) holder {
	h := newHolder(wireGuild{ID: guild, OwnerID: g.Owner}, wireMember{Roles: g.Mine}, bot)
	for id, rights := range g.Rights {
		h.guild.Roles = append(h.guild.Roles, wireRole{ID: id, Permissions: rights})
	}
	return h
}

// scope is the scope of what stands in a channel. A thread that was never told
// of is recognised by the type that the event itself gives.
func (g *guildRecord) scope(channel string, kind int) string {
	if p, ok := g.Channels[channel]; ok {
		kind = p.Type
	}
	return scoped(channel, isThread(kind))
}

// load reads a saved state. One that cannot be read is as none: the session
// begins anew and the gap is filled.
func load(ctx context.Context, host connectors.Host, name string, into any) error {
	raw, err := host.Load(ctx, name)
	if err != nil {
		return fmt.Errorf("load state: %w", err)
	}
	if raw != nil {
		_ = json.Unmarshal(raw, into)
	}
	return nil
}

func save(ctx context.Context, host connectors.Host, name string, state any) error {
	raw, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	if err := host.Save(ctx, name, raw); err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	return nil
}

// forget ends the session: the next connection identifies itself anew.
func (s *shardState) forget() {
	s.Lost = cmp.Or(s.Alive, s.Lost)
	s.Session, s.Resume, s.Seq = "", "", 0
}

func elapsed(now time.Time, since int64) time.Duration { return now.Sub(milli(since)) }
