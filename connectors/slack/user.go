package slack

import (
	"slices"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
	"github.com/foyer-app/foyer/internal/community"
)

// user is a record of users.json or org_users.json.
type user struct {
	id, team, realName              string
	profile                         profile
	bot, workflow, deleted          bool
	restricted, ultra               bool
	stranger, admin, owner, primary bool
	enterprise                      string
	teams                           []string // of the enterprise, that the user is in
}

func decodeUser(body []byte) (u user, err error) {
	if err := object(body, u.field); err != nil {
		return u, err
	}
	if u.id == "" {
		return u, refused(connectors.ReasonNoID)
	}
	return u, nil
}

func (u *user) field(key string, v jsonstream.Value) error {
	switch key {
	case "id":
		return name(v, &u.id)
	case "team_id":
		return name(v, &u.team)
	case "name":
		return text(v, &u.profile.name)
	case "real_name":
		return text(v, &u.realName)
	case "profile":
		return within(v, func(key string, v jsonstream.Value) error {
			if key == "name" {
				return nil
			}
			return u.profile.field(key, v)
		})
	case "enterprise_user":
		return within(v, u.enterpriseField)
	}
	if f := u.flag(key); f != nil {
		return boolean(v, f)
	}
	return nil
}

func (u *user) enterpriseField(key string, v jsonstream.Value) error {
	switch key {
	case "enterprise_id":
		return name(v, &u.enterprise)
	case "teams":
		return names(v, &u.teams)
	}
	return nil
}

func (u *user) flag(key string) *bool {
	switch key {
	case "is_bot":
		return &u.bot
	case "is_workflow_bot":
		return &u.workflow
	case "deleted":
		return &u.deleted
	case "is_restricted":
		return &u.restricted
	case "is_ultra_restricted":
		return &u.ultra
	case "is_stranger":
		return &u.stranger
	case "is_admin":
		return &u.admin
	case "is_owner":
		return &u.owner
	case "is_primary_owner":
		return &u.primary
	}
	return nil
}

func (u *user) isBot() bool { return u.bot || u.workflow || u.id == slackbot }

// outside says whether the user is of another organisation than this team. An
// id that begins with E is an organisation's and says nothing of the team.
func (u *user) outside(team, enterprise string) bool {
	switch {
	case u.stranger:
		return true
	case team == "", u.team == "", u.team == team, u.team[0] == 'E', u.id == slackbot:
		return false
	case enterprise != "" && u.enterprise == enterprise:
		return false
	}
	return !slices.Contains(u.teams, team)
}

func (u *user) roles() (list []string) {
	if u.admin {
		list = append(list, "admin")
	}
	if u.owner || u.primary {
		list = append(list, "owner")
	}
	return list
}

func normalizeUser(body []byte, where string) (community.Batch, error) {
	u, err := decodeUser(body)
	if err != nil {
		return community.Batch{}, err
	}
	return community.Batch{Identities: []community.Identity{u.identity(where)}}, nil
}

// identity is the user as seen from where: "TEAM" or "TEAM ENTERPRISE".
func (u *user) identity(where string) community.Identity {
	team, enterprise, _ := strings.Cut(where, " ")
	return community.Identity{
		ExternalID: u.id,
		Name:       first(u.profile.displayName, u.realName, u.profile.realName, u.profile.name),
		Handle:     u.profile.name,
		Email:      strings.ToLower(strings.TrimSpace(u.profile.email)),
		Bot:        u.isBot(),
		Guest:      u.restricted || u.ultra || u.profile.restricted,
		Outside:    u.outside(team, enterprise),
		Departed:   u.deleted,
		Listed:     true,
		Roles:      u.roles(),
	}
}
