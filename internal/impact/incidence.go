package impact

import (
	"maps"
	"math"
	"slices"
)

// IncidenceStep is the share who have had one cause's event by a time.
type IncidenceStep struct {
	Time          float64
	Events        int
	Incidence, SE float64
	Low, High     float64 // log-log interval; NaN while nothing happened
}

// CumulativeIncidence is each cause's share by time when causes compete: whoever left
// for one cannot leave for another. The shares of all causes and of those who stay
// sum to 1. One minus Kaplan–Meier of one cause, the others censored, would be too
// high. Steps are at times with an event of any cause.
func CumulativeIncidence(list []Subject) map[int][]IncidenceStep {
	use := begins(list)
	causes := map[int]bool{}
	for _, s := range use {
		if s.Cause != 0 {
			causes[s.Cause] = true
		}
	}
	var events []moment
	for _, m := range moments(use) {
		if m.events > 0 {
			events = append(events, m)
		}
	}
	out := map[int][]IncidenceStep{}
	for _, c := range slices.Sorted(maps.Keys(causes)) {
		out[c] = incidenceOf(events, c)
	}
	return out
}

// incidenceOf is the Aalen–Johansen estimate of one cause with the delta-method
// variance (Marubini and Valsecchi), kept as running sums.
func incidenceOf(events []moment, cause int) []IncidenceStep {
	var steps []IncidenceStep
	survival, f := 1.0, 0.0
	// Var F(t) = Σ (F(t)−Fj)²·aj + Σ bj − 2 Σ (F(t)−Fj)·cj, expanded in powers of F(t).
	var a0, a1, a2, b, c0, c1 float64
	for _, m := range events {
		n, d, k := float64(m.atRisk), float64(m.events), float64(m.causes[cause])
		f += survival * k / n
		if d < n {
			a := d / (n * (n - d))
			a0, a1, a2 = a0+a, a1+a*f, a2+a*f*f
		}
		b += survival * survival * (n - k) * k / (n * n * n)
		c := survival * k / (n * n)
		c0, c1 = c0+c, c1+c*f
		survival *= 1 - d/n
		variance := a0*f*f - 2*a1*f + a2 + b - 2*(c0*f-c1)
		s := IncidenceStep{Time: m.t, Events: m.causes[cause], Incidence: f, SE: math.Sqrt(max(0, variance))}
		s.Low, s.High = incidenceInterval(f, s.SE)
		steps = append(steps, s)
	}
	return steps
}

func incidenceInterval(f, se float64) (low, high float64) {
	if f <= 0 || f >= 1 {
		return math.NaN(), math.NaN()
	}
	l := math.Log(1 - f)
	w := zFor(level) * se / ((1 - f) * -l)
	return 1 - math.Exp(l*math.Exp(-w)), 1 - math.Exp(l*math.Exp(w))
}
