package slack

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	lib "github.com/slack-go/slack"

	"github.com/foyer-app/foyer/connectors"
)

const testSecret = "8f742231b10e8888abcd99yyyzzz85a5"

func testApp(now time.Time) connectors.App {
	return connectors.App{
		ID: "client", Secret: "secret", SigningSecret: testSecret, Redirect: "https://foyer.example/connect/slack",
		HTTP: http.DefaultClient, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
	}
}

func sign(secret, body string, at time.Time) http.Header {
	ts := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", ts, body)
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set(headerTime, ts)
	h.Set(headerSignature, "v0="+hex.EncodeToString(mac.Sum(nil)))
	return h
}

func request(body string, h http.Header) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header = h
	return r
}

func never(string) bool  { return false }
func always(string) bool { return true }

// outer wraps an event as Slack does, for the workspace T1 with our user UBOT.
func outer(event string) string {
	return `{"token":"x","team_id":"T1","enterprise_id":null,"api_app_id":"A1","type":"event_callback","event_id":"Ev1","event_time":1700000000,
	"authorizations":[{"enterprise_id":null,"team_id":"T1","user_id":"UBOT","is_bot":true}],"is_ext_shared_channel":false,"event":` + event + `}`
}

func receive(t *testing.T, body string, keep func(string) bool) connectors.Delivery {
	t.Helper()
	now := time.Unix(1700000000, 0)
	d, err := connector{}.Receive(testApp(now), request(body, sign(testSecret, body, now)), keep)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSignature(t *testing.T) {
	t.Parallel()
	now := time.Unix(1700000000, 0)
	body := outer(`{"type":"message","channel":"C1","user":"U1","text":"a","ts":"1700000000.000100"}`)
	good := sign(testSecret, body, now)
	without := func(key string) http.Header { h := good.Clone(); h.Del(key); return h }
	with := func(key, value string) http.Header { h := good.Clone(); h.Set(key, value); return h }
	cases := []struct {
		name   string
		header http.Header
		body   string
		ok     bool
	}{
		{"signed", good, body, true},
		{"at the edge of the past", sign(testSecret, body, now.Add(-maxSkew)), body, true},
		{"at the edge of the future", sign(testSecret, body, now.Add(maxSkew)), body, true},
		{"stale", sign(testSecret, body, now.Add(-maxSkew-time.Second)), body, false},
		{"of the future", sign(testSecret, body, now.Add(maxSkew+time.Second)), body, false},
		{"other secret", sign("other", body, now), body, false},
		{"no secret", sign("", body, now), body, false},
		{"one byte more", good, body + " ", false},
		{"one byte other", good, strings.Replace(body, "Ev1", "Ev2", 1), false},
		{"no signature", without(headerSignature), body, false},
		{"no time", without(headerTime), body, false},
		{"time of letters", with(headerTime, "now"), body, false},
		{"negative time", with(headerTime, "-1700000000"), body, false},
		{"very long time", with(headerTime, strings.Repeat("1", 40)), body, false},
		{"other version", with(headerSignature, "v1="+good.Get(headerSignature)[3:]), body, false},
		{"short signature", with(headerSignature, good.Get(headerSignature)[:20]), body, false},
		{"not hexadecimal", with(headerSignature, "v0="+strings.Repeat("z", 64)), body, false},
		{"not JSON and not signed", http.Header{}, "{", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, err := connector{}.Receive(testApp(now), request(c.body, c.header), never)
			if c.ok && (err != nil || len(d.Parcels) != 1) {
				t.Errorf("got %+v, %v", d, err)
			}
			if !c.ok && (!errors.Is(err, connectors.ErrSignature) || len(d.Parcels) != 0) {
				t.Errorf("got %+v, %v, want ErrSignature", d, err)
			}
		})
	}
	app := testApp(now)
	app.SigningSecret = ""
	if _, err := (connector{}).Receive(app, request(body, sign("", body, now)), never); !errors.Is(err, connectors.ErrSignature) {
		t.Errorf("without a secret: %v", err)
	}
}

// TestSignatureAsTheLibrary compares our check with that of slack-go.
func TestSignatureAsTheLibrary(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{}", "payload=%7B%7D", strings.Repeat("é", 1000)} {
		h := sign(testSecret, body, time.Now())
		v, err := lib.NewSecretsVerifier(h, testSecret)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(&v, body)
		if (v.Ensure() == nil) != signed(testSecret, h, []byte(body)) || !signed(testSecret, h, []byte(body)) {
			t.Errorf("%.20q: %v", body, v.Ensure())
		}
	}
}

func TestReceiveBody(t *testing.T) {
	t.Parallel()
	now := time.Unix(1700000000, 0)
	large := strings.Repeat(" ", connectors.MaxDelivery+1)
	unknown := request(large, sign(testSecret, large, now))
	unknown.ContentLength = -1
	cut := request("{}", sign(testSecret, "{}", now))
	cut.Body = io.NopCloser(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(outer("{}")))))
	cases := []struct {
		name string
		r    *http.Request
		want string
	}{
		{"too large", request(large, sign(testSecret, large, now)), connectors.ReasonTooLarge},
		{"too large, length not told", unknown, connectors.ReasonTooLarge},
		{"cut while read", cut, connectors.ReasonTruncated},
		{"not JSON", request("token=x", sign(testSecret, "token=x", now)), connectors.ReasonNotJSON},
		{"cut", request(`{"type":"ev`, sign(testSecret, `{"type":"ev`, now)), connectors.ReasonTruncated},
		{"nothing", request("", sign(testSecret, "", now)), connectors.ReasonEmpty},
	}
	for _, c := range cases {
		var refusal *connectors.RefusedError
		_, err := connector{}.Receive(testApp(now), c.r, never)
		if !errors.As(err, &refusal) || refusal.Reason != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	whole := outer(`{"type":"message","channel":"C1","user":"U1","text":"` + strings.Repeat("a", 200_000) + `","ts":"1700000000.000100"}`)
	if d := receive(t, whole, never); len(d.Parcels) != 1 {
		t.Errorf("a long message: %+v", d)
	}
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	d := receive(t, `{"token":"x","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}`, never)
	if string(d.Answer) != "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P" || !strings.HasPrefix(d.AnswerType, "text/plain") {
		t.Errorf("got %+v", d)
	}
}

// TestScrubbed looks for the text of a message in what is left of it.
func TestScrubbed(t *testing.T) {
	t.Parallel()
	const said, asked = "the cat sat on the mat", "does anyone know where the cat sat?"
	event := func(text string) string {
		return fmt.Sprintf(`{"type":"message","channel":"C1","channel_type":"channel","user":"U1","text":%q,"ts":"1700000000.000100","client_msg_id":"x",
		"foyer":{"length":1},"blocks":[{"type":"rich_text","elements":[{"type":"text","text":%[1]q}]}],"attachments":[{"text":%[1]q,"fallback":%[1]q}],"files":[{"name":%[1]q}]}`, text)
	}
	cases := []struct {
		name, text string
		keep       func(string) bool
		kept       bool
	}{
		{"statement", said, never, false},
		{"question", asked, never, false},
		{"statement where questions are kept", said, always, false},
		{"question where questions are kept", asked, always, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := receive(t, outer(event(c.text)), c.keep)
			if len(d.Parcels) != 1 {
				t.Fatalf("got %+v", d)
			}
			p := d.Parcels[0].Payload
			if got := bytes.Contains(p.Body, []byte("cat")); got != c.kept {
				t.Errorf("kept %t: %s", got, p.Body)
			}
			b, err := New().Normalize(p)
			if err != nil {
				t.Fatal(err)
			}
			if f := b.Activities[0].Features; f.Length != len(c.text) || f.Question != (c.text == asked) {
				t.Errorf("features %+v", f)
			}
		})
	}
	edit := fmt.Sprintf(`{"type":"message","subtype":"message_changed","channel":"C1","ts":"1700000001.000100","message":{"user":"U1","text":%q,"ts":"1700000000.000100","edited":{"ts":"1700000001.000000"}},"previous_message":{"text":%[1]q}}`, said)
	gone := fmt.Sprintf(`{"type":"message","subtype":"message_deleted","channel":"C1","ts":"1700000001.000100","deleted_ts":"1700000000.000100","previous_message":{"text":%q,"ts":"1700000000.000100","user":"U1"}}`, said)
	for _, event := range []string{edit, gone} {
		if d := receive(t, outer(event), always); len(d.Parcels) != 1 || bytes.Contains(d.Parcels[0].Payload.Body, []byte("cat")) {
			t.Errorf("got %s", d.Parcels[0].Payload.Body)
		}
	}
}
