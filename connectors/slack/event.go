package slack

import (
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
)

// reading is one event on its way to a delivery.
type reading struct {
	*envelope
	account  string
	keep     func(account string) bool
	raw      []byte
	delivery connectors.Delivery
}

func (r *reading) parcel(kind, scope string, body []byte) {
	r.delivery.Parcels = append(r.delivery.Parcels, connectors.Parcel{
		Account: r.account,
		Payload: connectors.Payload{Key: r.key(r.raw), Kind: kind, Scope: scope, Body: body},
	})
}

func (r *reading) notice(kind connectors.NoticeKind, detail string) {
	r.delivery.Notices = append(r.delivery.Notices, connectors.Notice{Account: r.account, Kind: kind, Detail: detail})
}

// where is the scope of a user.
func (r *reading) where() string { return strings.TrimSpace(r.account + " " + r.enterprise) }

// read sorts the event by its type. One that is not known means nothing.
func (r *reading) read() {
	var kind string
	_ = object(r.event, func(key string, v jsonstream.Value) error {
		if key == "type" && kind == "" {
			return text(v, &kind)
		}
		return nil
	})
	switch kind {
	case "message":
		r.message()
	case "reaction_added", "reaction_removed":
		if e, err := decodeReaction(r.event); err == nil && !direct("", e.channel) {
			if e.at == "" {
				e.at = second(r.time)
			}
			r.parcel(liveReaction, "", e.record())
		}
	case "team_join", "user_change":
		r.member()
	case "app_uninstalled":
		r.notice(connectors.NoticeRevoked, kind)
	case "tokens_revoked":
		r.revoked()
	case "team_access_revoked":
		r.notice(connectors.NoticeRevoked, kind)
	case "app_rate_limited":
		r.notice(connectors.NoticeLimited, "")
	default:
		r.place(kind)
	}
}

func (r *reading) member() {
	m, err := decodeMember(r.event)
	if err != nil {
		return
	}
	if m.at == "" {
		m.at = second(r.time)
	}
	r.parcel(liveMember, r.where(), m.record())
}

// revoked tells of our own token; those of users are none of ours.
func (r *reading) revoked() {
	var bots []string
	_ = object(r.event, func(key string, v jsonstream.Value) error {
		if key != "tokens" {
			return nil
		}
		return within(v, func(key string, v jsonstream.Value) error {
			if key == "bot" {
				return names(v, &bots)
			}
			return nil
		})
	})
	if len(bots) > 0 {
		r.notice(connectors.NoticeRevoked, "tokens_revoked")
	}
}

// place reads what happened to a channel, or to us in it.
func (r *reading) place(kind string) {
	e := placeEvent{kind: kind}
	if object(r.event, e.field) != nil || direct(e.channelKind, e.channel.id) || e.direct {
		return
	}
	switch kind {
	case "channel_created", "channel_rename", "group_rename", "channel_unarchive", "group_unarchive":
		r.channel(e.channel)
	case "channel_archive", "group_archive":
		e.archived = true
		r.channel(e.channel)
	case "channel_deleted", "group_deleted":
		e.archived = true
		r.channel(e.channel)
		r.blind(e.channel.id)
	case "channel_id_changed":
		r.blind(e.old)
		e.id = e.fresh
		r.channel(e.channel)
	case "channel_left", "group_left":
		r.blind(e.channel.id)
	case "member_left_channel":
		if e.user != "" && e.user == r.bot {
			r.blind(e.channel.id)
		}
	case "member_joined_channel":
		// Somebody let us into a channel whose history we do not have.
		if e.user != "" && e.user == r.bot && e.inviter != "" && e.inviter != r.bot {
			r.notice(connectors.NoticeGap, e.channel.id)
		}
	}
}

func (r *reading) channel(c channel) {
	if c.id != "" {
		r.parcel(liveChannel, "", c.record())
	}
}

func (r *reading) blind(id string) {
	if id != "" {
		r.notice(connectors.NoticeBlind, id)
	}
}

// placeEvent is an event that is about a channel.
type placeEvent struct {
	channel
	kind          string
	channelKind   string
	user, inviter string
	old, fresh    string
}

func (e *placeEvent) field(key string, v jsonstream.Value) error {
	switch key {
	case "channel":
		if v.Kind() == '{' {
			e.private = strings.HasPrefix(e.kind, "group_")
			return within(v, e.channel.placeField)
		}
		return name(v, &e.id)
	case "channel_type":
		return text(v, &e.channelKind)
	case "user":
		return name(v, &e.user)
	case "inviter":
		return name(v, &e.inviter)
	case "old_channel_id":
		return name(v, &e.old)
	case "new_channel_id":
		return name(v, &e.fresh)
	}
	return nil
}

// placeField reads a channel, with an id short enough to be one.
func (c *channel) placeField(key string, v jsonstream.Value) error {
	if key == "id" {
		return name(v, &c.id)
	}
	return c.field(key, v)
}

// messageEvent is a message as an event or the history tells it.
type messageEvent struct {
	message
	channelKind string
	team        string // of its author, where it is told
	root        string // author of the thread's first message
	replies     int    // to the message, where it begins a thread
	latest      string // ts of the last of them
	previous    []byte
}

func (e *messageEvent) field(key string, v jsonstream.Value) (err error) {
	switch key {
	case "channel_type":
		return text(v, &e.channelKind)
	case "user_team", "source_team":
		return name(v, &e.team)
	case "root":
		return within(v, func(key string, v jsonstream.Value) error {
			if key == "user" {
				return name(v, &e.root)
			}
			return nil
		})
	case "previous_message":
		if v.Kind() == '{' {
			e.previous, err = v.Raw()
		}
		return err
	case "reply_count":
		return number(v, &e.replies)
	case "latest_reply":
		return text(v, &e.latest)
	case "foyer": // ours
		return nil
	}
	return e.message.field(key, v)
}

func (r *reading) message() {
	var e messageEvent
	if object(r.event, e.field) != nil || direct(e.channelKind, e.message.channel) || e.message.channel == "" {
		return
	}
	if !e.settle() {
		return
	}
	s := scope{channel: e.message.channel, outside: r.foreign(e.team)}
	r.parcel(liveMessage, s.String(), e.record(r.keep(r.account)))
}

// foreign says whether a team is another organisation's. Workspaces of one
// enterprise are not strangers, but in a shared channel they cannot be told apart.
func (r *reading) foreign(team string) bool {
	return team != "" && team[0] != 'E' && team != r.account && (r.shared || r.enterprise == "")
}

// settle makes the message that the event is about of it. It says false when
// the event tells nothing new of one.
func (e *messageEvent) settle() bool {
	switch {
	case e.subtype == "message_replied", e.subtype == "" && e.hidden && e.inner != nil:
		return false // the parent's count of replies
	case e.subtype == "message_changed":
		if !e.changed() {
			return false
		}
	case e.subtype == "message_deleted":
		var before messageEvent
		if e.previous != nil && object(e.previous, before.field) != nil {
			return false
		}
		e.ts, e.reactions = e.deleted, before.reactions
	}
	e.parentUser = first(e.parentUser, e.root)
	e.ts = string(parseStamp(e.ts))
	e.inner, e.previous = nil, nil
	return e.ts != ""
}

// changed takes the edited message for the event. Slack also sends one when it
// unfolds a link or counts a reply: then the mark of the edit is the old one.
func (e *messageEvent) changed() bool {
	now := messageEvent{channelKind: e.channelKind}
	var before messageEvent
	if e.inner == nil || object(e.inner, now.field) != nil {
		return false
	}
	if e.previous != nil && object(e.previous, before.field) != nil {
		return false
	}
	now.message.channel, now.hidden = e.message.channel, false
	now.team = first(now.team, e.team)
	now.reactions = nil // they have events of their own
	switch {
	case now.gone():
		now.ts = first(now.ts, e.deleted)
		now.subtype, now.reactions = "tombstone", before.reactions
	case now.edited == "" || now.edited == before.edited:
		return false
	}
	*e = now
	return true
}
