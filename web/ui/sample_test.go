package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Sample is one of everything, in all states: the page that the tests check and that -serve shows.
type Sample struct {
	Page    Page
	Head    Head
	Tiles   []Tile
	Chart   TimeChart
	Heat    HeatMap
	Table   Table
	Banners []Banner
	Fields  []Field
	Choices Choices
	Drop    Drop
	Steps   []Step
	Live    Progress
	Empty   Empty
	Start   Start
	Stages  []Stage
	Promise []Promise
}

// within puts parts inside a part that takes children.
func within(outer templ.Component, parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, templ.Join(parts...)), w)
	})
}

func views[T interface{ View() templ.Component }](all []T) []templ.Component {
	var out []templ.Component
	for _, v := range all {
		out = append(out, v.View())
	}
	return out
}

// Parts is the page of all parts.
func Parts(s Sample) templ.Component {
	l := s.Page.Locale
	form := append(views(s.Fields), s.Choices.View(), Check("ok", "Garder ce choix", true), within(row, Submit(Primary, l.T("ui.save")), Link{Label: l.T("ui.cancel"), URL: "/"}.Button(Quiet)))
	buttons := within(row, Link{Label: "Créer", URL: "/"}.Button(Primary), Link{Label: "Confier", URL: "/", Icon: IconPlus}.Button(Plain), Link{Label: "Pas utile", URL: "/"}.Button(Quiet), Link{Label: "Effacer", URL: "/"}.Button(Danger))
	chips := within(row, Chip(Good, IconCheck, "Écart établi"), Chip(Wait, IconClock, "Trop tôt"), Chip(Watch, IconWarning, "En retard"), Chip(Bad, IconError, "À réparer"), Chip("in", "", "Entraidante"), Chip("plain", IconInfo, "Constat"))
	stages := []templ.Component{}
	for _, stage := range s.Stages {
		stages = append(stages, within(stage.View(), Submit(Primary, "Choisir")))
	}
	return within(
		Layout(s.Page),
		s.Head.View(),
		within(Columns(true),
			within(Panel{Kick: "La cause", Title: "Santé de la communauté", Class: "cause"}.View(), within(Tiles(false), views(s.Tiles[:4])...), within(Fold("Voir toutes les mesures"), within(Tiles(true), views(s.Tiles[4:])...))),
			within(Panel{Title: "Formulaire"}.View(), form...)),
		within(Panel{Title: "Les membres participent davantage depuis la mi-août", Sub: "Les deux courbes partagent le même axe de temps."}.View(), s.Chart.View()),
		within(Panel{Title: "Le jeudi à 20\u00a0h est l’heure la plus vivante"}.View(), s.Heat.View()),
		within(Panel{Title: "Deux salons portent la conversation"}.View(), s.Table.View()),
		within(Panel{Title: "Messages"}.View(), append(views(s.Banners), buttons, chips, within(Live("/events"), s.Live.View()), Steps(s.Steps), Say(Watch, IconClock, "En retard"), s.Empty.View(), Skeleton(PlotBox, l.T("ui.loading")))...),
		within(Panel{Title: "Fichiers"}.View(), within(Form("/upload", true), s.Drop.View(), within(row, Submit(Primary, "Importer")))),
		s.Start.View(),
		within(Panel{}.View(), within(Stages(), stages...)),
		within(Panel{Title: "Ce que vous verrez, et quand"}.View(), Promises(s.Promise)),
	)
}

// row is a line of buttons or chips.
var row = templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
	if _, err := io.WriteString(w, `<div class="row">`); err != nil {
		return err
	}
	if err := templ.GetChildren(ctx).Render(templ.ClearChildren(ctx), w); err != nil {
		return err
	}
	_, err := io.WriteString(w, `</div>`)
	return err
})
