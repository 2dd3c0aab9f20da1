package community

import "time"

// Kind is what somebody did. The numbers are stored: never reuse one.
type Kind int16

// The kinds of activity.
const (
	Message  Kind = 1 // something written, an attachment or a sticker included
	Reaction Kind = 2 // an emoji given to a message
	Join     Kind = 3 // became a member of the community (not of one channel)
	Leave    Kind = 4 // ceased to be a member
	Voice    Kind = 5 // a voice session; Amount is its length in seconds
	Notice   Kind = 6 // a line of the system: renamed, pinned, unknown; never a contribution
)

// How somebody left or joined, in Activity.Detail.
const (
	DetailNone       = ""
	DetailLeft       = "left"
	DetailRemoved    = "removed" // by somebody else, kind unknown
	DetailKicked     = "kicked"
	DetailBanned     = "banned"
	DetailAdded      = "added"      // by somebody else
	DetailInvite     = "invite"     // by an invitation link
	DetailReconciled = "reconciled" // no event told it: the member list did
	DetailUnknown    = "unknown"    // a system line whose meaning is not known
)

// Activity is one thing that one person did at one moment. Applying it twice,
// or in any order with its edits and its deletion, gives the same state.
type Activity struct {
	Kind Kind
	// ExternalID is the same whichever way the activity arrives (webhook,
	// gateway, backfill, export file). It starts with the platform's key and a
	// slash. Together with At it is the identity of the activity.
	ExternalID string
	At         time.Time
	Actor      string // Identity.ExternalID; empty when nobody is named
	Channel    string // Channel.ExternalID; empty for activity of the whole community
	// Parent is the ExternalID of the message that this one answers, reacts to or
	// follows in a thread (then the thread's first message); empty for none.
	// ParentAt is that message's At. Both or neither, unless Keyed.
	Parent   string
	ParentAt time.Time
	// To are identities addressed directly: people mentioned, or the author of
	// the message answered where the platform tells it.
	To []string
	// Unlinked says that the activity answers or reacts to something that the
	// source does not name: an exchange whose other side is not measured.
	Unlinked bool
	// Order tells activities of the same At apart where the source's times are
	// coarse: the place of the line in its minute. It is no part of the identity.
	Order int
	// Amount: 1, the seconds of a voice session, or for a reaction without an
	// actor the total number of that emoji on that message, known givers included.
	Amount   int
	Features Features
	Detail   string
	// Inferred says that At is not the act's own time: an export tells who
	// reacted, not when, so the message's time stands for it.
	Inferred bool
	// Revision orders versions of one activity: 0 as written, the milliseconds of
	// an edit, Tombstone once deleted. A higher one replaces a lower one.
	Revision int64
	Deleted  bool
	// Keyed says that ExternalID alone is the identity, because the platform's
	// later events name an activity and not its moment. The first At that is stored
	// stays. In an edit, or in what takes something back, At is zero: it is kept
	// until the activity that it speaks of is there, and only Features, Revision and
	// Deleted of it count. Parent then has no ParentAt and is found by itself. What
	// can be given again is taken back with an ordinary revision, not a Tombstone.
	Keyed bool
}

// Tombstone is the revision of a deletion; nothing comes after it.
const Tombstone = 1<<63 - 1

// Features are what is kept of a text in its stead.
type Features struct {
	Length   int  // in characters
	Question bool // asks something, by the rule of IsQuestion
	Link     bool // holds a web address
}

// Identity is one person, or one bot, on one platform.
type Identity struct {
	ExternalID string
	Name       string // as shown
	Handle     string // the unique short name, where there is one
	Email      string // lower case, where the source gives it
	// Phone is the number that the platform knows them by, international with a +;
	// the store keeps a fingerprint of it only.
	Phone    string `json:",omitzero"`
	Bot      bool
	Guest    bool     // of the workspace
	Outside  bool     // of another organisation, in a shared channel
	Departed bool     // deactivated; the moment is not known
	Listed   bool     // named by the source's member list
	Roles    []string // names of the platform's roles
	// SameAs is the ExternalID of another identity that the platform says is the
	// same person; empty where it says nothing.
	SameAs string
}

// Channel is a place where people write.
type Channel struct {
	ExternalID string
	Name       string
	Parent     string // the channel that a thread or forum post belongs to
	Kind       ChannelKind
	Archived   bool
	Private    bool
}

// ChannelKind tells places apart. The numbers are stored.
type ChannelKind int16

// The kinds of channel.
const (
	TextChannel   ChannelKind = 0
	ThreadChannel ChannelKind = 1
	ForumChannel  ChannelKind = 2
	VoiceChannel  ChannelKind = 3
	GroupChannel  ChannelKind = 4 // a chat group without channels
)

// Batch is what payloads mean, each part keyed by the platform's own ids.
type Batch struct {
	Identities []Identity
	Channels   []Channel
	Activities []Activity
	Business   Business `json:",omitzero"` // what a shop, a billing system or a CRM tells; empty for chats
}

// Append adds the parts of other to b.
func (b *Batch) Append(other Batch) {
	b.Identities = append(b.Identities, other.Identities...)
	b.Channels = append(b.Channels, other.Channels...)
	b.Activities = append(b.Activities, other.Activities...)
	b.Business.append(other.Business)
}
