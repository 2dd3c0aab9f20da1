package whatsapp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/foyer-app/foyer/connectors"
)

// textFiles lists the .txt files by name, and refuses the folders that cannot
// be read. What macOS adds to archives is left out.
func textFiles(fsys fs.FS) ([]string, []connectors.Refusal) {
	var files []string
	var refused []connectors.Refusal
	// The function never returns an error, so neither does WalkDir.
	_ = fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			refused = append(refused, connectors.Refusal{File: name, Reason: connectors.ReasonUnreadable})
			if entry != nil && entry.IsDir() {
				return fs.SkipDir
			}
		case entry.IsDir() && entry.Name() == "__MACOSX":
			return fs.SkipDir
		case !entry.IsDir() && isText(entry.Name()):
			files = append(files, name)
		}
		return nil
	})
	slices.Sort(files)
	return files, refused
}

func isText(name string) bool {
	return strings.EqualFold(path.Ext(name), ".txt") && !strings.HasPrefix(name, "._")
}

// input reads a text file by lines and holds no more of a line than max bytes.
// Offsets are those of the text in UTF-8: the file's own unless it is UTF-16.
type input struct {
	file fs.File
	src  *bufio.Reader
	max  int
	long []byte // a line that is longer than the buffer of src
	read int64  // offset of the next line
	num  int    // lines read
}

// textLine is one line without its end. Its text is valid until the next one is read.
type textLine struct {
	text  []byte
	start int64
	num   int  // from 1
	cut   bool // longer than the bound; text is its beginning
}

// openText opens a file whose lines are cut at max bytes. UTF-8, with or
// without a byte order mark, is read as it is; UTF-16 with a mark is decoded.
func openText(fsys fs.FS, name string, max int) (*input, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("whatsapp: open: %w", err)
	}
	src := bufio.NewReaderSize(file, 64<<10)
	if mark, _ := src.Peek(2); bytes.Equal(mark, []byte{0xFF, 0xFE}) || bytes.Equal(mark, []byte{0xFE, 0xFF}) {
		decoder := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
		src = bufio.NewReaderSize(transform.NewReader(src, decoder), 64<<10)
	}
	return &input{file: file, src: src, max: max}, nil
}

// Close closes the file.
func (in *input) Close() error { return in.file.Close() }

// next returns the next line, or io.EOF behind the last.
func (in *input) next() (textLine, error) {
	line := textLine{start: in.read, num: in.num + 1}
	part, err := in.src.ReadSlice('\n')
	in.read += int64(len(part))
	if !errors.Is(err, bufio.ErrBufferFull) {
		if err != nil && (len(part) == 0 || !errors.Is(err, io.EOF)) {
			return textLine{}, err
		}
		in.num++
		line.text, line.cut = in.bound(part)
		return line, nil
	}
	in.long = append(in.long[:0], part...)
	for errors.Is(err, bufio.ErrBufferFull) {
		part, err = in.src.ReadSlice('\n')
		in.read += int64(len(part))
		if len(in.long) <= in.max { // one buffer above the bound at most
			in.long = append(in.long, part...)
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return textLine{}, err
	}
	in.num++
	line.text, line.cut = in.bound(in.long)
	return line, nil
}

// bound takes the end of the line off, and what is above the bound.
func (in *input) bound(text []byte) ([]byte, bool) {
	text = bytes.TrimSuffix(text, []byte("\n"))
	text = bytes.TrimSuffix(text, []byte("\r"))
	if len(text) > in.max {
		return text[:in.max], true
	}
	return text, false
}

// skip reads on to an offset, which is where a line begins.
func (in *input) skip(offset int64) error {
	for in.read < offset {
		part, err := in.src.Peek(int(min(offset-in.read, 32<<10)))
		if len(part) == 0 {
			return err
		}
		in.num += bytes.Count(part, []byte("\n"))
		n, _ := in.src.Discard(len(part))
		in.read += int64(n)
	}
	return nil
}
