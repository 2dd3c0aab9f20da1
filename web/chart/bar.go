package chart

import "math"

// Bar is a horizontal bar of one or two parts, for a table column. Parts are fractions of the column's width.
type Bar struct {
	Title   string // empty when the figure stands beside the bar
	Members float64
	Others  float64
}

// Scene draws the bar; parts that are negative or not finite have no width, and the whole never exceeds the column.
func (b Bar) Scene() Scene {
	members := share(b.Members)
	others := math.Min(share(b.Others), 1-members)
	scene := Scene{Kind: "stk", Title: b.Title, Height: 16}
	if members > 0 {
		scene.Ops = append(scene.Ops, Rect{At: Point{Y: 3}, Width: members * 100, Height: 10, Radius: 2, Role: "a"})
	}
	if others > 0 {
		scene.Ops = append(scene.Ops, Rect{At: Point{X: members * 100, Y: 3}, Width: others * 100, Height: 10, Radius: 2, Role: "b"})
	}
	return scene
}

// Columns are small upright bars, one per week, starting at zero.
type Columns struct {
	Title  string
	Values []float64
	Height float64 // 0: 40 px
}

// Scene draws the columns; a week without a value leaves its place empty.
func (c Columns) Scene() Scene {
	height := c.Height
	if missing(height) || height <= 0 {
		height = 40
	}
	scene := Scene{Kind: "mbars", Title: c.Title, Height: height}
	_, high, ok := extent(c.Values)
	if !ok {
		return scene
	}
	slot := 100 / float64(len(c.Values))
	for i, v := range c.Values {
		if missing(v) {
			continue
		}
		x := (float64(i) + 0.14) * slot
		h, role := 1.0, Role("z")
		if v > 0 && high > 0 {
			h, role = math.Max(1.5, finite(v)/high*height), "b"
		}
		scene.Ops = append(scene.Ops, Rect{At: Point{X: x, Y: height - h}, Width: slot * 0.72, Height: h, Radius: 1, Role: role})
	}
	return scene
}

func share(v float64) float64 {
	if missing(v) || v < 0 {
		return 0
	}
	return math.Min(v, 1)
}
