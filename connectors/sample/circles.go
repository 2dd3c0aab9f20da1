package sample

import (
	"fmt"
	"slices"
	"time"
)

// Sizes of the two smaller places, the team apart.
const (
	ambassadors  = 34
	townspeople  = 54
	townStranger = .5 // share of them that is not on the server
)

// found opens the workspace and the group, and says who enters them and when.
func (t *teller) found() {
	opened := t.story.Spaces[Workspace].Opened
	for n := range t.team {
		t.lives[n].joined[Workspace] = opened.Add(time.Duration(n+1) * time.Minute)
		t.enter(n, Workspace, None)
	}
	for i, n := range t.ambassadors() {
		at := opened.Add(wait(t.r, 30*time.Hour, .8))
		if i > ambassadors*2/3 {
			at = t.moment(t.date(workspaceDay+20+t.r.IntN(year-workspaceDay-40)), &workHours)
		}
		l := &t.lives[n]
		if at = t.awake(at); l.joined[Server].After(at) {
			at = l.joined[Server].Add(26 * time.Hour)
		}
		l.joined[Workspace] = t.awake(at)
		if i%9 == 5 {
			l.left[Workspace] = t.awake(at.Add(time.Duration(40+t.r.IntN(60)) * 24 * time.Hour))
		}
		t.enter(n, Workspace, None)
	}
	t.town()
}

// ambassadors are the members who help most and stay; a few of them come late.
func (t *teller) ambassadors() []int {
	var list []int
	for n := t.first; n < len(t.lives); n++ {
		l := &t.lives[n]
		if l.help > 1 && l.left[Server].IsZero() && l.joined[Server].Before(t.date(year-60)) {
			list = append(list, n)
		}
	}
	slices.SortStableFunc(list, func(a, b int) int { return int(10 * (t.lives[b].help - t.lives[a].help)) })
	list = list[:min(len(list), ambassadors)]
	slices.Sort(list)
	return list
}

// town lets people into the chat group: its host, members of the server, and
// people of the town who are nowhere else.
func (t *teller) town() {
	opened := t.story.Spaces[Group].Opened
	host := 0
	t.lives[host].joined[Group] = opened
	for i := range townspeople {
		n := t.neighbour(i)
		l := &t.lives[n]
		at := opened.Add(time.Duration(i+1) * 7 * time.Minute)
		if i > 16 {
			span := t.story.To.Sub(opened) - 40*time.Hour
			at = opened.Add(time.Duration(float64(span)*t.r.Float64()) + time.Hour)
		}
		l.joined[Group] = t.awake(at)
		by := None
		if i%5 == 0 {
			by = host
		}
		if t.r.IntN(4) == 0 {
			l.left[Group] = t.awake(l.joined[Group].Add(wait(t.r, 45*24*time.Hour, 1) + time.Duration(t.r.IntN(90*24))*time.Hour))
		}
		t.enter(n, Group, by)
	}
}

// neighbour returns somebody for the group: half are members of the server.
func (t *teller) neighbour(i int) int {
	if t.r.Float64() > townStranger {
		for range 40 {
			n := t.first + t.r.IntN(len(t.lives)-t.first)
			if l := &t.lives[n]; l.talk > .8 && l.joined[Group].IsZero() && l.joined[Server].Before(t.date(groupDay)) && !l.joined[Server].IsZero() {
				t.name(n, i)
				return n
			}
		}
	}
	n := len(t.lives)
	p := Person{Name: "", Handle: fmt.Sprintf("voisine%d", i)}
	for p.Name == "" || slices.ContainsFunc(t.story.People, func(q Person) bool { return q.Name == p.Name }) {
		p.Name = firstNames[t.r.IntN(len(firstNames))] + " " + lastNames[t.r.IntN(len(lastNames))]
	}
	p.Handle += "." + handleOf(p.Name)
	p.Email = p.Handle + "@" + otherDomain
	t.story.People = append(t.story.People, p)
	l := t.character(None)
	l.fade, l.keep, l.help = 40, .35, .6
	t.lives = append(t.lives, l)
	t.name(n, i)
	return n
}

// name decides how the group shows somebody: by a number when whoever exports it
// has not saved them.
func (t *teller) name(n, i int) {
	if i%3 != 0 {
		t.story.People[n].Phone = phone(1207 + 83*i)
	}
}

// workspaceDay is a day among the ambassadors: threads, in working hours.
func (t *teller) workspaceDay(s *scene) {
	volume := 1.9 * s.season
	if wd := s.date.Weekday(); wd == time.Saturday || wd == time.Sunday {
		volume *= .35
	}
	channels := t.channels(Workspace)
	for range poisson(t.r, volume) {
		channel := channels[t.r.IntN(len(channels))]
		if t.r.Float64() < .55 {
			t.ask(s, channel, "ambassadrices", .07, 50*time.Minute)
			continue
		}
		at := t.moment(s.date, s.hours)
		if who := t.someone(s, s.asking, at); who != None {
			m := t.post(s, at, who, channel, None, "papote.ambassadrices")
			t.chat(s, m, 1.3, 40*time.Minute, "papote.rép")
			t.react(s, m, 1.8, "🙏", "❤️", "👏", "🔥")
		}
	}
	if s.date.Weekday() == time.Monday && s.day > workspaceDay+7 {
		t.bot(s, t.team+1, "general", "bot.rappel.rencontre", 9)
	}
}

// groupDay is a day in the town's group; every other Saturday they meet.
func (t *teller) groupDay(s *scene) {
	channel := t.channels(Group)[0]
	volume := (.8 + .7*s.p) * s.season
	if wd := s.date.Weekday(); (s.day-groupDay)/7%2 == 0 && (wd == time.Friday || wd == time.Saturday) {
		volume += 2.4 * s.season
	}
	for range poisson(t.r, volume) {
		if t.r.Float64() < .5 {
			t.ask(s, channel, "groupe", .08, 9*time.Minute)
			continue
		}
		at := t.moment(s.date, s.hours)
		if who := t.someone(s, s.asking, at); who != None {
			m := t.post(s, at, who, channel, None, "papote.groupe")
			t.chat(s, m, 1.5, 5*time.Minute, "papote.rép")
		}
	}
}
