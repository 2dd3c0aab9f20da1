package whatsapp_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/whatsapp"
)

// BenchmarkImport reads a French group and normalises every record; b.N is messages.
func BenchmarkImport(b *testing.B) {
	var text strings.Builder
	at := time.Date(2020, 1, 1, 9, 0, 0, 0, time.UTC)
	for i := range b.N {
		at = at.Add(37 * time.Second)
		stamp := at.Format("02/01/2006, 15:04")
		switch i % 10 {
		case 0:
			fmt.Fprintf(&text, "%s - Léa Martin a ajouté Membre %d\n", stamp, i)
		case 1:
			fmt.Fprintf(&text, "%s - Zoé: <Médias omis>\n", stamp)
		default:
			fmt.Fprintf(&text, "%s - Membre %d: Bonjour à tous, qui vient demain au marché ?\net ensuite au café\n", stamp, i%500)
		}
	}
	files := fstest.MapFS{"Discussion WhatsApp avec Voisins.txt": {Data: []byte(text.String())}}
	b.SetBytes(int64(text.Len() / b.N))
	b.ReportAllocs()
	b.ResetTimer()
	opts := connectors.ImportOptions{Location: time.UTC, Answers: map[string]string{"date_order": "dmy"}}
	err := whatsapp.Connector{}.Import(context.Background(), files, opts, func(_ context.Context, r connectors.Record) error {
		if r.Payload == nil {
			return nil
		}
		_, err := whatsapp.New().Normalize(*r.Payload)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// endless is a file of so many bytes that is never in memory as a whole.
type endless struct {
	fs.File
	head string
	unit string
	size int64
	at   int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && e.at < e.size {
		var c int
		if e.at < int64(len(e.head)) {
			c = copy(p[n:], e.head[e.at:])
		} else {
			c = copy(p[n:], e.unit[(e.at-int64(len(e.head)))%int64(len(e.unit)):])
		}
		n += c
		e.at += int64(c)
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

type endlessFS struct {
	fstest.MapFS
	head, unit string
	size       int64
}

func (f endlessFS) Open(name string) (fs.File, error) {
	file, err := f.MapFS.Open(name)
	if err != nil || name == "." {
		return file, err
	}
	return &endless{File: file, head: f.head, unit: f.unit, size: f.size}, nil
}

func TestMemoryIsFlat(t *testing.T) {
	head := "31/12/2023, 10:00 - Ana: hello\n"
	tests := []struct {
		name, unit string
		size       int64
		refused    bool
	}{
		{"one line of 200 MB", "x", 200 << 20, true},
		{"one record of 100 MB in lines", strings.Repeat("y", 100) + "\n", 100 << 20, true},
		{"many messages in one minute", "31/12/2023, 10:00 - Ana: hello you\n", 8 << 20, false},
	}
	for _, test := range tests {
		files := endlessFS{fstest.MapFS{"_chat.txt": {}}, head, test.unit, test.size}
		if test.name == "one line of 200 MB" {
			files.head = strings.TrimSuffix(head, "\n")
		}
		var peak, before runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		records, refused := 0, 0
		err := whatsapp.Connector{}.Import(context.Background(), files, connectors.ImportOptions{Location: time.UTC},
			func(_ context.Context, r connectors.Record) error {
				if records++; records%20_000 == 0 || r.Refusal != nil {
					runtime.GC()
					runtime.ReadMemStats(&peak)
					if grown := int64(peak.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
						t.Fatalf("%s: %d MB after %d records", test.name, grown>>20, records)
					}
				}
				if r.Refusal != nil && r.Refusal.Reason == connectors.ReasonTooLarge {
					refused++
				}
				return nil
			})
		if err != nil || refused > 1 || (refused == 1) != test.refused {
			t.Errorf("%s: %v, %d refused", test.name, err, refused)
		}
	}
}
