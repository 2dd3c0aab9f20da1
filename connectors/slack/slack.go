// Package slack reads Slack: its export files, the Events API by request and by
// Socket Mode, and the history through the Web API.
//
// The ids of activities, which every way in must give alike:
//
//	slack/m/<channel>/<ts>                   a message
//	slack/r/<channel>/<ts>/<emoji>/<user>    a reaction to it
//	slack/r/<channel>/<ts>/<emoji>/          givers that are not named, with the total count
//	slack/j/<user>/<ts>                      joined the workspace
//	slack/l/<user>/<ts>                      was deactivated there
//
// A reaction's time is that of its message on every way in, because neither an
// export nor the history tells when it was given. One that was taken back stays
// taken back. Joining or leaving a channel is not joining or leaving the
// community: the line that Slack writes of it is a notice.
//
// Not kept: direct messages, attachments, blocks, and the text of a message but
// for questions where the community wants them.
package slack

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
	"github.com/foyer-app/foyer/internal/community"
)

const platform community.Platform = "slack"

// The kinds of payload. Each body is one object of an export file.
const (
	kindUser    = "export.user"    // of users.json; the scope is "TEAM" or "TEAM ENTERPRISE"
	kindChannel = "export.channel" // of channels.json
	kindGroup   = "export.group"   // of groups.json: a private channel
	kindMessage = "export.message" // of a day file; the scope is that of scope.String

	liveUser     = "live.user"     // of users.list; the scope is that of an export.user
	liveMember   = "live.member"   // a user that joined, changed or was deactivated; the same scope
	liveChannel  = "live.channel"  // of conversations.list, or what an event tells of one
	liveMessage  = "live.message"  // a message without its text; the scope is that of scope.String
	liveReaction = "live.reaction" // a reaction given or taken back
)

// New returns the connector.
func New() connectors.Connector { return connector{} }

type connector struct{}

var (
	_ connectors.Importer    = connector{}
	_ connectors.Configured  = connector{}
	_ connectors.Installer   = connector{}
	_ connectors.Refresher   = connector{}
	_ connectors.Uninstaller = connector{}
	_ connectors.Webhook     = connector{}
	_ connectors.Backfiller  = connector{}
	_ connectors.Roster      = connector{}
	_ connectors.Gateway     = connector{}
)

func (connector) Platform() community.Platform { return platform }

func (connector) Name() string { return "Slack" }

// Normalize reads one payload. Fields of an unexpected type count as absent. Its
// errors are *connectors.RefusedError, but for an unknown kind.
func (connector) Normalize(p connectors.Payload) (community.Batch, error) {
	batch, err := normalize(p)
	switch {
	case errors.Is(err, errKind):
		return community.Batch{}, fmt.Errorf("slack: %w", err)
	case err != nil:
		return community.Batch{}, fmt.Errorf("slack: %s: %w", p.Kind, &connectors.RefusedError{Reason: reason(err)})
	}
	return batch, nil
}

func normalize(p connectors.Payload) (community.Batch, error) {
	switch p.Kind {
	case kindUser:
		return normalizeUser(p.Body, p.Scope)
	case kindChannel, kindGroup:
		return normalizeChannel(p.Body, p.Kind == kindGroup)
	case kindMessage, liveMessage:
		return normalizeMessage(p.Body, parseScope(p.Scope))
	case liveUser:
		return normalizeUser(p.Body, p.Scope)
	case liveMember:
		return normalizeMember(p.Body, p.Scope)
	case liveChannel:
		return normalizeChannel(p.Body, false)
	case liveReaction:
		return normalizeReaction(p.Body)
	}
	return community.Batch{}, errKind
}

var errKind = errors.New("unknown kind of payload")

// refused is the error of an object that cannot be read.
func refused(reason string) error { return &connectors.RefusedError{Reason: reason} }

// reason says why a file or an object of it was refused.
func reason(err error) string {
	var own *connectors.RefusedError
	switch {
	case errors.As(err, &own):
		return own.Reason
	case errors.Is(err, jsonstream.ErrTooLarge):
		return connectors.ReasonTooLarge
	case errors.Is(err, jsonstream.ErrTruncated):
		return connectors.ReasonTruncated
	case errors.Is(err, jsonstream.ErrSyntax):
		return connectors.ReasonNotJSON
	}
	if errors.Is(err, io.EOF) {
		return connectors.ReasonEmpty
	}
	return connectors.ReasonUnreadable
}

// scope is what is known of a message outside of it.
type scope struct {
	channel string
	bot     bool // the message's user is listed as a bot
	outside bool // the message's user is of a team that is not the account's
}

func (s scope) String() string {
	text := s.channel
	if s.outside {
		text = "outside\t" + text
	}
	if s.bot {
		text = "bot\t" + text
	}
	return text
}

func parseScope(text string) (s scope) {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
	text, s.bot = strings.CutPrefix(text, "bot\t")
	s.channel, s.outside = strings.CutPrefix(text, "outside\t")
	return s
}
