package secret

import (
	_ "embed" // the dictionary
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

//go:embed data/words.txt
var dictionary string

const (
	minWord, maxWord = 4, 24 // characters, as in the dictionary; shorter ones are met by chance
	minPersonal      = 3     // characters: initials, "psg"

	// A part of a password costs at least this: the guesser has to hit on that very
	// word, however common it is. Personal words are few.
	leastWord     = 50.0
	leastPersonal = 10.0

	maxPersonal     = 32  // texts
	maxPersonalText = 256 // bytes of one
)

// rank looks a folded word up: 1 is the most common; 0 that there is none. The
// dictionary is sorted, so that it is searched where it lies: no table is built of it.
func rank(w string) int {
	lo, hi := 0, len(dictionary)
	for lo < hi {
		mid := lo + (hi-lo)/2
		start := strings.LastIndexByte(dictionary[lo:mid], '\n') + 1 + lo
		end := start + strings.IndexByte(dictionary[start:], '\n')
		other, number, _ := strings.Cut(dictionary[start:end], " ")
		switch {
		case other == w:
			n, _ := strconv.Atoi(number)
			return n
		case other < w:
			lo = end + 1
		default:
			hi = start
		}
	}
	return 0
}

// fold makes one small letter without accent of a character, so that positions stay.
func fold(r rune) rune {
	for _, first := range norm.NFD.String(string(r)) {
		return unicode.ToLower(first)
	}
	return r
}

func foldAll(runes []rune) []rune {
	folded := make([]rune, len(runes))
	for i, r := range runes {
		folded[i] = fold(r)
	}
	return folded
}

// personalWords returns the words of the texts, folded, and each text as one word, of
// e-mail addresses also either side.
func personalWords(texts []string) map[string]bool {
	known := map[string]bool{}
	for _, text := range texts[:min(len(texts), maxPersonal)] {
		text = strings.ToValidUTF8(text[:min(len(text), maxPersonalText)], "")
		folded := string(foldAll([]rune(normal(text))))
		for _, side := range append(strings.Split(folded, "@"), folded) {
			words := strings.FieldsFunc(side, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
			for _, w := range append(words, strings.Join(words, ""), side) {
				if utf8.RuneCountInString(w) >= minPersonal {
					known[w] = true
				}
			}
		}
	}
	return known
}

// leet are the letters that a digit or sign is written for; those of second where a
// sign stands for two.
func leet(r rune, second bool) rune {
	const signs, first, other = "4@8({[<36901!|$57+2%&", "aabccccegqoiiissttzxg", "aabccccebgoillsstlzxg"
	i := strings.IndexRune(signs, r)
	switch {
	case i < 0:
		return r
	case second:
		return rune(other[i])
	}
	return rune(first[i])
}

// findWords returns the words of the dictionary and of known: straight or backwards,
// with letters written as digits or signs, in any capitals.
func findWords(runes []rune, known map[string]bool) []part {
	plain := foldAll(runes)
	readings := [][]rune{plain}
	for _, second := range []bool{false, true} {
		read := make([]rune, len(plain))
		for i, r := range plain {
			read[i] = leet(r, second)
		}
		readings = append(readings, read)
	}
	var parts []part
	for from := range runes {
		for to := from + minPersonal; to <= len(runes); to++ {
			for i, read := range readings {
				if i > 0 && slices.Equal(read[from:to], readings[i-1][from:to]) {
					continue
				}
				parts = appendWord(parts, part{from: from, to: to}, runes, read, known)
			}
		}
	}
	return parts
}

// appendWord appends p if one reading of it is a word.
func appendWord(parts []part, p part, runes, read []rune, known map[string]bool) []part {
	forward := slices.Clone(read[p.from:p.to])
	backward := slices.Clone(forward)
	slices.Reverse(backward)
	factor := capitals(runes[p.from:p.to]) * substitutions(runes[p.from:p.to], forward)
	whole := p.to-p.from == len(runes)
	for i, w := range []string{string(forward), string(backward)} {
		guesses := factor * float64(1+i)
		if known[w] {
			p.kind, p.cost = personal, cost(guesses, leastPersonal, whole)
			return append(parts, p)
		}
		if p.to-p.from < minWord || p.to-p.from > maxWord {
			continue
		}
		if n := rank(w); n > 0 {
			p.kind, p.cost = word, cost(guesses*float64(n), leastWord, whole)
			parts = append(parts, p)
		}
	}
	return parts
}

func cost(guesses, least float64, whole bool) float64 {
	if !whole {
		guesses = max(guesses, least)
	}
	return math.Log10(guesses)
}

// capitals returns how many ways a guesser tries to set the capitals like this: few
// for the usual ones (first, last, all), else by their number.
func capitals(runes []rune) float64 {
	upper, lower := 0, 0
	for _, r := range runes {
		if unicode.IsUpper(r) {
			upper++
		} else if unicode.IsLower(r) {
			lower++
		}
	}
	switch {
	case upper == 0:
		return 1
	case lower == 0, upper == 1 && (unicode.IsUpper(runes[0]) || unicode.IsUpper(runes[len(runes)-1])):
		return 2
	}
	ways := 0.0
	for i := 1; i <= min(upper, lower); i++ {
		ways += choose(upper+lower, i)
	}
	return ways
}

// substitutions returns how many ways a guesser tries to write letters as signs.
func substitutions(runes, read []rune) float64 {
	ways := 1.0
	for i, r := range runes {
		if fold(r) != read[i] && ways < 8 {
			ways *= 2
		}
	}
	return ways
}

// choose returns the binomial coefficient.
func choose(n, k int) float64 {
	ways := 1.0
	for i := range k {
		ways *= float64(n-i) / float64(i+1)
	}
	return ways
}
