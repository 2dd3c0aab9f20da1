package discord_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/discord"
	"github.com/foyer-app/foyer/internal/community"
)

// element is a message of about 1 kB, as the exporter writes it.
const element = `    {
      "id": "%d",
      "type": "Default",
      "timestamp": "2022-10-05T21:31:19.64+00:00",
      "timestampEdited": null,
      "callEndedTimestamp": null,
      "isPinned": false,
      "content": "%s",
      "author": {
        "id": "%d",
        "name": "member",
        "discriminator": "0000",
        "nickname": "A Member",
        "color": null,
        "isBot": false,
        "roles": [
          {
            "id": "300000000000000001",
            "name": "Regulars",
            "color": "#3498DB",
            "position": 3
          }
        ],
        "avatarUrl": "https://cdn.discordapp.com/embed/avatars/0.png"
      },
      "attachments": [],
      "embeds": [],
      "stickers": [],
      "reactions": [],
      "mentions": [],
      "inlineEmojis": []
    }`

const head = `{
  "guild": {"id": "400000000000000001", "name": "Example"},
  "channel": {"id": "500000000000000001", "type": "GuildTextChat", "name": "general"},
  "messages": [
`

var text = strings.Repeat("Some words of a message, nothing to see. ", 6)

// endless is an export of count messages that is made while it is read.
type endless struct {
	count, made int
	rest        bytes.Buffer
}

func (e *endless) Read(p []byte) (int, error) {
	for e.rest.Len() < len(p) && e.made <= e.count {
		switch {
		case e.made == 0:
			e.rest.WriteString(head)
		case e.made > 1:
			e.rest.WriteString(",\n")
		}
		if e.made > 0 {
			fmt.Fprintf(&e.rest, element, 815886081458176000+e.made<<22, text, 100000000000000000+e.made%500)
		}
		if e.made == e.count {
			e.rest.WriteString("\n  ],\n  \"messageCount\": 0\n}\n")
		}
		e.made++
	}
	if e.rest.Len() == 0 {
		return 0, io.EOF
	}
	return e.rest.Read(p)
}

// generated is a file system of one such export.
type generated struct{ count int }

type generatedFile struct {
	fs.File
	r io.Reader
}

func (g generatedFile) Read(p []byte) (int, error) { return g.r.Read(p) }

func (g generated) Open(name string) (fs.File, error) {
	f, err := fstest.MapFS{"a.json": {}}.Open(name)
	if err != nil || name != "a.json" {
		return f, err
	}
	return generatedFile{f, &endless{count: g.count}}, nil
}

func (g generated) ReadDir(string) ([]fs.DirEntry, error) {
	return fs.ReadDir(fstest.MapFS{"a.json": {}}, ".")
}

// run imports and normalises files, and counts the messages that people wrote.
func run(t testing.TB, files fs.FS, each func(n int)) int {
	t.Helper()
	messages := 0
	c := discord.New()
	err := c.(connectors.Importer).Import(context.Background(), files, connectors.ImportOptions{Location: time.UTC},
		func(_ context.Context, r connectors.Record) error {
			if r.Payload == nil {
				return nil
			}
			b, err := c.Normalize(*r.Payload)
			for _, a := range b.Activities {
				if a.Kind == community.Message {
					messages++
				}
			}
			each(messages)
			return err
		})
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

// Memory does not grow with the file.
func TestMemoryStaysFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 60 MB")
	}
	const count = 60_000
	var early, late uint64
	messages := run(t, generated{count}, func(n int) {
		switch n {
		case count / 10:
			early = heap()
		case count:
			late = heap()
		}
	})
	if messages != count {
		t.Fatalf("%d messages", messages)
	}
	if late > early+1<<20 {
		t.Errorf("the heap grew from %d to %d bytes", early, late)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkImport reads and normalises messages of about 1 kB.
func BenchmarkImport(b *testing.B) {
	const count = 20_000
	file, err := io.ReadAll(&endless{count: count})
	if err != nil {
		b.Fatal(err)
	}
	files := fstest.MapFS{"a.json": {Data: file}}
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	messages := 0
	for b.Loop() {
		messages += run(b, files, func(int) {})
	}
	if messages%count != 0 {
		b.Fatalf("%d messages", messages)
	}
	b.ReportMetric(float64(messages)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkCorpus does the same with real files.
func BenchmarkCorpus(b *testing.B) {
	files := os.DirFS(corpus(b, "discord", "pyscript"))
	messages := 0
	for b.Loop() {
		messages += run(b, files, func(int) {})
	}
	b.ReportMetric(float64(messages)/b.Elapsed().Seconds(), "messages/s")
}
