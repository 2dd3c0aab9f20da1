package impact

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The marks between which make bench-stats writes.
const statsBegin, statsEnd = "<!-- bench-stats: begin -->", "<!-- bench-stats: end -->"

// TestStatistics runs the full simulations and writes their figures into the two
// pages on the method. It is make bench-stats; go test alone leaves it out.
func TestStatistics(t *testing.T) {
	if os.Getenv("FOYER_STATS") == "" {
		t.Skip("SKIPPED: FOYER_STATS is not set, the full simulations did not run (make bench-stats)")
	}
	source, name := invented(20_000, 21), "invented"
	studied, o := invented(2400, 3), inventedOptions
	if os.Getenv("FOYER_CORPUS") != "" {
		source, name = cdnow(t), "CDNOW"
		studied, o = source, cdnowOptions(180)
	}
	o.Horizon = 180
	study := placeboStudy(studied, o, 200)
	o.Horizon = 90
	var list []coverage
	for _, n := range []int{600, 2400, 8000} {
		list = append(list, effectCoverage(source, n, 400, 500, o)...)
	}
	for _, n := range []int{200, 1000, 2000} {
		list = append(list, basketCoverage(source, n, 2000))
	}
	writeStats(t, "method.md", name, study, list, map[string]string{})
	writeStats(t, "methode.md", name, study, list, frenchStats)
}

// frenchStats are the words of the tables in French.
var frenchStats = map[string]string{
	"estimator": "estimateur", "false effect": "faux effet", "figure": "mesure", "members": "membres", "controls": "témoins",
	"delta method": "méthode delta", "bootstrap": "bootstrap", "repetitions": "répétitions",
	"A membership that does nothing, 200 draws, 180 days": "Une adhésion sans effet, 200 tirages, 180 jours",
	"How often a 95 % interval held the truth (90 days)":  "Fréquence à laquelle un intervalle à 95 % contient la vérité (90 jours)",
	"purchases": "achats", "invented": "inventés",
	"total spend, members and the others":                     "dépense totale, membres et autres",
	"repeat spend per day":                                    "dépense répétée par jour",
	"members from joining, the others from their first order": "membres depuis l’adhésion, les autres depuis la première commande",
	"matched, controls who never join":                        "apparié, témoins qui n’adhèrent jamais",
	"difference in differences, random index days":            "différence de différences, jours d’index au hasard",
	"headline, basket":                                        "estimation de Foyer, panier",
	"headline, frequency":                                     "estimation de Foyer, fréquence",
	"headline, margin":                                        "estimation de Foyer, marge",
	"headline, repeat":                                        "estimation de Foyer, rachat",
	"headline, spend":                                         "estimation de Foyer, dépense",
	"headline, spend in the 90 days before":                   "estimation de Foyer, dépense des 90 jours d’avant",
	"basket":                                                  "panier", "frequency": "fréquence", "margin": "marge", "repeat": "rachat", "spend": "dépense", "observed basket": "panier observé",
}

// writeStats replaces what stands between the marks of a page.
func writeStats(t *testing.T, page, source string, study map[string]float64, list []coverage, words map[string]string) {
	t.Helper()
	w := func(s string) string {
		if v, ok := words[s]; ok {
			return v
		}
		return s
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n**%s** (%s: %s)\n\n| %s | %s |\n|---|---:|\n", statsBegin, w("A membership that does nothing, 200 draws, 180 days"), w("purchases"), w(source), w("estimator"), w("false effect"))
	for _, name := range sortedKeys(study) {
		fmt.Fprintf(&b, "| %s | %+.1f %% |\n", w(name), 100*study[name])
	}
	fmt.Fprintf(&b, "\n**%s**\n\n| %s | %s | %s | %s | %s | %s |\n|---|---:|---:|---:|---:|---:|\n", w("How often a 95 % interval held the truth (90 days)"),
		w("figure"), w("members"), w("controls"), w("delta method"), w("bootstrap"), w("repetitions"))
	for _, c := range list {
		percent, controls := fmt.Sprintf("%.1f %%", 100*c.percent), fmt.Sprintf("%.0f", c.controls)
		if c.percent == 0 {
			percent, controls = "–", "–"
		}
		fmt.Fprintf(&b, "| %s | %.0f | %s | %.1f %% | %s | %d |\n", w(c.figure), c.members, controls, 100*c.delta, percent, c.repetitions)
	}
	b.WriteString("\n" + statsEnd)
	path := filepath.Join("..", "..", "docs", page)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), statsBegin)
	_, after, found := strings.Cut(rest, statsEnd)
	if !ok || !found {
		t.Fatalf("%s has no place for the figures", page)
	}
	if err := os.WriteFile(path, []byte(before+b.String()+after), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Log(b.String())
}
