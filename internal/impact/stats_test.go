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
	studied, o, name := invented(2400, 3), inventedOptions, "invented"
	o.Horizon = 90
	list := named(effectCoverage(invented(20_000, 21), 2400, 300, 500, o), name)
	if os.Getenv("FOYER_CORPUS") != "" {
		studied, o, name = cdnow(t), cdnowOptions(90), "CDNOW"
		for _, n := range []int{600, 2400, 8000} {
			list = append(list, named(effectCoverage(studied, n, 300, 500, o), name)...)
		}
		for _, n := range []int{200, 1000, 2000} {
			list = append(list, named([]coverage{basketCoverage(studied, n, 2000)}, name)...)
		}
	}
	o.Horizon = 180
	study := placeboStudy(studied, o, 200)
	writeStats(t, "method.md", name, study, list, map[string]string{})
	writeStats(t, "methode.md", name, study, list, frenchStats)
}

func named(list []coverage, source string) []coverage {
	for i := range list {
		list[i].source = source
	}
	return list
}

// frenchStats are the words of the tables in French.
var frenchStats = map[string]string{
	"estimator": "estimateur", "false effect": "faux effet", "figure": "mesure", "members": "membres", "controls": "témoins",
	"delta method": "méthode delta", "bootstrap": "bootstrap", "shown": "affiché", "repetitions": "répétitions",
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
	fmt.Fprintf(&b, "\n**%s**\n\n| %s | %s | %s | %s | %s | %s | %s | %s |\n|---|---|---:|---:|---:|---:|---:|---:|\n", w("How often a 95 % interval held the truth (90 days)"),
		w("purchases"), w("figure"), w("members"), w("controls"), w("delta method"), w("bootstrap"), w("shown"), w("repetitions"))
	for _, c := range list {
		controls, percent, shown := "–", "–", "–"
		if c.controls > 0 {
			controls = fmt.Sprintf("%.0f", c.controls)
			percent, shown = fmt.Sprintf("%.1f %%", 100*c.percent), fmt.Sprintf("%.1f %%", 100*c.shown)
		}
		fmt.Fprintf(&b, "| %s | %s | %.0f | %s | %.1f %% | %s | %s | %d |\n", w(c.source), w(c.figure), c.members, controls, 100*c.delta, percent, shown, c.repetitions)
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
