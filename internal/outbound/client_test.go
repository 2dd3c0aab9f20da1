package outbound_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/outbound"
)

// serve runs a server at a loopback address and counts its requests.
func serve(t *testing.T, at string, h http.HandlerFunc) (address string, hits *atomic.Int32) {
	t.Helper()
	hits = &atomic.Int32{}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{
		ReadHeaderTimeout: time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hits.Add(1)
			h(w, r)
		}),
	}}
	s.Start()
	t.Cleanup(s.Close)
	return l.Addr().String(), hits
}

func ok(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }

func allow(t *testing.T, text string) outbound.Allow {
	t.Helper()
	a, err := outbound.ParseAllow(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func get(t *testing.T, c *http.Client, url string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

// names answers every question for an IPv4 address with the next of addrs, the last
// one for ever, and has no IPv6 addresses.
func names(t *testing.T, addrs ...string) *net.Resolver {
	t.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		for i := 0; ; {
			buf := make([]byte, 512)
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			question := buf[12:]
			end := bytes.IndexByte(question, 0) + 5
			answer := append([]byte{buf[0], buf[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, question[:min(end, n-12)]...)
			if binary.BigEndian.Uint16(question[end-4:]) == 1 {
				ip := netip.MustParseAddr(addrs[min(i, len(addrs)-1)]).As4()
				answer[7] = 1
				answer = append(append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4), ip[:]...)
				i++
			}
			_, _ = conn.WriteTo(answer, from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	at, _ := serve(t, "127.0.0.1:0", ok)
	_, port, _ := net.SplitHostPort(at)
	cases := map[string]struct {
		allow, url string
		reached    bool
	}{
		"nothing":             {"", "http://" + at, false},
		"address":             {"127.0.0.1", "http://" + at, true},
		"network":             {"127.0.0.0/8", "http://" + at, true},
		"address and port":    {at, "http://" + at, true},
		"another port":        {"127.0.0.1:1", "http://" + at, false},
		"another network":     {"10.0.0.0/8", "http://" + at, false},
		"name":                {"chat.intern:" + port, "http://chat.intern:" + port, true},
		"name in capitals":    {"chat.intern:" + port, "http://CHAT.intern.:" + port, true},
		"address behind name": {"127.0.0.1", "http://chat.intern:" + port, true},
		"another name":        {"chat.intern:" + port, "http://evil.example:" + port, false},
		"mapped":              {"127.0.0.1", "http://[::ffff:127.0.0.1]:" + port, true},
		"mapped, not allowed": {"", "http://[::ffff:127.0.0.1]:" + port, false},
		"https":               {"", "https://" + at, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := outbound.New(outbound.Config{Allow: allow(t, c.allow), Resolver: names(t, "127.0.0.1")})
			defer client.CloseIdleConnections()
			body, err := get(t, client, c.url)
			if c.reached && (err != nil || body != "ok") {
				t.Errorf("not reached: %q, %v", body, err)
			}
			if !c.reached && !errors.Is(err, outbound.ErrRefused) {
				t.Errorf("not refused: %q, %v", body, err)
			}
		})
	}
}

// TestRefused goes through the whole client with a name for each class; nothing
// leaves the machine, since the socket is refused before it connects.
func TestRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ url, behind, want string }{
		"loopback name":   {"https://x.example/?token=hush", "127.0.0.1", "loopback"},
		"private name":    {"https://x.example/?token=hush", "192.168.1.1", "private"},
		"metadata":        {"https://x.example/?token=hush", "169.254.169.254", "metadata"},
		"plain":           {"http://x.example/?token=hush", "1.1.1.1", "http instead of https"},
		"port":            {"https://x.example:8443/?token=hush", "1.1.1.1", "port"},
		"IPv6":            {"https://[fd00::1]/?token=hush", "", "private"},
		"IPv6 wraps IPv4": {"https://[64:ff9b::a00:1]/?token=hush", "", "private"},
		"scheme":          {"ftp://x.example/?token=hush", "", "neither"},
		"file":            {"file:///etc/passwd?token=hush", "", "neither"},
		"credentials":     {"https://me:hush@x.example/", "", "credentials"},
		"user":            {"https://hush@x.example/", "", "credentials"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resolver := names(t, c.behind)
			_, err := get(t, outbound.New(outbound.Config{Resolver: resolver}), c.url)
			var refused *outbound.RefusedError
			if !errors.Is(err, outbound.ErrRefused) || !errors.As(err, &refused) {
				t.Fatalf("not refused: %v", err)
			}
			text := outbound.Redact(err).Error()
			if !strings.Contains(text, c.want) || !strings.HasPrefix(text, "outbound: "+refused.Host) {
				t.Errorf("text %q, want %q", text, c.want)
			}
			if strings.Contains(text, "hush") || (c.behind != "" && strings.Contains(text, c.behind)) {
				t.Errorf("text tells too much: %q", text)
			}
		})
	}
}

// TestRebinding gives a name an allowed address first and another one afterwards.
func TestRebinding(t *testing.T) {
	t.Parallel()
	inside, hits := serve(t, "127.0.0.1:0", ok)
	_, port, _ := net.SplitHostPort(inside)
	serve(t, "127.0.0.2:"+port, ok)
	client := outbound.New(outbound.Config{
		Allow:    allow(t, "127.0.0.2"),
		Resolver: names(t, "127.0.0.2", "127.0.0.1"),
	})
	url := "http://rebind.example:" + port
	if body, err := get(t, client, url); err != nil || body != "ok" {
		t.Fatalf("first: %q, %v", body, err)
	}
	client.CloseIdleConnections()
	if _, err := get(t, client, url); !errors.Is(err, outbound.ErrRefused) {
		t.Errorf("second: %v", err)
	}
	if hits.Load() != 0 {
		t.Error("the inner server was reached")
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	inside, hits := serve(t, "127.0.0.1:0", ok)
	cases := map[string]struct{ to, want string }{
		"to a private address": {"http://" + inside, "loopback"},
		"to a file":            {"file:///etc/passwd", "neither"},
		"to credentials":       {"http://a:b@127.0.0.2/", "credentials"},
		"in a circle":          {"/", "too many redirects"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, outer := serve(t, "127.0.0.2:0", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, c.to, http.StatusFound)
			})
			_, err := get(t, outbound.New(outbound.Config{Allow: allow(t, at)}), "http://"+at)
			if !errors.Is(err, outbound.ErrRefused) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if hits.Load() != 0 {
				t.Error("the inner server was reached")
			}
			if n := outer.Load(); n > 6 {
				t.Errorf("%d requests", n)
			}
		})
	}
	t.Run("to an allowed address", func(t *testing.T) {
		t.Parallel()
		last, _ := serve(t, "127.0.0.2:0", ok)
		at, _ := serve(t, "127.0.0.2:0", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://"+last, http.StatusFound)
		})
		if body, err := get(t, outbound.New(outbound.Config{Allow: allow(t, "127.0.0.2")}), "http://"+at); err != nil || body != "ok" {
			t.Errorf("%q, %v", body, err)
		}
	})
}

func TestBodyBound(t *testing.T) {
	t.Parallel()
	at, _ := serve(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/exact":
			_, _ = w.Write(make([]byte, 1000))
		case "/over":
			_, _ = w.Write(make([]byte, 1001))
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(make([]byte, 1<<20))
			_ = z.Close()
		case "/endless":
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		case "/header":
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		}
	})
	client := outbound.New(outbound.Config{Allow: allow(t, at), MaxBody: 1000})
	for path, want := range map[string]error{"/exact": nil, "/over": outbound.ErrTooLarge, "/bomb": outbound.ErrTooLarge, "/endless": outbound.ErrTooLarge} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			body, err := get(t, client, "http://"+at+path)
			if !errors.Is(err, want) || len(body) != 1000 {
				t.Errorf("%d bytes, %v; want 1000 and %v", len(body), err, want)
			}
		})
	}
	t.Run("/header", func(t *testing.T) {
		t.Parallel()
		if _, err := get(t, client, "http://"+at+"/header"); err == nil {
			t.Error("a header of 1 MiB passes")
		}
	})
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	at, _ := serve(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			_, _ = io.WriteString(w, "some")
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	})
	for _, path := range []string{"/header", "/body"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			client := outbound.New(outbound.Config{Allow: allow(t, at), Timeout: 50 * time.Millisecond})
			_, err := get(t, client, "http://"+at+path)
			var timeout net.Error
			if !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Errorf("got %v, want a timeout", err)
			}
		})
	}
}

// TestNoProxy cannot run beside others: it sets the environment.
func TestNoProxy(t *testing.T) {
	proxy, hits := serve(t, "127.0.0.1:0", ok)
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, "http://"+proxy)
	}
	_, err := get(t, outbound.New(outbound.Config{Plain: true, Resolver: names(t, "10.0.0.1")}), "http://x.example/")
	if !errors.Is(err, outbound.ErrRefused) || hits.Load() != 0 {
		t.Errorf("%v, %d requests at the proxy", err, hits.Load())
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	if err := outbound.Redact(nil); err != nil {
		t.Error(err)
	}
	if err := outbound.Redact(io.EOF); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	at, _ := serve(t, "127.0.0.1:0", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, err := get(t, outbound.New(outbound.Config{Allow: allow(t, at)}), "http://"+at+"/hush?hush=hush")
	if err = outbound.Redact(err); !errors.Is(err, io.EOF) || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("got %v", err)
	}
}
