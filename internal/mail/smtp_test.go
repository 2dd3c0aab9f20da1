package mail_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/mail/mailtest"
)

func letter() mail.Message {
	return mail.Message{
		ID: "7f3c", Kind: mail.Test, Language: "fr", To: "camille@client.example", ToName: "Camille Durand, de l’Atelier",
		Subject: "Réglages : l’envoi d’e-mails fonctionne, et cette ligne est assez longue pour être coupée en plusieurs mots",
		Text:    "Bonjour,\n.\n..\nune ligne " + strings.Repeat("très ", 300) + "longue\n",
		HTML:    "<p>Bonjour, ça marche</p>\n",
	}
}

func transport(t *testing.T, url string, s *mailtest.Server) *mail.SMTP {
	t.Helper()
	c, err := mail.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c.Roots, c.Timeout = s.Roots(), 5*time.Second
	smtp, err := mail.NewSMTP(c)
	if err != nil {
		t.Fatal(err)
	}
	return smtp
}

func TestSend(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		options []mailtest.Option
		secure  bool
		user    string
		verbs   []string
	}{
		{"plain", nil, false, mailtest.User, []string{"EHLO", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "QUIT"}},
		{"starttls", nil, true, mailtest.User, []string{"EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "QUIT"}},
		{"implicit", []mailtest.Option{mailtest.Implicit()}, true, mailtest.User, []string{"EHLO", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "QUIT"}},
		{"no user", []mailtest.Option{mailtest.WithoutAuth()}, false, "", []string{"EHLO", "MAIL", "RCPT", "DATA", "RSET", "QUIT"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, tt.options...)
			url := s.URL()
			if tt.secure {
				url = s.SecureURL()
			}
			m := letter()
			m.Attachments = []mail.Attachment{{Name: "été.pdf", Type: "application/pdf", Data: []byte("%PDF\n\x00\xff")}}
			if err := transport(t, url, s).Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			list, err := s.Wait(1)
			if err != nil {
				t.Fatal(err)
			}
			checkLetter(t, list[0], m)
			if list[0].TLS != tt.secure || list[0].User != tt.user {
				t.Errorf("TLS %v, user %q", list[0].TLS, list[0].User)
			}
			if got := s.Verbs(); !slices.Equal(got, tt.verbs) {
				t.Errorf("said %v, want %v", got, tt.verbs)
			}
		})
	}
}

func checkLetter(t *testing.T, got mailtest.Message, sent mail.Message) {
	t.Helper()
	for _, c := range []struct{ what, got, want string }{
		{"envelope from", got.From, "foyer@mail.example"},
		{"envelope to", strings.Join(got.To, " "), sent.To},
		{"subject", got.Subject, sent.Subject},
		{"text", got.Text, sent.Text},
		{"HTML", got.HTML, sent.HTML},
		{"Auto-Submitted", got.Header.Get("Auto-Submitted"), "auto-generated"},
		{"Content-Language", got.Header.Get("Content-Language"), "fr"},
		{"X-Mailer", got.Header.Get("X-Mailer") + got.Header.Get("User-Agent"), ""},
		{"lists", got.Header.Get("List-Unsubscribe") + got.Header.Get("List-Id") + got.Header.Get("Precedence"), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", c.what, c.got, c.want)
		}
	}
	to, err := got.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Name != sent.ToName || to[0].Address != sent.To {
		t.Errorf("To is %v (%v)", to, err)
	}
	if from, err := got.Header.AddressList("From"); err != nil || from[0].String() != `"Foyer" <foyer@mail.example>` {
		t.Errorf("From is %v (%v)", from, err)
	}
	if !strings.HasSuffix(got.Header.Get("Message-Id"), "@mail.example>") || strings.Contains(got.Header.Get("Message-Id"), sent.ID) {
		t.Errorf("Message-ID is %s", got.Header.Get("Message-Id"))
	}
	if len(got.Files) != 1 || got.Files[0].Name != "été.pdf" || string(got.Files[0].Data) != "%PDF\n\x00\xff" || got.Files[0].Type != "application/pdf" {
		t.Errorf("files are %+v", got.Files)
	}
}

// TestHeaderInjection shows that no field can end a header line.
func TestHeaderInjection(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	smtp := transport(t, s.URL(), s)
	fields := map[string]func(*mail.Message, string){
		"ID":              func(m *mail.Message, s string) { m.ID += s },
		"Kind":            func(m *mail.Message, s string) { m.Kind += mail.Kind(s) },
		"Language":        func(m *mail.Message, s string) { m.Language += s },
		"To":              func(m *mail.Message, s string) { m.To = "a" + s + "@client.example" },
		"ToName":          func(m *mail.Message, s string) { m.ToName += s },
		"From":            func(m *mail.Message, s string) { m.From = "foyer@mail.example" + s },
		"FromName":        func(m *mail.Message, s string) { m.FromName += s },
		"Subject":         func(m *mail.Message, s string) { m.Subject += s },
		"Attachment.Name": func(m *mail.Message, s string) { m.Attachments = []mail.Attachment{{Name: "a" + s}} },
		"Attachment.Type": func(m *mail.Message, s string) {
			m.Attachments = []mail.Attachment{{Name: "a", Type: "text/plain" + s}}
		},
	}
	for name, set := range fields {
		for _, evil := range []string{"\r\nBcc: all@client.example", "\nX: y", "\r", "\x00", "\x7f", "\u0085", "\u2028", "\xff"} {
			m := letter()
			set(&m, evil)
			err := smtp.Send(t.Context(), m)
			var permanent *mail.PermanentError
			if !errors.As(err, &permanent) || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), evil) {
				t.Errorf("%s with %q: %v", name, evil, err)
			}
		}
	}
	if len(s.Verbs()) > 0 {
		t.Errorf("the server was asked: %v", s.Verbs())
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	smtp := transport(t, s.URL(), s)
	for _, to := range []string{
		"", "a", "@b.example", "a@", "a@b@c.example", "A <a@b.example>", "<a@b.example>", "a@b.example, c@d.example",
		"a@b..example", "a b@c.example", "é@client.example", strings.Repeat("a", 255) + "@b.example", "a@[127.0.0.1]",
	} {
		m := letter()
		m.To = to
		err := smtp.Send(t.Context(), m)
		var permanent *mail.PermanentError
		if !errors.As(err, &permanent) || to != "" && len(to) > 3 && strings.Contains(err.Error(), to) {
			t.Errorf("%q: %v", to, err)
		}
	}
	m := letter()
	m.To, m.From, m.FromName = "camille@café.example", "atelier@mail.example", "Atelier Lisière"
	if err := smtp.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := s.Messages()
	if len(got) != 1 || got[0].To[0] != "camille@xn--caf-dma.example" || got[0].From != "atelier@mail.example" {
		t.Fatalf("got %+v", got)
	}
	if from, err := got[0].Header.AddressList("From"); err != nil || from[0].Name != "Atelier Lisière" {
		t.Errorf("From is %v (%v)", from, err)
	}
}

func TestInternationalAddress(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.WithUTF8())
	m := letter()
	m.To = "é@client.example"
	if err := transport(t, s.URL(), s).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := transport(t, s.URL(), s).Send(t.Context(), letter()); err != nil {
		t.Fatal(err)
	}
	got := s.Messages()
	if len(got) != 2 || got[0].To[0] != m.To || !got[0].UTF8 {
		t.Fatalf("got %+v", got)
	}
	if got[1].UTF8 {
		t.Error("SMTPUTF8 was asked for without need")
	}
}

func TestNoText(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	m := letter()
	m.Text, m.HTML = "", ""
	if err := transport(t, s.URL(), s).Send(t.Context(), m); err == nil {
		t.Error("a message without a text was sent")
	}
	for _, m := range []mail.Message{{To: "a@b.example", Subject: "s", Text: "t\n"}, {To: "a@b.example", Subject: "s", HTML: "<p>h</p>\n"}} {
		if err := transport(t, s.URL(), s).Send(t.Context(), m); err != nil {
			t.Error(err)
		}
	}
	got := s.Messages()
	if len(got) != 2 || got[0].Text != "t\n" || got[0].HTML != "" || got[1].HTML != "<p>h</p>\n" || got[1].Text != "" {
		t.Fatalf("got %+v", got)
	}
	if got[0].Header.Get("Message-Id") == got[1].Header.Get("Message-Id") {
		t.Error("two messages without an ID share a Message-ID")
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		fault     mailtest.Fault
		permanent bool
		step      mail.Step
		code      int
	}{
		{"greeting 421", mailtest.Fault{At: mailtest.Greeting, Code: 421}, false, mail.Connect, 421},
		{"greeting 554", mailtest.Fault{At: mailtest.Greeting, Code: 554}, false, mail.Connect, 554},
		{"greeting dropped", mailtest.Fault{At: mailtest.Greeting, Drop: true}, false, mail.Connect, 0},
		{"sign-in 535", mailtest.Fault{At: mailtest.Auth, Code: 535, Text: "5.7.8 no " + mailtest.User}, false, mail.SignIn, 535},
		{"sign-in 454", mailtest.Fault{At: mailtest.Auth, Code: 454}, false, mail.SignIn, 454},
		{"sender 530", mailtest.Fault{At: mailtest.Sender, Code: 530}, false, mail.SignIn, 530},
		{"sender 550", mailtest.Fault{At: mailtest.Sender, Code: 550}, true, mail.Sender, 550},
		{"recipient 450", mailtest.Fault{At: mailtest.Rcpt, Code: 450, Text: "4.2.1 camille@client.example is greylisted"}, false, mail.Recipient, 450},
		{"recipient 550", mailtest.Fault{At: mailtest.Rcpt, Code: 550, Text: "5.1.1 no camille@client.example here"}, true, mail.Recipient, 550},
		{"recipient dropped", mailtest.Fault{At: mailtest.Rcpt, Drop: true}, false, mail.Recipient, 0},
		{"data 421", mailtest.Fault{At: mailtest.Data, Code: 421}, false, mail.Content, 421},
		{"body dropped", mailtest.Fault{At: mailtest.Body, Drop: true}, false, mail.Content, 0},
		{"end 451", mailtest.Fault{At: mailtest.End, Code: 451}, false, mail.Content, 451},
		{"end 552", mailtest.Fault{At: mailtest.End, Code: 552}, true, mail.Content, 552},
		{"end dropped", mailtest.Fault{At: mailtest.End, Drop: true}, false, mail.Content, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t)
			s.Fail(tt.fault)
			smtp := transport(t, s.URL(), s)
			err := smtp.Send(t.Context(), letter())
			checkFailure(t, err, tt.permanent, tt.step, tt.code)
			if len(s.Messages()) != 0 {
				t.Error("the server kept the message")
			}
			checkClosed(t, s)
			if err := smtp.Send(t.Context(), letter()); err != nil {
				t.Errorf("second try: %v", err)
			}
		})
	}
}

// checkClosed: whatever happened, no connection stays behind.
func checkClosed(t *testing.T, s *mailtest.Server) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); s.Open() > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("%d connections stay open", s.Open())
			return
		}
	}
}

func checkFailure(t *testing.T, err error, permanent bool, step mail.Step, code int) {
	t.Helper()
	var p *mail.PermanentError
	var q *mail.TemporaryError
	switch {
	case permanent && errors.As(err, &p):
		if p.Step != step || p.Code != code {
			t.Errorf("step %q, code %d, want %q, %d", p.Step, p.Code, step, code)
		}
	case !permanent && errors.As(err, &q):
		if q.Step != step || q.Code != code {
			t.Errorf("step %q, code %d, want %q, %d (%v)", q.Step, q.Code, step, code, err)
		}
	default:
		t.Fatalf("error %v, permanent is %v", err, permanent)
	}
	for _, secret := range []string{"camille", mailtest.User, mailtest.Password} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error says %q: %v", secret, err)
		}
	}
}

// TestTakenIsTaken: what happens after the server took a message must not make it be sent again.
func TestTakenIsTaken(t *testing.T) {
	t.Parallel()
	for _, fault := range []mailtest.Fault{
		{At: mailtest.Reset, Drop: true}, {At: mailtest.Reset, Code: 502}, {At: mailtest.Quit, Drop: true}, {At: mailtest.Quit, Code: 421},
	} {
		s := mailtest.Start(t)
		s.Fail(fault)
		if err := transport(t, s.URL(), s).Send(t.Context(), letter()); err != nil {
			t.Errorf("%+v: %v", fault, err)
		}
		if len(s.Messages()) != 1 {
			t.Errorf("%+v: %d messages", fault, len(s.Messages()))
		}
	}
}

// TestSecondTry: the answer to a taken message is lost, and the second try can be told as the same message.
func TestSecondTry(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	s.Fail(mailtest.Fault{At: mailtest.Kept, Drop: true})
	smtp := transport(t, s.URL(), s)
	checkFailure(t, smtp.Send(t.Context(), letter()), false, mail.Content, 0)
	other := letter()
	other.ID = "another"
	for _, m := range []mail.Message{letter(), other} {
		if err := smtp.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, m := range s.Messages() {
		ids = append(ids, m.Header.Get("Message-Id"))
	}
	if len(ids) != 3 || ids[0] != ids[1] || ids[1] == ids[2] {
		t.Errorf("Message-IDs %v", ids)
	}
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	c, err := mail.ParseURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	c.Password = mail.NewSecret("wrong")
	smtp, err := mail.NewSMTP(c)
	if err != nil {
		t.Fatal(err)
	}
	checkFailure(t, smtp.Send(t.Context(), letter()), false, mail.SignIn, 535)
}

func TestEncryptionIsInsistedOn(t *testing.T) {
	t.Parallel()
	plain := mailtest.Start(t, mailtest.WithoutSTARTTLS())
	checkFailure(t, transport(t, plain.SecureURL(), plain).Send(t.Context(), letter()), false, mail.Secure, 0)
	for _, options := range [][]mailtest.Option{nil, {mailtest.Implicit()}} {
		stranger := mailtest.Start(t, options...)
		other := mailtest.Start(t)
		checkFailure(t, transport(t, stranger.SecureURL(), other).Send(t.Context(), letter()), false, mail.Secure, 0)
		if slices.Contains(stranger.Verbs(), "AUTH") {
			t.Error("a password was shown to a stranger")
		}
	}
	if slices.Contains(plain.Verbs(), "AUTH") {
		t.Error("a password was sent in the open")
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	s := mailtest.Start(t)
	checkFailure(t, transport(t, "smtp://"+addr+"?tls=none&from=foyer@mail.example", s).Send(t.Context(), letter()), false, mail.Connect, 0)
}

func TestSlowServer(t *testing.T) {
	t.Parallel()
	for _, at := range []mailtest.Step{mailtest.Greeting, mailtest.Auth, mailtest.Rcpt, mailtest.End} {
		s := mailtest.Start(t)
		s.Fail(mailtest.Fault{At: at, Delay: time.Minute})
		c, err := mail.ParseURL(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		c.Timeout = 200 * time.Millisecond
		smtp, err := mail.NewSMTP(c)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err = smtp.Send(t.Context(), letter())
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 10*time.Second {
			t.Errorf("%s: %v after %v", at, err, time.Since(start))
		}
	}
	s := mailtest.Start(t)
	s.Fail(mailtest.Fault{At: mailtest.Data, Delay: time.Minute})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if err := transport(t, s.URL(), s).Send(ctx, letter()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.MaxSize(20_000))
	m := letter()
	m.Attachments = []mail.Attachment{{Name: "a.bin", Data: make([]byte, 40_000)}}
	checkFailure(t, transport(t, s.URL(), s).Send(t.Context(), m), true, mail.Content, 554)
}

// TestAtOnce lets several goroutines use one transport.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	smtp := transport(t, s.SecureURL(), s)
	errs := make(chan error, 8)
	for i := range cap(errs) {
		go func() {
			m := letter()
			m.ID = fmt.Sprint(i)
			errs <- smtp.Send(t.Context(), m)
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if list, err := s.Wait(cap(errs)); err != nil || len(list) != cap(errs) {
		t.Errorf("%d messages, %v", len(list), err)
	}
}

func TestNothingPrintsAMessage(t *testing.T) {
	t.Parallel()
	m := letter()
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("sent", "message", m, "list", []mail.Message{m})
	fmt.Fprintf(&b, "%v %+v %#v %s", m, m, m, &m)
	for _, secret := range []string{m.To, "Camille", "Bonjour", "Réglages"} {
		if strings.Contains(b.String(), secret) {
			t.Errorf("printed %q: %s", secret, b.String())
		}
	}
	if !strings.Contains(b.String(), m.ID) {
		t.Errorf("the ID is missing: %s", b.String())
	}
}
