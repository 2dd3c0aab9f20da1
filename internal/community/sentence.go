package community

import "bytes"

// sentence is what IsQuestion remembers of the sentence it reads.
type sentence struct {
	head   [64]byte // the clause so far, folded, cut to what an opening needs
	n      int
	long   bool // the clause did not fit
	word   [2]span
	length int  // of the word so far
	words  int  // in the sentence
	first  bool // no clause came before but greetings
	inner  bool // the clause is not the first of the sentence
	opens  bool // some clause before this one opens like a question
}

// span is a word, cut to what a tag needs.
type span struct {
	text [8]byte
	n    int
}

func (w *span) is(s string) bool { return string(w.text[:w.n]) == s }

func (w *span) laughs() bool { return laughter[string(w.text[:w.n])] }

// add reads one folded character.
func (s *sentence) add(c byte) {
	if c == ' ' {
		s.length = 0
		if s.n == 0 || s.head[s.n-1] == ' ' {
			return
		}
	} else {
		s.letter(c)
	}
	if s.n == len(s.head) {
		s.long = true
		return
	}
	s.head[s.n] = c
	s.n++
}

// letter keeps the last two words.
func (s *sentence) letter(c byte) {
	if s.length == 0 {
		s.words++
		s.word[0], s.word[1] = s.word[1], span{}
	}
	s.length++
	if last := &s.word[1]; last.n < len(last.text) {
		last.text[last.n] = c
		last.n++
	}
}

// restart forgets the sentence; the bytes of the clause need no wiping.
func (s *sentence) restart() {
	s.n, s.length, s.words = 0, 0, 0
	s.long, s.first, s.inner, s.opens = false, true, false, false
	s.word = [2]span{}
}

// clause ends a clause.
func (s *sentence) clause(colon bool) {
	text := s.text()
	if s.length = 0; len(text) == 0 {
		return
	}
	rest := greeted(text)
	s.n, s.long, s.inner = 0, false, true
	if len(rest) == 0 {
		return
	}
	s.opens = s.opens || opens(rest, s.first && !colon)
	s.first = false
}

// text is the clause without blanks at its end.
func (s *sentence) text() []byte { return bytes.TrimRight(s.head[:s.n], " ") }

// stops ends a sentence that has no mark and says whether it asks.
func (s *sentence) stops(shout bool) bool {
	s.clause(false)
	asks := s.opens && !shout && s.words >= 3 && s.words <= 40 && !s.word[1].laughs()
	s.restart()
	return asks
}

// asks says whether the sentence, which ends with a mark, asks.
func (s *sentence) asks() bool {
	text, opened, inner := s.text(), s.opens, s.inner
	last, before := s.word[1], s.word[0]
	if s.words == 0 || s.words == 1 && last.n < 2 {
		return false
	}
	rest := greeted(text)
	if !s.long && !inner && (stock[string(text)] || stock[string(rest)]) {
		return false
	}
	if inner && len(text) > 0 && !s.long && tags[string(text)] {
		return opened
	}
	if opened || opens(rest, s.first) {
		return true
	}
	return !last.laughs() && !last.is("hein") && !last.is("huh") &&
		(!last.is("non") || before.is("ou"))
}

// greeted is the clause without the greetings and joining words it begins with.
func greeted(clause []byte) []byte {
	for {
		n := longest(clause, &leads)
		if n == 0 {
			return clause
		}
		clause = bytes.TrimLeft(clause[n:], " ")
	}
}

// opens says whether a clause opens like a question; at the start of a sentence
// more openings do than in the middle.
func opens(clause []byte, start bool) bool {
	if longest(clause, &statements) > 0 {
		return false
	}
	return longest(clause, &strong) > 0 || start && longest(clause, &weak) > 0
}

// longest is the length of the longest phrase of the set that the clause begins
// with, up to the end of a word or an elision; 0 for none.
func longest(clause []byte, set *openings) int {
	if len(clause) == 0 {
		return 0
	}
	found := 0
	for _, p := range set[clause[0]] {
		n := len(p)
		if n > found && n <= len(clause) && string(clause[:n]) == p && (n == len(clause) || clause[n] == ' ' || p[n-1] == '\'') {
			found = n
		}
	}
	return found
}
