package mailtest_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/mail/mailtest"
)

// talk says lines as they are and returns the last line of the answer to each.
func talk(t *testing.T, s *mailtest.Server, lines ...string) []string {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	r := bufio.NewReader(conn)
	answers := []string{answer(r)}
	for _, line := range lines {
		if _, err := fmt.Fprint(conn, line); err != nil {
			return append(answers, "gone")
		}
		answers = append(answers, answer(r))
	}
	return answers
}

func answer(r *bufio.Reader) string {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "gone"
		}
		if len(line) > 3 && line[3] == ' ' {
			return strings.TrimSpace(line)
		}
	}
}

const letter = "From: a@b.example\r\nTo: c@d.example\r\nSubject: =?UTF-8?q?=C3=A9t=C3=A9?=\r\nDate: Mon, 05 Oct 2026 07:40:00 +0200\r\n" +
	"Message-ID: <1@b.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n"

func TestStrictness(t *testing.T) {
	t.Parallel()
	start := []string{"EHLO me\r\n", "MAIL FROM:<a@b.example>\r\n", "RCPT TO:<c@d.example>\r\n", "DATA\r\n"}
	for _, tt := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"good", append(start, letter+"..hello\r\n.\r\n"), "250"},
		{"bare LF in a command", []string{"EHLO me\n"}, "500"},
		{"bare CR in a command", []string{"EHLO m\re\r\n"}, "500"},
		{"long command", []string{"NOOP " + strings.Repeat("x", 5000) + "\r\n"}, "500"},
		{"unknown command", []string{"TURN\r\n"}, "502"},
		{"no name", []string{"EHLO\r\n"}, "501"},
		{"MAIL before EHLO", []string{"MAIL FROM:<a@b.example>\r\n"}, "503"},
		{"RCPT before MAIL", []string{"EHLO me\r\n", "RCPT TO:<a@b.example>\r\n"}, "503"},
		{"DATA before RCPT", []string{"EHLO me\r\n", "MAIL FROM:<>\r\n", "DATA\r\n"}, "503"},
		{"MAIL twice", []string{"EHLO me\r\n", "MAIL FROM:<>\r\n", "MAIL FROM:<>\r\n"}, "503"},
		{"no path", []string{"EHLO me\r\n", "MAIL FROM: a@b.example\r\n"}, "501"},
		{"unknown parameter", []string{"EHLO me\r\n", "MAIL FROM:<a@b.example> X=1\r\n"}, "555"},
		{"announced size", []string{"EHLO me\r\n", "MAIL FROM:<a@b.example> SIZE=99999\r\n"}, "552"},
		{"address not ASCII", []string{"EHLO me\r\n", "MAIL FROM:<é@b.example>\r\n"}, "553"},
		{"bare LF in the text", append(start, letter+"a\nb\r\n.\r\n"), "554"},
		{"smuggled end", append(start, letter+"a\n.\r\nMAIL FROM:<x@y.example>\r\n"), "554"},
		{"long line", append(start, letter+strings.Repeat("x", 999)+"\r\n.\r\n"), "554"},
		{"too large", append(start, letter+strings.Repeat("x\r\n", 9000)+".\r\n"), "554"},
		{"8 bits unannounced", append(start, letter+"é\r\n.\r\n"), "554"},
		{"header not ASCII", append(start, "X: é\r\n"+letter+".\r\n"), "554"},
		{"two subjects", append(start, "Subject: a\r\n"+letter+".\r\n"), "554"},
		{"no header", append(start, "hello\r\n.\r\n"), "554"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, mailtest.WithoutAuth(), mailtest.MaxSize(20_000))
			answers := talk(t, s, tt.lines...)
			if got := answers[len(answers)-1]; !strings.HasPrefix(got, tt.want) {
				t.Errorf("answer %q, want %s", got, tt.want)
			}
			list := s.Messages()
			if (len(list) == 1) != (tt.want == "250") {
				t.Fatalf("%d messages", len(list))
			}
			if len(list) == 1 && (list[0].Text != ".hello\n" || list[0].Subject != "été" || list[0].From != "a@b.example") {
				t.Errorf("kept %+v", list[0])
			}
		})
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) + "\r\n" }
	for _, tt := range []struct {
		name, want string
		lines      []string
	}{
		{"plain", "235", []string{"AUTH PLAIN " + encode("\x00"+mailtest.User+"\x00"+mailtest.Password)}},
		{"login", "235", []string{"AUTH LOGIN\r\n", encode(mailtest.User), encode(mailtest.Password)}},
		{"wrong", "535", []string{"AUTH PLAIN " + encode("\x00"+mailtest.User+"\x00nothing")}},
		{"not base64", "501", []string{"AUTH PLAIN %%%\r\n"}},
		{"other mechanism", "504", []string{"AUTH NTLM\r\n"}},
		{"without", "530", []string{"MAIL FROM:<a@b.example>\r\n"}},
	} {
		answers := talk(t, s, append([]string{"EHLO me\r\n"}, tt.lines...)...)
		if got := answers[len(answers)-1]; !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: answer %q, want %s", tt.name, got, tt.want)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.WithoutAuth())
	s.Fail(
		mailtest.Fault{At: mailtest.Hello, Code: 450, Times: 2},
		mailtest.Fault{At: mailtest.Hello, Code: 421},
		mailtest.Fault{At: mailtest.Hello, Drop: true},
	)
	if got := talk(t, s, "EHLO me\r\n", "EHLO me\r\n", "EHLO me\r\n", "EHLO me\r\n"); got[1][:3] != "450" || got[2][:3] != "450" || got[3][:3] != "421" || got[4] != "gone" {
		t.Errorf("answers %q", got)
	}
	if got := talk(t, s, "EHLO me\r\n"); got[1] != "gone" {
		t.Errorf("answers %q", got)
	}
	if got := talk(t, s, "EHLO me\r\n"); got[1][:3] != "250" {
		t.Errorf("answers %q", got)
	}
}
