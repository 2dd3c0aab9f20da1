package impact

import "math"

// maxMonths bounds a subscription's expected life: what lies behind five years is
// not known by anybody.
const maxMonths = 60

// SimpleLTV is a formula's value, with what must be said beside it.
type SimpleLTV struct {
	Value        float64
	Low, High    float64 // from the interval of churn alone
	Capped       bool    // churn is so small that the cap of 60 months decides
	ChurnUnclear bool    // the interval of churn reaches below 1 % a month
	Reason       string
}

// ShopLTV is margin rate × average basket × orders a year ÷ yearly churn. marginRate
// and churn are shares; churn is an estimate per year in (0, 1].
func ShopLTV(marginRate, basket, ordersPerYear float64, churn Estimate) SimpleLTV {
	return simpleLTV(marginRate*basket*ordersPerYear, churn, maxMonths/12, monthly(churn.Low))
}

// SubscriptionLTV is margin rate × revenue per account and month ÷ monthly churn, for
// at most 60 months.
func SubscriptionLTV(marginRate, perMonth float64, churn Estimate) SimpleLTV {
	return simpleLTV(marginRate*perMonth, churn, maxMonths, churn.Low)
}

// DiscountedLTV is margin·r/(1+d−r): the margin of a period, the retention r and the
// discount rate d of the same period. The margin at once is not in it. NaN when the
// sum does not converge, that is when r ≥ 1+d.
func DiscountedLTV(margin, retention, discount float64) float64 {
	if retention >= 1+discount {
		return math.NaN()
	}
	return margin * retention / (1 + discount - retention)
}

func simpleLTV(perPeriod float64, churn Estimate, limit, monthlyLow float64) SimpleLTV {
	if churn.Reason != "" || math.IsNaN(churn.Value) || churn.Value < 0 || churn.Value > 1 {
		nan := math.NaN()
		return SimpleLTV{Value: nan, Low: nan, High: nan, Reason: NoData}
	}
	value := func(c float64) float64 { return perPeriod * min(1/max(c, 1e-12), limit) }
	s := SimpleLTV{Value: value(churn.Value), Low: value(churn.High), High: value(churn.Low)}
	s.Capped = churn.Value*limit < 1
	s.ChurnUnclear = !(monthlyLow >= 0.01)
	return s
}

// monthly is the churn per month that gives this churn per year.
func monthly(yearly float64) float64 { return 1 - math.Pow(1-min(max(yearly, 0), 1), 1.0/12) }
