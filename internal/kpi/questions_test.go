package kpi

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"testing/quick"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

const hour = 3600

// asked puts questions on a day: delays in seconds, and the hours of the day at
// which those without a reply were asked.
func asked(n int, peers, team []int, hours ...int) func(*community.Series) {
	return on(n, func(d *community.Day) {
		d.Questions.PeerDelays, d.Questions.TeamDelays = peers, team
		for _, h := range hours {
			d.Questions.Waiting = append(d.Questions.Waiting, day(n).UTC().Unix()+int64(h)*hour)
		}
	})
}

func until(n, hours int) func(*community.Series) {
	return func(s *community.Series) { s.Horizon = day(n).UTC().Add(time.Duration(hours) * time.Hour) }
}

func noReplies(m *community.Measures) { m.ReplyLinks, m.ThreadLinks = false, false }

func TestFirstReply(t *testing.T) {
	turns := func(s *community.Series) { s.Turns = true }
	run(t, "first_reply", []example{
		{"the middle", series(asked(2, []int{60, 300}, []int{120})), window(1, 8), 0, want{120, 3, 3, "", 1, ""}},
		{"of an even number the moment by which half are answered", series(asked(2, []int{60, 300}, nil)), window(1, 8), 0, want{60, 2, 2, "", 1, ""}},
		{"one that waits for ever counts", series(asked(2, []int{60, 300}, nil, 12)), window(1, 8), 0, want{300, 2, 3, "", 1, ""}},
		{"half wait", series(asked(2, []int{60, 300}, nil, 12, 13)), window(1, 8), 0, want{300, 2, 4, "", 1, ""}},
		{"most wait", series(asked(2, []int{60}, nil, 12, 13)), window(1, 8), 0, want{0, 1, 3, HalfUnanswered, 1, ""}},
		// Of four, two were asked an hour before the horizon: when the reply after
		// two hours came, only the two others were still looked at.
		{"young ones leave", series(asked(2, []int{2 * hour, 3 * hour}, nil, 9, 9), until(2, 10)), window(1, 3), 0, want{2 * hour, 2, 4, "", 1, "period_not_over"}},
		{"no question", series(), window(1, 8), 0, want{0, 0, 0, NoQuestions, 1, ""}},
		{"replies unknown", series(asked(2, nil, nil, 1), measures(noReplies)), window(1, 8), 0, want{0, none, none, RepliesNotMeasured, 0, ""}},
		{"replies inferred", series(asked(2, []int{60}, nil), measures(noReplies), turns), window(1, 8), community.Everyone, want{60, 1, 1, "", 1, "inferred_turns members_only"}},
	})
}

func TestFirstReplyFacts(t *testing.T) {
	k, _ := Find("first_reply")
	s := series(
		asked(2, []int{60, 2 * hour}, []int{hour, 30 * hour}, 5),
		asked(4, []int{10}, nil),
		asked(5, nil, nil, 1),
		until(5, 0), // the 24 h are over for the 2nd and 3rd only, the hour not for the 4th
	)
	got := k.Value(s, window(1, 8), community.Members).Facts.(Replies)
	f := func(v float64) *float64 { return &v }
	want := Replies{Within1h: f(2.0 / 5), Within24h: f(3.0 / 5), ByMembers: f(60), ByTeam: f(31 * hour / 2), Asked: 7, Answered: 5}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("facts %+v, want %+v", got, want)
	}
	got = k.Value(series(asked(5, nil, nil, 1), until(5, 3)), window(1, 8), community.Members).Facts.(Replies)
	if !reflect.DeepEqual(got, Replies{Asked: 1}) {
		t.Errorf("facts %+v", got)
	}
}

// Where nobody waits, the estimate is the plain lower median; where those who
// wait have waited longer than every reply took, they count as later.
func TestSurvivalOfWholeSamples(t *testing.T) {
	f := func(seed uint64) bool {
		r := rand.New(rand.NewPCG(seed, 3))
		answered := make([]int, 1+r.IntN(30))
		for i := range answered {
			answered[i] = r.IntN(100)
		}
		waiting := make([]int, r.IntN(len(answered)))
		for i := range waiting {
			waiting[i] = 1000
		}
		all := slices.Concat(answered, waiting)
		slices.Sort(all)
		got, ok := survival(answered, waiting)
		return ok && got == all[(len(all)-1)/2]
	}
	if err := quick.Check(f, nil); err != nil {
		t.Error(err)
	}
}

// The textbook's example: remission under 6-MP (Freireich 1963), median 23 weeks.
func TestSurvivalFreireich(t *testing.T) {
	answered := []int{6, 6, 6, 7, 10, 13, 16, 22, 23}
	waiting := []int{6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35}
	if got, ok := survival(answered, waiting); !ok || got != 23 {
		t.Errorf("median %d, %v", got, ok)
	}
}

// Who waited exactly as long as a reply took was still waiting when it came.
func TestSurvivalTie(t *testing.T) {
	if got, ok := survival([]int{5, 9}, []int{5}); !ok || got != 9 {
		t.Errorf("median %d, %v", got, ok)
	}
}

func TestUnanswered(t *testing.T) {
	run(t, "unanswered", []example{
		{"older than a day", series(asked(2, []int{60}, []int{70}, 5), asked(3, nil, nil, 1)), window(1, 8), 0, want{2, 2, 4, "", 1, ""}},
		{"exactly a day is not older", series(asked(2, nil, nil, 4, 5, 6), until(3, 5)), window(1, 3), 0, want{1, 1, 3, "", 1.0 / 3, ""}},
		{"all answered is 0", series(asked(2, []int{60}, nil)), window(1, 8), 0, want{0, 0, 1, "", 1, ""}},
		{"nobody asked is 0", series(), window(1, 8), community.Everyone, want{0, 0, 0, "", 1, "members_only"}},
		{"replies unknown", series(asked(2, nil, nil, 1), measures(noReplies)), window(1, 8), 0, want{0, none, none, RepliesNotMeasured, 0, ""}},
	})
}

func TestPeerAnswers(t *testing.T) {
	run(t, "peer_answers", []example{
		{"of the answered", series(asked(2, []int{60, 70, 80}, []int{70}, 5)), window(1, 8), 0, want{0.75, 3, 4, "", 0.8, ""}},
		{"all by the team is 0", series(asked(2, nil, []int{70})), window(1, 8), 0, want{0, 0, 1, "", 1, ""}},
		{"no answer", series(asked(2, nil, nil, 5)), window(1, 8), 0, want{0, 0, 0, NoAnswers, 0, ""}},
		{"no question", series(), window(1, 8), 0, want{0, 0, 0, NoQuestions, 1, ""}},
		{"replies unknown", series(asked(2, nil, nil, 1), measures(noReplies)), window(1, 8), 0, want{0, none, none, RepliesNotMeasured, 0, ""}},
	})
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		sorted []int
		want   float64
	}{{nil, none}, {[]int{4}, 4}, {[]int{4, 7}, 5.5}, {[]int{1, 4, 70}, 4}} {
		got := median(c.sorted)
		if (got == nil) != math.IsNaN(c.want) || got != nil && *got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.sorted, got, c.want)
		}
	}
}
