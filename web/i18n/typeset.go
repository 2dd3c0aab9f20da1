package i18n

import "strings"

// Spaces that never break a line.
const (
	nbsp   = "\u00a0"
	narrow = "\u202f"
	minus  = "\u2212"
	none   = "–"
)

var frenchSpaces = strings.NewReplacer(
	" ;", narrow+";", " !", narrow+"!", " ?", narrow+"?",
	" :", nbsp+":", " %", nbsp+"%", " €", nbsp+"€", "« ", "«"+nbsp, " »", nbsp+"»",
	"'", "’",
)

var englishMarks = strings.NewReplacer("'", "’")

// Typeset gives a sentence the spaces and apostrophes of its language, so that catalogues can be written with an
// ordinary keyboard: in French a narrow no-break space before ; ! ? and a no-break space before : % € and inside « ».
func Typeset(l Locale, text string) string {
	if l.Language() == French {
		return frenchSpaces.Replace(text)
	}
	return englishMarks.Replace(text)
}
