package main

import (
	"github.com/foyer-app/foyer/internal/impact"
)

// kmGroupOf describes one curve.
func kmGroupOf(name string, k impact.KaplanMeier, members []impact.Subject, causes []string, at []float64, tau float64) kmGroup {
	g := kmGroup{
		Group: name, N: k.N, Events: k.Events, Emptied: number(k.Emptied),
		Median: quantileJSON{number(k.Median.Value), number(k.Median.Low), number(k.Median.High)},
		RMST:   rmstJSON{number(tau), toJSON(impact.RMST(k, tau))},
		Steps:  make([]kmStep, 0, len(k.Steps)),
	}
	for _, s := range k.Steps {
		g.Steps = append(g.Steps, kmStepOf(s))
	}
	for _, t := range at {
		s := k.At(t)
		s.Time = t
		g.At = append(g.At, kmStepOf(s))
	}
	if len(causes) > 1 {
		incidence := impact.CumulativeIncidence(members)
		for i, cause := range causes {
			steps := make([]incidenceStep, 0, len(incidence[i+1]))
			for _, s := range incidence[i+1] {
				steps = append(steps, incidenceStep{number(s.Time), s.Events, number(s.Incidence), number(s.SE), number(s.Low), number(s.High)})
			}
			g.Incidence = append(g.Incidence, incidenceJSON{cause, steps})
		}
	}
	return g
}

func kmStepOf(s impact.SurvivalStep) kmStep {
	return kmStep{number(s.Time), s.AtRisk, s.Events, s.Censored, number(s.Survival), number(s.SE), number(s.Low), number(s.High)}
}

// compare adds the test and the differences of restricted means, every later group
// minus the first.
func (r *kmResult) compare(subjects []impact.Subject, names []string, curves []impact.KaplanMeier, tau float64, stratified bool) {
	groups, test := impact.LogRank(subjects)
	r.LogRank = &logRank{ChiSquared: number(test.ChiSquared), Freedom: test.Freedom, P: number(test.P), Stratified: stratified, Reason: test.Reason}
	for _, g := range groups {
		r.LogRank.Groups = append(r.LogRank.Groups, logRankGroup{g.Group, g.N, g.Observed, number(g.Expected)})
	}
	for i := 1; i < len(names); i++ {
		d := impact.RMSTDifference(curves[i], curves[0], tau)
		r.Difference = append(r.Difference, rmstChange{names[i], names[0], rmstJSON{number(tau), toJSON(d)}, number(impact.PValue(d))})
	}
}
