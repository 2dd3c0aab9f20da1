package spreadsheet

import (
	"bufio"
	"bytes"
	"strings"
	"unicode"
)

func newBuffered(sample []byte) *bufio.Reader {
	return bufio.NewReaderSize(bytes.NewReader(sample), 64<<10)
}

// longest bounds the text of one cell in bytes; what is beyond is left out.
const longest = 500

// clean is a cell as a text: no control characters, no space around, and without
// the apostrophe that keeps a spreadsheet from taking it for a formula.
func clean(cell string) string {
	if len(cell) > longest {
		cell = strings.ToValidUTF8(cell[:longest], "")
	}
	if strings.IndexFunc(cell, unicode.IsControl) >= 0 {
		cell = strings.Map(func(r rune) rune {
			switch {
			case r == '\n' || r == '\r' || r == '\t':
				return ' '
			case unicode.IsControl(r):
				return -1
			}
			return r
		}, cell)
	}
	cell = strings.TrimFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || r == '\uFEFF' })
	if len(cell) > 1 && cell[0] == '\'' && strings.IndexByte("=+-@", cell[1]) >= 0 {
		return cell[1:]
	}
	return cell
}

// accents are the letters with a mark that French headers have, and without.
var accents = strings.NewReplacer(
	"à", "a", "â", "a", "ä", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "î", "i", "ï", "i",
	"ô", "o", "ö", "o", "ù", "u", "û", "u", "ü", "u", "œ", "oe", "æ", "ae",
)

// fold is a header for comparing: small letters without accents and figures, one
// space between its words. CustomerId, customer_id and "Customer ID" are the same.
func fold(name string) string {
	var b strings.Builder
	var last rune
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '#' && r != '%':
			r = ' '
		case unicode.IsUpper(r) && unicode.IsLower(last):
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	return strings.Join(strings.Fields(accents.Replace(strings.ToLower(b.String()))), " ")
}
