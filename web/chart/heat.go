package chart

import "math"

// Heat is the steps of a heat map, 7 days by 24 hours, ready for a real table.
type Heat struct {
	Level [7][24]int // 0 to 5, one hue from pale to glowing
	Peak  [2]int     // day and hour of the highest value; the first of equals
	Max   float64
	Empty bool // no value above zero
}

// NewHeat sorts values into six even steps between zero and the highest one; what is under a thirtieth of it counts as
// the lowest step. Negative values and those that are not finite count as zero.
func NewHeat(values [7][24]float64) Heat {
	h := Heat{Empty: true}
	for day := range values {
		for hour, v := range values[day] {
			if !missing(v) && finite(v) > h.Max {
				h.Max, h.Peak, h.Empty = finite(v), [2]int{day, hour}, false
			}
		}
	}
	for day := range values {
		for hour, v := range values[day] {
			h.Level[day][hour] = level(v, h.Max)
		}
	}
	return h
}

func level(v, highest float64) int {
	if missing(v) || highest <= 0 {
		return 0
	}
	part := finite(v) / highest
	if part < 1.0/30 {
		return 0
	}
	return max(1, min(5, int(math.Ceil(part*5))))
}
