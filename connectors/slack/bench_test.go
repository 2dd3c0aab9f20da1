package slack

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"testing"
	"testing/fstest"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// generated is a file system with one day file of n messages that are made
// while they are read.
type generated struct {
	fstest.MapFS
	n int
}

const generatedDay = "general/2020-09-13.json"

func synthetic(n int) fs.FS {
	fsys := files(
		"users.json", `[{"id":"U00000001","team_id":"T00000001"}]`,
		"channels.json", `[{"id":"C00000001","name":"general"}]`,
		generatedDay, "[]",
	)
	return generated{fsys, n}
}

func (g generated) Open(name string) (fs.File, error) {
	f, err := g.MapFS.Open(name)
	if err != nil || name != generatedDay {
		return f, err
	}
	return &generatedFile{File: f, n: g.n, rest: []byte("[")}, nil
}

type generatedFile struct {
	fs.File
	i, n int
	rest []byte
}

func (f *generatedFile) Read(p []byte) (int, error) {
	if len(f.rest) == 0 {
		if f.i > f.n {
			return 0, io.EOF
		}
		f.rest = f.next(f.rest[:0])
		f.i++
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// next is like what Slack writes of a message, blocks and all.
func (f *generatedFile) next(b []byte) []byte {
	if f.i == f.n {
		return append(b, "{\"type\":\"message\",\"ts\":\"1700000000.000000\"}]"...)
	}
	ts := fmt.Sprintf("%d.%06d", 1600000000+f.i/10, f.i%10)
	b = fmt.Appendf(b, `{"client_msg_id":"00000000-0000-4000-8000-%012d","type":"message","text":"<@U%08d> quelqu'un a d\u00e9j\u00e0 essay\u00e9 ? <https:\/\/example.com\/a>","user":"U%08d","ts":"%s","team":"T00000001","user_team":"T00000001","source_team":"T00000001","user_profile":{"avatar_hash":"0123456789ab","image_72":"https:\/\/example.com\/72.png","first_name":"Ana","real_name":"Ana Example","display_name":"Ana","team":"T00000001","name":"ana","is_restricted":false,"is_ultra_restricted":false},"blocks":[{"type":"rich_text","block_id":"abc","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"U%08d"},{"type":"text","text":" quelqu'un a d\u00e9j\u00e0 essay\u00e9 ? "},{"type":"link","url":"https:\/\/example.com\/a"}]}]}]`,
		f.i, f.i%97, f.i%89, ts, f.i%97)
	if f.i%3 == 0 {
		b = append(b, `,"thread_ts":"1599999999.000100","parent_user_id":"U00000001"`...)
	}
	if f.i%5 == 0 {
		b = append(b, `,"reactions":[{"name":"thumbsup","users":["U00000002","U00000003"],"count":2}]`...)
	}
	return append(b, "},\n"...)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkImport reads an export to batches, without a database.
func BenchmarkImport(b *testing.B) {
	const n = 50_000
	fsys := synthetic(n)
	b.ReportAllocs()
	start := time.Now()
	for b.Loop() {
		err := importInto(fsys, connectors.ImportOptions{}, func(_ context.Context, r connectors.Record) error {
			if r.Payload == nil {
				return nil
			}
			_, err := New().Normalize(*r.Payload)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n*b.N)/time.Since(start).Seconds(), "messages/s")
}
