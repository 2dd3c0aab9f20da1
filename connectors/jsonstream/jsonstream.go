// Package jsonstream walks a JSON document from a reader without holding it.
// Its memory is one buffer, which grows to the largest value that was asked for
// and never above the bound.
//
// It checks the structure that it walks. Of a value that is skipped or taken
// raw it checks strings and brackets only, so one malformed value does not end
// the document: whoever decodes its bytes sees the mistake, and the walk goes on
// behind it.
package jsonstream

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// The errors of a document. ErrSyntax and ErrTruncated come with the line in
// front and end the walk; ErrTooLarge ends it only when the name of a member is
// too large. A document without any value is io.EOF; an error of the reader is
// returned as it is.
var (
	ErrTooLarge  = errors.New("value is larger than allowed")
	ErrTruncated = errors.New("JSON ends in the middle")
	ErrSyntax    = errors.New("not the expected JSON")
)

// errRead says that a Value was used twice, or after its function returned.
var errRead = errors.New("jsonstream: value was already read")

// maxDepth bounds nesting, as encoding/json does.
const maxDepth = 10_000

// Decoder walks one document.
type Decoder struct {
	in    input
	top   Value  // the document's value
	depth int    // of the walk
	last  uint64 // number of the latest Value
	open  uint64 // number of the Value at the cursor, 0 once it was read
	err   error  // ended the walk
}

// New returns a decoder of one document, with or without a byte order mark, in
// which Raw gives up to max bytes.
func New(r io.Reader, max int) *Decoder {
	return &Decoder{in: input{r: r, max: max, mark: -1, buf: make([]byte, chunk)}}
}

// Of returns a decoder of a document that is held already: its memory is none,
// there is no bound, and Raw gives parts of doc.
func Of(doc []byte) *Decoder {
	return &Decoder{in: input{max: len(doc), mark: -1, buf: doc, end: len(doc), err: ErrTruncated}}
}

// Line is the 1-based line of the cursor.
func (d *Decoder) Line() int { return d.in.lineAt(d.in.pos) }

// Kind looks at the document's first byte: see Value.Kind. It is 0 when there
// is no value; Array and Object then say why.
func (d *Decoder) Kind() byte {
	v, err := d.root()
	if err != nil {
		return 0
	}
	return v.kind
}

// Array calls fn for each element of the document, which is an array. It
// returns fn's error as it is, and ErrSyntax when something follows the array.
func (d *Decoder) Array(fn func(v Value) error) error {
	v, err := d.root()
	if err != nil {
		return err
	}
	if err := v.Array(fn); err != nil {
		return err
	}
	return d.finish()
}

// Object calls fn for each member of the document, which is an object, as Array does.
func (d *Decoder) Object(fn func(key string, v Value) error) error {
	v, err := d.root()
	if err != nil {
		return err
	}
	if err := v.Object(fn); err != nil {
		return err
	}
	return d.finish()
}

// root is the document's value.
func (d *Decoder) root() (Value, error) {
	if d.err != nil {
		return Value{}, d.err
	}
	if d.last > 0 {
		return d.top, nil
	}
	if err := d.in.bom(); err != nil {
		return Value{}, d.fail(err)
	}
	_, err := d.in.peek()
	if err == ErrTruncated {
		return Value{}, d.fail(io.EOF)
	}
	if err != nil {
		return Value{}, d.fail(err)
	}
	v, err := d.begin()
	d.top = v
	return v, err
}

// finish checks that nothing follows the document.
func (d *Decoder) finish() error {
	switch _, err := d.in.peek(); err {
	case ErrTruncated:
		return nil
	case nil:
		return d.fail(ErrSyntax)
	default:
		return d.fail(err)
	}
}

// begin opens the value at the cursor.
func (d *Decoder) begin() (Value, error) {
	c, err := d.in.peek()
	if err != nil {
		return Value{}, d.fail(err)
	}
	kind := kindOf(c)
	if kind == 0 {
		return Value{}, d.fail(ErrSyntax)
	}
	d.last++
	d.open = d.last
	return Value{d: d, id: d.last, kind: kind, line: d.Line()}, nil
}

// fail ends the walk; ErrSyntax and ErrTruncated get the line.
func (d *Decoder) fail(err error) error {
	if d.err == nil {
		if err == ErrSyntax || err == ErrTruncated {
			err = fmt.Errorf("line %d: %w", d.Line(), err)
		}
		d.err = err
	}
	return d.err
}

// array walks the elements; the cursor is at '['.
func (d *Decoder) array(fn func(v Value) error) error {
	return d.members(']', func() error {
		v, err := d.begin()
		if err != nil {
			return err
		}
		return d.deliver(v, fn(v))
	})
}

// object walks the members; the cursor is at '{'.
func (d *Decoder) object(fn func(key string, v Value) error) error {
	return d.members('}', func() error {
		key, err := d.key()
		if err != nil {
			return d.fail(err)
		}
		v, err := d.begin()
		if err != nil {
			return err
		}
		return d.deliver(v, fn(key, v))
	})
}

// members reads what stands between an opening bracket, at the cursor, and its
// closing one: nothing, or members with commas between them.
func (d *Decoder) members(closing byte, member func() error) error {
	if d.depth++; d.depth > maxDepth {
		return d.fail(ErrSyntax)
	}
	d.in.pos++
	for first := true; ; first = false {
		c, err := d.in.peek()
		switch {
		case err != nil:
			return d.fail(err)
		case c == closing:
			d.in.pos++
			d.depth--
			return nil
		case !first && c != ',':
			return d.fail(ErrSyntax)
		case !first:
			d.in.pos++
		}
		if err := member(); err != nil {
			return err
		}
	}
}

// deliver ends what fn did with v.
func (d *Decoder) deliver(v Value, err error) error {
	if err != nil {
		if d.err == nil {
			d.err = err
		}
		return err
	}
	if d.err != nil {
		return d.err
	}
	if d.open == v.id {
		d.open = 0
		if err := d.in.skip(d.depth); err != nil {
			return d.fail(err)
		}
	}
	return nil
}

// key reads a member's name and its colon.
func (d *Decoder) key() (string, error) {
	if c, err := d.in.peek(); err != nil || c != '"' {
		return "", orSyntax(err)
	}
	raw, err := d.in.raw(d.depth)
	if err != nil {
		return "", err
	}
	key := string(raw[1 : len(raw)-1])
	if !plain(key) && json.Unmarshal(raw, &key) != nil {
		return "", ErrSyntax
	}
	if c, err := d.in.peek(); err != nil || c != ':' {
		return "", orSyntax(err)
	}
	d.in.pos++
	return key, nil
}

// plain says that a string means what it says: ASCII without escapes.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	return true
}

func orSyntax(err error) error {
	if err == nil {
		return ErrSyntax
	}
	return err
}
