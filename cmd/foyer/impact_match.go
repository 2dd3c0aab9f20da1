package main

import (
	"errors"
	"strings"

	"github.com/foyer-app/foyer/internal/impact"
)

// matchResult is the JSON of foyer impact match; docs/impact.md explains it.
type matchResult struct {
	Method          string        `json:"method"`
	N               int           `json:"n"`
	Treated         int           `json:"treated"`
	Controls        int           `json:"controls"`
	MatchedTreated  int           `json:"matched_treated"`
	MatchedControls int           `json:"matched_controls"`
	Strata          int           `json:"strata"`
	AllStrata       int           `json:"all_strata"`
	Dropped         int           `json:"dropped"`
	ATT             attJSON       `json:"att"`
	TreatedMean     number        `json:"treated_mean"`
	ControlMean     number        `json:"control_mean"`
	Raw             estimateJSON  `json:"raw_difference"`
	Winsorised      number        `json:"att_winsorised"`
	Detectable      number        `json:"detectable"`
	Imbalance       number        `json:"imbalance_l1_before"`
	Balance         []balanceJSON `json:"balance"`
	Unmatched       unmatchedJSON `json:"unmatched_treated"`
	SmallSample     bool          `json:"small_sample"`
	Seed            uint64        `json:"seed"`
	Replicates      int           `json:"replicates"`
}

// attJSON is an effect with both intervals.
type attJSON struct {
	estimateJSON
	P        number `json:"p"`
	BootSE   number `json:"boot_se"`
	BootLow  number `json:"boot_low"`
	BootHigh number `json:"boot_high"`
}

type balanceJSON struct {
	Trait   string `json:"trait"`
	Treated number `json:"treated_mean"`
	Control number `json:"control_mean"`
	Before  number `json:"smd_before"`
	After   number `json:"smd_after"`
}

type unmatchedJSON struct {
	N       int    `json:"n"`
	Share   number `json:"share"`
	Outcome number `json:"outcome_mean"`
}

// matchOptions are the flags of foyer impact match.
type matchOptions struct {
	treat, yes, outcome, cluster string
	exact, balance               list
	coarsen                      rules
	seed                         uint64
	replicates                   int
}

// rules are column=rule, several times.
type rules map[string]string

func (r rules) String() string { return "" }

// Set reads column=rule.
func (r rules) Set(v string) error {
	column, rule, ok := strings.Cut(v, "=")
	if !ok || column == "" || rule == "" {
		return errors.New("column=rule")
	}
	r[column] = rule
	return nil
}

func matchFlags(f flags) func(tableOptions, terminal) (any, error) {
	o := matchOptions{coarsen: rules{}}
	f.StringVar(&o.treat, "treat", "", "")
	f.StringVar(&o.yes, "treated-value", "", "")
	f.StringVar(&o.outcome, "outcome", "", "")
	f.StringVar(&o.cluster, "cluster", "", "")
	f.Var(&o.exact, "exact", "")
	f.Var(&o.balance, "balance", "")
	f.Var(o.coarsen, "coarsen", "")
	f.Uint64Var(&o.seed, "seed", 1, "")
	f.IntVar(&o.replicates, "replicates", impact.Replicates, "")
	return func(from tableOptions, t terminal) (any, error) { return matchTable(o, from, t) }
}

func matchTable(o matchOptions, from tableOptions, t terminal) (any, error) {
	if o.treat == "" || o.outcome == "" || len(o.exact)+len(o.coarsen) == 0 {
		return nil, need(t, "--treat", "--exact", "--outcome")
	}
	for _, column := range sortedNames(o.coarsen) {
		if !contains(o.exact, column) {
			o.exact = append(o.exact, column)
		}
	}
	names := append([]string{o.treat, o.outcome}, o.exact...)
	tab, err := readTable(from, t, given(append(append(names, o.balance...), o.cluster)...)...)
	if err != nil {
		return nil, err
	}
	units, traits, err := o.units(tab)
	if err != nil {
		return nil, err
	}
	r := impact.MatchExact(units, traits, o.seed, min(max(o.replicates, 1), 100_000))
	out := matchResult{
		Method: "exact_matching", N: r.N, Treated: r.Treated, Controls: r.Controls, Dropped: tab.dropped,
		MatchedTreated: r.MatchedTreated, MatchedControls: r.MatchedControls, Strata: r.Strata, AllStrata: r.AllStrata,
		ATT:         attJSON{toJSON(r.Effect), number(impact.PValue(r.Effect)), number(r.BootSE), number(r.BootLow), number(r.BootHigh)},
		TreatedMean: number(r.TreatedMean), ControlMean: number(r.ControlMean), Raw: toJSON(r.Raw),
		Winsorised: number(r.Winsorised), Detectable: number(r.Detectable), Imbalance: number(r.Imbalance),
		Balance:     []balanceJSON{},
		Unmatched:   unmatchedJSON{r.Treated - r.MatchedTreated, number(float64(r.Treated-r.MatchedTreated) / float64(r.Treated)), number(r.UnmatchedTreatedMean)},
		SmallSample: r.SmallSample, Seed: o.seed, Replicates: o.replicates,
	}
	for _, l := range r.Balance {
		out.Balance = append(out.Balance, balanceJSON{l.Trait, number(l.Members), number(l.Others), number(l.Before), number(l.After)})
	}
	return out, nil
}

// units reads the rows. A column to be matched is compared as a number where all its
// values are numbers, so that 1 and 1.0 are alike, and as text otherwise.
func (o matchOptions) units(tab *table) ([]impact.Unit, []string, error) {
	treated, err := tab.flagValues(o.treat, o.yes)
	if err != nil {
		return nil, nil, err
	}
	outcome, err := tab.numbers(o.outcome)
	if err != nil {
		return nil, nil, err
	}
	units := make([]impact.Unit, len(treated))
	for i := range units {
		units[i] = impact.Unit{Treated: treated[i], Outcome: outcome[i]}
		if o.cluster != "" {
			units[i].Person = tab.columns[o.cluster][i]
		}
	}
	var traits []string
	for _, column := range append(append([]string{}, o.exact...), o.balance...) {
		keys, numbers, err := tab.matchKeys(column, o.coarsen[column])
		if err != nil {
			return nil, nil, err
		}
		exact := contains(o.exact, column)
		for i := range units {
			if exact {
				units[i].Stratum += keys[i] + "\x1f"
			}
			if numbers != nil {
				units[i].Traits = append(units[i].Traits, numbers[i])
			}
		}
		if numbers != nil {
			traits = append(traits, column)
		} else if !exact {
			_, err := tab.numbers(column)
			return nil, nil, err
		}
	}
	return units, traits, nil
}

// matchKeys returns what must be alike, and the numbers when there are only such.
func (tab *table) matchKeys(column, rule string) ([]string, []float64, error) {
	values, err := tab.numbers(column)
	if err != nil {
		if rule != "" {
			return nil, nil, err
		}
		return tab.columns[column], nil, nil
	}
	keys := make([]string, len(values))
	b, coarse := newBins(rule, values)
	if rule != "" && !coarse {
		return nil, nil, &usageError{tab.t.locale.T("impact_cli.bad_rule", "column", column, "value", rule)}
	}
	for i, v := range values {
		if keys[i] = formatNumber(v); coarse {
			keys[i] = b.of(v)
		}
	}
	return keys, values, nil
}
