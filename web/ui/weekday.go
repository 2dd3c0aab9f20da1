package ui

import (
	"time"

	"github.com/foyer-app/foyer/web/i18n"
)

// dayName is the name of a day counted from Monday; a narrow table shows only its first three letters.
func dayName(l i18n.Locale, day int) string { return l.Weekday(time.Weekday((day + 1) % 7)) }

func dayStart(l i18n.Locale, day int) string { return string([]rune(dayName(l, day))[:3]) }

func dayRest(l i18n.Locale, day int) string { return string([]rune(dayName(l, day))[3:]) }
