package stripe

import (
	"math/big"
	"time"
)

// item is one article of a subscription.
type item struct {
	ID        string                 `json:"id"`
	Quantity  *int64                 `json:"quantity,omitempty"`
	Price     price                  `json:"price"`
	Discounts []expandable[discount] `json:"discounts,omitempty"`
	TaxRates  []taxRate              `json:"tax_rates,omitempty"`
}

type taxRate struct {
	Percentage decimal `json:"percentage,omitempty"`
	Inclusive  bool    `json:"inclusive,omitempty"`
}

type tier struct {
	UpTo int64   `json:"up_to,omitempty"` // 0: the last one, without an end
	Unit decimal `json:"unit_amount_decimal,omitempty"`
	Flat decimal `json:"flat_amount_decimal,omitempty"`
}

type price struct {
	ID        string  `json:"id"`
	Scheme    string  `json:"billing_scheme,omitempty"`
	Unit      decimal `json:"unit_amount_decimal,omitempty"`
	Behavior  string  `json:"tax_behavior,omitempty"`
	TiersMode string  `json:"tiers_mode,omitempty"`
	Tiers     []tier  `json:"tiers,omitempty"`
	Transform *struct {
		Divide int64  `json:"divide_by"`
		Round  string `json:"round"`
	} `json:"transform_quantity,omitempty"`
	Recurring *struct {
		Interval string `json:"interval"`
		Count    int64  `json:"interval_count"`
		Usage    string `json:"usage_type,omitempty"`
	} `json:"recurring,omitempty"`
}

// monthly is the factor that makes an amount of one period one of a month:
// 1/k for k months, 1/12k for years, and by 365.25 days a year for weeks and days.
// Nil for a price that is paid once, and for one by what is used.
func (p *price) monthly() *big.Rat {
	if p.Recurring == nil || p.Recurring.Usage == "metered" {
		return nil
	}
	k := min(max(p.Recurring.Count, 1), 10_000)
	switch p.Recurring.Interval {
	case "month":
		return big.NewRat(1, k)
	case "year":
		return big.NewRat(1, 12*k)
	case "week":
		return big.NewRat(1461, 336*k) // 365.25 / 12 / 7
	case "day":
		return big.NewRat(1461, 48*k) // 365.25 / 12
	}
	return nil
}

// of is what a number of pieces costs for one period.
func (p *price) of(quantity int64) *big.Rat {
	if t := p.Transform; t != nil && t.Divide > 0 {
		n := quantity / t.Divide
		if t.Round == "up" && quantity%t.Divide != 0 {
			n++
		}
		quantity = n
	}
	if p.Scheme != "tiered" {
		return times(p.Unit, quantity)
	}
	return p.tiered(quantity)
}

// tiered prices by steps: by volume all pieces cost what the step of their
// number says, graduated each piece what its own step says.
func (p *price) tiered(quantity int64) *big.Rat {
	total, below := new(big.Rat), int64(0)
	for _, t := range p.Tiers {
		last := t.UpTo <= 0 || quantity <= t.UpTo
		if p.TiersMode == "volume" {
			if last {
				return total.Add(times(t.Unit, quantity), times(t.Flat, 1))
			}
			continue
		}
		upTo := t.UpTo
		if last {
			upTo = quantity
		}
		if upTo > below || below == 0 {
			total.Add(total, times(t.Unit, max(upTo-below, 0)))
			total.Add(total, times(t.Flat, 1))
		}
		if last {
			break
		}
		below = upTo
	}
	return total
}

func times(d decimal, n int64) *big.Rat {
	r := d.rat()
	if r == nil {
		return new(big.Rat)
	}
	return r.Mul(r, new(big.Rat).SetInt64(n))
}

// part is what one item is worth a month, with its own discounts to come.
type part struct {
	amount    *big.Rat
	factor    *big.Rat
	discounts []expandable[discount]
}

// worth is what a subscription is worth a month at a moment, without tax: before
// discounts, the part of it that discounts without an end take, and what those
// with an end take beyond.
func (s *subscription) worth(at time.Time) (full, forever, finite int64) {
	var parts []part
	total := new(big.Rat)
	for i := range s.Items.Data {
		it := &s.Items.Data[i]
		f := it.Price.monthly()
		if f == nil {
			continue
		}
		quantity := int64(1)
		if it.Quantity != nil {
			quantity = min(max(*it.Quantity, 0), 1<<40)
		}
		amount := it.Price.of(quantity)
		amount.Mul(amount, f)
		amount.Mul(amount, s.untaxed(it))
		parts = append(parts, part{amount, f, it.Discounts})
		total.Add(total, amount)
	}
	if total.Sign() <= 0 {
		return 0, 0, 0
	}
	full = round(total)
	lasting := s.reduced(parts, at, func(c *coupon) bool { return c.Duration == "forever" })
	all := s.reduced(parts, at, func(*coupon) bool { return true })
	forever = max(full-round(lasting), 0)
	finite = max(full-forever-round(all), 0)
	return full, forever, finite
}

// reduced is the amount after those discounts that count: first each item's own,
// then the subscription's.
func (s *subscription) reduced(parts []part, at time.Time, counts func(*coupon) bool) *big.Rat {
	total := new(big.Rat)
	for _, p := range parts {
		rest := new(big.Rat).Set(p.amount)
		for i := range p.discounts {
			s.reduce(rest, p.discounts[i].Object, p.factor, at, counts)
		}
		total.Add(total, rest)
	}
	discounts := s.Discounts
	if len(discounts) == 0 && s.Discount != nil { // as versions before 2025 write it
		discounts = []expandable[discount]{{Object: s.Discount}}
	}
	for i := range discounts {
		if len(parts) > 0 {
			s.reduce(total, discounts[i].Object, parts[0].factor, at, counts)
		}
	}
	return total
}

var hundred = big.NewRat(100, 1)

// reduce takes one discount off an amount of a month, which never falls below
// zero. An amount off is once an invoice, so the factor of the period applies.
func (s *subscription) reduce(amount *big.Rat, d *discount, factor *big.Rat, at time.Time, counts func(*coupon) bool) {
	if d == nil || d.coupon() == nil || !counts(d.coupon()) {
		return
	}
	if end := moment(d.End); !end.IsZero() && !at.Before(end) {
		return
	}
	c := d.coupon()
	off := new(big.Rat)
	if percent := c.PercentOff.rat(); percent != nil {
		off.Mul(amount, percent.Quo(percent, hundred))
	} else if c.Currency == s.Currency && c.AmountOff > 0 {
		off.Mul(new(big.Rat).SetInt64(min(c.AmountOff, largest)), factor)
	}
	if off.Sign() <= 0 {
		return
	}
	if amount.Sub(amount, off); amount.Sign() < 0 {
		amount.SetInt64(0)
	}
}

// untaxed is the share of an item's price that is no tax: below one where the
// price includes it. Rates that were set by hand tell it; with the automatic tax
// the last invoice does.
func (s *subscription) untaxed(it *item) *big.Rat {
	one := big.NewRat(1, 1)
	rates := it.TaxRates
	if len(rates) == 0 {
		rates = s.TaxRates
	}
	sum := new(big.Rat)
	for _, r := range rates {
		if p := r.Percentage.rat(); r.Inclusive && p != nil && p.Sign() > 0 {
			sum.Add(sum, p)
		}
	}
	if sum.Sign() > 0 {
		return one.Quo(hundred, sum.Add(sum, hundred))
	}
	last := s.LatestInvoice.Object
	if it.Price.Behavior == "inclusive" && last != nil && last.Net != nil && *last.Net > 0 && last.Total > *last.Net {
		return one.SetFrac(big.NewInt(*last.Net), big.NewInt(last.Total))
	}
	return one
}
