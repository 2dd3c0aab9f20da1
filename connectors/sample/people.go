package sample

import (
	"math"
	"sort"
	"time"
)

// life is how one person behaves.
type life struct {
	joined, left [3]time.Time // by place; zero for never
	talk         float64      // how readily they write; 0 for those who only read
	help         float64      // how readily they answer
	react        float64
	fade         float64 // days in which the first enthusiasm goes
	keep         float64 // the share of it that stays
}

// there says whether the person is a member of a place at a moment.
func (l *life) there(place Place, at time.Time) bool {
	return !l.joined[place].IsZero() && at.After(l.joined[place]) && (l.left[place].IsZero() || at.Before(l.left[place]))
}

// energy is what is left of the enthusiasm at a moment, 0 to 1.
func (l *life) energy(place Place, at time.Time) float64 {
	if !l.there(place, at) {
		return 0
	}
	days := at.Sub(l.joined[place]).Hours() / 24
	return l.keep + (1-l.keep)*math.Exp(-days/l.fade)
}

// settle invents who arrives on the server, and when.
func (t *teller) settle() {
	var arrivals []time.Time
	for day, date := range t.days() {
		for range poisson(t.r, arriving(day, date)) {
			if at := t.moment(date, &hours); at.After(t.story.From.Add(time.Hour)) && at.Before(t.story.To) {
				arrivals = append(arrivals, at)
			}
		}
	}
	sort.Slice(arrivals, func(i, j int) bool { return arrivals[i].Before(arrivals[j]) })
	t.hire()
	for i, p := range cast(t.r, len(arrivals)) {
		t.story.People = append(t.story.People, p)
		l := t.character(i)
		l.joined[Server] = arrivals[i]
		l.left[Server] = t.departure(&l, arrivals[i])
		t.lives = append(t.lives, l)
	}
	for n := range t.lives {
		t.enter(n, Server, None)
	}
}

// hire adds the team and the bots, who are there from the first minute.
func (t *teller) hire() {
	for i, name := range team {
		domain := teamDomain
		if i == len(team)-1 {
			domain = agencyDomain
		}
		handle := handleOf(name)
		t.story.People = append(t.story.People, Person{Name: name, Handle: handle, Email: handle + "@" + domain, Team: true})
		l := life{talk: 1, help: []float64{5, 3, 2, .6}[i], react: 1, fade: 1, keep: 1}
		l.joined[Server] = t.story.From.Add(time.Duration(i+1) * time.Minute)
		t.lives = append(t.lives, l)
	}
	t.team = len(t.lives)
	for _, name := range []string{"Lisière Rappels", "Agenda"} {
		t.story.People = append(t.story.People, Person{Name: name, Handle: handleOf(name), Bot: true})
		t.lives = append(t.lives, life{})
	}
	t.first = len(t.lives)
}

// character draws how the i-th member behaves.
func (t *teller) character(i int) life {
	l := life{talk: math.Exp(1.1 * t.r.NormFloat64()), fade: 6 + 22*t.r.Float64()}
	l.help, l.react = .25*l.talk, l.talk*math.Exp(.7*t.r.NormFloat64())
	l.keep = .02 + .4*math.Pow(t.r.Float64(), 4)
	switch x := t.r.Float64(); {
	case i%5 == 1 && i < 55: // the known ones
		l.talk, l.help, l.react, l.keep = 2.5+t.r.Float64(), 7-float64(i)/10, 3, .9
	case x < .60:
		l.talk, l.help = 0, 0
		if x < .53 {
			l.react = 0
		}
	case x < .635: // grows into a helper
		l.talk, l.help, l.react, l.keep = 1.6, 2.5+2*t.r.Float64(), 2, .85
	case x < .69: // stays
		l.talk, l.react, l.keep = 1.5, 1.5, .7
	}
	return l
}

// departure draws when somebody leaves the server; the zero time for never.
func (t *teller) departure(l *life, joined time.Time) time.Time {
	for day, date := range t.days() {
		if date.Before(joined) {
			continue
		}
		risk := .001
		if date.Before(joined.AddDate(0, 0, 30)) {
			risk = .0032
		}
		if bad(day) {
			risk *= 6
		}
		if l.help > 2 {
			risk *= .1
		}
		if t.r.Float64() < risk {
			if at := t.moment(date.AddDate(0, 0, 1), &hours); at.Before(t.story.To) {
				return at
			}
		}
	}
	return time.Time{}
}

// enter tells of a person's arrival at a place, and of the departure.
func (t *teller) enter(n int, place Place, by int) {
	l := &t.lives[n]
	if l.joined[place].IsZero() {
		return
	}
	t.add(Event{Kind: Join, At: l.joined[place], Place: place, Person: n, Channel: None, Target: None, By: by})
	if !l.left[place].IsZero() {
		t.add(Event{Kind: Leave, At: l.left[place], Place: place, Person: n, Channel: None, Target: None, By: None})
	}
}

// lot is a hat with people in it, some more often than others.
type lot struct {
	who []int
	sum []float64
}

// draw returns somebody who fits, None when nobody is found.
func (t *teller) draw(l lot, fits func(n int) bool) int {
	if len(l.who) == 0 {
		return None
	}
	for range 40 {
		x := t.r.Float64() * l.sum[len(l.sum)-1]
		if n := l.who[min(sort.SearchFloat64s(l.sum, x), len(l.who)-1)]; fits(n) {
			return n
		}
	}
	return None
}

// fill puts members into a hat by a weight; from and to are their numbers.
func (t *teller) fill(from, to int, weight func(l *life) float64) lot {
	var l lot
	sum := 0.0
	for n := from; n < to; n++ {
		if w := weight(&t.lives[n]); w > 0 {
			sum += w
			l.who, l.sum = append(l.who, n), append(l.sum, sum)
		}
	}
	return l
}
