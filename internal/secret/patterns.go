package secret

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

const (
	minRun       = 3       // characters of a keyboard run or sequence
	keyboardKeys = 47.0    // where a run can start
	directions   = 5.0     // that it can take from a key, on average
	maxStep      = 5       // between characters of a sequence: "acegi" has 2
	years        = 150.0   // firstYear to lastYear
	days         = 366.0   // of a year
	separators   = 4.0     // that are usual between the parts of a date
	dateSigns    = "/-._ " // that may stand there
	firstYear    = 1900
	lastYear     = 2049
)

// keyboards are the layouts that runs are looked for on: English, French, German and
// the block of digits. Of each row of keys first the plain characters, then the shifted.
func keyboards() []keyboard {
	return []keyboard{
		newKeyboard(true, "`1234567890-=", "~!@#$%^&*()_+", " qwertyuiop[]\\", " QWERTYUIOP{}|", " asdfghjkl;'", " ASDFGHJKL:\"", " zxcvbnm,./", " ZXCVBNM<>?"),
		newKeyboard(true, "²&é\"'(-è_çà)=", " 1234567890°+", " azertyuiop^$", " AZERTYUIOP¨£", " qsdfghjklmù*", " QSDFGHJKLM%µ", "<wxcvbn,;:!", ">WXCVBN?./§"),
		newKeyboard(true, "", "", " qwertzuiopü", " QWERTZUIOPÜ", " asdfghjklöä", " ASDFGHJKLÖÄ", "<yxcvbnm,.-", ">YXCVBNM;:_"),
		newKeyboard(false, "789", "", "456", "", "123", "", "0", ""),
	}
}

// keyboard says where the characters are.
type keyboard struct {
	staggered bool            // each row stands half a key to the right of the one above
	keys      map[rune][2]int // row and column
}

func newKeyboard(staggered bool, rows ...string) keyboard {
	k := keyboard{staggered: staggered, keys: map[rune][2]int{}}
	for i, row := range rows {
		for column, r := range []rune(row) {
			if r != ' ' {
				k.keys[r] = [2]int{i / 2, column}
			}
		}
	}
	return k
}

// step returns the direction from one key to a neighbour; false if it is none.
func (k keyboard) step(from, to rune) (direction [2]int, ok bool) {
	a, okA := k.keys[from]
	b, okB := k.keys[to]
	if !okA || !okB || a == b {
		return direction, false
	}
	row, column := b[0]-a[0], b[1]-a[1]
	direction = [2]int{row, column}
	switch {
	case row < -1 || row > 1 || column < -1 || column > 1:
		return direction, false
	case k.staggered && row == column: // both +1 or both -1: half a key too far
		return direction, false
	}
	return direction, true
}

// findRuns returns the runs over neighbouring keys.
func findRuns(runes []rune) []part {
	var parts []part
	for _, k := range keyboards() {
		for from := range runes {
			turns, before := 0, [2]int{}
			for to := from + 1; to < len(runes); to++ {
				direction, ok := k.step(runes[to-1], runes[to])
				if !ok {
					break
				}
				if direction != before {
					turns, before = turns+1, direction
				}
				if n := to + 1 - from; n >= minRun {
					ways := keyboardKeys * math.Pow(directions, float64(turns)) * choose(n-1, turns-1) * capitals(runes[from:to+1])
					parts = append(parts, part{from: from, to: to + 1, kind: pattern, cost: math.Log10(ways)})
				}
			}
		}
	}
	return parts
}

// findSequences returns characters that follow one another at equal steps: abcd,
// 9753.
func findSequences(runes []rune) []part {
	var parts []part
	for from := range runes {
		for to := from + 1; to < len(runes); to++ {
			step := runes[to] - runes[to-1]
			if step != runes[from+1]-runes[from] || step == 0 || step > maxStep || step < -maxStep || !sameClass(runes[to-1], runes[to]) {
				break
			}
			if n := to + 1 - from; n >= minRun {
				parts = append(parts, part{from: from, to: to + 1, kind: pattern, cost: sequenceCost(runes[from], step, n)})
			}
		}
	}
	return parts
}

func sameClass(a, b rune) bool {
	return unicode.IsDigit(a) && unicode.IsDigit(b) || unicode.IsLower(a) && unicode.IsLower(b) ||
		unicode.IsUpper(a) && unicode.IsUpper(b) || unicode.Is(unicode.Lo, a) && unicode.Is(unicode.Lo, b)
}

func sequenceCost(first, step rune, n int) float64 {
	starts := 26.0
	switch {
	case strings.ContainsRune("aAzZ019", first):
		starts = 4
	case unicode.IsDigit(first):
		starts = 10
	}
	if step != 1 {
		starts *= 2 * math.Abs(float64(step))
	}
	return math.Log10(starts * float64(n))
}

// findDates returns years, and days with or without a year in all usual orders.
func findDates(runes []rune) []part {
	var parts []part
	for from := range runes {
		parts = appendDates(parts, runes, from)
	}
	return parts
}

// appendDates appends the dates that begin at from: digits, between which stand two
// signs or none.
func appendDates(parts []part, runes []rune, from int) []part {
	var digits []int
	signs := 0
	for to := from; to < min(len(runes), from+10); to++ {
		r := runes[to]
		if len(digits) > 0 && strings.ContainsRune(dateSigns, r) {
			signs++
			continue
		}
		if r < '0' || r > '9' {
			break
		}
		digits = append(digits, int(r-'0'))
		ways := dateWays(digits)
		switch {
		case ways == 0, signs != 0 && (signs != 2 || len(digits) <= 4):
			continue
		case signs == 2:
			ways *= separators
		}
		parts = append(parts, part{from: from, to: to + 1, kind: pattern, cost: math.Log10(ways)})
	}
	return parts
}

// dateWays returns how many dates like this there are; 0 when it is none.
func dateWays(digits []int) float64 {
	number := func(from, n int) int {
		sum := 0
		for _, d := range digits[from : from+n] {
			sum = 10*sum + d
		}
		return sum
	}
	year := func(from int) bool { return number(from, 4) >= firstYear && number(from, 4) <= lastYear }
	day := func(from, a, b int) bool { // day and month in either order
		x, y := number(from, a), number(from+a, b)
		return x >= 1 && y >= 1 && x <= 31 && y <= 31 && min(x, y) <= 12
	}
	switch len(digits) {
	case 4:
		if year(0) {
			return years
		}
		if day(0, 2, 2) {
			return 2 * days
		}
	case 6:
		if day(0, 2, 2) || day(2, 2, 2) {
			return 2 * days * years
		}
		if day(0, 1, 1) && year(2) || day(4, 1, 1) && year(0) {
			return days * years
		}
	case 7:
		if year(3) && (day(0, 1, 2) || day(0, 2, 1)) || year(0) && (day(4, 1, 2) || day(4, 2, 1)) {
			return 2 * days * years
		}
	case 8:
		if day(0, 2, 2) && year(4) || year(0) && day(4, 2, 2) {
			return 2 * days * years
		}
	}
	return 0
}

// findRepeats returns parts and the repeats: "aaaa", "xyzxyz", "paris1paris1". What is
// repeated is guessed once; "aa" happens by chance. Short periods come first, since longer ones may hold them.
func findRepeats(runes []rune, parts []part) []part {
	n := len(runes)
	for period := 1; period <= n/2; period++ {
		for from := 0; from+2*period <= n; {
			to := from + period
			for to < n && runes[to] == runes[to-period] {
				to++
			}
			times := (to - from) / period
			if times < 2 {
				from = max(from+1, to-period+1)
				continue
			}
			base := runes[from : from+period]
			guesses, _ := cheapestIn(from, from+period, parts)
			for t := max(2, minRun/period); t <= times && !repeats(base); t++ {
				parts = append(parts, part{from: from, to: from + t*period, kind: pattern, cost: guesses + math.Log10(float64(t))})
			}
			from = to - period + 1
		}
	}
	return parts
}

// repeats says whether base is itself a repeat, which a shorter period has found.
func repeats(base []rune) bool {
	for period := 1; period <= len(base)/2; period++ {
		if len(base)%period == 0 && slices.Equal(base[period:], base[:len(base)-period]) {
			return true
		}
	}
	return false
}
