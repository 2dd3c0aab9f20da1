package impact

import (
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Test is a statistic that is chi-squared when there is no difference.
type Test struct {
	ChiSquared, P float64
	Freedom       int
	Reason        string
}

// LogRankGroup is what one group had and what it would have had without a
// difference between the groups.
type LogRankGroup struct {
	Group       string
	N, Observed int
	Expected    float64
}

// LogRank compares the groups' curves, within strata and summed over them: pass
// subjects without strata for the plain test. Groups are in alphabetical order.
// Without events, or with one group, there is no test.
func LogRank(list []Subject) ([]LogRankGroup, Test) {
	use := begins(list)
	names := map[string]int{}
	strata := map[string][]Subject{}
	for _, s := range use {
		names[s.Group] = 0
		strata[s.Stratum] = append(strata[s.Stratum], s)
	}
	order := slices.Sorted(maps.Keys(names))
	groups := make([]LogRankGroup, len(order))
	for i, g := range order {
		names[g] = i
		groups[i].Group = g
	}
	for _, s := range use {
		groups[names[s.Group]].N++
	}
	variance := mat.NewSymDense(max(len(order), 1), nil)
	for _, name := range slices.Sorted(maps.Keys(strata)) {
		addStratum(strata[name], names, groups, variance)
	}
	return groups, chiSquared(groups, variance)
}

// addStratum adds one stratum's observed and expected events and the
// hypergeometric covariance.
func addStratum(list []Subject, names map[string]int, groups []LogRankGroup, variance *mat.SymDense) {
	k := len(groups)
	by := make([][]moment, k)
	split := make([][]Subject, k)
	for _, s := range list {
		i := names[s.Group]
		split[i] = append(split[i], s)
	}
	risk := make([]riskCounter, k)
	for i := range split {
		by[i] = moments(split[i])
		risk[i] = newRiskCounter(split[i])
	}
	n, at := make([]float64, k), make([]int, k)
	for _, m := range moments(list) {
		d, total := float64(m.events), float64(m.atRisk)
		for i := range groups {
			n[i] = float64(risk[i].at(m.t))
			for at[i] < len(by[i]) && by[i][at[i]].t < m.t {
				at[i]++
			}
			if at[i] < len(by[i]) && by[i][at[i]].t == m.t {
				groups[i].Observed += by[i][at[i]].events
			}
		}
		if m.events == 0 {
			continue
		}
		for i := range groups {
			groups[i].Expected += d * n[i] / total
		}
		if m.atRisk < 2 {
			continue
		}
		f := d * (total - d) / (total - 1)
		for i := range groups {
			for j := i; j < k; j++ {
				v := -n[i] * n[j] / (total * total)
				if i == j {
					v += n[i] / total
				}
				variance.SetSym(i, j, variance.At(i, j)+f*v)
			}
		}
	}
}

// riskCounter counts who is at risk at growing times.
type riskCounter struct{ entries, times []float64 }

func newRiskCounter(list []Subject) riskCounter {
	var c riskCounter
	for _, s := range list {
		c.entries, c.times = append(c.entries, s.Entry), append(c.times, s.Time)
	}
	slices.Sort(c.entries)
	slices.Sort(c.times)
	return c
}

func (c riskCounter) at(t float64) int {
	entered, _ := slices.BinarySearch(c.entries, t) // those with an entry before t
	left, _ := slices.BinarySearch(c.times, t)      // those who ended before t
	return entered - left
}

// chiSquared is (O−E)ᵀV⁻¹(O−E) over the groups that can vary, but one.
func chiSquared(groups []LogRankGroup, variance *mat.SymDense) Test {
	var live []int
	for i := range groups {
		if variance.At(i, i) > 1e-12 {
			live = append(live, i)
		}
	}
	if len(live) < 2 {
		nan := math.NaN()
		return Test{ChiSquared: nan, P: nan, Reason: NoVariation}
	}
	live = live[:len(live)-1]
	u := mat.NewVecDense(len(live), nil)
	v := mat.NewSymDense(len(live), nil)
	for a, i := range live {
		u.SetVec(a, float64(groups[i].Observed)-groups[i].Expected)
		for b, j := range live {
			if b >= a {
				v.SetSym(a, b, variance.At(i, j))
			}
		}
	}
	var x mat.VecDense
	if err := x.SolveVec(v, u); err != nil {
		nan := math.NaN()
		return Test{ChiSquared: nan, P: nan, Reason: NoVariation}
	}
	chi := mat.Dot(u, &x)
	return Test{ChiSquared: chi, P: distuv.ChiSquared{K: float64(len(live))}.Survival(chi), Freedom: len(live)}
}
