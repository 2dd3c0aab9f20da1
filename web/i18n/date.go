package i18n

import (
	"strconv"
	"strings"
	"time"
)

var shortMonths = [...][12]string{
	English: {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	French:  {"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
}

var longMonths = [...][12]string{
	English: {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	French:  {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
}

var weekdays = [...][7]string{
	English: {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	French:  {"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
}

// Month is the name of a month: "octobre", "October".
func (l Locale) Month(m time.Month) string { return longMonths[l.index()][monthIndex(m)] }

// ShortMonth is the short name of a month: "oct.", "Oct".
func (l Locale) ShortMonth(m time.Month) string { return shortMonths[l.index()][monthIndex(m)] }

// Weekday is the name of a day: "lundi", "Monday".
func (l Locale) Weekday(d time.Weekday) string {
	return weekdays[l.index()][((int(d)%7)+7)%7]
}

// Date is a day with its year, in the location of t: "5 oct. 2026", "1er mars 2026".
func (l Locale) Date(t time.Time) string { return l.Day(t) + nbsp + strconv.Itoa(t.Year()) }

// Day is a day without its year: "5 oct.", "1er mars".
func (l Locale) Day(t time.Time) string { return l.dayNumber(t) + nbsp + l.ShortMonth(t.Month()) }

// LongDate is a day in full: "lundi 5 octobre 2026".
func (l Locale) LongDate(t time.Time) string {
	return l.Weekday(t.Weekday()) + " " + l.dayNumber(t) + " " + l.Month(t.Month()) + " " + strconv.Itoa(t.Year())
}

// DateTime is a moment with its day: "4 oct. à 07:40", "4 Oct at 07:40". The year is left out.
func (l Locale) DateTime(t time.Time) string {
	if l.Language() == French {
		return l.Day(t) + " à " + l.Clock(t)
	}
	return l.Day(t) + " at " + l.Clock(t)
}

// DateRange is a span of days, both included; the years are left out when both are the year of now:
// "13 juil. – 4 oct.", "5 – 11 oct.", "28 déc. 2025 – 3 janv. 2026". A span of one day prints that day.
func (l Locale) DateRange(from, to, now time.Time) string {
	current := from.Year() == now.Year() && to.Year() == now.Year()
	end := l.Date(to)
	if current {
		end = l.Day(to)
	}
	fromYear, fromMonth, fromDay := from.Date()
	toYear, toMonth, toDay := to.Date()
	switch {
	case fromYear == toYear && fromMonth == toMonth && fromDay == toDay:
		return end
	case fromYear == toYear && fromMonth == toMonth:
		return l.dayNumber(from) + nbsp + "– " + end
	case fromYear == toYear:
		return l.Day(from) + nbsp + "– " + end
	}
	return l.Date(from) + nbsp + "– " + end
}

// Clock is the time of day: "07:40", or "7:40 am" by a clock of 12 hours.
func (l Locale) Clock(t time.Time) string {
	if l&clock12 != 0 {
		return t.Format("3:04") + nbsp + t.Format("pm")
	}
	return t.Format("15:04")
}

// Hour is an hour of the day from 0 to 23: "20 h", "8 pm"; "20:00" in English by a
// clock of 24 hours.
func (l Locale) Hour(hour int) string {
	hour = ((hour % 24) + 24) % 24
	switch {
	case l&clock12 != 0:
	case l.Language() == French:
		return strconv.Itoa(hour) + nbsp + "h"
	case l&clock24 != 0:
		return strconv.Itoa(hour) + ":00"
	}
	half := "am"
	if hour >= 12 {
		half = "pm"
	}
	return strconv.Itoa((hour+11)%12+1) + nbsp + half
}

// Duration is a length of time with one or two units: "40 s", "4 min", "1 h 38", "26 h", "2 j 3 h". Negative lengths
// print as positive ones.
func (l Locale) Duration(d time.Duration) string {
	if d < 0 {
		d = -max(d, -1<<62)
	}
	if d < 59500*time.Millisecond {
		return l.unit(int64(d.Round(time.Second)/time.Second), "s")
	}
	minutes := int64(d.Round(time.Minute) / time.Minute)
	switch {
	case minutes < 60:
		return l.unit(minutes, "min")
	case minutes < 24*60 && minutes%60 != 0:
		return l.unit(minutes/60, "h") + nbsp + twoDigits(minutes%60)
	}
	hours := int64(d.Round(time.Hour) / time.Hour)
	if hours < 48 {
		return l.unit(hours, "h")
	}
	days, rest := hours/24, hours%24
	if days >= 10 || rest == 0 {
		return l.unit((hours+12)/24, l.dayUnit())
	}
	return l.unit(days, l.dayUnit()) + nbsp + l.unit(rest, "h")
}

// Relative is a moment as seen from now: "à l’instant", "il y a 4 min", "dans 2 h"; farther than thirty days, its date.
func (l Locale) Relative(t, now time.Time) string {
	d := now.Sub(t)
	distance := max(d, -d)
	switch {
	case distance < 45*time.Second:
		return l.T("time.now")
	case distance > 30*24*time.Hour || distance < 0:
		return l.Date(t)
	case d < 0:
		return l.T("time.in", "duration", l.rough(distance))
	}
	return l.T("time.ago", "duration", l.rough(distance))
}

// rough is a duration with one unit only.
func (l Locale) rough(d time.Duration) string {
	switch {
	case d < time.Hour-30*time.Second:
		return l.unit(max(1, int64(d.Round(time.Minute)/time.Minute)), "min")
	case d < 47*time.Hour+30*time.Minute:
		return l.unit(max(1, int64(d.Round(time.Hour)/time.Hour)), "h")
	}
	return l.unit(int64((d+12*time.Hour)/(24*time.Hour)), l.dayUnit())
}

// List joins words: "a, b et c".
func (l Locale) List(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " " + l.T("list.and") + " " + words[last]
}

func (l Locale) unit(n int64, unit string) string { return l.Int(n) + nbsp + unit }

func (l Locale) dayUnit() string {
	if l.Language() == French {
		return "j"
	}
	return "d"
}

func (l Locale) dayNumber(t time.Time) string {
	if l.Language() == French && t.Day() == 1 {
		return "1er"
	}
	return strconv.Itoa(t.Day())
}

func twoDigits(n int64) string {
	if n < 10 {
		return "0" + strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10)
}

func monthIndex(m time.Month) int { return ((int(m)-1)%12 + 12) % 12 }
