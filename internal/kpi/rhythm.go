package kpi

import "github.com/foyer-app/foyer/internal/community"

// rhythm is the contributions by hour × weekday, in local time. The rows are
// the messages of 7 weekdays, from Monday, × 24 hours; the facts name the peak,
// the hour of the week with the most messages a week. The number is that many.
// Unit: messages per hour.
//
// It is a volume: the team's messages count, bots' never. A mean is over the
// times that the weekday lies in the part of the window from the first activity
// to the horizon, so that a window of ten days is fair to every weekday; of
// equal hours the earliest in the week is the peak. The hour that summer time
// skips is empty, the one that it repeats holds both.
//
// Nothing written: no number ("no_contributions"). Numerator: the messages of
// the peak; denominator: the times its weekday occurs. Coverage: the share of
// the window's days from the first activity to the horizon. Source: Foyer KPI
// definitions, Health.
func rhythm() KPI {
	return KPI{"rhythm", MessagesPerHour, "rhythm/1", Neither, func(q query) Value {
		rows := q.hours()
		weeks := weekdays(q.covered())
		v := Value{Reason: NoContributions, Coverage: q.days()}
		for day := range rows {
			for hour, n := range rows[day] {
				mean := ratio(n, max(1, weeks[day]), v.Coverage, NoContributions)
				if mean.Number > v.Number {
					v = mean
					v.Facts = Peak{Weekday: day, Hour: hour}
				}
			}
		}
		v.Rows = rows
		return v
	}}
}

// Hours are the rows of rhythm: messages by weekday, from Monday, and hour.
type Hours [7][24]int

// Peak is the facts of rhythm: the busiest hour of the week.
type Peak struct {
	Weekday int `json:"weekday"` // Monday is 0
	Hour    int `json:"hour"`
}

func (q query) hours() Hours {
	var rows Hours
	days := q.s.In(q.w)
	for i := range days {
		row := &rows[days[i].Date.Weekday()]
		for hour := range row {
			row[hour] += days[i].Team.Hours[hour]
			if q.p != community.Team {
				row[hour] += days[i].Members.Hours[hour]
			}
		}
	}
	return rows
}

// weekdays counts how often each weekday lies in the window.
func weekdays(w community.Window) [7]int {
	var n [7]int
	for i := range n {
		n[i] = w.Days() / 7
	}
	for d := w.To - community.Date(w.Days()%7); d < w.To; d++ {
		n[d.Weekday()]++
	}
	return n
}
