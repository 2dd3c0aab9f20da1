package whatsapp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/connectors/whatsapp"
	"github.com/foyer-app/foyer/internal/community"
)

// normalized receives a body and returns what it means, all parcels together.
func normalized(t *testing.T, body []byte) community.Batch {
	t.Helper()
	d, err := receive(body, keepNothing)
	if err != nil {
		t.Fatal(err)
	}
	var all community.Batch
	for _, p := range d.Parcels {
		b, err := whatsapp.New().Normalize(p.Payload)
		if err != nil {
			t.Fatalf("%s: %v", p.Payload.Body, err)
		}
		all.Append(b)
	}
	return all
}

func text(id, who string) string {
	return fmt.Sprintf(`{"id":%q,%s,"timestamp":"1750000000","type":"text","text":{"body":"bonjour"}}`, id, who)
}

func TestWhoWrote(t *testing.T) {
	t.Parallel()
	contact := func(fields string) string {
		return `"contacts":[{"profile":{"name":"Zoé","username":"zoe.k"},` + fields + `}],`
	}
	tests := []struct{ name, contacts, who, want string }{
		{"number and id", contact(`"wa_id":"33600000001","user_id":"FR.1"`), `"from":"33600000001"`, "user:FR.1 Zoé, tel:+33600000001 = user:FR.1"},
		{"id alone", contact(`"user_id":"FR.1"`), `"from_user_id":"FR.1"`, "user:FR.1 Zoé"},
		{"number alone", contact(`"wa_id":"33600000001"`), `"from":"33600000001"`, "tel:+33600000001 Zoé"},
		{"no contacts", ``, `"from":"33600000001","from_user_id":"FR.1"`, "user:FR.1 , tel:+33600000001 = user:FR.1"},
		{"nobody in the message", contact(`"user_id":"FR.1"`), `"type":"text"`, "user:FR.1 Zoé"},
		{"a contact of somebody else", contact(`"wa_id":"33600000009","user_id":"FR.9"`), `"from":"33600000001"`, "tel:+33600000001 "},
		{"an id of somebody else", contact(`"user_id":"FR.9"`), `"from_user_id":"FR.1"`, "user:FR.1 "},
		{"id in the place of the number", ``, `"from":"FR.1"`, "user:FR.1 "},
		{"number as people write it", ``, `"from":"+33 6 00 00 00 01"`, "tel:+33600000001 "},
		{"number as a number", ``, `"from":33600000001`, "tel:+33600000001 "},
	}
	for _, tt := range tests {
		b := normalized(t, delivery("messages", `{"metadata":{"phone_number_id":"42"},`+tt.contacts+`"messages":[`+text("wamid.A", tt.who)+`]}`))
		var got []string
		for _, i := range b.Identities {
			if i.SameAs != "" {
				got = append(got, i.ExternalID+" = "+i.SameAs)
				continue
			}
			got = append(got, i.ExternalID+" "+i.Name)
		}
		if strings.Join(got, ", ") != tt.want || b.Activities[0].Actor != b.Identities[0].ExternalID {
			t.Errorf("%s: %q, want %q", tt.name, strings.Join(got, ", "), tt.want)
		}
	}
}

func TestOneMessageHasOneID(t *testing.T) {
	t.Parallel()
	m := text("wamid.A", `"from":"33600000001"`)
	meta := `"metadata":{"display_phone_number":"33100000000","phone_number_id":"42"},`
	ways := map[string][]byte{
		"webhook": delivery("messages", `{`+meta+`"contacts":[{"wa_id":"33600000001","user_id":"FR.1"}],"messages":[`+m+`]}`),
		"history": delivery("history", `{`+meta+`"history":[{"metadata":{"phase":0},"threads":[{"id":"33600000001","messages":[`+m+`]}]}]}`),
		"history with ids": delivery("history",
			`{`+meta+`"history":[{"threads":[{"id":"33600000001","context":{"user_id":"FR.1","username":"zoe"},"messages":[`+m+`]}]}]}`),
	}
	first := normalized(t, ways["webhook"]).Activities[0]
	for name, body := range ways {
		d, err := receive(body, keepNothing)
		if err != nil || len(d.Parcels) != 1 {
			t.Fatalf("%s: %v", name, err)
		}
		a := normalized(t, body).Activities[0]
		if a.ExternalID != first.ExternalID || !a.At.Equal(first.At) || a.Kind != community.Message || strings.HasPrefix(a.Actor, "business:") {
			t.Errorf("%s: %+v", name, a)
		}
	}
	// What the business wrote: from the app, and in the history.
	echo := `{"id":"wamid.B","from":"33100000000","to":"33600000001","timestamp":"1750000000","type":"text","text":{"body":"oui"}}`
	for name, body := range map[string][]byte{
		"echo":    delivery("smb_message_echoes", `{`+meta+`"message_echoes":[`+echo+`]}`),
		"history": delivery("history", `{`+meta+`"history":[{"threads":[{"id":"33600000001","messages":[`+echo+`]}]}]}`),
		"media":   delivery("history", `{`+meta+`"messages":[`+echo+`]}`),
	} {
		b := normalized(t, body)
		if a := b.Activities[0]; a.Actor != "business:42" || a.Channel == "number:42" {
			t.Errorf("%s: %+v", name, a)
		}
	}
	// The place of a picture, and the picture with its caption when it follows.
	place := strings.Replace(m, `"text","text"`, `"media_placeholder","text"`, 1)
	media := `{"id":"wamid.A","from":"33600000001","timestamp":"1750000000","type":"image","image":{"id":"1","caption":"la vue"}}`
	before := normalized(t, delivery("history", `{`+meta+`"history":[{"threads":[{"id":"33600000001","messages":[`+place+`]}]}]}`)).Activities[0]
	after := normalized(t, delivery("history", `{`+meta+`"messages":[`+media+`]}`)).Activities[0]
	if before.ExternalID != after.ExternalID || after.Revision <= before.Revision || after.Features.Length != 6 {
		t.Errorf("%+v, then %+v", before, after)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, message string
		length        int
	}{
		{"text", `"type":"text","text":{"body":"bonjour"}`, 7},
		{"caption", `"type":"video","video":{"caption":"la vue"}`, 6},
		{"document", `"type":"document","document":{"caption":"plan","filename":"un très long nom.pdf"}`, 4},
		{"button", `"type":"button","button":{"text":"Oui","payload":"YES_PAYLOAD"}`, 3},
		{"reply", `"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"a","title":"Non"}}`, 3},
		{"list", `"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"a","title":"Demain","description":"long"}}`, 6},
		{"flow", `"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"body":"Sent","response_json":"{}"}}`, 0},
		{"order", `"type":"order","order":{"text":"secret"}`, 0},
		{"voice", `"type":"audio","audio":{"voice":true}`, 0},
		{"unsupported", `"type":"unsupported","errors":[{"code":131051}]`, 0},
	}
	for _, tt := range tests {
		b := normalized(t, messages(`{"id":"wamid.A","from":"33600000001","timestamp":"1750000000",`+tt.message+`}`))
		if a := b.Activities[0]; a.Kind != community.Message || a.Features.Length != tt.length {
			t.Errorf("%s: %+v", tt.name, a)
		}
	}
	b := normalized(t, messages(`{"id":"wamid.A","from":"33600000001","timestamp":"1750000000","type":"poll_vote","text":{"body":"x"}}`))
	if a := b.Activities[0]; a.Kind != community.Notice || a.Detail != community.DetailUnknown || a.Features.Length != 0 {
		t.Errorf("a new type: %+v", a)
	}
}

func TestGroupSpellings(t *testing.T) {
	t.Parallel()
	meta := `{"metadata":{"display_phone_number":"33100000000","phone_number_id":"42"},`
	tests := []struct{ name, field, value, want string }{
		{
			"documented", "group_participants_update",
			`"groups":[{"timestamp":"1750000000","group_id":"G","type":"group_participants_add","reason":"invite_link","added_participants":[{"wa_id":"33600000001","user_id":"FR.1"}]}]`,
			"3 user:FR.1 invite",
		},
		{
			"of the specification", "group_participant_update",
			`"groups":[{"timestamp":1750000000,"group_id":"G","type":"group_add_participants","request_id":"R","added_participants":[{"input":"33600000001","wa_id":"33600000001"}]}]`,
			"3 tel:+33600000001 added",
		},
		{
			"left, inside", "group_participants_update",
			`"groups":[{"timestamp":"1750000000","group_id":"G","type":"group_participants_remove","initiated_by":"participant","removed_participants":[{"user_id":"FR.1"}]}]`,
			"4 user:FR.1 left",
		},
		{
			"left, beside", "group_participants_update",
			`"initiated_by":"participant","groups":[{"timestamp":"1750000000","group_id":"G","type":"group_participants_remove","removed_participants":[{"user_id":"FR.1"}]}]`,
			"4 user:FR.1 left",
		},
		{
			"removed", "group_participants_update",
			`"groups":[{"timestamp":"1750000000","group_id":"G","type":"group_participants_remove","initiated_by":"business","removed_participants":[{"input":"33600000001"}]}]`,
			"4 tel:+33600000001 removed",
		},
		{
			"removed, a failed one", "group_participants_update",
			`"initiated_by":"business","groups":[{"timestamp":"1750000000","group_id":"G","type":"group_participants_remove",
			"removed_participants":[{"input":"FR.1"}],"failed_participants":[{"input":"FR.2"}]}]`,
			"4 user:FR.1 removed",
		},
		{
			"removed, beside", "group_participants_update",
			`"initiated_by":"business","groups":[{"timestamp":"1750000000","group_id":"G","type":"group_participants_remove","removed_participants":[{"user_id":"FR.1","input":"FR.1"}]}]`,
			"4 user:FR.1 removed",
		},
		{
			"asks to join", "group_participants_update",
			`"groups":[{"timestamp":"1750000000","group_id":"G","type":"group_join_request_created","join_request_id":"J","wa_id":"33600000001"}]`,
			"6  join_request",
		},
		{"deleted", "group_lifecycle_update", `"groups":[{"timestamp":"1750000000","group_id":"G","type":"group_delete"}]`, "6  deleted"},
		{"suspended", "group_status_update", `"groups":[{"timestamp":"1750000000","group_id":"G","type":"group_suspend"}]`, "6  suspended"},
		{"new", "group_new_update", `"groups":[{"timestamp":"1750000000","group_id":"G","type":"group_new"}]`, "6  unknown"},
	}
	for _, tt := range tests {
		b := normalized(t, delivery(tt.field, meta+tt.value+`}`))
		got := ""
		for _, a := range b.Activities {
			got += fmt.Sprint(a.Kind, " ", a.Actor, " ", a.Detail)
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	renamed := normalized(t, delivery("group_settings_update",
		meta+`"groups":[{"timestamp":"1750000000","group_id":"G","type":"group_settings_update","group_subject":{"text":"Tricot","update_successful":true}}]}`))
	if c := renamed.Channels[0]; c.ExternalID != "group:G" || c.Name != "Tricot" || c.Kind != community.GroupChannel {
		t.Errorf("%+v", c)
	}
	// Both spellings of who read it tell readers apart.
	keys := map[string]bool{}
	for _, member := range []string{`"recipient_participant_id":"1"`, `"participant_recipient_id":"2"`, `"participant_recipient_id":"3"`, `"participant_recipient_id":"1"`} {
		d, err := receive(delivery("messages", meta+`"statuses":[{"id":"wamid.A","status":"read","timestamp":"1750000000","recipient_type":"group",`+member+`}]}`), keepNothing)
		if err != nil || len(d.Parcels) != 1 {
			t.Fatal(err)
		}
		keys[d.Parcels[0].Payload.Key] = true
	}
	if len(keys) != 3 {
		t.Errorf("%v", keys)
	}
}

func TestHostileText(t *testing.T) {
	t.Parallel()
	b := normalized(t, delivery("messages", `{"metadata":{"display_phone_number":"x","phone_number_id":"4\u00002"},
		"contacts":[{"profile":{"name":"a\u0000b\ud800`+strings.Repeat("é", 500)+`"},"user_id":"`+strings.Repeat("U", 500)+`"}],
		"messages":[{"id":"wamid.A","group_id":"`+strings.Repeat("g", 5000)+`","timestamp":"1750000000","type":"text","text":{"body":"\u0000"}}]}`))
	for _, s := range []string{b.Identities[0].ExternalID, b.Identities[0].Name, b.Channels[0].ExternalID, b.Activities[0].Channel} {
		if strings.ContainsRune(s, 0) || len(s) > 300 || s == "" {
			t.Errorf("%q", s)
		}
	}
}

// FuzzReceive: whatever is signed, nothing panics and what is accepted is read or refused.
func FuzzReceive(f *testing.F) {
	f.Add(messages(text("wamid.A", `"from":"33600000001"`)))
	f.Add(delivery("history", `{"metadata":{"phone_number_id":"42"},"history":[{"threads":[{"id":1,"messages":[{"id":"a"}]}]}]}`))
	f.Add(delivery("group_participants_update", `{"metadata":{"phone_number_id":"42"},"groups":[{"group_id":"G","added_participants":[{"input":1}]}]}`))
	f.Add(delivery("account_update", `{"event":"PARTNER_REMOVED","waba_info":{"waba_id":901}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := receive(body, func(string) bool { return true })
		if err != nil {
			return
		}
		for _, p := range d.Parcels {
			_, _ = whatsapp.New().Normalize(p.Payload)
		}
	})
}
