package impact

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
	"gonum.org/v1/gonum/stat/distuv"
)

// published are the parameters of Fader, Hardie and Lee on CDNOW.
var published = BGNBD{R: 0.242593, Alpha: 4.413532, A: 0.792886, B: 2.425754}

func TestCDNOWModel(t *testing.T) {
	t.Parallel()
	list := Summaries(cdnow(t), community.NewDate(1997, 10, 1), cdnowEnd)
	var repeats int
	for _, s := range list {
		repeats += s.Repeats
	}
	if len(list) != 2357 || repeats != 2457 {
		t.Fatalf("%d customers, %d repeat order days in the calibration", len(list), repeats)
	}
	m := FitBGNBD(list)
	near(t, "r", m.R, 0.242593, 1e-4)
	near(t, "alpha", m.Alpha, 4.413532, 1e-3)
	near(t, "a", m.A, 0.792886, 1e-3)
	near(t, "b", m.B, 2.425754, 3e-3)
	near(t, "log-likelihood", m.LogLikelihood, -9582.43, 5e-3)
	if m.Reason != "" || m.SE[0] <= 0 || m.SE[0] > 0.05 {
		t.Errorf("%+v", m)
	}
	v := FitGammaGamma(list)
	near(t, "p", v.P, 6.25, 0.02)
	near(t, "q", v.Q, 3.74, 0.02)
	near(t, "gamma", v.Gamma, 15.44, 0.1)

	g := CheckModel(list, m, v)
	near(t, "predicted", g.Predicted, 1653, 3)
	near(t, "actual", g.Actual, 1882, 0)
	near(t, "correlation", g.Correlation, 0.11, 0.01)
	if len(g.Failed) != 0 {
		t.Errorf("gates: %+v", g)
	}
}

func TestPublishedExpectations(t *testing.T) {
	t.Parallel()
	near(t, "E[X(52)]", published.Expected(52), 1.444021, 2e-6)
	near(t, "E[39 weeks | 2, 30.43, 38.86]", published.Conditional(Summary{Repeats: 2, Last: 30.43, Observed: 38.86}, 39), 1.22591, 2e-4)
	near(t, "E[52 weeks | 26, 30.86, 31]", published.Conditional(Summary{Repeats: 26, Last: 30.86, Observed: 31}, 52), 25.75947, 2e-4)
}

// TestExpectedNearOne compares with an integral over the two distributions, where
// z = t/(α+t) nears 1 and where A is at and around the singularity.
func TestExpectedNearOne(t *testing.T) {
	t.Parallel()
	for _, a := range []float64{0.792886, 1, 1 + 1e-9, 2.5} {
		m := published
		m.A = a
		for _, weeks := range []float64{1, 52, 5200, 5.2e5} {
			want := integrated(m, weeks)
			if got := m.Expected(weeks); math.Abs(got/want-1) > 2e-4 {
				t.Errorf("a %g, %g weeks: %.8g, want %.8g", a, weeks, got, want)
			}
		}
	}
}

// integrated is E[(1 − (α/(α+pt))^r)/p] over p, by the midpoint rule in u with
// p = u^k, which tames the pole at 0.
func integrated(m BGNBD, t float64) float64 {
	const steps, k = 400_000, 4.0
	beta := lgamma(m.A) + lgamma(m.B) - lgamma(m.A+m.B)
	var total float64
	for i := range steps {
		u := (float64(i) + 0.5) / steps
		p := math.Pow(u, k)
		density := math.Exp((m.A-1)*math.Log(p) + (m.B-1)*math.Log1p(-p) - beta)
		total += (1 - math.Pow(m.Alpha/(m.Alpha+p*t), m.R)) / p * density * k * math.Pow(u, k-1) / steps
	}
	return total
}

func TestHundredsOfOrdersStayFinite(t *testing.T) {
	t.Parallel()
	s := Summary{Repeats: 700, Last: 150, Observed: 151, Value: 20}
	if e := published.Conditional(s, 52); !(e > 150 && e < 300) {
		t.Errorf("a customer with 700 orders in three years is expected to order %g times in the next", e)
	}
	if p := published.Alive(s); !(p > 0.9 && p <= 1) {
		t.Errorf("alive %g", p)
	}
}

// TestRecovery fits histories that the model itself made.
func TestRecovery(t *testing.T) {
	t.Parallel()
	list := Summaries(invented(6000, 1), inventedStart+40*7, inventedStart+78*7)
	m := FitBGNBD(list)
	near(t, "r", m.R, published.R, 0.03)
	near(t, "alpha", m.Alpha, published.Alpha, 0.9)
	near(t, "expected", m.Expected(52), published.Expected(52), 0.1)
	if g := CheckModel(list, m, FitGammaGamma(list)); len(g.Failed) != 0 {
		t.Errorf("gates fail on the model's own data: %+v", g)
	}
}

func TestModelGatesFail(t *testing.T) {
	t.Parallel()
	list := Summaries(invented(300, 1), inventedStart+40*7, inventedStart+40*7)
	g := CheckModel(list, FitBGNBD(list), FitGammaGamma(list))
	if !slices.Contains(g.Failed, GateRepeaters) || !slices.Contains(g.Failed, GateHoldOut) {
		t.Errorf("300 customers without a hold-out pass: %+v", g)
	}
	if m := FitBGNBD([]Summary{{Observed: 3}}); m.Reason != NoData {
		t.Errorf("nobody bought again: %+v", m)
	}
	if m := FitGammaGamma(nil); m.Reason != NoData {
		t.Errorf("nobody: %+v", m)
	}
}

func TestOneOrderPerDay(t *testing.T) {
	t.Parallel()
	d := community.NewDate(2024, 1, 1)
	s := summarise([]Order{{d, 5, 0}, {d, 5, 0}, {d + 7, 10, 0}, {d + 7, 20, 0}, {d + 21, 8, 0}, {d + 21, 8, 0}}, d+15, d+30)
	if s.Repeats != 1 || s.Last != 1 || s.Observed != 2 || s.Value != 30 || s.FutureOrders != 1 {
		t.Errorf("%+v", s)
	}
}

var inventedStart = community.NewDate(2023, 1, 2)

// invented makes customers who buy as the published models say: first orders over
// twelve weeks, observed for 78.
func invented(n int, seed uint64) []Customer {
	src := rand.NewPCG(seed, 7)
	r := rand.New(src)
	rate := distuv.Gamma{Alpha: published.R, Beta: published.Alpha, Src: src}
	leave := distuv.Beta{Alpha: published.A, Beta: published.B, Src: src}
	scale := distuv.Gamma{Alpha: 3.74, Beta: 15.44, Src: src}
	list := make([]Customer, n)
	for i := range list {
		first := inventedStart + community.Date(r.IntN(12*7))
		lambda, p, nu := rate.Rand(), leave.Rand(), scale.Rand()
		value := distuv.Gamma{Alpha: 6.25, Beta: nu, Src: src}
		order := func(d community.Date) {
			v := math.Round(value.Rand()*100) / 100
			list[i].Orders = append(list[i].Orders, Order{d, v, v * 0.4})
		}
		order(first)
		for at := r.ExpFloat64() / lambda; at < 78; at += r.ExpFloat64() / lambda {
			if d := first + community.Date(at*7); d < inventedStart+78*7 {
				order(d)
			}
			if r.Float64() < p {
				break
			}
		}
	}
	return list
}
