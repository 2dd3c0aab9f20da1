package whatsapp_test

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/whatsapp"
)

func TestBadInput(t *testing.T) {
	good := "31/12/2023, 10:00 - Ana: hello\n"
	tests := []struct {
		name, text string
		messages   int
		want       []connectors.Refusal
	}{
		{"lines before", "one\ntwo\n" + good, 1, []connectors.Refusal{{Line: 1, Reason: "not_an_export"}}},
		{"blank lines before", "\n\r\n" + good, 1, nil},
		{"a day that is none", good + "31/02/2024, 10:00 - Ana: never\n" + good, 2, []connectors.Refusal{{Line: 2, Reason: "bad_time"}}},
		{"the future", good + "31/12/2999, 10:00 - Ana: never\n", 1, []connectors.Refusal{{Line: 2, Reason: "bad_time"}}},
		{"long ago", good + "31/12/1999, 10:00 - Ana: never\n", 1, []connectors.Refusal{{Line: 2, Reason: "bad_time"}}},
		{"not UTF-8", good + "31/12/2023, 10:01 - Ana: caf\xe9\n31/12/2023, 10:02 - Ana: th\xe9\n", 3, []connectors.Refusal{{Line: 2, Reason: "encoding"}}},
		{"large record", good + "31/12/2023, 10:01 - Ana: " + strings.Repeat("x", 5000) + "\nmore\n" + good, 2, []connectors.Refusal{{Line: 2, Reason: "too_large"}}},
		{"record of many lines", good + "31/12/2023, 10:01 - Ana: a\n" + strings.Repeat("line\n", 2000) + good, 2, []connectors.Refusal{{Line: 2, Reason: "too_large"}}},
		{"large line behind", good + strings.Repeat("x", 200_000) + "\n" + good, 1, []connectors.Refusal{{Line: 1, Reason: "too_large"}}},
		{"zero bytes", "31/12/2023, 10:00 - A\x00na: h\x00i\n", 1, nil},
	}
	for _, test := range tests {
		out := importText(t, "WhatsApp Chat with Team.txt", test.text, connectors.ImportOptions{MaxRecord: 4096})
		for i := range test.want {
			test.want[i].File = "WhatsApp Chat with Team.txt"
		}
		if out.err != nil || !reflect.DeepEqual(out.refusals, test.want) || out.kinds()["message"] != test.messages {
			t.Errorf("%s: %v, refused %+v, %v; want %+v, %d messages", test.name, out.err, out.refusals, out.kinds(), test.want, test.messages)
		}
	}
}

func TestNoChats(t *testing.T) {
	for text, reason := range map[string]string{"": "empty", "\r\n \n": "empty", "hello\n": "not_an_export", `{"a": 1}`: "not_an_export"} {
		out := importText(t, "a.txt", text, connectors.ImportOptions{})
		var file *connectors.FileError
		if !errors.As(out.err, &file) || file.Reason != reason || file.File != "a.txt" || len(out.sources) > 0 {
			t.Errorf("%q: %v, want %s", text, out.err, reason)
		}
	}
}

// torn is a folder whose files end in the middle, as in a damaged archive.
type torn struct {
	fstest.MapFS
	err error
}

func (f torn) Open(name string) (fs.File, error) {
	file, err := f.MapFS.Open(name)
	if err != nil || name == "." {
		return file, err
	}
	return tornFile{file, f.err}, nil
}

type tornFile struct {
	fs.File
	err error
}

func (f tornFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	if errors.Is(err, io.EOF) {
		err = f.err
	}
	return n, err
}

func TestTornFile(t *testing.T) {
	files := fstest.MapFS{"_chat.txt": {Data: []byte(long(0, 3000))}}
	for err, reason := range map[error]string{io.ErrUnexpectedEOF: "truncated", zip.ErrChecksum: "unreadable"} {
		out := importFiles(t, torn{files, err}, connectors.ImportOptions{})
		want := []connectors.Refusal{{File: "_chat.txt", Line: 3000, Reason: reason}}
		if out.err != nil || !reflect.DeepEqual(out.refusals, want) || out.kinds()["message"] != 2999 {
			t.Errorf("%v: %v, refused %v, %v", err, out.err, out.refusals, out.kinds())
		}
	}
}

func TestFoldersWithoutChats(t *testing.T) {
	_, err := collect(fstest.MapFS{"photo.jpg": {Data: []byte("x")}}, connectors.ImportOptions{Location: time.UTC})
	var file *connectors.FileError
	if !errors.As(err, &file) || file.Reason != connectors.ReasonEmpty {
		t.Errorf("%v", err)
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte("31/12/2023, 10:00 - Ana: hello\nmore\n31/12/2023, 10:00 - Ana left\n"), int16(64))
	f.Add([]byte("\u200e[31/12/2023 10:00:00] Les voisins: \u200eLéa a ajouté Zoé et Ali\r\n"), int16(200))
	f.Add([]byte("\xff\xfe1\x00/\x001\x00"), int16(0))
	f.Fuzz(func(t *testing.T, text []byte, limit int16) {
		files := fstest.MapFS{"_chat.txt": {Data: text}}
		opts := connectors.ImportOptions{Location: time.UTC, MaxRecord: max(0, int(limit)), Answers: map[string]string{"date_order": "dmy"}}
		records, err := collect(files, opts)
		var file *connectors.FileError
		if err != nil && !errors.As(err, &file) {
			t.Fatal(err)
		}
		again, _ := collect(files, opts)
		if !reflect.DeepEqual(records, again) {
			t.Fatal("two readings differ")
		}
		for _, r := range records {
			if r.Payload == nil {
				continue
			}
			batch, err := whatsapp.New().Normalize(*r.Payload)
			if err != nil || len(batch.Activities) == 0 {
				t.Fatalf("%q: %v, %d activities", r.Payload.Body, err, len(batch.Activities))
			}
		}
	})
}
