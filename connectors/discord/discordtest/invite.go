package discordtest

import (
	"net/http"
	"strconv"
)

// Invite is an invitation to a server.
type Invite struct {
	Code, Inviter, channel string
	Uses, Max              int // Max 0: as often as one likes
}

// AddInvite makes an invitation that can be used so often; 0 always.
func (w *World) AddInvite(guild, inviter string, most int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.guilds[guild]
	if g == nil || len(g.channels) == 0 {
		return ""
	}
	n, _ := strconv.ParseUint(w.id(w.now()), 10, 64)
	i := &Invite{Code: "i" + strconv.FormatUint(n, 36), Inviter: inviter, Max: most, channel: g.channels[0].ID}
	g.invites = append(g.invites, i)
	return i.Code
}

// SetVanity gives a server an address of its own.
func (w *World) SetVanity(guild, code string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if g := w.guilds[guild]; g != nil {
		g.vanity = &Invite{Code: code}
	}
}

// JoinBy makes somebody a member by an invitation, or by the server's address.
// An invitation that is used up is gone.
func (w *World) JoinBy(guild, user, code string) {
	w.Use(guild, code)
	w.Join(guild, user, "")
}

// Use counts an invitation once more without telling anybody of a join.
func (w *World) Use(guild, code string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.guilds[guild]
	if g == nil {
		return
	}
	if g.vanity != nil && g.vanity.Code == code {
		g.vanity.Uses++
	}
	for n, i := range g.invites {
		if i.Code != code {
			continue
		}
		if i.Uses++; i.Uses == i.Max {
			g.invites = append(g.invites[:n:n], g.invites[n+1:]...)
		}
		return
	}
}

// invites lists a server's invitations. With the audit log's right alone nobody is
// told how often they were used.
func invites(g *guild, _ *http.Request) any {
	if g.permissions&(ManageGuild|audit) == 0 {
		return status{http.StatusForbidden, 50013, "Missing Permissions"}
	}
	list := []any{}
	for _, i := range g.invites {
		one := map[string]any{
			"type": 0, "code": i.Code, "expires_at": nil, "guild_id": g.id, "inviter": g.who(i.Inviter),
			"guild": map[string]any{
				"id": g.id, "name": g.name, "splash": nil, "banner": nil, "description": nil, "icon": nil, "features": []any{},
				"verification_level": 0, "vanity_url_code": nil, "nsfw_level": 0, "nsfw": false, "premium_subscription_count": 0,
			},
			"channel": map[string]any{"id": i.channel, "type": 0, "name": "general"},
		}
		if g.permissions&ManageGuild != 0 {
			one["uses"], one["max_uses"], one["max_age"], one["temporary"] = i.Uses, i.Max, 0, false
			one["created_at"] = timeOf(i.channel).UTC().Format("2006-01-02T15:04:05.000000+00:00")
		}
		list = append(list, one)
	}
	return list
}

func (g *guild) who(user string) map[string]any {
	if m := g.members[user]; m != nil {
		return m.User.json()
	}
	return (&User{ID: user, Name: "gone"}).json()
}

func vanity(g *guild, _ *http.Request) any {
	switch {
	case g.permissions&ManageGuild == 0:
		return status{http.StatusForbidden, 50013, "Missing Permissions"}
	case g.vanity == nil:
		return map[string]any{"code": nil, "uses": 0}
	}
	return map[string]any{"code": g.vanity.Code, "uses": g.vanity.Uses}
}
