// Package i18n holds the two languages of Foyer: catalogues of sentences, plurals, and the printing of numbers, money,
// dates and durations. Every printed value is ready for the page: its spaces are already the right ones.
package i18n

import "golang.org/x/text/language"

// Locale is one language of the interface, with the clock that a person reads it
// by. The zero value is English. Two of them are compared by Language.
type Locale uint8

// The languages there are.
const (
	English Locale = iota
	French
)

// The clocks stand in the bits above the language.
const (
	languageBits Locale = 1
	clock24      Locale = 2
	clock12      Locale = 4
)

// Language is the language alone, without a clock: English or French.
func (l Locale) Language() Locale { return l & languageBits }

// WithClock makes the language print times by a clock of 24 or of 12 hours: "24"
// or "12". Anything else is the language's own habit.
func (l Locale) WithClock(hours string) Locale {
	switch hours {
	case "24":
		return l.Language() | clock24
	case "12":
		return l.Language() | clock12
	}
	return l.Language()
}

// Locales are all languages, in the order the switch shows them.
func Locales() []Locale { return []Locale{French, English} }

var tags = [...]language.Tag{English: language.English, French: language.French}

var matcher = language.NewMatcher(tags[:])

// Match chooses the language of a visitor: the one kept in the cookie, else the best of the Accept-Language header,
// else English. Both arguments are foreign input and may be empty or malformed.
func Match(acceptLanguage, cookie string) Locale {
	if l, ok := Parse(cookie); ok {
		return l
	}
	if len(acceptLanguage) > 512 {
		return English
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(wanted) == 0 {
		return English
	}
	_, index, _ := matcher.Match(wanted...)
	return Locale(index)
}

// Parse reads a language code, "fr" or "en".
func Parse(code string) (Locale, bool) {
	for _, l := range Locales() {
		if l.String() == code {
			return l, true
		}
	}
	return English, false
}

// String is the code of the language, as the lang attribute wants it: "fr" or "en".
func (l Locale) String() string {
	if l.Language() == French {
		return "fr"
	}
	return "en"
}

// Name is the language's name in itself: "Français".
func (l Locale) Name() string {
	if l.Language() == French {
		return "Français"
	}
	return "English"
}
