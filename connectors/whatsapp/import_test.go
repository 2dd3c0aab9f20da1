package whatsapp_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/text/encoding/unicode"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/whatsapp"
	"github.com/foyer-app/foyer/internal/community"
)

func paris(t *testing.T) connectors.ImportOptions {
	t.Helper()
	location, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return connectors.ImportOptions{Location: location}
}

// of lists who did something of that kind and detail.
func (o outcome) of(kind community.Kind, detail string) []string {
	var actors []string
	for _, a := range o.batch.Activities {
		if a.Kind == kind && a.Detail == detail && !a.Deleted {
			actors = append(actors, a.Actor)
		}
	}
	return actors
}

func TestFrenchGroups(t *testing.T) {
	tests := []struct {
		name     string
		kinds    map[string]int
		added    []string
		invited  []string
		first    string
		decision string
	}{
		{
			"fr-ios-group",
			map[string]int{"message": 6, "deleted": 1, "join": 4, "leave": 2, "notice": 4},
			[]string{"name:Ali Ben", "tel:+33612345678", "name:Zoé"},
			[]string{"name:Inès"},
			"2024-01-06T13:02:11Z", "field_above_12",
		},
		{
			"fr-android-group",
			map[string]int{"message": 7, "deleted": 1, "join": 2, "leave": 2, "notice": 6},
			[]string{"name:Ali Ben"},
			[]string{"name:Inès"},
			"2024-01-06T13:02:00Z", "field_above_12",
		},
	}
	ids := map[string]bool{}
	for _, test := range tests {
		out := importFiles(t, os.DirFS("testdata/"+test.name+"/export"), paris(t))
		if out.err != nil || len(out.refusals) > 0 || len(out.sources) != 1 {
			t.Fatalf("%s: %v, refused %v, %d sources", test.name, out.err, out.refusals, len(out.sources))
		}
		if got := out.kinds(); !reflect.DeepEqual(got, test.kinds) {
			t.Errorf("%s: %v, want %v", test.name, got, test.kinds)
		}
		if got := out.of(community.Join, community.DetailAdded); !reflect.DeepEqual(got, test.added) {
			t.Errorf("%s: added %q, want %q", test.name, got, test.added)
		}
		if got := out.of(community.Join, community.DetailInvite); !reflect.DeepEqual(got, test.invited) {
			t.Errorf("%s: invited %q, want %q", test.name, got, test.invited)
		}
		if got := out.of(community.Notice, community.DetailUnknown); len(got) != 1 {
			t.Errorf("%s: %d unknown lines, want 1", test.name, len(got))
		}
		s := out.sources[0]
		want := map[string]string{"date_order": "dmy", "date_order_why": test.decision}
		if s.Name != "Les voisins" || !reflect.DeepEqual(s.Decisions, want) || s.Measures != (community.Measures{Joins: true, Leaves: true}) {
			t.Errorf("%s: source %+v", test.name, s)
		}
		if got := out.batch.Activities[0].At.Format(time.RFC3339); got != test.first {
			t.Errorf("%s: begins at %s, want %s", test.name, got, test.first)
		}
		ids[s.ExternalID] = true
	}
	if len(ids) != 1 {
		t.Errorf("the chat has the ids %v, want one for both kinds of telephone", ids)
	}
}

// long is a chat of so many messages, several a minute and many the same.
func long(from, to int) string {
	var b strings.Builder
	at := time.Date(2023, 5, 20, 9, 0, 0, 0, time.UTC)
	for i := range to {
		if i >= from {
			fmt.Fprintf(&b, "%s - Person %d: ok %d\n", at.Add(time.Duration(i/6)*time.Minute).Format("02/01/2006, 15:04"), i%2, i%3)
		}
	}
	return b.String()
}

func TestOverlappingExportsAlign(t *testing.T) {
	name := "WhatsApp Chat with Team.txt"
	whole := importText(t, name, long(0, 900), connectors.ImportOptions{})
	early := importText(t, name, long(0, 600), connectors.ImportOptions{})
	late := importText(t, name, long(300, 900), connectors.ImportOptions{})
	if whole.err != nil || early.err != nil || late.err != nil {
		t.Fatal(whole.err, early.err, late.err)
	}
	key := func(a community.Activity) string { return a.ExternalID + a.At.String() }
	seen := map[string]bool{}
	for _, a := range append(early.batch.Activities, late.batch.Activities...) {
		seen[key(a)] = true
	}
	if len(whole.batch.Activities) != 900 || len(seen) != 900 {
		t.Fatalf("%d messages, %d in two parts, want 900", len(whole.batch.Activities), len(seen))
	}
	for _, a := range whole.batch.Activities {
		if !seen[key(a)] {
			t.Fatalf("%s is not in the parts", a.ExternalID)
		}
	}
}

func TestMediaAlignsWithAndWithout(t *testing.T) {
	with := importText(t, "WhatsApp Chat with Team.txt", "31/12/2023, 10:00 - Ana: IMG-20231231-WA0001.jpg (file attached)\n", connectors.ImportOptions{})
	without := importText(t, "WhatsApp Chat with Team.txt", "31/12/2023, 10:00 - Ana: <Media omitted>\n", connectors.ImportOptions{})
	if len(with.batch.Activities) != 1 || !reflect.DeepEqual(with.batch.Activities, without.batch.Activities) {
		t.Errorf("%+v, without media %+v", with.batch.Activities, without.batch.Activities)
	}
}

// collect imports and returns all records, with the payloads' own bodies.
func collect(files fstest.MapFS, opts connectors.ImportOptions) ([]connectors.Record, error) {
	var records []connectors.Record
	err := whatsapp.Connector{}.Import(context.Background(), files, opts, func(_ context.Context, r connectors.Record) error {
		records = append(records, r)
		return nil
	})
	return records, err
}

func TestResume(t *testing.T) {
	files := fstest.MapFS{
		"WhatsApp Chat with A.txt":   {Data: []byte(long(0, 3500))},
		"WhatsApp Chat with B#1.txt": {Data: []byte("\uFEFF" + long(0, 1200) + "31/02/2024, 10:00 - X: never\n")},
		"notes.txt":                  {Data: []byte("bread\n")},
		"wine.txt":                   {Data: []byte("wine\n")},
	}
	opts := connectors.ImportOptions{Location: time.UTC}
	full, err := collect(files, opts)
	if err != nil {
		t.Fatal(err)
	}
	cursors := 0
	for i, r := range full {
		if r.Cursor == "" {
			continue
		}
		cursors++
		opts.Resume = r.Cursor
		rest, err := collect(files, opts)
		if err != nil || len(rest) == 0 || rest[0].Source == nil {
			t.Fatalf("resumed behind %q: %v, %d records", r.Cursor, err, len(rest))
		}
		if full[min(i+1, len(full)-1)].Source != nil { // a source follows: the one in force comes before it
			rest = rest[1:]
			if !reflect.DeepEqual(rest, full[i+1:]) {
				t.Fatalf("resumed behind %q: differs", r.Cursor)
			}
			continue
		}
		if !reflect.DeepEqual(rest[1:], full[i+1:]) && len(rest[1:])+len(full[i+1:]) > 0 {
			t.Fatalf("resumed behind %q: %d records, want %d", r.Cursor, len(rest)-1, len(full)-i-1)
		}
	}
	if cursors != 8 { // 1,000, 2,000, 3,000, end; 1,000, end; two files that are no chats
		t.Errorf("%d cursors, want 8", cursors)
	}
}

func TestAsk(t *testing.T) {
	text := "05/06/2024, 09:00 - Ana: hello\n06/06/2024, 09:00 - Ben: hello\n"
	out := importText(t, "chat.txt", text, connectors.ImportOptions{})
	var ask *connectors.AskError
	if !errors.As(out.err, &ask) || len(out.sources) > 0 {
		t.Fatalf("%v, %d sources", out.err, len(out.sources))
	}
	want := connectors.AskError{Question: "date_order", Options: []string{"dmy", "mdy"}, File: "chat.txt", Sample: "05/06/2024"}
	if !reflect.DeepEqual(*ask, want) {
		t.Errorf("asks %+v, want %+v", *ask, want)
	}
	for answers, day := range map[[2]string]string{
		{"date_order", "dmy"}: "2024-06-05", {"date_order", "mdy"}: "2024-05-06",
		{"date_order:chat.txt", "mdy"}: "2024-05-06",
	} {
		out := importText(t, "chat.txt", text, connectors.ImportOptions{Answers: map[string]string{answers[0]: answers[1]}})
		if out.err != nil || len(out.batch.Activities) != 2 {
			t.Fatalf("%v: %v", answers, out.err)
		}
		if got := out.batch.Activities[0].At.Format(time.DateOnly); got != day || out.sources[0].Decisions["date_order_why"] != "told" {
			t.Errorf("%v: %s, want %s; %v", answers, got, day, out.sources[0].Decisions)
		}
	}
	if out := importText(t, "chat.txt", text, connectors.ImportOptions{Answers: map[string]string{"date_order": "ydm"}}); !errors.As(out.err, &ask) {
		t.Errorf("an answer that is none gives %v", out.err)
	}
}

func TestEncodingsAndEnds(t *testing.T) {
	text := "\u200e[31/12/2023 10:00:00] Zoé: \u200eimage absente\n[31/12/2023 10:01:00] Zoé: un\ndeux\n"
	want := importText(t, "_chat.txt", text, connectors.ImportOptions{})
	if want.err != nil || want.kinds()["message"] != 2 {
		t.Fatal(want.err, want.kinds())
	}
	little, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	big, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, form := range map[string]string{
		"CRLF": strings.ReplaceAll(text, "\n", "\r\n"), "mark": "\uFEFF" + text, "UTF-16 LE": little, "UTF-16 BE": big,
		"no end": strings.TrimSuffix(text, "\n"),
	} {
		got := importText(t, "_chat.txt", form, connectors.ImportOptions{})
		if got.err != nil || len(got.refusals) > 0 || !reflect.DeepEqual(got.batch, want.batch) {
			t.Errorf("%s: %v, refused %v, %+v; want %+v", name, got.err, got.refusals, got.batch, want.batch)
		}
	}
}

func TestZip(t *testing.T) {
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for name, text := range map[string]string{
		"_chat.txt": "[31/12/2023 10:00:00] Zoé: salut\n", "00000001-PHOTO-2023-12-31-10-00-00.jpg": "\xff\xd8",
		"__MACOSX/._chat.txt": "\x00\x05\x16\x07",
	} {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	if err != nil {
		t.Fatal(err)
	}
	out := importFiles(t, files, paris(t))
	if !(whatsapp.Connector{}).Recognises(files) || out.err != nil || len(out.refusals) > 0 || out.kinds()["message"] != 1 {
		t.Errorf("%v, refused %v, %v", out.err, out.refusals, out.kinds())
	}
}

// TestArchiveNamesTheChat: an iPhone's archive holds "_chat.txt"; the title is in
// the archive's own name.
func TestArchiveNamesTheChat(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"_chat.txt": {Data: []byte("[14/02/2024, 09:15:44] Ada: salut\n[15/02/2024, 09:16:10] Bob: bonjour\n")}}
	var name string
	err := whatsapp.New().(connectors.Importer).Import(t.Context(), files, connectors.ImportOptions{Location: time.UTC, Archive: "WhatsApp Chat - Les Couturières.zip"},
		func(_ context.Context, r connectors.Record) error {
			if r.Source != nil {
				name = r.Source.Name
			}
			return nil
		})
	if err != nil || name != "Les Couturières" {
		t.Errorf("name %q, %v", name, err)
	}
}
