package impact

import (
	"cmp"
	"slices"

	"github.com/foyer-app/foyer/internal/community"
)

// Order is one paid, real, not cancelled order: net of tax, refunds and codes. A
// refund reduces the order it belongs to.
type Order struct {
	Day     community.Date
	Revenue float64
	Margin  float64
}

// Customer is one person's purchases and membership. Orders are in ascending order
// of days: Prepare sees to it.
type Customer struct {
	ID              string
	Orders          []Order
	Member          bool           // joined at some time
	Joined          community.Date // the first day as a member, when Member
	Country, Source string         // strata; Source is the channel of the first order
	// Gone is the first day no longer observed, after an erasure; 0 when the person
	// is observed until the data end.
	Gone community.Date
}

// Prepare sorts the orders of every customer by day, in place.
func Prepare(customers []Customer) {
	for i := range customers {
		o := customers[i].Orders
		if !slices.IsSortedFunc(o, byDay) {
			slices.SortStableFunc(o, byDay)
		}
	}
}

func byDay(a, b Order) int { return cmp.Compare(a.Day, b.Day) }

// memberBy says whether the person had joined on day d or before.
func (c *Customer) memberBy(d community.Date) bool { return c.Member && c.Joined <= d }

// observedUntil is the first day that is not observed, given the data's own.
func (c *Customer) observedUntil(end community.Date) community.Date {
	if c.Gone != 0 {
		return min(end, c.Gone)
	}
	return end
}

// between returns the orders of the half-open window [from, to).
func (c *Customer) between(from, to community.Date) []Order {
	lo := c.firstAt(from)
	hi := lo
	for hi < len(c.Orders) && c.Orders[hi].Day < to {
		hi++
	}
	return c.Orders[lo:hi]
}

// firstAt is the index of the first order on day d or later.
func (c *Customer) firstAt(d community.Date) int {
	i, _ := slices.BinarySearchFunc(c.Orders, d, func(o Order, d community.Date) int { return cmp.Compare(o.Day, d) })
	return i
}
