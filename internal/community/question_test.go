package community

import (
	_ "embed"
	"fmt"
	"os"
	"strings"
	"testing"
)

//go:embed testdata/questions.tsv
var labelled string

// line is one hand-labelled text.
type line struct {
	part, lang, text string
	question         bool
}

func lines(tb testing.TB) []line {
	tb.Helper()
	var all []line
	for i, row := range strings.Split(strings.TrimSpace(labelled), "\n")[1:] {
		f := strings.Split(row, "\t")
		if len(f) != 4 || f[1] != "0" && f[1] != "1" {
			tb.Fatalf("questions.tsv:%d: %q", i+2, row)
		}
		all = append(all, line{f[0], f[2], strings.ReplaceAll(f[3], `\n`, "\n"), f[1] == "1"})
	}
	return all
}

// score counts what the rule gets right.
type score struct{ hit, false, missed, n int }

func (s score) precision() float64 { return float64(s.hit) / float64(s.hit+s.false) }
func (s score) recall() float64    { return float64(s.hit) / float64(s.hit+s.missed) }

func (s *score) add(want, got bool) {
	s.n++
	switch {
	case want && got:
		s.hit++
	case got:
		s.false++
	case want:
		s.missed++
	}
}

func TestIsQuestionPrecisionAndRecall(t *testing.T) {
	floors := map[string]struct{ precision, recall float64 }{
		"train": {0.97, 0.97},
		"held":  {0.90, 0.85},
	}
	scores := map[string]*score{}
	for _, l := range lines(t) {
		got := IsQuestion(l.text)
		for _, key := range []string{l.part, l.part + " " + l.lang} {
			if scores[key] == nil {
				scores[key] = &score{}
			}
			scores[key].add(l.question, got)
		}
		if got != l.question && (l.part == "train" || testing.Verbose() && os.Getenv("HELD") != "") {
			t.Logf("%s: got %v for %q", l.part, got, l.text)
		}
	}
	for key, s := range scores {
		t.Logf("%-12s %d lines, precision %.3f, recall %.3f", key, s.n, s.precision(), s.recall())
	}
	for part, floor := range floors {
		if s := scores[part]; s == nil || s.n < 150 || s.precision() < floor.precision || s.recall() < floor.recall {
			t.Errorf("%s: %+v is below %+v", part, s, floor)
		}
	}
}

func TestIsQuestionEdges(t *testing.T) {
	long := strings.Repeat("très ", 100)
	cases := []struct {
		text string
		want bool
	}{
		{"", false},
		{"?", false},
		{"？", false},
		{"(?)", false},
		{"Un truc (?) bizarre", false},
		{"C'est oui ou non ?", true},
		{"c'est joli non ?", false},
		{"Pourquoi tu fais ça, hein ?", true},
		{"Tu viens demain\u202f?", true},
		{"Tu viens demain\u00a0?", true},
		{"Tu viens demain ?!", true},
		{"Tu viens demain ?:)", true},
		{"tu viens ? 😀", true},
		{"tu viens ?😀", true},
		{"**Tu viens ?**", true},
		{"Où est le patron", true},
		{"OÙ EST LE PATRON", true},
		{"Ou le patron en coton", false},
		{"Pourquoi pas ? Et vous, vous faites comment ?", true},
		{"tu as vu https://example.org/a?b=c ?", true},
		{"HTTPS://EXAMPLE.ORG/?a", false},
		{"ça marche chez vous ?https://example.org/", true},
		{"So am I.", false},
		{"Ask me, or anybody else who is around", false},
		{"that is, does all the work", false},
		{"www.example.org?", false},
		{"main.go?raw=1", false},
		{"`est-ce que ça marche ?`", false},
		{"``` est-ce que ça marche ?", false},
		{"un ` seul est-ce que ça marche ?", true},
		{">>> Tu viens ?\nOui ?", false},
		{"  > Tu viens demain ?", false},
		{"<@123> tu viens demain ?", true},
		{"<@123> ?", false},
		{"a < b, tu es sûr ?", true},
		{"comment faire", false},
		{"comment faire ça", true},
		{"Comment faire ça !", false},
		{"Comment faire ça :", false},
		{"quand l’aiguille casse, est-ce qu’il faut changer la plaque", true},
		{"comment " + long, false},
		{"comment " + long + "?", true},
		{long + ", non ?", false},
		{"هل يوجد مقاس؟", true},
		{"\xff\xfe?", false},
		{"ok\xff?", false},
	}
	for _, c := range cases {
		if got := IsQuestion(c.text); got != c.want {
			t.Errorf("IsQuestion(%.60q) = %v", c.text, got)
		}
	}
}

func TestDescribe(t *testing.T) {
	cases := []struct {
		text string
		want Features
	}{
		{"", Features{}},
		{"Où est l’été ?", Features{Length: 14, Question: true}},
		{"😀", Features{Length: 1}},
		{"\xff\xff", Features{Length: 2}},
		{"voir HTTP://Example.org", Features{Length: 23, Link: true}},
		{"(www.example.org)", Features{Length: 17, Link: true}},
		{"<https://example.org|ici>", Features{Length: 25, Link: true}},
		{"https://", Features{Length: 8}},
		{"http:// rien", Features{Length: 12}},
		{"awww.", Features{Length: 5}},
		{"le protocole http:", Features{Length: 18}},
	}
	for _, c := range cases {
		if got := Describe(c.text); got != c.want {
			t.Errorf("Describe(%q) = %+v, want %+v", c.text, got, c.want)
		}
	}
}

func TestDescribeAllocatesNothing(t *testing.T) {
	all := lines(t)
	n := testing.AllocsPerRun(5, func() {
		for _, l := range all {
			Describe(l.text)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What follows a blank line is read on its own, so a question stays one
// whatever is said before it, and a statement asks nothing after another.
func FuzzIsQuestion(f *testing.F) {
	for _, l := range lines(f) {
		f.Add(l.text)
	}
	f.Add("```")
	f.Add("<@")
	f.Add("&gt;&gt;&gt;?")
	f.Fuzz(func(t *testing.T, text string) {
		got := IsQuestion(text)
		if after := IsQuestion("Merci à vous.\n" + text); after != got {
			t.Errorf("%q: %v alone, %v after a sentence", text, got, after)
		}
		if got && !strings.ContainsAny(text, "?？؟") && len(strings.Fields(text)) == 0 {
			t.Errorf("%q asks without a word", text)
		}
		if d := Describe(text); d.Question != got || d.Length > len(text) {
			t.Errorf("Describe(%q) = %+v", text, d)
		}
	})
}

func BenchmarkDescribe(b *testing.B) {
	all := lines(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		Describe(all[i%len(all)].text)
	}
}

func ExampleIsQuestion() {
	fmt.Println(IsQuestion("Quelqu'un sait où acheter du biais"))
	fmt.Println(IsQuestion("C'est joli, non ?"))
	// Output:
	// true
	// false
}
