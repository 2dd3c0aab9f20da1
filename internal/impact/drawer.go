package impact

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// drawer draws assumptions from what is known of them.
type drawer struct {
	src rand.Source
	r   *rand.Rand
}

func newDrawer(seed uint64) drawer {
	src := rand.NewPCG(seed, 0xd4a3)
	return drawer{src, rand.New(src)}
}

// beta is a share of which k of n were observed, with the prior of Jeffreys.
func (d drawer) beta(c Count) float64 {
	k := float64(min(max(c.K, 0), c.N))
	return distuv.Beta{Alpha: k + 0.5, Beta: float64(c.N) - k + 0.5, Src: d.src}.Rand()
}

// Assumption is one input of a return, with what is known of it. Exactly one of Draws,
// Of and SE says how it varies; with none it is fixed.
type Assumption struct {
	Name  string
	Value float64
	Draws []float64 // bootstrap draws; all terms of one bootstrap share the replicate
	Of    Count     // a share, counted
	SE    float64   // a normal error
	// Positive draws from a gamma with the mean Value and the error SE: rates and hours.
	Positive bool
}

func (a Assumption) draw(d drawer, replicate int) float64 {
	switch {
	case len(a.Draws) > 0:
		return a.Draws[replicate%len(a.Draws)]
	case a.Of.N > 0:
		return d.beta(a.Of)
	case a.SE > 0 && a.Positive && a.Value > 0:
		shape := (a.Value / a.SE) * (a.Value / a.SE)
		return distuv.Gamma{Alpha: shape, Beta: shape / a.Value, Src: d.src}.Rand()
	case a.SE > 0:
		return a.Value + a.SE*d.r.NormFloat64()
	}
	return a.Value
}
