package discord_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/discord"
)

// read returns all that an import emits.
func read(t *testing.T, files fs.FS, opts connectors.ImportOptions) []connectors.Record {
	t.Helper()
	records, err := try(files, opts)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func try(files fs.FS, opts connectors.ImportOptions) ([]connectors.Record, error) {
	var records []connectors.Record
	opts.Location = time.UTC
	err := discord.New().(connectors.Importer).Import(context.Background(), files, opts,
		func(_ context.Context, r connectors.Record) error {
			records = append(records, r)
			return nil
		})
	return records, err
}

// story tells records in short lines.
func story(records []connectors.Record) []string {
	var lines []string
	for _, r := range records {
		switch {
		case r.Source != nil:
			lines = append(lines, fmt.Sprintf("source %s %s %s", r.Source.ExternalID, r.Source.Name, r.Source.Horizon.Format(time.DateOnly)))
		case r.Payload != nil:
			lines = append(lines, fmt.Sprintf("%s %s:%d", r.Payload.Kind, r.File, r.Line))
		case r.Refusal != nil:
			lines = append(lines, fmt.Sprintf("refused %s:%d %s", r.Refusal.File, r.Refusal.Line, r.Refusal.Reason))
		}
		if r.Cursor != "" {
			lines = append(lines, "cursor "+r.Cursor)
		}
	}
	return lines
}

func compare(t *testing.T, got []string, want string) {
	t.Helper()
	expected := strings.Split(strings.TrimSpace(want), "\n")
	for i := range expected {
		expected[i] = strings.TrimSpace(expected[i])
	}
	if !slices.Equal(got, expected) {
		t.Errorf("got:\n%s", strings.Join(got, "\n"))
	}
}

// A folder with partitions, a thread, a second server, and files that are none.
func TestImportFolder(t *testing.T) {
	compare(t, story(read(t, os.DirFS("testdata/server/export"), connectors.ImportOptions{})), `
		source 400000000000000001 Example 2021-05-01
		export.channel Example - Talk - general [1] [part 2].json:7
		export.message Example - Talk - general [1] [part 2].json:21
		cursor Example - Talk - general [1] [part 2].json#end
		export.channel Example - Talk - general [1].json:7
		export.message Example - Talk - general [1].json:21
		export.message Example - Talk - general [1].json:59
		export.message Example - Talk - general [1].json:84
		cursor Example - Talk - general [1].json#end
		source 400000000000000002 Second 0001-01-01
		export.channel second/Second - general [3].json:7
		export.message second/Second - general [3].json:20
		cursor second/Second - general [3].json#end
		source 400000000000000001 Example 2021-05-01
		export.channel threads/Example - general - begin [2].json:7
		export.message threads/Example - general - begin [2].json:21
		cursor threads/Example - general - begin [2].json#end
		export.channel zz first again.json:7
		cursor zz first again.json#end`)
}

// What cannot be read is told with its place; what is complete goes in.
func TestImportRefusals(t *testing.T) {
	compare(t, story(read(t, os.DirFS("testdata/refused/export"), connectors.ImportOptions{})), `
		source 400000000000000001 Example 2021-04-01
		refused 0 empty.json:0 empty
		cursor 0 empty.json#end
		refused 1 list.json:0 not_an_export
		cursor 1 list.json#end
		refused 2 other.json:0 not_an_export
		cursor 2 other.json#end
		refused 3 broken.json:0 not_json
		cursor 3 broken.json#end
		refused 4 begins.json:3 truncated
		cursor 4 begins.json#end
		refused 5 direct.json:0 direct_messages
		cursor 5 direct.json#end
		refused 6 headless.json:0 not_an_export
		cursor 6 headless.json#end
		export.channel 7 crashed.json:7
		export.message 7 crashed.json:21
		export.message 7 crashed.json:59
		export.message 7 crashed.json:84
		refused 7 crashed.json:116 truncated
		cursor 7 crashed.json#end
		export.channel 8 elements.json:7
		refused 8 elements.json:21 not_json
		export.message 8 elements.json:22
		refused 8 elements.json:47 not_json
		export.message 8 elements.json:48
		cursor 8 elements.json#end
		export.channel 9 trailing.json:1
		export.message 9 trailing.json:1
		refused 9 trailing.json:1 not_json
		cursor 9 trailing.json#end`)
}

func TestCursorsEveryThousandMessages(t *testing.T) {
	var cursors []string
	for _, r := range read(t, os.DirFS("testdata/cursors/export"), connectors.ImportOptions{}) {
		if r.Cursor != "" {
			cursors = append(cursors, r.Cursor)
		}
	}
	if want := []string{"long.json#1000", "long.json#2000", "long.json#end"}; !slices.Equal(cursors, want) {
		t.Errorf("cursors %q", cursors)
	}
}

// A cursor may name a file that is no longer there, or be none at all.
func TestResumeElsewhere(t *testing.T) {
	files := os.DirFS("testdata/server/export")
	all := story(read(t, files, connectors.ImportOptions{}))
	for _, resume := range []string{"nonsense", "#", "A#3"} {
		if got := story(read(t, files, connectors.ImportOptions{Resume: resume})); !slices.Equal(got, all) {
			t.Errorf("resumed at %q: %q", resume, got)
		}
	}
	for _, resume := range []string{"zz#end", "zz first again.json#9"} {
		if got := read(t, files, connectors.ImportOptions{Resume: resume}); len(got) > 4 || got[0].Source.Name != "Example" {
			t.Errorf("resumed at %q: %q", resume, story(got))
		}
	}
	compare(t, story(read(t, files, connectors.ImportOptions{Resume: "second/Second - gone.json#7"})), `
		source 400000000000000002 Second 0001-01-01
		source 400000000000000001 Example 2021-05-01
		export.channel threads/Example - general - begin [2].json:7
		export.message threads/Example - general - begin [2].json:21
		cursor threads/Example - general - begin [2].json#end
		export.channel zz first again.json:7
		cursor zz first again.json#end`)
}

func TestLargeRecordsAreRefused(t *testing.T) {
	file := `{"guild":{"id":"1","name":"g"},"channel":{"id":"2","name":"c"},"messages":[
		{"id":"3"},
		{"id":"4","content":"` + strings.Repeat("x", 1000) + `"},
		{"id":"5"}]}`
	records := read(t, fstest.MapFS{"a.json": {Data: []byte(file)}}, connectors.ImportOptions{MaxRecord: 100})
	compare(t, story(records), `
		source 1 g 0001-01-01
		export.channel a.json:1
		export.message a.json:2
		refused a.json:3 too_large
		export.message a.json:4
		cursor a.json#end`)
}

func TestFilesThatAreNone(t *testing.T) {
	direct := `{"guild":{"id":"0"},"channel":{"id":"2","type":"DirectGroupTextChat"},"messages":[]}`
	for want, files := range map[string]fstest.MapFS{
		connectors.ReasonEmpty:     {"folder": {Mode: fs.ModeDir}},
		connectors.ReasonForeign:   {"a.txt": {Data: []byte("hello")}},
		connectors.ReasonNotJSON:   {"a.json": {Data: []byte("hello")}},
		connectors.ReasonTruncated: {"a.json": {Data: []byte("{}")}, "b.json": {Data: []byte(`{"guild"`)}},
		"direct_messages":          {"a.json": {Data: []byte("{}")}, "b.json": {Data: []byte(direct)}},
	} {
		_, err := try(files, connectors.ImportOptions{})
		var file *connectors.FileError
		if !errors.As(err, &file) || file.Reason != want {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// An unknown object is given up soon, however large it is.
func TestForeignFileIsNotReadToItsEnd(t *testing.T) {
	huge := `{"padding":"` + strings.Repeat("x", 2<<20) + `","guild":{"id":"1"},"channel":{"id":"2"},"messages":[]}`
	_, err := try(fstest.MapFS{"a.json": {Data: []byte(huge)}}, connectors.ImportOptions{})
	var file *connectors.FileError
	if !errors.As(err, &file) || file.Reason != connectors.ReasonForeign {
		t.Errorf("huge object: %v", err)
	}
}

func TestRecognises(t *testing.T) {
	good := &fstest.MapFile{Data: []byte(`{"guild":{"id":"1"},"channel":{"id":"2"},"messages":[{}`)}
	direct := &fstest.MapFile{Data: []byte(`{"guild":{"id":"0"},"channel":{"id":"2"},"messages":[]}`)}
	other := &fstest.MapFile{Data: []byte(`{"name":"tool"}`)}
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  bool
	}{
		"export":          {fstest.MapFS{"deep/down/a.JSON": good}, true},
		"behind others":   {fstest.MapFS{"a.json": other, "b.json": good}, true},
		"direct messages": {fstest.MapFS{"a.json": direct}, true},
		"other":           {fstest.MapFS{"a.json": other}, false},
		"wrong name":      {fstest.MapFS{"a.txt": good}, false},
		"attachment":      {fstest.MapFS{"a.json_Files/b.json": good}, false},
		"archive litter":  {fstest.MapFS{"__MACOSX/a.json": good, ".a.json": good}, false},
	} {
		if got := discord.New().(connectors.Importer).Recognises(c.files); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A zip gives what its folder gives; a damaged one what comes before the damage.
func TestImportZip(t *testing.T) {
	folder := os.DirFS("testdata/cursors/export")
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	if err := w.AddFS(folder); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := story(read(t, folder, connectors.ImportOptions{}))
	if got := story(read(t, unzip(t, archive.Bytes()), connectors.ImportOptions{})); !slices.Equal(got, want) {
		t.Errorf("zip differs from its folder")
	}
	damaged := bytes.Clone(archive.Bytes())
	for i := range 40 {
		damaged[len(damaged)/2+i] ^= 0x5a
	}
	records := read(t, unzip(t, damaged), connectors.ImportOptions{})
	last := records[len(records)-1]
	if last.Refusal == nil || last.Refusal.Line < 3 || len(records) < 100 {
		t.Errorf("damaged zip gave %d records and ended with %q", len(records), story(records[len(records)-1:]))
	}
}

func unzip(t *testing.T, archive []byte) fs.FS {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// locked is a file system with a file and a folder that cannot be opened.
type locked struct{ fs.FS }

func (l locked) Open(name string) (fs.File, error) {
	if strings.Contains(name, "locked") {
		return nil, fs.ErrPermission
	}
	return l.FS.Open(name)
}

func TestLockedFileIsRefused(t *testing.T) {
	files := fstest.MapFS{
		"locked.json": {Data: []byte("{}")},
		"open.json":   {Data: []byte(`{"guild":{"id":"1","name":"g"},"channel":{"id":"2"},"messages":[]}`)},
	}
	compare(t, story(read(t, locked{files}, connectors.ImportOptions{})), `
		source 1 g 0001-01-01
		refused locked.json:0 unreadable
		cursor locked.json#end
		export.channel open.json:1
		cursor open.json#end`)
}
