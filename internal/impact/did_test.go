package impact

import (
	"math"
	"testing"
)

func TestMatchExact(t *testing.T) {
	t.Parallel()
	units := []Unit{
		{Stratum: "a", Treated: true, Outcome: 10, Traits: []float64{1}},
		{Stratum: "a", Treated: true, Outcome: 14, Traits: []float64{1}},
		{Stratum: "a", Outcome: 9, Traits: []float64{1}},
		{Stratum: "b", Treated: true, Outcome: 20, Traits: []float64{2}},
		{Stratum: "b", Outcome: 12, Traits: []float64{2}},
		{Stratum: "b", Outcome: 16, Traits: []float64{2}},
		{Stratum: "c", Treated: true, Outcome: 99, Traits: []float64{3}},
		{Stratum: "d", Outcome: 0, Traits: []float64{4}},
	}
	r := MatchExact(units, []string{"x"}, 1, 200)
	// (10−9 + 14−9 + 20−14)/3
	near(t, "effect", r.Effect.Value, 4, 1e-12)
	near(t, "treated", r.TreatedMean, 44/3.0, 1e-12)
	near(t, "controls", r.ControlMean, 32/3.0, 1e-12)
	near(t, "raw", r.Raw.Value, 143/4.0-37/4.0, 1e-12)
	near(t, "unmatched", r.UnmatchedTreatedMean, 99, 0)
	near(t, "L1", r.Imbalance, (0.25+0.25+0.25+0.25)/2, 1e-12)
	if r.MatchedTreated != 3 || r.MatchedControls != 3 || r.Strata != 2 || r.AllStrata != 4 || r.Treated != 4 || !r.SmallSample {
		t.Errorf("%+v", r)
	}
	near(t, "balanced", r.Balance[0].After, 0, 1e-12)
	if !(r.BootLow < 4 && r.BootHigh > 4) || !(r.Effect.SE > 0) {
		t.Errorf("%+v", r)
	}
	if r := MatchExact(units[6:], nil, 1, 10); r.Effect.Reason != NoData || r.MatchedTreated != 0 {
		t.Errorf("nobody is alike: %+v", r)
	}
}

// TestPairsHaveThePairedError: with one control each, the error is that of the paired
// differences.
func TestPairsHaveThePairedError(t *testing.T) {
	t.Parallel()
	var units []Unit
	var differences []float64
	for i := range 40 {
		s := string(rune('A' + i))
		x, y := float64(i*i%17), float64(i%5)
		units = append(units, Unit{Stratum: s, Treated: true, Outcome: x}, Unit{Stratum: s, Outcome: y})
		differences = append(differences, x-y)
	}
	near(t, "se", MatchExact(units, nil, 1, 10).Effect.SE, Mean(differences).SE, 1e-12)
}

func TestTwoByTwo(t *testing.T) {
	t.Parallel()
	var list []Observation
	add := func(unit string, treated bool, before, after float64) {
		list = append(list, Observation{Unit: unit, Treated: treated, Outcome: before}, Observation{Unit: unit, Treated: treated, Post: true, Outcome: after})
	}
	add("a", true, 10, 15)
	add("b", true, 20, 27)
	add("c", false, 5, 6)
	add("d", false, 7, 10)
	list = append(list, Observation{Unit: "e", Treated: true, Outcome: 3}) // never seen after
	d := TwoByTwo(list, 1, 100)
	near(t, "effect", d.Effect.Value, 6-2, 1e-12)
	near(t, "se", d.Effect.SE, math.Sqrt(1+1), 1e-12) // Welch: variances 2/2 and 2/2
	if !d.Panel || d.LeftOut != 1 || d.Counts[1][1] != 2 || d.Means[0][1] != 8 {
		t.Errorf("%+v", d)
	}
	for i := range list {
		list[i].Unit = ""
	}
	cross := TwoByTwo(list[:8], 1, 100)
	near(t, "cross-sections", cross.Effect.Value, 4, 1e-12)
	if !(cross.Effect.SE > d.Effect.SE) || cross.Panel {
		t.Errorf("independent samples are less precise: %+v", cross)
	}
	if d := TwoByTwo(nil, 1, 10); d.Effect.Reason != NoData {
		t.Errorf("nobody: %+v", d)
	}
}

// panels: an effect of 2 growing by 1 a period, on top of a common trend and of unit
// levels that depend on the group.
func panels() []Panel {
	var list []Panel
	add := func(n int, first float64) {
		for i := range n {
			p := Panel{First: first, Outcomes: map[float64]float64{}}
			for t := 1.0; t <= 5; t++ {
				y := 10*float64(i%3) + 3*t
				if !math.IsNaN(first) {
					y += first
				}
				if t >= first {
					y += 2 + (t - first)
				}
				p.Outcomes[t] = y
			}
			list = append(list, p)
		}
	}
	add(6, math.NaN())
	add(4, 3)
	add(8, 4)
	add(2, 1) // always treated
	return list
}

func TestStaggered(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]StaggeredOptions{"not yet treated": {}, "never": {NeverOnly: true}, "varying": {Varying: true}} {
		s := FitStaggered(panels(), o)
		if s.Units != 18 || s.LeftOut != 2 {
			t.Errorf("%s: %d units, %d left out", name, s.Units, s.LeftOut)
		}
		for _, e := range s.Effects {
			want := 0.0
			if e.Time >= e.Group {
				want = 2 + e.Time - e.Group
			}
			near(t, name, e.Value, want, 1e-9)
			if o.Varying != (e.Time < e.Group && e.Base == e.Time-1) && e.Time < e.Group-1 {
				t.Errorf("%s: base of %g, %g is %g", name, e.Group, e.Time, e.Base)
			}
		}
		// 4 units × (2, 3, 4) and 8 × (2, 3).
		near(t, "simple", s.Simple.Value, (4*9+8*5)/28.0, 1e-9)
		for _, e := range s.Events {
			near(t, "event", e.Value, max(0, 2+e.Periods)*boolean(e.Periods >= 0), 1e-9)
		}
	}
	if s := FitStaggered(nil, StaggeredOptions{}); s.Simple.Reason != NoData {
		t.Errorf("nobody: %+v", s)
	}
}

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
