package impact

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// BGNBD is the beta-geometric / negative binomial model of purchases (Fader, Hardie
// and Lee 2005): rates of buying differ as a gamma(R, Alpha), and after each order a
// customer leaves for good with a probability that differs as a beta(A, B). The unit
// of time is that of the summaries, weeks.
type BGNBD struct {
	R, Alpha, A, B float64
	SE             [4]float64 // of R, Alpha, A, B; NaN where not defined
	LogLikelihood  float64
	N, Repeaters   int
	Reason         string // NotConverged or NoData; then the parameters mean nothing
}

// pattern is a purchase history that several customers share.
type pattern struct{ x, last, observed, count float64 }

// FitBGNBD finds the parameters under which the histories are most likely.
func FitBGNBD(list []Summary) BGNBD {
	m := BGNBD{N: len(list)}
	counts := map[[3]float64]float64{}
	var order []pattern
	for _, s := range list {
		key := [3]float64{float64(s.Repeats), s.Last, s.Observed}
		if counts[key] == 0 {
			order = append(order, pattern{x: key[0], last: key[1], observed: key[2]})
		}
		counts[key]++
		if s.Repeats > 0 {
			m.Repeaters++
		}
	}
	if m.Repeaters == 0 {
		m.Reason = NoData
		return m
	}
	for i, p := range order {
		order[i].count = counts[[3]float64{p.x, p.last, p.observed}]
	}
	f := maximise([][]float64{{1, 3, 1, 3}, {0.5, 10, 0.5, 2}, {0.3, 3, 2, 5}, {2, 20, 0.2, 1}}, m.N,
		func(p []float64) float64 { return bgnbdLikelihood(order, p) },
		func(g, p []float64) { bgnbdGradient(order, g, p) })
	if f.params == nil {
		m.Reason = NotConverged
		return m
	}
	m.R, m.Alpha, m.A, m.B = f.params[0], f.params[1], f.params[2], f.params[3]
	copy(m.SE[:], f.se)
	m.LogLikelihood = f.value
	if !f.converged {
		m.Reason = NotConverged
	}
	return m
}

// branches are the logarithms of the two ways to a history: still alive, or gone
// after the last order (−∞ without a repeat order).
func branches(q pattern, r, alpha, a, b float64) (alive, gone float64) {
	alive, gone = -(r+q.x)*math.Log(alpha+q.observed), math.Inf(-1)
	if q.x > 0 {
		gone = math.Log(a) - math.Log(b+q.x-1) - (r+q.x)*math.Log(alpha+q.last)
	}
	return alive, gone
}

func bgnbdLikelihood(list []pattern, p []float64) float64 {
	r, alpha, a, b := p[0], p[1], p[2], p[3]
	var total float64
	for _, q := range list {
		alive, gone := branches(q, r, alpha, a, b)
		l := lgamma(r+q.x) - lgamma(r) + r*math.Log(alpha) +
			lgamma(a+b) + lgamma(b+q.x) - lgamma(b) - lgamma(a+b+q.x) + logSum(alive, gone)
		total += q.count * l
	}
	return total
}

func bgnbdGradient(list []pattern, g, p []float64) {
	r, alpha, a, b := p[0], p[1], p[2], p[3]
	clear(g)
	for _, q := range list {
		alive, gone := branches(q, r, alpha, a, b)
		left := 1 / (1 + math.Exp(alive-gone)) // share of the branch "gone"
		dAB := psi(a+b) - psi(a+b+q.x)
		dr := psi(r+q.x) - psi(r) + math.Log(alpha) - (1-left)*math.Log(alpha+q.observed)
		dalpha := r/alpha - (1-left)*(r+q.x)/(alpha+q.observed)
		da, db := dAB, dAB+psi(b+q.x)-psi(b)
		if q.x > 0 {
			dr -= left * math.Log(alpha+q.last)
			dalpha -= left * (r + q.x) / (alpha + q.last)
			da += left / a
			db -= left / (b + q.x - 1)
		}
		g[0] += q.count * dr
		g[1] += q.count * dalpha
		g[2] += q.count * da
		g[3] += q.count * db
	}
}

// Expected is the mean number of repeat orders of a new customer in t weeks.
func (m BGNBD) Expected(t float64) float64 {
	if t <= 0 {
		return 0
	}
	a := awayFromOne(m.A)
	c := a + m.B - 1
	// The published form carries ₂F₁(r, b; a+b−1; t/(α+t)).
	return c / (a - 1) * (1 - scaledHypergeo(m.R, m.B, c, t/(m.Alpha+t)))
}

// Conditional is the mean number of orders in the next t weeks of a customer with
// this history.
func (m BGNBD) Conditional(s Summary, t float64) float64 {
	if t <= 0 {
		return 0
	}
	a, x := awayFromOne(m.A), float64(s.Repeats)
	c := a + m.B + x - 1
	mean := c / (a - 1) * (1 - scaledHypergeo(m.R+x, m.B+x, c, t/(m.Alpha+s.Observed+t)))
	return mean * m.Alive(s)
}

// Alive is the probability that a customer with this history has not left.
func (m BGNBD) Alive(s Summary) float64 {
	if s.Repeats == 0 {
		return 1 // one leaves after a repeat order only, in this model
	}
	alive, gone := branches(pattern{x: float64(s.Repeats), last: s.Last, observed: s.Observed}, m.R, m.Alpha, m.A, m.B)
	return 1 / (1 + math.Exp(gone-alive))
}

// awayFromOne moves a off the removable singularity of the formulas at 1.
func awayFromOne(a float64) float64 {
	if math.Abs(a-1) < 1e-7 {
		return 1 + 1e-7
	}
	return a
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

func psi(x float64) float64 { return mathext.Digamma(x) }

// logSum is ln(eᵃ + eᵇ) without overflow.
func logSum(a, b float64) float64 {
	m := max(a, b)
	return m + math.Log(math.Exp(a-m)+math.Exp(b-m))
}
