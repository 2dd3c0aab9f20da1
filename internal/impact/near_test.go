package impact

import (
	"math"
	"testing"
)

// near fails unless got is within tolerance of want.
func near(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > tolerance {
		t.Errorf("%s = %.8g, want %.8g ± %g", what, got, want, tolerance)
	}
}
