package impact

import "math"

// Panel is one unit over several periods, treated from First on.
type Panel struct {
	Unit     string
	First    float64             // first treated period; NaN: never
	Outcomes map[float64]float64 // by period
}

// GroupTime is the effect in period Time on the units first treated in period Group.
type GroupTime struct {
	Group, Time, Base float64 // the period it is compared with
	Estimate
	Treated, Controls int
	influence         []float64 // by unit: deviation × n, for the aggregates
}

// StaggeredOptions chooses among the published variants.
type StaggeredOptions struct {
	NeverOnly bool // controls are the never treated; default: all not treated yet
	Varying   bool // before treatment compare with the period before; default: with the last untreated one
}

// Staggered is a difference in differences with treatment at different times, after
// Callaway and Sant'Anna, without covariates: no unit already treated serves as a
// control. Simple weighs all effects after treatment by the size of the group, Events
// by time since treatment.
type Staggered struct {
	Units, LeftOut int // units, and units without an outcome in some period
	Effects        []GroupTime
	Simple         Estimate
	Events         []EventEffect
}

// EventEffect is the average effect so many periods after the first treated one.
type EventEffect struct {
	Periods float64 // negative: before
	Estimate
}

// FitStaggered estimates all group-time effects. Units treated in the first period
// say nothing and are left out, as are units with a missing period.
func FitStaggered(list []Panel, o StaggeredOptions) Staggered {
	periods := map[float64]bool{}
	for _, p := range list {
		for t := range p.Outcomes {
			periods[t] = true
		}
	}
	times := sortedKeys(periods)
	var s Staggered
	var units []Panel
	groups := map[float64]int{}
	for _, p := range list {
		if len(p.Outcomes) < len(times) || len(times) > 0 && p.First <= times[0] {
			s.LeftOut++
			continue
		}
		if !math.IsNaN(p.First) && p.First <= times[len(times)-1] {
			groups[p.First]++
		}
		units = append(units, p)
	}
	s.Units = len(units)
	for _, g := range sortedKeys(groups) {
		for i := 1; i < len(times); i++ {
			if e, ok := groupTime(units, times, g, i, o); ok {
				s.Effects = append(s.Effects, e)
			}
		}
		if !o.Varying { // the first period too, against the last untreated one
			if e, ok := groupTime(units, times, g, 0, o); ok {
				s.Effects = append(s.Effects, e)
			}
		}
	}
	s.Simple = s.aggregate(units, groups, func(e GroupTime) bool { return e.Time >= e.Group })
	offsets := map[float64]bool{}
	for _, e := range s.Effects {
		offsets[position(times, e.Time)-position(times, e.Group)] = true
	}
	for _, k := range sortedKeys(offsets) {
		s.Events = append(s.Events, EventEffect{k, s.aggregate(units, groups, func(e GroupTime) bool {
			return position(times, e.Time)-position(times, e.Group) == k
		})})
	}
	return s
}

// position is the place of t among the periods: between two when it is none of them.
func position(times []float64, t float64) float64 {
	for i, v := range times {
		if v >= t {
			return float64(i)
		}
	}
	return float64(len(times))
}

// groupTime is one effect; not ok for the base period itself and without controls.
func groupTime(units []Panel, times []float64, g float64, at int, o StaggeredOptions) (GroupTime, bool) {
	t := times[at]
	base := int(position(times, g)) - 1
	if o.Varying && t < g {
		base = at - 1
	}
	if base < 0 || base == at {
		return GroupTime{}, false
	}
	e := GroupTime{Group: g, Time: t, Base: times[base]}
	untreated := max(t, times[base])
	change := make([]float64, len(units))
	arm := make([]int, len(units)) // 1 treated, 0 control, −1 neither
	var sums, n [2]float64
	for i, u := range units {
		switch {
		case u.First == g:
			arm[i] = 1
		case math.IsNaN(u.First), !o.NeverOnly && u.First > untreated:
			arm[i] = 0
		default:
			arm[i] = -1
			continue
		}
		change[i] = u.Outcomes[t] - u.Outcomes[times[base]]
		sums[arm[i]] += change[i]
		n[arm[i]]++
	}
	if n[0] == 0 || n[1] == 0 {
		return e, false
	}
	e.influence = make([]float64, len(units))
	mean := [2]float64{sums[0] / n[0], sums[1] / n[1]}
	for i, a := range arm {
		if a >= 0 {
			e.influence[i] = float64(2*a-1) * (change[i] - mean[a]) * float64(len(units)) / n[a]
		}
	}
	e.Treated, e.Controls = int(n[1]), int(n[0])
	e.Estimate = normal(int(n[0]+n[1]), mean[1]-mean[0], influenceSE(e.influence))
	return e, true
}

func influenceSE(f []float64) float64 {
	var ss float64
	for _, v := range f {
		ss += v * v
	}
	return math.Sqrt(ss) / float64(len(f))
}

// aggregate weighs the chosen effects by the share of their group; that the shares
// are estimated too is part of the error.
func (s *Staggered) aggregate(units []Panel, groups map[float64]int, use func(GroupTime) bool) Estimate {
	n := float64(len(units))
	var total, value float64
	for _, e := range s.Effects {
		if use(e) {
			w := float64(groups[e.Group]) / n
			total += w
			value += w * e.Value
		}
	}
	if total == 0 {
		return none(len(units), NoData)
	}
	value /= total
	influence := make([]float64, len(units))
	for _, e := range s.Effects {
		if !use(e) {
			continue
		}
		w := float64(groups[e.Group]) / n
		for i, u := range units {
			own := 0.0
			if u.First == e.Group {
				own = 1
			}
			influence[i] += (w*e.influence[i] + (own-w)*(e.Value-value)) / total
		}
	}
	return normal(len(units), value, influenceSE(influence))
}
