package whatsapp

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// isMark says whether a character is invisible and stands round names, numbers
// and system texts: direction marks, isolates, byte order marks. Joiners are
// part of emoji and of words, so they are not among them.
func isMark(r rune) bool {
	switch {
	case r == 0x200E, r == 0x200F, r == 0x061C, r == 0xFEFF, r == 0x200B:
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}

// isBlank says whether a character is a space of any width or kind.
func isBlank(r rune) bool {
	return r == ' ' || r == '\t' || r == 0x00A0 || r == 0x202F || r == 0x3000 || r >= 0x2000 && r <= 0x200A
}

// clean is a text as it is compared: without marks and control characters, all
// blanks folded into single spaces, apostrophes straight, in the NFC form.
func clean(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	pending := false
	for _, r := range s {
		switch {
		case isBlank(r) || r == '\n' || r == '\r':
			pending = b.Len() > 0
			continue
		case isMark(r) || unicode.IsControl(r):
			continue
		case r == '’':
			r = '\''
		}
		if pending {
			b.WriteByte(' ')
			pending = false
		}
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

// isClean is the quick way for most texts: plain ASCII with single spaces.
func isClean(s string) bool {
	blank := true // a space at the beginning is not clean
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf || c < ' ' || c == 0x7F || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return !blank || s == ""
}

// plain is a text as its author sees it: without marks, lines kept.
func plain(s string) string {
	if strings.IndexFunc(s, isMark) >= 0 {
		s = strings.Map(func(r rune) rune {
			if isMark(r) {
				return -1
			}
			return r
		}, s)
	}
	return strings.TrimSpace(s)
}

// hasLRM says whether a text begins with the left-to-right mark that iPhones
// put before what WhatsApp itself wrote.
func hasLRM(s string) bool {
	return strings.HasPrefix(strings.TrimLeftFunc(s, isBlank), "\u200E")
}
