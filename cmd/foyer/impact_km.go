package main

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/internal/impact"
)

// kmResult is the JSON of foyer impact km; docs/impact.md explains it.
type kmResult struct {
	Method     string       `json:"method"`
	N          int          `json:"n"`
	Events     int          `json:"events"`
	LeftOut    int          `json:"left_out"`
	Dropped    int          `json:"dropped"`
	Causes     []string     `json:"causes"`
	Groups     []kmGroup    `json:"groups"`
	LogRank    *logRank     `json:"logrank,omitempty"`
	Difference []rmstChange `json:"rmst_differences,omitempty"`
}

type kmGroup struct {
	Group     string          `json:"group"`
	N         int             `json:"n"`
	Events    int             `json:"events"`
	Median    quantileJSON    `json:"median"`
	RMST      rmstJSON        `json:"rmst"`
	Emptied   number          `json:"risk_set_emptied_at"`
	At        []kmStep        `json:"at,omitempty"`
	Steps     []kmStep        `json:"steps"`
	Incidence []incidenceJSON `json:"incidence,omitempty"`
}

type quantileJSON struct {
	Value number `json:"value"`
	Low   number `json:"low"`
	High  number `json:"high"`
}

type rmstJSON struct {
	Tau number `json:"tau"`
	estimateJSON
}

type rmstChange struct {
	A string `json:"a"`
	B string `json:"b"`
	rmstJSON
	P number `json:"p"`
}

type kmStep struct {
	Time     number `json:"time"`
	AtRisk   int    `json:"at_risk"`
	Events   int    `json:"events"`
	Censored int    `json:"censored"`
	Survival number `json:"survival"`
	SE       number `json:"se"`
	Low      number `json:"low"`
	High     number `json:"high"`
}

type incidenceJSON struct {
	Cause string          `json:"cause"`
	Steps []incidenceStep `json:"steps"`
}

type incidenceStep struct {
	Time      number `json:"time"`
	Events    int    `json:"events"`
	Incidence number `json:"incidence"`
	SE        number `json:"se"`
	Low       number `json:"low"`
	High      number `json:"high"`
}

type logRank struct {
	ChiSquared number         `json:"chi_squared"`
	Freedom    int            `json:"df"`
	P          number         `json:"p"`
	Stratified bool           `json:"stratified"`
	Reason     string         `json:"reason,omitempty"`
	Groups     []logRankGroup `json:"groups"`
}

type logRankGroup struct {
	Group    string `json:"group"`
	N        int    `json:"n"`
	Observed int    `json:"observed"`
	Expected number `json:"expected"`
}

// kmOptions are the flags of foyer impact km.
type kmOptions struct {
	time, event, group, strata, entry string
	yes, censored                     string
	tau                               float64
	at                                list
}

func kmFlags(f flags) func(tableOptions, terminal) (any, error) {
	var o kmOptions
	f.StringVar(&o.time, "time", "", "")
	f.StringVar(&o.event, "event", "", "")
	f.StringVar(&o.group, "group", "", "")
	f.StringVar(&o.strata, "strata", "", "")
	f.StringVar(&o.entry, "entry", "", "")
	f.StringVar(&o.yes, "event-value", "", "")
	f.StringVar(&o.censored, "censored-value", "", "")
	f.Float64Var(&o.tau, "tau", 0, "")
	f.Var(&o.at, "at", "")
	return func(from tableOptions, t terminal) (any, error) { return kaplanMeier(o, from, t) }
}

func kaplanMeier(o kmOptions, from tableOptions, t terminal) (any, error) {
	if o.time == "" || o.event == "" {
		return nil, need(t, "--time", "--event")
	}
	times := make([]float64, len(o.at))
	for i, s := range o.at {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, &usageError{t.locale.T("impact_cli.not_a_time", "value", s)}
		}
		times[i] = v
	}
	tab, err := readTable(from, t, given(o.time, o.event, o.group, o.strata, o.entry)...)
	if err != nil {
		return nil, err
	}
	subjects, causes, err := o.subjects(tab)
	if err != nil {
		return nil, err
	}
	r := kmResult{Method: "kaplan_meier", Dropped: tab.dropped, Causes: causes}
	names := []string{""}
	if o.group != "" {
		names = tab.groups(o.group)
	}
	curves := make([]impact.KaplanMeier, len(names))
	members := make([][]impact.Subject, len(names))
	for i, name := range names {
		for _, s := range subjects {
			if s.Group == name {
				members[i] = append(members[i], s)
			}
		}
		curves[i] = impact.FitKaplanMeier(members[i])
		r.N += curves[i].N
		r.Events += curves[i].Events
		r.LeftOut += curves[i].LeftOut
	}
	tau := o.tau
	if tau <= 0 {
		tau = impact.CommonHorizon(curves...)
	}
	for i, name := range names {
		r.Groups = append(r.Groups, kmGroupOf(name, curves[i], members[i], causes, times, tau))
	}
	if len(names) > 1 {
		r.compare(subjects, names, curves, tau, o.strata != "")
	}
	return r, nil
}

// given drops the empty names.
func given(names ...string) []string {
	return slices.DeleteFunc(names, func(s string) bool { return s == "" })
}

// subjects reads the rows.
func (o kmOptions) subjects(tab *table) ([]impact.Subject, []string, error) {
	times, err := tab.numbers(o.time)
	if err != nil {
		return nil, nil, err
	}
	entries := make([]float64, len(times))
	if o.entry != "" {
		if entries, err = tab.numbers(o.entry); err != nil {
			return nil, nil, err
		}
	}
	kinds, causes, err := tab.causes(o.event, o.yes, o.censored)
	if err != nil {
		return nil, nil, err
	}
	list := make([]impact.Subject, len(times))
	for i := range list {
		if times[i] < 0 {
			return nil, nil, tab.bad("impact_cli.negative", o.time, i)
		}
		list[i] = impact.Subject{Entry: entries[i], Time: times[i], Cause: kinds[i]}
		if o.group != "" {
			list[i].Group = tab.columns[o.group][i]
		}
		if o.strata != "" {
			list[i].Stratum = tab.columns[o.strata][i]
		}
	}
	return list, causes, nil
}

// causes reads the column of events: 0 for a censored time, otherwise the number of
// the cause in the returned list, from 1. One value may be named as the event, or as
// the censoring; else 0 and 1, yes and no, and 1 and 2 (2 is the event) are
// understood, and numbers from 0 as several causes.
func (tab *table) causes(column, yes, censored string) ([]int, []string, error) {
	out := make([]int, len(tab.lines))
	values := tab.values(column, 50)
	if yes != "" || censored == "" && !tab.severalCauses(values) {
		if yes == "" && oneAndTwo(values) {
			yes = "2"
		}
		flags, err := tab.flagValues(column, yes)
		if err != nil {
			return nil, nil, err
		}
		for i, v := range flags {
			if v {
				out[i] = 1
			}
		}
		return out, []string{orElse(yes, "1")}, nil
	}
	var names []string
	for _, s := range tab.columns[column] {
		if !sameValue(s, orElse(censored, "0")) && !slices.Contains(names, s) {
			if names = append(names, s); len(names) > 20 {
				return nil, nil, tab.bad("impact_cli.too_many_causes", column, 0)
			}
		}
	}
	slices.Sort(names)
	for i, s := range tab.columns[column] {
		out[i] = slices.Index(names, s) + 1
	}
	return out, names, nil
}

// oneAndTwo says that a column is coded 1 for censored and 2 for the event.
func oneAndTwo(values []string) bool {
	return len(values) == 2 && (sameValue(values[0], "1") && sameValue(values[1], "2") || sameValue(values[0], "2") && sameValue(values[1], "1"))
}

// severalCauses says that the values are whole numbers with 0 and more than one other.
func (tab *table) severalCauses(values []string) bool {
	zero := false
	for _, s := range values {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || v != math.Trunc(v) || v < 0 {
			return false
		}
		zero = zero || v == 0
	}
	return zero && len(values) > 2
}

// groups lists the groups of a column: numbers by size, other names by alphabet.
func (tab *table) groups(column string) []string {
	list := slices.Clone(tab.columns[column])
	slices.SortFunc(list, func(a, b string) int {
		x, err := strconv.ParseFloat(a, 64)
		y, other := strconv.ParseFloat(b, 64)
		if err == nil && other == nil && x != y {
			if x < y {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(list)
}
