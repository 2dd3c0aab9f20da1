package mail

import (
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/web/i18n"
)

// CatalogueKeys are all keys that messages use.
func CatalogueKeys() map[string]bool {
	used := map[string]bool{}
	for _, key := range []string{"when", "minutes", "hours", "days", "link", "sent", "fact"} {
		used["mail."+key] = true
	}
	for _, k := range Kinds() {
		s, _ := shapeOf(k)
		for _, on := range []bool{true, false} {
			for _, part := range []string{"subject", "preheader", "title", "text"} {
				used[prefix(k, Data{On: on})+"."+part] = true
			}
		}
		for _, key := range []string{s.button, s.after, s.note} {
			if key != "" {
				used[key] = true
			}
		}
		for _, f := range s.facts {
			used["mail.fact."+string(f)] = true
		}
	}
	return used
}

// TestContrast: every pair of ink and ground that the layout uses can be read.
func TestContrast(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]palette{"light": light, "dark": dark} {
		for _, pair := range [][2]string{
			{p.Ink, p.Surface},
			{p.Ink2, p.Surface},
			{p.Ink3, p.Surface},
			{p.Link, p.Surface},
			{p.Ink, p.Page},
			{p.Ink3, p.Page},
			{p.ButtonInk, p.Button},
		} {
			if c := contrast(pair[0], pair[1]); c < 4.5 {
				t.Errorf("%s: %s on %s is %.2f", name, pair[0], pair[1], c)
			}
		}
		if c := contrast(p.Mark, p.Page); c < 3 {
			t.Errorf("%s: the mark is %.2f", name, c)
		}
	}
	if c := contrast("#000000", "#ffffff"); c != 21 {
		t.Errorf("black on white is %v", c)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Inès Ferrand":             "Inès Ferrand",
		"  a \t\r\n b  ":           "a b",
		"\u202eabc\u2066\u200b":    "abc",
		"👩\u200d🌾":                 "👩\u200d🌾",
		"win http://evil.example/": "win http evil.example/",
		"a\xff\x00b":               "a b",
		"":                         "",
		strings.Repeat("é", 81):    strings.Repeat("é", 80) + "…",
		strings.Repeat("é", 80):    strings.Repeat("é", 80),
	} {
		if got := clean(in, maxName); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLength(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		time.Minute: "1 minute", 15 * time.Minute: "15 minutes", 90 * time.Minute: "90 minutes", time.Hour: "1 hour",
		24 * time.Hour: "24 hours", 7 * 24 * time.Hour: "7 days",
	} {
		if got := length(i18n.English, d); got != want {
			t.Errorf("length(%v) = %q, want %q", d, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\u202e://b\r\n\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s, maxName)
		if len([]rune(got)) > maxName+2 || strings.ContainsFunc(got, breaksLine) || strings.Contains(got, "://") || clean(got, maxName+2) != got {
			t.Errorf("clean(%q) = %q", s, got)
		}
	})
}
