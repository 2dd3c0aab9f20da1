package slack

import "github.com/foyer-app/foyer/internal/community"

// spoken are the subtypes of messages that somebody wrote. A reply that was
// also sent to the channel (thread_broadcast) is one message, with one ts; the
// reply_broadcast of old is a second record of it and therefore a notice.
var spoken = map[string]bool{
	"":                 true,
	"bot_message":      true,
	"file_comment":     true,
	"file_share":       true,
	"me_message":       true,
	"thread_broadcast": true,
}

// notices are the subtypes that Slack documents and that nobody wrote. Joining
// a channel is not joining the community.
var notices = map[string]bool{
	"assistant_app_thread": true, "bot_add": true, "bot_disable": true, "bot_enable": true,
	"bot_remove": true, "channel_archive": true, "channel_canvas_updated": true,
	"channel_convert_to_private": true, "channel_join": true, "channel_leave": true,
	"channel_name": true, "channel_posting_permissions": true, "channel_purpose": true,
	"channel_topic": true, "channel_unarchive": true, "document_mention": true,
	"ekm_access_denied": true, "file_mention": true, "group_archive": true, "group_join": true,
	"group_leave": true, "group_name": true, "group_purpose": true, "group_topic": true,
	"group_unarchive": true, "huddle_thread": true, "joiner_notification": true,
	"message_replied": true, "pinned_item": true, "reminder_add": true, "reminder_delete": true,
	"reply_broadcast": true, "sh_room_created": true, "sh_room_shared": true, "unpinned_item": true,
}

// detailHidden is the detail of a message that Slack does not show.
const detailHidden = "hidden"

// notice says whether the message is a line of the system, and which.
func (m *message) notice() (detail string, notice bool) {
	switch {
	case notices[m.subtype]:
		return m.subtype, true
	case !spoken[m.subtype], m.kind != "message" && m.kind != "":
		return community.DetailUnknown, true
	case m.hidden:
		return detailHidden, true
	}
	return "", false
}
