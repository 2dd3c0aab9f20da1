package impact

import (
	"math"

	"github.com/foyer-app/foyer/internal/community"
)

// A control is watched until the day it joins itself. People join when they buy, so
// this censoring takes the buyers out of the controls, and left alone it makes
// membership look useful where it does nothing. Each order of a control is therefore
// weighted by one over the probability of not having joined until then, given its own
// orders: the controls that stayed stand for those that left.

// joinRates is the probability of joining on a day, of customers who had not: on days
// with no, one, two or more orders, by quarter of a year.
type joinRates struct {
	start community.Date
	on    [4][]float64 // by busyness of the day, by quarter since start
}

const quarter = 91

// maxWeight bounds the weight of one order.
const maxWeight = 100

// minJoins is the number of joins below which a quarter takes the overall rate.
const minJoins = 20

// joinRatesOf counts customers from their first order to their joining, inclusive.
func joinRatesOf(customers []Customer, start, end community.Date) joinRates {
	n := max(1, (int(end-start)+quarter-1)/quarter)
	r := joinRates{start: start}
	var days, joins [4][]float64
	for k := range days {
		r.on[k], days[k], joins[k] = make([]float64, n), make([]float64, n), make([]float64, n)
	}
	for i := range customers {
		c := &customers[i]
		if len(c.Orders) == 0 {
			continue
		}
		first, last := c.Orders[0].Day, c.observedUntil(end)-1
		joined := c.Member && c.Joined <= last
		if joined {
			last = c.Joined
		}
		r.addDays(days[0], first, last)
		c.eachDay(last, func(d community.Date, orders int) {
			days[busyness(orders)][r.quarterOf(d)]++
			days[0][r.quarterOf(d)]--
		})
		if joined && c.Joined >= first {
			joins[busyness(len(c.between(c.Joined, c.Joined+1)))][r.quarterOf(c.Joined)]++
		}
	}
	for k := range days {
		r.on[k] = smooth(joins[k], days[k])
	}
	return r
}

// busyness is 0, 1, 2 or 3 for a day with no, one, two or more orders: whoever joins
// when buying is the likelier to join the more there is bought.
func busyness(orders int) int { return min(orders, 3) }

// eachDay visits the days with orders up to last, with their number of orders.
func (c *Customer) eachDay(last community.Date, visit func(d community.Date, orders int)) {
	for i := 0; i < len(c.Orders) && c.Orders[i].Day <= last; {
		next := sameDay(c.Orders, i)
		visit(c.Orders[i].Day, next-i)
		i = next
	}
}

// addDays adds the days from first to last, inclusive, to their quarters.
func (r joinRates) addDays(days []float64, first, last community.Date) {
	for d := first; d <= last; {
		until := min(last, r.quarterEnd(d))
		days[r.quarterOf(d)] += float64(until - d + 1)
		d = until + 1
	}
}

// quarterEnd is the last day with the rates of d.
func (r joinRates) quarterEnd(d community.Date) community.Date {
	k := r.quarterOf(d)
	if k == len(r.on[0])-1 {
		return 1 << 30
	}
	return r.start + community.Date((k+1)*quarter) - 1
}

// smooth divides, with the overall rate for quarters that saw few joins.
func smooth(joins, days []float64) []float64 {
	all := 0.0
	if d := sum(days); d > 0 {
		all = sum(joins) / d
	}
	out := make([]float64, len(days))
	for i := range out {
		out[i] = all
		if joins[i] >= minJoins {
			out[i] = joins[i] / days[i]
		}
		out[i] = min(out[i], 0.95)
	}
	return out
}

func (r joinRates) quarterOf(d community.Date) int {
	return min(max(int(d-r.start)/quarter, 0), len(r.on[0])-1)
}

// stayer walks forward over one control's days and knows the weight of each.
type stayer struct {
	rates joinRates
	day   community.Date // the last day that is in the logarithm
	log   float64        // of the probability of not having joined
}

// weightAt returns the weight of the orders on day d, of which there are as many as
// said: one over the probability of not having joined on any day after the index up
// to and including d. Days must grow.
func (s *stayer) weightAt(d community.Date, orders int) float64 {
	for s.day < d-1 { // the quiet days before
		until := min(d-1, s.rates.quarterEnd(s.day+1))
		s.log += float64(until-s.day) * math.Log1p(-s.rates.on[0][s.rates.quarterOf(s.day+1)])
		s.day = until
	}
	s.log += math.Log1p(-s.rates.on[busyness(orders)][s.rates.quarterOf(d)])
	s.day = d
	return min(math.Exp(-s.log), maxWeight)
}
