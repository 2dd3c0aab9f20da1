package sample

import (
	"math"
	"slices"
	"time"
)

// scene is one day in one place.
type scene struct {
	place   Place
	day     int
	date    time.Time
	p       float64 // how far the year has come, 0 to 1
	season  float64
	hours   *[24]float64
	asking  lot
	helping lot
	giving  lot // reactions
	team    lot
}

// scene prepares a day.
func (t *teller) scene(place Place, day int, date time.Time, hours *[24]float64) *scene {
	noon := date.Add(20 * time.Hour)
	members := func(weight func(l *life) float64) lot {
		return t.fill(t.first, len(t.lives), func(l *life) float64 { return weight(l) * l.energy(place, noon) })
	}
	return &scene{
		place: place, day: day, date: date, p: float64(day) / year, season: season(date), hours: hours,
		asking:  members(func(l *life) float64 { return l.talk }),
		helping: members(func(l *life) float64 { return l.help }),
		giving:  members(func(l *life) float64 { return l.react }),
		team:    t.fill(0, t.team, func(l *life) float64 { return l.help * l.energy(place, noon) }),
	}
}

// teamShare is the share of answers that come from the team: nearly all at the
// opening, a few at the end.
func (s *scene) teamShare() float64 { return max(.12, .94-.7*math.Pow(s.p, 1.05)) }

// post adds a message; now and then its author mends it.
func (t *teller) post(s *scene, at time.Time, who, channel, target int, list string) int {
	e := Event{
		Kind: Message, At: at, Place: s.place, Person: who, Channel: channel, Target: target, By: None,
		Text: t.texts.say(t.r, list, t.firstName(who)), Image: list == "photo",
	}
	if target == None && list != "photo" && list != "intro" && t.r.IntN(22) == 0 {
		if other := t.draw(s.helping, func(n int) bool { return n != who && t.lives[n].there(s.place, at) }); other != None {
			e.To = []int{other}
		}
	}
	n := t.add(e)
	if t.r.IntN(60) == 0 && !t.story.People[who].Bot {
		t.add(Event{
			Kind: Edit, At: at.Add(wait(t.r, 90*time.Second, .5)), Place: s.place, Person: who, Channel: channel, Target: n,
			By: None, Text: e.Text + " (coquille corrigée)",
		})
	}
	return n
}

func (t *teller) firstName(who int) string {
	name := t.story.People[who].Name
	for i, c := range name {
		if c == ' ' || c == '_' {
			return name[:i]
		}
	}
	return name
}

// someone draws a person of a hat who is there at a moment and not among others.
func (t *teller) someone(s *scene, l lot, at time.Time, others ...int) int {
	return t.draw(l, func(n int) bool { return t.lives[n].there(s.place, at) && !slices.Contains(others, n) })
}

// react gives a message reactions of so many people on average.
func (t *teller) react(s *scene, message int, mean float64, emojis ...string) {
	e := t.story.Events[message]
	given := []int{e.Person}
	for range poisson(t.r, mean*s.season) {
		hat := s.giving
		if t.r.Float64() < .5*s.teamShare()*s.teamShare() {
			hat = s.team
		}
		who := t.someone(s, hat, e.At, given...)
		at := t.awake(e.At.Add(wait(t.r, 50*time.Minute, 1.3)))
		if who == None || !t.lives[who].there(s.place, at) {
			continue
		}
		given = append(given, who)
		t.add(Event{
			Kind: Reaction, At: at, Place: s.place, Person: who, Channel: e.Channel, Target: message, By: None,
			Emoji: emojis[t.r.IntN(len(emojis))],
		})
	}
}

// ask tells of a question and of what becomes of it. unanswered is how likely
// nobody replies; pace is the median time until a member does.
func (t *teller) ask(s *scene, channel int, topic string, unanswered float64, pace time.Duration) {
	at := t.moment(s.date, s.hours)
	who := t.someone(s, s.asking, at)
	if who == None {
		return
	}
	question := t.post(s, at, who, channel, None, "q."+topic)
	if t.r.Float64() < unanswered {
		return
	}
	answers := []int{}
	for range 1 + poisson(t.r, .15+.75*s.p*s.season) {
		if n := t.answer(s, question, topic, pace); n != None {
			answers = append(answers, n)
		}
	}
	if len(answers) == 0 {
		return
	}
	first := slices.MinFunc(answers, func(a, b int) int { return t.story.Events[a].At.Compare(t.story.Events[b].At) })
	thanked := t.awake(t.story.Events[first].At.Add(wait(t.r, 40*time.Minute, 1)))
	if t.r.Float64() < .5 && t.lives[who].there(s.place, thanked) {
		t.post(s, thanked, who, channel, first, "merci")
	}
	if s.place != Group {
		t.react(s, first, .35+.8*s.p, "🙏", "❤️", "👍")
	}
}

// answer adds one answer to a message, by the team or by a member.
func (t *teller) answer(s *scene, question int, topic string, pace time.Duration) int {
	asked := t.story.Events[question]
	hat, list := s.helping, "a."+topic
	byTeam := t.r.Float64() < s.teamShare()
	at := t.awake(asked.At.Add(wait(t.r, time.Duration(float64(pace)*(1.5-.7*s.p)/s.season), 1.15)))
	if byTeam {
		hat, list = s.team, "team.answer"
		at = t.awake(asked.At.Add(wait(t.r, 25*time.Minute, .9)))
		if s.place != Group && topic != "café" {
			at = t.office(at)
		}
	}
	if t.r.IntN(7) == 0 && !byTeam && s.place == Server {
		list = "aussi"
	}
	who := t.someone(s, hat, at, asked.Person)
	if who == None {
		return None
	}
	return t.post(s, at, who, asked.Channel, question, list)
}

// chat tells of a remark, a picture or an introduction, and of what others say to
// it. earlier answers are answered in turn now and then.
func (t *teller) chat(s *scene, message int, replies float64, pace time.Duration, lists ...string) {
	said := t.story.Events[message]
	last := message
	at := said.At
	for range poisson(t.r, replies*(.6+.4*s.season)) {
		hat := s.helping
		if t.r.Float64() < .45 {
			hat = s.asking
		}
		if t.r.Float64() < s.teamShare()*.75 {
			hat = s.team
		}
		at = t.awake(at.Add(wait(t.r, pace, 1)))
		who := t.someone(s, hat, at, said.Person, t.story.Events[last].Person)
		if who == None {
			continue
		}
		target := message
		if last != message && t.r.IntN(4) == 0 {
			target = last
		}
		if t.r.IntN(9) == 0 {
			target = None // just written below
		}
		last = t.post(s, at, who, said.Channel, target, lists[t.r.IntN(len(lists))])
	}
}
