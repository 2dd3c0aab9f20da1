package sample

import "time"

// live tells the days of all places.
func (t *teller) live() {
	for day, date := range t.days() {
		s := t.scene(Server, day, date, &hours)
		if date.Weekday() == time.Sunday {
			s.hours = &sundays
		}
		t.announce(s)
		t.talk(s)
		t.newcomers(s)
		if date.Weekday() == time.Thursday && day >= cafes {
			t.café(s)
		}
		if bad(day) {
			t.complain(s)
		}
		if day >= workspaceDay {
			t.workspaceDay(t.scene(Workspace, day, date, &workHours))
		}
		if day >= groupDay {
			t.groupDay(t.scene(Group, day, date, s.hours))
		}
	}
}

// talk tells the ordinary conversations of a day on the server.
func (t *teller) talk(s *scene) {
	volume := (3.6 + 7.6*s.p + 8*s.p*s.p*s.p) * s.season * weekdays[s.date.Weekday()] * stir(s.day)
	for range poisson(t.r, volume) {
		switch x := t.r.Float64(); {
		case x < .47:
			t.question(s)
		case x < .74 || s.day >= challenge && s.day < challengeOver && x < .85:
			t.picture(s)
		default:
			t.remark(s)
		}
	}
}

// question is asked in one of four channels; those about machines wait longest,
// the latest ones still do.
func (t *teller) question(s *scene) {
	x := t.r.Float64()
	recent := s.day > year-20
	switch {
	case x < .27:
		unanswered := .12
		if recent {
			unanswered = .28
		}
		t.ask(s, t.rooms["machines"], "machines", unanswered, 150*time.Minute)
	case x < .60:
		t.ask(s, t.rooms["patrons"], "patrons", .04, 110*time.Minute)
	case x < .82:
		t.ask(s, t.rooms["matières"], "matières", .05, 120*time.Minute)
	default:
		t.ask(s, t.rooms["boutique"], "boutique", .05, 130*time.Minute)
	}
}

func (t *teller) picture(s *scene) {
	at := t.moment(s.date, s.hours)
	if who := t.someone(s, s.asking, at); who != None {
		m := t.post(s, at, who, t.rooms["créations"], None, "photo")
		t.chat(s, m, .5+1.3*s.p, 45*time.Minute, "bravo")
		t.react(s, m, 1.2+3*s.p, "❤️", "😍", "👏", "🔥", "🧵")
	}
}

func (t *teller) remark(s *scene) {
	at := t.moment(s.date, s.hours)
	if who := t.someone(s, s.asking, at); who != None {
		channel := [...]string{"matières", "patrons", "présentations", "café-couture"}[t.r.IntN(4)]
		m := t.post(s, at, who, t.rooms[channel], None, "papote")
		t.chat(s, m, .6+1.1*s.p, 25*time.Minute, "papote.rép")
		t.react(s, m, .3+.9*s.p, "😂", "❤️", "👍")
	}
}

// newcomers introduce themselves, about half of them, within a few days.
func (t *teller) newcomers(s *scene) {
	for n := t.first; n < len(t.lives); n++ {
		l := &t.lives[n]
		joined := l.joined[Server]
		if joined.Before(s.date) || !joined.Before(s.date.AddDate(0, 0, 1)) || l.talk == 0 || t.r.Float64() < .36 {
			continue
		}
		at := t.awake(joined.Add(wait(t.r, 5*time.Hour, 1.6)))
		if !l.there(Server, at) {
			continue
		}
		m := t.post(s, at, n, t.rooms["présentations"], None, "intro")
		t.chat(s, m, 1.1, 50*time.Minute, "bienvenue")
		t.react(s, m, .8+1.2*s.p, "👋", "❤️", "🧵")
	}
}

// announce lets the team speak to all: twice a week, at launches, and to
// apologise.
func (t *teller) announce(s *scene) {
	list := ""
	switch wd := s.date.Weekday(); {
	case t.launched(s.day):
		list = "lancement"
	case bad(s.day) && s.day%4 == 0:
		list = "excuse"
	case wd == time.Tuesday || wd == time.Friday && t.r.IntN(3) > 0:
		list = "annonce"
	default:
		return
	}
	at := t.clock(s.date, 9+t.r.IntN(3), t.r.IntN(60))
	who := t.someone(s, s.team, at)
	if who == None {
		return
	}
	m := t.post(s, at, who, t.rooms["annonces"], None, list)
	t.react(s, m, 3+5*s.p, "❤️", "🔥", "👏", "🧵")
	for range poisson(t.r, (.6+1.2*s.p)*s.season) {
		later := t.awake(at.Add(wait(t.r, 2*time.Hour, 1)))
		if who := t.someone(s, s.asking, later); who != None {
			t.post(s, later, who, t.rooms["annonces"], m, "papote.rép")
		}
	}
	if s.date.Weekday() == time.Friday {
		t.bot(s, t.team, "annonces", "bot.rappel", 18)
	}
}

func (t *teller) launched(day int) bool {
	for _, l := range launches {
		if day == l {
			return true
		}
	}
	return day == challenge
}

// bot lets a bot say something in a channel.
func (t *teller) bot(s *scene, who int, channel, list string, hour int) {
	for _, c := range t.channels(s.place) {
		if t.story.Channels[c].Name == channel {
			t.post(s, t.clock(s.date, hour, 0), who, c, None, list)
		}
	}
}

// café is the live session of a Thursday at eight: many short messages.
func (t *teller) café(s *scene) {
	channel := t.rooms["café-couture"]
	t.bot(s, t.team, "café-couture", "bot.rappel", 18)
	at := t.clock(s.date, 20, 0)
	host := t.someone(s, s.team, at)
	if host == None {
		return
	}
	crowd := []int{host}
	for range 4 + int((5+17*s.p)*s.season) {
		if n := t.someone(s, s.asking, at, crowd...); n != None {
			crowd = append(crowd, n)
		}
	}
	last := None
	for at.Hour() < 21 || at.Minute() < 20 {
		at = at.Add(wait(t.r, time.Duration(2600/len(crowd))*time.Second, .7))
		who := crowd[t.r.IntN(len(crowd))]
		if !t.lives[who].there(Server, at) {
			return
		}
		if who != host && t.r.IntN(9) == 0 {
			last = t.post(s, at, who, channel, None, "q.café")
			at = at.Add(wait(t.r, time.Minute, .4))
			if answers := crowd[t.r.IntN(len(crowd))]; answers != who && t.r.Float64() > s.teamShare() {
				host = answers // members answer for the host more and more
			}
			if host != who {
				t.post(s, at, host, channel, last, "a.café")
			}
			host = crowd[0]
			continue
		}
		target := None
		if last != None && t.story.Events[last].Person != who && t.r.IntN(3) == 0 {
			target = last
		}
		last = t.post(s, at, who, channel, target, "café")
	}
}

// complain tells of a day on which parcels are late.
func (t *teller) complain(s *scene) {
	for range poisson(t.r, 1.2+1.6*s.p) {
		at := t.moment(s.date, s.hours)
		who := t.someone(s, s.asking, at)
		if who == None {
			continue
		}
		m := t.post(s, at, who, t.rooms["boutique"], None, "plainte")
		later := t.office(at.Add(wait(t.r, 2*time.Hour, .8)))
		if by := t.someone(s, s.team, later); by != None && t.r.IntN(4) > 0 {
			t.post(s, later, by, t.rooms["boutique"], m, "team.answer")
		}
	}
}
