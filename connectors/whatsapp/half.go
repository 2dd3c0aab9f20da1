package whatsapp

import (
	"strings"
	"unicode"
)

// half is a part of the day that a time of twelve hours needs.
type half uint8

const (
	none half = iota
	morning
	evening
	noon // 11 stays, 12 stays, 1 is 13
)

// halfOf reads the word before or behind a time. Nothing, and words that only
// join date and time, are none; a word that is not known is no part of a header.
func halfOf(word []byte) (half, bool) {
	if len(word) == 0 {
		return none, true
	}
	if len(word) <= 4 { // most exports: " PM", " am", with or without the space
		switch strings.ToLower(strings.Trim(string(word), " ")) {
		case "":
			return none, true
		case "am":
			return morning, true
		case "pm":
			return evening, true
		}
	}
	key := strings.Map(func(r rune) rune {
		if isBlank(r) || isMark(r) || r == '.' || r == ',' {
			return -1
		}
		return unicode.ToLower(r)
	}, string(word))
	h, ok := halves[key]
	return h, ok
}

// halve makes the hour one of twenty-four. "00:08 a. m." is eight past midnight.
func (h *header) halve(part half) {
	switch {
	case part == morning && h.hour == 12:
		h.hour = 0
	case part == evening && h.hour < 12, part == noon && h.hour < 10:
		h.hour += 12
	}
}

// halves are the words beside a time: lower case, without dots and spaces.
var halves = map[string]half{
	"": none,
	// joining words, eras and units
	"à": none, "a": none, "às": none, "as": none, "alas": none, "at": none, "um": none, "klo": none, "kl": none,
	"alle": none, "o": none, "в": none, "om": none, "godz": none, "ore": none, "be": none, "พศ": none, "г": none,
	"uhr": none, "h": none, "u": none, "ч": none, "น": none,
	// English, and the languages that take its letters
	"am": morning, "pm": evening, "inthemorning": morning, "intheafternoon": evening, "intheevening": evening,
	"atnight": evening, "noon": noon, "midnight": morning,
	// Spanish, Portuguese, German, Hungarian, Albanian, Vietnamese, Turkish, Swedish
	"delamañana": morning, "delatarde": evening, "delanoche": evening, "damanhã": morning, "datarde": evening,
	"danoite": evening, "vorm": morning, "nachm": evening, "de": morning, "du": evening, "pd": morning, "md": evening,
	"sa": morning, "ch": evening, "öö": morning, "ös": evening, "fm": morning, "em": evening,
	// French
	"dumatin": morning, "del'aprèsmidi": evening, "del'après-midi": evening, "dusoir": evening,
	// Greek, Bulgarian
	"πμ": morning, "μμ": evening, "проб": morning, "слоб": evening,
	// Arabic, Persian, Hebrew
	"ص": morning, "م": evening, "صباحا": morning, "مساء": evening, "قظ": morning, "بظ": evening,
	"לפנה״צ": morning, "אחה״צ": evening, "לפנהצ": morning, "אחהצ": evening,
	// Korean, Japanese, Chinese, Thai, Hindi
	"오전": morning, "오후": evening, "午前": morning, "午後": evening, "上午": morning, "下午": evening,
	"凌晨": morning, "清晨": morning, "早上": morning, "中午": noon, "傍晚": evening, "晚上": evening,
	"ก่อนเที่ยง": morning, "หลังเที่ยง": evening, "पूर्वाह्न": morning, "अपराह्न": evening,
}
