package impact

import (
	"math"
	"slices"
)

// Unit is one row of a table in which treated and others are compared within strata.
type Unit struct {
	Person  string // rows of one person are one cluster; empty: every row its own
	Stratum string // what must be alike, put together
	Treated bool
	Outcome float64
	Traits  []float64 // for the balance table, in the order of the names given
}

// ExactResult is the effect on the treated within exact strata.
type ExactResult struct {
	N, Treated, Controls            int // rows
	MatchedTreated, MatchedControls int
	Strata                          int // with both kinds
	AllStrata                       int
	Raw                             Estimate // difference of means without matching: not an effect
	Effect                          Estimate // delta-method interval
	TreatedMean, ControlMean        float64  // of the matched, controls weighted
	BootLow, BootHigh, BootSE       float64
	Winsorised                      float64 // the effect with outcomes cut at their 1st and 99th percentile
	Detectable                      float64
	Imbalance                       float64 // L1 over the strata before matching
	Balance                         []BalanceLine
	UnmatchedTreatedMean            float64 // outcome of the treated without controls; NaN when there are none
	SmallSample                     bool
}

// MatchExact compares within strata: each treated row with the mean of the others of
// its stratum, averaged over the treated who have any. traits names the columns of
// Unit.Traits.
func MatchExact(units []Unit, traits []string, seed uint64, replicates int) ExactResult {
	const unitColumns = 3 // 1, outcome, outcome winsorised
	rows := make([]panelRow, len(units))
	people, strata := map[string]int32{}, map[string]int32{}
	low, high := tails(units)
	for i, u := range units {
		person := int32(i)
		if u.Person != "" {
			person = number(people, u.Person)
		}
		rows[i] = panelRow{person, number(strata, u.Stratum), u.Treated}
	}
	r := ExactResult{N: len(units), AllStrata: len(strata)}
	r.Raw = rawDifference(units)
	p := newPanel(len(units), rows, unitColumns, func(i int, out []float64) {
		copy(out, []float64{1, units[i].Outcome, min(max(units[i].Outcome, low), high)})
	})
	r.Strata, r.MatchedTreated, r.MatchedControls = p.strata(), p.treated, len(p.rows)-p.treated
	r.SmallSample = min(r.MatchedTreated, r.MatchedControls) < SmallSample
	c := contrast{1, 0, 1}
	r.Effect = p.delta(c)
	r.describe(units, rows, p, traits)
	if r.Effect.Reason != "" {
		nan := math.NaN()
		r.TreatedMean, r.ControlMean, r.BootLow, r.BootHigh, r.BootSE, r.Winsorised, r.Detectable = nan, nan, nan, nan, nan, nan, nan
		return r
	}
	s := p.newScratch()
	p.means(nil, s)
	r.TreatedMean, r.ControlMean = c.of(s)
	r.Winsorised = s.member[2] - s.other[2]
	r.Detectable = Detectable(r.Effect.SE)
	r.BootLow, r.BootHigh, r.BootSE = percentile(p.bootstrap([]contrast{c}, seed, replicates)[0])
	return r
}

func number(m map[string]int32, key string) int32 {
	id, ok := m[key]
	if !ok {
		id = int32(len(m))
		m[key] = id
	}
	return id
}

func tails(units []Unit) (low, high float64) {
	values := make([]float64, len(units))
	for i, u := range units {
		values[i] = u.Outcome
	}
	slices.Sort(values)
	return quantileOf(values, 0.01), quantileOf(values, 0.99)
}

func rawDifference(units []Unit) Estimate {
	var arms [2][]float64
	for _, u := range units {
		arms[armOf(u.Treated)] = append(arms[armOf(u.Treated)], u.Outcome)
	}
	return differenceOfMeans(arms[1], arms[0])
}

// describe fills counts, imbalance, balance and the unmatched.
func (r *ExactResult) describe(units []Unit, rows []panelRow, p *panel, traits []string) {
	arms := map[int32][2]int{}
	for _, row := range rows {
		a := arms[row.stratum]
		a[armOf(row.treated)]++
		arms[row.stratum] = a
		if row.treated {
			r.Treated++
		}
	}
	r.Controls = len(rows) - r.Treated
	r.Imbalance = imbalance(arms)
	var outcome, n float64
	before, after := make([][2]spread, len(traits)), make([][2]spread, len(traits))
	for i, u := range units {
		a := arms[rows[i].stratum]
		matched := a[0] > 0 && a[1] > 0
		w := 1.0
		if !u.Treated && matched {
			w = float64(a[1]) / float64(a[0])
		}
		if u.Treated && !matched {
			outcome, n = outcome+u.Outcome, n+1
		}
		for k, v := range u.Traits[:min(len(u.Traits), len(traits))] {
			before[k][armOf(u.Treated)].add(v, 1)
			if matched {
				after[k][armOf(u.Treated)].add(v, w)
			}
		}
	}
	r.UnmatchedTreatedMean = outcome / n
	for k, name := range traits {
		sd := before[k][1].sd()
		r.Balance = append(r.Balance, BalanceLine{
			Trait: name, Members: after[k][1].mean(), Others: after[k][0].mean(),
			Before: standardised(before[k][1].mean()-before[k][0].mean(), sd),
			After:  standardised(after[k][1].mean()-after[k][0].mean(), sd),
		})
	}
}
