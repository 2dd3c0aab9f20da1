package mail

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// TLS is how the connection to the server is protected. The zero value is StartTLS.
type TLS uint8

// The ways to protect a connection.
const (
	StartTLS TLS = iota // begins plain and must be encrypted before anything is said
	Implicit            // encrypted from the first byte
	NoTLS               // plain; on this machine only
)

var tlsNames = [...]string{StartTLS: "starttls", Implicit: "implicit", NoTLS: "none"}

// String is the name that the setting uses: "starttls", "implicit" or "none".
func (t TLS) String() string { return tlsNames[min(t, NoTLS)] }

// Secret is a text that no print shows. The zero value is empty.
type Secret struct{ text *string }

// NewSecret hides a text.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String hides the text.
func (s Secret) String() string { return "(hidden)" }

// GoString hides the text.
func (s Secret) GoString() string { return "(hidden)" }

// LogValue hides the text.
func (s Secret) LogValue() slog.Value { return slog.StringValue("(hidden)") }

// MarshalText hides the text.
func (s Secret) MarshalText() ([]byte, error) { return []byte("(hidden)"), nil }

// DefaultTimeout is how long sending one message may take.
const DefaultTimeout = time.Minute

// Config says which server takes Foyer's mail, and who sends it.
type Config struct {
	Host     string
	Port     int    // 0: 465 for Implicit, else 587
	User     string // empty: without signing in
	Password Secret
	TLS      TLS
	From     string // a bare address; needed
	FromName string
	Timeout  time.Duration  // for one message; 0: DefaultTimeout
	Roots    *x509.CertPool // whom to believe who the server is; nil: the system's list
}

// String is the server's address without user and password.
func (c Config) String() string {
	scheme := "smtp"
	if c.TLS == Implicit {
		scheme = "smtps"
	}
	return scheme + "://" + c.addr()
}

// GoString is String.
func (c Config) GoString() string { return c.String() }

// LogValue is what a log may know of the setting.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(slog.String("server", c.addr()), slog.String("tls", c.TLS.String()))
}

func (c Config) addr() string { return net.JoinHostPort(c.Host, strconv.Itoa(c.port())) }

func (c Config) port() int {
	switch {
	case c.Port != 0:
		return c.Port
	case c.TLS == Implicit:
		return 465
	}
	return 587
}

// WithFrom sets the sender from "Foyer <foyer@example.com>" or a bare address. The error does not repeat it.
func (c Config) WithFrom(from string) (Config, error) {
	a, err := mail.ParseAddress(from)
	if err != nil {
		return c, errors.New("mail: the sender is not an address such as Foyer <foyer@example.com>")
	}
	c.From, c.FromName = a.Address, a.Name
	return c, nil
}

// ParseURL reads smtps://user:password@host:465?from=Foyer%20%3Cfoyer@example.com%3E. smtp:// begins plain and insists on
// STARTTLS; tls=none leaves encryption out and is for a server on this machine. timeout=30s bounds one message. No error
// repeats a part of the text, which holds a password.
func ParseURL(raw string) (Config, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return Config{}, errors.New("mail: the server is not an address such as smtps://user:password@host:465; " +
			"in the password, write special characters as %XX")
	}
	c := Config{Host: u.Hostname()}
	switch u.Scheme {
	case "smtps":
		c.TLS = Implicit
	case "smtp":
	default:
		return Config{}, errors.New("mail: the server's address starts with smtps:// or smtp://")
	}
	if u.Path != "" && u.Path != "/" || u.Fragment != "" {
		return Config{}, errors.New("mail: nothing but ? follows host and port; in the password, write / and # as %2F and %23")
	}
	if port := u.Port(); port != "" {
		if c.Port, err = strconv.Atoi(port); err != nil || c.Port < 1 || c.Port > 65535 {
			return Config{}, errors.New("mail: the port is a number from 1 to 65535")
		}
	}
	if u.User != nil {
		password, _ := u.User.Password()
		c.User, c.Password = u.User.Username(), NewSecret(password)
	}
	return c.withQuery(u)
}

func (c Config) withQuery(u *url.URL) (Config, error) {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Config{}, errors.New("mail: what follows ? is not written as key=value&key=value")
	}
	for key, values := range query {
		value := values[len(values)-1]
		switch key {
		case "from":
			c, err = c.WithFrom(value)
		case "tls":
			c, err = c.withTLS(u.Scheme, value)
		case "timeout":
			if c.Timeout, err = time.ParseDuration(value); err != nil || c.Timeout <= 0 {
				err = errors.New("mail: timeout is a duration such as 30s")
			}
		default:
			err = errors.New("mail: after ? there may be from, tls and timeout")
		}
		if err != nil {
			return Config{}, err
		}
	}
	return c, c.checkTLS()
}

func (c Config) withTLS(scheme, name string) (Config, error) {
	i := slices.Index(tlsNames[:], name)
	switch {
	case i < 0:
		return c, errors.New("mail: tls is starttls, implicit or none")
	case scheme == "smtps" && TLS(i) != Implicit:
		return c, fmt.Errorf("mail: smtps:// is always encrypted: leave tls out, or write smtp://")
	}
	c.TLS = TLS(i)
	return c, nil
}

// checkTLS keeps a password and people's addresses from crossing a network in the open.
func (c Config) checkTLS() error {
	if c.TLS == NoTLS && !slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, c.Host) {
		return errors.New("mail: tls=none is for a server on this machine only (localhost, 127.0.0.1 or ::1)")
	}
	return nil
}

func (c Config) check() error {
	switch {
	case c.Host == "":
		return errors.New("mail: the server has no name")
	case c.From == "":
		return errors.New("mail: the sender's address is missing")
	case c.TLS > NoTLS || c.Port < 0 || c.Port > 65535 || c.Timeout < 0:
		return errors.New("mail: TLS, port or timeout is out of range")
	}
	return c.checkTLS()
}
