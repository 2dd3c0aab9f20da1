package chart

// Spark is a small line without axes whose last point is marked.
type Spark struct {
	Title   string    // what a reader hears: "Taux d’engagement, 12 semaines, de 17,6 % à 21,5 %"
	Values  []float64 // not a number where there is no value
	Compare []float64 // a second line, of the comparable group; may be empty
	Height  float64   // 0: 40 px
}

// Scene draws the line. Fewer than two values draw nothing but the point there is; no value at all an empty scene.
func (s Spark) Scene() Scene {
	height := s.Height
	if missing(height) || height <= 0 {
		height = 40
	}
	scene := Scene{Kind: "spark", Title: s.Title, Height: height}
	low, high, ok := extent(s.Values, s.Compare)
	if !ok {
		return scene
	}
	scale := scaler{low: low, high: high, top: height * 0.11, bottom: height * 0.89}
	for _, line := range []struct {
		values []float64
		role   Role
	}{{s.Compare, Comparable}, {s.Values, Members}} {
		for _, run := range runs(line.values) {
			if len(run) > 1 {
				scene.Ops = append(scene.Ops, Polyline{Points: sparkPoints(line.values, run, scale), Role: line.role})
			}
		}
	}
	if last, found := lastRun(s.Values); found {
		at := Point{X: even(last, len(s.Values)), Y: scale.y(s.Values[last])}
		scene.Ops = append(scene.Ops, Circle{At: at, Radius: 3, Role: "pt " + Members})
	}
	return scene
}

func sparkPoints(values []float64, run []int, scale scaler) []Point {
	points := make([]Point, len(run))
	for i, slot := range run {
		points[i] = Point{X: even(slot, len(values)), Y: scale.y(values[slot])}
	}
	return points
}

// lastRun is the index of the last value there is.
func lastRun(values []float64) (int, bool) {
	for i := len(values) - 1; i >= 0; i-- {
		if !missing(values[i]) {
			return i, true
		}
	}
	return 0, false
}
