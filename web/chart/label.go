package chart

import "slices"

// label is a block of words at the right end of a chart: a line's name and last value, or a target.
type label struct {
	y      float64 // wanted, then settled, centre
	height float64
	words  []Text // their Y relative to the centre
}

// labels writes what stands at the end of the lines, pushed apart where blocks would overlap, and the target's line.
func (p plotting) labels(c Time) []Op {
	var ops []Op
	var all []label
	if c.Target != nil && !missing(c.Target.Value) {
		y := p.scale.y(c.Target.Value)
		ops = append(ops, Line{From: Point{Y: y}, To: Point{X: 100, Y: y}, Role: "tgt"})
		all = append(all, stack(y, 16, "tl", "tl", c.Target.Words...))
	}
	for _, s := range c.Series {
		if end, ok := lastRun(c.clip(s.Points)); ok && s.Name+s.Value != "" {
			all = append(all, stack(p.scale.y(s.Points[end]), 17, "dl "+s.Role, "dl b "+s.Role, s.Name, s.Value))
		}
	}
	settle(all, p.height)
	for _, l := range all {
		for _, t := range l.words {
			t.At.Y += l.y
			ops = append(ops, t)
		}
	}
	return ops
}

// stack stacks one or two lines of words around a centre.
func stack(y, lead float64, first, second Role, words ...string) label {
	l := label{y: y, height: lead*float64(len(words)) + 6}
	for i, w := range words {
		role := first
		if i > 0 {
			role = second
		}
		at := Point{X: 100, Y: lead*(float64(i)-float64(len(words)-1)/2) + 5}
		l.words = append(l.words, Text{At: at, Shift: 10, Role: role, Words: w})
	}
	return l
}

// settle moves blocks down until none overlaps, then up again as far as the plot's lower edge demands.
func settle(all []label, bottom float64) {
	slices.SortStableFunc(all, func(a, b label) int {
		switch {
		case a.y < b.y:
			return -1
		case a.y > b.y:
			return 1
		}
		return 0
	})
	for i := 1; i < len(all); i++ {
		all[i].y = max(all[i].y, all[i-1].y+(all[i-1].height+all[i].height)/2)
	}
	limit := bottom + 4
	for i := len(all) - 1; i >= 0; i-- {
		all[i].y = min(all[i].y, limit-all[i].height/2)
		limit = all[i].y - all[i].height/2
	}
}
