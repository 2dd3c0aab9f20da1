package secret

import (
	"math"
	"unicode/utf8"
)

const (
	// MinPassword is the fewest characters of a password.
	MinPassword = 8
	// MinGuesses is the logarithm (base 10) of the guesses that a password must
	// withstand: 10^8 takes years at the rates that the sign-in allows, and days of
	// many cores with the hashes at hand.
	MinGuesses = 8.0

	// maxJudged bounds what is looked at, in characters: what comes after it can only
	// make a password stronger.
	maxJudged = 72
)

// Reason says why a password was refused; it is a key for a message.
type Reason string

// The reasons.
const (
	ReasonShort    Reason = "short"    // under MinPassword characters
	ReasonLong     Reason = "long"     // over MaxPassword bytes
	ReasonCommon   Reason = "common"   // made of common passwords, words or names
	ReasonPersonal Reason = "personal" // made of what is known of the person or organisation
	ReasonPattern  Reason = "pattern"  // keyboard runs, sequences, repeats, dates
)

// Verdict is what Strength says of a password.
type Verdict struct {
	OK      bool
	Reason  Reason  // empty when OK
	Guesses float64 // logarithm (base 10) of the guesses that are needed; 0 when not estimated
}

// Strength estimates how many guesses a password withstands from somebody who tries
// words, names, keyboard runs, sequences, repeats and dates, in French and English,
// before everything else. personal are texts that such a guesser knows: the e-mail
// address, the person's and the organisation's names. There are no rules of composition.
func Strength(password string, personal ...string) Verdict {
	if len(password) > MaxPassword {
		return Verdict{Reason: ReasonLong}
	}
	password = normal(password)
	if utf8.RuneCountInString(password) < MinPassword {
		return Verdict{Reason: ReasonShort}
	}
	runes := []rune(password)
	runes = runes[:min(len(runes), maxJudged)]
	guesses, parts := cheapest(runes, findParts(runes, personalWords(personal)))
	if guesses >= MinGuesses {
		return Verdict{OK: true, Guesses: guesses}
	}
	return Verdict{Reason: reason(parts), Guesses: guesses}
}

// reason is what the cheapest decomposition is made of most; whatever is personal
// comes first, since nobody would find it out otherwise.
func reason(parts []part) Reason {
	var covered [kinds]int
	for _, p := range parts {
		covered[p.kind] += p.to - p.from
	}
	switch {
	case covered[personal] > 0:
		return ReasonPersonal
	case covered[pattern] > covered[word]:
		return ReasonPattern
	}
	return ReasonCommon
}

// kind is what a part of a password is.
type kind int

const (
	brute kind = iota // anything: tried character by character
	word
	personal
	pattern
	kinds // their number
)

// part is a piece of the password that can be guessed as one.
type part struct {
	from, to int     // characters
	cost     float64 // logarithm of the guesses
	kind     kind
}

const (
	// maxParts bounds a decomposition. One of more parts is beyond MinGuesses anyway.
	maxParts = 12
	// perPart is the logarithm of the guesses that trying all decompositions with one
	// part fewer takes for each part, before the guesser turns to this many.
	perPart = 3.0
	// perCharacter is the logarithm of the guesses for a character of no pattern: the
	// digits alone are 10, and people choose letters far from evenly.
	perCharacter = 1.0
)

// findParts returns all parts that can be guessed by something better than trying
// characters, the repeats after what they repeat.
func findParts(runes []rune, known map[string]bool) []part {
	parts := findWords(runes, known)
	parts = append(parts, findRuns(runes)...)
	parts = append(parts, findSequences(runes)...)
	parts = append(parts, findDates(runes)...)
	return findRepeats(runes, parts)
}

// cheapest returns the decomposition that is guessed first, and the logarithm of its
// guesses. l parts can stand in l! orders, and come after all decompositions of fewer.
func cheapest(runes []rune, parts []part) (float64, []part) {
	return cheapestIn(0, len(runes), parts)
}

// cheapestIn is cheapest for the characters from to to.
func cheapestIn(from, to int, parts []part) (float64, []part) {
	n := to - from
	ending := make([][]part, n+1)
	for _, p := range parts {
		if p.from >= from && p.to <= to {
			ending[p.to-from] = append(ending[p.to-from], p)
		}
	}
	// cost[k][l] is the least sum of l parts that cover the first k characters.
	cost := make([][maxParts + 1]float64, n+1)
	last := make([][maxParts + 1]part, n+1)
	for k := range cost {
		for l := range cost[k] {
			cost[k][l] = math.Inf(1)
		}
	}
	cost[0][0] = 0
	for k := 1; k <= n; k++ {
		take := func(p part) {
			for l := 1; l <= maxParts; l++ {
				if c := cost[p.from-from][l-1] + p.cost; c < cost[k][l] {
					cost[k][l], last[k][l] = c, p
				}
			}
		}
		for _, p := range ending[k] {
			take(p)
		}
		for i := range k {
			take(part{from: from + i, to: from + k, kind: brute, cost: bruteCost(k - i)})
		}
	}
	best, count, orders := math.Inf(1), 0, 0.0
	for l := 1; l <= maxParts; l++ {
		orders += math.Log10(float64(l))
		if c := addLogs(orders+cost[n][l], perPart*float64(l-1)); c < best {
			best, count = c, l
		}
	}
	var chosen []part
	for k, l := n, count; l > 0; l-- {
		chosen = append(chosen, last[k][l])
		k = last[k][l].from - from
	}
	return best, chosen
}

// bruteCost makes a lone character a little dearer than ten guesses, so that one
// long part of them wins over many short ones.
func bruteCost(n int) float64 { return max(perCharacter*float64(n), math.Log10(11)) }

// addLogs returns the logarithm of the sum of what a and b are logarithms of.
func addLogs(a, b float64) float64 {
	if math.IsInf(a, 1) {
		return a
	}
	hi, lo := max(a, b), min(a, b)
	return hi + math.Log10(1+math.Pow(10, lo-hi))
}
