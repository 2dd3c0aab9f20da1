package spreadsheet

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// decideDecimal finds the mark of decimals in amounts. One that three digits
// follow may be that of thousands, so it decides nothing alone. Empty and
// whyAmbiguous when there are only such, or as good as as many of either.
func decideDecimal(values []string) (decimal, why string) {
	var dot, comma, unsure int
	for _, v := range values {
		s, _ := bareNumber(v)
		i := strings.LastIndexAny(s, ".,")
		if i < 0 || s == "" {
			continue
		}
		other := strings.IndexAny(s[:i], ".,")
		after := s[i+1:]
		sure := other >= 0 && s[other] != s[i] || len(after) != 3 || strings.HasPrefix(s, "0"+s[i:i+1])
		switch {
		case !digits(after) || other >= 0 && s[other] == s[i]: // 1.234.567 has no decimals
			unsure++
		case !sure:
			unsure++
		case s[i] == '.':
			dot++
		default:
			comma++
		}
	}
	switch {
	case dot > 20*comma:
		return ".", whyValues
	case comma > 20*dot:
		return ",", whyValues
	case dot+comma+unsure == 0:
		return ".", whyNothing
	}
	return "", whyAmbiguous
}

// dateEvidence counts what dates say of their order.
type dateEvidence struct {
	dmy, mdy, ymd, clear, compact, serial, unix, unsure, none int
	sample                                                    string // one that decides nothing
}

// decideDates finds the order of dates. Empty and whyAmbiguous when every one of
// them could be either.
func decideDates(values []string, from1904 bool) (order, why, sample string) {
	var e dateEvidence
	for _, v := range values {
		if v != "" {
			e.add(v)
		}
	}
	counted := e.dmy + e.mdy + e.ymd + e.unsure
	switch {
	case e.serial > e.clear+counted+e.compact+e.unix && from1904:
		return orderSerial4, whyMark, ""
	case e.serial > e.clear+counted+e.compact+e.unix:
		return orderSerial, whyValues, ""
	case e.compact > e.clear+counted+e.unix:
		return orderCompact, whyValues, ""
	case e.unix > e.clear+counted:
		return orderUnix, whyValues, ""
	case e.ymd > 0 && e.dmy+e.mdy == 0:
		return orderYMD, whyValues, ""
	case e.dmy > 20*e.mdy:
		return orderDMY, whyValues, ""
	case e.mdy > 20*e.dmy:
		return orderMDY, whyValues, ""
	case counted == 0 && e.clear > 0:
		return orderYMD, whyValues, ""
	case counted == 0:
		return orderYMD, whyNothing, ""
	}
	return "", whyAmbiguous, e.sample
}

func (e *dateEvidence) add(s string) {
	if digits(s) {
		n, _ := strconv.ParseInt(s, 10, 64) // too long is 0
		switch {
		case len(s) == 8 && n/10000 >= firstYear && n/10000 <= lastYear && n/100%100 >= 1 && n/100%100 <= 12 && n%100 >= 1 && n%100 <= 31:
			e.compact++
		case len(s) == 10 || len(s) == 13:
			e.unix++
		case n >= 20_000 && n < 80_000:
			e.serial++
		default:
			e.none++
		}
		return
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		if f >= 20_000 && f < 80_000 {
			e.serial++
		}
		return
	}
	if len(s) > 9 && digits(s[:8]) && (s[8] == ' ' || s[8] == 'T') {
		e.compact++
		return
	}
	if _, _, _, _, ok := spelledDate(s); ok {
		e.clear++
		return
	}
	a, b, c, _, ok := threeNumbers(s)
	switch {
	case !ok:
		e.none++
	case len(a) == 4:
		e.clear++
	case len(c) == 2 && atoi(a) > 31:
		e.ymd++
	case atoi(a) > 12:
		e.dmy++
	case atoi(b) > 12:
		e.mdy++
	case strings.Count(s, ".") >= 2 && strings.IndexByte(s, '.') == len(a): // nobody writes the month first with points
		e.dmy++
	default:
		e.unsure++
		if e.sample == "" && utf8.RuneCountInString(s) <= 30 {
			e.sample = s
		}
	}
}
