package impact

import "math"

// Wilson is the share k of n with Wilson's score interval, which stays inside
// [0, 1] and does not collapse at 0 and n. Without persons there is no number; k
// is held within [0, n].
func Wilson(k, n int) Estimate {
	if n <= 0 {
		return none(0, NoData)
	}
	k = min(max(k, 0), n)
	z, m := zFor(level), float64(n)
	p := float64(k) / m
	d := 1 + z*z/m
	centre := (p + z*z/(2*m)) / d
	half := z / d * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return Estimate{N: n, Value: p, SE: math.Sqrt(p * (1 - p) / m), Low: max(0, centre-half), High: min(1, centre+half)}
}
