package impact

import (
	"math"
	"slices"
)

// The gate of a return: it is hidden until so many matched members have been followed
// for so long.
const (
	MinFollowUpDays = 90
	MinMatched      = 200
)

// Why a return is hidden.
const (
	FollowUpTooShort = "follow_up_too_short"
	TooFewMatched    = "too_few_matched"
	NoCost           = "no_cost"
	EffectNotCausal  = "effect_not_established" // Verdict said withheld or too early
)

// ROIInput is a programme's returns and costs over one period, in one currency.
type ROIInput struct {
	EffectPerMember Assumption // extra margin per member over the horizon
	Members         float64    // members with a full horizon
	NewCustomers    Assumption // brought by the community, disjoint from Members
	MarginPerNew    Assumption
	Incremental     Assumption // share of them who would not have come otherwise
	Deflected       Assumption // tickets
	CostPerTicket   Assumption
	Costs           []Cost
	// FollowUpDays and Matched are for the gate; Verdict is that of the margin effect.
	FollowUpDays, Matched int
	Verdict               string
}

// Cost is one line of the ledger, by month, in minor units.
type Cost struct {
	Month    int    // 12 × year + month − 1
	Category string // people, tools, rewards, events …
	Minor    int64
}

// ROI is (returns − costs) ÷ costs.
type ROI struct {
	Value, Median, Low, High float64 // Value is at the assumptions' values
	Positive                 float64 // P(ROI > 0)
	Existing, New, Support   float64 // the returns at the assumptions' values
	Cost                     float64
	Tornado                  []Swing
	BreakEvenMembers         float64 // +Inf when a member brings nothing
	Hidden                   []string
}

// Swing is the return with one assumption at either end of its 95 % range.
type Swing struct {
	Name      string
	Low, High float64
}

// assumptions are the inputs that vary, in a fixed order.
func (in *ROIInput) assumptions() []*Assumption {
	return []*Assumption{&in.EffectPerMember, &in.NewCustomers, &in.MarginPerNew, &in.Incremental, &in.Deflected, &in.CostPerTicket}
}

// returns are the three terms at given values of the assumptions.
func returns(members float64, v []float64) (existing, fresh, support float64) {
	return members * v[0], v[1] * v[2] * v[3], v[4] * v[5]
}

// ReturnOnCommunity computes the return with one draw of every assumption a replicate.
// scale is minor units per unit of money of the assumptions, 100 for euros.
func ReturnOnCommunity(in ROIInput, scale float64, seed uint64) ROI {
	var r ROI
	for _, c := range in.Costs {
		r.Cost += float64(c.Minor) / scale
	}
	r.Hidden = in.gate(r.Cost)
	if r.Cost <= 0 {
		nan := math.NaN()
		r.Value, r.Median, r.Low, r.High, r.Positive, r.BreakEvenMembers = nan, nan, nan, nan, nan, nan
		return r
	}
	list := in.assumptions()
	at := make([]float64, len(list))
	for i, a := range list {
		at[i] = a.Value
	}
	roi := func(v []float64) float64 {
		a, b, c := returns(in.Members, v)
		return (a + b + c - r.Cost) / r.Cost
	}
	r.Value = roi(at)
	r.Existing, r.New, r.Support = returns(in.Members, at)
	r.BreakEvenMembers = breakEven(r.Cost-r.New-r.Support, at[0])

	d := newDrawer(seed)
	draws := make([]float64, Replicates)
	each := make([][]float64, len(list))
	for i := range each {
		each[i] = make([]float64, Replicates)
	}
	v := make([]float64, len(list))
	for b := range draws {
		for i, a := range list {
			v[i] = a.draw(d, b)
			each[i][b] = v[i]
		}
		draws[b] = roi(v)
		if draws[b] > 0 {
			r.Positive++
		}
	}
	r.Positive /= Replicates
	r.Low, r.High, _ = percentile(draws)
	slices.Sort(draws)
	r.Median = quantileOf(draws, 0.5)
	r.Tornado = tornado(list, each, at, roi)
	return r
}

// tornado moves one assumption at a time; the five that move the return most.
func tornado(list []*Assumption, each [][]float64, at []float64, roi func([]float64) float64) []Swing {
	var out []Swing
	for i, a := range list {
		low, high, _ := percentile(each[i])
		if low == high {
			continue
		}
		v := slices.Clone(at)
		v[i] = low
		s := Swing{Name: a.Name, Low: roi(v)}
		v[i] = high
		s.High = roi(v)
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b Swing) int {
		x, y := math.Abs(a.High-a.Low), math.Abs(b.High-b.Low)
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return out[:min(5, len(out))]
}

func (in *ROIInput) gate(cost float64) []string {
	var why []string
	if in.FollowUpDays < MinFollowUpDays {
		why = append(why, FollowUpTooShort)
	}
	if in.Matched < MinMatched {
		why = append(why, TooFewMatched)
	}
	if cost <= 0 {
		why = append(why, NoCost)
	}
	if in.Verdict == Withheld || in.Verdict == TooEarly {
		why = append(why, EffectNotCausal)
	}
	return why
}

// breakEven is the number of members whose effect pays for what is left of the cost.
func breakEven(cost, perMember float64) float64 {
	switch {
	case cost <= 0:
		return 0
	case !(perMember > 0):
		return math.Inf(1)
	}
	return math.Ceil(cost/perMember - 1e-9)
}

// Payback is the first month, as an index, after which the returns so far cover the
// costs so far and every later month's too; −1 when they never do.
func Payback(returns, costs []float64) int {
	var balance float64
	month := -1
	for i := range max(len(returns), len(costs)) {
		if i < len(returns) {
			balance += returns[i]
		}
		if i < len(costs) {
			balance -= costs[i]
		}
		switch {
		case balance < 0:
			month = -1
		case month < 0:
			month = i
		}
	}
	return month
}

// CommunityValue is the worked case of the trade: what members changed beyond what
// others did, times the active members.
func CommunityValue(memberBefore, memberAfter, otherBefore, otherAfter float64, active int) float64 {
	return ((memberAfter - memberBefore) - (otherAfter - otherBefore)) * float64(active)
}
