package shopify

import (
	"bufio"
	"errors"
	"io"
)

// The bounds of a piece of a file.
const (
	pieceThings = 250     // customers or orders
	pieceBytes  = 4 << 20 // after which a piece ends with its order
	maxLines    = 20_000  // of one order
	maxLine     = 1 << 20 // bytes of one
)

// reader reads the file of a bulk operation from an offset on: an object a line,
// and what belongs to one right behind it.
type reader struct {
	in      *bufio.Reader
	start   int64 // where reading began
	at      int64 // where the next line begins
	size    int64 // of the file; 0 when it is not told
	failed  bool  // the connection broke
	skipped int   // lines that could not be read
}

func newReader(r io.Reader, offset, size int64) *reader {
	return &reader{in: bufio.NewReaderSize(r, 64<<10), start: offset, at: offset, size: size}
}

func discard(r io.Reader, n int64) error {
	_, err := io.CopyN(io.Discard, r, n)
	return err
}

// things gives emit each object with what belongs to it, until emit says that it
// is enough. taken is the place up to which everything was given; ended says that
// this is the end of the file. What a broken connection cut is not given.
func (r *reader) things(emit func(object []byte, parts [][]byte) (enough bool)) (taken int64, ended bool) {
	var object []byte
	var parts [][]byte
	var name string
	var enough bool
	taken = r.at
	flush := func(to int64) {
		if object != nil {
			enough = emit(object, parts)
		}
		object, parts, taken = nil, nil, to
	}
	for count := 0; ; {
		text, begin := r.next()
		if len(text) == 0 {
			if ended = !r.failed && r.at >= r.size; ended {
				flush(r.at)
			}
			return taken, ended
		}
		var head struct {
			ID     string `json:"id"`
			Parent string `json:"__parentId"`
		}
		switch err := decode(text, &head); {
		case err != nil && text[len(text)-1] != '\n': // cut: the end comes next, and it is none
			r.failed = true
		case err != nil, id(head.ID) == "", head.Parent != "" && head.Parent != name, len(parts) >= maxLines:
			r.skipped++
		case head.Parent != "":
			parts = append(parts, text)
		default:
			flush(begin)
			if enough || count >= pieceThings || begin-r.start >= pieceBytes {
				return taken, false
			}
			count++
			object, name = text, head.ID
		}
	}
}

// next returns the next line and where it begins; empty at the end. One that is
// too long is left out.
func (r *reader) next() (text []byte, begin int64) {
	for {
		begin, text = r.at, nil
		for long := false; ; {
			part, err := r.in.ReadSlice('\n')
			r.at += int64(len(part))
			if long = long || len(text)+len(part) > maxLine; !long {
				text = append(text, part...)
			}
			if errors.Is(err, bufio.ErrBufferFull) {
				continue
			}
			r.failed = r.failed || err != nil && err != io.EOF
			if !long {
				return text, begin
			}
			break
		}
		r.skipped++
	}
}
