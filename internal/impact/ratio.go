package impact

import "math"

// DaysPerYear turns a rate per day into one per year.
const DaysPerYear = 365

// Ratio is Σnum ÷ Σden over persons, each of whom gives one pair. Its variance is
// that of the delta method clustered by person, n/(n−1)·Σe²/(Σden)² with
// e = num − ratio·den: one person's orders are alike, so orders are not
// independent, and a standard error per order would be too small.
//
// num and den have the same length. Without a positive Σden there is no number;
// of one person there is no standard error.
func Ratio(num, den []float64) Estimate {
	n := len(den)
	total := sum(den)
	if n == 0 || total <= 0 {
		return none(n, NoData)
	}
	r := sum(num) / total
	var ss float64
	for i := range den {
		e := num[i] - r*den[i]
		ss += e * e
	}
	return normal(n, r, math.Sqrt(float64(n)/float64(n-1)*ss)/total)
}

// Basket is the average order value: revenue ÷ orders, clustered by customer.
// Customers without an order do not change the number and may be in or out.
func Basket(revenue, orders []float64) Estimate { return Ratio(revenue, orders) }

// Frequency is orders per person and year: Σorders ÷ Σdays × 365, clustered by
// customer. days is each person's exposure in the window.
func Frequency(orders, days []float64) Estimate {
	e := Ratio(orders, days)
	e.Value *= DaysPerYear
	e.SE *= DaysPerYear
	e.Low *= DaysPerYear
	e.High *= DaysPerYear
	return e
}

// PerOrderSE is the standard error that treats every value as independent. It is
// there to show how much too small it is, not to be used.
func PerOrderSE(values []float64) float64 { return Mean(values).SE }
