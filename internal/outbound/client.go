package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// Bounds that apply when Config names none, and those that nobody needs to change.
const (
	DefaultTimeout = 20 * time.Second
	DefaultMaxBody = 8 << 20 // bytes

	maxRedirects = 5
	maxHeader    = 64 << 10
	stepTimeout  = 8 * time.Second // to resolve and connect, and to agree on TLS
	maxConns     = 16              // to one host at a time
)

// Errors of requests.
var (
	// ErrRefused means that the address is none that this client goes to.
	ErrRefused = errors.New("refused")
	// ErrTooLarge is what a body's reader gives past the bound.
	ErrTooLarge = errors.New("outbound: the answer is too large")
)

// Config is the reach of a client.
type Config struct {
	Allow   Allow
	Timeout time.Duration // of a whole request with its redirects and body; 0 means DefaultTimeout
	MaxBody int64         // bytes of an answer after decompression; 0 means DefaultMaxBody
	// Plain lets http:// through to the public internet, at port 80. What Allow names
	// does not need it.
	Plain bool
	// Resolver looks names up; nil means the system's.
	Resolver *net.Resolver
}

// New returns a client that goes to https at port 443 of public addresses, and to
// what cfg opens. It follows up to 5 redirects, judging each; takes no proxy from the
// environment, no credentials from URLs, keeps no cookies. Refusals wrap ErrRefused.
// Its errors name the whole URL, as those of every http.Client: see Redact.
func New(cfg Config) *http.Client {
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.MaxBody <= 0 {
		cfg.MaxBody = DefaultMaxBody
	}
	g := &guard{cfg: cfg}
	g.secure, g.plain = g.transport(false), g.transport(true)
	return &http.Client{
		Transport: g,
		Timeout:   cfg.Timeout,
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return &RefusedError{Host: req.URL.Hostname(), Reason: "too many redirects"}
			}
			return nil
		},
	}
}

// Redact takes the URL, which may hold secrets in its path or query, out of an
// error of the client and leaves the host. Other errors pass as they are.
func Redact(err error) error {
	var u *url.Error
	if !errors.As(err, &u) {
		return err
	}
	var refused *RefusedError
	if errors.As(u.Err, &refused) {
		return refused // says the host itself
	}
	host := "unknown host"
	if parsed, err := url.Parse(u.URL); err == nil && parsed.Host != "" {
		host = parsed.Hostname()
	}
	return fmt.Errorf("outbound: %s: %w", host, u.Err)
}

// RefusedError says which host was refused and why; of the URL and of the address
// behind the name it says nothing.
type RefusedError struct {
	Host   string
	Reason string
}

func (e *RefusedError) Error() string { return "outbound: " + e.Host + " refused: " + e.Reason }

// Unwrap makes every refusal an ErrRefused.
func (e *RefusedError) Unwrap() error { return ErrRefused }

// guard judges requests and hands them to one of two transports, so that a
// connection knows whether it will be used without TLS.
type guard struct {
	cfg           Config
	secure, plain *http.Transport
}

// RoundTrip judges the URL; the address is judged by dial.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	transport := g.secure
	switch {
	case req.URL.Scheme == "http":
		transport = g.plain
	case req.URL.Scheme != "https":
		return nil, g.refuse(req, "neither http nor https")
	}
	if req.URL.User != nil {
		return nil, g.refuse(req, "credentials in the URL")
	}
	if req.URL.Hostname() == "" {
		return nil, g.refuse(req, "no host")
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	// The body of a switched protocol is its connection, and for its user to bound.
	if res.StatusCode != http.StatusSwitchingProtocols {
		res.Body = &boundBody{body: res.Body, left: g.cfg.MaxBody}
	}
	return res, nil
}

// CloseIdleConnections lets http.Client.CloseIdleConnections work.
func (g *guard) CloseIdleConnections() {
	g.secure.CloseIdleConnections()
	g.plain.CloseIdleConnections()
}

func (g *guard) refuse(req *http.Request, reason string) error {
	if req.Body != nil {
		_ = req.Body.Close() // a RoundTripper's duty
	}
	return &RefusedError{Host: req.URL.Hostname(), Reason: reason}
}

func (g *guard) transport(plain bool) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return g.dial(ctx, network, address, plain)
		},
		ForceAttemptHTTP2:      !plain,
		TLSHandshakeTimeout:    stepTimeout,
		ResponseHeaderTimeout:  g.cfg.Timeout,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConns:           32,
		MaxConnsPerHost:        maxConns,
		MaxResponseHeaderBytes: maxHeader,
	}
}

// dial connects to "host:port" and judges each address that host resolves to at the
// moment of connecting to it.
func (g *guard) dial(ctx context.Context, network, address string, plain bool) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	named := g.cfg.Allow.names(host, port)
	d := net.Dialer{
		Timeout:  stepTimeout,
		Resolver: g.cfg.Resolver,
		ControlContext: func(_ context.Context, _, resolved string, _ syscall.RawConn) error {
			if named {
				return nil
			}
			if reason := g.judge(resolved, plain); reason != "" {
				return &RefusedError{Host: host, Reason: reason}
			}
			return nil
		},
	}
	conn, err := d.DialContext(ctx, network, address)
	var refused *RefusedError
	if errors.As(err, &refused) {
		return nil, refused // without the address that net.OpError puts before it
	}
	return conn, err
}

// judge returns why a socket must not connect; empty when it may.
func (g *guard) judge(resolved string, plain bool) string {
	at, err := netip.ParseAddrPort(resolved)
	if err != nil {
		return "no address"
	}
	if g.cfg.Allow.contains(at.Addr().Unmap()) {
		return ""
	}
	if what, ok := public(at.Addr()); !ok {
		return what
	}
	switch {
	case !plain && at.Port() == 443, plain && g.cfg.Plain && at.Port() == 80:
		return ""
	case plain && !g.cfg.Plain:
		return "http instead of https"
	}
	return "an unusual port"
}

// boundBody fails past the bound instead of ending: what was cut must not pass for
// the whole.
type boundBody struct {
	body io.ReadCloser
	left int64
}

func (b *boundBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	if int64(len(p))-1 > b.left {
		p = p[:b.left+1]
	}
	n, err := b.body.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}

func (b *boundBody) Close() error { return b.body.Close() }
