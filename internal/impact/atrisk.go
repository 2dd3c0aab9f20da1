package impact

// QuietMember is a member with the days since the last sign of life in the community
// and the spend of the last year.
type QuietMember struct {
	QuietDays int
	Spend     float64
}

// AtRisk is the revenue of members gone quiet: what they spent in the last year, not
// what will be lost.
type AtRisk struct {
	Members, Quiet int
	Revenue        float64
	PerMember      Estimate
	Share          float64 // of all members' spend
	Reason         string
}

// RevenueAtRisk takes members who have been quiet for at least so many days. Fewer
// than MinPersons are not shown.
func RevenueAtRisk(list []QuietMember, days int) AtRisk {
	var spend []float64
	var all float64
	for _, m := range list {
		all += m.Spend
		if m.QuietDays >= days {
			spend = append(spend, m.Spend)
		}
	}
	r := AtRisk{Members: len(list), Quiet: len(spend)}
	if r.Quiet < MinPersons {
		r.Reason = TooFewPersons
		return r
	}
	r.Revenue, r.PerMember = sum(spend), Mean(spend)
	if all > 0 {
		r.Share = r.Revenue / all
	}
	return r
}
