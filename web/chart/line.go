package chart

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// lines draws the intervals, then the lines, comparables first so that members lie on top.
func (p plotting) lines(c Time) []Op {
	var bands, lines, dots []Op
	for i := len(c.Series) - 1; i >= 0; i-- {
		s := c.Series[i]
		s.Points, s.Low, s.High = c.clip(s.Points), c.clip(s.Low), c.clip(s.High)
		bands = append(bands, p.band(c, s)...)
		for _, run := range runs(s.Points) {
			if len(run) > 1 {
				lines = append(lines, Polyline{Points: p.points(c, s.Points, run), Role: s.Role})
				continue
			}
			at := Point{X: p.x(c.Times[run[0]]), Y: p.scale.y(s.Points[run[0]])}
			dots = append(dots, Circle{At: at, Radius: 2.5, Role: "pt " + s.Role})
		}
		if end, ok := lastRun(s.Points); ok {
			at := Point{X: p.x(c.Times[end]), Y: p.scale.y(s.Points[end])}
			dots = append(dots, Circle{At: at, Radius: 4, Role: "pt " + s.Role})
		}
	}
	return append(append(bands, lines...), dots...)
}

// band draws the interval where both of its ends are known.
func (p plotting) band(c Time, s Series) []Op {
	n := min(len(s.Low), len(s.High))
	both := make([]float64, n)
	for i := range both {
		both[i] = 0
		if missing(s.Low[i]) || missing(s.High[i]) {
			both[i] = math.NaN()
		}
	}
	var ops []Op
	for _, run := range runs(both) {
		if len(run) > 1 {
			ops = append(ops, Area{Upper: p.points(c, s.High, run), Lower: p.points(c, s.Low, run), Role: s.Role})
		}
	}
	return ops
}

func (p plotting) points(c Time, values []float64, run []int) []Point {
	out := make([]Point, len(run))
	for i, slot := range run {
		out[i] = Point{X: p.x(c.Times[slot]), Y: p.scale.y(values[slot])}
	}
	return out
}

// axis writes six to nine dates in words under the plot: months when there are enough of them, days otherwise.
func (p plotting) axis(c Time) []Op {
	marks := months(c)
	if len(marks) < 3 {
		marks = days(c)
	}
	var ops []Op
	for i, m := range marks {
		role := Role("ax")
		if i%2 == 1 {
			role = "ax alt"
		}
		ops = append(ops, Text{At: Point{X: p.x(m.at), Y: p.height + 20}, Anchor: Middle, Role: role, Words: m.words})
	}
	return ops
}

type mark struct {
	at    time.Time
	words string
}

// months marks the first time of every month, January by its year; beyond two years it marks the years only.
func months(c Time) []mark {
	var all []mark
	for i, t := range c.Times {
		if i > 0 && t.Month() == c.Times[i-1].Month() && t.Year() == c.Times[i-1].Year() {
			continue
		}
		words := c.Locale.ShortMonth(t.Month())
		if t.Month() == time.January && i > 0 {
			words = strconv.Itoa(t.Year())
		}
		all = append(all, mark{t, words})
	}
	// A first month of a few days would sit on its neighbour.
	if len(all) > 2 && all[1].at.Sub(all[0].at) < 15*24*time.Hour && last(c.Times).Sub(all[0].at) > 80*24*time.Hour {
		all = all[1:]
	}
	if len(all) > 24 {
		all = slices.DeleteFunc(all, func(m mark) bool { return m.at.Month() != time.January })
	}
	return thin(all)
}

func days(c Time) []mark {
	all := make([]mark, len(c.Times))
	for i, t := range c.Times {
		all[i] = mark{t, c.Locale.Day(t)}
	}
	return thin(all)
}

// thin keeps every second, third… mark so that at most nine stay.
func thin(all []mark) []mark {
	step := (len(all) + 8) / 9
	if step < 2 {
		return all
	}
	var out []mark
	for i := 0; i < len(all); i += step {
		out = append(out, all[i])
	}
	return out
}

func first(times []time.Time) time.Time {
	if len(times) == 0 {
		return time.Time{}
	}
	return times[0]
}

func last(times []time.Time) time.Time {
	if len(times) == 0 {
		return time.Time{}
	}
	return times[len(times)-1]
}
