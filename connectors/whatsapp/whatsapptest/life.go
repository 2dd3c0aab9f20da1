package whatsapptest

import (
	"fmt"
	"math/rand/v2"
)

// Life plays everyday life around one number, act by act: what a demo shows and
// what tests count. Everything that can happen does, sooner or later.
type Life struct {
	world  *World
	number *Number
	random *rand.Rand
	people []*Person
	groups []*Group
	recent []string // messages that can be answered, edited, revoked
}

// remembered is how many messages somebody still comes back to.
const remembered = 400

// NewLife brings people and two groups to a number.
func NewLife(w *World, n *Number, people int, seed uint64) *Life {
	l := &Life{world: w, number: n, random: rand.New(rand.NewPCG(seed, 0x11fe))}
	first := []string{"Zoé", "Max", "Léa", "Noé", "Inès", "Élie", "Jade", "Hugo", "Lou", "Sami"}
	for i := range people {
		name, username := first[i%len(first)], ""
		if i >= len(first) {
			name = fmt.Sprint(name, " ", i/len(first)+1)
		}
		if i%4 == 0 {
			username = fmt.Sprint("membre.", i)
		}
		l.people = append(l.people, w.AddPerson(name, username))
	}
	l.groups = []*Group{w.AddGroup(n, "Couture"), w.AddGroup(n, "Été / hiver 😀")}
	return l
}

// People are those who live it.
func (l *Life) People() []*Person { return l.people }

func pick[T any](l *Life, list []T) T { return list[l.random.IntN(len(list))] }

// Act lets one thing happen.
func (l *Life) Act() {
	p, text := pick(l, l.people), pick(l, lines())
	last := ""
	if len(l.recent) > 0 {
		last = pick(l, l.recent)
	}
	switch l.random.IntN(12) {
	case 0:
		l.world.React(p, last, "👍")
	case 1:
		l.world.React(p, last, "❤️")
	case 2:
		l.world.React(p, last, "")
	case 3:
		l.world.Edit(last, text+" (corrigé)")
	case 4:
		l.world.Revoke(last)
	case 5:
		l.world.JoinGroup(p, pick(l, l.groups))
	case 6:
		l.world.LeaveGroup(p, pick(l, l.groups), l.random.IntN(2) == 0)
	default:
		l.speak(p, text, last)
	}
}

// speak lets somebody, or the business, write.
func (l *Life) speak(p *Person, text, last string) {
	var g *Group
	if l.random.IntN(3) == 0 {
		g = pick(l, l.groups)
	}
	id := ""
	switch l.random.IntN(5) {
	case 0:
		id = l.world.Say(l.number, p, text)
	case 1:
		kinds := []string{"image", "audio", "sticker", "location", "order", "unsupported"}
		id = l.world.Send(p, l.number, g, pick(l, kinds), "")
	case 2:
		id = l.world.Answer(p, l.number, g, text, last)
	default:
		id = l.world.Write(p, l.number, g, text)
	}
	if l.recent = append(l.recent, id); len(l.recent) > remembered {
		l.recent = append(l.recent[:0], l.recent[remembered/2:]...)
	}
}

// lines are what people say.
func lines() []string {
	return []string{
		"Bonjour à tous 😀", "C'est ouvert demain ?", "voir https://example.org/a", "Merci !", "Où trouver la laine",
		"Le rayon fil est complet.", "Quelqu'un sait si l'atelier de samedi a lieu ?", "J'arrive !", "Très beau, bravo",
	}
}
