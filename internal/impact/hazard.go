package impact

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// PersonMonth is one person at risk in one month. Member is the status at the
// month's start: somebody who joins during it counts as a member from the next, so
// that the time before joining is never counted for membership.
type PersonMonth struct {
	Month  int // since the beginning of the subscription, from 0
	Member bool
	Left   bool // the event happened in this month
}

// Hazard is the effect of being a member on the monthly risk of leaving.
type Hazard struct {
	N, Events int      // person-months
	Log       Estimate // log hazard ratio of members
	Ratio     float64
	Low, High float64 // of Ratio
}

// MonthsOf cuts one person's time into months: from entry to end (exclusive), left at
// the end or not, a member from joined on (negative: never).
func MonthsOf(entry, end int, left bool, joined int) []PersonMonth {
	var list []PersonMonth
	for m := entry; m < end; m++ {
		list = append(list, PersonMonth{Month: m, Member: joined >= 0 && joined <= m, Left: left && m == end-1})
	}
	return list
}

// cell is the person-months of one month and status.
type cell struct {
	n, left float64
	month   int
	member  float64
}

// DiscreteHazard fits a complementary log-log regression with a baseline for every
// month with events: its coefficient is the log hazard ratio of the continuous
// process. Months without events carry no information on the ratio and are dropped.
func DiscreteHazard(list []PersonMonth) Hazard {
	h := Hazard{N: len(list)}
	type key struct {
		month  int
		member bool
	}
	counts := map[key]*cell{}
	events := map[int]float64{}
	var arm [2]float64
	for _, p := range list {
		k := key{p.Month, p.Member}
		if counts[k] == nil {
			counts[k] = &cell{month: p.Month}
			if p.Member {
				counts[k].member = 1
			}
		}
		counts[k].n++
		if p.Left {
			counts[k].left++
			events[p.Month]++
			arm[int(counts[k].member)]++
			h.Events++
		}
	}
	nan := math.NaN()
	h.Ratio, h.Low, h.High = nan, nan, nan
	if arm[0] == 0 || arm[1] == 0 {
		h.Log = none(h.N, NoVariation)
		return h
	}
	index := map[int]int{}
	var cells []cell
	for month := range events {
		index[month] = 0
	}
	for i, month := range sortedKeys(index) {
		index[month] = i + 1
		for _, member := range []bool{false, true} {
			if c := counts[key{month, member}]; c != nil {
				cells = append(cells, *c)
			}
		}
	}
	beta, se, ok := cloglog(cells, index)
	if !ok {
		h.Log = none(h.N, NotConverged)
		return h
	}
	h.Log = normal(h.N, beta, se)
	h.Ratio, h.Low, h.High = math.Exp(beta), math.Exp(h.Log.Low), math.Exp(h.Log.High)
	return h
}

// cloglog is Fisher scoring on grouped counts. Parameter 0 is the member effect, the
// others are the months' baselines. A month in which everybody left has no finite
// baseline; the linear predictor is bounded there.
func cloglog(cells []cell, index map[int]int) (beta, se float64, ok bool) {
	k := len(index) + 1
	theta := mat.NewVecDense(k, nil)
	for _, c := range cells {
		theta.SetVec(index[c.month], -2)
	}
	var inverse mat.SymDense
	for range 100 {
		score := mat.NewVecDense(k, nil)
		info := mat.NewSymDense(k, nil)
		for _, c := range cells {
			j := index[c.month]
			eta := min(max(theta.AtVec(j)+c.member*theta.AtVec(0), -30), 3)
			rate := math.Exp(eta)
			mu := -math.Expm1(-rate)
			slope := rate * math.Exp(-rate)
			w := c.n * slope * slope / (mu * (1 - mu))
			g := (c.left - c.n*mu) * slope / (mu * (1 - mu))
			score.SetVec(j, score.AtVec(j)+g)
			score.SetVec(0, score.AtVec(0)+g*c.member)
			info.SetSym(j, j, info.At(j, j)+w)
			info.SetSym(0, j, info.At(0, j)+w*c.member)
			info.SetSym(0, 0, info.At(0, 0)+w*c.member)
		}
		var chol mat.Cholesky
		if !chol.Factorize(info) || chol.InverseTo(&inverse) != nil {
			return 0, 0, false
		}
		var step mat.VecDense
		if chol.SolveVecTo(&step, score) != nil {
			return 0, 0, false
		}
		size := mat.Norm(&step, math.Inf(1))
		if size > 2 {
			step.ScaleVec(2/size, &step)
		}
		theta.AddVec(theta, &step)
		if math.Abs(step.AtVec(0)) < 1e-9 && size < 1e-6 {
			return theta.AtVec(0), math.Sqrt(inverse.At(0, 0)), true
		}
	}
	// Baselines at their bound may go on; the effect itself has settled.
	return theta.AtVec(0), math.Sqrt(inverse.At(0, 0)), math.Abs(theta.AtVec(0)) < 15
}
