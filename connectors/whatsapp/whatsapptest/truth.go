package whatsapptest

import "github.com/foyer-app/foyer/internal/community"

// Truth is what has happened in the world, however it is delivered.
type Truth struct {
	Messages  int // of people, that stand
	Team      int // of the business, that stand
	Revoked   int
	Questions int // among Messages, by their text as it is now
	Length    int // of Messages and Team together, in characters
	Reactions int // that stand
	Joins     int
	Leaves    int
	Writers   int // people who wrote at least once, whatever became of it
}

// Truth counts.
func (w *World) Truth() Truth {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := Truth{Reactions: len(w.given), Joins: w.joins, Leaves: w.leaves}
	for _, m := range w.words {
		if m.revoked {
			t.Revoked++
			continue
		}
		f := community.Describe(m.text)
		t.Length += f.Length
		if m.by == nil {
			t.Team++
			continue
		}
		t.Messages++
		if f.Question {
			t.Questions++
		}
	}
	for _, p := range w.people {
		if p.wrote {
			t.Writers++
		}
	}
	return t
}
