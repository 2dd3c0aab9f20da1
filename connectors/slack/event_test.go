package slack

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// lines says what a batch holds, a line each.
func lines(t *testing.T, b community.Batch) (list []string) {
	t.Helper()
	check(t, b)
	for _, a := range b.Activities {
		s := fmt.Sprintf("%d %s by %s", a.Kind, a.ExternalID, a.Actor)
		if a.Parent != "" {
			s += " on " + a.Parent
		}
		if len(a.To) > 0 {
			s += " to " + strings.Join(a.To, ",")
		}
		if a.Detail != "" {
			s += " " + a.Detail
		}
		if a.Deleted {
			s += " deleted"
		} else if a.Revision != 0 {
			s += fmt.Sprintf(" revision %d", a.Revision)
		}
		list = append(list, s)
	}
	for _, i := range b.Identities {
		s := "identity " + i.ExternalID + " " + i.Name
		if i.Bot {
			s += " bot"
		}
		if i.Outside {
			s += " outside"
		}
		if i.Departed {
			s += " departed"
		}
		list = append(list, s)
	}
	for _, c := range b.Channels {
		list = append(list, fmt.Sprintf("channel %s %s archived %t private %t", c.ExternalID, c.Name, c.Archived, c.Private))
	}
	return list
}

func TestEvents(t *testing.T) {
	t.Parallel()
	const user = `"user":{"id":"U7","team_id":"T1","name":"ana","real_name":"Ana","profile":{"display_name":"","email":"Ana@example.com","status_text":"away"}`
	cases := []struct {
		name, event string
		want        []string
	}{
		{
			"message", `{"type":"message","channel":"C1","channel_type":"channel","user":"U1","text":"hi <@U2>","ts":"1700000000.000100"}`,
			[]string{"1 slack/m/C1/1700000000.000100 by U1 to U2"},
		},
		{
			"message in a private channel", `{"type":"message","channel":"G1","channel_type":"group","user":"U1","text":"hi","ts":"1700000000.000100"}`,
			[]string{"1 slack/m/G1/1700000000.000100 by U1"},
		},
		{"direct message", `{"type":"message","channel":"D1","channel_type":"im","user":"U1","text":"hi","ts":"1700000000.000100"}`, nil},
		{"direct message, kind not told", `{"type":"message","channel":"D1","user":"U1","text":"hi","ts":"1700000000.000100"}`, nil},
		{"direct message of several", `{"type":"message","channel":"G1","channel_type":"mpim","user":"U1","text":"hi","ts":"1700000000.000100"}`, nil},
		{"in the app's own tab", `{"type":"message","channel":"D1","channel_type":"app_home","user":"U1","text":"hi","ts":"1700000000.000100"}`, nil},
		{"edited direct message", `{"type":"message","subtype":"message_changed","channel":"D1","channel_type":"im","message":{"user":"U1","text":"hi","ts":"1700000000.000100","edited":{"ts":"1700000001.000000"}}}`, nil},
		{
			"reply", `{"type":"message","channel":"C1","user":"U1","text":"yes","ts":"1700000002.000100","thread_ts":"1700000000.000100","parent_user_id":"U2"}`,
			[]string{"1 slack/m/C1/1700000002.000100 by U1 on slack/m/C1/1700000000.000100 to U2"},
		},
		{
			"reply to the channel too", `{"type":"message","subtype":"thread_broadcast","channel":"C1","user":"U1","text":"yes","ts":"1700000002.000100","thread_ts":"1700000000.000100","root":{"user":"U2","text":"q","ts":"1700000000.000100"}}`,
			[]string{"1 slack/m/C1/1700000002.000100 by U1 on slack/m/C1/1700000000.000100 to U2"},
		},
		{
			"file", `{"type":"message","subtype":"file_share","channel":"C1","user":"U1","text":"","files":[{"id":"F1"}],"ts":"1700000000.000100"}`,
			[]string{"1 slack/m/C1/1700000000.000100 by U1"},
		},
		{
			"me", `{"type":"message","subtype":"me_message","channel":"C1","user":"U1","text":"waves","ts":"1700000000.000100"}`,
			[]string{"1 slack/m/C1/1700000000.000100 by U1"},
		},
		{
			"bot", `{"type":"message","subtype":"bot_message","channel":"C1","bot_id":"B1","username":"Deploys","text":"done","ts":"1700000000.000100"}`,
			[]string{"1 slack/m/C1/1700000000.000100 by B1", "identity B1 Deploys bot"},
		},
		{
			"app with a user", `{"type":"message","channel":"C1","user":"U9","bot_id":"B1","bot_profile":{"name":"Deploys"},"text":"done","ts":"1700000000.000100"}`,
			[]string{"1 slack/m/C1/1700000000.000100 by B1", "identity B1 Deploys bot"},
		},
		{
			"joined a channel", `{"type":"message","subtype":"channel_join","channel":"C1","user":"U1","text":"<@U1> has joined","ts":"1700000000.000100"}`,
			[]string{"6 slack/m/C1/1700000000.000100 by U1 channel_join"},
		},
		{
			"huddle", `{"type":"message","subtype":"huddle_thread","channel":"C1","user":"USLACKBOT","text":"","ts":"1700000000.000100"}`,
			[]string{"6 slack/m/C1/1700000000.000100 by USLACKBOT huddle_thread", "identity USLACKBOT Slackbot bot"},
		},
		{
			"text withheld", `{"type":"message","subtype":"ekm_access_denied","channel":"C1","user":"UREVOKEDU","text":"x","ts":"1700000000.000100"}`,
			[]string{"6 slack/m/C1/1700000000.000100 by UREVOKEDU ekm_access_denied"},
		},
		{
			"edit", `{"type":"message","subtype":"message_changed","hidden":true,"channel":"C1","ts":"1700000005.000100","message":{"type":"message","user":"U1","text":"b","ts":"1700000000.000100","edited":{"user":"U1","ts":"1700000005.000000"},"reactions":[{"name":"tada","users":["U2"],"count":1}]},"previous_message":{"type":"message","user":"U1","text":"a","ts":"1700000000.000100"}}`,
			[]string{"1 slack/m/C1/1700000000.000100 by U1 revision 1700000005000"},
		},
		{
			"edited again", `{"type":"message","subtype":"message_changed","channel":"C1","message":{"user":"U1","text":"b","ts":"1700000000.000100","edited":{"ts":"1700000009.000000"}},"previous_message":{"edited":{"ts":"1700000005.000000"}}}`,
			[]string{"1 slack/m/C1/1700000000.000100 by U1 revision 1700000009000"},
		},
		{"link unfolded", `{"type":"message","subtype":"message_changed","hidden":true,"channel":"C1","message":{"user":"U1","text":"a","ts":"1700000000.000100","attachments":[{}]},"previous_message":{"user":"U1","text":"a","ts":"1700000000.000100"}}`, nil},
		{"link unfolded after an edit", `{"type":"message","subtype":"message_changed","channel":"C1","message":{"user":"U1","text":"a","ts":"1700000000.000100","edited":{"ts":"1700000005.000000"}},"previous_message":{"edited":{"ts":"1700000005.000000"}}}`, nil},
		{"reply counted", `{"type":"message","subtype":"message_replied","hidden":true,"channel":"C1","ts":"1700000009.000100","message":{"user":"U1","ts":"1700000000.000100","reply_count":1}}`, nil},
		{"reply counted, subtype missing", `{"type":"message","hidden":true,"channel":"C1","ts":"1700000009.000100","message":{"user":"U1","ts":"1700000000.000100","reply_count":1}}`, nil},
		{
			"deleted", `{"type":"message","subtype":"message_deleted","hidden":true,"channel":"C1","ts":"1700000009.000100","deleted_ts":"1700000000.000100","previous_message":{"user":"U1","text":"a","ts":"1700000000.000100","reactions":[{"name":"tada","users":["U2"],"count":1}]}}`,
			[]string{"1 slack/m/C1/1700000000.000100 by  deleted", "2 slack/r/C1/1700000000.000100/tada/U2 by U2 on slack/m/C1/1700000000.000100 deleted"},
		},
		{
			"deleted with replies", `{"type":"message","subtype":"message_changed","hidden":true,"channel":"C1","message":{"subtype":"tombstone","text":"This message was deleted.","user":"USLACKBOT","hidden":true,"ts":"1700000000.000100","thread_ts":"1700000000.000100","reply_count":2},"previous_message":{"user":"U1","text":"a","ts":"1700000000.000100"}}`,
			[]string{"1 slack/m/C1/1700000000.000100 by  deleted"},
		},
		{
			"time as a number", `{"type":"message","channel":"C1","user":"U1","text":"hi","ts":1700000000.000100}`,
			[]string{"1 slack/m/C1/1700000000.000100 by U1"},
		},
		{"no time", `{"type":"message","channel":"C1","user":"U1","text":"hi"}`, nil},
		{"no channel", `{"type":"message","user":"U1","text":"hi","ts":"1700000000.000100"}`, nil},
		{
			"reaction", `{"type":"reaction_added","user":"U2","reaction":"thumbsup::skin-tone-2","item":{"type":"message","channel":"C1","ts":"1700000000.000100"},"item_user":"U1","event_ts":"1700000003.000100"}`,
			[]string{"2 slack/r/C1/1700000000.000100/thumbsup::skin-tone-2/U2 by U2 on slack/m/C1/1700000000.000100 revision 1700000003000100"},
		},
		{
			"reaction taken back", `{"type":"reaction_removed","user":"U2","reaction":"tada","item":{"type":"message","channel":"C1","ts":"1700000000.000100"},"event_ts":"1700000003.000100"}`,
			[]string{"2 slack/r/C1/1700000000.000100/tada/U2 by U2 on slack/m/C1/1700000000.000100 deleted"},
		},
		{"reaction in a direct message", `{"type":"reaction_added","user":"U2","reaction":"tada","item":{"type":"message","channel":"D1","ts":"1700000000.000100"}}`, nil},
		{"reaction to a file", `{"type":"reaction_added","user":"U2","reaction":"tada","item":{"type":"file","file":"F1"}}`, nil},
		{
			"joined", `{"type":"team_join",` + user + `},"event_ts":"1700000003.000100"}`,
			[]string{"3 slack/j/U7/1700000003.000100 by U7", "identity U7 Ana"},
		},
		{
			"joined, time in the envelope only", `{"type":"team_join",` + user + `}}`,
			[]string{"3 slack/j/U7/1700000000.000000 by U7", "identity U7 Ana"},
		},
		{"bot joined", `{"type":"team_join",` + user + `,"is_bot":true},"event_ts":"1700000003.000100"}`, []string{"identity U7 Ana bot"}},
		{"renamed", `{"type":"user_change",` + user + `,"deleted":false,"updated":1700000002},"event_ts":"1700000003.000100"}`, []string{"identity U7 Ana"}},
		{
			"deactivated", `{"type":"user_change",` + user + `,"deleted":true,"updated":1700000002},"event_ts":"1700000003.000100"}`,
			[]string{"4 slack/l/U7/1700000002.000000 by U7", "identity U7 Ana"},
		},
		{"stranger deactivated", `{"type":"user_change",` + user + `,"deleted":true,"is_stranger":true},"event_ts":"1700000003.000100"}`, []string{"identity U7 Ana outside"}},
		{"channel", `{"type":"channel_created","channel":{"id":"C2","name":"help","created":1700000000,"creator":"U1"}}`, []string{"channel C2 help archived false private false"}},
		{"channel renamed", `{"type":"channel_rename","channel":{"id":"C2","name":"aid","created":1700000000}}`, []string{"channel C2 aid archived false private false"}},
		{"private channel renamed", `{"type":"group_rename","channel":{"id":"C2","name":"aid"}}`, []string{"channel C2 aid archived false private true"}},
		{"direct message renamed", `{"type":"group_rename","channel":{"id":"G2","name":"mpdm-a--b-1","is_mpim":true}}`, nil},
		{"channel archived", `{"type":"channel_archive","channel":"C2","user":"U1"}`, []string{"channel C2  archived true private false"}},
		{"channel unarchived", `{"type":"channel_unarchive","channel":"C2","user":"U1"}`, []string{"channel C2  archived false private false"}},
		{"channel deleted", `{"type":"channel_deleted","channel":"C2"}`, []string{"channel C2  archived true private false", "blind C2"}},
		{"channel with a new id", `{"type":"channel_id_changed","old_channel_id":"G2","new_channel_id":"C3"}`, []string{"channel C3  archived false private false", "blind G2"}},
		{"we left a channel", `{"type":"member_left_channel","user":"UBOT","channel":"C2","channel_type":"C"}`, []string{"blind C2"}},
		{"we were put out of a channel", `{"type":"group_left","channel":"G2"}`, []string{"blind G2"}},
		{"somebody left a channel", `{"type":"member_left_channel","user":"U1","channel":"C2","channel_type":"C"}`, nil},
		{"we joined a channel", `{"type":"member_joined_channel","user":"UBOT","channel":"C2","channel_type":"C"}`, nil},
		{"we were invited", `{"type":"member_joined_channel","user":"UBOT","channel":"G2","channel_type":"G","inviter":"U1"}`, []string{"gap G2"}},
		{"somebody joined a channel", `{"type":"member_joined_channel","user":"U1","channel":"C2","channel_type":"C","inviter":"U2"}`, nil},
		{"uninstalled", `{"type":"app_uninstalled"}`, []string{"revoked app_uninstalled"}},
		{"our token withdrawn", `{"type":"tokens_revoked","tokens":{"oauth":["U1"],"bot":["UBOT"]}}`, []string{"revoked tokens_revoked"}},
		{"a user's token withdrawn", `{"type":"tokens_revoked","tokens":{"oauth":["U1"],"bot":[]}}`, nil},
		{"unknown event", `{"type":"canvas_exploded","channel":"C1"}`, nil},
		{"no type", `{}`, nil},
		{"odd types", `{"type":"message","channel":["C1"],"user":{"id":1},"text":[],"ts":{}}`, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			d := receive(t, outer(c.event), never)
			for _, p := range d.Parcels {
				if p.Account != "T1" || p.Payload.Key != "Ev1" {
					t.Errorf("account %q, key %q", p.Account, p.Payload.Key)
				}
				b, err := New().Normalize(p.Payload)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, lines(t, b)...)
			}
			for _, n := range d.Notices {
				got = append(got, strings.TrimSpace(string(n.Kind)+" "+n.Detail))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	message := func(more string) string {
		return `"event":{"type":"message","channel":"C1","user":"U1","text":"a","ts":"1700000000.000100"` + more + `}`
	}
	cases := []struct{ name, body, account, scope string }{
		{"installation of the other side", `{"type":"event_callback","event_id":"E","team_id":"T2","context_team_id":"T1","authorizations":[{"team_id":"T1"},{"team_id":"T9"}],"is_ext_shared_channel":true,` + message(`,"user_team":"T2","source_team":"T2"`) + `}`, "T1", "outside\tC1"},
		{"no authorization", `{"type":"event_callback","event_id":"E","team_id":"T2","context_team_id":"T1","authorizations":[],` + message("") + `}`, "T1", "C1"},
		{"old form", `{"type":"event_callback","event_id":"E","team_id":"T1","authed_users":["U0"],` + message(`,"user_team":"T1"`) + `}`, "T1", "C1"},
		{"workspace of the same enterprise", `{"type":"event_callback","event_id":"E","team_id":"T1","enterprise_id":"E1",` + message(`,"user_team":"T2"`) + `}`, "T1", "C1"},
		{"event before the rest", `{` + message(`,"user_team":"T2"`) + `,"type":"event_callback","event_id":"E","team_id":"T1"}`, "T1", "outside\tC1"},
	}
	for _, c := range cases {
		d := receive(t, c.body, func(account string) bool {
			if account != c.account {
				t.Errorf("%s: asked for %q", c.name, account)
			}
			return false
		})
		if len(d.Parcels) != 1 || d.Parcels[0].Account != c.account || d.Parcels[0].Payload.Scope != c.scope {
			t.Errorf("%s: got %+v", c.name, d)
		}
	}
	if d := receive(t, `{"type":"event_callback","event_id":"E",`+message("")+`}`, never); len(d.Parcels) != 0 {
		t.Errorf("without an account: %+v", d)
	}
	d := receive(t, `{"type":"app_rate_limited","team_id":"T1","minute_rate_limited":1700000000,"api_app_id":"A1"}`, never)
	if want := (connectors.Notice{Account: "T1", Kind: connectors.NoticeLimited, Detail: "1700000000"}); len(d.Notices) != 1 || d.Notices[0] != want {
		t.Errorf("limited: %+v", d)
	}
	one := receive(t, `{"type":"event_callback","team_id":"T1",`+message("")+`}`, never)
	two := receive(t, `{"type":"event_callback","team_id":"T1",`+message(`,"a":1`)+`}`, never)
	if one.Parcels[0].Payload.Key == two.Parcels[0].Payload.Key || one.Parcels[0].Payload.Key == "" {
		t.Errorf("keys %q", one.Parcels[0].Payload.Key)
	}
}
