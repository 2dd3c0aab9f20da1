package discord

import (
	"github.com/foyer-app/foyer/internal/community"
)

// message sends a message that was written or edited. An update without a time
// of editing is of something else: a preview of an address, a pin.
func (t taking) message(edited bool) {
	var m wireMessage
	if !t.read(&m, &m.GuildID) || m.Flags&ephemeral != 0 || edited && (m.Edited == "" || m.Author.ID == "") {
		return
	}
	g := t.guild(t.ctx, m.GuildID)
	t.send(m.GuildID, payload(liveMessage, g.scope(m.ChannelID, m.ChannelType), scrub(m, g.Roles, t.host.Keep(m.GuildID))))
}

func (t taking) messagesDeleted() {
	var d struct {
		GuildID   string   `json:"guild_id"`
		ChannelID string   `json:"channel_id"`
		ID        string   `json:"id"`
		IDs       []string `json:"ids"`
	}
	if !t.read(&d, &d.GuildID) {
		return
	}
	if d.ID != "" {
		d.IDs = append(d.IDs, d.ID)
	}
	scope := t.guild(t.ctx, d.GuildID).scope(d.ChannelID, 0)
	t.send(d.GuildID, payload(liveDeleted, scope, storedDeletion{IDs: d.IDs}))
}

func (t taking) reaction(kind string) {
	var d struct {
		GuildID   string      `json:"guild_id"`
		ChannelID string      `json:"channel_id"`
		MessageID string      `json:"message_id"`
		UserID    string      `json:"user_id"`
		Member    *wireMember `json:"member"`
		Emoji     emoji       `json:"emoji"`
	}
	if !t.read(&d, &d.GuildID) {
		return
	}
	g := t.guild(t.ctx, d.GuildID)
	out := storedReaction{Message: d.MessageID, Emoji: d.Emoji, Removed: kind == "MESSAGE_REACTION_REMOVE"}
	sort := liveReaction
	if kind == "MESSAGE_REACTION_REMOVE_EMOJI" {
		sort = liveCleared
	} else {
		out.User = who(d.UserID, d.Member, g.Roles)
	}
	out.At = max(t.at, t.state.Reacted+1)
	t.state.Reacted = out.At
	p := payload(sort, g.scope(d.ChannelID, 0), out)
	p.Key = sort + "/" + t.key // given again it says the same as the first time
	t.send(d.GuildID, p)
}

// who is somebody of whom an event tells the id, and perhaps the membership.
func who(id string, m *wireMember, names rolenames) user {
	if m == nil || m.User == nil || m.User.ID != id {
		return user{ID: id}
	}
	return names.person(*m.User, m)
}

// member sends a join, or changed names and roles. The platform repeats joins of
// people who are members already; the moment of joining tells them apart.
func (t taking) member(joined bool) {
	var m struct {
		wireMember
		GuildID string `json:"guild_id"`
	}
	if !t.read(&m, &m.GuildID) || m.User == nil {
		return
	}
	g := t.guild(t.ctx, m.GuildID)
	out := storedMember{User: g.Roles.person(*m.User, &m.wireMember)}
	if !joined && m.User.ID == t.state.Bot {
		g.Mine, t.changed[m.GuildID] = append([]string{}, m.Roles...), true
		t.entitle(m.GuildID, g)
	}
	if !joined {
		p := payload(liveMember, "", out)
		p.Key = liveMember + "/" + t.key
		t.send(m.GuildID, p)
		return
	}
	out.At = t.at
	if at, ok := instant(m.JoinedAt); ok {
		out.At = at.UnixMilli()
	}
	t.send(m.GuildID, payload(liveJoin, "", out))
	if !m.User.Bot {
		t.came(m.GuildID, newcomer{User: m.User.ID, At: out.At, Key: t.key})
	}
}

// memberGone takes a leave, or the ban that explains one.
func (t taking) memberGone(banned bool) {
	var d struct {
		GuildID string   `json:"guild_id"`
		User    wireUser `json:"user"`
	}
	if !t.read(&d, &d.GuildID) || !valid(d.User.ID) {
		return
	}
	if banned {
		t.expelled(ending{Guild: d.GuildID, User: d.User.ID, At: t.at, How: community.DetailBanned})
		return
	}
	t.left(leave{Guild: d.GuildID, User: rolenames(nil).person(d.User, nil), At: t.at, Key: t.key})
}

func (t taking) voice() {
	var v wireVoice
	if t.read(&v, &v.GuildID) && valid(v.UserID) {
		t.move(v.GuildID, v, t.guild(t.ctx, v.GuildID).Roles, t.at, t.key)
	}
}

func (t taking) event(gone bool) {
	var d struct {
		ID      string `json:"id"`
		GuildID string `json:"guild_id"`
		Creator string `json:"creator_id"`
	}
	if t.read(&d, &d.GuildID) {
		t.send(d.GuildID, payload(liveEvent, "", storedEvent{Event: d.ID, Creator: d.Creator, Removed: gone}))
	}
}

func (t taking) interest(gone bool) {
	var d struct {
		GuildID string `json:"guild_id"`
		Event   string `json:"guild_scheduled_event_id"`
		UserID  string `json:"user_id"`
	}
	if t.read(&d, &d.GuildID) && valid(d.UserID) {
		t.send(d.GuildID, payload(liveEvent, "", storedEvent{Event: d.Event, User: d.UserID, Removed: gone}))
	}
}
