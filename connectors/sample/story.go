// Package sample invents the sample community: one year in the life of a
// fictional sewing community, told without any platform's form. Each chat
// connector writes its part of the story as the export file that its own
// importer reads, so that a visit with sample data runs through the same code as
// a real import. Nobody in it exists; telephone numbers are of the range that is
// reserved for fiction, addresses end in .example.
package sample

import "time"

// Story is one year of a community, from its opening until today.
type Story struct {
	Name     string
	Seed     uint64
	From, To time.Time // every event lies in [From, To)
	Location *time.Location
	// TeamDomain is of the team's e-mail addresses, TeamRole is the team's role
	// on the server: who imports the story says so, as a brand would.
	TeamDomain, TeamRole string
	Spaces               [3]Space // by Place
	People               []Person
	Channels             []Channel
	Events               []Event // in the order of time
}

// Place says where something happens.
type Place int

// The places. What a brand would have: one large public server, a workspace of
// its most faithful members, a chat group of one town.
const (
	Server Place = iota
	Workspace
	Group
)

// Space is one place as people know it.
type Space struct {
	Name string
	// Opened is the moment before the first event there.
	Opened time.Time
}

// Person is somebody in the story, or one of its bots. The index in
// Story.People is the person's number; the same person may be in several places.
type Person struct {
	Name   string // as shown
	Handle string // lower case, unique in the story
	Email  string // lower case; empty for bots
	Phone  string // as a chat group shows it; empty where it shows the name
	Team   bool
	Bot    bool
}

// Channel is where messages stand.
type Channel struct {
	Place Place
	Name  string
	Topic string
}

// Kind is what an event is.
type Kind int

// The kinds of event.
const (
	Message Kind = iota
	Reaction
	Join
	Leave
	Edit
)

// None stands for no person, no channel and no event.
const None = -1

// Event is one thing that one person did.
type Event struct {
	Kind    Kind
	At      time.Time // in Story.Location, whole milliseconds; no two in one place share one
	Place   Place
	Person  int
	Channel int // in Story.Channels; None for joins and leaves
	// Target is the event, by its index in Story.Events, that a message answers or
	// that is reacted to or edited; None for none. It lies before this event.
	Target int
	By     int   // who added or removed the person; None for of their own accord
	To     []int // people mentioned, never the author
	Text   string
	Emoji  string // of a reaction: one character
	Image  bool   // a message with a picture
}

// Counts are the numbers of one place.
type Counts struct {
	People    int // who ever did anything there, bots apart
	Bots      int
	Messages  int
	Reactions int
	Joins     int
	Leaves    int
}

// Count returns the numbers of a place.
func (s *Story) Count(place Place) Counts {
	var c Counts
	seen := make([]bool, len(s.People))
	for i := range s.Events {
		e := &s.Events[i]
		if e.Place != place {
			continue
		}
		switch e.Kind {
		case Message:
			c.Messages++
		case Reaction:
			c.Reactions++
		case Join:
			c.Joins++
		case Leave:
			c.Leaves++
		}
		if !seen[e.Person] {
			seen[e.Person] = true
			if s.People[e.Person].Bot {
				c.Bots++
			} else {
				c.People++
			}
		}
	}
	return c
}
