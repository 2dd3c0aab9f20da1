package impact

import "math"

// The gates of the model, fixed beforehand.
const (
	MinRepeaters   = 500 // customers with a repeat order
	MaxCorrelation = 0.2 // between number and value of orders, absolute
	MaxHoldOutMiss = 0.2 // predicted ÷ actual orders behind the calibration, minus 1
)

// ModelGates says whether the purchase model may be used on these customers, and by
// what measure it may not.
type ModelGates struct {
	Repeaters         int
	Correlation       float64 // of the number and mean value of repeat orders
	Predicted, Actual float64 // orders in the hold-out; NaN without one
	Miss              float64 // Predicted/Actual − 1; NaN without a hold-out
	Failed            []string
}

// The gates' names in Failed.
const (
	GateRepeaters   = "repeaters"
	GateCorrelation = "correlation"
	GateHoldOut     = "hold_out"
	GateConverged   = "converged"
)

// CheckModel applies the gates. list comes from Summaries with a calibration before
// the end; without hold-out weeks that gate fails, because nothing has been checked.
func CheckModel(list []Summary, m BGNBD, v GammaGamma) ModelGates {
	g := ModelGates{Repeaters: m.Repeaters, Correlation: Correlation(list), Predicted: math.NaN(), Actual: math.NaN(), Miss: math.NaN()}
	if m.Reason != "" || v.Reason != "" {
		g.Failed = append(g.Failed, GateConverged)
	}
	if g.Repeaters < MinRepeaters {
		g.Failed = append(g.Failed, GateRepeaters)
	}
	if !(math.Abs(g.Correlation) <= MaxCorrelation) {
		g.Failed = append(g.Failed, GateCorrelation)
	}
	if m.Reason == "" && len(list) > 0 && list[0].FutureWeeks > 0 {
		g.Predicted, g.Actual = 0, 0
		for _, s := range list {
			g.Predicted += m.Conditional(s, s.FutureWeeks)
			g.Actual += float64(s.FutureOrders)
		}
		g.Miss = g.Predicted/g.Actual - 1
	}
	if !(math.Abs(g.Miss) <= MaxHoldOutMiss) {
		g.Failed = append(g.Failed, GateHoldOut)
	}
	return g
}

// Correlation is Pearson's, of the number and the mean value of repeat orders over
// customers who have any; NaN when either does not vary.
func Correlation(list []Summary) float64 {
	var n, sx, sy, sxx, syy, sxy float64
	for _, s := range list {
		if s.Repeats == 0 || s.Value <= 0 {
			continue
		}
		x, y := float64(s.Repeats), s.Value
		n, sx, sy, sxx, syy, sxy = n+1, sx+x, sy+y, sxx+x*x, syy+y*y, sxy+x*y
	}
	return (n*sxy - sx*sy) / math.Sqrt((n*sxx-sx*sx)*(n*syy-sy*sy))
}

// ModelLTV is the expected value of one customer's orders in the next weeks, revenue
// times marginRate. A new customer's first order is not in it.
func ModelLTV(m BGNBD, v GammaGamma, s Summary, weeks, marginRate float64) float64 {
	return m.Conditional(s, weeks) * v.Conditional(s) * marginRate
}
