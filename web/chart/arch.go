package chart

import "math"

// Stones is how many stones the arch has, one per month.
const Stones = 12

// Arch is the community's year: stones laid, the one being laid, and a number inside. Without any stone the fire is
// drawn, unlit.
type Arch struct {
	Done    int    // stones laid, 0 to 12
	Current int    // the pale stone, 1 to 12; 0 for none
	Number  string // inside: "8"
	Caption string // under the number: "mois sur 12"
	Label   string // what a reader hears
}

// Scene draws the arch; counts out of range are brought into it.
func (a Arch) Scene() Scene {
	scene := Scene{Kind: "arch-m", Title: a.Label, Box: Box{X: 4, Y: 4, Width: 192, Height: 164}}
	done := max(0, min(a.Done, Stones))
	for i := range Stones {
		role := Role("stone")
		switch {
		case i < done:
			role = "stone on"
		case i+1 == a.Current:
			role = "stone cur"
		}
		scene.Ops = append(scene.Ops, Path{Steps: stone(i), Role: role})
	}
	if done == 0 && a.Current == 0 {
		scene.Ops = append(scene.Ops, Path{Steps: flame(), Role: "arch-fl"})
		return scene
	}
	return withNumber(scene, a)
}

func withNumber(scene Scene, a Arch) Scene {
	scene.Ops = append(scene.Ops,
		Text{At: Point{X: 100, Y: 128}, Role: "arch-b", Words: a.Number},
		Text{At: Point{X: 100, Y: 150}, Role: "arch-s", Words: a.Caption})
	return scene
}

// The arch stands on two pillars of three stones, six more span it.
const (
	centreX, centreY = 100.0, 98.0
	outer, inner     = 90.0, 61.0
	pillar           = 22.0
)

func stone(i int) []Step {
	switch {
	case i < 3:
		bottom := 164 - float64(i)*pillar
		return block(10, 39, bottom)
	case i >= 9:
		return block(161, 190, centreY+pillar*float64(i-8))
	}
	from, to := math.Pi-float64(i-3)*math.Pi/6, math.Pi-float64(i-2)*math.Pi/6
	return []Step{
		{To: onRing(outer, from)},
		{To: onRing(outer, to), Radius: outer},
		{To: onRing(inner, to)},
		{To: onRing(inner, from), Radius: inner, Backwards: true},
	}
}

func block(left, right, bottom float64) []Step {
	return []Step{{To: Point{left, bottom}}, {To: Point{right, bottom}}, {To: Point{right, bottom - pillar}}, {To: Point{left, bottom - pillar}}}
}

func onRing(radius, angle float64) Point {
	return Point{X: centreX + radius*math.Cos(angle), Y: centreY - radius*math.Sin(angle)}
}

// flame is the outline of the fire, as curves.
func flame() []Step {
	curve := func(ax, ay, bx, by, x, y float64) Step {
		return Step{To: Point{x, y}, Controls: []Point{{ax, ay}, {bx, by}}}
	}
	return []Step{
		{To: Point{100, 163}},
		curve(83, 163, 72, 151.5, 72, 136.5),
		curve(72, 124.5, 78.5, 117.5, 84.5, 109),
		curve(89.5, 102, 92.5, 95.5, 92, 86),
		curve(104, 92.5, 110, 103, 110, 113),
		curve(113, 110.5, 114.5, 106.5, 114.5, 102),
		curve(123, 110.5, 128, 123, 128, 136.5),
		curve(128, 152, 117, 163, 100, 163),
	}
}
