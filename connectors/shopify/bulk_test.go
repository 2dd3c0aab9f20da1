package shopify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/foyer-app/foyer/connectors/shopify/shopifytest"
)

// gather reads all pieces of a file that is cut as open says.
func gather(t *testing.T, size int64, open func(offset int64) io.Reader) (got []string, skipped int) {
	t.Helper()
	for offset, stuck := int64(0), 0; ; {
		r := newReader(open(offset), offset, size)
		taken, ended := r.things(func(object []byte, parts [][]byte) bool {
			text := strings.TrimSpace(string(object))
			for _, p := range parts {
				text += "+" + strings.TrimSpace(string(p))
			}
			got = append(got, text)
			return len(got)%90 == 0
		})
		skipped += r.skipped
		if ended {
			return got, skipped
		}
		if stuck++; taken > offset {
			stuck = 0
		}
		if stuck > 3 {
			t.Fatalf("stuck at %d of %d", taken, size)
		}
		offset = taken
	}
}

func TestFileIsReadInPieces(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	var want []string
	for i := range 700 {
		object := fmt.Sprintf(`{"id":"gid://shopify/Order/%d"}`, i+1)
		file.WriteString(object + "\n")
		for j := range i % 4 {
			part := fmt.Sprintf(`{"id":"gid://shopify/LineItem/%d","__parentId":"gid://shopify/Order/%d"}`, i*10+j+1, i+1)
			file.WriteString(part + "\n")
			object += "+" + part
		}
		want = append(want, object)
	}
	text := file.String()
	whole := func(offset int64) io.Reader { return strings.NewReader(text[offset:]) }
	for name, c := range map[string]struct {
		size int64
		open func(int64) io.Reader
	}{
		"whole":           {int64(len(text)), whole},
		"of unknown size": {0, whole},
		"byte by byte":    {int64(len(text)), func(o int64) io.Reader { return iotest.OneByteReader(whole(o)) }},
		"cut anywhere":    {int64(len(text)), func(o int64) io.Reader { return strings.NewReader(text[o:min(int(o)+777, len(text))]) }},
		"broken anywhere": {0, func(o int64) io.Reader {
			end := min(int(o)+1234, len(text))
			if end == len(text) {
				return whole(o)
			}
			return io.MultiReader(strings.NewReader(text[o:end]), iotest.ErrReader(errors.New("broken")))
		}},
		"without a last end": {int64(len(text)) - 1, func(o int64) io.Reader { return strings.NewReader(text[o : len(text)-1]) }},
	} {
		got, skipped := gather(t, c.size, c.open)
		if skipped != 0 || strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: %d things, want %d; %d lines skipped", name, len(got), len(want), skipped)
		}
	}
}

func TestLinesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	text := "{\"id\":\"gid://shopify/Order/1\"}\n" + "not json\n" + "{}\n" + `{"id":"gid://shopify/LineItem/5","__parentId":"gid://shopify/Order/9"}` + "\n" +
		`{"id":"gid://shopify/Order/2","name":"` + strings.Repeat("x", maxLine) + "\"}\n" + "{\"id\":\"gid://shopify/Order/3\"}\n"
	got, skipped := gather(t, int64(len(text)), func(o int64) io.Reader { return strings.NewReader(text[o:]) })
	if len(got) != 2 || skipped != 4 {
		t.Errorf("%d things, %d skipped: %.100q", len(got), skipped, got)
	}
}

// TestMemoryStaysFlat reads a file of 150 megabytes, piece by piece.
func TestMemoryStaysFlat(t *testing.T) { // alone: it measures
	object := `{"id":"gid://shopify/Customer/77","firstName":"` + strings.Repeat("a", 9000) + "\"}\n"
	size := int64(len(object)) * 16_000
	count, peak := 0, uint64(0)
	for offset, ended := int64(0), false; !ended; {
		in := io.LimitReader(&repeated{text: object, at: int(offset % int64(len(object)))}, size-offset)
		offset, ended = newReader(in, offset, size).things(func([]byte, [][]byte) bool { count++; return false })
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapInuse)
	}
	if count != 16_000 || peak > 64<<20 {
		t.Errorf("%d things with %d MB", count, peak>>20)
	}
}

// repeated gives the same text forever.
type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

// The file comes from where Shopify says, but not from anywhere, and gets no token.
func TestFileOfAnotherHost(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{}, shopifytest.Shop{})
	app := s.app
	app.Base = ""
	c, err := newClient(app, s.connected())
	if err != nil {
		t.Fatal(err)
	}
	b := backfill{client: c}
	for _, address := range []string{
		"http://storage.example/x", "ftp://storage.example/x", "/etc/passwd", "https://user@storage.example/x", "", "https://", "file:///etc/passwd",
	} {
		if _, err := b.file(context.Background(), address); !errors.Is(err, errPlace) {
			t.Errorf("%q: %v", address, err)
		}
	}
	// A server that ignores where to begin is read on from there.
	text := "0123456789"
	asked := make(chan string, 2)
	for _, ranged := range []bool{true, false} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked <- r.Header.Get("Range") + r.Header.Get("X-Shopify-Access-Token")
			if ranged {
				w.Header().Set("Content-Range", "bytes 4-9/10")
				w.WriteHeader(http.StatusPartialContent)
				_, _ = io.WriteString(w, text[4:])
				return
			}
			_, _ = io.WriteString(w, text)
		}))
		b.app.Base, b.cursor.Offset = srv.URL, 4
		resp, err := b.file(context.Background(), srv.URL+"/f?signature=secret")
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(got) != text[4:] || <-asked != "bytes=4-" {
			t.Errorf("ranged %v: %q", ranged, got)
		}
		srv.Close()
		if _, err := b.file(context.Background(), srv.URL+"/f?signature=secret"); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("an error tells the address: %v", err)
		}
	}
}

func TestProgressNeverFalls(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]cursor{
		"first load":  {Mode: modeBulk, Kinds: kindsCustomers, Begun: start},
		"by pages":    {Mode: modeAll, Kinds: kindsCustomers, Begun: start},
		"what is new": {Mode: modeSince, Kinds: kindsCustomers, Since: start},
	} {
		last := 0.0
		for more := true; more; more = c.next() {
			for part := range 5 {
				got := c.progress(float64(part) / 4)
				if got < last || got >= 1 {
					t.Errorf("%s: %v after %v", name, got, last)
				}
				last = got
			}
		}
		if last < 0.9 {
			t.Errorf("%s: it ends at %v", name, last)
		}
	}
}
