package sample

import (
	"iter"
	"math/rand/v2"
	"slices"
	"time"
)

// year is the length of the story in days: its twelfth month is never over.
const year = 363

// Generate tells the year that ends at a moment, to the second. The same seed
// and end give the same story.
func Generate(seed uint64, end time.Time) Story {
	location, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		location = time.UTC // a machine without time zones
	}
	end = end.In(location).Truncate(time.Second)
	t := &teller{r: rand.New(rand.NewPCG(seed, 0x1151e4e)), texts: readPhrases(french)}
	t.story = Story{
		Name: Name, Seed: seed, To: end, Location: location, TeamDomain: teamDomain, TeamRole: "Team Lisière",
		From: time.Date(end.Year(), end.Month(), end.Day()-year, 9, 0, 0, 0, location),
	}
	t.open()
	t.settle()
	t.found()
	t.live()
	t.order()
	return t.story
}

// teller is one telling of the story.
type teller struct {
	r     *rand.Rand
	texts phrases
	story Story
	lives []life         // by person
	team  int            // the team are the first so many people
	first int            // number of the first member
	rooms map[string]int // channels of the server by name
}

// open lists the channels.
func (t *teller) open() {
	t.rooms = map[string]int{}
	for _, c := range []Channel{
		{Server, "annonces", "Les nouvelles de l’atelier"},
		{Server, "bienvenue", "Arrivées"},
		{Server, "présentations", "Dites-nous qui vous êtes et ce que vous cousez"},
		{Server, "patrons", "Tailles, montages, ajustements"},
		{Server, "machines", "Réglages, pannes, conseils d’achat"},
		{Server, "matières", "Tissus, laines et fils"},
		{Server, "créations", "Montrez vos ouvrages"},
		{Server, "café-couture", "En direct chaque jeudi à 20 h"},
		{Server, "boutique", "Commandes, Box Lisière, stocks"},
		{Workspace, "general", "Vie des ambassadrices"},
		{Workspace, "tests-patrons", "Retours de test"},
		{Workspace, "rencontres", "Ateliers et rencontres en ville"},
		{Group, "", ""},
	} {
		if c.Place == Server {
			t.rooms[c.Name] = len(t.story.Channels)
		}
		t.story.Channels = append(t.story.Channels, c)
	}
	t.story.Spaces = [3]Space{
		Server:    {t.story.Name, t.story.From},
		Workspace: {"Ambassadrices Lisière", t.date(workspaceDay).Add(9 * time.Hour)},
		Group:     {"Lisière Clermont", t.date(groupDay).Add(18 * time.Hour)},
	}
}

// channels returns those of a place.
func (t *teller) channels(place Place) (list []int) {
	for i, c := range t.story.Channels {
		if c.Place == place {
			list = append(list, i)
		}
	}
	return list
}

// date is the first moment of a day, counted from the opening.
func (t *teller) date(day int) time.Time {
	y, m, d := t.story.From.Date()
	return time.Date(y, m, d+day, 0, 0, 0, 0, t.story.Location)
}

// days are the days of the story, the last one included.
func (t *teller) days() iter.Seq2[int, time.Time] {
	return func(yield func(int, time.Time) bool) {
		for day := 0; day <= year; day++ {
			if !yield(day, t.date(day)) {
				return
			}
		}
	}
}

// add appends an event and returns its number until the end of the telling.
func (t *teller) add(e Event) int {
	t.story.Events = append(t.story.Events, e)
	return len(t.story.Events) - 1
}

// order brings the events into the order of time, drops those that are not yet,
// and gives each a moment of its own in its place.
func (t *teller) order() {
	told := t.story.Events
	sorted := make([]int, len(told))
	for i := range sorted {
		sorted[i] = i
	}
	slices.SortStableFunc(sorted, func(a, b int) int { return told[a].At.Compare(told[b].At) })
	number := make([]int, len(told))
	var last [3]time.Time
	events := make([]Event, 0, len(told))
	for _, i := range sorted {
		e := told[i]
		if !e.At.After(last[e.Place]) {
			e.At = last[e.Place].Add(time.Millisecond)
		}
		number[i] = None
		if e.At.Before(t.story.From) || !e.At.Before(t.story.To) {
			continue
		}
		last[e.Place] = e.At
		number[i] = len(events)
		if e.Target != None {
			e.Target = number[e.Target]
		}
		events = append(events, e)
	}
	t.story.Events = events
}
