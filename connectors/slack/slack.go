// Package slack reads Slack: for now its export files.
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
)

// New returns the connector.
func New() connectors.Connector { return connector{} }

type connector struct{}

var _ connectors.Importer = connector{}

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
	case kindMessage:
		return normalizeMessage(p.Body, parseScope(p.Scope))
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

// scope is what an export tells of a message outside of it.
type scope struct {
	channel string
	bot     bool // the message's user is listed as a bot
	outside bool // the message's user is of a team that is not the export's
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
