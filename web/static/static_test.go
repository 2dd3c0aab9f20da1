package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func read(t *testing.T, r io.Reader) []byte {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestServe(t *testing.T) {
	address := Path("foyer.css")
	if !regexp.MustCompile(`^/static/foyer\.[0-9a-f]{12}\.css$`).MatchString(address) {
		t.Fatalf("Path = %q", address)
	}
	plain := get(t, address)
	if plain.StatusCode != 200 || plain.Header.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(plain.Header.Get("Cache-Control"), "immutable") || plain.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("plain: %d %v", plain.StatusCode, plain.Header)
	}
	zipped := get(t, address, "Accept-Encoding", "br, gzip;q=0.8")
	if zipped.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("zipped: %v", zipped.Header)
	}
	un, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, un), read(t, plain.Body)) {
		t.Error("the compressed stylesheet differs from the plain one")
	}
	if refused := get(t, address, "Accept-Encoding", "gzip;q=0"); refused.Header.Get("Content-Encoding") != "" {
		t.Error("gzip was sent although refused")
	}
	if again := get(t, address, "If-None-Match", plain.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("known tag: %d", again.StatusCode)
	}
	if unhashed := get(t, Prefix+"foyer.css"); unhashed.StatusCode != 200 || unhashed.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("plain name: %d %v", unhashed.StatusCode, unhashed.Header)
	}
	for _, missing := range []string{Prefix, Prefix + "fonts", Prefix + "../static.go", Prefix + "foyer.000000000000.css", Path("nothing.css")} {
		if res := get(t, missing); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", missing, res.StatusCode)
		}
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, address, nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

// TestReferences: everything a stylesheet refers to is there, under its hashed name.
func TestReferences(t *testing.T) {
	css := string(read(t, get(t, Path("foyer.css")).Body))
	found := regexp.MustCompile(`url\(([^)]+)\)`).FindAllStringSubmatch(css, -1)
	if len(found) < 5 {
		t.Fatalf("%d references", len(found))
	}
	for _, m := range found {
		if res := get(t, Prefix+m[1]); res.StatusCode != 200 || res.Header.Get("Content-Type") != "font/woff2" || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", m[1], res.StatusCode, res.Header)
		}
	}
}

// TestBudget: stylesheet, scripts and the latin font leave room for the page within 60 kB compressed.
func TestBudget(t *testing.T) {
	total := 0
	for _, name := range []string{"foyer.css", "foyer.js", "htmx.js", "fonts/ysabeau-office-latin.woff2"} {
		n := len(read(t, get(t, Path(name), "Accept-Encoding", "gzip").Body))
		t.Logf("%s: %d bytes", name, n)
		total += n
	}
	t.Logf("together: %d bytes", total)
	if total > 52_000 {
		t.Errorf("first view: %d bytes without the page, want at most 52000", total)
	}
}
