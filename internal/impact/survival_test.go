package impact

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// gehan is the trial of 6-mercaptopurine (Freireich 1963, Gehan 1965): weeks in
// remission; a negative number is a censored time.
func gehan() []Subject {
	var list []Subject
	for group, weeks := range map[string][]float64{
		"6-MP":    {6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35},
		"placebo": {1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23},
	} {
		for _, w := range weeks {
			s := Subject{Time: math.Abs(w), Group: group}
			if w > 0 {
				s.Cause = 1
			}
			list = append(list, s)
		}
	}
	return list
}

func group(list []Subject, name string) []Subject {
	var out []Subject
	for _, s := range list {
		if s.Group == name {
			out = append(out, s)
		}
	}
	return out
}

func TestGehan(t *testing.T) {
	t.Parallel()
	treated, placebo := FitKaplanMeier(group(gehan(), "6-MP")), FitKaplanMeier(group(gehan(), "placebo"))
	for _, c := range []struct {
		t, survival, se float64
	}{
		{6, 0.857143, 0.0764},
		{7, 0.806723, 0.0869},
		{10, 0.752941, 0.0963},
		{13, 0.690196, 0.1068},
		{16, 0.627451, 0.1141},
		{22, 0.537815, 0.1282},
		{23, 0.448179, 0.1346},
		{30, 0.448179, 0.1346},
	} {
		near(t, "S", treated.At(c.t).Survival, c.survival, 1e-6)
		near(t, "Greenwood", treated.At(c.t).SE, c.se, 1e-4)
	}
	if s := treated.At(6); s.AtRisk != 21 || s.Events != 3 || s.Censored != 1 {
		t.Errorf("at 6 weeks, where events and a censoring tie: %+v", s)
	}
	near(t, "low at 6", treated.At(6).Low, 0.6197, 1e-3)
	near(t, "high at 6", treated.At(6).High, 0.9516, 1e-3)
	near(t, "median", treated.Median.Value, 23, 0)
	near(t, "median low", treated.Median.Low, 13, 0)
	if !math.IsNaN(treated.Median.High) {
		t.Errorf("the upper bound of the median is not reached: %+v", treated.Median)
	}
	near(t, "placebo's median", placebo.Median.Value, 8, 0)
	near(t, "RMST", RMST(treated, 35).Value, 23.2874, 1e-3)
	near(t, "RMST placebo", RMST(placebo, 35).Value, 8.6667, 1e-4)
	near(t, "RMST se placebo", RMST(placebo, 35).SE, 1.37739, 1e-4) // population sd / √n: nobody censored
	d := RMSTDifference(treated, placebo, 35)
	near(t, "difference", d.Value, 14.6207, 1e-3)

	groups, test := LogRank(gehan())
	near(t, "chi²", test.ChiSquared, 16.79294, 1e-4)
	near(t, "expected", groups[0].Expected, 19.25, 0.01)
	if groups[0].Observed != 9 || groups[1].Observed != 21 || test.Freedom != 1 || test.P > 1e-4 {
		t.Errorf("%+v %+v", groups, test)
	}
}

func TestKaplanMeierEdges(t *testing.T) {
	t.Parallel()
	if k := FitKaplanMeier(nil); k.N != 0 || !math.IsNaN(k.At(1).Survival) || !math.IsNaN(k.Median.Value) {
		t.Errorf("nobody: %+v", k)
	}
	all := FitKaplanMeier([]Subject{{Time: 3, Cause: 1}, {Time: 3, Cause: 1}})
	if s := all.At(3); s.Survival != 0 || !math.IsNaN(s.Low) || !math.IsNaN(s.SE) {
		t.Errorf("everybody at once: %+v", s)
	}
	if s := all.At(99); s.Survival != 0 {
		t.Errorf("after the last event nobody is left: %+v", s)
	}
	censored := FitKaplanMeier([]Subject{{Time: 2, Cause: 1}, {Time: 5}})
	if s := censored.At(6); !math.IsNaN(s.Survival) {
		t.Errorf("behind the last censoring nothing is known: %+v", s)
	}
	near(t, "at the last censoring", censored.At(5).Survival, 0.5, 0)
	if e := RMST(censored, 6); e.Reason != BeyondFollowUp {
		t.Errorf("%+v", e)
	}
	near(t, "area", RMST(censored, 5).Value, 2+1.5, 1e-12)
	zero := FitKaplanMeier([]Subject{{Time: 0, Cause: 1}, {Time: 4}})
	near(t, "an event at time 0", zero.At(0).Survival, 0.5, 0)
	// S stays at exactly one half from 2 to 4: the median is the middle.
	flat := FitKaplanMeier([]Subject{{Time: 1, Cause: 1}, {Time: 2, Cause: 1}, {Time: 4, Cause: 1}, {Time: 5, Cause: 1}})
	near(t, "median", flat.Median.Value, 3, 0)
	bad := FitKaplanMeier([]Subject{{Entry: 5, Time: 5, Cause: 1}, {Time: math.NaN()}, {Time: 1, Cause: 1}})
	if bad.LeftOut != 2 || bad.N != 1 {
		t.Errorf("no observed time: %+v", bad)
	}
}

func TestDelayedEntry(t *testing.T) {
	t.Parallel()
	// At risk just before 3: the first two; the third enters at 3, too late for it.
	k := FitKaplanMeier([]Subject{{Time: 3, Cause: 1}, {Entry: 1, Time: 8, Cause: 1}, {Entry: 3, Time: 9}})
	if s := k.At(3); s.AtRisk != 2 || s.Survival != 0.5 {
		t.Errorf("%+v", s)
	}
	if s := k.At(8); s.AtRisk != 2 || s.Survival != 0.25 {
		t.Errorf("%+v", s)
	}
	empty := FitKaplanMeier([]Subject{{Time: 2, Cause: 1}, {Entry: 4, Time: 9, Cause: 1}, {Entry: 5, Time: 9}})
	near(t, "the risk set emptied at", empty.Emptied, 2, 0)
	if !math.IsNaN(k.Emptied) {
		t.Errorf("this one did not: %+v", k)
	}
}

func TestLogRankStrata(t *testing.T) {
	t.Parallel()
	// Two copies of the trial as two strata: observed, expected and variance double.
	var list []Subject
	for _, name := range []string{"a", "b"} {
		for _, s := range gehan() {
			s.Stratum = name
			list = append(list, s)
		}
	}
	_, test := LogRank(list)
	near(t, "chi²", test.ChiSquared, 2*16.79294, 1e-3)
	// Three groups have two degrees of freedom, a fourth without risk changes nothing.
	list = append(gehan(), group(gehan(), "placebo")...)
	for i := 42; i < len(list); i++ {
		list[i].Group = "third"
	}
	_, three := LogRank(list)
	_, four := LogRank(append(list, Subject{Entry: 50, Time: 60, Group: "late"}))
	if three.Freedom != 2 || four.Freedom != 2 || math.Abs(three.ChiSquared-four.ChiSquared) > 1e-9 {
		t.Errorf("%+v %+v", three, four)
	}
	if _, test := LogRank(group(gehan(), "6-MP")); test.Reason != NoVariation {
		t.Errorf("one group: %+v", test)
	}
	if _, test := LogRank([]Subject{{Time: 1, Group: "a"}, {Time: 2, Group: "b"}}); test.Reason != NoVariation {
		t.Errorf("no events: %+v", test)
	}
}

func TestCumulativeIncidenceSumsToOne(t *testing.T) {
	t.Parallel()
	list := []Subject{
		{Time: 1, Cause: 1},
		{Time: 2, Cause: 2},
		{Time: 2},
		{Time: 3, Cause: 1},
		{Time: 3, Cause: 2},
		{Time: 4},
		{Time: 5, Cause: 1},
		{Entry: 2, Time: 6, Cause: 2},
		{Time: 7},
	}
	incidence, k := CumulativeIncidence(list), FitKaplanMeier(list)
	for i, s := range incidence[1] {
		near(t, "sum", s.Incidence+incidence[2][i].Incidence+k.At(s.Time).Survival, 1, 1e-12)
	}
	// With one cause it is one minus Kaplan–Meier, and so is its variance.
	treated := group(gehan(), "6-MP")
	km := FitKaplanMeier(treated)
	for _, s := range CumulativeIncidence(treated)[1] {
		near(t, "incidence", s.Incidence, 1-km.At(s.Time).Survival, 1e-12)
		near(t, "se", s.SE, km.At(s.Time).SE, 1e-9)
		near(t, "low", s.Low, 1-km.At(s.Time).High, 1e-9)
	}
}

func TestDiscreteHazard(t *testing.T) {
	t.Parallel()
	// One month, 40 of 200 others and 10 of 100 members left: the estimate is exact.
	var list []PersonMonth
	add := func(month, n, left int, member bool) {
		for i := range n {
			list = append(list, PersonMonth{month, member, i < left})
		}
	}
	add(0, 200, 40, false)
	add(0, 100, 10, true)
	h := DiscreteHazard(list)
	near(t, "log hazard ratio", h.Log.Value, math.Log(math.Log(0.9)/math.Log(0.8)), 1e-8)
	add(1, 90, 0, false) // a month without events says nothing
	near(t, "unchanged", DiscreteHazard(list).Log.Value, h.Log.Value, 1e-9)
	add(2, 160, 32, false)
	add(2, 90, 9, true)
	both := DiscreteHazard(list)
	near(t, "two months", both.Log.Value, h.Log.Value, 1e-7)
	if !(both.Log.SE < h.Log.SE) || h.Log.Reason != "" {
		t.Errorf("%+v %+v", h, both)
	}
	add(3, 5, 5, false) // a month in which everybody left has no baseline
	if got := DiscreteHazard(list); math.Abs(got.Log.Value-both.Log.Value) > 0.2 || got.Log.Reason != "" {
		t.Errorf("%+v", got)
	}
	if h := DiscreteHazard(nil); h.Log.Reason != NoVariation {
		t.Errorf("nobody: %+v", h)
	}
}

func TestMonthsOfCountsTimeBeforeJoiningForNobody(t *testing.T) {
	t.Parallel()
	list := MonthsOf(2, 6, true, 4)
	if len(list) != 4 || list[0].Member || list[1].Member || !list[2].Member || !list[3].Left || list[2].Left {
		t.Errorf("%+v", list)
	}
	for _, m := range MonthsOf(0, 3, false, -1) {
		if m.Member || m.Left {
			t.Errorf("%+v", m)
		}
	}
}

// TestTelcoChurn reads a public table of 7,043 subscribers.
func TestTelcoChurn(t *testing.T) {
	t.Parallel()
	f, err := os.Open(filepath.Join(corpus(t), "telco-churn", "wa_churn.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []Subject
	var months, left int
	for _, r := range rows[1:] {
		tenure, err := strconv.Atoi(r[6])
		if err != nil {
			t.Fatal(err)
		}
		s := Subject{Time: float64(tenure), Group: r[16]}
		if r[1] == "Yes" {
			s.Cause = 1
			left++
		}
		months += tenure
		list = append(list, s)
	}
	near(t, "churn", Wilson(left, len(list)).Value, 0.26537, 5e-6)
	k := FitKaplanMeier(list)
	if k.N != 7043 || k.Events != 1869 || months != 227990 {
		t.Errorf("%d subscribers, %d left, %d months", k.N, k.Events, months)
	}
	if _, test := LogRank(list); test.Freedom != 2 || test.P > 1e-10 {
		t.Errorf("contracts do not differ: %+v", test)
	}
}
