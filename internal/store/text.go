package store

import (
	"strings"
	"unicode/utf8"
)

// maxText bounds names and other short texts of foreign origin, in bytes.
const maxText = 500

// clean makes a foreign text storable: valid UTF-8 without NUL, of bounded length.
func clean(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if len(s) <= maxText {
		return s
	}
	cut := maxText
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}

// textArray writes strings as a PostgreSQL array literal: unnest takes no
// arrays of arrays of different lengths.
func textArray(list []string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, s := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		b.WriteString(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(clean(s)))
		b.WriteByte('"')
	}
	b.WriteByte('}')
	return b.String()
}
