package impact

import "math"

// RMST is the restricted mean: the time lived without the event up to the horizon
// tau, the area under the curve. It needs the curve known to tau: that the last
// observation is no earlier, or that the share had come to 0.
func RMST(k KaplanMeier, tau float64) Estimate {
	n := len(k.Steps)
	switch {
	case n == 0 || !(tau > 0):
		return none(k.N, NoData)
	case k.Steps[n-1].Time < tau && k.Steps[n-1].Survival > 0:
		return none(k.N, BeyondFollowUp)
	}
	area := areaAfter(k.Steps, tau)
	var variance float64
	for i, s := range k.Steps {
		rest := float64(s.AtRisk - s.Events)
		if s.Time >= tau || s.Events == 0 || rest == 0 {
			continue // where all at risk had the event, no area lies behind
		}
		variance += area[i] * area[i] * float64(s.Events) / (float64(s.AtRisk) * rest)
	}
	total := min(k.Steps[0].Time, tau) + area[0]
	return normal(k.N, total, math.Sqrt(variance))
}

// areaAfter is the area under the curve from each step to tau.
func areaAfter(steps []SurvivalStep, tau float64) []float64 {
	area := make([]float64, len(steps))
	var behind float64
	end := tau
	for i := len(steps) - 1; i >= 0; i-- {
		if s := steps[i]; s.Time < tau {
			behind += s.Survival * (end - s.Time)
			end = s.Time
		}
		area[i] = behind
	}
	return area
}

// RMSTDifference is RMST(a) − RMST(b) at the same horizon, of independent groups.
func RMSTDifference(a, b KaplanMeier, tau float64) Estimate {
	x, y := RMST(a, tau), RMST(b, tau)
	for _, e := range []Estimate{x, y} {
		if e.Reason != "" {
			return none(x.N+y.N, e.Reason)
		}
	}
	return normal(x.N+y.N, x.Value-y.Value, math.Hypot(x.SE, y.SE))
}

// CommonHorizon is the latest time to which both curves are known.
func CommonHorizon(curves ...KaplanMeier) float64 {
	tau := math.Inf(1)
	for _, k := range curves {
		n := len(k.Steps)
		if n == 0 {
			return 0
		}
		if k.Steps[n-1].Survival > 0 {
			tau = min(tau, k.Steps[n-1].Time)
		}
	}
	if !math.IsInf(tau, 1) {
		return tau
	}
	for _, k := range curves { // all came to 0: the longest life
		last := k.Steps[len(k.Steps)-1].Time
		if math.IsInf(tau, 1) || last > tau {
			tau = last
		}
	}
	return tau
}
