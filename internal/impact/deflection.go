package impact

// DeflectionInput is what is known of questions that never became tickets. Shares come
// as counts, k of n, from a survey or from the data; n 0 is not known.
type DeflectionInput struct {
	SolvedByPeers   int   // questions answered by members and accepted
	WouldHaveAsked  Count // of those asked, would have contacted support
	ContactedAnyway Count // of solved askers, contacted support within 7 days
	CostPerTicket   float64
	Tickets         int // real tickets of the period: more cannot have been spared
}

// Count is k of n.
type Count struct{ K, N int }

// share is the observed share; 0 when nobody was asked.
func (c Count) share() float64 {
	if c.N <= 0 {
		return 0
	}
	return float64(min(max(c.K, 0), c.N)) / float64(c.N)
}

// Deflection is the number of tickets spared and their marginal cost.
type Deflection struct {
	Tickets, Value Band // 95 % by the uncertainty of the shares
	Capped         bool // the real number of tickets was the limit
	Reason         string
}

// DirectDeflection is questions × P(would have asked support) × (1 − P(asked anyway)).
// Without an answer to the first share there is no number: it is never assumed.
func DirectDeflection(in DeflectionInput, seed uint64) Deflection {
	if in.WouldHaveAsked.N <= 0 {
		return Deflection{Reason: NoData}
	}
	spared := func(asked, anyway float64) float64 { return float64(in.SolvedByPeers) * asked * (1 - anyway) }
	value := spared(in.WouldHaveAsked.share(), in.ContactedAnyway.share())
	draws := make([]float64, Replicates)
	d := newDrawer(seed)
	for i := range draws {
		anyway := 0.0
		if in.ContactedAnyway.N > 0 {
			anyway = d.beta(in.ContactedAnyway)
		}
		draws[i] = spared(d.beta(in.WouldHaveAsked), anyway)
	}
	low, high, _ := percentile(draws)
	out := Deflection{Tickets: Band{low, value, high}}
	out.cap(float64(in.Tickets))
	out.price(in.CostPerTicket)
	return out
}

// IndirectDeflection is views × P(came for help) × P(found it) × P(would have asked
// support): an optimistic line, never the headline.
func IndirectDeflection(views, help, found, wouldHaveAsked float64) float64 {
	return views * help * found * wouldHaveAsked
}

func (d *Deflection) cap(tickets float64) {
	if tickets > 0 && d.Tickets.High > tickets {
		d.Capped = true
		d.Tickets = Band{min(d.Tickets.Low, tickets), min(d.Tickets.Value, tickets), tickets}
	}
}

func (d *Deflection) price(cost float64) {
	d.Value = Band{d.Tickets.Low * cost, d.Tickets.Value * cost, d.Tickets.High * cost}
}
