package slack

import (
	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
	"github.com/foyer-app/foyer/internal/community"
)

// message is what is read of a Slack message.
type message struct {
	kind, subtype   string
	ts, thread      string
	edited, deleted string
	channel         string
	user            string // author
	username        string // shown by an integration
	bot, botName    string
	parentUser      string // author of the thread's first message
	text            string
	hidden          bool
	profile         profile
	reactions       []reaction
	emoji           map[string]int // name to index of reactions
	comment         comment
	inner           []byte // the message that a message_changed is about
	described       *description
}

// comment is the old form of a remark on a file.
type comment struct{ user, text string }

// decode reads one message. It refuses what has no readable time.
func decode(body []byte) (m message, err error) {
	if err := object(body, m.field); err != nil {
		return m, err
	}
	if m.subtype == "message_changed" && m.inner != nil {
		changed := message{channel: m.channel}
		if err := object(m.inner, changed.field); err != nil {
			return m, err
		}
		changed.inner = nil
		changed.hidden = false
		m = changed
	}
	if m.subtype == "message_deleted" {
		m.ts = m.deleted
	}
	m.ts = string(parseStamp(m.ts))
	if m.ts == "" {
		return m, refused(connectors.ReasonNoTime)
	}
	return m, nil
}

func (m *message) field(key string, v jsonstream.Value) (err error) {
	switch key {
	case "type":
		return text(v, &m.kind)
	case "subtype":
		return text(v, &m.subtype)
	case "ts":
		return text(v, &m.ts)
	case "thread_ts":
		return text(v, &m.thread)
	case "deleted_ts":
		return text(v, &m.deleted)
	case "channel":
		return name(v, &m.channel)
	case "user":
		return name(v, &m.user)
	case "username":
		return name(v, &m.username)
	case "bot_id":
		return name(v, &m.bot)
	case "parent_user_id":
		return name(v, &m.parentUser)
	case "text":
		return text(v, &m.text)
	case "hidden":
		return boolean(v, &m.hidden)
	case "user_profile":
		return within(v, m.profile.field)
	case "reactions":
		return each(v, m.reaction)
	case "message":
		if v.Kind() == '{' {
			m.inner, err = v.Raw()
		}
		return err
	}
	return m.part(key, v)
}

// part reads the fields of which one part is wanted.
func (m *message) part(key string, v jsonstream.Value) error {
	switch key {
	case "edited":
		return within(v, func(key string, v jsonstream.Value) error {
			if key == "ts" {
				return text(v, &m.edited)
			}
			return nil
		})
	case "foyer":
		m.described = &description{}
		return within(v, m.described.field)
	case "bot_profile":
		return within(v, func(key string, v jsonstream.Value) error {
			if key == "name" {
				return text(v, &m.botName)
			}
			return nil
		})
	case "comment":
		return within(v, func(key string, v jsonstream.Value) error {
			switch key {
			case "user":
				return name(v, &m.comment.user)
			case "comment":
				return text(v, &m.comment.text)
			}
			return nil
		})
	}
	return nil
}

// maxChannel bounds a channel's id in bytes: the longest stands for a folder's name.
const maxChannel = 260

// normalizeMessage gives the message, its reactions and what it says of its author.
func normalizeMessage(body []byte, s scope) (community.Batch, error) {
	m, err := decode(body)
	if err != nil {
		return community.Batch{}, err
	}
	if s.channel == "" {
		s.channel = m.channel
	}
	if s.channel == "" || len(s.channel) > maxChannel {
		return community.Batch{}, refused(connectors.ReasonNoID)
	}
	return m.batch(s), nil
}

func (m *message) batch(s scope) (b community.Batch) {
	if m.gone() {
		b.Activities = append(b.Activities, m.tombstone(s))
		for _, a := range m.appendReactions(nil, b.Activities[0]) {
			a.Deleted, a.Revision = true, community.Tombstone
			b.Activities = append(b.Activities, a)
		}
		return b
	}
	author := m.author(s)
	if author.id != "" && author.told() {
		b.Identities = []community.Identity{author.identity()}
	}
	a := m.activity(s, author.id)
	b.Activities = make([]community.Activity, 1, 1+m.givers())
	b.Activities[0] = a
	b.Activities = m.appendReactions(b.Activities, a)
	return b
}

func (m *message) gone() bool {
	return m.subtype == "tombstone" || m.subtype == "message_deleted"
}

// base is what all of a message's activities share.
func (m *message) base(s scope) community.Activity {
	return community.Activity{
		Kind:       community.Message,
		ExternalID: messageID(s.channel, m.ts),
		At:         stamp(m.ts).time(),
		Channel:    s.channel,
		Amount:     1,
	}
}

func messageID(channel, ts string) string { return "slack/m/" + channel + "/" + ts }

func (m *message) tombstone(s scope) community.Activity {
	a := m.base(s)
	a.Deleted = true
	a.Revision = community.Tombstone
	return a
}

// activity is the message itself, or the notice that it is.
func (m *message) activity(s scope, actor string) community.Activity {
	a := m.base(s)
	a.Actor = actor
	a.Revision = parseStamp(m.edited).revision()
	if detail, notice := m.notice(); notice {
		a.Kind, a.Detail = community.Notice, detail
		return a
	}
	a.Features = m.features()
	to := addressees{author: actor}
	if m.thread != "" {
		thread := parseStamp(m.thread)
		switch {
		case thread == "":
			a.Unlinked = true
		case string(thread) != m.ts:
			a.Parent = messageID(s.channel, string(thread))
			a.ParentAt = thread.time()
			to.add(m.parentUser)
		}
	}
	m.mentioned(to.add)
	a.To = to.list
	return a
}

// addressees are the people addressed: each once, and never the author.
type addressees struct {
	author string
	list   []string
	seen   map[string]bool
}

func (a *addressees) add(id string) {
	if id == "" || id == a.author || a.seen[id] {
		return
	}
	if a.seen == nil {
		a.seen = map[string]bool{}
	}
	a.seen[id] = true
	a.list = append(a.list, id)
}
