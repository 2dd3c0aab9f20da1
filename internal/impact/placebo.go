package impact

import "math"

// MaxPlacebo is the share of the claimed effect that a placebo may reach. It is fixed
// before any data are seen: testing the placebo against zero would pass whenever data
// are few.
const MaxPlacebo = 0.25

// Placebo is the effect of joining on the 90 days before joining, which must be none.
// It takes the same sets, whose matching did not look at those days' orders, and of
// them the people known for at least 90 days.
type Placebo struct {
	Estimate          // of the placebo window, scaled to the horizon's length
	BootLow, BootHigh float64
}

// Passes says whether the sets were alike before joining, measured by the effect: the
// placebo is at most a quarter of it, and no value of the placebo's intervals
// reaches it. A placebo that could not be computed does not pass.
func (p Placebo) Passes(effect float64) bool {
	if p.Reason != "" || math.IsNaN(p.Value) {
		return false
	}
	size := math.Abs(effect)
	bound := max(math.Abs(p.BootLow), math.Abs(p.BootHigh), math.Abs(p.Low), math.Abs(p.High))
	return math.Abs(p.Value) <= MaxPlacebo*size && bound < size
}

// placeboContrast scales the placebo window to the horizon, so that the two figures
// can be compared. A share of buyers and a basket have no length.
func (s *Sets) placeboContrast(d definition) contrast {
	c := contrast{num: d.placebo, den: d.placeboPer, scale: float64(s.options.Horizon) / placeboDays}
	switch {
	case d.perYear:
		c.scale = DaysPerYear / placeboDays
	case d.key == EffectRepeat || d.key == EffectBasket:
		c.scale = 1
	}
	return c
}

// placebo is that of one effect.
func (s *Sets) placebo(d definition, c contrast, draws []float64) Placebo {
	seasoned := 0
	for i, r := range s.panel.rows {
		if r.treated && s.panel.row(i)[colSeasoned] > 0 {
			seasoned++
		}
	}
	if seasoned < MinPersons {
		nan := math.NaN()
		return Placebo{none(seasoned, NoData), nan, nan}
	}
	p := Placebo{Estimate: s.panel.delta(c)}
	p.N = seasoned
	p.BootLow, p.BootHigh, _ = percentile(draws)
	return p
}
