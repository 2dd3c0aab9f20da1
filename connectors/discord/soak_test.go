package discord_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors/discord/discordtest"
)

// life lets things happen at random, from one goroutine as a world does.
type life struct {
	place
	rand     *rand.Rand
	messages []string
	members  []string
}

func (l *life) step() {
	w, who := l.World, l.people[l.rand.IntN(len(l.people))]
	channel := l.text
	if l.rand.IntN(3) == 0 {
		channel = l.other
	}
	some := func() string {
		if len(l.messages) == 0 {
			return ""
		}
		return l.messages[l.rand.IntN(len(l.messages))]
	}
	switch l.rand.IntN(12) {
	case 0, 1, 2, 3:
		l.messages = append(l.messages, w.Post(channel, who, "Is this a question?"))
	case 4:
		if id := w.Reply(some(), who, "yes"); id != "" {
			l.messages = append(l.messages, id)
		}
	case 5:
		w.Edit(some(), "changed")
	case 6:
		id := some()
		w.Delete(id)
		l.messages = slices.DeleteFunc(l.messages, func(m string) bool { return m == id })
	case 7, 8:
		w.React(some(), who, "🎉")
	case 9:
		w.Unreact(some(), who, "🎉")
	case 10:
		l.comeOrGo()
	case 11:
		to := []string{l.voice, ""}[l.rand.IntN(2)]
		w.Move(l.guild, who, to)
	}
}

func (l *life) comeOrGo() {
	if len(l.members) > 0 && l.rand.IntN(2) == 0 {
		i := l.rand.IntN(len(l.members))
		how := []string{discordtest.Left, discordtest.Kicked, discordtest.Banned}[l.rand.IntN(3)]
		l.World.Leave(l.guild, l.members[i], how, l.rand.IntN(2) == 0)
		l.members = slices.Delete(l.members, i, i+1)
		return
	}
	u := l.World.AddUser("newcomer")
	l.World.Join(l.guild, u, "")
	l.members = append(l.members, u)
}

// Processes die and connections break at random moments, events come twice, and
// the payloads are read in disorder: what is stored equals what happened.
func TestKilledAtRandom(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 2, 3} {
		t.Run(string(rune('0'+seed)), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, quick())
			p.Repeat(20)
			l := &life{place: p, rand: rand.New(rand.NewPCG(seed, 7))}
			c := newCellar()
			current := c.process()
			stop := listening(t, appOf(p.Server), current)
			p.connected(t)
			for i := range 1500 {
				l.step()
				if i%40 != 39 {
					continue
				}
				time.Sleep(time.Duration(l.rand.IntN(15)) * time.Millisecond)
				switch l.rand.IntN(5) {
				case 0:
					current.kill()
					_ = stop()
					current = c.process()
					stop = listening(t, appOf(p.Server), current)
				case 1:
					p.Drop()
				case 2:
					p.Reconnect()
				case 3:
					_ = stop()
					current.kill()
					current = c.process()
					stop = listening(t, appOf(p.Server), current)
				}
			}
			p.settled(t, c)
			if begun, resumed, _ := p.Gateway(); begun != 1 || resumed == 0 {
				t.Errorf("%d sessions begun, %d resumed", begun, resumed)
			}
			c.mu.Lock()
			l.rand.Shuffle(len(c.parcels), func(i, j int) { c.parcels[i], c.parcels[j] = c.parcels[j], c.parcels[i] })
			c.mu.Unlock()
			p.settled(t, c)
		})
	}
}

// Sessions are lost as well: the history fills the gaps. What only events tell
// (deletions, joins, stays) is not made up for.
func TestGapsAreFilled(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	c := newCellar()
	r := rand.New(rand.NewPCG(5, 5))
	listening(t, appOf(p.Server), c.process())
	p.connected(t)
	for range 6 {
		since := time.Now()
		for range 60 {
			id := p.World.Post([]string{p.text, p.other}[r.IntN(2)], p.people[r.IntN(8)], "hello")
			if r.IntN(3) == 0 {
				p.World.React(id, p.people[r.IntN(8)], "👍")
			}
		}
		begun, _, _ := p.Gateway()
		p.Invalidate()
		for range 120 {
			p.World.Post(p.text, p.people[r.IntN(8)], "in the gap")
		}
		until(t, "a new session", func() bool { b, _, n := p.Gateway(); return b > begun && n > 0 })
		fetch(t, p, c, since.Add(-time.Second), false)
	}
	p.settled(t, c)
}
