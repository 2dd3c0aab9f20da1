package ui

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/foyer-app/foyer/web/chart"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/static"
)

// serve shows the parts in a browser: go test ./web/ui -run TestServe -serve 127.0.0.1:8099
var serve = flag.String("serve", "", "address to show the parts at")

func draw(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func definition(l i18n.Locale) *Definition {
	if l == i18n.French {
		return &Definition{ID: "def-e", Name: "Taux d’engagement", Plain: "Parmi 100 membres, combien ont écrit ou réagi dans la semaine.", Formula: "membres actifs ÷ membres présents", Example: "432 ÷ 2\u202f349 = 18,4\u00a0%", Not: "si ces échanges sont utiles."}
	}
	return &Definition{ID: "def-e", Name: "Engagement rate", Plain: "Of 100 members, how many wrote or reacted in the week.", Formula: "active members ÷ members present", Example: "432 ÷ 2,349 = 18.4%", Not: "whether these exchanges are useful."}
}

func spark(values ...float64) *chart.Scene {
	s := chart.Spark{Title: "tendance", Values: values}.Scene()
	return &s
}

func tiles(l i18n.Locale) []Tile {
	d := definition(l)
	big := chart.Spark{Title: "tendance", Height: 56, Values: []float64{17.6, 17.4, 16.1, 15.4, 15.2, 16.8, 18.3, 19, 20.6, 21.3, 21.6, 21.5}}.Scene()
	up := &Delta{Trend: Up, Tone: Good, Text: l.Points(.021, 1), Against: l.T("ui.tile.from", "value", l.Percent(.163, 1))}
	down := &Delta{Trend: Down, Tone: Bad, Text: l.Signed(-.6, 1)}
	return []Tile{
		{Locale: l, Size: Hero, Label: d.Name, Definition: d, Value: l.Percent(.184, 1), Unit: "par semaine", Delta: up, Spark: &big, Note: "432 personnes actives sur 2\u202f349 membres"},
		{Locale: l, Label: "Facteur de rétention", Value: l.Decimal(.8, 1), Unit: "arrivées par départ", Delta: down, Spark: spark(9, 8, 7, 6, 5)},
		{Locale: l, State: Waiting, Label: "Accueil", Wait: "Dans 3 semaines", Reason: "214 arrivées suivies sur 500", Progress: &Progress{Label: "Avancement", Done: 214, Max: 500}},
		{Locale: l, State: Stale, Label: "Contributions", Value: l.Int(38605), Notice: l.T("ui.tile.stale", "date", "3 octobre"), Spark: spark(1, 2, 3)},
		{Locale: l, State: Failed, Label: "Personnes qui se parlent", Reason: "Nous réessayons dans 5 minutes. Dernière valeur\u00a0: 1\u202f318 hier.", Retry: &Link{Label: l.T("ui.retry"), URL: "?"}},
		{Locale: l, State: Loading, Label: "Panier moyen"},
		{Locale: l, Label: "Messages par personne active", Value: l.Decimal(7.4, 1), Delta: &Delta{Trend: Down, Tone: Neutral, Text: l.Signed(-.3, 1), Against: "par semaine"}, Spark: spark(7.7, 7.6, 7.4, 7.1, 7.3, 7.4)},
		{Locale: l, Size: Wide, Label: "Panier moyen", Value: l.Money(6840, "EUR"), Delta: up, Spark: spark(1, 2, 1, 3)},
	}
}

func timeChart(l i18n.Locale) TimeChart {
	nan := math.NaN()
	var times []time.Time
	var a, b, low, high []float64
	rows := [][]Cell{}
	for i := range 35 {
		times = append(times, time.Date(2026, 2, 2+7*i, 0, 0, 0, 0, time.UTC))
		v := .15 + .14*math.Exp(-float64(i)/3) + .06*math.Max(0, float64(i-22))/12
		a = append(a, v)
		w := .13 + .01*math.Sin(float64(i))
		lo, hi := w-.05+float64(i)*.001, w+.05-float64(i)*.001
		if i < 8 || i == 20 {
			w, lo, hi = nan, nan, nan
		}
		b, low, high = append(b, w), append(low, lo), append(high, hi)
		rows = append(rows, []Cell{{Text: l.Day(times[i])}, {Text: l.Percent(v, 1)}, {Text: l.Percent(w, 1)}})
	}
	c := chart.Time{
		ID: "c1", Title: "Taux d’engagement par semaine", Desc: "De 29 % à l’ouverture à 21 %.", Locale: l, Times: times,
		Format: func(v float64) string { return l.Percent(v, 0) },
		Series: []chart.Series{{Name: "Membres", Value: l.Percent(a[34], 1), Role: chart.Members, Points: a}, {Name: "Équipe", Value: l.Percent(b[34], 1), Role: chart.Comparable, Points: b, Low: low, High: high}},
		Focus:  [2]time.Time{times[23], times[34]},
		Events: []chart.Event{{From: times[0], Name: "Ouverture"}, {From: times[6], Name: "Cafés"}, {From: times[25], To: times[28], Name: "Creux d’été"}},
		Target: &chart.Target{Value: .24, Words: []string{"Objectif 24\u00a0%", "à 12 mois"}},
	}
	rail := c.Rail()
	return TimeChart{
		Locale: l, Rail: &rail, Plots: []Plot{{Title: "Taux d’engagement, par semaine", Scene: c.Scene()}}, Across: c.Across(),
		Events: []Happening{{Date: "2 févr.", Name: "Ouverture", Effect: "180 membres fondateurs"}, {Date: "16 mars", Name: "Premier café"}, {Date: "27 juil. – 16 août", Name: "Creux d’été"}},
		Data:   Table{Caption: "Engagement par semaine", Columns: []Column{{Label: "Semaine du"}, {Label: "Membres", Number: true}, {Label: "Équipe", Number: true}}, Rows: rows},
	}
}

func heat(l i18n.Locale) HeatMap {
	var values [7][24]float64
	h := HeatMap{Locale: l, Caption: "Messages moyens par heure et par jour", Legend: "143 messages par heure, en moyenne"}
	for day := range 7 {
		for hour := range 24 {
			values[day][hour] = math.Round(100 * math.Exp(-math.Pow(float64(hour-20), 2)/30) * (1 - .05*math.Abs(float64(day-3))))
			if day == 3 && hour == 20 {
				values[day][hour] = 143
			}
			h.Value[day][hour] = l.Decimal(values[day][hour], 0)
		}
	}
	h.Heat = chart.NewHeat(values)
	return h
}

func bar(v float64) *chart.Scene {
	s := chart.Bar{Members: v}.Scene()
	return &s
}

func sample(l i18n.Locale, theme Theme) Sample {
	arch := chart.Arch{Done: 8, Current: 9, Number: "8", Caption: l.T("ui.arch.caption"), Label: l.N("ui.arch", 8)}.Scene()
	return Sample{
		Page: Page{
			Locale: l, Theme: theme, Title: "Pièces", Home: "/", Live: true, ThemeURL: "/theme", Back: "/",
			Community: Community{Name: "Atelier Lisière", Owner: "Agence Tisserin", Glyph: "AL", URL: "/communities"},
			Menu:      [][]Entry{{{Label: "Vue d’ensemble", Short: "Accueil", Icon: IconHome, URL: "/", Current: true, Tab: true}, {Label: "Conversations", Short: "Échanges", Icon: IconTalk, URL: "/c", Tab: true}, {Label: "Membres", Icon: IconMembers, URL: "/m", Tab: true}}, {{Label: "Importer", Icon: IconUpload, URL: "/i", Badge: "1 en cours"}}},
			Languages: []Language{{i18n.French, "/?lang=fr"}, {i18n.English, "/?lang=en"}},
			Flash:     &Toast{Text: "Événement ajouté au 5 octobre.", Undo: &Link{Label: l.T("ui.undo"), URL: "/undo", Post: true}},
		},
		Head: Head{
			Eyebrow: "Vue d’ensemble", Title: "La communauté se réchauffe. Le panier suit, l’abonnement pas encore.",
			Lede: templ.Raw("<b>18,4\u00a0%</b> des membres participent chaque semaine, contre 16,3\u00a0% au trimestre précédent."), Fresh: "Conversations à jour il y a 4 min.",
			Period: &DateRange{
				Locale: l, Label: "13 juil. – 4 oct.", Action: "/", From: "2026-07-13", To: "2026-10-04", Presets: []Preset{{Label: l.T("ui.period.4w"), URL: "?p=4w"}, {Label: l.T("ui.period.12w"), URL: "?p=12w", Current: true}, {Label: l.T("ui.period.6m"), URL: "?p=6m"}, {Label: l.T("ui.period.all"), Short: l.T("ui.period.all.short"), URL: "?p=all"}},
				Compare: []Option{{Value: "previous", Label: "les 12 semaines précédentes", Current: true}, {Value: "none", Label: "ne pas comparer"}},
			},
			Arch: &arch, Caption: "3 objectifs sur 4 en avance",
		},
		Tiles: tiles(l), Chart: timeChart(l), Heat: heat(l),
		Table: Table{
			Caption: "Salons", Cards: true, Columns: []Column{{Label: "Salon"}, {Label: "Messages", Number: true, Sort: "?s=m", Order: "descending"}, {Label: "Graphique", Hidden: true}, {Label: "Auteurs", Number: true}},
			Rows: [][]Cell{{{Text: "#machines", URL: "/x"}, {Text: l.Int(12408), Strong: true}, {Bar: bar(1)}, {Text: "214"}}, {{Text: "#patrons"}, {Text: l.Int(4102), Strong: true}, {Bar: bar(.33)}, {Text: "97"}}},
		},
		Banners: []Banner{{Text: "L’import continue en arrière-plan. Vous pouvez fermer cette page."}, {Tone: Good, Text: "Import terminé."}, {Tone: Watch, Text: "Foyer ne voit pas deux salons."}, {Tone: Bad, Lead: "Ce fichier est tronqué.", Text: "Rien n’a été importé. Exportez-le de nouveau.", Action: &Link{Label: "Choisir un autre fichier", URL: "/i"}, Strong: true}},
		Fields:  []Field{{Name: "name", Label: "Nom de la communauté", Value: "Atelier Lisière", Complete: "organization"}, {Name: "zone", Label: "Fuseau horaire", Value: "Europe/Pari", Error: "Ce fuseau n’existe pas. Essayez Europe/Paris."}, {Name: "about", Label: "Note", Type: "textarea", Hint: "Visible par l’équipe seulement."}},
		Choices: Choices{Name: "order", Label: "Ce fichier écrit 03/04/2026. Est-ce\u202f?", Options: []Option{{Value: "dmy", Label: "le 3 avril", Current: true}, {Value: "mdy", Label: "le 4 mars"}}},
		Drop:    Drop{Name: "files", Label: l.T("ui.drop.hint"), Hint: "Zip de Slack, JSON de DiscordChatExporter, discussion WhatsApp.", Accept: ".zip,.json,.txt", Sending: l.T("ui.drop.sending"), Failed: l.T("ui.drop.failed")},
		Steps:   []Step{{Label: "Salons\u00a0: 12", Done: true}, {Label: "Messages", Now: true}, {Label: "Qui répond à qui"}},
		Live:    Progress{Label: "Import", Done: 62, Max: 100, Live: true},
		Empty:   Empty{Lead: "Rien sur ces dates.", Text: "Le serveur a ouvert le 2 février.", Action: &Link{Label: "Voir depuis le début", URL: "?p=all"}},
		Start:   Start{Arch: chart.Arch{Label: l.T("ui.arch.none")}.Scene(), Title: "Bienvenue. Posons la première pierre.", Lede: "Une communauté se bâtit en douze mois. Foyer compte les pierres à votre place."},
		Stages:  []Stage{{Number: "1", Title: "Branchez votre communauté", Text: "Deux minutes. Lecture seule.", Now: true}, {Number: "2", Title: "Reliez vos ventes", Text: "Plus tard, si vous voulez."}},
		Promise: []Promise{{"10 minutes", "Vos membres, vos salons"}, {"4 semaines", "Les premières tendances"}, {"3 à 6 mois", "Les premiers écarts"}, {"12 mois", "Le retour sur investissement"}},
	}
}

func TestServe(t *testing.T) {
	if *serve == "" {
		t.Skip("no address given")
	}
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, static.Handler())
	mux.HandleFunc("POST /upload", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil || len(r.MultipartForm.File["files"]) == 0 {
			http.Error(w, "no file", http.StatusBadRequest)
			return
		}
		if strings.HasPrefix(r.MultipartForm.File["files"][0].Filename, "good") {
			http.Redirect(w, r, "/?sent=1", http.StatusSeeOther)
			return
		}
		s := sample(i18n.French, Auto)
		s.Drop.Error = "Ce fichier est tronqué. Exportez-le de nouveau."
		w.WriteHeader(http.StatusUnprocessableEntity)
		if err := Parts(s).Render(r.Context(), w); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 3 {
			fmt.Fprintf(w, "data: %s\n\n", draw(t, Progress{Label: "Import", Done: int64(70 + 10*i), Max: 100, Live: true}.View()))
			_ = http.NewResponseController(w).Flush()
			time.Sleep(50 * time.Millisecond)
		}
		fmt.Fprint(w, "event: done\ndata:\n\n")
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; style-src 'self'; script-src 'self'")
		l, _ := i18n.Parse(r.FormValue("lang"))
		if err := Parts(sample(l, ParseTheme(r.FormValue("theme")))).Render(r.Context(), w); err != nil {
			t.Error(err)
		}
	})
	server := &http.Server{Addr: *serve, Handler: mux, ReadHeaderTimeout: time.Second}
	t.Log(server.ListenAndServe())
}

var (
	inline = regexp.MustCompile(`<[^>]*\s(style|on[a-z]+)=|<style|<script(?:[^>]*)>[^<]`)
	id     = regexp.MustCompile(`\sid="([^"]+)"`)
)

// TestStrictPolicy: nothing of a page needs an inline style, an inline script or an event attribute, and no identifier
// stands twice.
func TestStrictPolicy(t *testing.T) {
	for _, l := range i18n.Locales() {
		page := draw(t, Parts(sample(l, Dark)))
		if found := inline.FindString(page); found != "" {
			t.Errorf("%v: %q", l, found)
		}
		seen := map[string]bool{}
		for _, m := range id.FindAllStringSubmatch(page, -1) {
			if seen[m[1]] {
				t.Errorf("%v: id %q twice", l, m[1])
			}
			seen[m[1]] = true
		}
		for _, ref := range regexp.MustCompile(`(?:for|popovertarget|aria-describedby|aria-labelledby)="([^"]+)"`).FindAllStringSubmatch(page, -1) {
			if !seen[ref[1]] {
				t.Errorf("%v: nothing has the id %q", l, ref[1])
			}
		}
		if strings.Contains(page, "ui.") && regexp.MustCompile(`>ui\.[a-z.]+<|"ui\.[a-z.]+"`).MatchString(page) {
			t.Errorf("%v: a key is shown instead of its words", l)
		}
	}
}

func TestTheme(t *testing.T) {
	for theme, want := range map[Theme]bool{Auto: false, Dark: true, "": false, `"><script>`: false} {
		page := draw(t, Layout(Page{Locale: i18n.French, Theme: theme, ThemeURL: "/theme"}))
		if got := strings.Contains(page[:strings.Index(page, "<head>")], "data-theme"); got != want {
			t.Errorf("theme %q: attribute %v", theme, got)
		}
		if strings.Count(page, `aria-pressed="true"`) != 2 {
			t.Errorf("theme %q: not exactly one button pressed in each of the two switches", theme)
		}
	}
}

func TestSplitFigure(t *testing.T) {
	for value, want := range map[string]Figure{
		"18,4\u00a0%":  {Digits: "18,4", After: "\u00a0%"},
		"18.4%":        {Digits: "18.4", After: "%"},
		"€68.40":       {Before: "€", Digits: "68.40"},
		"−€9.30":       {Before: "−€", Digits: "9.30"},
		"68,40\u00a0€": {Digits: "68,40", After: "\u00a0€"},
		"38\u202f605":  {Digits: "38\u202f605"},
		"–":            {Digits: "–"},
		"%":            {Digits: "%"},
		"":             {},
	} {
		if got := SplitFigure(value); got != want {
			t.Errorf("%q: %+v, want %+v", value, got, want)
		}
	}
}

func TestForeignWordsAreEscaped(t *testing.T) {
	evil := `<img src=x onerror=alert(1)>`
	for name, c := range map[string]templ.Component{
		"tile":   Tile{Label: evil, Value: evil, Note: evil}.View(),
		"banner": Banner{Text: evil, Action: &Link{Label: evil, URL: "javascript:alert(1)"}}.View(),
		"field":  Field{Name: "a", Label: evil, Value: evil, Error: evil}.View(),
		"table":  Table{Caption: evil, Columns: []Column{{Label: evil}}, Rows: [][]Cell{{{Text: evil}}}}.View(),
		"page":   Layout(Page{Title: evil, Community: Community{Name: evil, Glyph: evil}}),
	} {
		if page := draw(t, c); strings.Contains(page, "<img") {
			t.Errorf("%s: %s", name, page)
		}
	}
}
