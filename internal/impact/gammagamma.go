package impact

import "math"

// GammaGamma is the model of the value of an order (Fader and Hardie 2013): values of
// one customer vary as a gamma with shape P, and customers' scales as a gamma(Q,
// Gamma). It assumes that value and frequency are independent: see Correlation.
type GammaGamma struct {
	P, Q, Gamma   float64
	SE            [3]float64
	LogLikelihood float64
	N             int // customers with a repeat order of positive value
	Reason        string
}

// FitGammaGamma uses the customers with a repeat order of positive value.
func FitGammaGamma(list []Summary) GammaGamma {
	var use []Summary
	var total float64
	for _, s := range list {
		if s.Repeats > 0 && s.Value > 0 {
			use = append(use, s)
			total += s.Value
		}
	}
	m := GammaGamma{N: len(use)}
	if len(use) < 2 {
		m.Reason = NoData
		return m
	}
	mean := total / float64(len(use))
	f := maximise([][]float64{{6, 4, mean / 2}, {1, 3, mean * 2}, {2, 10, mean * 5}}, m.N,
		func(p []float64) float64 { return gammaGammaLikelihood(use, p) },
		func(g, p []float64) { gammaGammaGradient(use, g, p) })
	if f.params == nil {
		m.Reason = NotConverged
		return m
	}
	m.P, m.Q, m.Gamma, m.LogLikelihood = f.params[0], f.params[1], f.params[2], f.value
	copy(m.SE[:], f.se)
	if !f.converged {
		m.Reason = NotConverged
	}
	return m
}

func gammaGammaLikelihood(list []Summary, w []float64) float64 {
	p, q, gamma := w[0], w[1], w[2]
	var total float64
	for _, s := range list {
		x, v := float64(s.Repeats), s.Value
		total += lgamma(p*x+q) - lgamma(p*x) - lgamma(q) + q*math.Log(gamma) +
			(p*x-1)*math.Log(v) + p*x*math.Log(x) - (p*x+q)*math.Log(gamma+x*v)
	}
	return total
}

func gammaGammaGradient(list []Summary, g, w []float64) {
	p, q, gamma := w[0], w[1], w[2]
	clear(g)
	for _, s := range list {
		x, v := float64(s.Repeats), s.Value
		d, l := psi(p*x+q), math.Log(gamma+x*v)
		g[0] += x * (d - psi(p*x) + math.Log(v) + math.Log(x) - l)
		g[1] += d - psi(q) + math.Log(gamma) - l
		g[2] += q/gamma - (p*x+q)/(gamma+x*v)
	}
}

// Mean is the mean value of an order over all customers; NaN when Q ≤ 1, where the
// model has no mean.
func (m GammaGamma) Mean() float64 {
	if m.Q <= 1 {
		return math.NaN()
	}
	return m.P * m.Gamma / (m.Q - 1)
}

// Conditional is the expected value of an order of this customer: between the mean of
// all and the customer's own, the nearer to the own the more orders there are.
func (m GammaGamma) Conditional(s Summary) float64 {
	px := m.P * float64(s.Repeats)
	if px == 0 || m.Q <= 1 {
		return m.Mean()
	}
	own := px / (px + m.Q - 1)
	return (1-own)*m.Mean() + own*s.Value
}
