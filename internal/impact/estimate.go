package impact

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// MinPersons is the smallest group of which a figure is shown.
const MinPersons = 10

// SmallSample is the number of persons in an arm below which intervals are known
// to be too short on skewed spending (docs/method.md, coverage).
const SmallSample = 200

// level is the confidence of every interval of the package.
const level = 0.95

// The reasons for which there is no number.
const (
	NoData         = "no_data"          // nobody, or nothing to divide by
	TooFewPersons  = "too_few_persons"  // fewer than MinPersons: nothing is shown
	NotObserved    = "not_observed"     // the data end before the horizon
	NoVariation    = "no_variation"     // all values alike, nothing to estimate from
	NotConverged   = "not_converged"    // the model has no maximum in these data
	CohortsDiffer  = "cohorts_disjoint" // no cohort has both members and non-members
	BeyondFollowUp = "beyond_follow_up" // the horizon lies behind the last observed time
)

// Estimate is one number with its uncertainty. SE, Low and High are NaN where they
// are not defined, for example of a single person. With a Reason the numbers are
// meaningless.
type Estimate struct {
	N         int     // persons behind the number
	Value     float64 // unit as said by the function
	SE        float64
	Low, High float64 // 95 % interval
	Reason    string
}

// none is an estimate that cannot be made.
func none(n int, reason string) Estimate {
	nan := math.NaN()
	return Estimate{N: n, Value: nan, SE: nan, Low: nan, High: nan, Reason: reason}
}

// normal is an estimate with a normal interval.
func normal(n int, value, se float64) Estimate {
	z := zFor(level)
	return Estimate{N: n, Value: value, SE: se, Low: value - z*se, High: value + z*se}
}

// Shown withholds an estimate of fewer than MinPersons persons.
func (e Estimate) Shown() Estimate {
	if e.N < MinPersons {
		return none(e.N, TooFewPersons)
	}
	return e
}

// zFor is the two-sided normal quantile: 1.96 for 0.95.
func zFor(level float64) float64 { return distuv.UnitNormal.Quantile(0.5 + level/2) }

// pNormal is the two-sided p value of a standard normal statistic.
func pNormal(z float64) float64 { return 2 * distuv.UnitNormal.Survival(math.Abs(z)) }

// Mean is the mean of one value per person with the usual standard error.
func Mean(values []float64) Estimate {
	n := len(values)
	if n == 0 {
		return none(0, NoData)
	}
	mean := sum(values) / float64(n)
	var ss float64
	for _, v := range values {
		ss += (v - mean) * (v - mean)
	}
	return normal(n, mean, math.Sqrt(ss/float64(n)/float64(n-1)))
}

func sum(values []float64) float64 {
	var s float64
	for _, v := range values {
		s += v
	}
	return s
}

// PValue is the two-sided p value of an estimate against 0, by its standard error.
func PValue(e Estimate) float64 { return pNormal(e.Value / e.SE) }
