// Package community holds the nouns of Foyer and their rules: what a community
// is, who takes part and what they do. It knows no platform, no database and
// no page; everything else imports it, it imports the standard library only.
package community

import (
	"errors"
	"time"
)

// ErrNotFound says that the thing asked for does not exist in this organisation.
var ErrNotFound = errors.New("not found")

// Scope names the community that a row or a question belongs to. Every query
// names both parts, so that no tenant can read another's rows.
type Scope struct {
	Organisation int64
	Community    int64
}

// Community is a group of people that a brand animates, on one or more platforms.
type Community struct {
	Scope
	Name     string
	Location *time.Location // day boundaries
	Created  time.Time
	Client   int64     // of an agency, whose community it is; 0: nobody's
	Archived time.Time // zero: it is looked at; its data stays either way
	// KeepQuestions says that the text of questions is kept.
	KeepQuestions bool
}

// Platform is the key of a chat platform, shop or CRM, as its connector names
// itself: lower case, no spaces.
type Platform string

// Measures says what a source can tell. What it cannot tell is "not measured",
// never zero.
type Measures struct {
	Joins       bool // when somebody joined
	Leaves      bool // when somebody left
	Reactions   bool // reactions, with or without their authors
	ReplyLinks  bool // which message a message answers; else turn-taking is inferred
	MemberList  bool // everybody who is a member, also those who never wrote
	ThreadLinks bool // which thread a message stands in
}

// Source is the account of a platform that a connection reads: a server, a
// workspace, a chat.
type Source struct {
	Platform   Platform
	ExternalID string // the platform's own id; a stable derivation where it has none
	Name       string
	Measures   Measures
	// Horizon is the last moment this source can speak of: the time of an export
	// where the file tells it, else zero (the last activity is taken).
	Horizon time.Time
	// Decisions are what the importer decided by evidence and the visitor should
	// see, such as {"date_order": "dmy"}.
	Decisions map[string]string
}
