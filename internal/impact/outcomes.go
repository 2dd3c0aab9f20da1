package impact

import (
	"github.com/foyer-app/foyer/internal/community"
)

// The columns of a matched panel; those that no bootstrap asks for stand last.
const (
	colOne = iota
	colSpend
	colMargin
	colOrders
	colRepeat
	colPlaceboSpend // in [J−90, J−1], of people known for at least 90 days
	colPlaceboMargin
	colPlaceboOrders
	colPlaceboRepeat
	colSeasoned     // 1 for those people
	colChangeSpend  // spend after minus spend before, windows of the same length
	colChangeMargin // the same of margin
	colChangeOrders // the same of orders
	columns
)

// outcomesOf fills one row's columns but the first. A member is watched for the whole
// horizon, also after leaving the community; a control until the day it joins.
func outcomesOf(out []float64, c *Customer, day community.Date, treated bool, horizon int, rates joinRates) {
	clear(out)
	h := community.Date(horizon)
	from, to := day+1, day+1+h
	weigh := stayer{rates: rates, day: day}
	if !treated && c.Member && c.Joined < to {
		to = c.Joined
	}
	at := func(column int) *float64 { return &out[column] }
	*at(colOne) = 1
	window := c.between(from, to)
	for i := 0; i < len(window); {
		next, w := sameDay(window, i), 1.0
		if !treated {
			w = weigh.weightAt(window[i].Day, next-i)
		}
		revenue, margin := totals(window[i:next])
		*at(colSpend) += w * revenue
		*at(colMargin) += w * margin
		*at(colOrders) += w * float64(next-i)
		if i == 0 {
			*at(colRepeat) = w
		}
		i = next
	}
	revenue, margin := totals(c.between(day-h, day))
	*at(colChangeSpend) = *at(colSpend) - revenue
	*at(colChangeMargin) = *at(colMargin) - margin
	*at(colChangeOrders) = *at(colOrders) - float64(len(c.between(day-h, day)))
	if len(c.Orders) > 0 && c.Orders[0].Day < day-placeboDays {
		before := c.between(day-placeboDays, day)
		revenue, margin := totals(before)
		*at(colSeasoned) = 1
		*at(colPlaceboSpend), *at(colPlaceboMargin) = revenue, margin
		*at(colPlaceboOrders) = float64(len(before))
		if len(before) > 0 {
			*at(colPlaceboRepeat) = 1
		}
	}
}

// fill makes the panel of matched rows and describes it.
func (s *Sets) fill(list []candidate, rows []panelRow, before balanceTable) {
	arms := map[int32][2]int{}
	for _, r := range rows {
		a := arms[r.stratum]
		a[armOf(r.treated)]++
		arms[r.stratum] = a
	}
	controls := map[int32]bool{}
	for i, c := range list {
		a := arms[rows[i].stratum]
		if a[0] == 0 || a[1] == 0 {
			if c.treated {
				s.Unmatched.add(c.profile)
			}
			continue
		}
		if c.treated {
			s.Matched++
			s.Profile.add(c.profile)
		} else {
			controls[c.person] = true
		}
	}
	s.Controls = len(controls)
	s.panel = newPanel(len(s.customers), rows, columns, func(i int, out []float64) {
		outcomesOf(out, &s.customers[list[i].person], list[i].day, list[i].treated, s.options.Horizon, s.rates)
	})
	s.index = make([]community.Date, len(s.panel.rows))
	for i, from := range s.panel.origin {
		s.index[i] = list[from].day
	}
	s.Strata = s.panel.strata()
	var after balanceTable
	for i, c := range list {
		a := arms[rows[i].stratum]
		if a[0] == 0 || a[1] == 0 {
			continue
		}
		w := 1.0
		if !c.treated {
			w = float64(a[1]) / float64(a[0])
		}
		after.add(c.profile, c.treated, w)
	}
	s.balance = balanceLines(before, after)
	s.Unmatched.finish()
	s.Profile.finish()
}
