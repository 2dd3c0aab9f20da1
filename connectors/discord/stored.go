package discord

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// What is stored of an event: our own form, which holds no text of a message
// unless the community keeps those of questions.

// storedMessage is a message in the form of an export, with features in place
// of its content.
type storedMessage struct {
	message
	Features written `json:"features"`
	// Question is the text where it asks something and the community keeps that.
	Question string `json:"question,omitempty"`
}

// written are the features of a text.
type written struct {
	Length   int  `json:"length,omitempty"`
	Question bool `json:"question,omitempty"`
	Link     bool `json:"link,omitempty"`
}

type storedDeletion struct {
	IDs []string `json:"ids"`
}

type storedReaction struct {
	Message string `json:"message"`
	Emoji   emoji  `json:"emoji"`
	User    user   `json:"user,omitzero"`
	Removed bool   `json:"removed,omitempty"`
	At      int64  `json:"at,omitempty"` // when it came, Unix milliseconds; it orders giving and taking back
}

// storedMember is a member, with the moment of a join or leave and how somebody left.
type storedMember struct {
	User user   `json:"user"`
	At   int64  `json:"at,omitempty"` // Unix milliseconds
	How  string `json:"how,omitempty"`
	// Of a join whose invitation was looked for; none was found without a Code.
	Code    string `json:"code,omitempty"`
	Inviter string `json:"inviter,omitempty"` // user id
}

// storedVoice is a stay in one voice channel that has ended.
type storedVoice struct {
	User    user   `json:"user"`
	Channel string `json:"channel"`
	From    int64  `json:"from"` // Unix milliseconds
	To      int64  `json:"to"`
}

type storedChannel struct {
	ID       string `json:"id"`
	Type     int    `json:"type"`
	Name     string `json:"name"`
	Parent   string `json:"parent,omitempty"` // of a thread
	Archived bool   `json:"archived,omitempty"`
	Private  bool   `json:"private,omitempty"`
}

// storedEvent is a scheduled event, or a user's interest in it.
type storedEvent struct {
	Event   string `json:"event"`
	Creator string `json:"creator,omitempty"`
	User    string `json:"user,omitempty"`
	Removed bool   `json:"removed,omitempty"`
}

// rolenames turns ids of roles into names.
type rolenames map[string]string

// person is somebody as an export writes them. Without a membership the roles
// are not told.
func (n rolenames) person(u wireUser, m *wireMember) user {
	out := user{ID: u.ID, Name: u.Username, Nickname: u.GlobalName, Bot: u.Bot}
	if m == nil {
		return out
	}
	if m.Nick != "" {
		out.Nickname = m.Nick
	}
	if m.Roles == nil {
		return out
	}
	out.Roles = make([]role, 0, len(m.Roles))
	for _, id := range m.Roles {
		if name, ok := n[id]; ok {
			out.Roles = append(out.Roles, role{Name: name})
		}
	}
	return out
}

// scrub keeps of a message what is measured.
func scrub(w wireMessage, names rolenames, keep bool) storedMessage {
	out := storedMessage{message: message{
		ID: w.ID, Type: w.Type, Edited: w.Edited, Author: names.person(w.Author, w.Member),
	}}
	if _, ok := snowflake(w.ID); !ok {
		out.Timestamp = w.Timestamp
	}
	if w.WebhookID != "" {
		out.Author.Bot = true
	}
	if w.Reference.MessageID != "" {
		out.Referenced = reference{Type: w.Reference.Type, MessageID: w.Reference.MessageID}
	}
	for _, m := range w.Mentions {
		out.Mentions = append(out.Mentions, names.person(m.wireUser, m.Member))
	}
	for _, r := range w.Reactions {
		out.Reactions = append(out.Reactions, reaction{Emoji: r.Emoji, Count: r.Count})
	}
	f := community.Describe(w.Content)
	out.Features = written(f)
	if keep && f.Question {
		out.Question = w.Content
	}
	return out
}

// storedOf is what is stored of a channel. archived is said of one that was deleted.
func storedOf(guild string, c wireChannel, archived bool) storedChannel {
	out := storedChannel{
		ID: c.ID, Type: c.Type, Name: c.Name, Archived: archived || c.Thread.Archived,
		Private: c.Type == 12 || hidden(guild, c),
	}
	if c.thread() {
		out.Parent = c.ParentID
	}
	return out
}

// scoped is the scope of what stands in a channel.
func scoped(channel string, thread bool) string {
	if thread {
		return threadScope + channel
	}
	return channel
}

// payload packs what is stored. Its key is by its content: the same thing told
// twice, on whatever way, is dropped.
func payload(kind, scope string, body any) connectors.Payload {
	raw, err := json.Marshal(body)
	if err != nil {
		raw = nil // none of our own forms can fail; an empty body is refused by Normalize
	}
	sum := sha256.Sum256(raw)
	return connectors.Payload{Key: kind + "/" + scope + "/" + hex.EncodeToString(sum[:12]), Kind: kind, Scope: scope, Body: raw}
}

func milli(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
