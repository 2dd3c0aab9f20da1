package impact

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func roiInput() ROIInput {
	return ROIInput{
		EffectPerMember: Assumption{Name: "effect", Value: 12, SE: 3},
		Members:         1000,
		NewCustomers:    Assumption{Name: "new", Value: 50},
		MarginPerNew:    Assumption{Name: "margin of new", Value: 40, SE: 5, Positive: true},
		Incremental:     Assumption{Name: "incremental", Value: 0.4, Of: Count{40, 100}},
		Deflected:       Assumption{Name: "deflected", Value: 192, SE: 20, Positive: true},
		CostPerTicket:   Assumption{Name: "ticket", Value: 8},
		Costs:           []Cost{{24300, "people", 600_000}, {24301, "tools", 200_000}},
		FollowUpDays:    180, Matched: 900, Verdict: Established,
	}
}

func TestReturn(t *testing.T) {
	t.Parallel()
	r := ReturnOnCommunity(roiInput(), 100, 1)
	// 12,000 + 50 × 40 × 0.4 + 192 × 8 over 8,000.
	near(t, "return", r.Value, (12_000+800+1536-8000)/8000.0, 1e-12)
	near(t, "median", r.Median, r.Value, 0.05)
	near(t, "break-even members", r.BreakEvenMembers, math.Ceil((8000-800-1536)/12.0), 0)
	if !(r.Low < r.Median && r.Median < r.High) || r.Positive < 0.95 || r.Positive > 1 || len(r.Hidden) > 0 {
		t.Errorf("%+v", r)
	}
	// 1,000 members × 3 is by far the largest error.
	near(t, "error", (r.High-r.Low)/3.92, 3000/8000.0, 0.03)
	if len(r.Tornado) == 0 || r.Tornado[0].Name != "effect" || len(r.Tornado) > 5 || r.Tornado[0].Low > r.Tornado[0].High {
		t.Errorf("%+v", r.Tornado)
	}
	for _, s := range r.Tornado {
		if s.Name == "new" || s.Name == "ticket" {
			t.Errorf("a fixed assumption moves the return: %+v", s)
		}
	}
	if again := ReturnOnCommunity(roiInput(), 100, 1); again.Low != r.Low || again.Positive != r.Positive {
		t.Error("the return does not repeat")
	}
}

func TestReturnIsHidden(t *testing.T) {
	t.Parallel()
	for why, change := range map[string]func(*ROIInput){
		FollowUpTooShort: func(in *ROIInput) { in.FollowUpDays = 89 },
		TooFewMatched:    func(in *ROIInput) { in.Matched = 199 },
		NoCost:           func(in *ROIInput) { in.Costs = nil },
		EffectNotCausal:  func(in *ROIInput) { in.Verdict = Withheld },
	} {
		in := roiInput()
		change(&in)
		if r := ReturnOnCommunity(in, 100, 1); !slices.Equal(r.Hidden, []string{why}) {
			t.Errorf("%s: %+v", why, r.Hidden)
		}
	}
	in := roiInput()
	in.EffectPerMember = Assumption{Value: -1}
	if r := ReturnOnCommunity(in, 100, 1); !math.IsInf(r.BreakEvenMembers, 1) {
		t.Errorf("members who cost never pay: %+v", r)
	}
}

func TestPayback(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		returns, costs []float64
		want           int
	}{
		{[]float64{0, 5, 10}, []float64{5, 5, 5}, 2},
		{[]float64{10, 0, 0, 20}, []float64{5, 8, 1, 1}, 3}, // covered in the first month, not for good
		{[]float64{1, 1}, []float64{5, 5}, -1},
		{nil, nil, -1},
	} {
		if got := Payback(c.returns, c.costs); got != c.want {
			t.Errorf("%v − %v: %d, want %d", c.returns, c.costs, got, c.want)
		}
	}
}

func TestWorkedCaseOfCommunityValue(t *testing.T) {
	t.Parallel()
	near(t, "value", CommunityValue(100, 130, 70, 80, 1750), 35_000, 1e-9)
}

func TestHoldOut(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	var list []HoldOutPerson
	for i := range 20_000 {
		p := HoldOutPerson{Invited: Invited("salt", fmt.Sprint(i), 0.5)}
		keen := r.Float64() < 0.3 // buyers who would join; they buy more anyway
		p.Joined = keen && p.Invited
		p.Outcome = 50 + 30*r.NormFloat64()
		if keen {
			p.Outcome += 40
		}
		if p.Joined {
			p.Outcome += 10
		}
		list = append(list, p)
	}
	h := HoldOut(list)
	near(t, "invited", float64(h.Invited), 10_000, 250)
	near(t, "intention to treat", h.IntentionToTreat.Value, 3, 1.5)
	near(t, "per joiner", h.PerJoiner.Value, 10, 5)
	near(t, "joined", h.JoinedInvited.Value, 0.3, 0.02)
	if !(h.PerJoiner.SE > 2*h.IntentionToTreat.SE) || h.JoinedHeld.Value != 0 {
		t.Errorf("%+v", h)
	}
	for i := range list {
		list[i].Joined = false
	}
	if h := HoldOut(list); h.PerJoiner.Reason != NoVariation || math.IsNaN(h.IntentionToTreat.Value) {
		t.Errorf("an invitation that moves nobody: %+v", h)
	}
	if h := HoldOut(nil); h.IntentionToTreat.Reason != NoData {
		t.Errorf("nobody: %+v", h)
	}
}

func TestInvitedIsStable(t *testing.T) {
	t.Parallel()
	same := 0
	for i := range 2000 {
		id := fmt.Sprint(i)
		if Invited("a", id, 0.2) && !Invited("a", id, 0.3) {
			t.Fatal("a larger share leaves out somebody who was in")
		}
		if Invited("a", id, 0.5) == Invited("b", id, 0.5) {
			same++
		}
	}
	if same < 900 || same > 1100 {
		t.Errorf("two salts agree on %d of 2000", same)
	}
	if Invited("a", "x", 0) || !Invited("a", "x", 1) {
		t.Error("nobody and everybody")
	}
}

func TestPlanHoldOut(t *testing.T) {
	t.Parallel()
	p := PlanHoldOut(2000, 0.5, 100, 0.25, 20)
	near(t, "detectable", p.Detectable, 2.801585*100*math.Sqrt(2.0/1000), 1e-4)
	near(t, "per joiner", p.PerJoiner, p.Detectable*4, 1e-9)
	back := PlanHoldOut(p.Needed, 0.5, 100, 0.25, 20)
	near(t, "the needed size finds what is wanted", back.PerJoiner, 20, 0.01)
}

func TestRevenueAtRisk(t *testing.T) {
	t.Parallel()
	var list []QuietMember
	for i := range 40 {
		list = append(list, QuietMember{QuietDays: i, Spend: 10})
	}
	r := RevenueAtRisk(list, 30)
	if r.Quiet != 10 || r.Revenue != 100 || r.Share != 0.25 || r.Reason != "" {
		t.Errorf("%+v", r)
	}
	if r := RevenueAtRisk(list, 31); r.Reason != TooFewPersons || r.Revenue != 0 {
		t.Errorf("nine persons are shown: %+v", r)
	}
}
