// Package mail writes Foyer's e-mails and hands them to an SMTP server. Render makes a message of a kind in a language,
// a Transport sends it. What is to be sent when, and trying again, is the caller's.
package mail

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Message is one e-mail to one person.
type Message struct {
	ID             string // what the sender calls it; a second try has the same. Empty: a new one each time
	Kind           Kind   // for the sender's records; it is not sent
	Language       string // "fr" or "en"; empty when unknown
	To, ToName     string // a bare address, and a name that may be empty
	From, FromName string // empty: the transport's own
	Subject        string
	Text, HTML     string // one of them may be empty
	Attachments    []Attachment
}

// Attachment is a file that goes with a message.
type Attachment struct {
	Name string // with its extension
	Type string // a media type; empty: told from the extension
	Data []byte
}

// Transport sends messages. An error is a *PermanentError when a second try of the same message cannot succeed, and
// temporary otherwise. A Transport serves several goroutines at once.
type Transport interface {
	Send(ctx context.Context, m Message) error
}

// String names the message without its addresses and texts, which hold links that open accounts.
func (m Message) String() string { return fmt.Sprintf("message %s (%s)", m.ID, m.Kind) }

// GoString is String: a message is not spelled out by %#v either.
func (m Message) GoString() string { return m.String() }

// LogValue is what a log may know of a message.
func (m Message) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", m.ID), slog.String("kind", string(m.Kind)), slog.String("language", m.Language))
}

// check refuses what would end a header line or hide in one.
func (m Message) check() error {
	fields := []struct{ name, value string }{
		{"ID", m.ID},
		{"Kind", string(m.Kind)},
		{"Language", m.Language},
		{"To", m.To},
		{"ToName", m.ToName},
		{"From", m.From},
		{"FromName", m.FromName},
		{"Subject", m.Subject},
	}
	for _, a := range m.Attachments {
		fields = append(fields, struct{ name, value string }{"Attachment.Name", a.Name}, struct{ name, value string }{"Attachment.Type", a.Type})
	}
	for _, f := range fields {
		if !utf8.ValidString(f.value) || strings.ContainsFunc(f.value, breaksLine) {
			return &PermanentError{Step: Compose, Reason: f.name + " holds a line break or a control character"}
		}
	}
	if m.Text == "" && m.HTML == "" {
		return &PermanentError{Step: Compose, Reason: "there is no text"}
	}
	return nil
}

// breaksLine says whether a character ends a line for any reader of the message.
func breaksLine(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// address reads a bare address and writes its domain in ASCII, which every server understands.
func address(field, s string) (string, error) {
	refused := &PermanentError{Step: Compose, Reason: field + " is not an e-mail address"}
	if len(s) > 254 {
		return "", refused
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || strings.ContainsAny(s, "<>") {
		return "", refused
	}
	at := strings.LastIndexByte(a.Address, '@')
	domain, err := idna.Lookup.ToASCII(a.Address[at+1:])
	if err != nil || domain == "" {
		return "", refused
	}
	return a.Address[:at+1] + domain, nil
}

// messageID is the Message-ID of a message: the same for the same ID and sender's domain, and telling nothing of the ID.
func messageID(id, from string) string {
	if id == "" {
		id = rand.Text()
	}
	sum := sha256.Sum256([]byte("foyer mail\x00" + id))
	return hex.EncodeToString(sum[:16]) + from[strings.LastIndexByte(from, '@'):]
}
