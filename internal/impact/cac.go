package impact

import "math"

// CACInput is one period's new customers and what was paid for them.
type CACInput struct {
	PaidSpend     float64 // advertising and the like
	PaidCustomers int     // new customers of paid channels
	NewCustomers  int
	ByCode        int     // of them, with a code of the programme
	Answers       int     // of them, answered "How did you hear about us?"
	Community     int     // of the answers, named the community
	Programme     float64 // the programme's own cost of winning customers
}

// Band is a lower and an upper bound with a best guess between.
type Band struct{ Low, Value, High float64 }

// CAC is the cost of a new customer, with and without those whom the community
// brought. Without is what a customer would have cost if they had not come otherwise:
// it is arithmetic, not a cause.
type CAC struct {
	Blended, Paid float64 // paid spend ÷ all new customers, ÷ those of paid channels
	Code          Estimate
	Survey        Estimate // share among those who answered
	SurveyBounds  Band     // if none, or all, of those who were silent came by the community
	Sourced       Band     // customers by the community
	Without       Band     // cost of a customer without them
	Saving        Band
	Community     Band // the programme's cost of a customer it brought; NaN when nobody came
	Reason        string
}

// AcquisitionCost computes the figures; without new customers there is none. Counts
// are held within what they are part of.
func AcquisitionCost(in CACInput) CAC {
	n := in.NewCustomers
	if n <= 0 {
		return CAC{Reason: NoData}
	}
	answers := min(max(in.Answers, 0), n)
	community := min(max(in.Community, 0), answers)
	code := min(max(in.ByCode, 0), n)
	c := CAC{
		Blended: in.PaidSpend / float64(n), Paid: in.PaidSpend / float64(in.PaidCustomers),
		Code: Wilson(code, n), Survey: Wilson(community, answers),
	}
	silent := n - answers
	c.SurveyBounds = Band{share(community, n), c.Survey.Value, share(community+silent, n)}
	if answers == 0 {
		c.SurveyBounds.Value = c.Code.Value
	}
	low := float64(code)
	value := max(low, c.SurveyBounds.Value*float64(n))
	c.Sourced = Band{low, value, max(value, c.SurveyBounds.High*float64(n))}
	total := float64(n)
	without := func(s float64) float64 {
		if s >= total {
			return math.Inf(1)
		}
		return in.PaidSpend / (total - s)
	}
	c.Without = Band{without(c.Sourced.Low), without(c.Sourced.Value), without(c.Sourced.High)}
	c.Saving = Band{c.Without.Low - c.Blended, c.Without.Value - c.Blended, c.Without.High - c.Blended}
	own := func(s float64) float64 {
		if s == 0 {
			return math.NaN()
		}
		return in.Programme / s
	}
	c.Community = Band{own(c.Sourced.High), own(c.Sourced.Value), own(c.Sourced.Low)}
	return c
}

// Source says how a new customer came: an order counts once, by its code before its
// answer.
func Source(code bool, answer string) string {
	switch {
	case code:
		return "code"
	case answer != "":
		return "survey"
	}
	return "none"
}

// SurveyStratum is a part of the new customers, for example those of one device.
type SurveyStratum struct{ Customers, Answers, Community int }

// PostStratified weighs the answers to the mix of all new customers. Strata without
// an answer are left out, and their customers counted.
func PostStratified(strata []SurveyStratum) (share Estimate, silent int) {
	var customers, answers int
	for _, s := range strata {
		if s.Answers == 0 {
			silent += s.Customers
			continue
		}
		customers += s.Customers
		answers += s.Answers
	}
	if customers == 0 {
		return none(0, NoData), silent
	}
	var value, variance float64
	for _, s := range strata {
		if s.Answers == 0 {
			continue
		}
		w, n := float64(s.Customers)/float64(customers), float64(s.Answers)
		p := float64(s.Community) / n
		smoothed := (float64(s.Community) + 1) / (n + 2) // a share of 0 is not certain
		value += w * p
		variance += w * w * smoothed * (1 - smoothed) / n
	}
	e := normal(answers, value, math.Sqrt(variance))
	e.Low, e.High = max(0, e.Low), min(1, e.High)
	return e, silent
}
