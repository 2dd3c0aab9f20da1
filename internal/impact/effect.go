package impact

import (
	"math"
	"slices"
)

// The keys of the effects.
const (
	EffectSpend     = "spend"     // revenue per customer over the horizon
	EffectMargin    = "margin"    // margin per customer over the horizon
	EffectFrequency = "frequency" // orders per customer and year
	EffectBasket    = "basket"    // revenue per order
	EffectRepeat    = "repeat"    // share of customers with an order in the horizon
)

// Effect is what membership changed for the matched members, on average.
type Effect struct {
	Key             string
	Estimate                // members minus controls, with the delta-method interval
	Members, Others float64 // the two figures behind the difference
	// BootLow, BootHigh and BootSE are of the customer bootstrap, by percentiles.
	BootLow, BootHigh, BootSE float64
	Change                    Estimate // difference in differences inside the sets; Reason when there is none
	Placebo                   Placebo
	Detectable                float64 // smallest effect found with 80 % power, same unit
	Winsorised                float64 // the effect with values above the 99th percentile cut to it
	Above                     int     // persons whose values were cut
	FewDrive                  bool    // cutting them changes the effect by more than half
	SmallSample               bool    // fewer than SmallSample persons in an arm: interval too short
	IntervalsDiffer           bool    // bootstrap and delta method differ by more than 15 %
}

// Interval is the one to show and to judge by: at either end the farther of the
// percentile and the delta-method interval. Where one customer carries a few percent of
// the revenue, percentiles lean the wrong way and hold the truth too rarely; the delta
// method knows no skewness (docs/method.md).
func (e Effect) Interval() (low, high float64) { return min(e.Low, e.BootLow), max(e.High, e.BootHigh) }

// definition gives an effect its columns: outcome and what it is divided by, the
// difference in differences (0: none), and the placebo with its divisor.
type definition struct {
	key                 string
	num, den            int
	change              int
	placebo, placeboPer int
	perYear             bool
}

func definitions() []definition {
	return []definition{
		{EffectBasket, colSpend, colOrders, 0, colPlaceboSpend, colPlaceboOrders, false},
		{EffectFrequency, colOrders, colOne, colChangeOrders, colPlaceboOrders, colSeasoned, true},
		{EffectSpend, colSpend, colOne, colChangeSpend, colPlaceboSpend, colSeasoned, false},
		{EffectMargin, colMargin, colOne, colChangeMargin, colPlaceboMargin, colSeasoned, false},
		{EffectRepeat, colRepeat, colOne, 0, colPlaceboRepeat, colSeasoned, false},
	}
}

// maxIntervalGap is the relative difference of the two standard errors that raises
// the alarm.
const maxIntervalGap = 0.15

// Effects estimates all effects of the matched sets. The bootstrap takes the seed and
// the number of replicates (Replicates when 0). Of fewer than MinPersons matched
// members or controls nothing is given: every effect carries TooFewPersons.
func (s *Sets) Effects(seed uint64, replicates int) []Effect {
	if replicates == 0 {
		replicates = Replicates
	}
	defs := definitions()
	list := make([]Effect, len(defs))
	if s.Matched < MinPersons || s.Controls < MinPersons {
		for i, d := range defs {
			list[i] = Effect{Key: d.key, Estimate: none(s.Matched, TooFewPersons)}
		}
		return list
	}
	scales := make([]contrast, 0, 2*len(defs))
	for _, d := range defs {
		scales = append(scales, s.contrast(d), s.placeboContrast(d))
	}
	draws := s.panel.bootstrap(scales, seed, replicates)
	means := s.panel.newScratch()
	s.panel.means(nil, means)
	for i, d := range defs {
		c := scales[2*i]
		e := Effect{Key: d.key, Estimate: s.panel.delta(c), SmallSample: min(s.Matched, s.Controls) < SmallSample}
		e.Members, e.Others = c.of(means)
		e.BootLow, e.BootHigh, e.BootSE = percentile(draws[2*i])
		e.IntervalsDiffer = !(math.Abs(e.BootSE/e.SE-1) <= maxIntervalGap)
		e.Detectable = Detectable(e.SE)
		e.Change = none(s.Matched, NoData)
		if d.change != 0 {
			e.Change = s.panel.delta(contrast{d.change, colOne, c.scale})
		}
		e.Placebo = s.placebo(d, scales[2*i+1], draws[2*i+1])
		e.Winsorised, e.Above = s.winsorised(c)
		e.FewDrive = math.Abs(e.Winsorised-e.Value) > math.Abs(e.Value)/2 && e.Above > 0
		list[i] = e
	}
	return list
}

func (s *Sets) contrast(d definition) contrast {
	c := contrast{num: d.num, den: d.den, scale: 1}
	if d.perYear {
		c.scale = DaysPerYear / float64(s.options.Horizon)
	}
	return c
}

// winsorised is the contrast with the numerator cut at the 99th percentile of the
// rows, and how many persons that concerned.
func (s *Sets) winsorised(c contrast) (value float64, persons int) {
	p := s.panel
	values := make([]float64, len(p.rows))
	for i := range p.rows {
		values[i] = p.row(i)[c.num]
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	limit := quantileOf(sorted, 0.99)
	cut := *p
	cut.columns = 3
	cut.values = make([]float64, 3*len(p.rows))
	above := map[int32]bool{}
	for i, v := range values {
		if v > limit {
			above[p.rows[i].person] = true
		}
		copy(cut.values[3*i:], []float64{1, min(v, limit), p.row(i)[c.den]})
	}
	m := cut.newScratch()
	cut.means(nil, m)
	member, other := contrast{1, 2, c.scale}.of(m)
	return member - other, len(above)
}
