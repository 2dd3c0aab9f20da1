package mail_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/mail"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		raw, server, user, password, from, name string
		tls                                     mail.TLS
		timeout                                 time.Duration
	}{
		{"smtps://user:pass@mail.example:465?from=Foyer%20%3Cfoyer@example.com%3E", "smtps://mail.example:465", "user", "pass", "foyer@example.com", "Foyer", mail.Implicit, 0},
		{"smtps://mail.example", "smtps://mail.example:465", "", "", "", "", mail.Implicit, 0},
		{"smtp://foyer%40example.com:a%2Fb%23c%40d@mail.example", "smtp://mail.example:587", "foyer@example.com", "a/b#c@d", "", "", mail.StartTLS, 0},
		{"smtp://mail.example:2525?tls=starttls&timeout=90s", "smtp://mail.example:2525", "", "", "", "", mail.StartTLS, 90 * time.Second},
		{"smtp://mail.example:465?tls=implicit", "smtps://mail.example:465", "", "", "", "", mail.Implicit, 0},
		{"smtp://localhost:1025?tls=none&from=a@b.example", "smtp://localhost:1025", "", "", "a@b.example", "", mail.NoTLS, 0},
		{"smtp://[::1]:1025/?tls=none", "smtp://[::1]:1025", "", "", "", "", mail.NoTLS, 0},
	} {
		c, err := mail.ParseURL(tt.raw)
		if err != nil {
			t.Errorf("%s: %v", tt.raw, err)
			continue
		}
		if c.String() != tt.server || c.User != tt.user || c.Password.Reveal() != tt.password || c.From != tt.from || c.FromName != tt.name || c.TLS != tt.tls || c.Timeout != tt.timeout {
			t.Errorf("%s: got %v user %q password %q from %q %q tls %v timeout %v", tt.raw, c, c.User, c.Password.Reveal(), c.FromName, c.From, c.TLS, c.Timeout)
		}
	}
}

func TestParseURLRefuses(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", "mail.example", "smtp://", "https://u:s3cret@mail.example", "smtp://u:s3cret@mail.example/path", "smtp://u:s3cret#x@mail.example",
		"smtp://u:s3cret/x@mail.example", "smtp://u:s3c%zzret@mail.example", "smtp://u:s3cret@mail.example:0", "smtp://u:s3cret@mail.example:70000",
		"smtp://u:s3cret@mail.example:x", "smtp://u:s3cret@mail.example?tls=s3cret", "smtp://u:s3cret@mail.example?password=s3cret",
		"smtp://u:s3cret@mail.example?from=s3cret", "smtp://u:s3cret@mail.example?timeout=-1s", "smtp://u:s3cret@mail.example?tls=none",
		"smtp://u:s3cret@127.0.0.1.mail.example?tls=none", "smtps://u:s3cret@mail.example?tls=starttls", "smtps://u:s3cret@localhost?tls=none",
		"smtp://u:s3cret@mail.example?from=a@b.example;tls=none", "smtp://u:s3cret\n@mail.example",
	} {
		_, err := mail.ParseURL(raw)
		if err == nil {
			t.Errorf("%s was accepted", raw)
		} else if strings.Contains(err.Error(), "s3c") || strings.Contains(err.Error(), "%!") {
			t.Errorf("%s: the error repeats it: %v", raw, err)
		}
	}
}

func TestNewSMTPRefuses(t *testing.T) {
	t.Parallel()
	good := mail.Config{Host: "mail.example", From: "foyer@example.com"}
	if _, err := mail.NewSMTP(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*mail.Config){
		"host":    func(c *mail.Config) { c.Host = "" },
		"no from": func(c *mail.Config) { c.From = "" },
		"from":    func(c *mail.Config) { c.From = "Foyer <foyer@example.com>" },
		"tls":     func(c *mail.Config) { c.TLS = 7 },
		"plain":   func(c *mail.Config) { c.TLS = mail.NoTLS },
		"port":    func(c *mail.Config) { c.Port = -1 },
		"timeout": func(c *mail.Config) { c.Timeout = -1 },
	} {
		c := good
		spoil(&c)
		if _, err := mail.NewSMTP(c); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestWithFrom(t *testing.T) {
	t.Parallel()
	c, err := mail.Config{}.WithFrom("Atelier Lisière <a@b.example>")
	if err != nil || c.From != "a@b.example" || c.FromName != "Atelier Lisière" {
		t.Errorf("%q %q %v", c.From, c.FromName, err)
	}
	if _, err := (mail.Config{}).WithFrom("nonsense"); err == nil || strings.Contains(err.Error(), "nonsense") {
		t.Errorf("error %v", err)
	}
}

func TestNothingPrintsThePassword(t *testing.T) {
	t.Parallel()
	c, err := mail.ParseURL("smtp://u%40b.example:s3cret@mail.example?from=foyer@example.com")
	if err != nil {
		t.Fatal(err)
	}
	smtp, err := mail.NewSMTP(c)
	if err != nil {
		t.Fatal(err)
	}
	type settings struct{ mail mail.Config } // unexported: print does not call String
	var b strings.Builder
	for _, v := range []any{c, &c, smtp, *smtp, c.Password, settings{c}, &settings{c}, []mail.Config{c}, struct{ Mail mail.Config }{c}} {
		fmt.Fprintf(&b, "%v %+v %#v %s %q\n", v, v, v, v, v)
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
		if data, err := json.Marshal(v); err == nil {
			b.Write(data)
		}
	}
	if direct := fmt.Sprintf("%v %+v %#v %s %v %#v", c, c, c, &c, smtp, smtp); strings.Contains(direct, "b.example") {
		t.Errorf("the user is printed: %s", direct)
	}
	if strings.Contains(b.String(), "s3cret") {
		t.Errorf("printed: %s", b.String())
	}
	if !strings.Contains(b.String(), "smtp://mail.example:587") {
		t.Errorf("the server is not named: %s", b.String())
	}
}
