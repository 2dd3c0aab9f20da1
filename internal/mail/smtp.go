package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
)

// SMTP hands messages to one server, over a new connection each.
type SMTP struct{ config Config }

// NewSMTP checks the setting; it does not connect.
func NewSMTP(c Config) (*SMTP, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	from, err := address("From", c.From)
	if err != nil {
		return nil, fmt.Errorf("mail: sender: %w", err)
	}
	c.From = from
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	return &SMTP{config: c}, nil
}

// String is the server's address without user and password.
func (s *SMTP) String() string { return s.config.String() }

// GoString is String.
func (s *SMTP) GoString() string { return s.String() }

// LogValue is what a log may know of the transport.
func (s *SMTP) LogValue() slog.Value { return s.config.LogValue() }

// Send returns nil when the server has taken the message. Otherwise the error is a *PermanentError or a *TemporaryError.
// A connection that breaks after the last byte leaves open whether the message was taken: that is temporary, and the
// second try has the same Message-ID.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := s.compose(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	line := &line{config: s.config, ctx: ctx}
	defer line.close()
	client, err := gomail.NewClient(s.config.Host, s.options(line, ascii(msg))...)
	if err != nil {
		return &TemporaryError{Step: Connect, cause: err}
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return connectError(ctx, err)
	}
	// The library reports an error too when the server took the message and then broke the connection.
	if err := client.SendWithSMTPClient(conn, msg); err != nil && !msg.IsDelivered() {
		return sendError(ctx, err)
	}
	_ = conn.Quit() // a courtesy: the message is taken already
	return nil
}

func (s *SMTP) options(l *line, ascii bool) []gomail.Option {
	c := s.config
	options := []gomail.Option{
		gomail.WithPort(c.port()), gomail.WithTLSConfig(c.tlsConfig()), gomail.WithDialContextFunc(l.dial), gomail.WithoutNoop(),
		gomail.WithTimeout(c.Timeout + time.Minute), // the context ends first, and says why
	}
	switch c.TLS {
	case Implicit:
		options = append(options, gomail.WithSSL())
	case NoTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if c.User != "" {
		options = append(options, gomail.WithUsername(c.User), gomail.WithPassword(c.Password.Reveal()),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	if ascii { // asking for SMTPUTF8 without need makes older servers further on refuse the message
		options = append(options, gomail.WithoutSMTPUTF8())
	}
	return options
}

func (c Config) tlsConfig() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.Host, RootCAs: c.Roots}
}

// compose makes the library's message of ours.
func (s *SMTP) compose(m Message) (*gomail.Msg, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	from := mail.Address{Name: m.FromName, Address: s.config.From}
	if from.Name == "" {
		from.Name = s.config.FromName
	}
	var err error
	if m.From != "" {
		if from.Address, err = address("From", m.From); err != nil {
			return nil, err
		}
	}
	to, err := address("To", m.To)
	if err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&from)
	msg.ToMailAddress(&mail.Address{Name: m.ToName, Address: to})
	msg.Subject(m.Subject)
	msg.SetDate()
	msg.SetMessageIDWithValue(messageID(m.ID, from.Address))
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All") // no "I am on holiday" in return
	if m.Language != "" {
		msg.SetGenHeader("Content-Language", m.Language)
	}
	return msg, addBody(msg, m)
}

func addBody(msg *gomail.Msg, m Message) error {
	switch {
	case m.Text == "":
		msg.SetBodyString(gomail.TypeTextHTML, m.HTML)
	case m.HTML == "":
		msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	default:
		msg.SetBodyString(gomail.TypeTextPlain, m.Text)
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, a := range m.Attachments {
		var options []gomail.FileOption
		if a.Type != "" {
			options = append(options, gomail.WithFileContentType(gomail.ContentType(a.Type)))
		}
		if err := msg.AttachReader(a.Name, bytes.NewReader(a.Data), options...); err != nil {
			return &PermanentError{Step: Compose, Reason: "an attachment cannot be read"}
		}
	}
	return nil
}

func ascii(msg *gomail.Msg) bool {
	for _, a := range append(msg.GetFrom(), msg.GetTo()...) {
		if strings.ContainsFunc(a.Address, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return false
		}
	}
	return true
}

// line is the connection of one message. The library forgets it when it fails, and the context once it stands.
type line struct {
	config Config
	ctx    context.Context //nolint:containedctx // it lives exactly as long as one call of Send
	conn   net.Conn
	stop   func() bool
}

func (l *line) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	var err error
	if l.config.TLS == Implicit {
		d := tls.Dialer{Config: l.config.tlsConfig()}
		l.conn, err = d.DialContext(ctx, network, l.config.addr())
	} else {
		var d net.Dialer
		l.conn, err = d.DialContext(ctx, network, l.config.addr())
	}
	if err != nil {
		l.conn = nil
		return nil, err
	}
	conn := l.conn
	l.stop = context.AfterFunc(l.ctx, func() { _ = conn.Close() })
	return conn, nil
}

func (l *line) close() {
	if l.conn != nil {
		l.stop()
		_ = l.conn.Close()
	}
}

// connectError classifies what happened before the message was mentioned: never the message's fault.
func connectError(ctx context.Context, err error) error {
	step := Connect
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case strings.Contains(err.Error(), "AUTH"):
		step = SignIn
	case errors.As(err, &certificate), errors.As(err, &record), strings.Contains(err.Error(), "STARTTLS"):
		step = Secure
	}
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return &TemporaryError{Step: step, Code: reply.Code}
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return &TemporaryError{Step: step, cause: err}
}

// sendError classifies the server's judgement of the message.
func sendError(ctx context.Context, err error) error {
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return &TemporaryError{Step: Connect, cause: ctx.Err()}
	}
	step := Content
	switch failed.Reason {
	case gomail.ErrSMTPMailFrom:
		step = Sender
	case gomail.ErrSMTPRcptTo:
		step = Recipient
	case gomail.ErrConnCheck:
		step = Connect
	}
	code := failed.ErrorCode()
	switch code {
	case 530, 534, 535, 538: // about signing in, whenever the server thinks of it
		return &TemporaryError{Step: SignIn, Code: code, Enhanced: failed.EnhancedStatusCode()}
	}
	switch {
	case code >= 500 && code <= 599:
		return &PermanentError{Step: step, Code: code, Enhanced: failed.EnhancedStatusCode()}
	case code != 0:
		return &TemporaryError{Step: step, Code: code, Enhanced: failed.EnhancedStatusCode()}
	case ctx.Err() != nil:
		return &TemporaryError{Step: step, cause: ctx.Err()}
	}
	return &TemporaryError{Step: step, cause: errBroken}
}

var errBroken = errors.New("the connection broke")
