package impact

// Account is one customer's recurring revenue at two moments, in minor units.
type Account struct {
	Customer string
	Before   int64 // at the rate of the first moment
	Restated int64 // Before at the rate of the second; the same within one currency
	After    int64
	Known    bool // had paid before the first moment
}

// Movements is why recurring revenue changed, in minor units: End − Start equals the
// sum of the six exactly. Contraction and Churn are negative.
type Movements struct {
	Start, End                                           int64
	New, Expansion, Contraction, Churn, Reactivation, FX int64
	NewCount, ExpansionCount, ContractionCount           int
	ChurnCount, ReactivationCount, StartCount, EndCount  int
}

// Move classifies each customer once, all subscriptions taken together: one that adds
// a second subscription expands, one that loses one of two contracts.
func Move(accounts []Account) Movements {
	var m Movements
	for _, a := range accounts {
		if a.Before == 0 {
			a.Restated = 0 // nothing cannot be restated
		}
		m.Start += a.Before
		m.End += a.After
		m.FX += a.Restated - a.Before
		change := a.After - a.Restated
		if a.Before != 0 {
			m.StartCount++
		}
		if a.After != 0 {
			m.EndCount++
		}
		switch {
		case a.Before == 0 && a.After == 0:
		case a.Before == 0 && !a.Known:
			m.New += change
			m.NewCount++
		case a.Before == 0:
			m.Reactivation += change
			m.ReactivationCount++
		case a.After == 0:
			m.Churn += change
			m.ChurnCount++
		case change > 0:
			m.Expansion += change
			m.ExpansionCount++
		case change < 0:
			m.Contraction += change
			m.ContractionCount++
		}
	}
	return m
}

// Sum is the change that the movements explain.
func (m Movements) Sum() int64 {
	return m.New + m.Expansion + m.Contraction + m.Churn + m.Reactivation + m.FX
}

// GrossChurn is what was lost, as a share of the revenue at the start; NaN without.
func (m Movements) GrossChurn() float64 { return -float64(m.Churn+m.Contraction) / float64(m.Start) }

// NetChurn is what was lost less what existing and former customers added.
func (m Movements) NetChurn() float64 {
	return -float64(m.Churn+m.Contraction+m.Expansion+m.Reactivation) / float64(m.Start)
}

// DailyChurn is the same summed day by day, for shops that win and lose many
// subscribers within a month. Days without revenue at the start are passed over.
func DailyChurn(days []Movements) (gross, net float64) {
	for _, d := range days {
		if d.Start > 0 {
			gross += d.GrossChurn()
			net += d.NetChurn()
		}
	}
	return gross, net
}
