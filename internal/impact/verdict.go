package impact

import (
	"math"
	"slices"

	"github.com/foyer-app/foyer/internal/community"
)

// The verdicts.
const (
	Established  = "established"   // a difference, and nothing speaks against a cause
	NoDifference = "no_difference" // an effect that would matter would have been seen
	TooEarly     = "too_early"     // the data cannot tell yet
	Withheld     = "withheld"      // a difference, but a check failed: no causal reading
)

// Why a causal reading is withheld.
const (
	WhyFew       = "few_persons"         // below MinPersons, nothing is shown
	WhyBalance   = "unbalanced"          // the sets differ in a trait
	WhyPlacebo   = "differed_before"     // members were already different before joining
	WhyNoPlacebo = "no_placebo"          // nobody known long enough to look before joining
	WhyFakes     = "fake_joiners_differ" // the estimator finds effects of a membership that does nothing
	WhyFewDrive  = "few_customers_drive" // a few customers make the difference
	WhyUnmatched = "most_unmatched"      // fewer than half of the joiners have controls
)

// VerdictOptions is what a verdict is measured by, said before looking.
type VerdictOptions struct {
	Matters float64 // smallest effect worth knowing, as a share of the controls' figure; 0.1 when 0
}

// Verdict is what may be said of one effect.
type Verdict struct {
	Key     string
	Why     []string
	Needed  int            // matched members with which an effect that matters is found; TooEarly
	When    community.Date // when there should be as many; 0 when nobody joins any more
	Matters float64        // the smallest effect worth knowing, in the effect's unit
}

// Verdict judges an effect by rules that do not depend on the result.
func (s *Sets) Verdict(e Effect, fakes FakeStudy, o VerdictOptions) Verdict {
	if o.Matters == 0 {
		o.Matters = 0.1
	}
	if e.Reason != "" {
		v := Verdict{Key: TooEarly, Why: []string{WhyFew}, Needed: MinPersons}
		v.When = s.when(v.Needed)
		return v
	}
	v := Verdict{Matters: o.Matters * math.Abs(e.Others)}
	if low, high := e.Interval(); !(low > 0 || high < 0) {
		if e.Detectable <= v.Matters {
			v.Key = NoDifference
			return v
		}
		v.Key, v.Needed = TooEarly, NeededFor(s.Matched, e.Detectable, v.Matters)
		v.When = s.when(v.Needed)
		return v
	}
	v.Why = s.doubts(e, fakes)
	v.Key = Established
	if len(v.Why) > 0 {
		v.Key = Withheld
	}
	return v
}

func (s *Sets) doubts(e Effect, fakes FakeStudy) []string {
	var why []string
	if !s.Balanced() {
		why = append(why, WhyBalance)
	}
	switch {
	case e.Placebo.Reason != "":
		why = append(why, WhyNoPlacebo)
	case !e.Placebo.Passes(e.Value):
		why = append(why, WhyPlacebo)
	}
	if !fakes.Passes(e.Key, e.Value) {
		why = append(why, WhyFakes)
	}
	if e.FewDrive {
		why = append(why, WhyFewDrive)
	}
	if s.Unmatched.N > s.Matched {
		why = append(why, WhyUnmatched)
	}
	return why
}

// when is the day on which so many matched members should have been observed to the
// horizon: first those who wait, then new ones as often as joined so far.
func (s *Sets) when(needed int) community.Date {
	mature := s.Joiners - s.Waiting
	if needed <= s.Matched {
		return s.options.End
	}
	if s.Joiners == 0 {
		return 0
	}
	matched := 1.0
	if mature > 0 {
		matched = float64(s.Matched) / float64(mature)
	}
	if matched == 0 {
		return 0
	}
	missing := int(math.Ceil(float64(needed-s.Matched) / matched))
	waiting := slices.Sorted(slices.Values(s.matures))
	if missing <= len(waiting) {
		return max(waiting[missing-1], s.options.End)
	}
	days := float64(s.options.End - s.options.Start)
	more := float64(missing-len(waiting)) / (float64(s.Joiners) / days)
	if more > 20*DaysPerYear {
		return 0 // not in any plan
	}
	return s.options.End + community.Date(math.Ceil(more)) + community.Date(s.options.Horizon) + 1
}
