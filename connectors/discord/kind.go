package discord

import (
	"strings"

	"github.com/foyer-app/foyer/internal/community"
)

// The types of message that mean more than a notice.
const (
	typeReply = "reply"
	typeJoin  = "user_join"
)

// kinds are Discord's types of message by number. Those without a word are
// written by somebody; the exporter gives a few by their name, the others by
// their number.
var kinds = map[string]string{
	"0": "", "19": typeReply, "20": "", "23": "", // default, reply, answers of a bot to two kinds of command

	"1": "recipient_add", "2": "recipient_remove", "3": "call",
	"4": "channel_name_change", "5": "channel_icon_change", "6": "channel_pinned_message",
	"7": typeJoin,
	"8": "guild_boost", "9": "guild_boost_tier_1", "10": "guild_boost_tier_2", "11": "guild_boost_tier_3",
	"12": "channel_follow_add",
	"14": "guild_discovery_disqualified", "15": "guild_discovery_requalified",
	"16": "guild_discovery_grace_period_initial_warning", "17": "guild_discovery_grace_period_final_warning",
	"18": "thread_created",
	"21": "thread_starter_message", // repeats the message that the thread hangs on
	"22": "guild_invite_reminder", "24": "auto_moderation_action",
	"25": "role_subscription_purchase", "26": "interaction_premium_upsell",
	"27": "stage_start", "28": "stage_end", "29": "stage_speaker", "30": "stage_raise_hand", "31": "stage_topic",
	"32": "guild_application_premium_subscription",
	"36": "guild_incident_alert_mode_enabled", "37": "guild_incident_alert_mode_disabled",
	"38": "guild_incident_report_raid", "39": "guild_incident_report_false_alarm",
	"44": "purchase_notification", "46": "poll_result", "55": "hd_streaming_upgraded",
}

// names are the types by their name in lower case without underscores.
var names = byName(kinds)

func byName(kinds map[string]string) map[string]string {
	names := map[string]string{
		"": "", "default": "", "chatinputcommand": "", "contextmenucommand": "",
		"guildmemberjoin": typeJoin,
	}
	for _, word := range kinds {
		if word != "" {
			names[strings.ReplaceAll(word, "_", "")] = word
		}
	}
	return names
}

// wordOf returns what a type of message is: "" or typeReply for one that
// somebody wrote, else the word for a notice.
func wordOf(kind string) string {
	switch kind {
	case "Default":
		return ""
	case "Reply":
		return typeReply
	}
	if word, ok := kinds[kind]; ok {
		return word
	}
	if word, ok := names[strings.ToLower(strings.ReplaceAll(kind, "_", ""))]; ok {
		return word
	}
	return community.DetailUnknown
}
