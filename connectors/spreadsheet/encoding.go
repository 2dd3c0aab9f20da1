package spreadsheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// The encodings of text files.
const (
	encodingUTF8    = "utf-8"
	encodingUTF16LE = "utf-16le"
	encodingUTF16BE = "utf-16be"
	encoding1252    = "windows-1252"
)

// encodingSample is how much of a file its encoding is judged by.
const encodingSample = 1 << 20

// The reasons of a decision; see connectors.Look.Why.
const (
	whyTold      = "told"
	whyValues    = "values"
	whyHeader    = "header"
	whyMark      = "mark"
	whyAmbiguous = "ambiguous"
	whyNothing   = "nothing"
)

// detectEncoding judges the beginning of a file. whole says that nothing follows.
func detectEncoding(head []byte, whole bool) (encoding, why string) {
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		return encodingUTF8, whyMark
	case bytes.HasPrefix(head, []byte("\xFF\xFE")):
		return encodingUTF16LE, whyMark
	case bytes.HasPrefix(head, []byte("\xFE\xFF")):
		return encodingUTF16BE, whyMark
	}
	// Latin text in UTF-16 has a zero in every other byte.
	var zeros [2]int
	for i, b := range head[:min(len(head), 4096)] {
		if b == 0 {
			zeros[i%2]++
		}
	}
	half := min(len(head), 4096) / 2
	switch {
	case half > 1 && zeros[1]*2 > half && zeros[0] == 0:
		return encodingUTF16LE, whyValues
	case half > 1 && zeros[0]*2 > half && zeros[1] == 0:
		return encodingUTF16BE, whyValues
	}
	if !whole { // the last character may be cut
		for i := 1; i < utf8.UTFMax && i <= len(head); i++ {
			if utf8.RuneStart(head[len(head)-i]) {
				if !utf8.FullRune(head[len(head)-i:]) {
					head = head[:len(head)-i]
				}
				break
			}
		}
	}
	if utf8.Valid(head) {
		return encodingUTF8, whyValues
	}
	return encoding1252, whyValues
}

// textFile is an open text file, decoded.
type textFile struct {
	file     fs.File
	src      *bufio.Reader
	encoding string
	why      string
}

// openText opens a file; encoding is empty to be detected.
func openText(fsys fs.FS, name, encoding string) (*textFile, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("spreadsheet: open: %w", err)
	}
	src := bufio.NewReaderSize(file, 64<<10)
	t := &textFile{file: file, src: src, encoding: encoding, why: whyTold}
	if encoding == "" {
		head := make([]byte, encodingSample)
		n, err := io.ReadFull(src, head)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errors.Join(fmt.Errorf("spreadsheet: read: %w", err), file.Close())
		}
		t.encoding, t.why = detectEncoding(head[:n], n < len(head))
		src = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(head[:n]), src), 64<<10)
	}
	switch t.encoding {
	case encodingUTF16LE:
		t.src = decoded(src, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case encodingUTF16BE:
		t.src = decoded(src, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
	case encoding1252:
		t.src = decoded(src, charmap.Windows1252.NewDecoder())
	default:
		t.src = src
		if mark, _ := src.Peek(3); bytes.Equal(mark, []byte("\xEF\xBB\xBF")) {
			_, _ = src.Discard(3) // they were peeked at
		}
	}
	return t, nil
}

func decoded(r io.Reader, t transform.Transformer) *bufio.Reader {
	return bufio.NewReaderSize(transform.NewReader(r, t), 64<<10)
}

// Close closes the file.
func (t *textFile) Close() error { return t.file.Close() }
