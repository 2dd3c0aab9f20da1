package discord

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// message is an element of an export's messages. Every field but the id may be
// missing: the schema grew over the years.
type message struct {
	ID         string     `json:"id"`
	Type       any        `json:"type"`
	Timestamp  string     `json:"timestamp,omitempty"`
	Edited     string     `json:"timestampEdited,omitempty"`
	Content    string     `json:"content,omitempty"`
	Author     user       `json:"author,omitzero"`
	Reactions  []reaction `json:"reactions,omitempty"`
	Mentions   []user     `json:"mentions,omitempty"`
	Referenced reference  `json:"reference,omitzero"`
}

// reference points at the message answered, or at the one forwarded.
type reference struct {
	Type      any    `json:"type,omitempty"`
	MessageID string `json:"messageId,omitempty"`
}

func (r reference) forward() bool {
	t := number(r.Type)
	return t == "Forward" || t == "1"
}

// decode reads JSON. A field of an unexpected type is left out and the others
// are read: no such field is worth a message.
func decode(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	var mismatch *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &mismatch) {
		return refused(connectors.ReasonNotJSON)
	}
	return nil
}

func normalizeMessage(scope string, body []byte) (community.Batch, error) {
	var m message
	if err := decode(body, &m); err != nil {
		return community.Batch{}, err
	}
	return readMessage(scope, &m, nil)
}

// readMessage makes a batch of a message; features are those of its text where
// the text itself is not kept.
func readMessage(scope string, m *message, features *community.Features) (community.Batch, error) {
	at, err := moment(m.ID, m.Timestamp)
	if err != nil {
		return community.Batch{}, err
	}
	r := reading{message: m, at: at, features: features}
	if id, thread := place(scope); valid(id) {
		r.channel, r.thread = id, thread
	}
	r.actor = r.meet(&m.Author)
	if word := wordOf(number(m.Type)); word == "" || word == typeReply {
		r.written(word == typeReply)
	} else {
		r.notice(word)
	}
	r.reactions()
	return r.batch, nil
}

// reading is one message on its way to a batch.
type reading struct {
	*message
	at       time.Time
	features *community.Features // nil: described from the content
	actor    string
	channel  string
	thread   bool
	batch    community.Batch
	met      map[string]struct{}
}

func messageKey(id string) string { return "discord/m/" + id }

func (r *reading) add(a community.Activity) { r.batch.Activities = append(r.batch.Activities, a) }

// written adds a message that somebody wrote.
func (r *reading) written(reply bool) {
	a := community.Activity{
		Kind: community.Message, ExternalID: messageKey(r.ID), At: r.at, Actor: r.actor, Channel: r.channel,
		Amount: 1,
	}
	if r.features != nil {
		a.Features = *r.features
	} else {
		a.Features = community.Describe(r.Content)
	}
	a.To = r.addressed()
	linked := false
	if reply && !r.Referenced.forward() {
		linked = follow(&a, r.Referenced.MessageID)
	}
	if !linked && r.thread && r.channel != r.ID {
		// A thread's id is that of the message it hangs on, or of its own first one.
		linked = follow(&a, r.channel)
	}
	// Discord mentions the author answered unless the writer turns that off.
	a.Unlinked = reply && !linked && len(a.To) == 0
	if edited, ok := instant(r.Edited); ok {
		a.Revision = max(0, edited.UnixMilli())
	}
	r.add(a)
}

// follow sets the parent and says whether its time is known.
func follow(a *community.Activity, parent string) bool {
	at, ok := snowflake(parent)
	if ok {
		a.Parent, a.ParentAt = messageKey(parent), at
	}
	return ok
}

// addressed returns the people mentioned, each once.
func (r *reading) addressed() []string {
	var to []string
	seen := make(map[string]struct{}, len(r.Mentions))
	for i := range r.Mentions {
		id := r.meet(&r.Mentions[i])
		if _, again := seen[id]; id != "" && !again {
			seen[id] = struct{}{}
			to = append(to, id)
		}
	}
	return to
}

// notice adds a line of the system, and the join that it tells of.
func (r *reading) notice(word string) {
	if word == typeJoin && r.actor != "" {
		r.add(community.Activity{
			Kind: community.Join, ExternalID: joinKey(r.actor, r.at), At: r.at, Actor: r.actor, Amount: 1,
		})
	}
	r.add(community.Activity{
		Kind: community.Notice, ExternalID: messageKey(r.ID), At: r.at, Actor: r.actor, Channel: r.channel,
		Amount: 1, Detail: word,
	})
}
