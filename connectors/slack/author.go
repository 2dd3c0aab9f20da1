package slack

import (
	"strings"

	"github.com/foyer-app/foyer/connectors/jsonstream"
	"github.com/foyer-app/foyer/internal/community"
)

// slackbot is the id of Slack's own robot, in every workspace. Its record does
// not say that it is a bot.
const slackbot = "USLACKBOT"

// identity is what a message tells of its author.
type identity struct {
	id, name     string
	bot, outside bool
	profile      profile
}

// author says who wrote the message. A message by an app may name a person,
// when the app wrote in their name: then it is the app's, so that nobody
// becomes a bot by using one; the scope tells users that are bots.
func (m *message) author(s scope) identity {
	app := m.bot != "" || m.subtype == "bot_message"
	switch {
	case m.user == slackbot:
		return identity{id: slackbot, name: "Slackbot", bot: true}
	case m.user != "" && (!app || s.bot):
		return identity{id: m.user, bot: s.bot, outside: s.outside, profile: m.profile}
	case m.bot != "":
		return identity{id: m.bot, name: first(m.botName, m.username), bot: true}
	case m.user != "": // bot_message without an app
		return identity{id: m.user, name: m.username, bot: true, outside: s.outside}
	case m.subtype == "file_comment" && m.comment.user != "":
		return identity{id: m.comment.user, outside: s.outside}
	case m.username != "":
		return identity{id: "name:" + m.username, name: m.username, bot: true}
	}
	return identity{}
}

// told says whether there is more than the id.
func (i identity) told() bool {
	return i.name != "" || i.bot || i.outside || i.profile != profile{}
}

func (i identity) identity() community.Identity {
	return community.Identity{
		ExternalID: i.id,
		Name:       first(i.profile.displayName, i.profile.realName, i.name),
		Handle:     i.profile.name,
		Email:      strings.ToLower(strings.TrimSpace(i.profile.email)),
		Bot:        i.bot,
		Guest:      i.profile.restricted,
		Outside:    i.outside,
	}
}

// profile is what a user or message tells of a person.
type profile struct {
	name, realName, displayName, email string
	restricted                         bool
}

func (p *profile) field(key string, v jsonstream.Value) error {
	switch key {
	case "name":
		return text(v, &p.name)
	case "real_name":
		return text(v, &p.realName)
	case "display_name":
		return text(v, &p.displayName)
	case "email":
		return text(v, &p.email)
	case "is_restricted", "is_ultra_restricted":
		if v.Kind() == 't' {
			p.restricted = true
		}
	}
	return nil
}

// first is the first that is not blank.
func first(list ...string) string {
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}
