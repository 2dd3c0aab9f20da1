package impact

import "math"

// KaplanMeier is the share who have not had the event, by time.
type KaplanMeier struct {
	N, Events int
	LeftOut   int // subjects without observed time
	Steps     []SurvivalStep
	Median    Quantile
	// Emptied is a time at which everybody at risk had the event while others entered
	// later: from there the curve is 0 for ever and says nothing of them. NaN when it
	// did not happen.
	Emptied float64
}

// SurvivalStep is the curve at a time where somebody's observation ended; it holds
// until the next step. Low and High are the interval on the log-log scale by
// Greenwood's variance; they are NaN once the share is 0.
type SurvivalStep struct {
	Time                     float64
	AtRisk, Events, Censored int
	Survival, SE             float64
	Low, High                float64
}

// Quantile is a time with its interval; NaN where it has not been reached.
type Quantile struct{ Value, Low, High float64 }

// FitKaplanMeier estimates the curve of all subjects, whatever the cause. Without
// subjects it has no steps.
func FitKaplanMeier(list []Subject) KaplanMeier {
	use := begins(list)
	k := KaplanMeier{N: len(use), LeftOut: len(list) - len(use), Emptied: math.NaN()}
	survival, greenwood := 1.0, 0.0
	var lastEntry float64
	for _, s := range use {
		lastEntry = max(lastEntry, s.Entry)
	}
	for _, m := range moments(use) {
		d, n := float64(m.events), float64(m.atRisk)
		k.Events += m.events
		if m.events > 0 {
			survival *= 1 - d/n
			greenwood += d / (n * (n - d))
		}
		if survival == 0 && math.IsNaN(k.Emptied) && lastEntry >= m.t {
			k.Emptied = m.t
		}
		step := SurvivalStep{
			Time: m.t, AtRisk: m.atRisk, Events: m.events, Censored: m.censored,
			Survival: survival, SE: survival * math.Sqrt(greenwood),
		}
		step.Low, step.High = logLog(survival, greenwood)
		if survival == 0 {
			step.SE = math.NaN()
		}
		k.Steps = append(k.Steps, step)
	}
	k.Median = k.quantile(0.5)
	return k
}

// logLog is the interval exp(−exp(ln(−ln S) ± z·se)), which stays inside [0, 1].
func logLog(survival, greenwood float64) (low, high float64) {
	switch {
	case survival >= 1:
		return 1, 1
	case survival <= 0:
		return math.NaN(), math.NaN()
	}
	l := math.Log(survival)
	w := zFor(level) * math.Sqrt(greenwood) / -l
	return math.Exp(l * math.Exp(w)), math.Exp(l * math.Exp(-w))
}

// At is the curve at time t: that of the last step at or before it. Behind the last
// observed time it is not known, unless it had come to 0.
func (k KaplanMeier) At(t float64) SurvivalStep {
	at := SurvivalStep{Time: t, Survival: 1, Low: 1, High: 1, AtRisk: k.N}
	if len(k.Steps) == 0 {
		at.AtRisk = 0
	}
	for _, s := range k.Steps {
		if s.Time > t {
			break
		}
		at = s
	}
	if n := len(k.Steps); n == 0 || t > k.Steps[n-1].Time && k.Steps[n-1].Survival > 0 {
		at.Survival, at.SE, at.Low, at.High = math.NaN(), math.NaN(), math.NaN(), math.NaN()
	}
	return at
}

// quantile is the first time at which the share is at most p; the middle of the flat
// stretch where it equals p. The interval is where the bounds of the curve cross p.
func (k KaplanMeier) quantile(p float64) Quantile {
	return Quantile{
		crossing(k.Steps, p, func(s SurvivalStep) float64 { return s.Survival }),
		crossing(k.Steps, p, func(s SurvivalStep) float64 { return s.Low }),
		crossing(k.Steps, p, func(s SurvivalStep) float64 { return s.High }),
	}
}

// crossing is where a curve comes to p. A bound that is not defined (the share is 0)
// does not cross.
func crossing(steps []SurvivalStep, p float64, of func(SurvivalStep) float64) float64 {
	const eps = 1e-9
	for i, s := range steps {
		v := of(s)
		if math.IsNaN(v) || v > p+eps {
			continue
		}
		if v < p-eps {
			return s.Time
		}
		for _, next := range steps[i+1:] {
			if of(next) < p-eps {
				return (s.Time + next.Time) / 2
			}
		}
		return s.Time
	}
	return math.NaN()
}
