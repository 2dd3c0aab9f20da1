package main

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/foyer-app/foyer/internal/impact"
)

func contains(l []string, s string) bool { return slices.Contains(l, s) }

func sortedNames(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func formatNumber(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// didResult is the JSON of foyer impact did with two periods; docs/impact.md explains
// it.
type didResult struct {
	Method  string  `json:"method"`
	N       int     `json:"n"`
	Panel   bool    `json:"panel"`
	Effect  attJSON `json:"effect"`
	Treated didArm  `json:"treated"`
	Control didArm  `json:"control"`
	LeftOut int     `json:"left_out"`
	Dropped int     `json:"dropped"`
	Seed    uint64  `json:"seed"`
}

type didArm struct {
	NBefore int    `json:"n_before"`
	NAfter  int    `json:"n_after"`
	Before  number `json:"mean_before"`
	After   number `json:"mean_after"`
	Change  number `json:"change"`
}

// staggeredResult is the JSON of foyer impact did with --first.
type staggeredResult struct {
	Method  string          `json:"method"`
	Units   int             `json:"units"`
	LeftOut int             `json:"left_out"`
	Dropped int             `json:"dropped"`
	Control string          `json:"control"`
	Base    string          `json:"base"`
	Simple  estimateJSON    `json:"simple"`
	Events  []eventJSON     `json:"events"`
	Effects []groupTimeJSON `json:"effects"`
}

type eventJSON struct {
	Periods number `json:"periods_since"`
	estimateJSON
}

type groupTimeJSON struct {
	Group    number `json:"group"`
	Time     number `json:"time"`
	Base     number `json:"base"`
	Treated  int    `json:"treated"`
	Controls int    `json:"controls"`
	estimateJSON
}

// didOptions are the flags of foyer impact did.
type didOptions struct {
	outcome, treat, yes, post, afterValue string
	unit, strata, before, after           string
	time, first, control, base            string
	from                                  float64
	seed                                  uint64
	replicates                            int
}

func didFlags(f flags) func(tableOptions, terminal) (any, error) {
	var o didOptions
	for name, to := range map[string]*string{
		"outcome": &o.outcome, "treat": &o.treat, "treated-value": &o.yes, "post": &o.post, "post-value": &o.afterValue,
		"unit": &o.unit, "strata": &o.strata, "before": &o.before, "after": &o.after, "time": &o.time, "first": &o.first,
	} {
		f.StringVar(to, name, "", "")
	}
	f.StringVar(&o.control, "control", "not-yet", "")
	f.StringVar(&o.base, "base", "universal", "")
	f.Float64Var(&o.from, "from", math.NaN(), "")
	f.Uint64Var(&o.seed, "seed", 1, "")
	f.IntVar(&o.replicates, "replicates", impact.Replicates, "")
	return func(from tableOptions, t terminal) (any, error) {
		if o.first != "" {
			return staggered(o, from, t)
		}
		return twoByTwo(o, from, t)
	}
}

func twoByTwo(o didOptions, from tableOptions, t terminal) (any, error) {
	wide := o.before != "" && o.after != ""
	timed := o.time != "" && !math.IsNaN(o.from)
	if o.treat == "" || !wide && (o.outcome == "" || o.post == "" && !timed) {
		return nil, need(t, "--treat", "--outcome", "--post | --time --from | --before --after")
	}
	if wide {
		o.outcome, o.post, o.time = "", "", ""
	}
	tab, err := readTable(from, t, given(o.treat, o.outcome, o.post, o.time, o.unit, o.strata, o.before, o.after)...)
	if err != nil {
		return nil, err
	}
	list, err := o.observations(tab, wide)
	if err != nil {
		return nil, err
	}
	d := impact.TwoByTwo(list, o.seed, min(max(o.replicates, 1), 100_000))
	arm := func(a int) didArm {
		return didArm{d.Counts[a][0], d.Counts[a][1], number(d.Means[a][0]), number(d.Means[a][1]), number(d.Means[a][1] - d.Means[a][0])}
	}
	return didResult{
		Method: "difference_in_differences", N: d.Effect.N, Panel: d.Panel, Treated: arm(1), Control: arm(0),
		Effect:  attJSON{toJSON(d.Effect), number(impact.PValue(d.Effect)), number(d.BootSE), number(d.BootLow), number(d.BootHigh)},
		LeftOut: d.LeftOut, Dropped: tab.dropped, Seed: o.seed,
	}, nil
}

// observations reads the rows; a wide row is one unit with both outcomes.
func (o didOptions) observations(tab *table, wide bool) ([]impact.Observation, error) {
	treated, err := tab.flagValues(o.treat, o.yes)
	if err != nil {
		return nil, err
	}
	of := func(column string, i int) string {
		if column == "" {
			return ""
		}
		return tab.columns[column][i]
	}
	if wide {
		before, err := tab.numbers(o.before)
		if err != nil {
			return nil, err
		}
		after, err := tab.numbers(o.after)
		if err != nil {
			return nil, err
		}
		var list []impact.Observation
		for i := range treated {
			b := impact.Observation{Unit: orElse(of(o.unit, i), "row "+strconv.Itoa(i)), Stratum: of(o.strata, i), Treated: treated[i], Outcome: before[i]}
			a := b
			a.Post, a.Outcome = true, after[i]
			list = append(list, b, a)
		}
		return list, nil
	}
	outcome, err := tab.numbers(o.outcome)
	if err != nil {
		return nil, err
	}
	post, err := o.posts(tab)
	if err != nil {
		return nil, err
	}
	list := make([]impact.Observation, len(outcome))
	for i := range list {
		list[i] = impact.Observation{Unit: of(o.unit, i), Stratum: of(o.strata, i), Treated: treated[i], Post: post[i], Outcome: outcome[i]}
	}
	return list, nil
}

// posts says of every row whether it lies behind the change.
func (o didOptions) posts(tab *table) ([]bool, error) {
	if o.post != "" {
		return tab.flagValues(o.post, o.afterValue)
	}
	times, err := tab.numbers(o.time)
	if err != nil {
		return nil, err
	}
	out := make([]bool, len(times))
	for i, v := range times {
		out[i] = v >= o.from
	}
	return out, nil
}

func staggered(o didOptions, from tableOptions, t terminal) (any, error) {
	if o.outcome == "" || o.unit == "" || o.time == "" {
		return nil, need(t, "--outcome", "--unit", "--time", "--first")
	}
	if !contains([]string{"not-yet", "never"}, o.control) || !contains([]string{"universal", "varying"}, o.base) {
		return nil, &usageError{t.locale.T("impact_cli.bad_design")}
	}
	from.optional = o.first
	tab, err := readTable(from, t, o.outcome, o.unit, o.time, o.first)
	if err != nil {
		return nil, err
	}
	firsts, err := tab.firsts(o.first)
	if err != nil {
		return nil, err
	}
	outcome, err := tab.numbers(o.outcome)
	if err != nil {
		return nil, err
	}
	times, err := tab.numbers(o.time)
	if err != nil {
		return nil, err
	}
	index := map[string]int{}
	var panels []impact.Panel
	for i, unit := range tab.columns[o.unit] {
		k, ok := index[unit]
		if !ok {
			k = len(panels)
			index[unit] = k
			panels = append(panels, impact.Panel{Unit: unit, First: firsts[i], Outcomes: map[float64]float64{}})
		}
		if _, twice := panels[k].Outcomes[times[i]]; twice {
			return nil, tab.bad("impact_cli.twice", o.unit, i)
		}
		panels[k].Outcomes[times[i]] = outcome[i]
	}
	s := impact.FitStaggered(panels, impact.StaggeredOptions{NeverOnly: o.control == "never", Varying: o.base == "varying"})
	return staggeredJSON(o, s, tab.dropped), nil
}
