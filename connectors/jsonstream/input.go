package jsonstream

import (
	"bytes"
	"io"
)

// chunk is the size of the buffer at first, in bytes.
const chunk = 32 << 10

// input is the reader's bytes in one buffer: buf[pos:end] are not yet consumed,
// buf[mark:pos] belong to the value being taken, when mark is not negative.
type input struct {
	r        io.Reader
	max      int
	buf      []byte
	pos, end int
	mark     int
	lines    int // line breaks before counted, an index of buf
	counted  int
	stack    nesting
	err      error // of the reader, once it ended
}

// lineAt is the 1-based line of buf[i]; i does not fall between calls.
func (in *input) lineAt(i int) int {
	if i > in.counted {
		in.lines += bytes.Count(in.buf[in.counted:i], []byte{'\n'})
		in.counted = i
	}
	return in.lines + 1
}

// fill reads more behind end. It returns ErrTruncated at the end of the input.
func (in *input) fill() error {
	if in.err != nil {
		return in.err
	}
	in.makeRoom()
	for range 100 {
		n, err := in.r.Read(in.buf[in.end:])
		in.end += n
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = ErrTruncated
		}
		in.err = err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	in.err = io.ErrNoProgress
	return in.err
}

// makeRoom moves what is still needed to the front, or grows the buffer when
// all of it is. A marked value that passed the bound is let go.
func (in *input) makeRoom() {
	if in.mark >= 0 && in.pos-in.mark > in.max {
		in.mark = -1
	}
	keep := in.pos
	if in.mark >= 0 {
		keep = in.mark
	}
	if keep > 0 {
		in.lineAt(keep)
		copy(in.buf, in.buf[keep:in.end])
		in.pos -= keep
		in.end -= keep
		in.counted -= keep
		if in.mark >= 0 {
			in.mark = 0
		}
	}
	if len(in.buf)-in.end < chunk/4 {
		grown := make([]byte, max(len(in.buf)+chunk/4, min(2*len(in.buf), in.max+chunk)))
		copy(grown, in.buf[:in.end])
		in.buf = grown
	}
}

// bom passes over a byte order mark.
func (in *input) bom() error {
	for in.end < 3 {
		if err := in.fill(); err == ErrTruncated {
			break
		} else if err != nil {
			return err
		}
	}
	if bytes.HasPrefix(in.buf[:in.end], []byte("\xef\xbb\xbf")) {
		in.pos = 3
	}
	return nil
}

// peek passes over white space and returns the byte at the cursor.
func (in *input) peek() (byte, error) {
	for {
		for in.pos < in.end {
			switch c := in.buf[in.pos]; c {
			case ' ', '\t', '\r', '\n':
				in.pos++
			default:
				return c, nil
			}
		}
		if err := in.fill(); err != nil {
			return 0, err
		}
	}
}

// raw consumes the value at the cursor and returns its bytes.
func (in *input) raw(depth int) ([]byte, error) {
	in.mark = in.pos
	err := in.skip(depth)
	mark := in.mark
	in.mark = -1
	switch {
	case err != nil:
		return nil, err
	case mark < 0 || in.pos-mark > in.max:
		return nil, ErrTooLarge
	}
	return in.buf[mark:in.pos:in.pos], nil
}

// skip consumes the value at the cursor; depth is that of the walk above it.
func (in *input) skip(depth int) error {
	switch in.buf[in.pos] {
	case '"':
		in.pos++
		return in.skipString()
	case '{', '[':
		return in.skipBrackets(depth)
	}
	return in.skipScalar()
}

// skipScalar consumes a number or a word. One that ends with the input may lack its end.
func (in *input) skipScalar() error {
	for {
		for in.pos < in.end {
			switch class[in.buf[in.pos]] {
			case scalar:
				in.pos++
			case space, closing, comma:
				return nil
			default:
				return ErrSyntax
			}
		}
		if err := in.fill(); err != nil {
			return err
		}
	}
}

// skipBrackets consumes an object or array with all that is in it.
func (in *input) skipBrackets(depth int) error {
	in.stack.depth = 0
	for {
		for in.pos < in.end {
			c := in.buf[in.pos]
			in.pos++
			switch class[c] {
			case quote:
				if err := in.skipString(); err != nil {
					return err
				}
			case opening:
				if depth+in.stack.depth >= maxDepth {
					return ErrSyntax
				}
				in.stack.push(c == '{')
			case closing:
				if !in.stack.pop(c == '}') {
					return ErrSyntax
				}
				if in.stack.depth == 0 {
					return nil
				}
			case foreign:
				return ErrSyntax
			}
		}
		if err := in.fill(); err != nil {
			return err
		}
	}
}

// skipString consumes a string; the cursor is behind its opening quote.
func (in *input) skipString() error {
	for {
		rest := in.buf[in.pos:in.end]
		end := bytes.IndexByte(rest, '"')
		i := 0 // consumed of rest
		for i < len(rest) {
			stop := end
			if end < 0 {
				stop = len(rest)
			}
			escape := bytes.IndexByte(rest[i:stop], '\\')
			if escape < 0 {
				i = stop
				break
			}
			if i += escape + 2; end >= 0 && i > end {
				if end = bytes.IndexByte(rest[min(i, len(rest)):], '"'); end >= 0 {
					end += i
				}
			}
		}
		if end >= 0 {
			in.pos += end + 1
			return nil
		}
		// An escape whose second byte is not there yet is looked at again.
		in.pos += min(i, len(rest))
		if i > len(rest) {
			in.pos--
		}
		if err := in.fill(); err != nil {
			return err
		}
	}
}
