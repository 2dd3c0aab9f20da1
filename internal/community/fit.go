package community

// Fit is where a platform stops suiting the community that lives on it.
type Fit struct {
	// Crowd is how many people can be active in one of its groups before they lose
	// each other; 0 where it has no such bound.
	Crowd int
	// OneChannel is the share of a server's messages, 0 to 1, from which on one
	// channel holds practically all; 0 where channels are no matter.
	OneChannel float64
	// History is how many days a plan shows, by the plan's name; plans that are not
	// named show everything. Nil where no plan hides anything.
	History map[string]int
}

// Place is one account of a platform, as far as it matters to whether the
// platform suits.
type Place struct {
	Platform Platform
	Account  string
	Fit      Fit
	Plan     string // empty: not known
	// Oldest is the day of the oldest message that the platform showed when its
	// history was read; zero when that is not known.
	Oldest   Date
	Channels []PlaceChannel // with messages in the window
	Partial  bool           // known from an export, which may hold some channels only
}

// PlaceChannel is a channel in a window; threads count with it.
type PlaceChannel struct {
	Name     string
	Kind     ChannelKind
	Messages int
	Busiest  int // people who wrote on the day on which the most did
}
