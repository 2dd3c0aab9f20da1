package slack

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// files makes a file system of names and contents.
func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

// export is a small export with everything in it.
func export() fstest.MapFS {
	return files(
		"users.json", `[{"id":"U00000001","team_id":"T00000001","name":"ana"},
			{"id":"U00000002","team_id":"T00000001","name":"robot","is_bot":true},
			{"id":"U00000003","team_id":"T00000009","name":"out","is_stranger":true}]`,
		"channels.json", `[{"id":"C00000001","name":"general","created":1500000000,"is_general":true},{"id":"C00000002","name":"help"}]`,
		"groups.json", `[{"id":"G00000001","name":"backstage"}]`,
		"dms.json", `[{"id":"D000000001","members":["U00000001","U00000003"]}]`,
		"mpims.json", `[{"id":"G00000009","name":"mpdm-ana--bo--cy-1"}]`,
		"integration_logs.json", `[{"user_id":"U00000001"}]`,
		"canvases.json", `[{}]`,
		"general/2020-09-13.json", `[{"type":"message","user":"U00000001","ts":"1600000000.000100","text":"hello"},
			{"type":"message","user":"U00000002","bot_id":"B00000001","ts":"1600000001.000100","text":"hi"}]`,
		"general/2020-09-14.json", `[{"type":"message","user":"U00000009","user_team":"T00000009","ts":"1600080000.000100","text":"hello"}]`,
		"general/notes.json", `[{"type":"message","ts":"1600000000.000100"}]`,
		"help/2020-09-13.json", `[]`,
		"backstage/2020-09-13.json", `[{"type":"message","user":"U00000001","ts":"1600000000.000100","text":"in private"}]`,
		"renamed/2020-09-13.json", `[{"type":"message","user":"U00000001","ts":"1600000002.000100","text":"old"}]`,
		"D000000001/2020-09-13.json", `[{"type":"message","user":"U00000001","ts":"1600000000.000100","text":"secret"}]`,
		"D000000002/2020-09-13.json", `[{"type":"message","user":"U00000001","ts":"1600000000.000100","text":"secret"}]`,
		"mpdm-ana--bo--cy-1/2020-09-13.json", `[{"type":"message","user":"U00000001","ts":"1600000000.000100","text":"secret"}]`,
	)
}

// run imports and returns the records.
func run(t testing.TB, fsys fs.FS, o connectors.ImportOptions) []connectors.Record {
	t.Helper()
	o.Location = time.UTC
	var list []connectors.Record
	err := importInto(fsys, o, func(_ context.Context, r connectors.Record) error {
		if r.Payload != nil && r.File == "" {
			t.Errorf("%s was emitted without its place", r.Payload.Body)
		}
		list = append(list, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func importInto(fsys fs.FS, o connectors.ImportOptions, emit connectors.Emit) error {
	return New().(connectors.Importer).Import(context.Background(), fsys, o, emit)
}

// show writes records down, a line each. A payload that cannot be read shows as refused.
func show(list []connectors.Record) (lines []string) {
	for _, r := range list {
		var s string
		if r.Payload != nil {
			var refused *connectors.RefusedError
			if _, err := New().Normalize(*r.Payload); errors.As(err, &refused) {
				r.Payload, r.Refusal = nil, &connectors.Refusal{File: r.File, Line: r.Line, Reason: refused.Reason}
			}
		}
		switch {
		case r.Source != nil:
			s = "source " + r.Source.ExternalID
		case r.Payload != nil:
			var body struct{ ID, TS string }
			_ = json.Unmarshal(r.Payload.Body, &body)
			s = strings.TrimSpace(fmt.Sprintf("%s %s%s %s", r.Payload.Kind, body.ID, body.TS, strings.ReplaceAll(r.Payload.Scope, "\t", " ")))
		case r.Refusal != nil:
			s = fmt.Sprintf("refused %s:%d %s", r.Refusal.File, r.Refusal.Line, r.Refusal.Reason)
		}
		if r.Cursor != "" {
			s += " @" + r.Cursor
		}
		lines = append(lines, strings.TrimSpace(s))
	}
	return lines
}

func expect(t *testing.T, got, want []string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\n\nwant\n%s", g, w)
	}
}

func TestImport(t *testing.T) {
	list := run(t, export(), connectors.ImportOptions{})
	expect(t, show(list), []string{
		"source T00000001",
		"export.user U00000001 T00000001",
		"export.user U00000002 T00000001",
		"export.user U00000003 T00000001",
		"@users.json",
		"export.channel C00000001",
		"export.channel C00000002",
		"@channels.json",
		"export.group G00000001",
		"@groups.json",
		"export.message 1600000000.000100 G00000001",
		"@backstage/2020-09-13.json",
		"export.message 1600000000.000100 C00000001",
		"export.message 1600000001.000100 bot C00000001",
		"@general/2020-09-13.json",
		"export.message 1600080000.000100 outside C00000001",
		"@general/2020-09-14.json",
		"@help/2020-09-13.json",
		"export.channel name:renamed",
		"export.message 1600000002.000100 name:renamed",
		"@renamed/2020-09-13.json",
	})
	want := &community.Source{
		Platform: "slack", ExternalID: "T00000001",
		Measures:  community.Measures{Reactions: true, ReplyLinks: true, ThreadLinks: true, MemberList: true},
		Decisions: map[string]string{"folders_without_channel": "1", "direct_messages": "skipped"},
	}
	if !reflect.DeepEqual(list[0].Source, want) {
		t.Errorf("source %+v, want %+v", list[0].Source, want)
	}
	for _, r := range list {
		if r.Payload != nil && bytes.Contains(r.Payload.Body, []byte("secret")) {
			t.Errorf("a direct message was read: %s", r.Payload.Body)
		}
	}
}

// under puts the files of an export below folders.
func under(fsys fstest.MapFS, dirs ...string) fstest.MapFS {
	moved := fstest.MapFS{}
	for _, dir := range dirs {
		for name, f := range fsys {
			moved[dir+"/"+name] = f
		}
	}
	return moved
}

func TestImportUnderFolder(t *testing.T) {
	const dir = "Acme Slack export Jan 1 2020 - Feb 1 2020"
	flat := show(run(t, export(), connectors.ImportOptions{}))
	fsys := under(export(), dir)
	fsys["__MACOSX/users.json"] = &fstest.MapFile{Data: []byte("x")}
	list := run(t, fsys, connectors.ImportOptions{})
	for i := range list {
		list[i].Cursor = strings.TrimPrefix(list[i].Cursor, dir+"/")
	}
	expect(t, show(list), flat)
	if list[0].Source.Name != "Acme" {
		t.Errorf("name %q", list[0].Source.Name)
	}
}

func TestImportOfTwoExports(t *testing.T) {
	one := run(t, export(), connectors.ImportOptions{})
	two := run(t, under(export(), "a", "b"), connectors.ImportOptions{})
	if len(two) != 2*len(one)-1 {
		t.Errorf("%d records of two exports, %d of one", len(two), len(one))
	}
}

func TestResume(t *testing.T) {
	fsys := export()
	var long strings.Builder
	for n := range 2*cursorEvery + 5 {
		fmt.Fprintf(&long, "%s{\"type\":\"message\",\"ts\":\"16001%05d.000000\"}", map[bool]string{true: "[", false: ",\n"}[n == 0], n)
	}
	fsys["help/2020-09-14.json"] = &fstest.MapFile{Data: []byte(long.String() + ",{}]")}
	fsys["help/2020-09-15.json"] = &fstest.MapFile{Data: []byte(`[{"ts":"1600000009.000000"},`)}
	whole := run(t, fsys, connectors.ImportOptions{})
	cursors := map[string]bool{}
	for i, r := range whole {
		if i%100 != 0 && r.Cursor == "" {
			continue // of the long file not each one
		}
		stored, cursor := 1, ""
		for n, r := range whole[:i+1] {
			if r.Cursor != "" {
				stored, cursor = n+1, r.Cursor
			}
		}
		cursors[cursor] = true
		rest := run(t, fsys, connectors.ImportOptions{Resume: cursor})
		if rest[0].Source == nil {
			t.Fatalf("resumed at %q without a source", cursor)
		}
		again := append(append([]connectors.Record{}, whole[:stored]...), rest[1:]...)
		if !reflect.DeepEqual(again, whole) {
			t.Fatalf("killed after record %d and resumed at %q: %d records, want %d", i, cursor, len(again), len(whole))
		}
	}
	if !cursors[fmt.Sprintf("help/2020-09-14.json#%d", 2*cursorEvery)] {
		t.Errorf("no cursor inside the long file: %v", cursors)
	}
	for _, cursor := range []string{"gone/2020-01-01.json#7", "canvases.json", "general", "#"} {
		if got := run(t, fsys, connectors.ImportOptions{Resume: cursor}); len(got) != len(whole) {
			t.Errorf("%d records after %q, which is nowhere, want all %d", len(got), cursor, len(whole))
		}
	}
}

func TestImportOfBadFiles(t *testing.T) {
	good := `{"type":"message","ts":"1600000000.000100"}`
	fsys := files(
		"users.json", `[{"id":"U00000001"},{"name":"x"},[],`,
		"channels.json", `{"id":"C00000001"}`,
		"a/2020-01-01.json", "",
		"a/2020-01-02.json", "["+good+",\n{\"type\":\"message\"},\n{\"ts\":\"noon\"},\n7,\n"+good+"]",
		"a/2020-01-03.json", "[\n"+good+",\n"+good+",\n{\"ts\":\"16",
		"a/2020-01-04.json", "["+good+"]\nx",
		"a/2020-01-05.json", `[{"ts":"1600000000.000100","text":"`+strings.Repeat("x", 300)+`"},`+good+`]`,
		"a/2020-01-06.json", "["+`{"ts":"1600000000.000100","text":"`+"\xff"+`","user":"U"}`+"]",
		"a/2020-01-07.json", "\x00\x01",
	)
	expect(t, show(run(t, fsys, connectors.ImportOptions{MaxRecord: 200})), []string{
		"source export:name:a",
		"export.user U00000001",
		"refused users.json:1 no_id",
		"refused users.json:1 not_json",
		"refused users.json:1 truncated @users.json",
		"refused channels.json:1 not_json @channels.json",
		"export.channel name:a",
		"refused a/2020-01-01.json:0 empty @a/2020-01-01.json",
		"export.message 1600000000.000100 name:a",
		"refused a/2020-01-02.json:2 no_time",
		"refused a/2020-01-02.json:3 no_time",
		"refused a/2020-01-02.json:4 not_json",
		"export.message 1600000000.000100 name:a",
		"@a/2020-01-02.json",
		"export.message 1600000000.000100 name:a",
		"export.message 1600000000.000100 name:a",
		"refused a/2020-01-03.json:4 truncated @a/2020-01-03.json",
		"export.message 1600000000.000100 name:a",
		"refused a/2020-01-04.json:2 not_json @a/2020-01-04.json",
		"refused a/2020-01-05.json:1 too_large",
		"export.message 1600000000.000100 name:a",
		"@a/2020-01-05.json",
		"export.message 1600000000.000100 name:a",
		"@a/2020-01-06.json",
		"refused a/2020-01-07.json:1 not_json @a/2020-01-07.json",
	})
}

// TestImportOfDamagedZip has one file whose bytes were damaged in the archive.
func TestImportOfDamagedZip(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"channels.json", "a/2020-01-01.json", "a/2020-01-02.json"} {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		body := `[{"type":"message","ts":"1600000000.000100","text":"` + name + `"}]`
		if name == "channels.json" {
			body = `[{"id":"C00000001","name":"a"}]`
		}
		if _, err := f.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Replace(b.Bytes(), []byte(`"a/2020-01-01.json"`), []byte(`"a/2020-01-01.jsom"`), 1)
	r, err := zip.NewReader(bytes.NewReader(damaged), int64(len(damaged)))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, show(run(t, r, connectors.ImportOptions{}))[3:], []string{
		"export.message 1600000000.000100 C00000001",
		"refused a/2020-01-01.json:0 unreadable @a/2020-01-01.json",
		"export.message 1600000000.000100 C00000001",
		"@a/2020-01-02.json",
	})
}

// TestUnreadableDirectLists leaves out what may be direct messages.
func TestUnreadableDirectLists(t *testing.T) {
	fsys := export()
	fsys["mpims.json"] = &fstest.MapFile{Data: []byte(`[{"id":"G00000009"`)}
	fsys["dms.json"] = &fstest.MapFile{Data: []byte(`[{}]`)}
	var refused []string
	for _, line := range show(run(t, fsys, connectors.ImportOptions{})) {
		if strings.HasPrefix(line, "refused") || strings.Contains(line, "renamed") {
			refused = append(refused, line)
		}
	}
	expect(t, refused, []string{
		"refused dms.json:0 no_id @dms.json",
		"refused mpims.json:0 truncated @mpims.json",
		"refused renamed:0 not_an_export",
	})
}

// TestDirectMessagesListedAsChannels leaves them out too.
func TestDirectMessagesListedAsChannels(t *testing.T) {
	fsys := files(
		"groups.json", `[{"id":"G1","name":"three","is_mpim":true},{"id":"G2","name":"team"}]`,
		"three/2020-01-01.json", `[{"ts":"1.000000"}]`,
		"team/2020-01-01.json", `[{"ts":"2.000000"}]`,
	)
	expect(t, show(run(t, fsys, connectors.ImportOptions{})), []string{
		"source export:G2", "export.group G2", "@groups.json", "export.message 2.000000 G2", "@team/2020-01-01.json",
	})
}

func TestSource(t *testing.T) {
	day := `[{"type":"message","team":"T7","ts":"1600000000.000100"},{"team":"T7"},{"team":"T8"}]`
	cases := []struct {
		name, want string
		fsys       fs.FS
	}{
		{"team of most users", "T1", files("users.json", `[{"id":"U1","team_id":"T2"},{"id":"U2","team_id":"T1"},{"id":"U3","team_id":"T1"},
			{"id":"U4","team_id":"T2","is_stranger":true},{"id":"U5","team_id":"T2","is_stranger":true},{"id":"W6","team_id":"E1"}]`)},
		{"team of most messages", "T7", files("users.json", `[{"id":"U1"}]`, "a/2020-01-01.json", day)},
		{"general channel", "export:C9", files("channels.json", `[{"id":"C1","name":"a","created":"5"},{"id":"C9","name":"b","created":9,"is_general":true}]`)},
		{"oldest channel", "export:C9", files("channels.json", `[{"id":"C1","name":"a","created":"11"},{"id":"C9","name":"b","created":9}]`)},
		{"smallest channel", "export:C1", files("channels.json", `[{"id":"C9","name":"b"},{"id":"C1","name":"a"}]`)},
		{"private channel", "export:G1", files("groups.json", `[{"id":"G1","name":"b"}]`)},
		{"folder", "export:name:a", files("a/2020-01-01.json", `[]`)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := run(t, c.fsys, connectors.ImportOptions{})[0].Source.ExternalID; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestEnterprise(t *testing.T) {
	fsys := files(
		"org_users.json", `[{"id":"W00000001","team_id":"T1","enterprise_user":{"enterprise_id":"E1","teams":["T1","T2"]}},
			{"id":"W00000002","team_id":"T1","enterprise_user":{"enterprise_id":"E1","teams":["T1"]}},
			{"id":"U00000003","team_id":"T9","enterprise_user":{"enterprise_id":"E9","teams":["T9"]}}]`,
		"a/2020-01-01.json", `[{"ts":"1.000000","user":"W1","user_team":"T2"},{"ts":"2.000000","user":"U3","user_team":"T9"},{"ts":"3.000000","user":"W1","user_team":"E1"}]`,
	)
	list := run(t, fsys, connectors.ImportOptions{})
	expect(t, show(list), []string{
		"source T1",
		"export.user W00000001 T1 E1", "export.user W00000002 T1 E1", "export.user U00000003 T1 E1", "@org_users.json",
		"export.channel name:a",
		"export.message 1.000000 name:a", "export.message 2.000000 outside name:a", "export.message 3.000000 name:a",
		"@a/2020-01-01.json",
	})
}

func TestRecognises(t *testing.T) {
	day := `[]`
	cases := []struct {
		name string
		fsys fs.FS
		want bool
	}{
		{"export", export(), true},
		{"under a folder", under(export(), "x"), true},
		{"channels and a day", files("channels.json", `[]`, "a/2020-01-01.json", day), true},
		{"users alone", files("users.json", `[{"id":"U12345678"}]`), true},
		{"users of something else", files("users.json", `[{"id":12}]`), false},
		{"channels alone", files("channels.json", `[{"id":"C1"}]`), false},
		{"days alone", files("a/2020-01-01.json", day), false},
		{"a chat", files("_chat.txt", "[01/02/2020] A: b"), false},
		{"an array of another tool", files("channel.json", `{"guild":{},"messages":[]}`), false},
		{"nothing", files(), false},
		{"broken users", files("users.json", "\x00"), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := New().(connectors.Importer).Recognises(c.fsys); got != c.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestImportErrors(t *testing.T) {
	for reason, fsys := range map[string]fs.FS{
		connectors.ReasonEmpty:   files(),
		connectors.ReasonForeign: files("_chat.txt", "x"),
	} {
		err := importInto(fsys, connectors.ImportOptions{}, nil)
		var f *connectors.FileError
		if !errors.As(err, &f) || f.Reason != reason {
			t.Errorf("got %v, want %s", err, reason)
		}
	}
	whole := len(run(t, export(), connectors.ImportOptions{}))
	own := errors.New("own")
	for at := range whole {
		n := 0
		err := importInto(export(), connectors.ImportOptions{}, func(context.Context, connectors.Record) error {
			if n++; n > at {
				return own
			}
			return nil
		})
		if err != own || n != at+1 {
			t.Errorf("emit failed at %d: %d calls, %v", at, n, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	err := New().(connectors.Importer).Import(ctx, export(), connectors.ImportOptions{}, func(context.Context, connectors.Record) error {
		if n++; n == 5 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n != 5 {
		t.Errorf("cancelled after %d records: %v", n, err)
	}
}
