package slack

import (
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
	"github.com/foyer-app/foyer/internal/community"
)

// reactionEvent is a reaction that was given or taken back.
type reactionEvent struct {
	user, emoji, channel, ts string
	removed                  bool
	itemKind                 string
	kind                     string
	at                       stamp // of the event, not of the message
}

func (r *reactionEvent) field(key string, v jsonstream.Value) error {
	switch key {
	case "type":
		return text(v, &r.kind)
	case "user":
		return name(v, &r.user)
	case "reaction":
		return name(v, &r.emoji)
	case "event_ts":
		var at string
		err := text(v, &at)
		r.at = parseStamp(at)
		return err
	case "item":
		return within(v, func(key string, v jsonstream.Value) error {
			switch key {
			case "type":
				return text(v, &r.itemKind)
			case "channel":
				return name(v, &r.channel)
			case "ts":
				return text(v, &r.ts)
			}
			return nil
		})
	}
	return nil
}

func decodeReaction(body []byte) (r reactionEvent, err error) {
	if err := object(body, r.field); err != nil {
		return r, err
	}
	r.removed = r.kind == "reaction_removed"
	r.ts = string(parseStamp(r.ts))
	switch {
	case r.ts == "":
		return r, refused(connectors.ReasonNoTime)
	case r.user == "", r.channel == "", r.emoji == "", strings.Contains(r.emoji, "/"), r.itemKind != "message":
		return r, refused(connectors.ReasonNoID)
	}
	return r, nil
}

// record is what is stored of a reaction: the event, without whose message it is on.
func (r *reactionEvent) record() []byte {
	w := jsonWriter{make([]byte, 0, 160)}
	w.open("")
	w.text("type", r.kind)
	w.text("user", r.user)
	w.text("reaction", r.emoji)
	w.text("event_ts", string(r.at))
	w.open("item")
	w.text("type", r.itemKind)
	w.text("channel", r.channel)
	w.text("ts", r.ts)
	w.close()
	w.close()
	return w.b
}

// normalizeReaction gives a reaction the moment of its event as revision, so that
// the last of giving, taking back and giving again stands whatever the order of
// the deliveries. What the history lists has none, and changes nothing that an
// event told.
func normalizeReaction(body []byte) (community.Batch, error) {
	r, err := decodeReaction(body)
	if err != nil {
		return community.Batch{}, err
	}
	at := stamp(r.ts).time()
	a := community.Activity{
		Kind: community.Reaction, ExternalID: reactionID(r.channel, r.ts, r.emoji) + r.user, At: at,
		Actor: r.user, Channel: r.channel, Parent: messageID(r.channel, r.ts), ParentAt: at, Amount: 1, Inferred: true,
	}
	if r.at != "" {
		a.Revision = r.at.time().UnixMicro()
	}
	if a.Deleted = r.removed; a.Deleted && a.Revision == 0 {
		a.Revision = community.Tombstone
	}
	return community.Batch{Activities: []community.Activity{a}}, nil
}

// memberEvent is what an event tells of a user.
type memberEvent struct {
	user
	kind string
	at   stamp // of the event
	seen int   // Unix seconds of the record's last change; 0 when not told
}

func decodeMember(body []byte) (m memberEvent, err error) {
	var at string
	err = object(body, func(key string, v jsonstream.Value) error {
		switch key {
		case "type":
			return text(v, &m.kind)
		case "event_ts":
			return text(v, &at)
		case "user":
			return within(v, m.userField)
		}
		return nil
	})
	if err == nil && m.id == "" {
		err = refused(connectors.ReasonNoID)
	}
	if m.at = parseStamp(at); m.deleted && m.seen > 0 {
		// The record of somebody who left stays as it is: the same moment each time it is sent.
		m.at = second(m.seen)
	}
	return m, err
}

func (m *memberEvent) userField(key string, v jsonstream.Value) error {
	if key == "updated" {
		return number(v, &m.seen)
	}
	return m.field(key, v)
}

func (m *memberEvent) record() []byte {
	w := jsonWriter{make([]byte, 0, 512)}
	w.open("")
	w.text("type", m.kind)
	w.text("event_ts", string(m.at))
	m.user.record(&w, "user")
	w.close()
	return w.b
}

// normalizeMember gives the user, and a join or a leave. Bots and people of
// other organisations in a shared channel do neither.
func normalizeMember(body []byte, where string) (community.Batch, error) {
	m, err := decodeMember(body)
	if err != nil {
		return community.Batch{}, err
	}
	i := m.identity(where)
	i.Departed = false // the moment is known
	b := community.Batch{Identities: []community.Identity{i}}
	a := community.Activity{At: m.at.time(), Actor: m.id, Amount: 1}
	switch {
	case m.at == "" || i.Bot || i.Outside:
		return b, nil
	case m.deleted:
		a.Kind, a.ExternalID = community.Leave, "slack/l/"+m.id+"/"+string(m.at)
	case m.kind == "team_join":
		a.Kind, a.ExternalID = community.Join, "slack/j/"+m.id+"/"+string(m.at)
	default:
		return b, nil
	}
	b.Activities = []community.Activity{a}
	return b, nil
}
