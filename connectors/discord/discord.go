// Package discord reads Discord: the JSON files of DiscordChatExporter, the
// gateway and the REST interface.
//
// The ids of activities, which every way in must give alike:
//
//	discord/m/<message>                    a message, or a line of the system
//	discord/r/<message>/<emoji>/<user>     a reaction; emoji is its id, or its name when it has none
//	discord/r/<message>/<emoji>/           givers that are not named, with the total count claimed
//	discord/j/<user>/<milliseconds>        a join
//	discord/l/<user>/<milliseconds>        a leave, at the moment it was told
//	discord/v/<user>/<milliseconds>        a voice session in one channel, by its beginning
//	discord/e/<event>                      a scheduled event, a notice
//	discord/e/<event>/<user>               somebody's interest in it, a notice
//
// A message's time is the one in its id, a snowflake. A join line's time is that
// of the line, some milliseconds behind the joined_at of the same join in the
// gateway (longer where newcomers are screened first), so the two ways give two
// joins: a join of somebody who is a member already is the same membership.
// The line of a join is a notice as well, because people answer it and react to it.
//
// A reaction's time is that of its message on every way in, because neither an
// export nor the gateway tells when it was given. The moment at which the gateway
// told of it orders giving and taking back. When a moderator clears a message, the
// gateway does not say whose reactions went, so the named ones stay.
//
// Not kept: direct messages, attachments, embeds, polls and their votes (who
// chose what says more of a person than a community needs), presences.
package discord

import (
	"fmt"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

const platform community.Platform = "discord"

// The kinds of payload.
const (
	exportMessage = "export.message" // an element of messages; the scope is scopeOf its channel
	exportChannel = "export.channel" // the object channel; no scope

	liveMessage  = "message"          // a storedMessage; the scope is that of its channel
	liveDeleted  = "message.deleted"  // a storedDeletion; the same scope
	liveReaction = "reaction"         // a storedReaction; the same scope
	liveCleared  = "reaction.cleared" // a storedReaction without a user; the same scope
	liveJoin     = "member.joined"    // a storedMember
	liveInvited  = "member.invited"   // a storedMember: the invitation of a join that was told before
	liveLeave    = "member.left"      // a storedMember
	liveMember   = "member"           // a storedMember: name or roles changed
	liveVoice    = "voice"            // a storedVoice
	liveChannel  = "channel"          // a storedChannel
	liveEvent    = "event"            // a storedEvent, also of somebody's interest
)

// Connector is the Discord platform. What it remembers are the platform's limits
// on our requests, which all calls share.
type Connector struct {
	limits *limits
	pace   pace
}

// New returns the Discord connector.
func New() connectors.Connector { return Connector{limits: newLimits(), pace: steady()} }

var (
	_ connectors.Importer    = Connector{}
	_ connectors.Configured  = Connector{}
	_ connectors.Installer   = Connector{}
	_ connectors.Uninstaller = Connector{}
	_ connectors.Backfiller  = Connector{}
	_ connectors.Roster      = Connector{}
	_ connectors.Gateway     = Connector{}
	_ connectors.Webhook     = Connector{}
)

// Platform is "discord".
func (Connector) Platform() community.Platform { return platform }

// Name is "Discord".
func (Connector) Name() string { return "Discord" }

// Normalize reads one payload. Its errors are *connectors.RefusedError, but for
// an unknown kind.
func (Connector) Normalize(p connectors.Payload) (community.Batch, error) {
	var batch community.Batch
	var err error
	switch p.Kind {
	case exportMessage:
		batch, err = normalizeMessage(p.Scope, p.Body)
	case exportChannel:
		batch, err = normalizeChannel(p.Body)
	default:
		batch, err = normalizeLive(p)
	}
	if err != nil {
		return community.Batch{}, fmt.Errorf("discord: %w", err)
	}
	return batch, nil
}

// refused says by a reason of the contract why a payload cannot be read.
func refused(reason string) error { return &connectors.RefusedError{Reason: reason} }
