package impact

import "math"

// MaxImbalance is the standardised difference above which a trait is not balanced.
const MaxImbalance = 0.1

// BalanceLine is one trait of joiners and controls before and after matching. The
// standardised differences are in standard deviations of the joiners.
type BalanceLine struct {
	Trait           string
	Members, Others float64 // means after matching, controls weighted
	Before, After   float64 // standardised differences
}

// Traits are the names of the lines of a customer's balance.
func traits() [4]string {
	return [4]string{"recency_days", "tenure_days", "orders_before", "spend_before"}
}

// spread is a weighted mean and variance.
type spread struct{ w, sum, square float64 }

func (m *spread) add(v, w float64) { m.w, m.sum, m.square = m.w+w, m.sum+w*v, m.square+w*v*v }
func (m spread) mean() float64     { return m.sum / m.w }
func (m spread) sd() float64 {
	mean := m.mean()
	return math.Sqrt(max(0, m.square/m.w-mean*mean))
}

// balanceTable sums the four traits by arm: others, members.
type balanceTable [2][4]spread

func (b *balanceTable) add(p profile, treated bool, w float64) {
	for i, v := range [4]float64{p.recency, p.tenure, p.orders, p.spend} {
		b[armOf(treated)][i].add(v, w)
	}
}

func balanceLines(before, after balanceTable) []BalanceLine {
	var list []BalanceLine
	for i, name := range traits() {
		sd := before[1][i].sd()
		list = append(list, BalanceLine{
			Trait: name, Members: after[1][i].mean(), Others: after[0][i].mean(),
			Before: standardised(before[1][i].mean()-before[0][i].mean(), sd),
			After:  standardised(after[1][i].mean()-after[0][i].mean(), sd),
		})
	}
	return list
}

// standardised is d in standard deviations; 0 when neither varies.
func standardised(d, sd float64) float64 {
	if d == 0 {
		return 0
	}
	return d / sd
}

// Balance is the table of the matched sets.
func (s *Sets) Balance() []BalanceLine { return s.balance }

// Balanced says whether no trait differs by more than MaxImbalance after matching.
func (s *Sets) Balanced() bool {
	for _, l := range s.balance {
		if !(math.Abs(l.After) <= MaxImbalance) {
			return false
		}
	}
	return len(s.balance) > 0 && s.Matched > 0
}

// Imbalance is L1 over the strata (but spend) before matching: half the sum of the absolute
// differences of the two arms' shares, from 0 (the same mix) to 1 (nothing in
// common). After matching it is 0 by construction.
func (s *Sets) Imbalance() float64 { return s.imbalance }

func imbalance[K comparable](arms map[K][2]int) float64 {
	var n [2]float64
	for _, a := range arms {
		n[0] += float64(a[0])
		n[1] += float64(a[1])
	}
	var l float64
	for _, a := range arms {
		l += math.Abs(float64(a[0])*n[1] - float64(a[1])*n[0]) // whole numbers: any order gives the same
	}
	return l / (2 * n[0] * n[1])
}

func (m *ProfileMeans) add(p profile) {
	m.N++
	m.Recency += p.recency
	m.Tenure += p.tenure
	m.Orders += p.orders
	m.Spend += p.spend
}

func (m *ProfileMeans) finish() {
	n := float64(max(m.N, 1))
	m.Recency, m.Tenure, m.Orders, m.Spend = m.Recency/n, m.Tenure/n, m.Orders/n, m.Spend/n
}
