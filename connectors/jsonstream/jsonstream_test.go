package jsonstream

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// flatten walks everything that can be walked and writes it down, a token each.
func flatten(v Value, out *[]string) error {
	switch v.Kind() {
	case '[':
		*out = append(*out, "[")
		err := v.Array(func(v Value) error { return flatten(v, out) })
		*out = append(*out, "]")
		return err
	case '{':
		*out = append(*out, "{")
		err := v.Object(func(key string, v Value) error {
			*out = append(*out, key+":")
			return flatten(v, out)
		})
		*out = append(*out, "}")
		return err
	}
	raw, err := v.Raw()
	if err == nil {
		*out = append(*out, string(raw))
	}
	return err
}

func walk(d *Decoder) (out []string, err error) {
	if d.Kind() == '{' {
		err = d.Object(func(key string, v Value) error {
			out = append(out, key+":")
			return flatten(v, &out)
		})
		return out, err
	}
	err = d.Array(func(v Value) error { return flatten(v, &out) })
	return out, err
}

func TestWalk(t *testing.T) {
	cases := []struct {
		name, doc, want string
		err             error
	}{
		{"empty array", " [ ] ", "", nil},
		{"empty object", "{\n}", "", nil},
		{"byte order mark", "\xef\xbb\xbf[1]", "1", nil},
		{"scalars", `[1,-2.5e+3,true,false,null,"a"]`, `1 -2.5e+3 true false null "a"`, nil},
		{"nested", `{"a":{"b":[1,[2]]},"c":{}}`, "a: { b: [ 1 [ 2 ] ] } c: { }", nil},
		{"brackets in strings", `["}{][",{"]":"\"}"}]`, `"}{][" { ]: "\"}" }`, nil},
		{"escapes", `["\\","\\\"","\u00e9\\"]`, `"\\" "\\\"" "\u00e9\\"`, nil},
		{"escaped key", `{"a\u0062\n":1}`, "ab\n: 1", nil},
		{"control character in a string", "[\"a\nb\"]", "\"a\nb\"", nil},
		{"no value", " \n", "", io.EOF},
		{"nothing", "", "", io.EOF},
		{"mark alone", "\xef\xbb\xbf", "", io.EOF},
		{"cut array", `[1,"a"`, `1 "a"`, ErrTruncated},
		{"cut number may go on", `[1,2`, `1`, ErrTruncated},
		{"cut string", `["a","b`, `"a"`, ErrTruncated},
		{"cut escape", `["a","b\`, `"a"`, ErrTruncated},
		{"cut key", `{"a":1,"b`, `a: 1`, ErrTruncated},
		{"cut colon", `{"a":1,"b":`, `a: 1`, ErrTruncated},
		{"cut comma", `[1,`, `1`, ErrTruncated},
		{"trailing garbage", `[1] x`, `1`, ErrSyntax},
		{"second document", `[1][2]`, `1`, ErrSyntax},
		{"scalar document", `"a"`, "", ErrSyntax},
		{"web page", "<html>", "", ErrSyntax},
		{"trailing comma", `[1,]`, `1`, ErrSyntax},
		{"trailing comma in object", `{"a":1,}`, `a: 1`, ErrSyntax},
		{"missing comma", `[1 2]`, `1`, ErrSyntax},
		{"missing colon", `{"a" 1}`, ``, ErrSyntax},
		{"key without quotes", `{a:1}`, ``, ErrSyntax},
		{"invalid key", "{\"\\x\":1}", ``, ErrSyntax},
		{"closing bracket of another kind", `[1}`, `1`, ErrSyntax},
		{"wide file", "\xff\xfe[\x00]\x00", "", ErrSyntax},
	}
	for _, c := range cases {
		for by, d := range map[string]*Decoder{
			"whole": New(strings.NewReader(c.doc), 100),
			"bytes": New(iotest.OneByteReader(strings.NewReader(c.doc)), 100),
			"held":  Of([]byte(c.doc)),
		} {
			t.Run(c.name+" "+by, func(t *testing.T) {
				got, err := walk(d)
				if s := strings.Join(got, " "); s != c.want {
					t.Errorf("walked %q, want %q", s, c.want)
				}
				if !errors.Is(err, c.err) {
					t.Errorf("error %v, want %v", err, c.err)
				}
			})
		}
	}
}

func TestRawOfBrackets(t *testing.T) {
	cases := []struct {
		name, doc string
		want      []string
		err       error
	}{
		{"objects", ` [ {"a":[1,{"b":"]"}]} , {} ]`, []string{`{"a":[1,{"b":"]"}]}`, `{}`}, nil},
		{"a malformed value does not end the document", `[{"a" 1,},{"b":2}]`, []string{`{"a" 1,}`, `{"b":2}`}, nil},
		{"crossed brackets", `[{"b":2},{"a":[1}]}]`, []string{`{"b":2}`}, ErrSyntax},
		{"foreign byte", `[{"b":2},{"a":<}]`, []string{`{"b":2}`}, ErrSyntax},
		{"cut object", `[{"b":2},{"a":{}`, []string{`{"b":2}`}, ErrTruncated},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			err := New(iotest.OneByteReader(strings.NewReader(c.doc)), 100).Array(func(v Value) error {
				raw, err := v.Raw()
				if err == nil {
					got = append(got, string(raw))
				}
				return err
			})
			if fmt.Sprint(got) != fmt.Sprint(c.want) || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, c.want, c.err)
			}
		})
	}
}

func TestUnreadValuesAreSkipped(t *testing.T) {
	doc := `{"a":[1,[2,{"x":"]"}],3],"b":"\"","c":{"d":7}}`
	var got string
	err := New(strings.NewReader(doc), 10).Object(func(key string, v Value) error {
		if key != "c" {
			return nil
		}
		return v.Object(func(key string, v Value) error {
			raw, err := v.Raw()
			got = key + string(raw)
			return err
		})
	})
	if err != nil || got != "d7" {
		t.Fatalf("got %q, %v", got, err)
	}
}

func TestTooLargeGoesOn(t *testing.T) {
	for _, size := range []int{11, chunk, 5 * chunk, 1 << 20} {
		doc := `["` + strings.Repeat("x", size) + `", "ok", {"a":"` + strings.Repeat(`\"`, size) + `"}, 7]`
		var got []string
		err := New(strings.NewReader(doc), 10).Array(func(v Value) error {
			raw, err := v.Raw()
			if err == ErrTooLarge {
				raw, err = []byte("large"), nil
			}
			got = append(got, string(raw))
			return err
		})
		if want := `large "ok" large 7`; strings.Join(got, " ") != want || err != nil {
			t.Fatalf("size %d: got %q, %v, want %q", size, got, err, want)
		}
	}
}

func TestBound(t *testing.T) {
	for _, size := range []int{8, 100, chunk - 1, chunk, chunk + 1, 3*chunk + 7} {
		value := `"` + strings.Repeat("x", size-2) + `"`
		for extra, want := range map[int]error{0: nil, -1: ErrTooLarge} {
			var length int
			err := New(strings.NewReader("["+value+"]"), size+extra).Array(func(v Value) error {
				raw, err := v.Raw()
				length = len(raw)
				return err
			})
			if !errors.Is(err, want) || (want == nil && length != size) {
				t.Errorf("size %d bound %d: %d bytes, %v, want %v", size, size+extra, length, err, want)
			}
		}
	}
}

func TestLargeKey(t *testing.T) {
	doc := `{"` + strings.Repeat("k", chunk) + `":1}`
	err := New(strings.NewReader(doc), 100).Object(func(string, Value) error { return nil })
	if !errors.Is(err, ErrTooLarge) {
		t.Fatalf("got %v", err)
	}
}

func TestDepth(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	skip := func(Value) error { return nil }
	var into func(v Value) error
	into = func(v Value) error { return v.Array(into) }
	for name, fn := range map[string]func(Value) error{"skipped": skip, "walked": into} {
		if err := New(strings.NewReader(nested(maxDepth)), 1).Array(fn); err != nil {
			t.Errorf("%s, at the bound: %v", name, err)
		}
		if err := New(strings.NewReader(nested(maxDepth+1)), 1).Array(fn); !errors.Is(err, ErrSyntax) {
			t.Errorf("%s, above the bound: %v", name, err)
		}
	}
}

func TestLines(t *testing.T) {
	doc := "[\n{\"a\":\n1},\r\n\n" + strings.Repeat(" ", 2*chunk) + "\n{}\n,x]"
	var lines []int
	d := New(strings.NewReader(doc), 100)
	err := d.Array(func(v Value) error {
		lines = append(lines, v.Line())
		return nil
	})
	if fmt.Sprint(lines) != "[2 6]" || d.Line() != 7 {
		t.Errorf("values at %v, cursor at %d", lines, d.Line())
	}
	if !errors.Is(err, ErrSyntax) || !strings.Contains(err.Error(), "line 7") {
		t.Errorf("error %v", err)
	}
}

func TestErrorsOfOthers(t *testing.T) {
	own := errors.New("own")
	d := New(strings.NewReader(`[[1,2],3]`), 10)
	calls := 0
	err := d.Array(func(v Value) error {
		calls++
		_ = v.Array(func(Value) error { return own })
		return nil // cannot hide that the walk ended inside
	})
	if !errors.Is(err, own) || calls != 1 {
		t.Errorf("after %d calls: %v", calls, err)
	}
	if err := d.Array(func(Value) error { return nil }); !errors.Is(err, own) {
		t.Errorf("walking on: %v", err)
	}
	reader := io.MultiReader(strings.NewReader("[1,"), iotest.ErrReader(own))
	if _, err := walk(New(reader, 10)); !errors.Is(err, own) {
		t.Errorf("reader's error: %v", err)
	}
	cut := io.MultiReader(strings.NewReader("[1,"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := walk(New(cut, 10)); !errors.Is(err, ErrTruncated) {
		t.Errorf("cut compressed data: %v", err)
	}
}

func TestMisuse(t *testing.T) {
	var kept Value
	err := New(strings.NewReader(`[{"a":1},2]`), 10).Array(func(v Value) error {
		if v.Kind() == '{' {
			kept = v
			if err := v.Array(func(Value) error { return nil }); !errors.Is(err, ErrSyntax) {
				t.Errorf("object as array: %v", err)
			}
			return nil
		}
		if _, err := kept.Raw(); err == nil {
			t.Error("a value of an earlier call was read")
		}
		if _, err := v.Raw(); err != nil {
			t.Error(err)
		}
		if _, err := v.Raw(); err == nil {
			t.Error("a value was read twice")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (Value{}).Raw(); err == nil {
		t.Error("the zero value was read")
	}
}

func TestStuckReader(t *testing.T) {
	if _, err := walk(New(stuck{}, 10)); !errors.Is(err, io.ErrNoProgress) {
		t.Fatalf("got %v", err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }
