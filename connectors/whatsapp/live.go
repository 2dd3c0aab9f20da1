package whatsapp

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// The live side reads one telephone number of a WhatsApp Business account by the
// Cloud API. Ordinary groups are not offered by that API and stay imports.
//
//   - An account (Connection.ExternalID) is the id of the number. Several numbers
//     belong to one business account, which is their owner (SettingOwner).
//   - A member is somebody who wrote to the number, or to a group that was made
//     through the API, in the window asked for. So there is no list of members, and
//     joins are inferred but for those of groups. See Measures.
//   - The number is a channel. Each conversation with it is a thread of that
//     channel, so that who answers whom follows from who writes after whom.
//   - The business is one identity with the role RoleBusiness.
//   - A message has one id whether it comes by webhook or with the history: the
//     digest of the platform's id, which itself holds a telephone number.
//   - A person is known by the business-scoped user id where a payload has one, else by
//     the number. A payload that has both tells that they are the same (SameAs).
//
// Statuses of messages (sent, delivered, read) are received and mean no activity.

// RoleBusiness is the role of the identity that writes for the business.
const RoleBusiness = "business"

// version of the Graph API that requests name.
const version = "v25.0"

// The kinds of live payloads.
const (
	kindMessage = "live.message"
	kindStatus  = "live.status"
	kindGroup   = "live.group"
	kindUnknown = "live.unknown"
)

// measures is what a number can tell. Quotations are rare in conversations, so
// answers are inferred from turns.
func measures() community.Measures { return community.Measures{Reactions: true} }

// record is what is stored of a message or status: no text, no number that is not
// needed to know the person, nothing of what is attached.
type record struct {
	Number string  `json:"number"`          // id of the business's number, which is the account
	Shown  string  `json:"shown,omitempty"` // that number, digits
	ID     string  `json:"id,omitempty"`    // digest of the platform's id
	At     int64   `json:"at"`              // seconds; 0 when it was not told
	Type   string  `json:"type"`
	Team   bool    `json:"team,omitempty"`  // written by the business, to Who
	Late   bool    `json:"late,omitempty"`  // what an earlier version of it held only the place for
	Who    *person `json:"who,omitempty"`   // the other side of the conversation
	Now    *person `json:"now,omitempty"`   // who that person has become
	Group  string  `json:"group,omitempty"` // its id
	About  string  `json:"about,omitempty"` // digest of the message that is edited, revoked or reacted to
	Parent string  `json:"parent,omitempty"`
	Off    bool    `json:"off,omitempty"` // the reaction is taken back
	Length int     `json:"len,omitempty"`
	Asks   bool    `json:"asks,omitempty"`
	Link   bool    `json:"link,omitempty"`
	Text   string  `json:"text,omitempty"` // of a question, where the community keeps those
	State  string  `json:"state,omitempty"`
}

// person is who a payload names.
type person struct {
	User   string `json:"user,omitempty"` // business-scoped user id
	Phone  string `json:"phone,omitempty"`
	Name   string `json:"name,omitempty"`
	Handle string `json:"handle,omitempty"`
}

// known says whether the person can be told from others.
func (p *person) known() bool { return p != nil && (p.User != "" || p.Phone != "") }

// id is the ExternalID of the person.
func (p *person) id() string {
	if p.User != "" {
		return "user:" + p.User
	}
	return "tel:+" + p.Phone
}

// identities returns the person, and its number as the same person where a
// payload has both.
func (p *person) identities() []community.Identity {
	main := community.Identity{ExternalID: p.id(), Name: p.Name, Handle: p.Handle}
	if p.User == "" && p.Phone != "" {
		main.Phone = "+" + p.Phone
	}
	if p.User == "" || p.Phone == "" {
		return []community.Identity{main}
	}
	if main.Handle == "" {
		main.Handle = "+" + p.Phone
	}
	return []community.Identity{main, {ExternalID: "tel:+" + p.Phone, Name: p.Name, Phone: "+" + p.Phone, SameAs: main.ExternalID}}
}

// normalizeLive reads what Receive left of a delivery.
func normalizeLive(p connectors.Payload) (community.Batch, error) {
	var b community.Batch
	switch p.Kind {
	case kindMessage:
		var r record
		if err := json.Unmarshal(p.Body, &r); err != nil {
			return b, fmt.Errorf("whatsapp: message: %w", err)
		}
		return r.batch()
	case kindGroup:
		var g groupRecord
		if err := json.Unmarshal(p.Body, &g); err != nil {
			return b, fmt.Errorf("whatsapp: group: %w", err)
		}
		return g.batch()
	case kindStatus, kindUnknown:
		if !json.Valid(p.Body) {
			return b, &connectors.RefusedError{Reason: connectors.ReasonNotJSON}
		}
		return b, nil
	}
	return b, fmt.Errorf("whatsapp: payload of kind %q is not known", p.Kind)
}

// moment is a time in seconds as it is stored, or the reason why there is none.
func moment(seconds int64) (time.Time, error) {
	if seconds <= 0 || seconds > maxSeconds {
		return time.Time{}, &connectors.RefusedError{Reason: connectors.ReasonNoTime, Detail: "timestamp"}
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// maxSeconds is the year 2286: what lies behind it is not in seconds.
const maxSeconds = 9_999_999_999
