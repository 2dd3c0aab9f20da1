package discordtest

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

// The platform's JSON, with every field that its description requires.

func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000+00:00")
}

func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (u *User) json() map[string]any {
	out := map[string]any{
		"id": u.ID, "username": u.Name, "avatar": nil, "discriminator": "0", "public_flags": 0, "flags": 0,
		"global_name": optional(u.Display), "primary_guild": nil,
	}
	if u.Bot {
		out["bot"] = true
	}
	return out
}

func (m *Member) json(withUser bool) map[string]any {
	out := map[string]any{
		"avatar": nil, "banner": nil, "communication_disabled_until": nil, "flags": 0, "joined_at": stamp(m.Joined),
		"nick": nil, "pending": false, "premium_since": nil, "roles": append([]string{}, m.Roles...), "mute": false, "deaf": false,
	}
	if withUser {
		out["user"] = m.User.json()
	}
	return out
}

func (r *Role) json(permissions uint64) map[string]any {
	return map[string]any{
		"id": r.ID, "name": r.Name, "description": nil, "permissions": strconv.FormatUint(permissions, 10), "position": 0, "color": 0,
		"colors": map[string]any{"primary_color": 0, "secondary_color": nil, "tertiary_color": nil},
		"hoist":  false, "managed": false, "mentionable": false, "icon": nil, "unicode_emoji": nil, "flags": 0,
	}
}

func (g *guild) roleList() []any {
	list := make([]any, 0, len(g.roles))
	for i, r := range g.roles {
		var p uint64
		if i == 0 {
			p = g.permissions
		}
		list = append(list, r.json(p))
	}
	return list
}

func (c *Channel) thread() bool { return c.Kind == PublicThread || c.Kind == PrivateThread }

func (c *Channel) json(g *guild) map[string]any {
	out := map[string]any{
		"id": c.ID, "type": c.Kind, "flags": 0, "guild_id": g.id, "name": c.Name, "last_message_id": nil,
	}
	if n := len(c.messages); n > 0 {
		out["last_message_id"] = c.messages[n-1].ID
	}
	if c.thread() {
		out["parent_id"], out["owner_id"] = c.Parent, g.owner
		out["message_count"], out["member_count"], out["total_message_sent"] = len(c.messages), 1, len(c.messages)
		closed := c.Archived
		if closed.IsZero() {
			closed = timeOf(c.ID)
		}
		out["thread_metadata"] = map[string]any{
			"archived": !c.Archived.IsZero(), "archive_timestamp": stamp(closed), "auto_archive_duration": 1440, "locked": false,
		}
		return out
	}
	out["position"], out["parent_id"] = 0, nil
	overwrites := []any{}
	if c.Denied != 0 {
		overwrites = append(overwrites, map[string]any{
			"id": g.id, "type": 0, "allow": "0", "deny": strconv.FormatUint(c.Denied, 10),
		})
	}
	out["permission_overwrites"] = overwrites
	return out
}

func timeOf(id string) time.Time {
	n, _ := strconv.ParseUint(id, 10, 64)
	return time.UnixMilli(int64(n>>22) + epoch)
}

// json is a message as the history gives it: without a server or membership.
func (m *Message) json(w *World) map[string]any {
	out := map[string]any{
		"id": m.ID, "channel_id": m.Channel, "type": m.Kind, "content": m.Text, "author": w.users[m.Author].json(),
		"mention_roles": []any{}, "attachments": []any{}, "embeds": []any{}, "components": []any{},
		"timestamp": stamp(timeOf(m.ID)), "edited_timestamp": stamp(m.Edited), "flags": 0,
		"pinned": false, "mention_everyone": false, "tts": false,
	}
	mentions := []any{}
	for _, id := range m.Mentions {
		if u := w.users[id]; u != nil {
			mentions = append(mentions, u.json())
		}
	}
	out["mentions"] = mentions
	if m.Reply != "" {
		out["message_reference"] = map[string]any{"type": 0, "channel_id": m.Channel, "message_id": m.Reply}
	}
	if len(m.Reactions) > 0 {
		list := []any{}
		for _, e := range slices.Sorted(maps.Keys(m.Reactions)) {
			n := len(m.Reactions[e])
			list = append(list, map[string]any{
				"emoji": map[string]any{"id": nil, "name": e}, "count": n, "count_details": map[string]any{"burst": 0, "normal": n},
				"burst_colors": []any{}, "me_burst": false, "me": false, "burst_me": false, "burst_count": 0,
			})
		}
		out["reactions"] = list
	}
	return out
}

// live adds what the gateway tells besides.
func (m *Message) live(w *World, g *guild, data map[string]any) {
	delete(data, "reactions") // a new message has none, and an edit does not tell them
	data["guild_id"] = g.id
	if member := g.members[m.Author]; member != nil {
		data["member"] = member.json(false)
	}
	mentions := []any{}
	for _, id := range m.Mentions {
		u := w.users[id]
		if u == nil {
			continue
		}
		one := u.json()
		if member := g.members[id]; member != nil {
			one["member"] = member.json(false)
		}
		mentions = append(mentions, one)
	}
	data["mentions"] = mentions
}

func (v voiceState) json(g *guild, user string) map[string]any {
	out := map[string]any{
		"guild_id": g.id, "channel_id": optional(v.channel), "user_id": user, "session_id": v.session, "deaf": false, "mute": false,
		"self_deaf": false, "self_mute": false, "self_video": false, "suppress": false, "request_to_speak_timestamp": nil,
	}
	if m := g.members[user]; m != nil {
		out["member"] = m.json(true)
	}
	return out
}

// rest is a server as REST gives it.
func (g *guild) rest() map[string]any {
	features := []any{}
	if g.vanity != nil {
		features = append(features, "VANITY_URL")
	}
	return map[string]any{
		"id": g.id, "name": g.name, "icon": nil, "description": nil, "home_header": nil, "splash": nil, "discovery_splash": nil,
		"features": features, "banner": nil, "owner_id": g.owner, "application_id": nil, "region": "us-east",
		"afk_channel_id": nil, "afk_timeout": 300, "system_channel_id": nil, "system_channel_flags": 0, "widget_enabled": false,
		"widget_channel_id": nil, "verification_level": 0, "roles": g.roleList(), "default_message_notifications": 0,
		"mfa_level": 0, "explicit_content_filter": 0, "max_presences": nil, "max_members": 500000,
		"max_stage_video_channel_users": 50, "max_video_channel_users": 25, "vanity_url_code": nil, "premium_tier": 0,
		"premium_subscription_count": 0, "preferred_locale": "en-US", "rules_channel_id": nil, "safety_alerts_channel_id": nil,
		"public_updates_channel_id": nil, "premium_progress_bar_enabled": false, "premium_progress_bar_enabled_user_updated_at": nil,
		"nsfw": false, "nsfw_level": 0, "emojis": []any{}, "stickers": []any{}, "incidents_data": nil,
	}
}

// json is a server as the gateway's snapshot gives it: few members, all channels,
// the threads that are open, who is in voice.
func (g *guild) json(w *World) map[string]any {
	out := g.rest()
	out["joined_at"], out["large"], out["member_count"] = stamp(w.now()), false, len(g.members)
	channels, threads, voice := []any{}, []any{}, []any{}
	for _, c := range g.channels {
		switch {
		case !c.thread():
			channels = append(channels, c.json(g))
		case c.Archived.IsZero():
			threads = append(threads, c.json(g))
		}
	}
	for _, user := range slices.Sorted(maps.Keys(g.voice)) {
		state := g.voice[user].json(g, user)
		delete(state, "guild_id")
		voice = append(voice, state)
	}
	out["channels"], out["threads"], out["voice_states"], out["members"] = channels, threads, voice, []any{}
	if bot := g.members[w.bot.ID]; bot != nil {
		out["members"] = []any{bot.json(true)}
	}
	return out
}
