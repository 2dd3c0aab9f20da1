package whatsapp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"unicode/utf8"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// chat is what one file says as a whole.
type chat struct {
	file    string
	style   style
	order   order
	why     string
	sample  string // the first date, as written
	id      string
	name    string
	group   string // under which the system writes; empty when that is a person
	refused []connectors.Refusal
}

// source is the chat as a source. There is nothing in an export but messages
// and the system's lines.
func (c *chat) source() *community.Source {
	return &community.Source{
		Platform: platform, ExternalID: c.id, Name: c.name,
		Measures:  community.Measures{Joins: true, Leaves: true},
		Decisions: map[string]string{"date_order": string(c.order), "date_order_why": c.why},
	}
}

// survey is the first reading of a file, of all that needs the whole of it. It
// keeps counts and a few names, whatever the size.
type survey struct {
	evidence  [styles]evidence
	sample    [styles]string
	firstLine [styles]int
	firstText int // the first line that is not blank
	badUTF8   int // the first line that is not UTF-8
	title     titleClues
}

// mark is the left-to-right mark that iPhones set before what is no typed text.
var mark = []byte("\u200E")

// look reads a file once. It returns the chat, or why the file is none. archive
// is what the archive is called that the file lies in.
func look(ctx context.Context, fsys fs.FS, file, archive string, limit int) (chat, *connectors.Refusal, error) {
	refuse := func(reason string) (chat, *connectors.Refusal, error) {
		return chat{}, &connectors.Refusal{File: file, Reason: reason}, nil
	}
	in, err := openText(fsys, file, limit)
	if err != nil {
		return refuse(connectors.ReasonUnreadable)
	}
	defer in.Close()
	broken := false
	s := survey{title: titleClues{named: titleOf(path.Join(archive, file))}}
	for {
		line, err := in.next()
		if err != nil { // where it breaks, the second reading refuses the rest
			broken = !errors.Is(err, io.EOF)
			break
		}
		if line.num%1024 == 0 && ctx.Err() != nil {
			return chat{}, nil, ctx.Err()
		}
		s.take(line)
	}
	c := s.chat(file)
	switch {
	case broken && s.evidence[c.style].headers == 0:
		return refuse(connectors.ReasonUnreadable)
	case s.firstText == 0:
		return refuse(connectors.ReasonEmpty)
	case s.evidence[c.style].headers == 0:
		return refuse(connectors.ReasonForeign)
	}
	return c, nil, ctx.Err()
}

// take counts one line in.
func (s *survey) take(line textLine) {
	if s.badUTF8 == 0 && !line.cut && !utf8.Valid(line.text) {
		s.badUTF8 = line.num
	}
	h, ok := scanHeader(line.text)
	if s.firstText == 0 && len(bytes.TrimSpace(bytes.TrimPrefix(line.text, []byte("\uFEFF")))) > 0 {
		s.firstText = line.num
	}
	if !ok {
		return
	}
	e := &s.evidence[h.style]
	if e.headers == 0 {
		s.firstLine[h.style] = line.num
		s.sample[h.style] = clean(string(bytes.TrimLeft(line.text[:h.dateEnd], "[")))
	}
	e.add(&h)
	e.name(&h, line.text[h.rest:])
	s.title.take(line.text, &h)
}

// chat draws the conclusions. The style is that of most headers: others are
// text that looks like one, such as a log somebody pasted.
func (s *survey) chat(file string) chat {
	c := chat{file: file}
	for i := range styles {
		if s.evidence[i].headers > s.evidence[c.style].headers {
			c.style = i
		}
	}
	c.order, c.why = s.evidence[c.style].decide()
	c.sample = s.sample[c.style]
	c.id, c.name, c.group = s.title.conclude(file)
	if s.badUTF8 > 0 {
		c.refused = append(c.refused, connectors.Refusal{File: file, Line: s.badUTF8, Reason: connectors.ReasonEncoding})
	}
	if s.firstText < s.firstLine[c.style] {
		c.refused = append(c.refused, connectors.Refusal{File: file, Line: s.firstText, Reason: connectors.ReasonForeign})
	}
	return c
}

// settle applies what the visitor said. An answer for this very file counts in
// any case, a general one where the file does not decide.
func (c *chat) settle(answers map[string]string) {
	said := order(answers[questionOrder+":"+c.file])
	if general := order(answers[questionOrder]); said == "" && c.order == "" {
		said = general
	}
	if said == dmy || said == mdy || said == ymd {
		c.order, c.why = said, whyTold
	}
}
