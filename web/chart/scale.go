package chart

import "math"

// missing tells that a value is not there: not a number, or infinite.
func missing(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// extent is the smallest and the largest of the values that are there; ok is false when there is none.
func extent(series ...[]float64) (low, high float64, ok bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, values := range series {
		for _, v := range values {
			if missing(v) {
				continue
			}
			v = finite(v)
			low, high, ok = math.Min(low, v), math.Max(high, v), true
		}
	}
	return low, high, ok
}

// ticks are at most five round numbers that cover low to high, as close together as that allows. A range that begins near zero begins at zero, because
// a reader expects it.
func ticks(low, high float64) []float64 {
	if low > 0 && low < high*0.6 {
		low = 0
	}
	if high < 0 && high > low*0.6 {
		high = 0
	}
	if high-low <= math.Max(math.Abs(high), math.Abs(low))*1e-9 {
		low, high = low-math.Abs(low)*0.1, high+math.Max(math.Abs(high)*0.1, 1e-9)
		if low == 0 && high <= 1e-9 {
			high = 1
		}
	}
	for step := niceStep((high-low)/8, 0); ; step = niceStep(step, 1) {
		from, to := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
		if to-from > 4 {
			continue
		}
		var out []float64
		for i := from; i <= to; i++ {
			out = append(out, i*step)
		}
		return out
	}
}

// niceStep is the smallest of 1, 2, 2.5, 5 times a power of ten that is not under the wanted step, or the one after it.
func niceStep(wanted float64, after int) float64 {
	power := math.Pow(10, math.Floor(math.Log10(wanted)))
	nice := [...]float64{1, 2, 2.5, 5, 10, 20}
	for i, m := range nice[:5] {
		if m*power >= wanted*(1-1e-9) {
			return nice[i+after] * power
		}
	}
	return 20 * power
}

// scaler maps values onto pixels, the highest value at the top.
type scaler struct{ low, high, top, bottom float64 }

func (s scaler) y(v float64) float64 {
	if s.high <= s.low {
		return (s.top + s.bottom) / 2
	}
	return s.bottom - (finite(v)-s.low)/(s.high-s.low)*(s.bottom-s.top)
}

// runs splits values at their gaps: each run is a slice of consecutive indices that have a value.
func runs(values []float64) [][]int {
	var out [][]int
	var run []int
	for i, v := range values {
		if missing(v) {
			if len(run) > 0 {
				out = append(out, run)
			}
			run = nil
			continue
		}
		run = append(run, i)
	}
	if len(run) > 0 {
		out = append(out, run)
	}
	return out
}

// even spreads n slots over the width.
func even(i, n int) float64 {
	if n < 2 {
		return 100
	}
	return float64(i) * 100 / float64(n-1)
}
