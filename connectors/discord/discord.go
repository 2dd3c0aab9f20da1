// Package discord reads Discord: the JSON files of DiscordChatExporter.
//
// The ids of activities, which every way in must give alike:
//
//	discord/m/<message>                    a message, or a line of the system
//	discord/r/<message>/<emoji>/<user>     a reaction; emoji is its id, or its name when it has none
//	discord/r/<message>/<emoji>/           givers that are not named, with the total count claimed
//	discord/j/<user>/<milliseconds>        a join
//
// A message's time is the one in its id, a snowflake. A join line's time is that
// of the line, some milliseconds behind the joined_at of the same join in the
// gateway (longer where newcomers are screened first), so the two ways give two
// joins: a join of somebody who is a member already is the same membership.
// The line of a join is a notice as well, because people answer it and react to it.
package discord

import (
	"errors"
	"fmt"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

const platform community.Platform = "discord"

// The kinds of payload.
const (
	exportMessage = "export.message" // an element of messages; the scope is scopeOf its channel
	exportChannel = "export.channel" // the object channel; no scope
)

// Connector is the Discord platform. It implements connectors.Importer.
type Connector struct{}

// New returns the Discord connector.
func New() connectors.Connector { return Connector{} }

var _ connectors.Importer = Connector{}

// Platform is "discord".
func (Connector) Platform() community.Platform { return platform }

// Name is "Discord".
func (Connector) Name() string { return "Discord" }

// Normalize reads one payload of an export. Its errors are
// *connectors.RefusedError, but for an unknown kind.
func (Connector) Normalize(p connectors.Payload) (community.Batch, error) {
	var batch community.Batch
	var err error
	switch p.Kind {
	case exportMessage:
		batch, err = normalizeMessage(p.Scope, p.Body)
	case exportChannel:
		batch, err = normalizeChannel(p.Body)
	default:
		err = errors.New("unknown kind of payload")
	}
	if err != nil {
		return community.Batch{}, fmt.Errorf("discord: %w", err)
	}
	return batch, nil
}

// refused says by a reason of the contract why a payload cannot be read.
func refused(reason string) error { return &connectors.RefusedError{Reason: reason} }
