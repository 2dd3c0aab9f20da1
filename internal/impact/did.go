package impact

import (
	"math"
)

// Observation is one outcome before or after, of a treated unit or another.
type Observation struct {
	Unit          string // empty: a cross-section, every row its own unit
	Stratum       string // compared within; empty: one stratum
	Treated, Post bool
	Outcome       float64
}

// DiffInDiff is the change of the treated minus the change of the others.
type DiffInDiff struct {
	Effect                    Estimate      // N is units, or rows of a cross-section
	Means                     [2][2]float64 // [treated][post]: of the rows used, not weighted by stratum
	Counts                    [2][2]int
	Panel                     bool    // made of each unit's own change
	LeftOut                   int     // rows of units without both times, or of strata without both kinds
	BootLow, BootHigh, BootSE float64 // of a panel; NaN of a cross-section
}

// TwoByTwo takes the difference in differences. With units it takes each unit's own
// change, mean after minus mean before, so that its error is clustered by unit;
// units without both times are left out. Within strata the others' change is weighted
// to the treated, as in matching. Rows without units are independent samples: strata
// are not supported there.
func TwoByTwo(list []Observation, seed uint64, replicates int) DiffInDiff {
	if len(list) > 0 && list[0].Unit == "" {
		return crossSections(list)
	}
	type unit struct {
		sum, n  [2]float64
		treated bool
		stratum string
		rows    int
	}
	units := map[string]*unit{}
	for _, o := range list {
		u := units[o.Unit]
		if u == nil {
			u = &unit{stratum: o.Stratum}
			units[o.Unit] = u
		}
		u.treated = u.treated || o.Treated
		u.sum[armOf(o.Post)] += o.Outcome
		u.n[armOf(o.Post)]++
		u.rows++
	}
	d := DiffInDiff{Panel: true}
	var changes []Unit
	for _, name := range sortedKeys(units) {
		u := units[name]
		if u.n[0] == 0 || u.n[1] == 0 {
			d.LeftOut += u.rows
			continue
		}
		before, after := u.sum[0]/u.n[0], u.sum[1]/u.n[1]
		a := armOf(u.treated)
		d.Means[a][0] += before
		d.Means[a][1] += after
		d.Counts[a][0]++
		d.Counts[a][1]++
		changes = append(changes, Unit{Stratum: u.stratum, Treated: u.treated, Outcome: after - before})
	}
	for a := range 2 {
		for t := range 2 {
			d.Means[a][t] /= float64(d.Counts[a][t])
		}
	}
	r := MatchExact(changes, nil, seed, replicates)
	d.Effect, d.BootLow, d.BootHigh, d.BootSE = r.Effect, r.BootLow, r.BootHigh, r.BootSE
	if r.AllStrata <= 1 { // one stratum: the textbook error of two independent means
		d.Effect = r.Raw
	}
	d.Effect.N = r.MatchedTreated + r.MatchedControls
	return d
}

// crossSections is the difference in differences of four independent samples.
func crossSections(list []Observation) DiffInDiff {
	nan := math.NaN()
	d := DiffInDiff{BootLow: nan, BootHigh: nan, BootSE: nan}
	var cells [2][2][]float64
	for _, o := range list {
		c := &cells[armOf(o.Treated)][armOf(o.Post)]
		*c = append(*c, o.Outcome)
	}
	var value, variance float64
	for a := range 2 {
		for t := range 2 {
			e := Mean(cells[a][t])
			d.Means[a][t], d.Counts[a][t] = e.Value, e.N
			sign := 1.0
			if a != t {
				sign = -1
			}
			value += sign * e.Value
			variance += e.SE * e.SE
		}
	}
	d.Effect = normal(len(list), value, math.Sqrt(variance))
	if math.IsNaN(value) {
		d.Effect = none(len(list), NoData)
	}
	return d
}
