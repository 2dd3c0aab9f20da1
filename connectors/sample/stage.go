package sample

import (
	"sync"
	"time"
)

// Staging is what a stand-in of a platform needs to play its place of a story:
// what lies before Now is its past, the rest happens when it is played.
type Staging struct {
	Story *Story
	// Since is how far back messages go; who came before is there without them.
	Since, Now time.Time
	Redirect   string // where the platform sends a visitor back to who has agreed
	Hook       string // where it delivers, if it delivers by request
}

// Clock is the time on a stage: the moment of what is told of the past, and the
// real one from Run on. It may be read and set at once.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		return time.Now()
	}
	return c.at
}

// Set stops the clock at a moment.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// Run lets the clock show the real time.
func (c *Clock) Run() { c.Set(time.Time{}) }

// Past lets everything happen at a place that lies before Now, each at its own
// time by the clock, which runs afterwards.
func (s Staging) Past(place Place, c *Clock, play func(event int)) {
	for i := range s.Story.Events {
		e := &s.Story.Events[i]
		moves := e.Kind == Join || e.Kind == Leave
		if e.Place != place || !e.At.Before(s.Now) || !moves && e.At.Before(s.Since) {
			continue
		}
		c.Set(e.At)
		play(i)
	}
	c.Run()
}

// Future are the events of a place from Now on, in the order of time.
func (s Staging) Future(place Place) []int {
	var list []int
	for i := range s.Story.Events {
		if e := &s.Story.Events[i]; e.Place == place && !e.At.Before(s.Now) {
			list = append(list, i)
		}
	}
	return list
}
