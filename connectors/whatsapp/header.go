package whatsapp

import (
	"unicode/utf8"
)

// style is how a head line is built. One file has one style.
type style uint8

const (
	dashed    style = iota // 31/12/2023, 20:15 - Anna: Hello
	bracketed              // [31/12/2023, 20:15:03] Anna: Hello
	colonEnd               // 31/12/2023 20:15:03: Anna: Hello (old iPhones)
	styles                 // how many there are
)

// header is what stands before the author, unread: which field is the day is
// decided for the whole file.
type header struct {
	fields  [3]int // of the date, in the order written
	digits  [3]int
	sep     rune // between them
	hour    int  // 0 to 23, half days resolved
	minute  int
	second  int
	style   style
	prefix  bool // the half of the day stands before the time, as in Korean
	dateEnd int  // of the date's own text
	rest    int  // where author and text begin
}

// yearFirst says that the first field of the date has four digits.
func (h *header) yearFirst() bool { return h.digits[0] == 4 }

// scanner walks through a line, over invisible marks.
type scanner struct {
	b []byte
	i int
}

func (s *scanner) peek() (rune, int) {
	if s.i < len(s.b) && s.b[s.i] < utf8.RuneSelf {
		return rune(s.b[s.i]), 1
	}
	return utf8.DecodeRune(s.b[s.i:])
}

func (s *scanner) marks() {
	for {
		r, n := s.peek()
		if n == 0 || !isMark(r) {
			return
		}
		s.i += n
	}
}

// blanks goes over spaces and marks and says whether there was a space.
func (s *scanner) blanks() bool {
	seen := false
	for {
		r, n := s.peek()
		if n == 0 || !isBlank(r) && !isMark(r) {
			return seen
		}
		seen = seen || isBlank(r)
		s.i += n
	}
}

// accept goes over one character when it is r.
func (s *scanner) accept(r rune) bool {
	c, n := s.peek()
	if n == 0 || c != r {
		return false
	}
	s.i += n
	return true
}

// number reads up to four digits of any script.
func (s *scanner) number() (value, digits int) {
	for digits < 5 {
		r, n := s.peek()
		d := digit(r)
		if n == 0 || d < 0 {
			break
		}
		value = value*10 + d
		digits++
		s.i += n
	}
	return value, digits
}

// digit is the value of a digit, or -1: European, Arabic-Indic, Persian,
// Devanagari, Bengali, Thai and full-width ones.
func digit(r rune) int {
	if r < 0x660 {
		if r >= '0' && r <= '9' {
			return int(r - '0')
		}
		return -1
	}
	for _, zero := range [...]rune{0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10} {
		if r >= zero && r <= zero+9 {
			return int(r - zero)
		}
	}
	return -1
}

// scanHeader reads the date and time that a message begins with.
func scanHeader(line []byte) (header, bool) {
	s := scanner{b: line}
	h := header{}
	s.marks()
	if s.accept('[') {
		h.style = bracketed
		s.marks()
	}
	start := s.i
	if !s.date(&h) {
		return header{}, false
	}
	h.dateEnd = s.i
	if h.dateEnd-start > 64 {
		return header{}, false
	}
	before, ok := s.gap()
	if !ok || !s.time(&h) {
		return header{}, false
	}
	after, ok := s.end(&h)
	if !ok {
		return header{}, false
	}
	h.prefix = before != none
	h.halve(before)
	h.halve(after)
	return h, true
}

// date reads three fields with the same sign between them.
func (s *scanner) date(h *header) bool {
	for i := range 3 {
		if h.fields[i], h.digits[i] = s.number(); h.digits[i] == 0 || h.digits[i] > 4 {
			return false
		}
		s.marks()
		sep, n := s.peek()
		if i == 2 {
			if sep == '日' || sep == '일' || sep == '.' && h.sep == '.' {
				s.i += n
			}
			break
		}
		if !isDateSign(sep) || i == 1 && sep != h.sep && sep != '月' && sep != '월' {
			return false
		}
		h.sep = sep
		s.i += n
		s.blanks()
	}
	first, last := h.digits[0], h.digits[2]
	return h.digits[1] <= 2 && first != 3 && last != 3 && (first <= 2 || last <= 2)
}

func isDateSign(r rune) bool {
	switch r {
	case '/', '.', '-', '年', '月', '년', '월':
		return true
	}
	return false
}

// gap goes from the date to the time: a comma, spaces and at most one known
// word, which may name a half of the day.
func (s *scanner) gap() (half, bool) {
	seen := s.blanks()
	if s.accept(',') || s.accept('،') || s.accept('、') {
		seen = true
		s.blanks()
	}
	start := s.i
	for s.i-start < 40 {
		r, n := s.peek()
		if n == 0 || r == ']' || r == '[' {
			return none, false
		}
		if digit(r) >= 0 {
			if s.i == start {
				return none, seen
			}
			return halfOf(s.b[start:s.i])
		}
		s.i += n
	}
	return none, false
}

// time reads hours, minutes and seconds.
func (s *scanner) time(h *header) bool {
	var n int
	if h.hour, n = s.number(); n == 0 || n > 2 || h.hour > 24 {
		return false
	}
	spaced := s.blanks()
	switch {
	case s.accept('h') || s.accept('時') || s.accept('시'):
		s.blanks()
	case spaced || !s.accept(':') && !s.accept('.') && !s.accept('：'):
		return false
	}
	s.marks()
	if h.minute, n = s.number(); n != 2 || h.minute > 59 {
		return false
	}
	if h.hour == 24 {
		h.hour = 0
	}
	return s.seconds(h)
}

// seconds reads ":03", ".03" or " min 03 s", when there.
func (s *scanner) seconds(h *header) bool {
	back := s.i
	sign := s.accept(':') || s.accept('.') || s.accept('：')
	if !sign && s.blanks() && s.accept('m') && s.accept('i') && s.accept('n') {
		sign = s.blanks()
	}
	value, n := 0, 0
	if sign {
		value, n = s.number()
	}
	if n == 0 {
		s.i = back
		return true
	}
	h.second = value
	back = s.i
	if s.blanks(); !s.accept('s') {
		s.i = back
	}
	return n == 2 && value <= 59
}

// end goes over what stands between the time and the author, which may name a
// half of the day.
func (s *scanner) end(h *header) (half, bool) {
	start, blank := s.i, false
	for s.i-start < 48 {
		r, n := s.peek()
		at := s.i
		s.i += n
		switch {
		case n == 0:
			return none, false
		case h.style == bracketed && r == ']':
			s.space()
			h.rest = s.i
			return halfOf(s.b[start:at])
		case h.style != bracketed && blank && (r == '-' || r == '–') && s.space():
			h.rest = s.i
			return halfOf(s.b[start:at])
		case h.style != bracketed && r == ':' && at == start && s.space():
			h.style, h.rest = colonEnd, s.i
			return none, true
		}
		blank = isBlank(r)
	}
	return none, false
}

// space goes over one blank, and says whether there was one or the line ended.
func (s *scanner) space() bool {
	r, n := s.peek()
	if n > 0 && isBlank(r) {
		s.i += n
		return true
	}
	return n == 0
}
