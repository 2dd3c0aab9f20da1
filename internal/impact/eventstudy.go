package impact

import (
	"github.com/foyer-app/foyer/internal/community"
)

// EventPoint is one period of the event study: days From to To (exclusive) relative
// to the day of joining, which is in none.
type EventPoint struct {
	From, To int
	Estimate // spend per customer, members minus controls, less the same of the base period
	Base     bool
}

// EventStudy is the difference of the matched sets before and after joining in
// periods of so many days, as far as the horizon each way. The base is the last
// period before joining; there the difference is set to 0. Differences before it
// should be near 0; a trend there is the reason to distrust what follows.
func (s *Sets) EventStudy(period int) []EventPoint {
	n := s.options.Horizon / max(period, 1)
	if n == 0 || s.Matched < MinPersons || s.Controls < MinPersons {
		return nil
	}
	p := *s.panel
	p.columns = 1 + 2*n
	p.values = make([]float64, len(p.rows)*p.columns)
	base := n // column of the last period before joining
	for i, r := range p.rows {
		out := p.row(i)
		out[colOne] = 1
		s.periods(out[1:], &s.customers[r.person], s.index[i], r.treated, period, n)
		for j := range out[1:] {
			if j+1 != base {
				out[j+1] -= out[base]
			}
		}
	}
	var list []EventPoint
	for j := range 2 * n {
		from := (j - n) * period
		if j >= n {
			from++ // the day of joining is dropped
		}
		e := EventPoint{From: from, To: from + period, Base: j+1 == base}
		if e.Base {
			e.Estimate = Estimate{N: p.treated}
		} else {
			e.Estimate = p.delta(contrast{j + 1, colOne, 1})
		}
		list = append(list, e)
	}
	return list
}

// periods sums one row's spend by period; a control's stops when it joins.
func (s *Sets) periods(out []float64, c *Customer, day community.Date, treated bool, period, n int) {
	to := day + 1 + community.Date(n*period)
	for _, o := range c.between(day-community.Date(n*period), day) {
		out[n-1-int(day-1-o.Day)/period] += o.Revenue
	}
	if !treated && c.Member && c.Joined < to {
		to = c.Joined
	}
	weigh := stayer{rates: s.rates, day: day}
	window := c.between(day+1, to)
	for i := 0; i < len(window); {
		next, w := sameDay(window, i), 1.0
		if !treated {
			w = weigh.weightAt(window[i].Day, next-i)
		}
		revenue, _ := totals(window[i:next])
		out[n+int(window[i].Day-day-1)/period] += w * revenue
		i = next
	}
}

// sameDay is the end of the run of orders that share the day of order i.
func sameDay(orders []Order, i int) int {
	next := i + 1
	for next < len(orders) && orders[next].Day == orders[i].Day {
		next++
	}
	return next
}
