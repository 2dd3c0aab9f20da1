package impact

import (
	"maps"
	"math"
	"slices"
)

// CohortValue is one person's value with the cohort of acquisition, for example the
// month of the first order.
type CohortValue struct {
	Cohort string
	Member bool
	Value  float64
}

// Standardised is a difference of means, members minus the others, as it stands and
// as it would be if both had the same mix of cohorts.
type Standardised struct {
	Crude, Adjusted Estimate
	Cohorts         int  // cohorts with both kinds of people
	LeftOut         int  // people of cohorts with one kind only
	Reversed        bool // the two differences have opposite signs: show the adjusted one
}

// StandardiseByCohort guards against Simpson's paradox: members are often older
// customers, and older customers have other values. Weights are the members' own mix
// of cohorts. Cohorts with fewer than two people of a kind are left out of the
// adjusted figure.
func StandardiseByCohort(values []CohortValue) Standardised {
	type arms struct{ member, other []float64 }
	cohorts := map[string]*arms{}
	var all arms
	for _, v := range values {
		a := cohorts[v.Cohort]
		if a == nil {
			a = &arms{}
			cohorts[v.Cohort] = a
		}
		if v.Member {
			a.member, all.member = append(a.member, v.Value), append(all.member, v.Value)
		} else {
			a.other, all.other = append(a.other, v.Value), append(all.other, v.Value)
		}
	}
	s := Standardised{Crude: differenceOfMeans(all.member, all.other)}
	var weight, value, variance float64
	var n int
	for _, name := range slices.Sorted(maps.Keys(cohorts)) {
		a := cohorts[name]
		if len(a.member) < 2 || len(a.other) < 2 {
			s.LeftOut += len(a.member) + len(a.other)
			continue
		}
		d, w := differenceOfMeans(a.member, a.other), float64(len(a.member))
		weight, value, variance = weight+w, value+w*d.Value, variance+w*w*d.SE*d.SE
		s.Cohorts++
		n += d.N
	}
	if s.Cohorts == 0 {
		s.Adjusted = none(0, CohortsDiffer)
		return s
	}
	s.Adjusted = normal(n, value/weight, math.Sqrt(variance)/weight)
	s.Reversed = s.Crude.Value*s.Adjusted.Value < 0
	return s
}

// differenceOfMeans is mean(a) − mean(b) with Welch's standard error.
func differenceOfMeans(a, b []float64) Estimate {
	x, y := Mean(a), Mean(b)
	if x.Reason != "" || y.Reason != "" {
		return none(x.N+y.N, NoData)
	}
	return normal(x.N+y.N, x.Value-y.Value, math.Hypot(x.SE, y.SE))
}
