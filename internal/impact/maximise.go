package impact

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// fit is a maximum of a log-likelihood in positive parameters.
type fit struct {
	params, se []float64 // se is NaN where the curvature does not bound a parameter
	value      float64
	converged  bool
}

// maximise finds positive parameters where the log-likelihood is greatest. gradient
// is by the parameters themselves; the search goes over their logarithms. At the
// optimum the line search often reports that it cannot improve: what counts is that
// the gradient has vanished. From several starts the best is kept.
func maximise(starts [][]float64, n int, likelihood func(p []float64) float64, gradient func(g, p []float64)) fit {
	best := fit{value: math.Inf(-1)}
	for _, start := range starts {
		f := climb(start, n, likelihood, gradient)
		if f.value > best.value+1e-6 || f.converged && !best.converged && f.value > best.value-1e-6 {
			best = f
		}
		if best.converged {
			break
		}
	}
	if best.params != nil {
		best.se = standardErrors(best.params, gradient)
	}
	return best
}

func climb(start []float64, n int, likelihood func(p []float64) float64, gradient func(g, p []float64)) fit {
	k := len(start)
	p, logs := make([]float64, k), make([]float64, k)
	exp := func(x []float64) []float64 {
		for i := range x {
			p[i] = math.Exp(min(max(x[i], -30), 30))
		}
		return p
	}
	for i, v := range start {
		logs[i] = math.Log(v)
	}
	slope := func(g, x []float64) {
		gradient(g, exp(x))
		for i := range g {
			g[i] *= -p[i]
		}
	}
	problem := optimize.Problem{
		Func: func(x []float64) float64 {
			if v := likelihood(exp(x)); !math.IsNaN(v) {
				return -v
			}
			return math.Inf(1)
		},
		Grad: slope,
	}
	g := make([]float64, k)
	for range 4 { // a fresh start forgets a bad idea of the curvature
		result, err := optimize.Minimize(problem, logs, &optimize.Settings{MajorIterations: 400, GradientThreshold: 1e-6}, &optimize.BFGS{})
		if result == nil || err != nil && result.X == nil {
			break
		}
		copy(logs, result.X)
		if slope(g, logs); largest(g) < 1e-4*max(1, math.Sqrt(float64(n))) {
			break
		}
	}
	slope(g, logs)
	f := fit{params: append([]float64(nil), exp(logs)...), value: likelihood(p)}
	f.converged = largest(g) < 1e-3*max(1, math.Sqrt(float64(n))) && !atEdge(logs)
	return f
}

// atEdge says that a parameter has run away to 0 or infinity: no maximum there.
func atEdge(logs []float64) bool {
	for _, x := range logs {
		if math.Abs(x) > 15 {
			return true
		}
	}
	return false
}

func largest(g []float64) float64 {
	var m float64
	for _, v := range g {
		if math.IsNaN(v) {
			return math.Inf(1)
		}
		m = max(m, math.Abs(v))
	}
	return m
}

// standardErrors inverts the negative curvature, taken from differences of the
// gradient.
func standardErrors(p []float64, gradient func(g, p []float64)) []float64 {
	k := len(p)
	h := mat.NewSymDense(k, nil)
	up, down, q := make([]float64, k), make([]float64, k), make([]float64, k)
	columns := make([][]float64, k)
	for i := range p {
		step := 1e-5 * p[i]
		copy(q, p)
		q[i] = p[i] + step
		gradient(up, q)
		q[i] = p[i] - step
		gradient(down, q)
		columns[i] = make([]float64, k)
		for j := range p {
			columns[i][j] = -(up[j] - down[j]) / (2 * step)
		}
	}
	for i := range p {
		for j := i; j < k; j++ {
			h.SetSym(i, j, (columns[i][j]+columns[j][i])/2)
		}
	}
	se := make([]float64, k)
	var chol mat.Cholesky
	var inverse mat.SymDense
	ok := chol.Factorize(h) && chol.InverseTo(&inverse) == nil
	for i := range se {
		se[i] = math.NaN()
		if ok {
			se[i] = math.Sqrt(inverse.At(i, i))
		}
	}
	return se
}
