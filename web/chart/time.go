package chart

import (
	"math"
	"time"

	"github.com/foyer-app/foyer/web/i18n"
)

// Series is one line of a time chart.
type Series struct {
	Name   string    // label at the line's end
	Value  string    // the last value, ready to print, under the name
	Role   Role      // Members or Comparable
	Points []float64 // one per time, not a number where there is no value
	Low    []float64 // lower and upper ends of the interval; both empty for none
	High   []float64
}

// Target is a value to reach, drawn as a dotted line with one or two lines of words at its end.
type Target struct {
	Value float64
	Words []string
}

// Event is something that happened at a moment, or from a moment to another.
type Event struct {
	From time.Time
	To   time.Time // zero for a moment
	Name string    // two or three words, beside its number where there is room
}

// Time is a line chart over time.
type Time struct {
	ID     string // unique in the page
	Title  string // what a reader hears
	Desc   string // what the chart shows, in a sentence or two
	Locale i18n.Locale
	Times  []time.Time // start of each day, week or month, ascending
	Series []Series    // one or two
	Format func(float64) string
	Height float64 // of the plot without its axis; 0: 190 px
	Focus  [2]time.Time
	Events []Event
	Target *Target
	NoAxis bool // another chart below carries the axis
}

// axisRoom is the height of the axis words under the plot.
const axisRoom = 26

// Scene draws the chart. With fewer than two values it draws the frame and says that there are too few.
func (c Time) Scene() Scene {
	plot := c.layout()
	scene := Scene{ID: c.ID, Kind: "plot", Title: c.Title, Desc: c.Desc, Height: plot.height}
	if !c.NoAxis {
		scene.Height += axisRoom
	}
	scene.Ops = append(scene.Ops, plot.ground(c)...)
	scene.Ops = append(scene.Ops, plot.grid(c)...)
	if !c.NoAxis {
		scene.Ops = append(scene.Ops, plot.axis(c)...)
	}
	if plot.values < 2 {
		words := Text{At: Point{X: 50, Y: plot.height / 2}, Anchor: Middle, Role: "nd", Words: c.Locale.T("ui.chart.few")}
		scene.Ops = append(scene.Ops, words)
	}
	scene.Ops = append(scene.Ops, plot.lines(c)...)
	scene.Ops = append(scene.Ops, plot.labels(c)...)
	return scene
}

// Across is the position of every time in percent of the width, for a readout.
func (c Time) Across() []float64 {
	out := make([]float64, len(c.Times))
	plot := plotting{from: first(c.Times), to: last(c.Times)}
	for i, t := range c.Times {
		out[i] = math.Round(plot.x(t)*100) / 100
	}
	return out
}

// Rail draws the numbers of the events above the chart.
func (c Time) Rail() Scene {
	scene := Scene{Kind: "rail", Height: 32}
	plot := plotting{from: first(c.Times), to: last(c.Times)}
	for i, e := range c.Events {
		at := e.From
		if e.To.After(e.From) {
			at = e.From.Add(e.To.Sub(e.From) / 2)
		}
		if !plot.inside(at) {
			continue
		}
		x := plot.x(at)
		scene.Ops = append(scene.Ops,
			Circle{At: Point{X: x, Y: 12}, Radius: 11, Role: "rk"},
			Text{At: Point{X: x, Y: 16.5}, Anchor: Middle, Role: "rkn", Words: c.Locale.Int(int64(i + 1))},
			Text{At: Point{X: x, Y: 17}, Shift: 17, Role: "rkl", Words: e.Name})
	}
	return scene
}

// plotting is the geometry of one chart.
type plotting struct {
	from, to time.Time
	height   float64
	ticks    []float64
	scale    scaler
	values   int // how many values there are
}

func (c Time) layout() plotting {
	height := c.Height
	if missing(height) || height <= 0 {
		height = 190
	}
	p := plotting{from: first(c.Times), to: last(c.Times), height: height}
	var all [][]float64
	for _, s := range c.Series {
		all = append(all, c.clip(s.Points), c.clip(s.Low), c.clip(s.High))
		for _, run := range runs(c.clip(s.Points)) {
			p.values += len(run)
		}
	}
	if c.Target != nil {
		all = append(all, []float64{c.Target.Value})
	}
	low, high, ok := extent(all...)
	if !ok {
		low, high = 0, 1
	}
	p.ticks = ticks(low, high)
	p.scale = scaler{low: p.ticks[0], high: p.ticks[len(p.ticks)-1], bottom: height}
	return p
}

// clip leaves out values that have no time.
func (c Time) clip(values []float64) []float64 { return values[:min(len(values), len(c.Times))] }

func (p plotting) inside(t time.Time) bool { return !t.Before(p.from) && !t.After(p.to) }

func (p plotting) x(t time.Time) float64 {
	span := p.to.Sub(p.from)
	if span <= 0 {
		return 100
	}
	return math.Max(0, math.Min(100, float64(t.Sub(p.from))/float64(span)*100))
}

// ground draws what lies behind the lines: the chosen period and the events.
func (p plotting) ground(c Time) []Op {
	var ops []Op
	if c.Focus[1].After(c.Focus[0]) && c.Focus[1].After(p.from) && c.Focus[0].Before(p.to) {
		x := p.x(c.Focus[0])
		width := p.x(c.Focus[1]) - x
		ops = append(ops, Rect{At: Point{X: x}, Width: width, Height: p.height, Role: "focus"})
		if x > 0.5 {
			ops = append(ops, Text{At: Point{X: x, Y: p.height - 8}, Shift: 6, Role: "fl", Words: c.Locale.T("ui.chart.focus")})
		}
	}
	for _, e := range c.Events {
		if e.To.After(e.From) {
			x := p.x(e.From)
			ops = append(ops, Rect{At: Point{X: x}, Width: p.x(e.To) - x, Height: p.height, Role: "evb"})
		} else if p.inside(e.From) {
			x := p.x(e.From)
			ops = append(ops, Line{From: Point{X: x}, To: Point{X: x, Y: p.height}, Role: "ev"})
		}
	}
	return ops
}

func (p plotting) grid(c Time) []Op {
	var ops []Op
	for i, v := range p.ticks {
		y, role := p.scale.y(v), Role("grid")
		if i == 0 {
			role = "grid zero"
		}
		ops = append(ops, Line{From: Point{Y: y}, To: Point{X: 100, Y: y}, Role: role})
		if p.values > 0 {
			ops = append(ops, Text{At: Point{Y: y + 4.5}, Shift: -8, Anchor: End, Role: "ax", Words: c.format(v)})
		}
	}
	return ops
}

func (c Time) format(v float64) string {
	if c.Format != nil {
		return c.Format(v)
	}
	return c.Locale.Decimal(v, 0)
}
