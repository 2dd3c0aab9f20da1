package discord_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/discord"
	"github.com/foyer-app/foyer/internal/community"
)

func normalize(body string) (community.Batch, error) {
	return discord.New().Normalize(connectors.Payload{Kind: "export.message", Scope: "1", Body: []byte(body)})
}

func TestUnreadablePayloads(t *testing.T) {
	for body, want := range map[string]string{
		``:                             connectors.ReasonNotJSON,
		`{"id":"815886081458176000"`:   connectors.ReasonNotJSON,
		`{"id":"815886081458176000",}`: connectors.ReasonNotJSON,
		`null`:                         connectors.ReasonNoID,
		`{"type":"Default"}`:           connectors.ReasonNoID,
		`{"id":"a b"}`:                 connectors.ReasonNoID,
		`{"id":"a\u0000"}`:             connectors.ReasonNoID,
		`{"id":"` + strings.Repeat("1", 65) + `"}`: connectors.ReasonNoID,
		`{"id":"1001"}`:                                 connectors.ReasonNoTime,
		`{"id":"1001","timestamp":"yesterday"}`:         connectors.ReasonNoTime,
		`{"id":"1","timestamp":"2020-05-01T09:00:00"}`:  connectors.ReasonNoTime,
		`{"id":"1","timestamp":"1999-05-01T09:00:00Z"}`: connectors.ReasonBadTime,
	} {
		_, err := normalize(body)
		var refused *connectors.RefusedError
		if !errors.As(err, &refused) || refused.Reason != want {
			t.Errorf("%s: %v, not %s", body, err, want)
		}
	}
}

func TestUnknownKindOfPayload(t *testing.T) {
	_, err := discord.New().Normalize(connectors.Payload{Kind: "gateway", Body: []byte(`{}`)})
	if err == nil || !strings.Contains(err.Error(), "discord: unknown kind") {
		t.Errorf("gave %v", err)
	}
}

// The time is that of the id, to the millisecond, whatever is written.
func TestTimeIsThatOfTheSnowflake(t *testing.T) {
	for id, want := range map[string]string{
		"175928847299117063":   "2016-04-30T11:18:25.796Z", // the documentation's example
		"815886081458176000":   "2021-03-01T10:00:00.25Z",
		"18446744073709551615": "2154-05-15T07:35:11.103Z",
	} {
		b, err := normalize(`{"id":"` + id + `","timestamp":"2001-01-01T00:00:00Z"}`)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Activities[0].At.Format(time.RFC3339Nano); got != want {
			t.Errorf("%s: %s, not %s", id, got, want)
		}
	}
}

// Every type of message of the documentation, by number and by name.
func TestTypesOfMessage(t *testing.T) {
	for _, c := range []struct {
		types  string
		kind   community.Kind
		detail string
	}{
		{`"Default" "0" 0 null "DEFAULT"`, community.Message, ""},
		{`"Reply" "19" 19 "REPLY"`, community.Message, ""},
		{`"20" "23" "ChatInputCommand" "ContextMenuCommand"`, community.Message, ""},
		{`"GuildMemberJoin" "7" 7 "USER_JOIN"`, community.Join, ""},
		{`"RecipientAdd" "1"`, community.Notice, "recipient_add"},
		{`"RecipientRemove" "2"`, community.Notice, "recipient_remove"},
		{`"Call" "3"`, community.Notice, "call"},
		{`"ChannelNameChange" "4"`, community.Notice, "channel_name_change"},
		{`"ChannelIconChange" "5"`, community.Notice, "channel_icon_change"},
		{`"ChannelPinnedMessage" "6"`, community.Notice, "channel_pinned_message"},
		{`"8" "GuildBoost"`, community.Notice, "guild_boost"},
		{`"9"`, community.Notice, "guild_boost_tier_1"},
		{`"11" "GUILD_BOOST_TIER_3"`, community.Notice, "guild_boost_tier_3"},
		{`"ThreadCreated" "18"`, community.Notice, "thread_created"},
		{`"21"`, community.Notice, "thread_starter_message"},
		{`"24"`, community.Notice, "auto_moderation_action"},
		{`"46"`, community.Notice, "poll_result"},
		{`"13" "99" "Something" "-1" 1.5 1e300 true {} []`, community.Notice, "unknown"},
	} {
		for _, kind := range strings.Fields(c.types) {
			b, err := normalize(`{"id":"815886081458176000","type":` + kind + `,"author":{"id":"7"}}`)
			if err != nil {
				t.Fatal(err)
			}
			if a := b.Activities[0]; a.Kind != c.kind || a.Detail != c.detail {
				t.Errorf("type %s: kind %d, detail %q", kind, a.Kind, a.Detail)
			}
		}
	}
}

// The line of a join is the join, and a notice that answers can point at.
func TestJoinIsAlsoNotice(t *testing.T) {
	b, err := normalize(`{"id":"815886081458176000","type":"7","author":{"id":"9"}}`)
	if err != nil || len(b.Activities) != 2 {
		t.Fatalf("%d activities, %v", len(b.Activities), err)
	}
	if join := b.Activities[0]; join.ExternalID != "discord/j/9/1614592800250" || join.Channel != "" {
		t.Errorf("join %+v", join)
	}
	if line := b.Activities[1]; line.Kind != community.Notice || line.ExternalID != "discord/m/815886081458176000" {
		t.Errorf("line %+v", line)
	}
	if b, _ := normalize(`{"id":"815886081458176000","type":"7"}`); len(b.Activities) != 1 {
		t.Errorf("a join of nobody: %+v", b.Activities)
	}
}

func TestClaimedReactionsAreBounded(t *testing.T) {
	b, err := normalize(`{"id":"815886081458176000","reactions":[
		{"emoji":{"name":"a"},"count":-5},
		{"emoji":{"name":"b"},"count":9000000000000000000},
		{"emoji":{"name":"b"},"count":9000000000000000000},
		{"emoji":{"name":"` + strings.Repeat("é", 100) + `"},"count":1}]}`)
	if err != nil || len(b.Activities) != 3 {
		t.Fatalf("%d activities, %v", len(b.Activities), err)
	}
	if a := b.Activities[1]; a.Amount != 1<<31-1 || a.Revision != 1<<31-1 {
		t.Errorf("claimed %d, revision %d", a.Amount, a.Revision)
	}
	if id := b.Activities[2].ExternalID; len(id) > 120 || !strings.HasSuffix(id, "é/") {
		t.Errorf("key %q", id)
	}
}

func TestKindsOfChannel(t *testing.T) {
	for kind, want := range map[string]community.ChannelKind{
		`"GuildTextChat"`: community.TextChannel, `"0"`: community.TextChannel, `0`: community.TextChannel,
		`"GuildNews"`: community.TextChannel, `"something"`: community.TextChannel, `null`: community.TextChannel,
		`"GuildNewsThread"`: community.ThreadChannel, `"GuildPublicThread"`: community.ThreadChannel,
		`"GuildPrivateThread"`: community.ThreadChannel, `"10"`: community.ThreadChannel, `11`: community.ThreadChannel,
		`"GuildForum"`: community.ForumChannel, `"16"`: community.ForumChannel,
		`"GuildVoiceChat"`: community.VoiceChannel, `"GuildStageVoice"`: community.VoiceChannel, `13`: community.VoiceChannel,
	} {
		b, err := discord.New().Normalize(connectors.Payload{
			Kind: "export.channel", Body: []byte(`{"id":"2","categoryId":"3","type":` + kind + `}`),
		})
		if err != nil {
			t.Fatal(err)
		}
		parent := ""
		if want == community.ThreadChannel {
			parent = "3"
		}
		if c := b.Channels[0]; c.Kind != want || c.Parent != parent {
			t.Errorf("type %s: %+v", kind, c)
		}
	}
}
