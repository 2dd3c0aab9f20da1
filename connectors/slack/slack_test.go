package slack

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

var update = flag.Bool("update", false, "write the batches of testdata anew")

// payloadFile is testdata/<case>/payload.json.
type payloadFile struct {
	Kind, Scope string
	Body        json.RawMessage
}

func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*/payload.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		dir := filepath.Dir(name)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			got, err := New().Normalize(readPayload(t, name))
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join(dir, "batch.json")
			if *update {
				b, err := json.MarshalIndent(got, "", " ")
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, append(b, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			b, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			var want community.Batch
			if err := json.Unmarshal(b, &want); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
		})
	}
}

func readPayload(t testing.TB, name string) connectors.Payload {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var p payloadFile
	if err := json.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	return connectors.Payload{Kind: p.Kind, Scope: p.Scope, Body: p.Body}
}

func TestNormalizeRefuses(t *testing.T) {
	cases := []struct{ name, kind, scope, body, want string }{
		{"no time", kindMessage, "C1", `{"type":"message","text":"a"}`, connectors.ReasonNoTime},
		{"time of letters", kindMessage, "C1", `{"ts":"yesterday"}`, connectors.ReasonNoTime},
		{"deletion of nothing", kindMessage, "C1", `{"subtype":"message_deleted","ts":"1.000001"}`, connectors.ReasonNoTime},
		{"no channel", kindMessage, "", `{"ts":"1600000000.000100"}`, connectors.ReasonNoID},
		{"array", kindMessage, "C1", `[]`, connectors.ReasonNotJSON},
		{"channel of a very long name", kindMessage, strings.Repeat("C", 300), `{"ts":"1600000000.000100"}`, connectors.ReasonNoID},
		{"user of a very long id", kindUser, "", `{"id":"` + strings.Repeat("U", 300) + `"}`, connectors.ReasonNoID},
		{"cut", kindMessage, "C1", `{"ts":"1600000000.0001`, connectors.ReasonTruncated},
		{"nothing", kindMessage, "C1", ``, connectors.ReasonEmpty},
		{"user without id", kindUser, "", `{"name":"a"}`, connectors.ReasonNoID},
		{"channel without id", kindChannel, "", `{"name":"a"}`, connectors.ReasonNoID},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b, err := New().Normalize(connectors.Payload{Kind: c.kind, Scope: c.scope, Body: []byte(c.body)})
			if err == nil {
				t.Fatalf("got %+v", b)
			}
			if got := reason(err); got != c.want {
				t.Errorf("got %q for %v, want %q", got, err, c.want)
			}
		})
	}
	if _, err := New().Normalize(connectors.Payload{Kind: "else"}); !errors.Is(err, errKind) {
		t.Errorf("unknown kind: %v", err)
	}
}

// TestLongNames counts what no database could index as absent.
func TestLongNames(t *testing.T) {
	long := strings.Repeat("x", maxName+1)
	body := fmt.Sprintf(`{"ts":"1600000000.000100","user":%[1]q,"text":"<@%[2]s> <@U7>","reactions":[{"name":%[1]q,"count":1},{"name":"a","users":[%[1]q,"U1"]}]}`, long, strings.ToUpper(long))
	b, err := New().Normalize(connectors.Payload{Kind: kindMessage, Scope: "C1", Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	check(t, b)
	if len(b.Activities) != 2 || b.Activities[0].Actor != "" || len(b.Activities[0].To) != 1 || b.Activities[1].Actor != "U1" {
		t.Errorf("got %+v", b.Activities)
	}
}

func TestStamp(t *testing.T) {
	cases := []struct {
		in, want string
		micro    int64
	}{
		{"1600000000.000100", "1600000000.000100", 1600000000000100},
		{"1786879184.352359", "1786879184.352359", 1786879184352359},
		{"1600000000.0001", "1600000000.000100", 1600000000000100},
		{"1600000000", "1600000000.000000", 1600000000000000},
		{"0000000000.000000", "0000000000.000000", 0},
		{"", "", 0},
		{".1", "", 0},
		{"-1.000000", "", 0},
		{"1.6e9", "", 0},
		{"1600000000.0001000", "", 0},
		{"1600000000.000100 ", "", 0},
		{"999999999999.000000", "", 0},
		{"99999999999999999999.000000", "", 0},
		{"1600000000.00.1", "", 0},
	}
	for _, c := range cases {
		got := parseStamp(c.in)
		if string(got) != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
		if got != "" && got.time().UnixMicro() != c.micro {
			t.Errorf("%q: got %d µs, want %d", c.in, got.time().UnixMicro(), c.micro)
		}
	}
	if !stamp("").time().IsZero() || stamp("").revision() != 0 {
		t.Error("no stamp has a time")
	}
	if zone := parseStamp("1600000000.000100").time().Location(); zone != time.UTC {
		t.Errorf("zone %v", zone)
	}
}

func TestPlain(t *testing.T) {
	cases := []struct{ in, want string }{
		{"no markup", "no markup"},
		{"a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"},
		{"<@U1> hello <@U2|bo>", "hello"},
		{"see <https://example.com/?a=1|this> now", "see https://example.com/?a=1 now"},
		{"<#C1|help> and <#C2>", "#help and #C2"},
		{"<!here> <!subteam^S1|@team> <!date^1^{date}|today>", "@here @team today"},
		{"<mailto:a@example.com|a@example.com>", "mailto:a@example.com"},
		{"open < end", "open < end"},
		{"<>", ""},
	}
	for _, c := range cases {
		if got := plain(c.in); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestUnquote(t *testing.T) {
	cases := []struct{ in, want string }{
		{`"a"`, "a"},
		{`"\u00e9\n"`, "é\n"},
		{`"日本"`, "日本"},
		{`"a\u0000b"`, "ab"},
		{"\"a\nb\"", "a\nb"},
		{"\"a\xffb\"", "a\uFFFDb"},
		{"\"\xff\x01\"", "\uFFFD\x01"},
		{`"\ud83d\ude00"`, "😀"},
		{`1.50`, "1.50"},
	}
	for _, c := range cases {
		if got := unquote([]byte(c.in)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestScope(t *testing.T) {
	for _, s := range []scope{
		{channel: "C1"},
		{channel: "C1", bot: true},
		{channel: "C1", outside: true},
		{channel: "name:a\tb", bot: true, outside: true},
	} {
		if got := parseScope(s.String()); got != s {
			t.Errorf("%q: got %+v, want %+v", s.String(), got, s)
		}
	}
}

func TestUserOutside(t *testing.T) {
	cases := []struct {
		name             string
		u                user
		team, enterprise string
		want             bool
	}{
		{"same team", user{team: "T1"}, "T1", "", false},
		{"other team", user{team: "T2"}, "T1", "", true},
		{"stranger", user{team: "T1", stranger: true}, "T1", "", true},
		{"no team told", user{}, "T1", "", false},
		{"export's team not known", user{team: "T2"}, "", "", false},
		{"organisation's id", user{team: "E1"}, "T1", "", false},
		{"same enterprise", user{team: "T2", enterprise: "E1"}, "T1", "E1", false},
		{"other enterprise", user{team: "T2", enterprise: "E2"}, "T1", "E1", true},
		{"in both teams", user{team: "T2", teams: []string{"T2", "T1"}}, "T1", "", false},
		{"slackbot", user{id: slackbot, team: "T0"}, "T1", "", false},
	}
	for _, c := range cases {
		if got := c.u.outside(c.team, c.enterprise); got != c.want {
			t.Errorf("%s: got %t", c.name, got)
		}
	}
}

// TestCrowd reads a message with very many of everything, in a moment.
func TestCrowd(t *testing.T) {
	const n = 200_000
	var text, users, emoji strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "<@U%d>", i)
		fmt.Fprintf(&users, `"U%d",`, i)
		fmt.Fprintf(&emoji, `{"name":"e%d","count":1},`, i)
	}
	body := fmt.Sprintf(`{"ts":"1600000000.000100","text":"%s","reactions":[%s{"name":"e","users":[%s"U1"]}]}`, text.String(), emoji.String(), users.String())
	b, err := New().Normalize(connectors.Payload{Kind: kindMessage, Scope: "C1", Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Activities) != 1+n+n || len(b.Activities[0].To) != n {
		t.Errorf("%d activities, %d addressed", len(b.Activities), len(b.Activities[0].To))
	}
}
