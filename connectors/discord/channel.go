package discord

import (
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// channel is an export's object of that name. A thread's category is the
// channel that it belongs to; any other's is a heading of the sidebar.
type channel struct {
	ID         string `json:"id"`
	Type       any    `json:"type"`
	CategoryID string `json:"categoryId"`
	Name       string `json:"name"`
}

// kind returns the channel's kind, and whether it is a conversation between
// people outside any server.
func (c channel) kind() (kind community.ChannelKind, direct bool) {
	switch number(c.Type) {
	case "DirectTextChat", "DirectGroupTextChat", "1", "3":
		return community.GroupChannel, true
	case "GuildNewsThread", "GuildPublicThread", "GuildPrivateThread", "10", "11", "12":
		return community.ThreadChannel, false
	case "GuildForum", "GuildMedia", "15", "16":
		return community.ForumChannel, false
	case "GuildVoiceChat", "GuildStageVoice", "2", "13":
		return community.VoiceChannel, false
	}
	return community.TextChannel, false
}

func normalizeChannel(body []byte) (community.Batch, error) {
	var c channel
	if err := decode(body, &c); err != nil {
		return community.Batch{}, err
	}
	if !valid(c.ID) {
		return community.Batch{}, refused(connectors.ReasonNoID)
	}
	kind, _ := c.kind()
	out := community.Channel{ExternalID: c.ID, Name: clean(c.Name), Kind: kind}
	if kind == community.ThreadChannel {
		if valid(c.CategoryID) && c.CategoryID != "0" {
			out.Parent = c.CategoryID
		}
		out.Private = number(c.Type) == "GuildPrivateThread" || number(c.Type) == "12"
	}
	return community.Batch{Channels: []community.Channel{out}}, nil
}

// threadScope marks the scope of a thread's messages.
const threadScope = "thread:"

// scopeOf is what a message needs to know of its channel: its id, and whether
// it is a thread.
func scopeOf(c channel) string {
	if kind, _ := c.kind(); kind == community.ThreadChannel {
		return threadScope + c.ID
	}
	return c.ID
}

// place takes a scope apart.
func place(scope string) (id string, thread bool) {
	id, thread = strings.CutPrefix(scope, threadScope)
	return id, thread
}
