package slacktest

import "maps"

// object is the user as Slack writes it.
func (u *User) object() map[string]any {
	return map[string]any{
		"id": u.ID, "team_id": u.Team, "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted, "color": "9f69e7",
		"is_bot": u.Bot, "is_admin": u.Admin, "is_owner": false, "is_primary_owner": false, "is_restricted": u.Guest,
		"is_ultra_restricted": false, "is_app_user": false, "updated": u.Updated, "tz": "Europe/Paris", "tz_offset": 3600,
		"profile": map[string]any{
			"real_name": u.RealName, "real_name_normalized": u.RealName, "display_name": "", "display_name_normalized": "",
			"email": u.Email, "team": u.Team, "avatar_hash": "0", "title": "", "phone": "", "skype": "", "status_text": "",
			"status_emoji": "", "fields": nil,
		},
	}
}

// object is the channel as conversations.list writes it.
func (c *channel) object() map[string]any {
	return map[string]any{
		"id": c.id, "name": c.name, "name_normalized": c.name, "created": c.created, "creator": BotUser,
		"is_channel": !c.private, "is_group": c.private, "is_im": false, "is_mpim": false, "is_private": c.private,
		"is_archived": c.archived, "is_general": false, "is_shared": false, "is_ext_shared": false, "is_org_shared": false,
		"is_member": c.members[BotUser], "unlinked": 0, "num_members": len(c.members),
		"topic":   map[string]any{"value": "", "creator": "", "last_set": 0},
		"purpose": map[string]any{"value": "", "creator": "", "last_set": 0},
	}
}

// object is the message as the history writes it.
func (m *message) object() map[string]any {
	o := maps.Clone(m.fields)
	if len(m.replies) > 0 {
		o["thread_ts"], o["reply_count"], o["latest_reply"] = m.ts, len(m.replies), m.replies[len(m.replies)-1]
		o["reply_users_count"], o["subscribed"] = 1, false
	}
	if len(m.reactions) > 0 {
		list := make([]any, 0, len(m.reactions))
		for _, r := range m.reactions {
			list = append(list, map[string]any{"name": r.name, "users": append([]string{}, r.users...), "count": len(r.users)})
		}
		o["reactions"] = list
	}
	return o
}
