package community

import (
	"strings"
	"unicode/utf8"
)

// Describe returns what is kept of a text. It never keeps the text itself. The
// length is in Unicode code points; a byte that is not UTF-8 counts as one.
func Describe(text string) Features {
	return Features{
		Length:   utf8.RuneCountInString(text),
		Question: IsQuestion(text),
		Link:     HasLink(text),
	}
}

// HasLink says whether a text holds a web address: a word that begins, in any
// case, with http://, https:// or www. and goes on.
func HasLink(text string) bool {
	for from := 0; ; {
		i := strings.IndexAny(text[from:], "hHwW")
		if i < 0 {
			return false
		}
		if from += i; (from == 0 || !letter(text[from-1])) && address(text[from:]) {
			return true
		}
		from++
	}
}

// address says whether a text begins with a web address.
func address(text string) bool {
	for _, scheme := range [...]string{"http://", "https://", "www."} {
		if n := len(scheme); len(text) > n && strings.EqualFold(text[:n], scheme) {
			return letter(text[n]) || text[n] == '['
		}
	}
	return false
}
