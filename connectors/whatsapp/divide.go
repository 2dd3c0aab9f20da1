package whatsapp

import (
	"strings"
	"unicode/utf8"
)

// Bounds of what can be a name before a colon, in characters. WhatsApp's own
// names have 25 at most, those of an address book can be longer.
const (
	shortName = 25
	longName  = 80
)

// divide splits what follows the header into author and text. Without an author
// it is a line of the system, and ok is false.
//
// The author ends at the first colon with a space or the line's end behind it.
// Before that is believed, a name that is long or holds a quotation mark must
// not be the beginning of a known system line (`Anna changed the subject to
// "Trip: Sunday"`). A colon with neither behind it also counts where the line is
// no known system line, for exports that drop the space ("John:.").
func divide(rest string) (author, text string, ok bool) {
	end := strings.IndexByte(rest, '\n')
	if end < 0 {
		end = len(rest)
	}
	i := colon(rest[:end])
	if i < 0 {
		return "", rest, false
	}
	author = clean(rest[:i])
	bare := i+1 < end && rest[i+1] != ' '
	if n := utf8.RuneCountInString(author); n > longName || bare && !bareName(author, rest[i+1]) {
		return "", rest, false
	} else if n > shortName || bare || strings.ContainsAny(author, `"“”«»„`) {
		if _, known := systemLine(clean(rest)); known {
			return "", rest, false
		}
	}
	return author, rest[i+1:], true
}

// colon finds the one behind the author: the first with a blank or nothing
// behind it, else the first at all.
func colon(line string) int {
	for from := 0; ; {
		i := strings.IndexByte(line[from:], ':')
		if i < 0 {
			return strings.IndexByte(line, ':')
		}
		i += from
		if next, n := utf8.DecodeRuneInString(line[i+1:]); n == 0 || next == ' ' {
			return i
		}
		from = i + 1
	}
}

// bareName says whether a colon without a space can stand behind a name: it is
// no web address, no time of day and no word of a longer sentence.
func bareName(name string, next byte) bool {
	last, _ := utf8.DecodeLastRuneInString(name)
	return name != "" && next != '/' && digit(last) < 0 && utf8.RuneCountInString(name) <= shortName
}
