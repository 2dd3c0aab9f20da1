package slack

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
)

// envelope is what Slack wraps around an event, by request and by socket.
type envelope struct {
	kind              string
	challenge         string
	id                string // of the event, the same each time it is sent
	team, contextTeam string
	enterprise        string
	shared            bool   // the channel is shared with another organisation
	time              int    // Unix seconds
	minute            int    // of app_rate_limited
	installed         string // the workspace whose installation sees the event
	bot               string // our own user there
	seen              bool   // the first authorization was read
	event             []byte // aliases the body
}

func (e *envelope) field(key string, v jsonstream.Value) (err error) {
	switch key {
	case "type":
		return text(v, &e.kind)
	case "challenge":
		return text(v, &e.challenge)
	case "event_id":
		return name(v, &e.id)
	case "team_id":
		return name(v, &e.team)
	case "context_team_id":
		return name(v, &e.contextTeam)
	case "enterprise_id":
		return name(v, &e.enterprise)
	case "is_ext_shared_channel":
		return boolean(v, &e.shared)
	case "event_time":
		return number(v, &e.time)
	case "minute_rate_limited":
		return number(v, &e.minute)
	case "authorizations":
		return each(v, e.authorization)
	case "event":
		if v.Kind() == '{' {
			e.event, err = v.Raw()
		}
	}
	return err
}

// authorization reads the first of the installations that see the event; Slack
// sends one.
func (e *envelope) authorization(v jsonstream.Value) error {
	if e.seen {
		return nil
	}
	e.seen = true
	var user string
	var bot bool
	err := within(v, func(key string, v jsonstream.Value) error {
		switch key {
		case "team_id":
			return name(v, &e.installed)
		case "user_id":
			return name(v, &user)
		case "is_bot":
			return boolean(v, &bot)
		}
		return nil
	})
	if bot {
		e.bot = user
	}
	return err
}

// account is the workspace that the event is for. In a channel shared with
// another organisation team_id may be theirs.
func (e *envelope) account() string { return first(e.installed, e.contextTeam, e.team) }

// key names the event; by its content when Slack gave it no id.
func (e *envelope) key(body []byte) string {
	if e.id != "" {
		return e.id
	}
	sum := sha256.Sum256(body)
	return "sha256/" + hex.EncodeToString(sum[:16])
}

// read takes a whole envelope apart. What is in the event and cannot be read is
// left out: sending it again would not help. An error is the body's.
func read(body []byte, keep func(account string) bool) (connectors.Delivery, error) {
	var e envelope
	if err := object(body, e.field); err != nil {
		return connectors.Delivery{}, refused(reason(err))
	}
	var d connectors.Delivery
	switch e.kind {
	case "url_verification":
		if len(e.challenge) <= maxChallenge {
			d.Answer, d.AnswerType = []byte(e.challenge), "text/plain; charset=utf-8"
		}
	case "app_rate_limited":
		if account := e.account(); account != "" {
			d.Notices = []connectors.Notice{{Account: account, Kind: connectors.NoticeLimited, Detail: strconv.Itoa(e.minute)}}
		}
	case "event_callback":
		r := reading{envelope: &e, account: e.account(), keep: keep}
		if r.account == "" {
			return d, nil
		}
		r.raw = body
		r.read()
		return r.delivery, nil
	}
	return d, nil
}

// maxChallenge bounds what is sent back to whoever knows the signing secret.
const maxChallenge = 4 << 10

// direct says whether a conversation is between some people only, by the kind
// that an event gives or by its id.
func direct(kind, id string) bool {
	switch kind {
	case "", "channel", "group", "C", "G":
		return strings.HasPrefix(id, "D")
	}
	return true
}
