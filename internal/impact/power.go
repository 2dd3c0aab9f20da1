package impact

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// power is the probability with which an effect of the detectable size is found.
const power = 0.8

// Detectable is the smallest effect that a comparison with this standard error finds
// with 80 % power at the 5 % level: 2.8 standard errors.
func Detectable(se float64) float64 {
	return (zFor(level) + distuv.UnitNormal.Quantile(power)) * se
}

// DetectableDifference is that of two groups of a and b persons whose values have the
// standard deviation sd.
func DetectableDifference(sd float64, a, b int) float64 {
	return Detectable(sd * math.Sqrt(1/float64(a)+1/float64(b)))
}

// NeededFor is the number of members with which an effect of the wanted size would
// be found, given what n members detect now. It assumes that controls grow alike.
func NeededFor(n int, detectable, wanted float64) int {
	if !(wanted > 0) || !(detectable > 0) {
		return 0
	}
	needed := math.Ceil(float64(n) * (detectable / wanted) * (detectable / wanted))
	return int(min(needed, 1<<31))
}
