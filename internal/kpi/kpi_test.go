package kpi

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/community/seriestest"
)

// day is a day of March 2021, which begins on a Monday.
func day(n int) community.Date { return community.NewDate(2021, time.March, n) }

func window(from, to int) community.Window { return community.Window{From: day(from), To: day(to)} }

// gaps are given as pairs of a gap and how many people have it, ascending.
func gaps(pairs ...int) community.Gaps {
	var g community.Gaps
	for i := 0; i < len(pairs); i += 2 {
		g.Gap = append(g.Gap, int16(pairs[i]))
		g.Tail = append(g.Tail, 0)
		for j := range g.Tail {
			g.Tail[j] += int32(pairs[i+1])
		}
	}
	return g
}

// series is a measured, otherwise empty March: ten members since before,
// first activity on the 1st, sources that end with the month.
func series(change ...func(*community.Series)) *community.Series {
	s := &community.Series{
		Loaded:        window(1, 32),
		PresentBefore: 10,
		TeamBefore:    2,
		Measures:      community.Measures{Joins: true, Leaves: true, Reactions: true, ReplyLinks: true, MemberList: true, ThreadLinks: true},
		First:         day(1),
		Horizon:       day(32).UTC(),
		Shares:        map[community.Window][]int{},
	}
	for i := 1; i < 32; i++ {
		s.Days = append(s.Days, community.Day{Date: day(i)})
	}
	for _, f := range change {
		f(s)
	}
	return s
}

// on changes one day of the series.
func on(n int, f func(*community.Day)) func(*community.Series) {
	return func(s *community.Series) { f(&s.Days[n-1]) }
}

func measures(f func(*community.Measures)) func(*community.Series) {
	return func(s *community.Series) { f(&s.Measures) }
}

// want is what a value must say; NaN in a count stands for none.
type want struct {
	number, numerator, denominator float64
	reason                         string
	coverage                       float64
	notes                          string // joined by blanks
}

var none = math.NaN()

func check(t *testing.T, v Value, w want) {
	t.Helper()
	same := func(what string, got *float64, want float64) {
		t.Helper()
		switch {
		case got == nil && !math.IsNaN(want):
			t.Errorf("%s is none, want %v", what, want)
		case got != nil && (math.IsNaN(want) || math.Abs(*got-want) > 1e-9):
			t.Errorf("%s = %v, want %v", what, *got, want)
		}
	}
	if v.Reason != w.reason {
		t.Errorf("reason = %q, want %q", v.Reason, w.reason)
	} else if w.reason == "" {
		same("number", &v.Number, w.number)
	}
	same("numerator", v.Numerator, w.numerator)
	same("denominator", v.Denominator, w.denominator)
	same("coverage", &v.Coverage, w.coverage)
	if got := strings.Join(v.Notes, " "); got != w.notes {
		t.Errorf("notes = %q, want %q", got, w.notes)
	}
}

// example is one row of a KPI's table. The window is the whole month and the
// population the members, unless said otherwise.
type example struct {
	name string
	s    *community.Series
	w    community.Window
	p    community.Population
	want want
}

func run(t *testing.T, key string, examples []example) {
	t.Helper()
	k, ok := Find(key)
	if !ok {
		t.Fatalf("no KPI %q", key)
	}
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			if e.w == (community.Window{}) {
				e.w = window(1, 32)
			}
			check(t, k.Value(e.s, e.w, e.p), e.want)
		})
	}
}

func TestList(t *testing.T) {
	keys := "engagement_rate retention_factor new_members leavers contributions messages_per_active horizontal_share people_talking stickiness activation cohort_retention first_reply unanswered peer_answers concentration rhythm"
	var got []string
	for _, k := range List() {
		got = append(got, k.Key)
		if k.Formula != k.Key+"/1" || k.Unit == "" || k.compute == nil {
			t.Errorf("%s: %+v", k.Key, k)
		}
	}
	if strings.Join(got, " ") != keys {
		t.Errorf("keys are %v", got)
	}
	if _, ok := Find("nothing"); ok {
		t.Error("Find finds what is not there")
	}
}

// What no KPI can speak of has the same reason everywhere.
func TestRefused(t *testing.T) {
	early := series(func(s *community.Series) { s.First = day(10); s.Horizon = day(20).UTC() })
	cases := []struct {
		name   string
		s      *community.Series
		w      community.Window
		reason string
	}{
		{"nothing stored", series(func(s *community.Series) { s.Empty = true }), window(1, 32), NoData},
		{"no day", series(), window(5, 5), EmptyPeriod},
		{"turned around", series(), window(9, 5), EmptyPeriod},
		{"begins before what is loaded", series(), window(0, 5), NotLoaded},
		{"ends after what is loaded", series(), window(5, 33), NotLoaded},
		{"ends before the first activity", early, window(1, 10), BeforeFirst},
		{"begins after the horizon", early, window(21, 28), AfterHorizon},
	}
	for _, c := range cases {
		for _, k := range List() {
			v := k.Value(c.s, c.w, community.Members)
			if v.Reason != c.reason || v.Numerator != nil || v.Coverage != 0 || (v.Previous != nil || v.PreviousReason == "") && c.reason != AfterHorizon {
				t.Errorf("%s, %s: %+v", c.name, k.Key, v)
			}
		}
	}
}

func TestPrevious(t *testing.T) {
	k, _ := Find("contributions")
	s := series(
		on(3, func(d *community.Day) { d.Members.Messages = 4 }),
		on(10, func(d *community.Day) { d.Members.Messages = 6 }),
	)
	late := series(func(s *community.Series) { s.First = day(3) })
	cases := []struct {
		name     string
		s        *community.Series
		w        community.Window
		previous float64
		reason   string
	}{
		{"there", s, window(8, 15), 4, ""},
		{"zero is a number", s, window(22, 29), 0, ""},
		{"not loaded", series(func(s *community.Series) { s.First = 0 }), window(5, 10), none, NotLoaded},
		{"begins before the first activity", late, window(8, 15), none, BeforeFirst},
	}
	for _, c := range cases {
		v := k.Value(c.s, c.w, community.Members)
		if v.PreviousReason != c.reason || (v.Previous == nil) != math.IsNaN(c.previous) || v.Previous != nil && *v.Previous != c.previous {
			t.Errorf("%s: previous %v, %q", c.name, v.Previous, v.PreviousReason)
		}
	}
	rate, _ := Find("messages_per_active")
	if v := rate.Value(s, window(24, 27), community.Members); v.PreviousReason != NoActive {
		t.Errorf("a previous period without number has its reason: %q", v.PreviousReason)
	}
}

func TestNotesOfThePeriod(t *testing.T) {
	s := series(func(s *community.Series) { s.First = day(11); s.Horizon = day(20).UTC().Add(-time.Second) })
	run(t, "leavers", []example{
		{"both ends outside", s, window(1, 32), 0, want{0, 0, none, "", 9.0 / 31, "partly_before_first period_not_over"}},
		{"inside", s, window(11, 20), 0, want{0, 0, none, "", 1, "period_not_over"}},
		{"over", series(), window(1, 32), 0, want{0, 0, none, "", 1, ""}},
	})
}

// The local day decides: at 23:30 UTC it is tomorrow in Paris.
func TestHorizonIsLocal(t *testing.T) {
	paris := time.FixedZone("", 3600)
	s := series(func(s *community.Series) {
		s.Community.Location = paris
		s.Horizon = day(9).UTC().Add(23*time.Hour + 30*time.Minute)
	})
	k, _ := Find("leavers")
	if v := k.Value(s, window(10, 11), community.Members); v.Reason != "" {
		t.Errorf("reason %q", v.Reason)
	}
	if v := k.Value(s, window(9, 10), community.Members); slices.Contains(v.Notes, PeriodNotOver) {
		t.Error("the 9th is over in Paris")
	}
}

func TestMarshal(t *testing.T) {
	k, _ := Find("retention_factor")
	s := series(on(2, func(d *community.Day) { d.Members.Joins = 3; d.Members.Leaves = 2 }))
	cases := []struct {
		v    Value
		want string
	}{
		{
			k.Value(s, window(1, 8), community.Members),
			`{"value":1.5,"unit":"factor","numerator":3,"denominator":2,"coverage":1,"reason":null,"previous":null,"previous_reason":"before_first","formula":"retention_factor/1","notes":[]}`,
		},
		{
			k.Value(s, window(8, 15), community.Members),
			`{"value":null,"unit":"factor","numerator":0,"denominator":0,"coverage":1,"reason":"no_departures","previous":1.5,"previous_reason":null,"formula":"retention_factor/1","notes":[]}`,
		},
	}
	for _, c := range cases {
		got, err := json.Marshal(c.v)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// Whatever happened, every value can be written, fractions lie between 0 and 1,
// and a value has a number or a known reason.
func TestAnyHistory(t *testing.T) {
	valid := func(k KPI, v Value) bool {
		_, err := json.Marshal(v)
		known := v.Reason == "" || slices.Contains(Reasons(), v.Reason)
		for _, n := range v.Notes {
			known = known && slices.Contains(Notes(), n)
		}
		low := v.Number >= 0 && v.Coverage >= 0 && v.Coverage <= 1
		return err == nil && known && low && (k.Unit != Fraction || v.Number <= 1) && !math.IsNaN(v.Number)
	}
	f := func(seed uint64) bool {
		r := rand.New(rand.NewPCG(seed, 2))
		h := seriestest.Random(r)
		s := h.Series(community.Window{From: h.First - 5, To: h.First + community.Date(h.Days)})
		s.Horizon = s.Horizon.Add(-time.Duration(r.IntN(200)) * time.Hour)
		s.Measures = community.Measures{Joins: r.IntN(4) > 0, Leaves: r.IntN(4) > 0, Reactions: r.IntN(2) > 0, ReplyLinks: r.IntN(4) > 0}
		w := community.Window{From: s.Loaded.From + community.Date(r.IntN(s.Loaded.Days())), To: s.Loaded.To}
		for _, k := range List() {
			for _, p := range []community.Population{community.Members, community.Team, community.Everyone} {
				if v := k.Value(s, w, p); !valid(k, v) {
					t.Errorf("seed %d, %v, population %d, %s: %+v", seed, w, p, k.Key, v)
					return false
				}
			}
		}
		return true
	}
	if err := quick.Check(f, &quick.Config{MaxCount: 500}); err != nil {
		t.Error(err)
	}
}

// Every KPI, reason and note has its sentences in both languages, and there are
// no others.
func TestCatalogues(t *testing.T) {
	wanted := map[string]bool{}
	for _, k := range List() {
		for _, part := range []string{"name", "what", "formula", "not", "unit"} {
			wanted["kpi."+k.Key+"."+part] = true
		}
	}
	for _, reason := range Reasons() {
		wanted["kpi.reason."+reason] = true
	}
	for _, note := range Notes() {
		wanted["kpi.note."+note] = true
	}
	for _, language := range []string{"fr", "en"} {
		data, err := os.ReadFile("../../web/i18n/catalogues/" + language + "/kpi.json")
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		if err := json.Unmarshal(data, &texts); err != nil {
			t.Fatal(err)
		}
		for key, text := range texts {
			if !wanted[key] || strings.TrimSpace(text) == "" {
				t.Errorf("%s: %s is %q", language, key, text)
			}
		}
		if len(texts) != len(wanted) {
			t.Errorf("%s: %d texts, want %d", language, len(texts), len(wanted))
		}
	}
}
