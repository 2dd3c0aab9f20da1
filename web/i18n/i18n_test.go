package i18n

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		header, cookie string
		want           Locale
	}{
		{"fr-CH, fr;q=0.9, en;q=0.8", "", French},
		{"en-GB,en;q=0.5", "", English},
		{"de, fr;q=0.4", "", French},
		{"ja", "", English},
		{"", "", English},
		{"en", "fr", French},
		{"fr", "xx", French},
		{";;;q=", "", English},
		{strings.Repeat("fr,", 4000), "", English},
	} {
		if got := Match(c.header, c.cookie); got != c.want {
			t.Errorf("Match(%.30q, %q) = %v, want %v", c.header, c.cookie, got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	f, e := French, English
	for _, c := range []struct{ got, want string }{
		{f.Int(38605), "38\u202f605"},
		{e.Int(38605), "38,605"},
		{f.Int(-1234567), "−1\u202f234\u202f567"},
		{f.Int(math.MinInt64), "−9\u202f223\u202f372\u202f036\u202f854\u202f775\u202f808"},
		{f.Int(999), "999"},
		{f.Decimal(2.66, 1), "2,7"},
		{f.Decimal(-0.04, 1), "0,0"},
		{f.Decimal(math.NaN(), 1), "–"},
		{e.Percent(math.Inf(1), 1), "–"},
		{f.Percent(0.184, 1), "18,4\u00a0%"},
		{e.Percent(0.184, 1), "18.4%"},
		{f.Points(0.021, 1), "+2,1\u00a0pts"},
		{f.Points(-0.007, 1), "−0,7\u00a0pt"},
		{f.Points(0.0199, 1), "+2,0\u00a0pts"},
		{e.Points(-0.007, 1), "−0.7\u00a0pts"},
		{e.Points(0.01, 0), "+1\u00a0pt"},
		{f.Points(0, 1), "0,0\u00a0pt"},
		{f.Signed(0.6, 1), "+0,6"},
		{e.SignedPercent(0.14, 0), "+14%"},
		{f.SignedInt(0), "0"},
		{f.Money(6840, "EUR"), "68,40\u00a0€"},
		{e.Money(6840, "EUR"), "€68.40"},
		{e.Money(-930, "EUR"), "−€9.30"},
		{f.Money(-5, "EUR"), "−0,05\u00a0€"},
		{f.Money(1500, "JPY"), "1\u202f500\u00a0¥"},
		{f.Money(1500, "KWD"), "1,500\u00a0KWD"},
		{e.Money(1500, "CHF"), "CHF\u00a015.00"},
		{f.Money(100, "nonsense"), "1,00\u00a0nonsense"},
		{f.MoneyWhole(2148049, "EUR"), "21\u202f480\u00a0€"},
		{f.Bytes(12_400_000), "12,4\u00a0Mo"},
		{e.Bytes(12_400_000), "12.4\u00a0MB"},
		{f.Range("3,10", f.Money(990, "EUR")), "3,10 à 9,90\u00a0€"},
		{f.Bytes(12), "12\u00a0o"},
		{e.Bytes(999_999), "1.0\u00a0MB"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestDates(t *testing.T) {
	paris := time.FixedZone("Paris", 2*3600)
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 7, 40, 0, 0, paris) }
	f, e, now := French, English, day(2026, 10, 5)
	for _, c := range []struct{ got, want string }{
		{f.Date(now), "5 oct. 2026"},
		{e.Date(now), "5 Oct 2026"},
		{f.Day(day(2026, 3, 1)), "1er mars"},
		{e.Day(day(2026, 3, 1)), "1 Mar"},
		{f.LongDate(now), "lundi 5 octobre 2026"},
		{f.DateTime(now), "5 oct. à 07:40"},
		{e.DateTime(now), "5 Oct at 07:40"},
		{f.DateRange(day(2026, 7, 13), day(2026, 10, 4), now), "13 juil. – 4 oct."},
		{f.DateRange(day(2026, 10, 5), day(2026, 10, 11), now), "5 – 11 oct."},
		{f.DateRange(now, now, now), "5 oct."},
		{f.DateRange(day(2025, 12, 28), day(2026, 1, 3), now), "28 déc. 2025 – 3 janv. 2026"},
		{e.DateRange(day(2025, 7, 13), day(2025, 10, 4), now), "13 Jul – 4 Oct 2025"},
		{f.Hour(20), "20 h"},
		{e.Hour(20), "8 pm"},
		{e.Hour(0), "12 am"},
		{e.Hour(12), "12 pm"},
		{f.Duration(98 * time.Minute), "1 h 38"},
		{f.Duration(125 * time.Minute), "2 h 05"},
		{f.Duration(4 * time.Minute), "4 min"},
		{f.Duration(40 * time.Second), "40 s"},
		{f.Duration(59*time.Minute + 50*time.Second), "1 h"},
		{f.Duration(26 * time.Hour), "26 h"},
		{f.Duration(51 * time.Hour), "2 j 3 h"},
		{e.Duration(51 * time.Hour), "2 d 3 h"},
		{f.Duration(24 * 30 * time.Hour), "30 j"},
		{f.Relative(now.Add(-4*time.Minute), now), "il y a 4 min"},
		{e.Relative(now.Add(-4*time.Minute), now), "4 min ago"},
		{f.Relative(now.Add(3*time.Hour), now), "dans 3 h"},
		{f.Relative(now, now), "à l’instant"},
		{f.Relative(day(2025, 1, 1), now), "1er janv. 2025"},
		{f.Relative(time.Time{}, now), "1er janv. 1"},
		{f.Weekday(time.Monday), "lundi"},
		{f.List([]string{"a", "b", "c"}), "a, b et c"},
		{e.List([]string{"a", "b"}), "a and b"},
		{f.List(nil), ""},
	} {
		if got := strings.ReplaceAll(c.got, nbsp, " "); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestPlural(t *testing.T) {
	for _, c := range []struct {
		l    Locale
		n    int
		want string
	}{
		{French, 0, "0 fichier choisi"},
		{French, 1, "1 fichier choisi"},
		{French, 2, "2 fichiers choisis"},
		{French, 1_000_000, "1\u202f000\u202f000 de fichiers choisis"},
		{French, 1_000_001, "1\u202f000\u202f001 fichiers choisis"},
		{English, 0, "0 files chosen"},
		{English, 1, "1 file chosen"},
		{English, 1_000_001, "1,000,001 files chosen"},
	} {
		if got := c.l.N("ui.chosen", c.n); got != c.want {
			t.Errorf("%v %d: got %q, want %q", c.l, c.n, got, c.want)
		}
	}
}

func TestUnknownKey(t *testing.T) {
	if got := French.T("no.such.key"); got != "no.such.key" {
		t.Errorf("T = %q", got)
	}
	if got := English.N("no.such.key", 3); got != "no.such.key" {
		t.Errorf("N = %q", got)
	}
}

func TestTypeset(t *testing.T) {
	got := Typeset(French, "Qu'est-ce ? « Oui » : 12 % ; 3 € !")
	want := "Qu’est-ce\u202f? «\u00a0Oui\u00a0»\u00a0: 12\u00a0%\u202f; 3\u00a0€\u202f!"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestKeyInTwoFiles(t *testing.T) {
	_, err := load(fstest.MapFS{
		"catalogues/fr/a.json": {Data: []byte(`{"k":"v"}`)},
		"catalogues/fr/b.json": {Data: []byte(`{"k":"w"}`)},
	}, French)
	if err == nil {
		t.Error("a key in two files was accepted")
	}
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// names are the placeholders of an entry, over all its forms.
func names(m message) []string {
	all := placeholder.FindAllString(m.text, -1)
	for _, text := range m.forms {
		all = append(all, placeholder.FindAllString(text, -1)...)
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "{n}" && m.forms != nil })
}

func TestCataloguesAgree(t *testing.T) {
	all, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	if len(all[French]) == 0 {
		t.Fatal("no French key")
	}
	for key, fr := range all[French] {
		en, ok := all[English][key]
		if !ok {
			t.Errorf("%s: missing in English", key)
			continue
		}
		if (fr.forms == nil) != (en.forms == nil) {
			t.Errorf("%s: plural in one language only", key)
		}
		if !slices.Equal(names(fr), names(en)) {
			t.Errorf("%s: placeholders %v in French, %v in English", key, names(fr), names(en))
		}
		for l, m := range map[Locale]message{French: fr, English: en} {
			if m.forms != nil && (m.forms["one"] == "" || m.forms["other"] == "") {
				t.Errorf("%s: %v needs one and other", key, l)
			}
			for form := range m.forms {
				if !slices.Contains([]string{"one", "many", "other"}, form) {
					t.Errorf("%s: unknown plural form %q", key, form)
				}
			}
		}
	}
	for key := range all[English] {
		if _, ok := all[French][key]; !ok {
			t.Errorf("%s: missing in French", key)
		}
	}
}

var use = regexp.MustCompile(`\.(?:T|N)\("([^"]+)"(\s*\+)?`)

// TestUsedKeysExist reads the sources of the web front: a key written in a call must stand in the catalogue, and a key
// made of a prefix and a variable must have entries under that prefix.
func TestUsedKeysExist(t *testing.T) {
	keys := English.Keys()
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
			return err
		}
		if ext := filepath.Ext(name); ext != ".go" && ext != ".templ" {
			return nil
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		for _, m := range use.FindAllStringSubmatch(stripComments(string(source)), -1) {
			known := slices.Contains(keys, m[1])
			if m[2] != "" {
				known = slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, m[1]) })
			}
			if !known {
				t.Errorf("%s: key %q is in no catalogue", name, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func stripComments(source string) string {
	return regexp.MustCompile(`(?m)^\s*//.*$`).ReplaceAllString(source, "")
}

func FuzzMatch(f *testing.F) {
	f.Add("fr-CH, fr;q=0.9, en;q=0.8, *;q=0.5", "fr")
	f.Fuzz(func(t *testing.T, header, cookie string) {
		if l := Match(header, cookie); l.Language() != l {
			t.Errorf("Match = %d", l)
		}
	})
}

func FuzzNumbers(f *testing.F) {
	f.Add(0.184, 1, int64(-6840), "EUR")
	f.Fuzz(func(t *testing.T, v float64, decimals int, n int64, code string) {
		for _, l := range Locales() {
			for _, s := range []string{l.Decimal(v, decimals), l.Percent(v, decimals), l.Points(v, decimals), l.Bytes(n), l.Duration(time.Duration(n)), l.Money(n, "EUR")} {
				if s == "" || !utf8.ValidString(s) || strings.Contains(s, "NaN") || strings.Contains(s, "Inf") || strings.Contains(s, "-") {
					t.Errorf("printed %q", s)
				}
			}
			l.Money(n, code)
		}
	})
}

// TestClock prints times by the clock that a person chose, in both languages.
func TestClock(t *testing.T) {
	morning, night := time.Date(2026, 10, 4, 7, 40, 0, 0, time.UTC), time.Date(2026, 10, 4, 0, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		l                         Locale
		clock, early, late, eight string
	}{
		{French, "", "07:40", "00:05", "20 h"},
		{French, "24", "07:40", "00:05", "20 h"},
		{French, "12", "7:40 am", "12:05 am", "8 pm"},
		{English, "", "07:40", "00:05", "8 pm"},
		{English, "24", "07:40", "00:05", "20:00"},
		{English, "12", "7:40 am", "12:05 am", "8 pm"},
		{English, "nonsense", "07:40", "00:05", "8 pm"},
	} {
		l := c.l.WithClock(c.clock)
		if got := []string{l.Clock(morning), l.Clock(night), l.Hour(20)}; !slices.Equal(got, []string{c.early, c.late, strings.ReplaceAll(c.eight, " ", nbsp)}) &&
			!slices.Equal(got, []string{strings.ReplaceAll(c.early, " ", nbsp), strings.ReplaceAll(c.late, " ", nbsp), strings.ReplaceAll(c.eight, " ", nbsp)}) {
			t.Errorf("%v by %q: %q", c.l, c.clock, got)
		}
		if l.Language() != c.l || l.String() != c.l.String() || l.Date(morning) != c.l.Date(morning) || l.T("ui.save") != c.l.T("ui.save") || l.N("ui.chosen", 2) != c.l.N("ui.chosen", 2) {
			t.Errorf("%v by %q speaks another language", c.l, c.clock)
		}
	}
}

// TestLanguagesAreComparedWithoutTheirClock: l == i18n.French is wrong for a person
// who chose a clock.
func TestLanguagesAreComparedWithoutTheirClock(t *testing.T) {
	wrong := regexp.MustCompile(`(?:^|[^)\w.])\w+ [!=]= (?:i18n\.)?(?:French|English)\b`)
	for _, root := range []string{"../../web", "../../internal", "../../cmd"} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") || filepath.Ext(name) != ".go" && filepath.Ext(name) != ".templ" {
				return err
			}
			source, err := os.ReadFile(name)
			if found := wrong.Find(source); found != nil {
				t.Errorf("%s: %q: compare Language()", name, found)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
