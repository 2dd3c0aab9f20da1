package sample

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

var end = time.Date(2025, 11, 25, 18, 30, 5, 0, time.UTC)

// ends lie in all seasons, one of them in an hour that clocks double.
func ends() map[string]time.Time {
	return map[string]time.Time{
		"autumn": end, "winter": time.Date(2025, 1, 2, 7, 0, 0, 0, time.UTC), "summer": time.Date(2025, 8, 15, 12, 0, 0, 0, time.UTC),
		"spring": time.Date(2024, 3, 31, 1, 30, 0, 0, time.UTC), "doubled hour": time.Date(2025, 10, 26, 1, 30, 0, 0, time.UTC),
	}
}

func TestSameSeedSameStory(t *testing.T) {
	t.Parallel()
	story := Generate(7, end)
	if again := Generate(7, end.In(time.FixedZone("", 3600)).Add(time.Millisecond)); !reflect.DeepEqual(story, again) {
		t.Error("the same seed and second give another story")
	}
	if other := Generate(8, end); reflect.DeepEqual(story.Events, other.Events) {
		t.Error("another seed gives the same story")
	}
}

func TestStoryIsQuickAndSmall(t *testing.T) { // alone: it takes the time and counts the memory
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	s := Generate(1, end)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if taken := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 2*time.Second || taken > 128 {
		t.Errorf("%d events in %s and %d MB", len(s.Events), took, taken)
	}
}

// Whatever the seed and the season, what happens can happen.
func TestEventsHold(t *testing.T) {
	t.Parallel()
	for name, at := range ends() {
		for seed := range uint64(2) {
			s := Generate(seed, at)
			c := checker{T: t, s: &s, reacted: map[[2]int]bool{}, in: map[[2]int]bool{}, out: map[[2]int]bool{}}
			for i := range s.Events {
				c.event(i)
			}
			if t.Failed() {
				t.Fatalf("%s, seed %d", name, seed)
			}
		}
	}
}

// host is who made the group: nobody lets them in.
var host = [2]int{int(Group), 0}

// checker walks through a story's events.
type checker struct {
	*testing.T
	s       *Story
	last    [3]time.Time
	reacted map[[2]int]bool // message, person
	in, out map[[2]int]bool // place, person
}

func (c *checker) event(i int) {
	e := &c.s.Events[i]
	member := [2]int{int(e.Place), e.Person}
	p := c.s.People[e.Person]
	switch {
	case e.At.Before(c.s.From), !e.At.Before(c.s.To), !e.At.After(c.last[e.Place]), e.At.Before(c.s.Spaces[e.Place].Opened):
		c.Errorf("event %d at %s, after %s", i, e.At, c.last[e.Place])
	case e.At.Hour() >= 2 && e.At.Hour() < 7:
		c.Errorf("event %d at night: %s", i, e.At)
	case e.Kind == Join && (c.in[member] || p.Bot), e.Kind == Leave && (!c.in[member] || c.out[member]):
		c.Errorf("event %d: %s joins or leaves twice", i, p.Name)
	case (e.Kind == Message || e.Kind == Reaction) && !p.Bot && (!c.in[member] && member != host || c.out[member]):
		c.Errorf("event %d: %s is not there", i, p.Name)
	}
	c.last[e.Place] = e.At
	c.in[member] = c.in[member] || e.Kind == Join
	c.out[member] = c.out[member] || e.Kind == Leave
	c.links(i, e)
	if e.Kind == Message && (e.Text == "" || strings.ContainsAny(e.Text, "{}\n") || strings.TrimSpace(e.Text) != e.Text) {
		c.Errorf("event %d says %q", i, e.Text)
	}
}

// links checks what an event points to.
func (c *checker) links(i int, e *Event) {
	if e.Target != None {
		target := &c.s.Events[e.Target]
		if e.Target >= i || target.Kind != Message || target.Place != e.Place || target.Channel != e.Channel ||
			(e.Person == target.Person) != (e.Kind == Edit) {
			c.Errorf("event %d: %+v points to %+v", i, *e, *target)
		}
	}
	if e.Kind == Reaction {
		if key := [2]int{e.Target, e.Person}; e.Target == None || e.Emoji == "" || c.reacted[key] {
			c.Errorf("event %d: reaction %+v", i, *e)
		} else {
			c.reacted[key] = true
		}
	}
	if slices.Contains(e.To, e.Person) {
		c.Errorf("event %d: the author is mentioned", i)
	}
	if (e.Channel == None) != (e.Kind == Join || e.Kind == Leave) || e.Channel != None && c.s.Channels[e.Channel].Place != e.Place {
		c.Errorf("event %d: channel %d", i, e.Channel)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	s := Generate(3, end)
	names, handles := map[string]bool{}, map[string]bool{}
	for _, p := range s.People {
		if p.Name == "" || names[p.Name] || handles[p.Handle] || strings.ToLower(p.Handle) != p.Handle {
			t.Errorf("%+v has the name or handle of somebody else", p)
		}
		names[p.Name], handles[p.Handle] = true, true
		if _, domain, _ := strings.Cut(p.Email, "@"); !p.Bot && !strings.HasSuffix(domain, ".example") {
			t.Errorf("%s has an address that may exist: %s", p.Name, p.Email)
		}
		if p.Phone != "" && !strings.HasPrefix(p.Phone, "+33 6 39 98 ") {
			t.Errorf("%s has a number that may exist: %s", p.Name, p.Phone)
		}
	}
	for _, name := range append(slices.Clone(known), team...) {
		if !names[name] {
			t.Errorf("%s does not appear", name)
		}
	}
}

// What asks is seen as a question, and nothing else is.
func TestTextsAskWhenTheyShould(t *testing.T) {
	t.Parallel()
	p := readPhrases(french)
	r := rand.New(rand.NewPCG(1, 1))
	for _, list := range slices.Sorted(maps.Keys(p)) {
		if !strings.ContainsAny(list, ".") && !slices.Contains([]string{"merci", "photo", "bravo", "intro", "annonce", "café", "papote", "aussi", "plainte", "bienvenue", "lancement", "excuse"}, list) {
			continue // words, not texts
		}
		for range 400 {
			text := p.say(r, list, "Zoé")
			if asks := strings.HasPrefix(list, "q."); community.IsQuestion(text) != asks {
				t.Errorf("%s: %q; should ask: %v", list, text, asks)
			}
		}
	}
}

func TestTextsVary(t *testing.T) {
	t.Parallel()
	s := Generate(1, end)
	texts, messages := map[string]bool{}, 0
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == Message {
			messages++
			texts[e.Text] = true
		}
	}
	if 5*len(texts) < 2*messages {
		t.Errorf("%d texts in %d messages", len(texts), messages)
	}
}

func TestEverySlotHasItsList(t *testing.T) {
	t.Parallel()
	p := readPhrases(french)
	for list, texts := range p {
		for _, text := range texts {
			for _, part := range strings.Split(text, "{")[1:] {
				slot, _, closed := strings.Cut(part, "}")
				name, form, _ := strings.Cut(slot, ".")
				if !closed || slot != "prenom" && p[slot] == nil && (len(p[name]) < 2 || form != "maj" && form != "nu") {
					t.Errorf("%s: nothing fills {%s} of %q", list, slot, text)
				}
			}
		}
	}
}
