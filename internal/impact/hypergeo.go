package impact

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// hypergeo is Gauss's ₂F₁(a, b; c; z) for 0 ≤ z < 1. Its power series is exact but
// slow near 1; there the library's transformations take over, and where they give
// no number the series goes on, long.
func hypergeo(a, b, c, z float64) float64 {
	if z > 0.95 {
		if v := mathext.Hypergeo(a, b, c, z); !math.IsNaN(v) && !math.IsInf(v, 0) {
			return v
		}
	}
	term, total := 1.0, 1.0
	for n := range 2_000_000 {
		k := float64(n)
		term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z
		total += term
		if math.Abs(term) <= 1e-15*math.Abs(total) && k > math.Abs(a)+math.Abs(b) {
			break
		}
	}
	return total
}

// scaledHypergeo is (1−z)^r · ₂F₁(r, b; c; z), by Euler's transformation: the factor
// and the function each leave the range of a float64 for a customer with hundreds of
// orders, and the series crawls as z nears 1; their transformed product does neither.
func scaledHypergeo(r, b, c, z float64) float64 {
	return math.Pow(1-z, c-b) * hypergeo(c-r, c-b, c, z)
}
