package jsonstream

// The classes of bytes outside strings.
const (
	foreign = iota // has no place in JSON
	space
	quote
	opening
	closing
	comma
	colon
	scalar // part of a number, true, false or null
)

var class = func() (t [256]uint8) {
	for c := '0'; c <= '9'; c++ {
		t[c] = scalar
	}
	for _, c := range "+-.Etruefalsn" {
		t[c] = scalar
	}
	t[' '], t['\t'], t['\r'], t['\n'] = space, space, space, space
	t['{'], t['['] = opening, opening
	t['}'], t[']'] = closing, closing
	t['"'], t[','], t[':'] = quote, comma, colon
	return t
}()

// nesting remembers which brackets are open, a bit each.
type nesting struct {
	bits  []uint64
	depth int
}

func (n *nesting) push(object bool) {
	word, bit := n.depth/64, uint64(1)<<(n.depth%64)
	if word == len(n.bits) {
		n.bits = append(n.bits, 0)
	}
	n.bits[word] &^= bit
	if object {
		n.bits[word] |= bit
	}
	n.depth++
}

// pop closes the innermost bracket and says whether it is of this kind.
func (n *nesting) pop(object bool) bool {
	if n.depth == 0 {
		return false
	}
	n.depth--
	return n.bits[n.depth/64]>>(n.depth%64)&1 == 1 == object
}
