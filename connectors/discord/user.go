package discord

import (
	"strconv"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

// user is the author of a message, somebody mentioned, or the giver of a
// reaction. A webhook comes as a bot.
type user struct {
	ID       string `json:"id"`
	Name     string `json:"name,omitempty"`
	Nickname string `json:"nickname,omitempty"`
	Bot      bool   `json:"isBot,omitempty"`
	Roles    []role `json:"roles,omitzero"` // of authors and of people mentioned only
}

type role struct {
	Name string `json:"name"`
}

// meet adds the person to the batch once, and returns the id; empty when there is none.
func (r *reading) meet(u *user) string {
	if !valid(u.ID) {
		return ""
	}
	if len(r.batch.Identities) == 0 {
		r.batch.Identities = append(r.batch.Identities, u.identity())
		return u.ID
	}
	if r.met == nil {
		r.met = map[string]struct{}{r.batch.Identities[0].ExternalID: {}}
	}
	if _, again := r.met[u.ID]; !again {
		r.met[u.ID] = struct{}{}
		r.batch.Identities = append(r.batch.Identities, u.identity())
	}
	return u.ID
}

func (u *user) identity() community.Identity {
	id := community.Identity{ExternalID: u.ID, Name: clean(u.Nickname), Handle: clean(u.Name), Bot: u.Bot}
	if id.Name == "" {
		id.Name = id.Handle
	}
	if u.Roles == nil {
		return id // not told, which is not the same as none
	}
	id.Roles = make([]string, 0, len(u.Roles))
	for _, role := range u.Roles {
		if name := clean(role.Name); name != "" {
			id.Roles = append(id.Roles, name)
		}
	}
	return id
}

func joinKey(user string, at time.Time) string {
	return "discord/j/" + user + "/" + strconv.FormatInt(at.UnixMilli(), 10)
}
