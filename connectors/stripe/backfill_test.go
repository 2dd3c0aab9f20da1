package stripe

import (
	"context"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors/stripe/stripetest"
)

// TestBackfill reads a past from the objects alone, in pages of several sizes.
func TestBackfill(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"full pages": 0, "short pages": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, stripetest.Config{MaxPage: size})
			stripetest.Past(s.World, 6, 1)
			b := newBooks()
			s.fill(t, s.connected(t), time.Time{}, b)
			s.same(t, b)
			if got, want := len(b.customers), s.Truth().Customers; got != want {
				t.Errorf("%d customers, not %d", got, want)
			}
			for _, call := range s.server.Calls() {
				if call.Status != 200 {
					t.Errorf("%s %v: %d", call.Path, call.Query, call.Status)
				}
			}
		})
	}
}

var _ = context.Background
