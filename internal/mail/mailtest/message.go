package mailtest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
)

// Message is what the server was given.
type Message struct {
	From    string   // of the envelope, without < and >
	To      []string // of the envelope
	User    string   // who had signed in; empty: nobody
	TLS     bool     // whether the connection was encrypted
	UTF8    bool     // whether SMTPUTF8 was asked for
	Raw     []byte   // as sent, without the doubled points
	At      time.Time
	Header  mail.Header // as sent: encoded words stay
	Subject string      // decoded
	Text    string      // the plain part, decoded, lines end with LF
	HTML    string      // the HTML part, decoded, lines end with LF
	Files   []File      // attachments, in their order
}

// File is an attachment, decoded.
type File struct {
	Name, Type string
	Data       []byte
}

// parse fills the decoded fields, and refuses what a strict receiver would.
func (m *Message) parse(eight, utf8 bool) error {
	head, body, found := bytes.Cut(m.Raw, []byte("\r\n\r\n"))
	switch {
	case !found:
		return errors.New("no empty line after the header")
	case !utf8 && !isASCII(string(head)):
		return errors.New("the header is not ASCII")
	case !eight && !isASCII(string(body)):
		return errors.New("8-bit text without BODY=8BITMIME")
	case bytes.IndexByte(m.Raw, 0) >= 0:
		return errors.New("a zero byte")
	}
	msg, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return errors.New("the header cannot be read")
	}
	m.Header = msg.Header
	for _, name := range []string{"From", "Date", "Message-Id", "Subject", "To", "Mime-Version", "Content-Type"} {
		if len(m.Header[name]) != 1 || m.Header.Get(name) == "" {
			return fmt.Errorf("the header has %d times %s, want one", len(m.Header[name]), name)
		}
	}
	if id := m.Header.Get("Message-Id"); !strings.HasPrefix(id, "<") || !strings.HasSuffix(id, ">") || strings.Count(id, "@") != 1 {
		return errors.New("the Message-ID has no shape")
	}
	if _, err := m.Header.Date(); err != nil {
		return errors.New("the date cannot be read")
	}
	for _, name := range []string{"From", "To"} {
		if _, err := m.Header.AddressList(name); err != nil {
			return fmt.Errorf("the addresses of %s cannot be read", name)
		}
	}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return errors.New("the subject cannot be read")
	}
	return m.part(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), "", msg.Body, 0)
}

func (m *Message) part(contentType, encoding, disposition string, r io.Reader, depth int) error {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || depth > 8 {
		return errors.New("a Content-Type cannot be read")
	}
	if strings.HasPrefix(media, "multipart/") {
		return m.parts(multipart.NewReader(r, params["boundary"]), depth)
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "", "7bit", "8bit":
	default:
		return errors.New("unknown Content-Transfer-Encoding")
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return errors.New("a part cannot be decoded")
	}
	kind, file, _ := mime.ParseMediaType(disposition)
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	switch {
	case kind == "attachment":
		name, err := new(mime.WordDecoder).DecodeHeader(file["filename"])
		if err != nil {
			return errors.New("the name of an attachment cannot be read")
		}
		m.Files = append(m.Files, File{Name: name, Type: media, Data: data})
	case media == "text/plain":
		m.Text = text
	case media == "text/html":
		m.HTML = text
	}
	return nil
}

func (m *Message) parts(r *multipart.Reader, depth int) error {
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.New("a part cannot be read")
		}
		h := p.Header
		err = m.part(h.Get("Content-Type"), h.Get("Content-Transfer-Encoding"), h.Get("Content-Disposition"), p, depth+1)
		if err != nil {
			return err
		}
	}
}
