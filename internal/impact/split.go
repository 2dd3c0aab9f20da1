package impact

import "math"

// Totals are the sums of one group over one window.
type Totals struct {
	Customers, Buyers, Orders int
	Revenue                   float64
}

// SpendSplit is why one group spends more per customer than another. The three
// log factors sum to Total exactly; Ratio = exp(Total). Difference is in money:
// group a minus group b, per customer.
type SpendSplit struct {
	Ratio, Difference                    float64
	Total, BuyerShare, Frequency, Basket float64 // natural logs of ratios
	Reason                               string
}

// Split takes the ratio of spend per customer of a to b apart into the share who
// buy, the orders per buyer and the value per order. It needs buyers, orders and
// positive revenue in both. It splits ratios of means: a log of each customer's
// spend would depend on the unit of money.
func Split(a, b Totals) SpendSplit {
	for _, t := range []Totals{a, b} {
		if t.Customers <= 0 || t.Buyers <= 0 || t.Orders <= 0 || t.Revenue <= 0 {
			nan := math.NaN()
			return SpendSplit{nan, nan, nan, nan, nan, nan, NoData}
		}
	}
	s := SpendSplit{
		BuyerShare: math.Log(share(a.Buyers, a.Customers) / share(b.Buyers, b.Customers)),
		Frequency:  math.Log(share(a.Orders, a.Buyers) / share(b.Orders, b.Buyers)),
		Basket:     math.Log(a.Revenue / float64(a.Orders) / (b.Revenue / float64(b.Orders))),
		Difference: a.Revenue/float64(a.Customers) - b.Revenue/float64(b.Customers),
	}
	s.Total = s.BuyerShare + s.Frequency + s.Basket
	s.Ratio = a.Revenue / float64(a.Customers) / (b.Revenue / float64(b.Customers))
	return s
}

func share(k, n int) float64 { return float64(k) / float64(n) }
