package impact

import (
	"github.com/foyer-app/foyer/internal/community"
)

// MatchOptions is the frame of a comparison.
type MatchOptions struct {
	Start, End community.Date // the days that were observed, [Start, End)
	Horizon    int            // days of outcome after joining: 30, 90, 180 or 365

	neverJoiners bool // controls are those who never join: wrong, kept to show by how much
}

// Sets are members with customers who were alike when the member joined and had not
// joined themselves. Use MatchSets.
type Sets struct {
	options   MatchOptions
	panel     *panel
	balance   []BalanceLine
	Joiners   int // members with an order on the day of joining or before
	NewBuyers int // members whose first order came later, or never: not in this comparison
	Waiting   int // joiners whose days of outcome are not over
	Matched   int // joiners with controls
	Controls  int // different customers who serve as controls
	Strata    int
	// Unmatched is the profile of joiners for whom nobody comparable was found: they
	// are in no figure.
	Unmatched ProfileMeans
	// Profile is that of the matched, to set beside it.
	Profile   ProfileMeans
	imbalance float64
	index     []community.Date // of every row of the panel
	rates     joinRates
	matures   []community.Date // when each waiting joiner's outcome will have been observed
	customers []Customer
}

// ProfileMeans describes a group by its means at the index date.
type ProfileMeans struct {
	N                              int
	Recency, Tenure, Orders, Spend float64
}

// candidate is a person at an index date before it is known who is matched.
type candidate struct {
	person  int32
	treated bool
	day     community.Date
	stratum stratum
	profile profile
}

// MatchSets builds the risk sets. A joiner's index date is the day of joining. A
// control is a customer who has not joined by its own index date, in the same
// fortnight and the same coarsened history; whoever joins later is a control until
// then. Customers who ordered on the index date are compared with such customers
// only, of the same day where there are any. Prepare must have been called.
func MatchSets(customers []Customer, o MatchOptions) *Sets {
	s := &Sets{options: o, customers: customers}
	b := newSetBuilder(customers, o)
	list := b.joiners(s)
	list = append(list, b.controls(list)...)
	bands := poolSpend(list)
	for i := range list {
		list[i].stratum.spend = bands.band(list[i].profile.spend)
	}
	list = sameDayFirst(list)
	keys := map[stratum]int32{}
	rows := make([]panelRow, len(list))
	for i, c := range list {
		id, ok := keys[c.stratum]
		if !ok {
			id = int32(len(keys))
			keys[c.stratum] = id
		}
		rows[i] = panelRow{c.person, id, c.treated}
	}
	s.imbalance = imbalance(b.arms)
	s.rates = joinRatesOf(customers, o.Start, o.End)
	s.fill(list, rows, b.before)
	return s
}

// minWide is the number of different customers in a fortnight from which it may
// stand for a day.
const minWide = 5

// sameDayFirst narrows the strata of people who ordered on their index date to that
// day where the joiner finds a control there, and leaves the others their fortnight.
// Within a fortnight one busy customer is several controls but joins once, so that
// small strata lean to the light buyers when such a customer joins; on one day
// everybody stands once.
func sameDayFirst(list []candidate) []candidate {
	controls := map[stratum]bool{}
	narrow := func(c candidate) stratum {
		c.stratum.day = c.day
		return c.stratum
	}
	for _, c := range list {
		if !c.treated && c.stratum.recency == 0 {
			controls[narrow(c)] = true
		}
	}
	people := map[stratum]map[int32]bool{}
	for _, c := range list {
		if !c.treated && c.stratum.recency == 0 {
			if people[c.stratum] == nil {
				people[c.stratum] = map[int32]bool{}
			}
			people[c.stratum][c.person] = true
		}
	}
	used, wide := map[stratum]bool{}, map[stratum]bool{}
	out := make([]candidate, 0, len(list))
	for _, c := range list {
		switch {
		case !c.treated:
			continue
		case c.stratum.recency == 0 && controls[narrow(c)]:
			c.stratum = narrow(c)
			used[c.stratum] = true
		case c.stratum.recency == 0 && len(people[c.stratum]) < minWide:
			c.stratum = narrow(c)
		default:
			wide[c.stratum] = true
		}
		out = append(out, c)
	}
	for _, c := range list {
		if c.treated {
			continue
		}
		if wide[c.stratum] {
			out = append(out, c)
		}
		if c.stratum.recency == 0 && used[narrow(c)] {
			c.stratum = narrow(c)
			out = append(out, c)
		}
	}
	return out
}

func poolSpend(list []candidate) spendBands {
	values := make([]float64, len(list))
	for i, c := range list {
		values[i] = c.profile.spend
	}
	return newSpendBands(values)
}

// setBuilder collects candidates.
type setBuilder struct {
	customers []Customer
	options   MatchOptions
	words     map[string]int32
	before    balanceTable // all candidates, whether anybody is like them or not
	arms      map[stratum][2]int
}

func newSetBuilder(customers []Customer, o MatchOptions) *setBuilder {
	return &setBuilder{customers: customers, options: o, words: map[string]int32{}, arms: map[stratum][2]int{}}
}

func (b *setBuilder) word(s string) int32 {
	id, ok := b.words[s]
	if !ok {
		id = int32(len(b.words))
		b.words[s] = id
	}
	return id
}

// candidate returns the person at the index date; not ok when there was no order yet
// or the outcome is not observed to its end.
func (b *setBuilder) candidate(i int, day community.Date, treated bool) (candidate, bool) {
	c := &b.customers[i]
	if day < b.options.Start || !b.mature(c, day) {
		return candidate{}, false
	}
	p, ok := c.profileAt(day)
	if !ok {
		return candidate{}, false
	}
	return candidate{int32(i), treated, day, p.stratumOf(day, b.word(c.Country), b.word(c.Source)), p}, true
}

// mature says whether (day, day+H] has been observed.
func (b *setBuilder) mature(c *Customer, day community.Date) bool {
	return day+community.Date(b.options.Horizon)+1 <= c.observedUntil(b.options.End)
}

// joiners returns the members to compare and counts the others.
func (b *setBuilder) joiners(s *Sets) []candidate {
	var list []candidate
	for i := range b.customers {
		c := &b.customers[i]
		if !c.Member || c.Joined < b.options.Start || c.Joined >= c.observedUntil(b.options.End) {
			continue
		}
		if len(c.Orders) == 0 || c.Orders[0].Day > c.Joined {
			s.NewBuyers++
			continue
		}
		s.Joiners++
		if k, ok := b.candidate(i, c.Joined, true); ok {
			list = append(list, k)
			b.note(k)
		} else {
			s.matures = append(s.matures, c.Joined+community.Date(b.options.Horizon)+1)
			s.Waiting++
		}
	}
	return list
}

// note counts a candidate for the picture before matching.
func (b *setBuilder) note(c candidate) {
	b.before.add(c.profile, c.treated, 1)
	a := b.arms[c.stratum]
	a[armOf(c.treated)]++
	b.arms[c.stratum] = a
}

// controls returns every customer at the index dates at which it could be compared
// with a joiner: each of its order days in a fortnight with joiners, for those who
// joined on an order day, and one of the joiners' days for the others.
func (b *setBuilder) controls(joiners []candidate) []candidate {
	wanted := map[stratum]bool{}
	quiet := map[int32][]community.Date{} // joining days without an order, by fortnight
	busy := map[int32]bool{}
	for _, j := range joiners {
		wanted[j.stratum] = true
		f := j.stratum.fortnight
		if j.stratum.recency == 0 {
			busy[f] = true
		} else {
			quiet[f] = append(quiet[f], j.day)
		}
	}
	fortnights := sortedKeys(quiet)
	var list []candidate
	add := func(i int, day community.Date, onOrder bool) {
		if b.customers[i].memberBy(day) || b.options.neverJoiners && b.customers[i].Member {
			return
		}
		k, ok := b.candidate(i, day, false)
		if !ok || (k.stratum.recency == 0) != onOrder {
			return
		}
		b.note(k)
		if wanted[k.stratum] {
			list = append(list, k)
		}
	}
	for i := range b.customers {
		c := &b.customers[i]
		previous := community.Date(-1 << 30)
		for _, o := range c.Orders {
			if o.Day != previous && busy[fortnightOf(o.Day)] {
				add(i, o.Day, true)
			}
			previous = o.Day
		}
		for _, f := range fortnights {
			days := quiet[f]
			add(i, days[mix(uint64(i), uint64(f))%uint64(len(days))], false)
		}
	}
	return list
}

// mix spreads two numbers over 64 bits, the same on every machine.
func mix(a, b uint64) uint64 {
	x := a*0x9e3779b97f4a7c15 ^ (b+1)*0xbf58476d1ce4e5b9
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
