package discordtest

import (
	"slices"
	"strconv"
	"time"
)

// Post writes a message now. Mentions are ids of users.
func (w *World) Post(channel, author, text string, mentions ...string) string {
	return w.post(&Message{Channel: channel, Author: author, Text: text, Mentions: mentions}, time.Time{})
}

// PostAt writes a message in the past: it is in the history, and no event tells it.
func (w *World) PostAt(channel, author, text string, at time.Time) string {
	return w.post(&Message{Channel: channel, Author: author, Text: text}, at)
}

// Reply answers a message now.
func (w *World) Reply(to, author, text string) string {
	w.mu.Lock()
	_, c, m := w.message(to)
	w.mu.Unlock()
	if m == nil {
		return ""
	}
	return w.post(&Message{Channel: c.ID, Author: author, Text: text, Reply: to, Kind: 19, Mentions: []string{m.Author}}, time.Time{})
}

func (w *World) post(m *Message, at time.Time) string {
	w.mu.Lock()
	g, c := w.channel(m.Channel)
	if c == nil || w.users[m.Author] == nil {
		w.mu.Unlock()
		return ""
	}
	live := at.IsZero()
	if live {
		at = w.now()
	}
	m.ID, m.Reactions = w.id(at), map[string][]string{}
	w.where[m.ID] = m.Channel
	i, _ := c.find(m.ID)
	c.messages = slices.Insert(c.messages, i, m)
	data := m.json(w)
	m.live(w, g, data)
	w.mu.Unlock()
	if live {
		w.emit(g.id, "MESSAGE_CREATE", data)
	}
	return m.ID
}

// Edit changes a message's text.
func (w *World) Edit(message, text string) {
	w.mu.Lock()
	g, _, m := w.message(message)
	if m == nil {
		w.mu.Unlock()
		return
	}
	m.Text, m.Edited = text, w.now()
	data := m.json(w)
	m.live(w, g, data)
	w.mu.Unlock()
	w.emit(g.id, "MESSAGE_UPDATE", data)
}

// Delete removes messages of one channel: several in one event.
func (w *World) Delete(messages ...string) {
	w.mu.Lock()
	var g *guild
	var in *Channel
	var gone []string
	for _, id := range messages {
		found, c, m := w.message(id)
		if m == nil || in != nil && c != in {
			continue
		}
		g, in = found, c
		i, _ := c.find(id)
		c.messages = slices.Delete(c.messages, i, i+1)
		delete(w.where, id)
		gone = append(gone, id)
	}
	w.mu.Unlock()
	switch {
	case len(gone) == 1:
		w.emit(g.id, "MESSAGE_DELETE", map[string]any{"id": gone[0], "channel_id": in.ID, "guild_id": g.id})
	case len(gone) > 1:
		w.emit(g.id, "MESSAGE_DELETE_BULK", map[string]any{"ids": gone, "channel_id": in.ID, "guild_id": g.id})
	}
}

// React gives an emoji; false when it was given already.
func (w *World) React(message, user, emoji string) bool {
	return w.react(message, user, emoji, true)
}

// Unreact takes an emoji back.
func (w *World) Unreact(message, user, emoji string) bool {
	return w.react(message, user, emoji, false)
}

func (w *World) react(message, user, emoji string, give bool) bool {
	w.mu.Lock()
	g, c, m := w.message(message)
	if m == nil || slices.Contains(m.Reactions[emoji], user) == give {
		w.mu.Unlock()
		return false
	}
	data := map[string]any{
		"user_id": user, "channel_id": c.ID, "message_id": message, "guild_id": g.id,
		"emoji": map[string]any{"id": nil, "name": emoji}, "burst": false, "type": 0,
	}
	kind := "MESSAGE_REACTION_REMOVE"
	if give {
		kind = "MESSAGE_REACTION_ADD"
		m.Reactions[emoji] = append(m.Reactions[emoji], user)
		data["message_author_id"] = m.Author
		if member := g.members[user]; member != nil {
			data["member"] = member.json(true)
		}
	} else {
		m.Reactions[emoji] = slices.DeleteFunc(m.Reactions[emoji], func(u string) bool { return u == user })
		if len(m.Reactions[emoji]) == 0 {
			delete(m.Reactions, emoji)
		}
	}
	w.mu.Unlock()
	w.emit(g.id, kind, data)
	return true
}

// Join makes somebody a member now; welcome is a channel that announces it, or empty.
func (w *World) Join(guild, user, welcome string) {
	w.mu.Lock()
	g := w.guilds[guild]
	if g == nil || w.users[user] == nil || g.members[user] != nil {
		w.mu.Unlock()
		return
	}
	m := &Member{User: w.users[user], Joined: w.now()}
	g.members[user] = m
	w.truths[guild].Joins[user]++
	data := m.json(true)
	data["guild_id"] = guild
	w.mu.Unlock()
	w.emit(guild, "GUILD_MEMBER_ADD", data)
	if welcome != "" {
		w.post(&Message{Channel: welcome, Author: user, Kind: 7}, time.Time{})
	}
}

// How somebody leaves.
const (
	Left   = "left"
	Kicked = "kicked"
	Banned = "banned"
)

// Leave ends a membership. The audit log tells of a kick or ban in an event of
// its own, before or after the leave: logFirst says which.
func (w *World) Leave(guild, user, how string, logFirst bool) {
	w.mu.Lock()
	g := w.guilds[guild]
	if g == nil || g.members[user] == nil {
		w.mu.Unlock()
		return
	}
	gone := map[string]any{"guild_id": guild, "user": g.members[user].User.json()}
	delete(g.members, user)
	w.truths[guild].Leaves[how]++
	entry := map[string]any{
		"id": w.id(w.now()), "guild_id": guild, "target_id": user, "user_id": g.owner, "action_type": 20,
	}
	w.mu.Unlock()
	w.Move(guild, user, "")
	if how == Banned {
		entry["action_type"] = 22
		w.emit(guild, "GUILD_BAN_ADD", gone)
	}
	if how != Left && logFirst {
		w.emit(guild, "GUILD_AUDIT_LOG_ENTRY_CREATE", entry)
	}
	w.emit(guild, "GUILD_MEMBER_REMOVE", gone)
	if how != Left && !logFirst {
		w.emit(guild, "GUILD_AUDIT_LOG_ENTRY_CREATE", entry)
	}
}

// SetRoles gives a member these roles.
func (w *World) SetRoles(guild, user string, roles ...string) {
	w.mu.Lock()
	g := w.guilds[guild]
	if g == nil || g.members[user] == nil {
		w.mu.Unlock()
		return
	}
	g.members[user].Roles = roles
	data := g.members[user].json(true)
	data["guild_id"] = guild
	w.mu.Unlock()
	w.emit(guild, "GUILD_MEMBER_UPDATE", data)
}

// Move puts somebody into a voice channel, or out of all with an empty one.
func (w *World) Move(guild, user, channel string) {
	w.mu.Lock()
	g := w.guilds[guild]
	if g == nil || g.voice[user].channel == channel {
		w.mu.Unlock()
		return
	}
	was, in := g.voice[user]
	if in {
		w.truths[guild].Sessions++
	}
	now := voiceState{channel: channel, session: was.session, since: w.now()}
	if !in {
		now.session = "v" + w.id(w.now())
	}
	if channel == "" {
		delete(g.voice, user)
	} else {
		g.voice[user] = now
	}
	data := now.json(g, user)
	w.mu.Unlock()
	w.emit(guild, "VOICE_STATE_UPDATE", data)
}

// Mute tells a voice state in which nothing changed but the microphone.
func (w *World) Mute(guild, user string) {
	w.mu.Lock()
	g := w.guilds[guild]
	v, in := g.voice[user]
	data := v.json(g, user)
	w.mu.Unlock()
	if in {
		w.emit(guild, "VOICE_STATE_UPDATE", data)
	}
}

// Rename changes a channel's name.
func (w *World) Rename(channel, name string) {
	w.changeChannel(channel, func(c *Channel) { c.Name = name })
}

// Archive closes a thread.
func (w *World) Archive(thread string) {
	w.changeChannel(thread, func(c *Channel) { c.Archived = w.now() })
}

// Deny takes permissions from everybody in a channel.
func (w *World) Deny(channel string, permissions uint64) {
	w.changeChannel(channel, func(c *Channel) { c.Denied = permissions })
}

func (w *World) changeChannel(id string, change func(*Channel)) {
	w.mu.Lock()
	g, c := w.channel(id)
	if c == nil {
		w.mu.Unlock()
		return
	}
	change(c)
	data, kind := c.json(g), "CHANNEL_UPDATE"
	if c.thread() {
		kind = "THREAD_UPDATE"
	}
	w.mu.Unlock()
	w.emit(g.id, kind, data)
}

// DeleteChannel removes a channel and what is in it.
func (w *World) DeleteChannel(id string) {
	w.mu.Lock()
	g, c := w.channel(id)
	if c == nil {
		w.mu.Unlock()
		return
	}
	g.channels = slices.DeleteFunc(g.channels, func(x *Channel) bool { return x == c })
	delete(w.place, id)
	data, kind := c.json(g), "CHANNEL_DELETE"
	if c.thread() {
		data, kind = map[string]any{"id": id, "guild_id": g.id, "parent_id": c.Parent, "type": c.Kind}, "THREAD_DELETE"
	}
	w.mu.Unlock()
	w.emit(g.id, kind, data)
}

// Schedule announces an event; Interest marks somebody as interested, or not any more.
func (w *World) Schedule(guild, creator, name string) string {
	w.mu.Lock()
	id := w.id(w.now())
	w.mu.Unlock()
	w.emit(guild, "GUILD_SCHEDULED_EVENT_CREATE", map[string]any{"id": id, "guild_id": guild, "creator_id": creator, "name": name})
	return id
}

// Interest tells that somebody is interested in a scheduled event, or no longer.
func (w *World) Interest(guild, event, user string, interested bool) {
	kind := "GUILD_SCHEDULED_EVENT_USER_ADD"
	if !interested {
		kind = "GUILD_SCHEDULED_EVENT_USER_REMOVE"
	}
	w.emit(guild, kind, map[string]any{"guild_scheduled_event_id": event, "user_id": user, "guild_id": guild})
}

// Outage takes a server down, or back up with its snapshot.
func (w *World) Outage(guild string, down bool) {
	w.mu.Lock()
	g := w.guilds[guild]
	g.down = down
	data := g.json(w)
	w.mu.Unlock()
	if down {
		w.emit(guild, "GUILD_DELETE", map[string]any{"id": guild, "unavailable": true})
		return
	}
	w.emit(guild, "GUILD_CREATE", data)
}

// Remove takes the bot out of a server.
func (w *World) Remove(guild string) {
	w.mu.Lock()
	if g := w.guilds[guild]; g != nil {
		g.removed = true
		delete(g.members, w.bot.ID)
	}
	w.mu.Unlock()
	w.emit(guild, "GUILD_DELETE", map[string]any{"id": guild})
}

func compareIDs(a, b string) int {
	x, _ := strconv.ParseUint(a, 10, 64)
	y, _ := strconv.ParseUint(b, 10, 64)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
