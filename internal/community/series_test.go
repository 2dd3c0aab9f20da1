package community_test

import (
	"math/rand/v2"
	"testing"
	"testing/quick"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/community/seriestest"
)

// windows calls f with every window inside the history, for two loadings of it.
func windows(h *seriestest.History, f func(s *community.Series, w community.Window)) {
	end := h.First + community.Date(h.Days)
	for _, from := range []community.Date{h.First - 3, h.First + community.Date(h.Days/3)} {
		s := h.Series(community.Window{From: from, To: end + 3})
		for a := from; a <= end; a++ {
			for b := a; b <= end+3; b++ {
				f(s, community.Window{From: a, To: b})
			}
		}
	}
}

func TestSeriesCountsWhatHappened(t *testing.T) {
	check := func(seed uint64) bool {
		h := seriestest.Random(rand.New(rand.NewPCG(seed, 1)))
		ok := true
		windows(h, func(s *community.Series, w community.Window) {
			same := func(what string, got, want int) {
				if got != want {
					t.Errorf("seed %d, %v to %v: %s = %d, want %d", seed, w.From, w.To, what, got, want)
					ok = false
				}
			}
			for _, p := range []community.Population{community.Members, community.Team, community.Everyone} {
				same("Actives", s.Actives(w, p), h.Actives(w, p))
				if w.Days() > 0 {
					same("Present", s.Present(w, p), h.Present(w, p))
				}
				same("Talkers", s.Distinct(w, p, func(t *community.Tally) community.Gaps { return t.Talkers }), h.Talkers(w, p))
			}
			same("Mutual", s.Mutual(w), h.Mutual(w))
		})
		return ok
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 150}); err != nil {
		t.Error(err)
	}
}

// A first time counts also in a window that is longer than any gap.
func TestSeriesInAVeryLongWindow(t *testing.T) {
	h := seriestest.Random(rand.New(rand.NewPCG(7, 1)))
	w := community.Window{From: community.NewDate(1900, 1, 1), To: community.NewDate(2100, 1, 1)}
	s := h.Series(w)
	short := community.Window{From: h.First, To: h.First + community.Date(h.Days)}
	if got, want := s.Actives(w, community.Everyone), h.Actives(short, community.Everyone); got != want || want == 0 {
		t.Errorf("Actives = %d, want %d", got, want)
	}
	if got, want := s.Mutual(w), h.Mutual(short); got != want {
		t.Errorf("Mutual = %d, want %d", got, want)
	}
}

func TestGaps(t *testing.T) {
	g := community.Gaps{Gap: []int16{0, 3, community.Never}, Tail: []int32{6, 4, 1}}
	cases := []struct{ n, above, upTo int }{
		{-1, 6, 0},
		{0, 4, 2},
		{2, 4, 2},
		{3, 1, 5},
		{community.Never - 1, 1, 5},
		{community.Never, 1, 5},
		{100_000, 1, 5},
	}
	for _, c := range cases {
		if got := g.Above(c.n); got != c.above {
			t.Errorf("Above(%d) = %d, want %d", c.n, got, c.above)
		}
		if got := g.UpTo(c.n); got != c.upTo {
			t.Errorf("UpTo(%d) = %d, want %d", c.n, got, c.upTo)
		}
	}
	if (community.Gaps{}).Above(0) != 0 || (community.Gaps{}).UpTo(9) != 0 {
		t.Error("nobody has a gap")
	}
}

func TestQuestionsAsked(t *testing.T) {
	q := community.Questions{PeerDelays: []int{1, 2}, TeamDelays: []int{3}, Waiting: []int64{4, 5, 6}}
	if q.Asked() != 6 {
		t.Errorf("Asked = %d, want 6", q.Asked())
	}
}
