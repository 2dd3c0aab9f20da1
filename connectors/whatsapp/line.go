package whatsapp

import (
	"strings"
	"unicode/utf8"

	"github.com/foyer-app/foyer/internal/community"
)

// line is one record behind its header.
type line struct {
	author   string // as written
	text     string // as written, all its lines
	authored bool   // false for lines of the system
}

// readLine takes a record apart that begins with a header.
func readLine(rest string) line {
	author, text, ok := divide(rest)
	return line{author: author, text: text, authored: ok}
}

// event is what the line tells when the system wrote it. On iPhones the system
// writes under the name of the group, or of the contact in a chat of two, and
// sets a mark before; a mark alone may also stand before a picture.
func (l *line) event(group string) (event, bool) {
	named := l.authored && group != "" && clean(l.author) == group
	if l.authored && !named && !hasLRM(l.text) {
		return event{}, false
	}
	if l.authored && !named {
		if c := readContent(l.text); c.deleted || c.media {
			return event{}, false
		}
	}
	text := clean(l.text)
	if e, ok := systemLine(text); ok {
		return e, true
	}
	unknown := event{kind: community.DetailUnknown}
	return unknown, !l.authored || named || l.tellsOfAuthor(text)
}

// tellsOfAuthor says whether a text begins with the name it stands under: then
// the system tells of that person, in words that are not known.
func (l *line) tellsOfAuthor(text string) bool {
	name := identify(l.author).Name
	rest, ok := strings.CutPrefix(strings.TrimSpace(strings.TrimPrefix(text, "~")), name)
	return ok && name != "" && (strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "님"))
}

// Bounds of a mention: how many of one message count, and how far a name reaches in bytes.
const (
	mostMentions = 64
	nameBytes    = 4 * longName
)

// mentions are the people a text addresses: @U+2068 Name U+2069 between isolates, and
// @33612345678.
func mentions(text string) []community.Identity {
	var found []community.Identity
	for len(found) < mostMentions {
		i := strings.IndexByte(text, '@')
		if i < 0 {
			return found
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		text = text[i+1:]
		if inner, ok := strings.CutPrefix(text, "\u2068"); ok {
			name, _, ok := strings.Cut(inner[:min(len(inner), nameBytes)], "\u2069")
			if ok && name != "" && utf8.RuneCountInString(name) <= longName && !strings.Contains(name, "\n") {
				found = append(found, identify(name))
			}
			continue
		}
		end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(text)
		}
		if end >= 8 && end <= 15 && (i == 0 || isBlank(before) || before == '\n' || isMark(before) || before == '(') {
			found = append(found, identify("+"+text[:end]))
		}
	}
	return found
}
