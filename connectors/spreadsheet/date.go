package spreadsheet

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The orders of dates: connectors.Mapping.DateOrder.
const (
	orderDMY     = "dmy"
	orderMDY     = "mdy"
	orderYMD     = "ymd"
	orderCompact = "compact"    // 20240131
	orderSerial  = "serial"     // days since 1899-12-30, as workbooks count
	orderSerial4 = "serial1904" // days since 1904-01-01, as some do
	orderUnix    = "unix"       // seconds, or milliseconds, since 1970
)

var dateOrders = []string{orderDMY, orderMDY, orderYMD, orderCompact, orderSerial, orderSerial4, orderUnix}

var errDate = errors.New("is no date")

// moment is a date as it is written. A zone is of the text itself.
type moment struct {
	at      time.Time
	dayOnly bool
}

// parseDate reads a date with or without a time. What begins with a year of four
// digits and what spells its month is read as what it is; order decides the rest.
// zone is that of times that name none.
func parseDate(text, order string, zone *time.Location) (moment, error) {
	s := strings.TrimSpace(text)
	if s == "" || len(s) > 60 {
		return moment{}, errDate
	}
	switch order {
	case orderSerial, orderSerial4:
		if m, ok := serialDate(s, order, zone); ok {
			return m, nil
		}
	case orderUnix:
		if at, ok := unixTime(s); ok {
			return moment{at: at}, nil
		}
	case orderCompact:
		if len(s) == 8 && digits(s) {
			return dateOf(atoi(s[:4]), atoi(s[4:6]), atoi(s[6:]), "", zone)
		}
		if len(s) > 9 && digits(s[:8]) && (s[8] == ' ' || s[8] == 'T') {
			return dateOf(atoi(s[:4]), atoi(s[4:6]), atoi(s[6:8]), s[9:], zone)
		}
	}
	if y, m, d, rest, ok := spelledDate(s); ok {
		return dateOf(y, m, d, rest, zone)
	}
	a, b, c, rest, ok := threeNumbers(s)
	if !ok {
		return moment{}, errDate
	}
	switch {
	case len(a) == 4:
		return dateOf(atoi(a), atoi(b), atoi(c), rest, zone)
	case order == orderDMY:
		return dateOf(year(c), atoi(b), atoi(a), rest, zone)
	case order == orderMDY:
		return dateOf(year(c), atoi(a), atoi(b), rest, zone)
	case order == orderYMD:
		return dateOf(year(a), atoi(b), atoi(c), rest, zone)
	}
	return moment{}, errDate
}

// threeNumbers cuts 31/01/2024 into its numbers and what follows them.
func threeNumbers(s string) (a, b, c, rest string, ok bool) {
	a, s = leadingDigits(s)
	b, s, ok = nextNumber(s)
	if !ok || a == "" || len(a) > 4 || len(a) == 3 || len(b) > 2 {
		return "", "", "", "", false
	}
	c, s, ok = nextNumber(s)
	if !ok || len(c) > 4 || len(c) == 3 || len(a) == 4 && len(c) > 2 {
		return "", "", "", "", false
	}
	if s != "" && s[0] != ' ' && s[0] != 'T' && s[0] != 't' && s[0] != ',' && !strings.HasPrefix(s, "\u00a0") {
		return "", "", "", "", false
	}
	return a, b, c, strings.TrimLeft(s, " ,Tt\u00a0"), true
}

func nextNumber(s string) (digits, rest string, ok bool) {
	if s == "" || !strings.ContainsRune("/-. ", rune(s[0])) {
		return "", s, false
	}
	digits, rest = leadingDigits(strings.TrimLeft(s[1:], " "))
	return digits, rest, digits != ""
}

func leadingDigits(s string) (digits, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

// months by the first letters that tell them apart, in English and French.
var months = []struct {
	start string
	month int
}{
	{"jan", 1},
	{"feb", 2},
	{"fév", 2},
	{"fev", 2},
	{"mar", 3},
	{"apr", 4},
	{"avr", 4},
	{"may", 5},
	{"mai", 5},
	{"jun", 6},
	{"juin", 6},
	{"jul", 7},
	{"juil", 7},
	{"aug", 8},
	{"aoû", 8},
	{"aou", 8},
	{"sep", 9},
	{"oct", 10},
	{"nov", 11},
	{"dec", 12},
	{"déc", 12},
}

func monthNamed(word string) int {
	word = strings.ToLower(strings.TrimSuffix(word, "."))
	for _, m := range months {
		if strings.HasPrefix(word, m.start) && len(word) <= 10 {
			return m.month
		}
	}
	return 0
}

// spelledDate reads 31 janv. 2024, Jan 31, 2024 and 31-Jan-2024.
func spelledDate(s string) (y, m, d int, rest string, ok bool) {
	var words []string
	for i := 0; i < len(s) && len(words) < 3; {
		end := strings.IndexFunc(s[i:], func(r rune) bool { return r == ' ' || r == '-' || r == '/' || r == ',' || r == '\u00a0' })
		if end < 0 {
			end = len(s) - i
		}
		if end > 0 {
			words = append(words, s[i:i+end])
		}
		i += end
		if len(words) == 3 {
			rest = s[i:]
			break
		}
		for i < len(s) && (s[i] == ' ' || s[i] == '-' || s[i] == '/' || s[i] == ',' || s[i] == 0xC2 || s[i] == 0xA0) {
			i++
		}
	}
	if len(words) < 3 {
		return 0, 0, 0, "", false
	}
	day, year := words[0], words[2]
	m = monthNamed(words[1])
	if m == 0 {
		m, day = monthNamed(words[0]), words[1]
	}
	day = strings.TrimRightFunc(day, unicode.IsLetter) // 1st, 1er
	if m == 0 || !digits(day) || len(day) > 2 || !digits(year) || len(year) != 4 {
		return 0, 0, 0, "", false
	}
	return atoi(year), m, atoi(day), strings.TrimLeft(rest, " ,\u00a0"), true
}

// year completes a year of two digits: up to 69 they are of this century.
func year(s string) int {
	y := atoi(s)
	switch {
	case len(s) > 2:
		return y
	case y < 70:
		return 2000 + y
	}
	return 1900 + y
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// The years that a date can be in.
const firstYear, lastYear = 1970, 2100

// dateOf is a day that exists, with the time that is written behind it.
func dateOf(y, m, d int, clock string, zone *time.Location) (moment, error) {
	day := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if y < firstYear || y > lastYear || m < 1 || m > 12 || d < 1 || day.Day() != d {
		return moment{}, errDate
	}
	if clock == "" {
		return moment{at: time.Date(y, time.Month(m), d, 0, 0, 0, 0, zone).UTC(), dayOnly: true}, nil
	}
	since, rest, ok := parseClock(clock)
	if !ok {
		return moment{}, errDate
	}
	own, ok := parseZone(strings.TrimSpace(rest))
	if !ok {
		return moment{}, errDate
	}
	if own != nil {
		zone = own
	}
	sec := int(since / time.Second)
	return moment{at: time.Date(y, time.Month(m), d, sec/3600, sec/60%60, sec%60, int(since%time.Second), zone).UTC()}, nil
}

// parseClock reads 12:34, 12:34:56.789, 1:05 PM and 12h34.
func parseClock(s string) (since time.Duration, rest string, ok bool) {
	h, s := leadingDigits(s)
	if h == "" || len(h) > 2 || s == "" || s[0] != ':' && s[0] != 'h' {
		return 0, "", false
	}
	m, s := leadingDigits(s[1:])
	sec := "0"
	if strings.HasPrefix(s, ":") {
		sec, s = leadingDigits(s[1:])
	}
	var nano int
	if len(s) > 1 && (s[0] == '.' || s[0] == ',') {
		var frac string
		if frac, s = leadingDigits(s[1:]); frac == "" {
			return 0, "", false
		}
		nano = atoi((frac + "000000000")[:9])
	}
	hour, minute, second := atoi(h), atoi(m), atoi(sec)
	for _, half := range []struct {
		mark string
		add  int
	}{{"AM", 0}, {"PM", 12}} {
		if trimmed := strings.TrimLeft(s, " \u00a0\u202f"); len(trimmed) >= 2 && strings.EqualFold(trimmed[:2], half.mark) {
			if hour < 1 || hour > 12 {
				return 0, "", false
			}
			hour, s = hour%12+half.add, trimmed[2:]
		}
	}
	if len(m) != 2 || hour > 23 || minute > 59 || second < 0 || second > 59 || nano < 0 {
		return 0, "", false
	}
	return time.Duration(hour*3600+minute*60+second)*time.Second + time.Duration(nano), s, true
}

// parseZone reads Z, UTC, +01:00 and +0100; nil for nothing.
func parseZone(s string) (*time.Location, bool) {
	switch s {
	case "":
		return nil, true
	case "Z", "z", "UTC", "GMT":
		return time.UTC, true
	}
	sign := 1
	if s[0] == '-' {
		sign = -1
	} else if s[0] != '+' {
		return nil, false
	}
	number := strings.Replace(s[1:], ":", "", 1)
	if len(number) == 2 {
		number += "00"
	}
	if len(number) != 4 || !digits(number) || atoi(number[:2]) > 14 || atoi(number[2:]) > 59 {
		return nil, false
	}
	return time.FixedZone("", sign*(atoi(number[:2])*3600+atoi(number[2:])*60)), true
}

// serialDate reads a workbook's count of days.
func serialDate(s, order string, zone *time.Location) (moment, bool) {
	days, err := strconv.ParseFloat(s, 64)
	if err != nil || !(days >= 1 && days < 100_000) {
		return moment{}, false
	}
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if order == orderSerial4 {
		start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	whole := int(days)
	seconds := int((days-float64(whole))*86_400 + 0.5)
	at := start.AddDate(0, 0, whole).Add(time.Duration(seconds) * time.Second)
	if at.Year() < firstYear {
		return moment{}, false
	}
	local := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, zone)
	return moment{at: local.UTC(), dayOnly: seconds == 0}, true
}

// unixTime reads seconds, or milliseconds when there are thirteen digits.
func unixTime(s string) (time.Time, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || !digits(s) {
		return time.Time{}, false
	}
	at := time.Unix(n, 0)
	if len(s) >= 12 {
		at = time.UnixMilli(n)
	}
	if at.UTC().Year() > lastYear {
		return time.Time{}, false
	}
	return at.UTC(), true
}
