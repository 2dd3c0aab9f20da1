package jsonstream

import (
	"bytes"
	"encoding/json"
	"io"
	"runtime"
	"strings"
	"testing"
)

// repeat is a reader of s, n times over.
type repeat struct {
	s   string
	n   int
	pos int
}

func (r *repeat) Read(p []byte) (n int, err error) {
	for n < len(p) && r.n > 0 {
		c := copy(p[n:], r.s[r.pos:])
		n += c
		if r.pos += c; r.pos == len(r.s) {
			r.pos = 0
			r.n--
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// TestFlatMemory walks a line of 200 MB that is one string, plain and of escapes.
func TestFlatMemory(t *testing.T) {
	const limit = 1 << 20
	for name, s := range map[string]string{
		"plain":   strings.Repeat("x", 1000),
		"escaped": strings.Repeat(`\u3042\"`, 125),
	} {
		t.Run(name, func(t *testing.T) {
			r := io.MultiReader(strings.NewReader(`[{"text":"`), &repeat{s: s, n: 200_000}, strings.NewReader(`"},{"a":1}]`))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			large, read := 0, 0
			err := New(r, limit).Array(func(v Value) error {
				_, err := v.Raw()
				if err == ErrTooLarge {
					large++
					return nil
				}
				read++
				return err
			})
			runtime.ReadMemStats(&after)
			if err != nil || large != 1 || read != 1 {
				t.Fatalf("%d too large, %d read, %v", large, read, err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 4*limit {
				t.Errorf("%d bytes allocated for a bound of %d", used, limit)
			}
		})
	}
}

func FuzzWalk(f *testing.F) {
	for _, s := range []string{
		`[]`, `{"a":[1,2,{"b":null}]}`, "\xef\xbb\xbf[\"\\u00e9\"]", `[{"a":"\\"},"}"]`,
		`[1,2`, `{"a"`, `[{]}`, "[\"\xff\"]", `["\`, `[tru]`, `{"a":1}x`, ``, `[[[[`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		tokens, err := walk(New(bytes.NewReader(doc), 1<<20))
		trimmed := bytes.TrimLeft(doc, " \t\r\n")
		valid := json.Valid(doc) && len(trimmed) > 0 && (trimmed[0] == '[' || trimmed[0] == '{')
		if valid && err != nil {
			t.Fatalf("valid JSON was refused: %v", err)
		}
		held, heldErr := walk(Of(doc))
		if strings.Join(tokens, "\x00") != strings.Join(held, "\x00") || (err == nil) != (heldErr == nil) {
			t.Fatalf("walked %q (%v) from a reader and %q (%v) held", tokens, err, held, heldErr)
		}
		slow, slowErr := walk(New(&dribble{doc}, 1<<20))
		if strings.Join(tokens, "\x00") != strings.Join(slow, "\x00") || (err == nil) != (slowErr == nil) {
			t.Fatalf("walked %q (%v) at once and %q (%v) byte by byte", tokens, err, slow, slowErr)
		}
		raw(t, doc, valid)
	})
}

// raw takes the elements whole: of valid JSON they are valid.
func raw(t *testing.T, doc []byte, valid bool) {
	d := New(&dribble{doc}, 1<<20)
	if d.Kind() != '[' {
		return
	}
	err := d.Array(func(v Value) error {
		b, err := v.Raw()
		if valid && !json.Valid(b) {
			t.Fatalf("element %q is not valid", b)
		}
		return err
	})
	if valid && err != nil {
		t.Fatalf("valid JSON was refused: %v", err)
	}
}

// dribble gives a byte at a time.
type dribble struct{ rest []byte }

func (r *dribble) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:1], r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// message is like those of chat exports.
const message = `{"client_msg_id":"0f1e2d3c-0000-4000-8000-000000000000","type":"message","text":"Quelqu'un a d\u00e9j\u00e0 essay\u00e9 ? https:\/\/example.com\/a\/b","user":"U0000000001","ts":"1600000000.000100","team":"T00000001","blocks":[{"type":"rich_text","block_id":"abc","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"Quelqu'un a d\u00e9j\u00e0 essay\u00e9 ?"}]}]}],"reactions":[{"name":"thumbsup","users":["U0000000002","U0000000003"],"count":2}]},
`

func benchmark(b *testing.B, use func(Value) error) {
	const n = 100_000
	b.SetBytes(int64(n * len(message)))
	b.ReportAllocs()
	for b.Loop() {
		r := io.MultiReader(strings.NewReader("["), &repeat{s: message, n: n}, strings.NewReader("{}]"))
		if err := New(r, 1<<20).Array(use); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSkip(b *testing.B) { benchmark(b, func(Value) error { return nil }) }

func BenchmarkRaw(b *testing.B) {
	benchmark(b, func(v Value) error {
		_, err := v.Raw()
		return err
	})
}
