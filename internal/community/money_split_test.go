package community

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

func minors(parts []Money) []int64 {
	var list []int64
	for _, p := range parts {
		list = append(list, p.Minor)
	}
	return list
}

func TestAllocate(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		total   int64
		weights []int64
		want    []int64
	}{
		"thirds":            {100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		"negative":          {-100, []int64{1, 1, 1}, []int64{-34, -33, -33}},
		"largest remainder": {10, []int64{34, 33, 33}, []int64{4, 3, 3}},
		"last has it":       {10, []int64{31, 31, 38}, []int64{3, 3, 4}},
		"zero weight":       {7, []int64{0, 3, 0, 4}, []int64{0, 3, 0, 4}},
		"zero keeps none":   {1, []int64{0, 5}, []int64{0, 1}},
		"one":               {math.MinInt64, []int64{9}, []int64{math.MinInt64}},
		"nothing":           {0, []int64{1, 2}, []int64{0, 0}},
		"nothing to zeros":  {0, []int64{0, 0}, []int64{0, 0}},
		"huge":              {math.MaxInt64, []int64{math.MaxInt64, math.MaxInt64}, []int64{1 << 62, 1<<62 - 1}},
		"less than parts":   {2, []int64{1, 1, 1, 1}, []int64{1, 1, 0, 0}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parts, err := Allocate(eur(c.total), c.weights)
			if got := minors(parts); err != nil || !slices.Equal(got, c.want) {
				t.Fatalf("got %v, %v, want %v", got, err, c.want)
			}
			if parts[0].Currency != "EUR" || parts[0].Exponent != 2 {
				t.Errorf("a part is %v", parts[0])
			}
		})
	}
}

func TestAllocateRefuses(t *testing.T) {
	t.Parallel()
	for name, weights := range map[string][]int64{"no parts": nil, "all zero": {0, 0}} {
		if _, err := Allocate(eur(1), weights); !errors.Is(err, ErrNoWeights) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Allocate(eur(1), []int64{2, -1}); err == nil {
		t.Error("a negative weight passes")
	}
	if _, err := Allocate(eur(1), []int64{math.MaxInt64, math.MaxInt64, 2}); !errors.Is(err, ErrOverflow) {
		t.Errorf("weights beyond 64 bits: %v", err)
	}
}

// TestAllocateSums holds random allocations against what defines them: the parts
// sum exactly, each is within one unit of its share, has the total's sign, and one
// with a larger weight never gets less.
func TestAllocateSums(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 2))
	for range 5_000 {
		total, weights := extreme(r), make([]int64, 1+r.IntN(20))
		for i := range weights {
			weights[i] = r.Int64() >> (6 + r.IntN(58)) // their sum fits
		}
		weights[r.IntN(len(weights))]++
		parts, err := Allocate(eur(total), weights)
		if err != nil {
			t.Fatalf("%d over %v: %v", total, weights, err)
		}
		sum, all := new(big.Int), new(big.Int)
		for i := range parts {
			sum.Add(sum, big.NewInt(parts[i].Minor))
			all.Add(all, big.NewInt(weights[i]))
		}
		if !sum.IsInt64() || sum.Int64() != total {
			t.Fatalf("%d over %v sums to %v", total, weights, sum)
		}
		for i, p := range parts {
			off := new(big.Int).Mul(big.NewInt(total), big.NewInt(weights[i]))
			off.Sub(off, new(big.Int).Mul(big.NewInt(p.Minor), all)) // (share - part)·all
			if off.CmpAbs(all) >= 0 || p.Sign() == -eur(total).Sign() && p.Sign() != 0 {
				t.Fatalf("%d over %v: part %d is %d", total, weights, i, p.Minor)
			}
			for j, other := range parts {
				if weights[j] > weights[i] && magnitude(other.Minor) < magnitude(p.Minor) {
					t.Fatalf("%d over %v: %v is unfair", total, weights, minors(parts))
				}
			}
		}
	}
}

func TestExTax(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		gross, tax, want int64
		err              error
	}{
		"sale":         {12000, 2000, 10000, nil},
		"refund":       {-12000, -2000, -10000, nil},
		"no tax":       {500, 0, 500, nil},
		"free":         {0, 0, 0, nil},
		"all tax":      {500, 500, 0, nil},
		"negative tax": {500, -1, 0, ErrTax},
		"too much tax": {500, 501, 0, ErrTax},
		"tax of none":  {0, 1, 0, ErrTax},
		"refund's tax": {-500, 100, 0, ErrTax},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ExTax(eur(c.gross), eur(c.tax))
			if !errors.Is(err, c.err) || err == nil && got != eur(c.want) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	if _, err := ExTax(eur(1), Money{0, "USD", 2}); !errors.Is(err, ErrCurrency) {
		t.Errorf("tax of another currency: %v", err)
	}
}

func TestExTaxAt(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		gross   int64
		percent string
		want    int64
	}{
		"20 %":         {12000, "20", 10000},
		"5.5 %":        {10550, "5.5", 10000},
		"2.1 %":        {1000, "2.1", 979},
		"rounded up":   {999, "20", 833},   // 832.5, half away from zero
		"rounded down": {-999, "20", -833}, // -832.5
		"8.875 %":      {10888, "8.875", 10000},
		"none":         {777, "0", 777},
		"smallest":     {math.MinInt64, "0", math.MinInt64},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rate, err := ParseTaxRate(c.percent, '.')
			if err != nil {
				t.Fatal(err)
			}
			if got, err := ExTaxAt(eur(c.gross), rate); err != nil || got != eur(c.want) {
				t.Errorf("got %v, %v, want %d", got, err, c.want)
			}
		})
	}
	for _, bad := range []string{"-1", "1000.1", "0.00001", "20 %", "x"} {
		if rate, err := ParseTaxRate(bad, '.'); err == nil {
			t.Errorf("%q is the rate %d", bad, rate)
		}
	}
	if _, err := ExTaxAt(eur(1), -1); !errors.Is(err, ErrTax) {
		t.Errorf("a negative rate: %v", err)
	}
}
