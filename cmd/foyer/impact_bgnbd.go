package main

import (
	"math"
	"slices"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/impact"
)

// bgnbdResult is the JSON of foyer impact bgnbd; docs/impact.md explains it. Times are
// in weeks, or in the unit of the columns.
type bgnbdResult struct {
	Method        string          `json:"method"`
	N             int             `json:"n"`
	Repeaters     int             `json:"repeaters"`
	Repeats       int             `json:"repeat_transactions"`
	Dropped       int             `json:"dropped"`
	Calibration   string          `json:"calibration_end,omitempty"`
	End           string          `json:"end,omitempty"`
	Params        paramsJSON      `json:"params"`
	LogLikelihood number          `json:"log_likelihood"`
	Reason        string          `json:"reason,omitempty"`
	Expected      []expectedJSON  `json:"expected"`
	Value         *gammaGammaJSON `json:"gamma_gamma,omitempty"`
	HoldOut       *holdOutJSON    `json:"hold_out,omitempty"`
	Gates         gatesJSON       `json:"gates"`
	Customers     []customerJSON  `json:"customers,omitempty"`
}

type paramsJSON struct {
	R       number `json:"r"`
	Alpha   number `json:"alpha"`
	A       number `json:"a"`
	B       number `json:"b"`
	SER     number `json:"se_r"`
	SEAlpha number `json:"se_alpha"`
	SEA     number `json:"se_a"`
	SEB     number `json:"se_b"`
}

type expectedJSON struct {
	Weeks   number `json:"t"`
	Repeats number `json:"repeat_transactions"`
}

type gammaGammaJSON struct {
	N             int    `json:"n"`
	P             number `json:"p"`
	Q             number `json:"q"`
	Gamma         number `json:"gamma"`
	SEP           number `json:"se_p"`
	SEQ           number `json:"se_q"`
	SEGamma       number `json:"se_gamma"`
	LogLikelihood number `json:"log_likelihood"`
	Mean          number `json:"mean_value"`
	Reason        string `json:"reason,omitempty"`
}

type holdOutJSON struct {
	Weeks     number `json:"t"`
	Predicted number `json:"predicted"`
	Actual    number `json:"actual"`
	Miss      number `json:"relative_error"`
}

type gatesJSON struct {
	Passed      bool     `json:"passed"`
	Failed      []string `json:"failed"`
	Correlation number   `json:"correlation"`
}

type customerJSON struct {
	Customer  string  `json:"customer"`
	Frequency int     `json:"frequency"`
	Recency   number  `json:"recency"`
	Age       number  `json:"age"`
	Alive     number  `json:"p_alive"`
	Expected  number  `json:"expected"`
	Value     *number `json:"expected_value,omitempty"`
}

// bgnbdOptions are the flags of foyer impact bgnbd.
type bgnbdOptions struct {
	customer, date, value, order string
	frequency, recency, age      string
	calibration, end             string
	horizon                      float64
	each                         bool
}

func bgnbdFlags(f flags) func(tableOptions, terminal) (any, error) {
	var o bgnbdOptions
	for name, to := range map[string]*string{
		"customer": &o.customer, "date": &o.date, "value": &o.value, "date-order": &o.order,
		"frequency": &o.frequency, "recency": &o.recency, "age": &o.age,
		"calibration-end": &o.calibration, "end": &o.end,
	} {
		f.StringVar(to, name, "", "")
	}
	f.Float64Var(&o.horizon, "horizon", 52, "")
	f.BoolVar(&o.each, "customers", false, "")
	return func(from tableOptions, t terminal) (any, error) { return bgnbd(o, from, t) }
}

func bgnbd(o bgnbdOptions, from tableOptions, t terminal) (any, error) {
	var list []impact.Summary
	var names []string
	var r bgnbdResult
	var err error
	switch {
	case o.frequency != "" && o.recency != "" && o.age != "":
		list, names, err = o.summaries(from, t, &r)
	case o.customer != "" && o.date != "":
		list, names, err = o.orders(from, t, &r)
	default:
		return nil, need(t, "--customer", "--date | --frequency", "--recency", "--age")
	}
	if err != nil {
		return nil, err
	}
	m := impact.FitBGNBD(list)
	r.Method, r.N, r.Repeaters, r.Reason = "bg_nbd", m.N, m.Repeaters, m.Reason
	r.Expected = []expectedJSON{}
	for _, s := range list {
		r.Repeats += s.Repeats
	}
	r.LogLikelihood = number(math.NaN())
	nan := number(math.NaN())
	r.Params = paramsJSON{nan, nan, nan, nan, nan, nan, nan, nan}
	if m.Reason != impact.NoData {
		r.LogLikelihood = number(m.LogLikelihood)
		r.Params = paramsJSON{
			number(m.R), number(m.Alpha), number(m.A), number(m.B),
			number(m.SE[0]), number(m.SE[1]), number(m.SE[2]), number(m.SE[3]),
		}
		for _, w := range []float64{o.horizon / 4, o.horizon / 2, o.horizon} {
			r.Expected = append(r.Expected, expectedJSON{number(w), number(m.Expected(w))})
		}
	}
	r.describe(o, list, names, m)
	return r, nil
}

// describe adds the value model, the hold-out, the gates and the customers.
func (r *bgnbdResult) describe(o bgnbdOptions, list []impact.Summary, names []string, m impact.BGNBD) {
	v := impact.FitGammaGamma(list)
	if o.value != "" {
		r.Value = &gammaGammaJSON{
			N: v.N, P: number(v.P), Q: number(v.Q), Gamma: number(v.Gamma), LogLikelihood: number(v.LogLikelihood), Mean: number(v.Mean()), Reason: v.Reason,
			SEP: number(v.SE[0]), SEQ: number(v.SE[1]), SEGamma: number(v.SE[2]),
		}
	}
	g := impact.CheckModel(list, m, v)
	if o.value == "" { // nothing is said of values, nothing is asked of them
		g.Failed = slices.DeleteFunc(g.Failed, func(s string) bool {
			return s == impact.GateCorrelation || s == impact.GateConverged && m.Reason == ""
		})
	}
	r.Gates = gatesJSON{len(g.Failed) == 0, append([]string{}, g.Failed...), number(g.Correlation)}
	if len(list) > 0 && list[0].FutureWeeks > 0 {
		r.HoldOut = &holdOutJSON{number(list[0].FutureWeeks), number(g.Predicted), number(g.Actual), number(g.Miss)}
	}
	if !o.each || m.Reason == impact.NoData {
		return
	}
	for i, s := range list {
		c := customerJSON{names[i], s.Repeats, number(s.Last), number(s.Observed), number(m.Alive(s)), number(m.Conditional(s, o.horizon)), nil}
		if o.value != "" {
			worth := number(v.Conditional(s))
			c.Value = &worth
		}
		r.Customers = append(r.Customers, c)
	}
}

// summaries reads a table with one customer a row, in its own unit of time.
func (o bgnbdOptions) summaries(from tableOptions, t terminal, r *bgnbdResult) ([]impact.Summary, []string, error) {
	tab, err := readTable(from, t, given(o.frequency, o.recency, o.age, o.value, o.customer)...)
	if err != nil {
		return nil, nil, err
	}
	r.Dropped = tab.dropped
	columns := map[string][]float64{}
	for _, c := range given(o.frequency, o.recency, o.age, o.value) {
		if columns[c], err = tab.numbers(c); err != nil {
			return nil, nil, err
		}
	}
	list, names := make([]impact.Summary, len(tab.lines)), make([]string, len(tab.lines))
	for i := range list {
		s := impact.Summary{Repeats: int(columns[o.frequency][i]), Last: columns[o.recency][i], Observed: columns[o.age][i]}
		switch {
		case s.Repeats < 0 || float64(s.Repeats) != columns[o.frequency][i]:
			return nil, nil, tab.bad("impact_cli.not_a_count", o.frequency, i)
		case s.Last < 0 || s.Repeats == 0 && s.Last != 0:
			return nil, nil, tab.bad("impact_cli.recency", o.recency, i)
		case s.Observed < s.Last:
			return nil, nil, tab.bad("impact_cli.age", o.age, i)
		}
		if o.value != "" {
			s.Value = columns[o.value][i]
		}
		if o.customer != "" {
			names[i] = tab.columns[o.customer][i]
		}
		list[i] = s
	}
	return list, names, nil
}

// orders reads a table with one order a row.
func (o bgnbdOptions) orders(from tableOptions, t terminal, r *bgnbdResult) ([]impact.Summary, []string, error) {
	tab, err := readTable(from, t, given(o.customer, o.date, o.value)...)
	if err != nil {
		return nil, nil, err
	}
	r.Dropped = tab.dropped
	days, err := tab.dates(o.date, o.order)
	if err != nil {
		return nil, nil, err
	}
	values := make([]float64, len(days))
	if o.value != "" {
		if values, err = tab.numbers(o.value); err != nil {
			return nil, nil, err
		}
	}
	index := map[string]int{}
	var customers []impact.Customer
	for i, id := range tab.columns[o.customer] {
		k, ok := index[id]
		if !ok {
			k = len(customers)
			index[id] = k
			customers = append(customers, impact.Customer{ID: id})
		}
		customers[k].Orders = append(customers[k].Orders, impact.Order{Day: days[i], Revenue: values[i]})
	}
	impact.Prepare(customers)
	calibration, end, err := o.period(days, t)
	if err != nil {
		return nil, nil, err
	}
	r.Calibration, r.End = (calibration - 1).String(), (end - 1).String()
	list := impact.Summaries(customers, calibration, end)
	var names []string
	for _, c := range customers {
		if c.Orders[0].Day < calibration {
			names = append(names, c.ID)
		}
	}
	return list, names, nil
}

// period is the exclusive ends of calibration and data. Days said are inclusive; the
// last order ends the data when nothing is said.
func (o bgnbdOptions) period(days []community.Date, t terminal) (calibration, end community.Date, err error) {
	end = slices.Max(days) + 1
	for _, d := range []struct {
		text string
		to   *community.Date
	}{{o.end, &end}, {o.calibration, &calibration}} {
		if d.text == "" {
			continue
		}
		day, _, ok := parseDate(d.text, o.order)
		if !ok {
			return 0, 0, &usageError{t.locale.T("cli.bad_date", "date", d.text)}
		}
		*d.to = day + 1
	}
	if o.calibration == "" || calibration > end {
		calibration = end
	}
	return calibration, end, nil
}
