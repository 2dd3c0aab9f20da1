package slack

import (
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/connectors/jsonstream"
	"github.com/foyer-app/foyer/internal/community"
)

// reaction is an emoji on a message.
type reaction struct {
	name  string
	users []string
	count int // of all givers, also those not named
}

func (m *message) reaction(v jsonstream.Value) error {
	var r reaction
	err := within(v, func(key string, v jsonstream.Value) error {
		switch key {
		case "name":
			return name(v, &r.name)
		case "users":
			return names(v, &r.users)
		case "count":
			return number(v, &r.count)
		}
		return nil
	})
	if err == nil && r.name != "" && !strings.Contains(r.name, "/") {
		m.addReaction(r)
	}
	return err
}

// addReaction joins reactions of the same name, which Slack writes once.
func (m *message) addReaction(r reaction) {
	if i, known := m.emoji[r.name]; known {
		same := &m.reactions[i]
		same.users = append(same.users, r.users...)
		same.count = max(same.count, r.count)
		return
	}
	if m.emoji == nil {
		m.emoji = map[string]int{}
	}
	m.emoji[r.name] = len(m.reactions)
	m.reactions = append(m.reactions, r)
}

// number sets n to a count, written as a number or as a string.
func number(v jsonstream.Value, n *int) error {
	var s string
	if err := text(v, &s); err != nil {
		return err
	}
	if i, err := strconv.ParseInt(s, 10, 32); err == nil && i > 0 {
		*n = int(i)
	}
	return nil
}

// reactionID begins the ids of an emoji's givers.
func reactionID(channel, ts, emoji string) string {
	return "slack/r/" + channel + "/" + ts + "/" + emoji + "/"
}

// givers is the number of reactions at most.
func (m *message) givers() (n int) {
	for _, r := range m.reactions {
		n += len(r.users) + 1
	}
	return n
}

// appendReactions adds a reaction for each giver that is named, and one without
// an actor when Slack counts more than it names. An export does not tell when
// they were given.
func (m *message) appendReactions(list []community.Activity, parent community.Activity) []community.Activity {
	for _, r := range m.reactions {
		id := reactionID(parent.Channel, m.ts, r.name)
		a := community.Activity{
			Kind: community.Reaction, At: parent.At, Channel: parent.Channel,
			Parent: parent.ExternalID, ParentAt: parent.At, Amount: 1, Inferred: true,
		}
		seen := make(map[string]bool, len(r.users))
		for _, user := range r.users {
			if seen[user] {
				continue
			}
			seen[user] = true
			a.ExternalID, a.Actor = id+user, user
			list = append(list, a)
		}
		if r.count > len(seen) {
			a.ExternalID, a.Actor = id, ""
			a.Amount, a.Revision = r.count, int64(r.count)
			list = append(list, a)
		}
	}
	return list
}
