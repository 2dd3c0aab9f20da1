package chart

import (
	"encoding/binary"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/web/i18n"
)

var update = flag.Bool("update", false, "write the golden files anew")

var nan = math.NaN()

func weeks(n int) []time.Time {
	out := make([]time.Time, n)
	for i := range out {
		out[i] = time.Date(2026, 2, 2+7*i, 0, 0, 0, 0, time.UTC)
	}
	return out
}

func percent(v float64) string { return i18n.French.Percent(v, 0) }

func golden() map[string]Scene {
	times := weeks(12)
	return map[string]Scene{
		"spark":       Spark{Title: "Taux d’engagement", Values: []float64{.17, .15, nan, .16, .18, .21}, Compare: []float64{.1, .1, .1, .1, .1, .1}}.Scene(),
		"spark-empty": Spark{Title: "Rien"}.Scene(),
		"bar":         Bar{Members: .5, Others: .25}.Scene(),
		"columns":     Columns{Title: "Contributions", Values: []float64{3, 0, nan, 9}}.Scene(),
		"arch":        Arch{Done: 8, Current: 9, Number: "8", Caption: "mois sur 12", Label: "Huit mois sur douze"}.Scene(),
		"arch-unlit":  Arch{Label: "Aucune pierre posée"}.Scene(),
		"time": Time{
			ID: "c1", Title: "Engagement <par semaine>", Desc: "De 29 % à 21 %.", Locale: i18n.French, Times: times, Format: percent,
			Series: []Series{
				{Name: "Membres", Value: "21 %", Role: Members, Points: []float64{.29, .2, nan, .15, .14, .15, nan, .17, nan, .2, .21, .21}, Low: []float64{.2, .1}, High: []float64{.4, .3}},
				{Name: "Comparables", Value: "20 %", Role: Comparable, Points: []float64{.2, .2, .2, .2, .2, .2, .2, .2, .2, .2, .2, .2}},
			},
			Focus:  [2]time.Time{times[6], times[11]},
			Events: []Event{{From: times[2], Name: "Ouverture"}, {From: times[4], To: times[6], Name: "Creux"}},
			Target: &Target{Value: .24, Words: []string{"Objectif 24 %", "à 12 mois"}},
		}.Scene(),
		"time-few":   Time{ID: "c2", Title: "Peu", Desc: "Une valeur.", Locale: i18n.French, Times: times[:3], Series: []Series{{Role: Members, Points: []float64{nan, .3, nan}}}, Format: percent}.Scene(),
		"time-empty": Time{ID: "c3", Title: "Vide", Desc: "Aucune valeur.", Locale: i18n.English}.Scene(),
		"rail":       Time{Locale: i18n.French, Times: times, Events: []Event{{From: times[2], Name: "Ouverture"}, {From: times[4], To: times[6], Name: "Creux"}}}.Rail(),
	}
}

func TestGolden(t *testing.T) {
	for name, scene := range golden() {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", name+".svg")
			got := strings.ReplaceAll(scene.SVG(), "><", ">\n<") + "\n"
			wellFormed(t, got)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the drawing changed (run with -update when it should):\n%s", got)
			}
		})
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      []float64
	}{
		{.132, .294, []float64{0, .1, .2, .3}},
		{51, 74, []float64{50, 60, 70, 80}},
		{0, 0, []float64{0, .25, .5, .75, 1}},
		{5, 5, []float64{4.5, 4.75, 5, 5.25, 5.5}},
		{-3, 4, []float64{-4, -2, 0, 2, 4}},
		{0, 143, []float64{0, 50, 100, 150}},
	} {
		got := ticks(c.low, c.high)
		if len(got) < 3 || len(got) > 5 || got[0] > c.low || got[len(got)-1] < c.high-1e-9 {
			t.Errorf("ticks(%v, %v) = %v do not cover", c.low, c.high, got)
		}
		if len(got) != len(c.want) || math.Abs(got[0]-c.want[0]) > 1e-9 || math.Abs(got[1]-c.want[1]) > 1e-9 {
			t.Errorf("ticks(%v, %v) = %v, want %v", c.low, c.high, got, c.want)
		}
	}
}

func TestHeat(t *testing.T) {
	var values [7][24]float64
	if h := NewHeat(values); !h.Empty {
		t.Error("zeros are not an empty map")
	}
	values[3][20], values[0][0], values[0][1], values[6][23] = 143, 5, 2, nan
	h := NewHeat(values)
	if h.Empty || h.Peak != [2]int{3, 20} || h.Max != 143 || h.Level[3][20] != 5 || h.Level[0][0] != 1 || h.Level[0][1] != 0 || h.Level[6][23] != 0 {
		t.Errorf("heat = %+v", h)
	}
}

func TestAxis(t *testing.T) {
	for name, c := range map[string]struct {
		times []time.Time
		want  string
	}{
		"days":   {[]time.Time{time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)}, "1er\u00a0mars|2\u00a0mars"},
		"months": {weeks(20), "févr.|mars|avr.|mai|juin"},
		"years":  {weeks(200), "2027|2028|2029"},
	} {
		var words []string
		for _, op := range (Time{Locale: i18n.French, Times: c.times}).layout().axis(Time{Locale: i18n.French, Times: c.times}) {
			words = append(words, op.(Text).Words)
		}
		if got := strings.Join(words, "|"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestAcross(t *testing.T) {
	if got := (Time{Times: weeks(3)}).Across(); len(got) != 3 || got[0] != 0 || got[1] != 50 || got[2] != 100 {
		t.Errorf("across = %v", got)
	}
}

func wellFormed(t *testing.T, svg string) {
	t.Helper()
	for _, bad := range []string{"NaN", "Inf", "e+", "style="} {
		if strings.Contains(svg, bad) {
			t.Errorf("the drawing contains %q:\n%s", bad, svg)
		}
	}
	dec := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("not well formed: %v\n%s", err, svg)
		}
	}
}

// FuzzDraw reads the input as floats, which gives NaN, infinities, tiny and huge values.
func FuzzDraw(f *testing.F) {
	seed := func(values ...float64) {
		var b []byte
		for _, v := range values {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		f.Add(b, int64(1), int64(7*24*3600))
	}
	seed()
	seed(1)
	seed(nan, math.Inf(1), math.Inf(-1))
	seed(math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64)
	seed(1, 1, 1, 1)
	f.Fuzz(func(t *testing.T, data []byte, start, step int64) {
		var values []float64
		var times []time.Time
		for ; len(data) >= 8 && len(values) < 300; data = data[8:] {
			values = append(values, math.Float64frombits(binary.LittleEndian.Uint64(data)))
			times = append(times, time.Unix(start+step*int64(len(times)), 0).UTC())
		}
		half := values[:len(values)/2]
		c := Time{
			ID: "f", Title: "t", Desc: "d", Times: times, Format: percent,
			Series: []Series{{Name: "a", Points: values, Low: half, High: values, Role: Members}, {Name: "b", Points: half, Role: Comparable}},
			Events: []Event{{From: first(times), To: last(times)}},
			Focus:  [2]time.Time{first(times), last(times)},
		}
		if len(values) > 0 {
			c.Target = &Target{Value: values[0], Words: []string{"x"}}
			c.Height = values[0]
			wellFormed(t, Bar{Members: values[0], Others: values[len(values)-1]}.Scene().SVG())
		}
		var heat [7][24]float64
		for i, v := range values {
			heat[i/24%7][i%24] = v
		}
		for _, row := range NewHeat(heat).Level {
			for _, l := range row {
				if l < 0 || l > 5 {
					t.Fatalf("level %d", l)
				}
			}
		}
		for _, scene := range []Scene{c.Scene(), c.Rail(), Spark{Title: "s", Values: values, Compare: half}.Scene(), Columns{Title: "c", Values: values}.Scene(), Arch{Done: len(values), Current: len(half), Number: "1"}.Scene()} {
			wellFormed(t, scene.SVG())
		}
	})
}
