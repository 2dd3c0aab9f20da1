package impact

import "github.com/foyer-app/foyer/internal/community"

// DaysPerWeek is the unit of the purchase model: weeks, as in its publications.
const DaysPerWeek = 7

// Summary is what the purchase model knows of a customer, in weeks since the first
// order: the number of later days with an order, the time of the last, and the time
// observed. Value is the mean revenue of the later order days; 0 when there is none.
type Summary struct {
	Repeats        int
	Last, Observed float64
	Value          float64
	FutureOrders   int     // order days behind the calibration, when asked for
	FutureWeeks    float64 // how long they were watched for
}

// Summaries sums up the orders before calibration, one order per customer and day;
// customers who came later are left out. Orders in [calibration, end) are counted as
// FutureOrders. Days are exclusive ends.
func Summaries(customers []Customer, calibration, end community.Date) []Summary {
	var list []Summary
	for i := range customers {
		c := &customers[i]
		if len(c.Orders) == 0 || c.Orders[0].Day >= calibration {
			continue
		}
		list = append(list, summarise(c.Orders, calibration, end))
	}
	return list
}

func summarise(orders []Order, calibration, end community.Date) Summary {
	first := orders[0].Day
	s := Summary{
		Observed:    float64(calibration-1-first) / DaysPerWeek,
		FutureWeeks: float64(max(0, end-calibration)) / DaysPerWeek,
	}
	var value float64
	day := first
	for _, o := range orders {
		if o.Day >= end && o.Day >= calibration {
			break
		}
		fresh := o.Day != day
		day = o.Day
		switch {
		case o.Day >= calibration:
			if fresh {
				s.FutureOrders++
			}
		case o.Day > first:
			value += o.Revenue
			if fresh {
				s.Repeats++
				s.Last = float64(o.Day-first) / DaysPerWeek
			}
		}
	}
	if s.Repeats > 0 {
		s.Value = value / float64(s.Repeats)
	}
	return s
}
