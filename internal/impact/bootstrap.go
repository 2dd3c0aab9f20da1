package impact

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// Replicates is the number of bootstrap replicates behind a shown interval.
const Replicates = 2000

// Seed derives the seed of an analysis, so that its numbers repeat: the same
// organisation, analysis and version of the data give the same interval.
func Seed(organisation, analysis, dataVersion string) uint64 {
	h := sha256.New()
	for _, s := range []string{organisation, analysis, dataVersion} {
		_ = binary.Write(h, binary.LittleEndian, uint64(len(s)))
		h.Write([]byte(s))
	}
	return binary.LittleEndian.Uint64(h.Sum(nil))
}

// bootstrap draws the contrasts again: draws[contrast][replicate]. Every person gets
// one exponential weight a replicate, in all rows (Rubin's Bayesian bootstrap by
// customer): the person's orders, and roles in several strata, stay together, and no
// stratum loses its last control, which drawing with replacement within small strata
// would do. A replicate depends on the seed and its own number only.
func (p *panel) bootstrap(contrasts []contrast, seed uint64, replicates int) [][]float64 {
	draws := make([][]float64, len(contrasts))
	for i := range draws {
		draws[i] = make([]float64, replicates)
	}
	if p.treated == 0 {
		return draws[:0]
	}
	var wait sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), 8)
	for w := range workers {
		wait.Go(func() {
			s, weight := p.newScratch(), make([]float64, p.persons)
			s.used = 1
			for _, c := range contrasts {
				s.used = max(s.used, c.num+1, c.den+1)
			}
			for b := w; b < replicates; b += workers {
				r := rand.New(rand.NewPCG(seed, uint64(b)))
				for i := range weight {
					weight[i] = r.ExpFloat64()
				}
				p.means(weight, s)
				for i, c := range contrasts {
					member, other := c.of(s)
					draws[i][b] = member - other
				}
			}
		})
	}
	wait.Wait()
	return draws
}

// percentile is the interval that holds the middle 95 % of the draws, and their
// standard deviation.
func percentile(draws []float64) (low, high, sd float64) {
	ok := slices.DeleteFunc(slices.Clone(draws), math.IsNaN)
	if len(ok) < 2 {
		return math.NaN(), math.NaN(), math.NaN()
	}
	slices.Sort(ok)
	e := Mean(ok)
	tail := (1 - level) / 2
	return quantileOf(ok, tail), quantileOf(ok, 1-tail), e.SE * math.Sqrt(float64(len(ok)))
}

// quantileOf interpolates between sorted values (type 7).
func quantileOf(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
