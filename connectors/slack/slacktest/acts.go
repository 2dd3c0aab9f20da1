package slacktest

import (
	"maps"
	"slices"
	"strings"
)

// Add puts somebody into the workspace who was there before anybody listened.
// An empty id or team is filled in.
func (w *World) Add(u User) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.add(u).ID
}

func (w *World) add(u User) *User {
	if u.ID == "" {
		u.ID = identifier("U", len(w.users))
	}
	if u.Team == "" {
		u.Team = w.team.ID
	}
	if u.RealName == "" {
		u.RealName = u.Name
	}
	u.Updated = w.time().Unix()
	w.users = append(w.users, &u)
	return &u
}

// Join makes somebody new a member of the workspace.
func (w *World) Join(u User) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	added := w.add(u)
	w.tell(nil, "team_join", map[string]any{"user": added.object()})
	if !added.Bot {
		w.truth.Joins++
	}
	return added.ID
}

// Leave deactivates a member.
func (w *World) Leave(user string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.user(user)
	if u == nil || u.Deleted {
		return
	}
	u.Deleted, u.Updated = true, w.time().Unix()
	w.tell(nil, "user_change", map[string]any{"user": u.object()})
	if !u.Bot && u.Team == w.team.ID {
		w.truth.Leaves++
	}
}

// RenameUser changes what somebody is called.
func (w *World) RenameUser(user, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if u := w.user(user); u != nil {
		u.RealName, u.Updated = name, w.time().Unix()
		w.tell(nil, "user_change", map[string]any{"user": u.object()})
	}
}

// Channel makes a channel, with its creator in it.
func (w *World) Channel(name, creator string, private bool) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := &channel{
		id: identifier("C", len(w.channels)), name: name, created: w.time().Unix(), private: private,
		members: map[string]bool{creator: true},
	}
	w.channels = append(w.channels, c)
	if !private {
		w.tell(nil, "channel_created", map[string]any{"channel": map[string]any{
			"id": c.id, "name": name, "created": c.created, "creator": creator,
		}})
	}
	return c.id
}

// Rename gives a channel another name.
func (w *World) Rename(channel, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channel(channel)
	if c == nil {
		return
	}
	old := c.name
	c.name = name
	kind := "channel_rename"
	if c.private {
		kind = "group_rename"
	}
	w.tell(c, kind, map[string]any{"channel": map[string]any{"id": c.id, "name": name, "created": c.created}})
	w.say(c, map[string]any{"subtype": "channel_name", "user": BotUser, "name": name, "old_name": old, "text": "renamed"})
}

// Archive closes a channel, or opens it again.
func (w *World) Archive(channel string, archived bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channel(channel)
	if c == nil || c.archived == archived {
		return
	}
	c.archived = archived
	kind := "channel_archive"
	if !archived {
		kind = "channel_unarchive"
	}
	w.tell(c, kind, map[string]any{"channel": c.id, "user": BotUser})
}

// Enter lets somebody join a channel, invited by inviter when there is one.
func (w *World) Enter(channel, user, inviter string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.channel(channel); c != nil {
		w.enter(c, user, inviter)
	}
}

func (w *World) enter(c *channel, user, inviter string) {
	if c.members[user] {
		return
	}
	c.members[user] = true
	fields := map[string]any{"user": user, "channel": c.id, "channel_type": "C", "team": w.team.ID}
	if inviter != "" {
		fields["inviter"] = inviter
	}
	w.tell(c, "member_joined_channel", fields)
	w.say(c, map[string]any{"subtype": "channel_join", "user": user, "text": "<@" + user + "> has joined the channel"})
}

// Exit lets somebody leave a channel.
func (w *World) Exit(channel, user string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channel(channel)
	if c == nil || !c.members[user] {
		return
	}
	w.say(c, map[string]any{"subtype": "channel_leave", "user": user, "text": "<@" + user + "> has left the channel"})
	w.tell(c, "member_left_channel", map[string]any{"user": user, "channel": c.id, "channel_type": "C", "team": w.team.ID})
	delete(c.members, user)
}

// say writes a message and tells of it.
func (w *World) say(c *channel, fields map[string]any) *message {
	m := &message{ts: w.ts(), fields: maps.Clone(fields)}
	m.thread, _ = fields["thread_ts"].(string)
	m.broadcast = fields["subtype"] == "thread_broadcast"
	m.fields["type"], m.fields["ts"] = "message", m.ts
	c.messages = append(c.messages, m)
	if parent := c.message(m.thread); parent != nil {
		parent.replies = append(parent.replies, m.ts)
	}
	told := maps.Clone(m.fields)
	told["channel"], told["channel_type"] = c.id, c.kind()
	w.tell(c, "message", told)
	return m
}

// Post writes a message and returns its ts; empty when the channel is not there.
func (w *World) Post(channel, user, text string) string {
	return w.write(channel, user, map[string]any{"text": text})
}

// Share posts a file with a text.
func (w *World) Share(channel, user, text string) string {
	return w.write(channel, user, map[string]any{
		"text": text, "subtype": "file_share", "files": []any{map[string]any{"id": "F00000001", "name": text}}, "upload": false,
	})
}

// BotPost writes as an integration.
func (w *World) BotPost(channel, name, text string) string {
	return w.write(channel, "", map[string]any{"text": text, "subtype": "bot_message", "bot_id": "B0INTEGRAT", "username": name})
}

// AppPost writes as an app that uses the token of a user: its own bot user, or a
// person who let it write in their name.
func (w *World) AppPost(channel, user, text string) string {
	return w.write(channel, user, map[string]any{
		"text": text, "bot_id": "B0APPSTOKEN", "app_id": "A0APPSTOKEN", "bot_profile": map[string]any{"id": "B0APPSTOKEN", "name": "Deploys"},
	})
}

// Reply answers in a thread, and in the channel as well when broadcast is set.
func (w *World) Reply(channel, thread, user, text string, broadcast bool) string {
	fields := map[string]any{"text": text, "thread_ts": thread}
	if broadcast {
		fields["subtype"] = "thread_broadcast"
	}
	return w.write(channel, user, fields)
}

func (w *World) write(channel, user string, fields map[string]any) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channel(channel)
	if c == nil || c.archived {
		return ""
	}
	if user != "" {
		fields["user"], fields["team"] = user, w.team.ID
		fields["client_msg_id"] = "00000000-0000-4000-8000-000000000000"
		if u := w.user(user); u != nil && u.Team != w.team.ID {
			fields["team"], fields["user_team"], fields["source_team"] = u.Team, u.Team, u.Team
		}
	}
	fields["blocks"] = []any{map[string]any{"type": "rich_text", "block_id": "b", "elements": []any{map[string]any{
		"type": "rich_text_section", "elements": []any{map[string]any{"type": "text", "text": fields["text"]}},
	}}}}
	if parent, _ := fields["thread_ts"].(string); parent != "" {
		w.follow(c, parent, fields)
	}
	return w.say(c, fields).ts
}

// follow fills in what a reply tells of its thread.
func (w *World) follow(c *channel, parent string, fields map[string]any) {
	p := c.message(parent)
	if p == nil {
		return
	}
	fields["parent_user_id"] = p.fields["user"]
	if fields["subtype"] == "thread_broadcast" {
		fields["root"] = p.fields
	}
}

// Edit changes the text of a message.
func (w *World) Edit(channel, ts, text string) {
	w.change(channel, ts, func(m *message) {
		m.fields["text"] = text
		m.fields["edited"] = map[string]any{"user": m.fields["user"], "ts": w.ts()}
	})
}

// Unfold attaches the preview of a link, which Slack tells like an edit.
func (w *World) Unfold(channel, ts string) {
	w.change(channel, ts, func(m *message) {
		m.fields["attachments"] = []any{map[string]any{"id": 1, "fallback": "a preview", "text": "a preview"}}
	})
}

func (w *World) change(channel, ts string, with func(m *message)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channel(channel)
	if c == nil {
		return
	}
	m := c.message(ts)
	if m == nil || m.gone {
		return
	}
	before := m.object()
	m.fields = maps.Clone(m.fields)
	with(m)
	w.tell(c, "message", map[string]any{
		"subtype": "message_changed", "hidden": true, "channel": c.id, "channel_type": c.kind(), "ts": w.ts(),
		"message": m.object(), "previous_message": before,
	})
}

// Delete removes a message. One with replies leaves a tombstone behind.
func (w *World) Delete(channel, ts string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channel(channel)
	if c == nil {
		return
	}
	m := c.message(ts)
	if m == nil || m.gone {
		return
	}
	before := m.object()
	m.gone, m.reactions = true, nil
	told := map[string]any{
		"subtype": "message_deleted", "hidden": true, "channel": c.id, "channel_type": c.kind(), "ts": w.ts(),
		"deleted_ts": ts, "previous_message": before,
	}
	if len(m.replies) > 0 {
		m.fields = map[string]any{
			"type": "message", "subtype": "tombstone", "hidden": true, "user": "USLACKBOT", "ts": m.ts, "thread_ts": m.ts,
			"text": "This message was deleted.",
		}
		told["subtype"], told["message"] = "message_changed", m.object()
		delete(told, "deleted_ts")
	} else {
		c.messages = slices.DeleteFunc(c.messages, func(x *message) bool { return x == m })
	}
	if parent := c.message(m.thread); parent != nil {
		parent.replies = slices.DeleteFunc(parent.replies, func(x string) bool { return x == ts })
	}
	w.tell(c, "message", told)
}

// React gives an emoji to a message; it can be given once by each.
func (w *World) React(channel, ts, user, emoji string) {
	w.react(channel, ts, user, emoji, "reaction_added", func(r *reaction) bool {
		if slices.Contains(r.users, user) {
			return false
		}
		r.users = append(r.users, user)
		return true
	})
}

// Unreact takes an emoji back.
func (w *World) Unreact(channel, ts, user, emoji string) {
	w.react(channel, ts, user, emoji, "reaction_removed", func(r *reaction) bool {
		n := len(r.users)
		r.users = slices.DeleteFunc(r.users, func(u string) bool { return u == user })
		return len(r.users) < n
	})
}

func (w *World) react(channel, ts, user, emoji, kind string, with func(r *reaction) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channel(channel)
	if c == nil {
		return
	}
	m := c.message(ts)
	if m == nil || m.gone {
		return
	}
	i := slices.IndexFunc(m.reactions, func(r *reaction) bool { return r.name == emoji })
	if i < 0 {
		m.reactions, i = append(m.reactions, &reaction{name: emoji}), len(m.reactions)
	}
	if !with(m.reactions[i]) {
		return
	}
	m.reactions = slices.DeleteFunc(m.reactions, func(r *reaction) bool { return len(r.users) == 0 })
	w.tell(c, kind, map[string]any{
		"user": user, "reaction": emoji, "item": map[string]any{"type": "message", "channel": c.id, "ts": ts}, "item_user": m.fields["user"],
	})
}

// Whisper sends a direct message to the application, which nobody may keep.
func (w *World) Whisper(user, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := &channel{id: strings.Replace(user, "U", "D", 1), direct: true, members: map[string]bool{BotUser: true}}
	w.say(c, map[string]any{"user": user, "text": text})
}
