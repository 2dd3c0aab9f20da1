package sample

import (
	"math"
	"math/rand/v2"
	"time"
)

// The year's events, in days after the opening. Summer, Christmas and the
// return of September are those of the calendar.
const (
	founding      = 10  // founders arrive
	cafes         = 40  // the first live session; then every Thursday
	challenge     = 98  // thirty days, thirty stitches
	challengeOver = 128 //
	workspaceDay  = 126 // the ambassadors' workspace opens
	groupDay      = 140 // the town's chat group opens
)

var (
	launches = []int{60, 155, 235, 318}                  // a new pattern, a new box
	badWeeks = [][2]int{{82, 91}, {264, 272}}            // parcels are late
	weekdays = [7]float64{1.4, .9, .9, 1, 1.05, .8, .95} // from Sunday

	// hours of a day by how much is written in them.
	hours     = [24]float64{2, 0, 0, 0, 0, 0, 0, 5, 10, 12, 13, 12, 15, 16, 13, 11, 12, 15, 18, 30, 42, 38, 24, 8}
	sundays   = [24]float64{2, 0, 0, 0, 0, 0, 0, 2, 7, 20, 28, 24, 20, 22, 22, 20, 21, 21, 20, 28, 36, 30, 18, 5}
	workHours = [24]float64{0, 0, 0, 0, 0, 0, 0, 1, 6, 14, 15, 13, 8, 7, 13, 13, 12, 10, 6, 4, 5, 4, 1, 0}
)

// season is what the calendar makes of an ordinary day: holidays are quiet.
func season(day time.Time) float64 {
	n := float64(day.YearDay())
	// The dip is deepest in the first days of August and over at September.
	summer := 1 - .42*math.Exp(-math.Pow((n-214)/27, 4))
	switch {
	case day.Month() == time.December && day.Day() >= 23, day.Month() == time.January && day.Day() <= 2:
		return .6
	case day.Month() == time.September:
		return summer * 1.06
	}
	return summer
}

// bad says whether a day lies in a week in which things go wrong.
func bad(day int) bool {
	for _, w := range badWeeks {
		if day >= w[0] && day < w[1] {
			return true
		}
	}
	return false
}

// stir is how much more is written for an event, on the day so many days after
// the opening.
func stir(day int) float64 {
	f := 1.0
	for _, l := range launches {
		if day >= l && day < l+6 {
			f += .8 * math.Exp(-float64(day-l)/2.5)
		}
	}
	if day >= challenge && day < challengeOver {
		f += .35
	}
	if day < founding {
		f += 1.4 * math.Exp(-float64(day)/4)
	}
	return f
}

// arriving is how many people join the server on a day, on average.
func arriving(day int, date time.Time) float64 {
	f := season(date) * (1.05 + .85*float64(day)/year)
	if day < founding {
		f += 30 * math.Exp(-float64(day)/3.5)
	}
	for _, l := range launches {
		if day >= l && day < l+7 {
			f += 4.5 * math.Exp(-float64(day-l)/3)
		}
	}
	if day >= challenge && day < challenge+10 {
		f += 1.6
	}
	if date.Month() == time.September {
		f *= 1.9 // who brings a friend gets a remnant of cloth
	}
	return f
}

// poisson draws a number with that mean.
func poisson(r *rand.Rand, mean float64) int {
	n, p, limit := 0, r.Float64(), math.Exp(-mean)
	for p > limit {
		n++
		p *= r.Float64()
	}
	return n
}

// wait draws a time with that median; sigma says how far it spreads.
func wait(r *rand.Rand, median time.Duration, sigma float64) time.Duration {
	d := time.Duration(float64(median) * math.Exp(sigma*r.NormFloat64()))
	return min(max(d, 20*time.Second), 9*24*time.Hour).Truncate(time.Millisecond)
}

// drawHour draws an hour of the day by its weight.
func drawHour(r *rand.Rand, weights *[24]float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	x := r.Float64() * sum
	for h, w := range weights {
		if x -= w; x < 0 && w > 0 {
			return h
		}
	}
	return 20
}

// moment draws a time of the day.
func (t *teller) moment(date time.Time, weights *[24]float64) time.Time {
	return t.clock(date, drawHour(t.r, weights), t.r.IntN(60))
}

// clock is the time of a day, with seconds drawn.
func (t *teller) clock(date time.Time, hour, minute int) time.Time {
	return time.Date(date.Year(), date.Month(), date.Day(), hour, minute, t.r.IntN(60), t.r.IntN(1000)*1e6, t.story.Location)
}

// awake moves what would happen at night to the next morning. Nothing then
// falls into the hour that is doubled or left out when clocks change.
func (t *teller) awake(at time.Time) time.Time {
	if h := at.Hour(); h >= 1 && h < 7 {
		return t.clock(at, 7+t.r.IntN(3), t.r.IntN(60))
	}
	return at
}

// office moves a time to the next hour at which the team is there: not at night
// and not on Sundays.
func (t *teller) office(at time.Time) time.Time {
	for at.Weekday() == time.Sunday || at.Hour() >= 22 {
		at = t.clock(at.AddDate(0, 0, 1), 8, 59)
	}
	if at.Hour() < 9 {
		at = t.clock(at, 9+t.r.IntN(4), t.r.IntN(60))
	}
	return at
}
