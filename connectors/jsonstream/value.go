package jsonstream

import "fmt"

// Value is the next value, not yet read. Exactly one of Raw, Array and Object
// may be called, once; when none is, the value is skipped without being held.
type Value struct {
	d    *Decoder
	id   uint64
	line int
	kind byte
}

// Kind is '{', '[', '"', 't', 'f', 'n', or '0' for a number.
func (v Value) Kind() byte { return v.kind }

// Line is the 1-based line on which the value begins.
func (v Value) Line() int { return v.line }

// Raw returns the bytes of the whole value, valid until the next read. A value
// larger than the bound is skipped to its end and gives ErrTooLarge; reading can
// go on behind it.
func (v Value) Raw() ([]byte, error) {
	if err := v.take(v.kind); err != nil {
		return nil, err
	}
	raw, err := v.d.in.raw(v.d.depth)
	if err == ErrTooLarge {
		return nil, err
	}
	if err != nil {
		return nil, v.d.fail(err)
	}
	return raw, nil
}

// Array calls fn for each element. A value that is not an array gives ErrSyntax
// and stays unread. An error of fn ends the walk of the whole document.
func (v Value) Array(fn func(v Value) error) error {
	if err := v.take('['); err != nil {
		return err
	}
	return v.d.array(fn)
}

// Object calls fn for each member, as Array does for elements.
func (v Value) Object(fn func(key string, v Value) error) error {
	if err := v.take('{'); err != nil {
		return err
	}
	return v.d.object(fn)
}

// take marks the value as read.
func (v Value) take(kind byte) error {
	switch {
	case v.d == nil:
		return errRead
	case v.d.err != nil:
		return v.d.err
	case v.id == 0 || v.d.open != v.id:
		return errRead
	case v.kind != kind:
		return fmt.Errorf("line %d: %w", v.line, ErrSyntax)
	}
	v.d.open = 0
	return nil
}

func kindOf(c byte) byte {
	switch {
	case c == '{', c == '[', c == '"', c == 't', c == 'f', c == 'n':
		return c
	case c == '-', c >= '0' && c <= '9':
		return '0'
	}
	return 0
}
