package sample

import "time"

// Line is a message, a join or a leave as somebody sees it who exports the place
// at the end of the story.
type Line struct {
	Event
	Number    int // of the event, in Story.Events
	Edited    time.Time
	Reactions []Given
}

// Given is one emoji on a message, and who gave it, the first one first.
type Given struct {
	Emoji  string
	People []int
}

// Lines returns a place's lines in the order of time: edits are applied,
// reactions stand with their message.
func (s *Story) Lines(place Place) []Line {
	var lines []Line
	at := map[int]int{} // event to line
	for i, e := range s.Events {
		if e.Place != place {
			continue
		}
		switch target, ok := at[e.Target]; {
		case e.Kind == Edit && ok:
			lines[target].Text, lines[target].Edited = e.Text, e.At
		case e.Kind == Reaction && ok:
			lines[target].give(e.Emoji, e.Person)
		case e.Kind != Edit && e.Kind != Reaction:
			at[i] = len(lines)
			lines = append(lines, Line{Event: e, Number: i})
		}
	}
	return lines
}

func (l *Line) give(emoji string, person int) {
	for i := range l.Reactions {
		if l.Reactions[i].Emoji == emoji {
			l.Reactions[i].People = append(l.Reactions[i].People, person)
			return
		}
	}
	l.Reactions = append(l.Reactions, Given{emoji, []int{person}})
}

// Root is the first message of the thread that a message stands in, by its
// number: itself when it answers nothing.
func (s *Story) Root(number int) int {
	for s.Events[number].Target != None {
		number = s.Events[number].Target
	}
	return number
}
