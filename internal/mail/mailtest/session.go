package mailtest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const maxCommand = 512 + 2048 // AUTH may be long

// session is one connection.
type session struct {
	server *Server
	conn   net.Conn
	reader *bufio.Reader
	over   bool
	tls    bool
	hello  bool
	user   string
	from   *string
	to     []string
	eight  bool // BODY=8BITMIME was said
	utf8   bool // SMTPUTF8 was said
}

func (s *Server) serve(conn net.Conn) {
	c := &session{server: s, conn: conn}
	if s.implicit && !c.encrypt() {
		return
	}
	c.reader = bufio.NewReader(c.conn)
	if !c.strike(Greeting) {
		c.reply(220, "mail.example ESMTP of a test")
	}
	for !c.over {
		line, err := c.line(maxCommand)
		if err != nil {
			if errors.Is(err, errBare) || errors.Is(err, errLong) {
				c.reply(500, err.Error())
			}
			return
		}
		c.command(string(line))
	}
}

func (c *session) encrypt() bool {
	conn := tls.Server(c.conn, &tls.Config{Certificates: []tls.Certificate{c.server.cert}, MinVersion: tls.VersionTLS12})
	if conn.Handshake() != nil {
		c.end()
		return false
	}
	c.conn, c.tls, c.reader = conn, true, bufio.NewReader(conn)
	return true
}

func (c *session) end() {
	c.over = true
	_ = c.conn.Close()
}

func (c *session) reply(code int, text ...string) {
	var b strings.Builder
	for i, t := range text {
		mark := "-"
		if i == len(text)-1 {
			mark = " "
		}
		fmt.Fprintf(&b, "%d%s%s\r\n", code, mark, t)
	}
	if _, err := c.conn.Write([]byte(b.String())); err != nil {
		c.over = true
	}
}

var (
	errBare = errors.New("5.5.2 a line ends with CR LF, and neither stands alone")
	errLong = errors.New("5.5.2 the line is too long")
)

// line reads one line that ends with CR LF and holds neither elsewhere. The end is cut off.
func (c *session) line(limit int) ([]byte, error) {
	var line []byte
	for {
		part, err := c.reader.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > limit+2 {
			return nil, errLong
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return nil, err
		}
		break
	}
	text, ok := bytes.CutSuffix(line, []byte("\r\n"))
	if !ok || bytes.IndexByte(text, '\r') >= 0 {
		return nil, errBare
	}
	return text, nil
}

func (c *session) command(line string) {
	verb, rest, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	c.server.mu.Lock()
	c.server.seen = append(c.server.seen, verb)
	c.server.mu.Unlock()
	switch verb {
	case "EHLO", "HELO":
		c.greet(verb, rest)
	case "STARTTLS":
		c.startTLS()
	case "AUTH":
		c.auth(rest)
	case "MAIL":
		c.mail(rest)
	case "RCPT":
		c.rcpt(rest)
	case "DATA":
		c.data()
	case "RSET":
		if !c.strike(Reset) {
			c.reset()
			c.reply(250, "2.0.0 forgotten")
		}
	case "NOOP":
		c.reply(250, "2.0.0 still here")
	case "QUIT":
		if !c.strike(Quit) {
			c.reply(221, "2.0.0 goodbye")
			c.end()
		}
	default:
		c.reply(502, "5.5.1 no such command")
	}
}

func (c *session) reset() { c.from, c.to, c.eight, c.utf8 = nil, nil, false, false }

func (c *session) greet(verb, name string) {
	switch {
	case c.strike(Hello):
		return
	case name == "" || strings.ContainsAny(name, " <>"):
		c.reply(501, "5.5.4 say your name")
		return
	}
	c.hello = true
	c.reset()
	if verb == "HELO" {
		c.reply(250, "mail.example")
		return
	}
	lines := []string{"mail.example", "8BITMIME", "ENHANCEDSTATUSCODES", "SIZE " + strconv.Itoa(c.server.maxSize)}
	if !c.server.noTLS && !c.tls {
		lines = append(lines, "STARTTLS")
	}
	if !c.server.noAuth {
		lines = append(lines, "AUTH PLAIN LOGIN")
	}
	if c.server.utf8 {
		lines = append(lines, "SMTPUTF8")
	}
	c.reply(250, lines...)
}

func (c *session) startTLS() {
	switch {
	case c.strike(TLS):
	case c.server.noTLS || c.tls:
		c.reply(502, "5.5.1 no encryption here")
	case c.reader.Buffered() > 0:
		c.reply(501, "5.5.1 nothing may follow STARTTLS")
		c.end()
	default:
		c.reply(220, "2.0.0 go on")
		c.hello, c.user = false, ""
		c.reset()
		c.encrypt()
	}
}

func (c *session) auth(rest string) {
	mechanism, first, _ := strings.Cut(rest, " ")
	switch {
	case c.strike(Auth):
		return
	case c.server.noAuth || !c.hello || c.user != "" || c.from != nil:
		c.reply(503, "5.5.1 not now")
		return
	}
	var user, password string
	var ok bool
	switch strings.ToUpper(mechanism) {
	case "PLAIN":
		answer, good := c.decode(first, "")
		parts := strings.Split(answer, "\x00")
		if ok = good && len(parts) == 3; ok {
			user, password = parts[1], parts[2]
		}
	case "LOGIN":
		if user, ok = c.decode(first, "Username:"); ok {
			password, ok = c.decode("", "Password:")
		}
	default:
		c.reply(504, "5.5.4 unknown mechanism")
		return
	}
	switch {
	case !ok:
		c.reply(501, "5.5.2 cannot read that")
	case user != User || password != Password:
		c.reply(535, "5.7.8 "+user+" may not come in with that password") // as unwise servers do
	default:
		c.user = user
		c.reply(235, "2.7.0 welcome")
	}
}

// decode reads a base64 answer: the one given, or the one to a question.
func (c *session) decode(given, question string) (string, bool) {
	if given == "" {
		c.reply(334, base64.StdEncoding.EncodeToString([]byte(question)))
		line, err := c.line(maxCommand)
		if err != nil {
			return "", false
		}
		given = string(line)
	}
	text, err := base64.StdEncoding.DecodeString(given)
	return string(text), err == nil
}

func (c *session) mail(rest string) {
	path, params, ok := parsePath("FROM:", rest)
	switch {
	case c.strike(Sender):
		return
	case !c.hello:
		c.reply(503, "5.5.1 say EHLO first")
		return
	case !c.server.noAuth && c.user == "":
		c.reply(530, "5.7.0 sign in first")
		return
	case c.from != nil:
		c.reply(503, "5.5.1 one message at a time")
		return
	case !ok:
		c.reply(501, "5.5.4 that is no path")
		return
	}
	for _, p := range params {
		key, value, _ := strings.Cut(strings.ToUpper(p), "=")
		size, err := strconv.Atoi(value)
		switch {
		case key == "BODY" && (value == "8BITMIME" || value == "7BIT"):
			c.eight = value == "8BITMIME"
		case key == "SMTPUTF8" && c.server.utf8:
			c.utf8 = true
		case key == "SIZE" && err == nil && size > c.server.maxSize:
			c.reply(552, "5.3.4 the message is too large")
			return
		case key == "SIZE" && err == nil:
		default:
			c.reply(555, "5.5.4 unknown parameter")
			return
		}
	}
	if !c.utf8 && !isASCII(path) {
		c.reset()
		c.reply(553, "5.6.7 the address is not ASCII")
		return
	}
	c.from = &path
	c.reply(250, "2.1.0 good")
}

func (c *session) rcpt(rest string) {
	path, params, ok := parsePath("TO:", rest)
	switch {
	case c.strike(Rcpt):
	case c.from == nil:
		c.reply(503, "5.5.1 say MAIL first")
	case !ok || path == "" || len(params) > 0:
		c.reply(501, "5.5.4 that is no path")
	case !c.utf8 && !isASCII(path):
		c.reply(553, "5.6.7 the address is not ASCII")
	case len(c.to) >= 100:
		c.reply(452, "4.5.3 too many")
	default:
		c.to = append(c.to, path)
		c.reply(250, "2.1.5 good")
	}
}

func (c *session) data() {
	switch {
	case c.strike(Data):
		return
	case c.from == nil || len(c.to) == 0:
		c.reply(503, "5.5.1 say MAIL and RCPT first")
		return
	}
	c.reply(354, "end with a point on a line of its own")
	text, refusal := c.body()
	if c.over {
		return
	}
	if refusal == nil && c.strike(End) {
		c.reset()
		return
	}
	m := Message{From: *c.from, To: c.to, User: c.user, TLS: c.tls, UTF8: c.utf8, Raw: text, At: time.Now()}
	if refusal == nil {
		refusal = m.parse(c.eight, c.utf8)
	}
	c.reset()
	if refusal != nil {
		c.reply(554, "5.6.0 "+refusal.Error())
		return
	}
	c.server.keep(m)
	if !c.strike(Kept) {
		c.reply(250, "2.0.0 taken")
	}
}

// body reads up to the point. What breaks a rule is read to its end all the same, so that the refusal finds a listener;
// a bare LF or CR ends the connection, as nobody knows then where the text ends.
func (c *session) body() (text []byte, refusal error) {
	for n := 0; ; n++ {
		if n == 1 && c.strike(Body) {
			return nil, nil
		}
		line, err := c.line(1 << 20)
		switch {
		case errors.Is(err, errBare), errors.Is(err, errLong):
			c.reply(554, err.Error())
			c.end()
			return nil, nil
		case err != nil:
			c.end()
			return nil, nil
		case string(line) == ".":
			return text, refusal
		case len(line) > 998:
			refusal = errors.New("a line is longer than 998 bytes")
		}
		line = bytes.TrimPrefix(line, []byte("."))
		if len(text)+len(line)+2 > c.server.maxSize {
			refusal = errors.New("the message is too large")
			continue
		}
		text = append(append(text, line...), '\r', '\n')
	}
}

// parsePath reads "FROM:<a@b> KEY=VALUE".
func parsePath(prefix, s string) (path string, params []string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", nil, false
	}
	path, rest, found := strings.Cut(s[len(prefix):], ">")
	path, opened := strings.CutPrefix(path, "<")
	if !found || !opened || strings.ContainsAny(path, " <") || path != "" && !strings.Contains(path, "@") || !utf8.ValidString(path) {
		return "", nil, false
	}
	return path, strings.Fields(rest), true
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
