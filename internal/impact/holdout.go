package impact

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
)

// Invited says whether a customer belongs to the invited part of a hold-out. It
// depends on the salt and the customer only, so that lists drawn on different days
// agree, and nobody can choose. share is of the invited, 0 to 1.
func Invited(salt, customer string, share float64) bool {
	h := sha256.New()
	_ = binary.Write(h, binary.LittleEndian, uint64(len(salt)))
	h.Write([]byte(salt))
	h.Write([]byte(customer))
	return float64(binary.LittleEndian.Uint64(h.Sum(nil))>>11)/(1<<53) < share
}

// HoldOutPlan is what a hold-out of a certain size can find.
type HoldOutPlan struct {
	Invited, Held int
	Detectable    float64 // smallest difference between the two lists, in the outcome's unit
	PerJoiner     float64 // the same per person who joins: divided by the share who join
	Needed        int     // customers in all to find the wanted effect per joiner; 0 without one
}

// PlanHoldOut plans n customers with the share invited, an outcome of standard
// deviation sd, and a share of the invited who will join. wanted is the effect per
// joiner that should be found.
func PlanHoldOut(n int, invited, sd, join, wanted float64) HoldOutPlan {
	p := HoldOutPlan{Invited: int(math.Round(float64(n) * invited))}
	p.Held = n - p.Invited
	p.Detectable = DetectableDifference(sd, p.Invited, p.Held)
	p.PerJoiner = p.Detectable / join
	if wanted > 0 && join > 0 && invited > 0 && invited < 1 {
		per := Detectable(sd) / (wanted * join)
		p.Needed = int(min(math.Ceil(per*per/(invited*(1-invited))), 1<<31))
	}
	return p
}

// HoldOutPerson is one customer of a hold-out at its end.
type HoldOutPerson struct {
	Invited, Joined bool
	Outcome         float64
}

// HoldOutResult is what inviting changed, by chance alone for who was invited.
type HoldOutResult struct {
	Invited, Held             int
	JoinedInvited, JoinedHeld Estimate // shares who joined
	IntentionToTreat          Estimate // per invited customer
	PerJoiner                 Estimate // per customer who joined because invited; Reason when the invitation moved too few
	Detectable                float64
}

// minFirstStage is the F statistic of the invitation's effect on joining below which
// an effect per joiner is not stable.
const minFirstStage = 10

// HoldOut compares the two lists as they were drawn, whoever joined. The effect per
// joiner divides it by how much more the invited joined; its error is the delta
// method's.
func HoldOut(list []HoldOutPerson) HoldOutResult {
	var y, d [2][]float64
	for _, p := range list {
		a := armOf(p.Invited)
		y[a] = append(y[a], p.Outcome)
		d[a] = append(d[a], float64(armOf(p.Joined)))
	}
	r := HoldOutResult{Invited: len(y[1]), Held: len(y[0])}
	r.JoinedInvited, r.JoinedHeld = Wilson(int(sum(d[1])), r.Invited), Wilson(int(sum(d[0])), r.Held)
	r.IntentionToTreat = differenceOfMeans(y[1], y[0])
	r.Detectable = Detectable(r.IntentionToTreat.SE)
	first := differenceOfMeans(d[1], d[0])
	if first.Reason != "" || !(first.Value > 0) || first.Value*first.Value < minFirstStage*first.SE*first.SE {
		r.PerJoiner = none(len(list), NoVariation)
		return r
	}
	effect := r.IntentionToTreat.Value / first.Value
	residual := [2][]float64{}
	for a := range 2 {
		for i := range y[a] {
			residual[a] = append(residual[a], y[a][i]-effect*d[a][i])
		}
	}
	r.PerJoiner = normal(len(list), effect, differenceOfMeans(residual[1], residual[0]).SE/first.Value)
	return r
}
