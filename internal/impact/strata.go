package impact

import (
	"slices"

	"github.com/foyer-app/foyer/internal/community"
)

// The windows before an index date J: people are made alike on [J−365, J−91], and
// [J−90, J−1] is kept out of the matching, to see whether they were alike there too.
const (
	matchFrom    = 365
	placeboDays  = 90
	fortnight    = 14
	mondayOffset = 3 // 1970-01-01 was a Thursday: fortnights begin on a Monday
)

// stratum is the coarsened history of one person at one index date: only people of
// the same stratum are compared.
type stratum struct {
	fortnight, country, source     int32
	recency, orders, tenure, spend int8
	busy                           int8           // of the index date itself
	day                            community.Date // 0: the whole fortnight
}

// profile is a history as numbers, for the balance table.
type profile struct {
	recency, tenure float64 // days since the last and the first order
	orders, spend   float64 // in [J−365, J−91]
	today           int     // orders on the index date
}

// recencyBand is {0, 1–7, 8–30, 31–90, 91–180, >180} days since the last order.
func recencyBand(days int) int8 { return band(days, 0, 7, 30, 90, 180) }

// ordersBand is {0, 1, 2, 3, ≥4}.
func ordersBand(n int) int8 { return band(n, 0, 1, 2, 3) }

// tenureBand is {<60, 60–119, 120–179, ≥180} days since the first order.
func tenureBand(days int) int8 { return band(days, 59, 119, 179) }

// band is the number of upper bounds that lie below v.
func band[N int | float64](v N, upper ...N) int8 {
	for i, u := range upper {
		if v <= u {
			return int8(i)
		}
	}
	return int8(len(upper))
}

// spendBands are the quartiles of positive spend, pooled; no spend is a band apart.
type spendBands [3]float64

func newSpendBands(values []float64) spendBands {
	positive := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return v <= 0 })
	slices.Sort(positive)
	if len(positive) == 0 {
		return spendBands{}
	}
	return spendBands{quantileOf(positive, 0.25), quantileOf(positive, 0.5), quantileOf(positive, 0.75)}
}

func (b spendBands) band(v float64) int8 {
	if v <= 0 {
		return 0
	}
	return 1 + band(v, b[0], b[1], b[2])
}

func fortnightOf(d community.Date) int32 { return int32((int(d) + mondayOffset) / fortnight) }

// profileAt is the customer's history at the index date j; ok is false when the first
// order lies behind it. An order on j itself counts: recency 0.
func (c *Customer) profileAt(j community.Date) (p profile, ok bool) {
	next := c.firstAt(j + 1)
	if next == 0 {
		return p, false
	}
	p.recency = float64(j - c.Orders[next-1].Day)
	p.tenure = float64(j - c.Orders[0].Day)
	p.today = len(c.between(j, j+1))
	for _, o := range c.between(j-matchFrom, j-placeboDays) {
		p.orders++
		p.spend += o.Revenue
	}
	return p, true
}

// stratumOf coarsens all but spend, whose bands are not known yet.
func (p profile) stratumOf(j community.Date, country, source int32) stratum {
	return stratum{
		fortnight: fortnightOf(j), country: country, source: source, busy: int8(busyness(p.today)),
		recency: recencyBand(int(p.recency)), orders: ordersBand(int(p.orders)), tenure: tenureBand(int(p.tenure)),
	}
}
