package impact

import (
	"errors"
	"fmt"
	"math/big"
)

// RecurringItem is one priced line of a subscription.
type RecurringItem struct {
	Unit     *big.Rat // price of one unit in minor units of the currency, without tax
	Quantity int64
	Every    string // day, week, month or year
	Count    int64  // every so many of them; 0 is 1
	Metered  bool   // priced by use: never recurring
}

// Reduction is a discount on a subscription.
type Reduction struct {
	Percent *big.Rat // of the recurring amount, 0 to 100; nil when Monthly is given
	Monthly *big.Rat // minor units a month
	Finite  bool     // it ends by itself
}

// Subscription is one contract as it stands at one moment.
type Subscription struct {
	Customer   string
	Status     string // active, past_due, trialing, unpaid, canceled, paused, incomplete …
	InTrial    bool
	Items      []RecurringItem
	Reductions []Reduction
}

// The ways to count recurring revenue. None is a standard, so the chosen one is
// printed with the number.
const (
	// MRRStanding is ours and that of the usual billing system: active and past-due
	// subscriptions, minus discounts without an end.
	MRRStanding = "standing_discounts"
	// MRRNet also subtracts discounts that end by themselves.
	MRRNet = "all_discounts"
	// MRRGross subtracts no discount.
	MRRGross = "no_discounts"
)

// perMonth is how many periods a month has: years of 365.25 days, so that twelve
// months are a year exactly.
func perMonth(every string, count int64) (*big.Rat, error) {
	if count == 0 {
		count = 1
	}
	if count < 0 {
		return nil, fmt.Errorf("impact: an interval of %d is none", count)
	}
	switch every {
	case "month":
		return big.NewRat(1, count), nil
	case "year":
		return big.NewRat(1, 12*count), nil
	case "week":
		return big.NewRat(36525, 100*12*7*count), nil
	case "day":
		return big.NewRat(36525, 100*12*count), nil
	}
	return nil, fmt.Errorf("impact: %q is no interval", every)
}

// Monthly is the recurring revenue of a subscription in minor units a month, rounded
// once, half away from zero. It is 0 for one that is not paid for: in trial, or of a
// status other than active and past_due.
func Monthly(s Subscription, policy string) (int64, error) {
	if s.InTrial || s.Status != "active" && s.Status != "past_due" {
		return 0, nil
	}
	total := new(big.Rat)
	for _, item := range s.Items {
		if item.Metered {
			continue
		}
		if item.Unit == nil {
			return 0, errors.New("impact: an item without a price")
		}
		f, err := perMonth(item.Every, item.Count)
		if err != nil {
			return 0, err
		}
		f.Mul(f, item.Unit)
		total.Add(total, f.Mul(f, big.NewRat(item.Quantity, 1)))
	}
	for _, r := range s.Reductions {
		if policy == MRRGross || policy == MRRStanding && r.Finite {
			continue
		}
		cut := r.Monthly
		if r.Percent != nil {
			cut = new(big.Rat).Mul(total, r.Percent)
			cut.Quo(cut, big.NewRat(100, 1))
		}
		if cut != nil {
			total.Sub(total, cut)
		}
	}
	if total.Sign() < 0 {
		return 0, nil
	}
	return roundHalfAway(total)
}

func roundHalfAway(r *big.Rat) (int64, error) {
	n := new(big.Int).Abs(r.Num())
	n.Mul(n, big.NewInt(2)).Add(n, r.Denom())
	n.Quo(n, new(big.Int).Mul(r.Denom(), big.NewInt(2)))
	if r.Sign() < 0 {
		n.Neg(n)
	}
	if !n.IsInt64() {
		return 0, errors.New("impact: an amount beyond every bank")
	}
	return n.Int64(), nil
}
