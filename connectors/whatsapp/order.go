package whatsapp

// order says which field of a date is which.
type order string

// The orders, as the visitor names them.
const (
	dmy order = "dmy"
	mdy order = "mdy"
	ymd order = "ymd"
)

// Why an order was chosen: Source.Decisions["date_order_why"].
const (
	whyYearFirst = "year_first"
	whyField     = "field_above_12"
	whyName      = "attachment"
	whySeparator = "separator"
	whyLines     = "order_of_lines"
	whyTold      = "told"
)

// evidence is what the headers of one file say together about the order. In
// falling weight:
//
//  1. a year of four digits in front, or the Korean form with two digits;
//  2. a field above 12 cannot be a month; if both fields have some (a log was
//     pasted into a message), the larger number of them counts;
//  3. an attachment's name, which holds the day of its message with the year first;
//  4. dots: nobody writes month.day.year;
//  5. the order of lines: steps back in time are counted under each reading,
//     and the reading with fewer is taken. Android's system lines do step back
//     now and then, by minutes, under both readings alike.
//
// Slashes with AM and PM point to English and so weakly to the month first, but
// half of the English-speaking world and all of the Spanish one write the day
// first with them: they decide nothing. When nothing decides, the visitor is asked.
type evidence struct {
	headers           int
	yearFirst, korean int
	dots              int
	above             [2]int // fields above 12: first, second
	attached          [2]int // attachments' names that say day first, month first
	back              [3]int // steps back: day first, month first, year first
	notYearFirst      bool   // two digits in front cannot be a year, in some line
	prev              [3]int
}

// add takes one header in.
func (e *evidence) add(h *header) {
	e.headers++
	if h.yearFirst() {
		e.yearFirst++
		return
	}
	first, second, third := h.fields[0], h.fields[1], h.fields[2]
	if h.sep == '.' {
		e.dots++
		if h.prefix && h.digits[2] <= 2 {
			e.korean++
		}
	}
	if first > 12 {
		e.above[0]++
	}
	if second > 12 {
		e.above[1]++
	}
	if h.digits[2] > 2 || second > 12 || third > 31 || first < 9 {
		e.notYearFirst = true
	}
	e.step([3]int{sortable(third, second, first, h), sortable(third, first, second, h), sortable(first, second, third, h)})
}

// name takes the name of an attachment in that the line of the header holds.
func (e *evidence) name(h *header, line []byte) {
	month, day, ok := attachedOn(line)
	if !ok || month == day {
		return
	}
	switch [2]int{h.fields[0], h.fields[1]} {
	case [2]int{day, month}:
		e.attached[0]++
	case [2]int{month, day}:
		e.attached[1]++
	}
}

func (e *evidence) step(now [3]int) {
	for i := range now {
		if now[i] < e.prev[i] {
			e.back[i]++
		}
	}
	e.prev = now
}

// sortable is a number that grows with time.
func sortable(year, month, day int, h *header) int {
	return ((year*100+month)*100+day)*10000 + h.hour*60 + h.minute
}

// decide returns the order and why, or nothing.
func (e *evidence) decide() (order, string) {
	switch {
	case e.yearFirst*2 > e.headers:
		return ymd, whyYearFirst
	case !e.notYearFirst && e.korean*2 > e.headers:
		return ymd, whyYearFirst
	case !e.notYearFirst && e.back[2] < min(e.back[0], e.back[1]):
		return ymd, whyLines
	case e.above[0] > e.above[1]:
		return dmy, whyField
	case e.above[1] > e.above[0]:
		return mdy, whyField
	case e.attached[0] > e.attached[1]:
		return dmy, whyName
	case e.attached[1] > e.attached[0]:
		return mdy, whyName
	case e.dots*2 > e.headers:
		return dmy, whySeparator
	case e.back[0] < e.back[1]:
		return dmy, whyLines
	case e.back[1] < e.back[0]:
		return mdy, whyLines
	}
	return "", ""
}

// date puts the fields in their places and makes the year a Gregorian one of
// four digits: from 2400 on it is Buddhist, as are two digits from 52 on.
func (h *header) date(o order) (year, month, day int) {
	switch {
	case h.yearFirst() || o == ymd:
		year, month, day = h.fields[0], h.fields[1], h.fields[2]
	case o == mdy:
		year, month, day = h.fields[2], h.fields[0], h.fields[1]
	default:
		year, month, day = h.fields[2], h.fields[1], h.fields[0]
	}
	switch {
	case year >= 2400:
		year -= 543
	case year < 52:
		year += 2000
	case year < 100:
		year += 2500 - 543
	}
	return year, month, day
}
