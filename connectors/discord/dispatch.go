package discord

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// taking is one event on its way to payloads.
type taking struct {
	*shard
	ctx  context.Context
	data []byte
	at   int64  // when it came, Unix milliseconds
	key  string // of this event, the same when the platform sends it again
}

// take turns an event into payloads and notices, and into what the shard
// remembers. What cannot be read is left out: the connection goes on.
func (s *shard) take(ctx context.Context, e received) {
	if e.Seq != nil && *e.Seq <= s.state.Seq && e.Type != "READY" {
		return // sent again
	}
	t := taking{shard: s, ctx: ctx, data: e.Data, at: e.at.UnixMilli()}
	if e.Type == "READY" {
		t.readied()
	}
	if e.Seq != nil {
		s.state.Seq = *e.Seq
	}
	t.key = s.eventKey()
	if handle := handlerOf(e.Type); handle != nil {
		handle(t)
	}
}

// eventKey names the event that is being taken. The session's id goes with the
// token only, so it is hashed.
func (s *shard) eventKey() string {
	sum := sha256.Sum256([]byte(s.state.Session))
	return hex.EncodeToString(sum[:8]) + "/" + strconv.FormatInt(s.state.Seq, 10)
}

// handlerOf returns what takes a type of event; nil for those that are not read.
func handlerOf(kind string) func(taking) {
	switch kind {
	case "RESUMED":
		return taking.resumed
	case "GUILD_CREATE":
		return taking.guildCreated
	case "GUILD_DELETE":
		return taking.guildDeleted
	case "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE":
		return taking.roleChanged
	case "GUILD_ROLE_DELETE":
		return taking.roleDeleted
	case "CHANNEL_CREATE", "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE":
		return taking.channelChanged
	case "CHANNEL_DELETE", "THREAD_DELETE":
		return taking.channelDeleted
	case "THREAD_LIST_SYNC":
		return taking.threadsListed
	case "MESSAGE_CREATE", "MESSAGE_UPDATE":
		return func(t taking) { t.message(kind == "MESSAGE_UPDATE") }
	case "MESSAGE_DELETE", "MESSAGE_DELETE_BULK":
		return taking.messagesDeleted
	case "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE", "MESSAGE_REACTION_REMOVE_EMOJI":
		return func(t taking) { t.reaction(kind) }
	case "GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE":
		return func(t taking) { t.member(kind == "GUILD_MEMBER_ADD") }
	case "GUILD_MEMBER_REMOVE", "GUILD_BAN_ADD":
		return func(t taking) { t.memberGone(kind == "GUILD_BAN_ADD") }
	case "GUILD_AUDIT_LOG_ENTRY_CREATE":
		return taking.audited
	case "VOICE_STATE_UPDATE":
		return taking.voice
	case "GUILD_SCHEDULED_EVENT_CREATE", "GUILD_SCHEDULED_EVENT_DELETE":
		return func(t taking) { t.event(kind == "GUILD_SCHEDULED_EVENT_DELETE") }
	case "GUILD_SCHEDULED_EVENT_USER_ADD", "GUILD_SCHEDULED_EVENT_USER_REMOVE":
		return func(t taking) { t.interest(kind == "GUILD_SCHEDULED_EVENT_USER_REMOVE") }
	}
	return nil
}

// read decodes the event; false when it is not JSON or not of a server.
func (t taking) read(into any, guild *string) bool {
	return decode(t.data, into) == nil && numeric(*guild)
}

// readied begins a session: what happened since the last one is not known.
func (t taking) readied() {
	var d struct {
		Session string   `json:"session_id"`
		Resume  string   `json:"resume_gateway_url"`
		User    wireUser `json:"user"`
		Guilds  []struct {
			ID string `json:"id"`
		} `json:"guilds"`
	}
	if decode(t.data, &d) != nil || d.Session == "" {
		return
	}
	s := t.shard
	s.state.Session, s.state.Resume, s.state.Seq = d.Session, d.Resume, 0
	s.ready, s.state.Bot = s.api.now(), d.User.ID
	s.state.Awaited = map[string]bool{}
	for _, g := range d.Guilds {
		if !numeric(g.ID) {
			continue
		}
		s.state.Awaited[g.ID] = true
		s.note(g.ID, connectors.NoticeGap, "")
		for _, i := range []intent{intentContent, intentMembers} {
			if slices.Contains(fallbacks[s.state.Step], i) {
				s.note(g.ID, connectors.NoticeDegrade, i.name)
			} else {
				s.note(g.ID, connectors.NoticeRestore, i.name)
			}
		}
	}
}

func (t taking) resumed() { t.shard.ready = t.api.now() }

func (t taking) guildCreated() {
	var g wireGuild
	if !t.read(&g, &g.ID) || g.Unavailable {
		return
	}
	old, record := t.guild(t.ctx, g.ID), newGuildRecord()
	record.Owner = g.OwnerID
	for _, r := range g.Roles {
		record.Roles[r.ID], record.Rights[r.ID] = r.Name, r.Permissions
	}
	for _, m := range g.Members {
		if m.User != nil && m.User.ID == t.state.Bot {
			record.Mine = append([]string{}, m.Roles...)
		}
	}
	for id, known := range old.Channels {
		if known.Blind {
			record.Channels[id] = known // told already
		}
	}
	for i, c := range append(g.Channels, g.Threads...) {
		t.channel(g.ID, record, c, false, strconv.Itoa(i))
	}
	lost := t.at
	switch {
	case old.Down != 0:
		lost = old.Down
		t.note(g.ID, connectors.NoticeBack, "")
		t.note(g.ID, connectors.NoticeGap, "")
	case t.state.Awaited[g.ID] && t.state.Lost != 0:
		lost = t.state.Lost
	}
	delete(t.state.Awaited, g.ID)
	record.Vanity = slices.Contains(g.Features, "VANITY_URL")
	t.guilds[g.ID], t.changed[g.ID] = record, true
	t.countAnew(g.ID, old.Newcomers)
	t.entitle(g.ID, record)
	t.reconcile(g.ID, g.Voice, record.Roles, lost, t.at, t.key)
}

// guildDeleted tells an outage of the server from the removal of the bot.
func (t taking) guildDeleted() {
	var g wireGuild
	if !t.read(&g, &g.ID) {
		return
	}
	t.changed[g.ID] = true
	if g.Unavailable {
		t.guild(t.ctx, g.ID).Down = t.at
		t.note(g.ID, connectors.NoticeOutage, "")
		return
	}
	t.reconcile(g.ID, nil, nil, t.at, t.at, t.key)
	delete(t.guilds, g.ID)
	delete(t.watches, g.ID)
	t.note(g.ID, connectors.NoticeRevoked, "")
}

func (t taking) roleChanged() {
	var d struct {
		GuildID string   `json:"guild_id"`
		Role    wireRole `json:"role"`
	}
	if t.read(&d, &d.GuildID) && numeric(d.Role.ID) {
		g := t.guild(t.ctx, d.GuildID)
		g.Roles[d.Role.ID], g.Rights[d.Role.ID] = d.Role.Name, d.Role.Permissions
		t.changed[d.GuildID] = true
		t.entitle(d.GuildID, g)
	}
}

func (t taking) roleDeleted() {
	var d struct {
		GuildID string `json:"guild_id"`
		RoleID  string `json:"role_id"`
	}
	if t.read(&d, &d.GuildID) {
		g := t.guild(t.ctx, d.GuildID)
		delete(g.Roles, d.RoleID)
		delete(g.Rights, d.RoleID)
		t.changed[d.GuildID] = true
		t.entitle(d.GuildID, g)
	}
}

// channel sends a channel's name and place, and remembers them. A name can come
// back to what it was, so the key is that of the event.
func (t taking) channel(guild string, record *guildRecord, c wireChannel, gone bool, part string) {
	if !numeric(c.ID) {
		return
	}
	if gone {
		delete(record.Channels, c.ID)
	} else {
		record.put(c)
		if record.see(guild, t.state.Bot, c) {
			t.note(guild, connectors.NoticeBlind, c.ID)
		}
	}
	t.changed[guild] = true
	if !c.text() && !c.forum() {
		return // a heading of the sidebar, a shop
	}
	p := payload(liveChannel, "", storedOf(guild, c, gone))
	p.Key = liveChannel + "/" + t.key + "/" + part
	t.send(guild, p)
}

func (t taking) channelChanged() {
	var c wireChannel
	if t.read(&c, &c.GuildID) {
		t.channel(c.GuildID, t.guild(t.ctx, c.GuildID), c, false, "")
	}
}

// channelDeleted archives a channel. Of a thread the platform tells no name then.
func (t taking) channelDeleted() {
	var c wireChannel
	if !t.read(&c, &c.GuildID) {
		return
	}
	record := t.guild(t.ctx, c.GuildID)
	if known, ok := record.Channels[c.ID]; ok && c.Name == "" {
		c.Name, c.Type, c.ParentID = known.Name, known.Type, known.Parent
	}
	t.channel(c.GuildID, record, c, true, "")
}

func (t taking) threadsListed() {
	var d struct {
		GuildID string        `json:"guild_id"`
		Threads []wireChannel `json:"threads"`
	}
	if !t.read(&d, &d.GuildID) {
		return
	}
	for i, c := range d.Threads {
		t.channel(d.GuildID, t.guild(t.ctx, d.GuildID), c, false, strconv.Itoa(i))
	}
}

// audited learns of kicks and bans.
func (t taking) audited() {
	var d struct {
		GuildID string `json:"guild_id"`
		Action  int    `json:"action_type"`
		Target  string `json:"target_id"`
	}
	if !t.read(&d, &d.GuildID) {
		return
	}
	switch d.Action {
	case 20:
		t.expelled(ending{Guild: d.GuildID, User: d.Target, At: t.at, How: community.DetailKicked})
	case 22:
		t.expelled(ending{Guild: d.GuildID, User: d.Target, At: t.at, How: community.DetailBanned})
	}
}
