package impact

import (
	"github.com/foyer-app/foyer/internal/community"
)

// HistoricLTV is the cumulative margin and revenue per customer at one age.
type HistoricLTV struct {
	Day             int // age: days since the first order, inclusive
	Revenue, Margin Estimate
	Cohorts         int // calendar months of first orders that count
	LeftOut         int // customers of months not observed to that age
}

// HistoricLTVs sums what customers have brought up to each age, the first order
// being day 0. A calendar month of first orders counts for an age only if its last
// day has been observed that long, so that no age mixes old and young cohorts. end
// is the first day that is not observed; customers without an order are no
// customers yet. A person erased before the age is left out.
func HistoricLTVs(customers []Customer, ages []int, end community.Date) []HistoricLTV {
	list := make([]HistoricLTV, 0, len(ages))
	for _, age := range ages {
		h := HistoricLTV{Day: age}
		var revenue, margin []float64
		months := map[community.Date]bool{}
		for i := range customers {
			c := &customers[i]
			if len(c.Orders) == 0 {
				continue
			}
			first := c.Orders[0].Day
			until := first + community.Date(age) + 1
			month, last := monthOf(first)
			if last+community.Date(age) >= end || until > c.observedUntil(end) {
				h.LeftOut++
				continue
			}
			months[month] = true
			r, m := totals(c.between(first, until))
			revenue, margin = append(revenue, r), append(margin, m)
		}
		h.Revenue, h.Margin, h.Cohorts = Mean(revenue), Mean(margin), len(months)
		if len(revenue) == 0 && h.LeftOut > 0 {
			h.Revenue.Reason, h.Margin.Reason = NotObserved, NotObserved
		}
		list = append(list, h)
	}
	return list
}

// monthOf is the first and the last day of d's calendar month.
func monthOf(d community.Date) (first, last community.Date) {
	t := d.UTC()
	first = community.NewDate(t.Year(), t.Month(), 1)
	return first, community.NewDate(t.Year(), t.Month()+1, 1) - 1
}

func totals(orders []Order) (revenue, margin float64) {
	for _, o := range orders {
		revenue += o.Revenue
		margin += o.Margin
	}
	return revenue, margin
}
