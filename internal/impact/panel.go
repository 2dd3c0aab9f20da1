package impact

import (
	"cmp"
	"math"
	"slices"
)

// panelRow is one person at one index date: a person may stand in several strata as
// a control, and as a member after having been a control.
type panelRow struct {
	person  int32
	stratum int32
	treated bool
}

// panel is matched rows with their values. Column 0 of the values is 1, so that every
// figure is a ratio of two means.
type panel struct {
	persons int // person numbers are below this
	rows    []panelRow
	starts  []int // first row of each stratum, and len(rows)
	columns int
	values  []float64 // len(rows) × columns
	treated int
	origin  []int // of every row, its place in what newPanel was given
}

// newPanel keeps the strata that hold both kinds of rows and sorts by stratum. fill
// writes the columns of a kept row, given its place among rows.
func newPanel(persons int, rows []panelRow, columns int, fill func(i int, out []float64)) *panel {
	arms := map[int32][2]int{}
	for _, r := range rows {
		a := arms[r.stratum]
		a[armOf(r.treated)]++
		arms[r.stratum] = a
	}
	keep := make([]int, 0, len(rows))
	for i, r := range rows {
		if a := arms[r.stratum]; a[0] > 0 && a[1] > 0 {
			keep = append(keep, i)
		}
	}
	slices.SortStableFunc(keep, func(a, b int) int { return cmp.Compare(rows[a].stratum, rows[b].stratum) })
	p := &panel{origin: keep, persons: persons, columns: columns, rows: make([]panelRow, len(keep)), values: make([]float64, len(keep)*columns)}
	for at, i := range keep {
		r := rows[i]
		if at == 0 || r.stratum != p.rows[at-1].stratum {
			p.starts = append(p.starts, at)
		}
		p.rows[at] = r
		fill(i, p.row(at))
		if r.treated {
			p.treated++
		}
	}
	p.starts = append(p.starts, len(keep))
	return p
}

func armOf(treated bool) int {
	if treated {
		return 1
	}
	return 0
}

// strata is the number of strata with both kinds of rows.
func (p *panel) strata() int { return len(p.starts) - 1 }

func (p *panel) row(i int) []float64 { return p.values[i*p.columns : (i+1)*p.columns] }

// scratch is the working memory of means, which fills the first used columns.
type scratch struct {
	member, other, sumT, sumC []float64
	used                      int
}

func (p *panel) newScratch() *scratch {
	one := func() []float64 { return make([]float64, p.columns) }
	return &scratch{one(), one(), one(), one(), p.columns}
}

// means fills member with the mean of every column over the treated rows, and other
// with that of their controls: each stratum's control mean counts as often as it has
// treated rows, the weights n_T/n_C of the effect on the treated. weight is by person,
// nil for all alike.
func (p *panel) means(weight []float64, s *scratch) {
	clear(s.member)
	clear(s.other)
	var total float64
	for k := range p.strata() {
		clear(s.sumT)
		clear(s.sumC)
		for i := p.starts[k]; i < p.starts[k+1]; i++ {
			w := 1.0
			if weight != nil {
				w = weight[p.rows[i].person]
			}
			to := s.sumC
			if p.rows[i].treated {
				to = s.sumT
			}
			for j, v := range p.row(i)[:s.used] {
				to[j] += w * v
			}
		}
		wt, wc := s.sumT[0], s.sumC[0]
		if wc == 0 {
			continue
		}
		total += wt
		for j := range s.member {
			s.member[j] += s.sumT[j]
			s.other[j] += s.sumC[j] * wt / wc
		}
	}
	for j := range s.member {
		s.member[j] /= total
		s.other[j] /= total
	}
}

// contrast is a figure of the members minus that of their controls, each the ratio of
// the means of two columns, times scale. den 0 makes it a difference of means.
type contrast struct {
	num, den int
	scale    float64
}

func (c contrast) of(s *scratch) (member, other float64) {
	return c.scale * s.member[c.num] / s.member[c.den], c.scale * s.other[c.num] / s.other[c.den]
}

// delta is the contrast with its linearised standard error, clustered by person. The
// part of the members is taken over all of them and not within strata, since many
// strata hold one; it then contains what strata differ by, and errs on the safe side.
func (p *panel) delta(c contrast) Estimate {
	if p.treated == 0 {
		return none(0, NoData)
	}
	s := p.newScratch()
	p.means(nil, s)
	member, other := c.of(s)
	value := member - other
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return none(p.treated, NoData)
	}
	parts := make([]float64, p.persons)
	n := float64(p.treated)
	linear := func(v []float64, ratio, mean float64) float64 { return (c.scale*v[c.num] - ratio*v[c.den]) / mean }
	for k := range p.strata() {
		from, to := p.starts[k], p.starts[k+1]
		var control, nT, nC float64
		for i := from; i < to; i++ {
			if p.rows[i].treated {
				nT++
				continue
			}
			nC++
			control += linear(p.row(i), other, s.other[c.den])
		}
		control /= nC
		for i := from; i < to; i++ {
			at := &parts[p.rows[i].person]
			if p.rows[i].treated {
				*at += (linear(p.row(i), member, s.member[c.den]) - control) / n
			} else {
				*at -= nT / nC * (linear(p.row(i), other, s.other[c.den]) - control) / n
			}
		}
	}
	var ss float64
	for _, v := range parts {
		ss += v * v
	}
	return normal(p.treated, value, math.Sqrt(ss*n/(n-1)))
}
