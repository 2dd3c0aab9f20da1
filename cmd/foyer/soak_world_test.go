package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors/discord/discordtest"
	"github.com/foyer-app/foyer/connectors/slack/slacktest"
	"github.com/foyer-app/foyer/connectors/whatsapp/whatsapptest"
	"github.com/foyer-app/foyer/internal/community"
)

// totals are what a community's figures must come to.
type totals struct {
	Days                      map[community.Date]int // messages that stand, by the day they were written
	Messages, Deleted         int
	Reactions, Joins, Leaves  int
	Writers                   int // people with a message that stands
	Undrained, Dirty, Refused int // of the figures only: payloads and days that wait, payloads not understood
}

// ledger notes what is said and deleted in one world.
type ledger struct {
	said    map[string]saying
	deleted int
	recent  []string
}

type saying struct {
	day community.Date
	by  string
}

// remember is how many messages people still come back to.
const remember = 300

func (l *ledger) add(id, by string, at time.Time) {
	if id == "" {
		return
	}
	if l.said == nil {
		l.said = map[string]saying{}
	}
	l.said[id] = saying{community.DateOf(at, time.UTC), by}
	if l.recent = append(l.recent, id); len(l.recent) > remember {
		l.recent = slices.Delete(l.recent, 0, remember/2)
	}
}

func (l *ledger) drop(id string) {
	if _, ok := l.said[id]; !ok {
		return
	}
	delete(l.said, id)
	l.deleted++
	l.recent = slices.DeleteFunc(l.recent, func(m string) bool { return m == id })
}

func (l *ledger) totals() totals {
	t := totals{Days: map[community.Date]int{}, Messages: len(l.said), Deleted: l.deleted}
	writers := map[string]bool{}
	for _, s := range l.said {
		t.Days[s.day]++
		writers[s.by] = true
	}
	t.Writers = len(writers)
	return t
}

// sent is one request that a platform makes to a webhook.
type sent struct {
	path string
	body []byte
	sign func(body []byte, h http.Header)
}

// worlds are three platforms at which people live, one community each. One
// goroutine lets them live; what they say goes out by many.
type worlds struct {
	random *rand.Rand
	clock  atomic.Int64 // of the two that deliver by request: weeks pass
	step   time.Duration

	team     *slacktest.World
	sender   slacktest.Sender
	slack    *slacktest.Server
	channels []string
	users    []string
	events   []slacktest.Event

	phone  *whatsapptest.World
	number *whatsapptest.Number
	people []*whatsapptest.Person
	group  *whatsapptest.Group

	guilds  *discordtest.Server
	guild   string
	rooms   []string
	members []string
	came    []string
	reacted map[string]bool // by message and giver: what stands, and what was taken back

	books [3]ledger // of the three, in this order
	bases [2]string // addresses of the first two
}

const (
	atSlack = iota
	atWhatsApp
	atDiscord
)

// soakDays is how many days the worlds live through.
const soakDays = 20

// newWorlds begins three worlds so many days ago.
func newWorlds(t testing.TB, seed uint64, days, acts int, redirect string) *worlds {
	t.Helper()
	w := &worlds{random: rand.New(rand.NewPCG(seed, 0x50a)), step: soakDays * 16 * time.Hour / time.Duration(acts), reacted: map[string]bool{}}
	w.clock.Store(time.Now().AddDate(0, 0, -days).Truncate(time.Second).UnixNano())
	w.buildSlack(t, redirect)
	w.buildWhatsApp(t, seed)
	w.buildDiscord(t, redirect)
	return w
}

func (w *worlds) now() time.Time { return time.Unix(0, w.clock.Load()).UTC() }

func (w *worlds) buildSlack(t testing.TB, redirect string) {
	w.team = slacktest.NewWorld(slacktest.Team{ID: "T0000SOAK1", Name: "Atelier", Domain: "atelier"}, w.now())
	w.team.UseClock(w.now)
	w.slack = slacktest.NewServer(w.team, slacktest.Config{
		ClientID: "1.1", ClientSecret: "client-secret", Redirect: redirect + "/connect/slack/callback", Unlimited: true, Now: time.Now,
	})
	for i := range 40 {
		w.users = append(w.users, w.team.Add(slacktest.User{Name: fmt.Sprint("person", i)}))
	}
	w.team.Install()
	for i := range 4 {
		c := w.team.Channel(fmt.Sprint("room", i), w.users[0], false)
		w.team.Enter(c, slacktest.BotUser, "")
		w.channels = append(w.channels, c)
	}
	w.team.Listen(func(e slacktest.Event) { w.events = append(w.events, e) })
	w.sender = slacktest.Sender{Secret: "signing-secret", World: w.team, Now: time.Now}
	w.bases[atSlack] = serveWorld(t, w.slack)
}

func (w *worlds) buildWhatsApp(t testing.TB, seed uint64) {
	w.phone = whatsapptest.New(whatsapptest.Options{
		AppID: "210000000000001", AppSecret: "app-secret", VerifyToken: "verify-token", ConfigID: "310000000000001", Seed: seed, Now: w.now,
	})
	w.number = w.phone.AddNumber("Atelier Lisière", "+33 1 00 00 00 00")
	for i := range 40 {
		username := ""
		if i%4 == 0 {
			username = fmt.Sprint("membre.", i)
		}
		w.people = append(w.people, w.phone.AddPerson(fmt.Sprint("Personne ", i), username))
	}
	w.group = w.phone.AddGroup(w.number, "Couture")
	w.bases[atWhatsApp] = serveWorld(t, w.phone)
}

func (w *worlds) buildDiscord(t testing.TB, redirect string) {
	s, err := discordtest.New(discordtest.Options{
		Redirect: redirect + "/connect/discord/callback", Heartbeat: 2 * time.Second, IdentifyEvery: time.Millisecond,
		PerBucket: 500, BucketTime: 100 * time.Millisecond, Global: 5000, Starts: 100_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.Repeat(20) // one event in twenty comes twice
	w.guilds, w.guild = s, s.World.AddGuild("Lumen")
	for i := range 3 {
		w.rooms = append(w.rooms, s.World.AddChannel(w.guild, fmt.Sprint("room", i), discordtest.Text, 0))
	}
	for i := range 40 {
		w.members = append(w.members, s.World.AddUser(fmt.Sprint("member", i)))
	}
}

func serveWorld(t testing.TB, h http.Handler) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func (w *worlds) pick(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[w.random.IntN(len(list))]
}

// act lets one thing happen somewhere. It says whether a gateway told it: all
// else waits to be taken.
func (w *worlds) act() (told bool) {
	w.clock.Add(int64(w.step))
	switch n := w.random.IntN(20); {
	case n < 9:
		w.actSlack()
	case n < 15:
		w.actWhatsApp()
	default:
		w.actDiscord()
		return true
	}
	return false
}

func (w *worlds) actSlack() {
	book, who := &w.books[atSlack], w.pick(w.users)
	channel, ts := w.pick(w.channels), ""
	if last := w.pick(book.recent); last != "" { // a message is known by both
		channel, ts = last[:len(channel)], last[len(channel):]
	}
	add := func(ts string) { book.add(channel+ts, who, w.now()) }
	switch n := w.random.IntN(100); {
	case n < 50 || ts == "":
		channel = w.pick(w.channels)
		add(w.team.Post(channel, who, "Quelqu'un sait où trouver la laine ?"))
	case n < 65:
		add(w.team.Reply(channel, ts, who, "au rayon fil", n < 53))
	case n < 80:
		w.team.React(channel, ts, who, []string{"wave", "tada"}[n%2])
	case n < 85:
		w.team.Unreact(channel, ts, who, "tada")
	case n < 90:
		w.team.Edit(channel, ts, "corrigé")
	case n < 94:
		w.team.Delete(channel, ts)
		book.drop(channel + ts)
	case n < 97:
		w.users = append(w.users, w.team.Join(slacktest.User{Name: fmt.Sprint("newcomer", len(w.users))}))
	case len(w.users) > 20:
		w.team.Leave(who)
		w.users = slices.DeleteFunc(w.users, func(u string) bool { return u == who })
	}
}

func (w *worlds) actWhatsApp() {
	book, p := &w.books[atWhatsApp], w.people[w.random.IntN(len(w.people))]
	last := w.pick(book.recent)
	var group *whatsapptest.Group
	if w.random.IntN(3) == 0 {
		group = w.group
	}
	switch n := w.random.IntN(100); {
	case n < 45 || last == "":
		book.add(w.phone.Write(p, w.number, group, "C'est ouvert demain ?"), p.User, w.now())
	case n < 55:
		book.add(w.phone.Answer(p, w.number, group, "oui", last), p.User, w.now())
	case n < 60:
		book.add(w.phone.Say(w.number, p, "Bonjour"), "business", w.now())
	case n < 75:
		w.phone.React(p, last, []string{"👍", "❤️"}[n%2])
	case n < 80:
		w.phone.React(p, last, "")
	case n < 85:
		w.phone.Edit(last, "corrigé")
	case n < 90:
		w.phone.Revoke(last)
		book.drop(last)
	case n < 95:
		w.phone.JoinGroup(p, w.group)
	default:
		w.phone.LeaveGroup(p, w.group, n%2 == 0)
	}
}

func (w *worlds) actDiscord() {
	book, world, who := &w.books[atDiscord], w.guilds.World, w.pick(w.members)
	last := w.pick(book.recent)
	switch n := w.random.IntN(100); {
	case n < 50 || last == "":
		book.add(world.Post(w.pick(w.rooms), who, "How do I wash wool?"), who, time.Now())
	case n < 60:
		book.add(world.Reply(last, who, "by hand"), who, time.Now())
	case n < 75:
		// Without a time of its own, one that was taken back is not given again.
		if key := last + who; !known(w.reacted, key) {
			w.reacted[key] = world.React(last, who, "🎉")
		}
	case n < 80:
		if world.Unreact(last, who, "🎉") {
			w.reacted[last+who] = false
		}
	case n < 86:
		world.Edit(last, "with cold water")
	case n < 90:
		world.Delete(last)
		book.drop(last)
	case n < 95 || len(w.came) == 0:
		u := world.AddUser(fmt.Sprint("newcomer", len(w.came)))
		world.Join(w.guild, u, "")
		w.came = append(w.came, u)
	default:
		u := w.pick(w.came)
		world.Leave(w.guild, u, []string{discordtest.Left, discordtest.Kicked, discordtest.Banned}[n%3], n%2 == 0)
		w.came = slices.DeleteFunc(w.came, func(c string) bool { return c == u })
	}
}

func known(m map[string]bool, key string) bool {
	_, ok := m[key]
	return ok
}

// take returns the requests that wait, one in twenty of them twice.
func (w *worlds) take() (list []sent) {
	for _, e := range w.events {
		list = append(list, sent{"/hooks/slack", w.team.Envelope(e), w.signSlack})
	}
	w.events = nil
	for _, body := range w.phone.Bodies(whatsapptest.Delivery{Batch: 1 + w.random.IntN(3), Shuffle: true}) {
		list = append(list, sent{"/hooks/whatsapp", body, w.signWhatsApp})
	}
	for _, s := range list {
		if w.random.IntN(20) == 0 {
			list = append(list, s)
		}
	}
	w.random.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	return list
}

func (w *worlds) signSlack(body []byte, h http.Header) {
	if r, err := w.sender.Request(unused, body); err == nil {
		for name := range r.Header {
			h.Set(name, r.Header.Get(name))
		}
	}
}

func (w *worlds) signWhatsApp(body []byte, h http.Header) {
	h.Set("Content-Type", "application/json")
	h.Set("X-Hub-Signature-256", w.phone.Sign(body))
}

// truth is what the figures of the three communities must be.
func (w *worlds) truth() (list [3]totals) {
	for i := range w.books {
		list[i] = w.books[i].totals()
	}
	s, p, d := w.team.Truth(), w.phone.Truth(), w.guilds.World.Truth(w.guild)
	list[atSlack].Reactions, list[atSlack].Joins, list[atSlack].Leaves = s.Reactions, s.Joins, s.Leaves
	list[atWhatsApp].Reactions, list[atWhatsApp].Joins, list[atWhatsApp].Leaves = p.Reactions, p.Joins, p.Leaves
	// This world forgets reactions with their message; who gave one has given it.
	for _, stands := range w.reacted {
		if stands {
			list[atDiscord].Reactions++
		}
	}
	for _, n := range d.Joins {
		list[atDiscord].Joins += n
	}
	for _, n := range d.Leaves {
		list[atDiscord].Leaves += n
	}
	return list
}
