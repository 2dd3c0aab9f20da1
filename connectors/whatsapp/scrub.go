package whatsapp

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// The types of messages that mean more than that something was written.
const (
	typeEdit     = "edit"
	typeRevoke   = "revoke"
	typeReaction = "reaction"
	typeSystem   = "system"
	typeOther    = "unknown"
)

// Bounds of what a delivery names, in bytes.
const (
	maxName = 256
	maxID   = 200
	maxWord = 64
	maxText = 16 << 10 // four times the longest message
)

// scrubber makes parcels of a delivery.
type scrubber struct {
	keep  func(account string) bool
	body  []byte
	print string // digest of the body, once it is needed
	place int    // of the last unknown change
	out   connectors.Delivery
}

// change splits one change into parcels and notices.
func (s *scrubber) change(e *entry, c *change) {
	v := &c.Value
	number := short(string(v.Metadata.Number), maxID)
	before := len(s.out.Parcels) + len(s.out.Notices)
	if number != "" {
		at := side{number: number, shown: v.Metadata.Shown.digits()}
		at.keep = s.keep != nil && s.keep(number)
		at.index(v.Contacts)
		s.messages(&at, c)
		for i := range v.Statuses {
			s.status(&at, &v.Statuses[i])
		}
		for i := range v.Groups {
			s.group(&at, v, &v.Groups[i])
		}
		s.history(&at, v)
	}
	s.account(e, c)
	if len(s.out.Parcels)+len(s.out.Notices) == before {
		s.unknown(e, c, number)
	}
}

func (s *scrubber) messages(at *side, c *change) {
	v := &c.Value
	late := c.Field == "history" // what was sent, after its place was told
	for i := range v.Messages {
		m := &v.Messages[i]
		r := at.record(m)
		r.Who, r.Late = at.person(m.User, m.From), late
		if late && at.shown != "" && m.From.digits() == at.shown {
			r.Team, r.Who = true, at.person(m.ToUser, m.To)
		}
		s.message(at, m, r)
	}
	for i := range v.Echoes {
		m := &v.Echoes[i]
		r := at.record(m)
		r.Team, r.Who = true, at.person(m.ToUser, m.To)
		s.message(at, m, r)
	}
}

// history reads a chunk of the conversations before the number was connected.
func (s *scrubber) history(at *side, v *value) {
	for i := range v.History {
		h := &v.History[i]
		for k := range h.Threads {
			t := &h.Threads[k]
			phone := t.Context.Phone
			if phone == "" {
				phone = t.ID
			}
			who := at.person(t.Context.User, phone)
			if who != nil && who.Handle == "" {
				who.Handle = short(t.Context.Username, maxWord)
			}
			for n := range t.Messages {
				m := &t.Messages[n]
				r := at.record(m)
				r.Who = who
				r.Team = at.shown != "" && m.From.digits() == at.shown || m.From.digits() != t.ID.digits() && m.From != "" && m.User == ""
				s.message(at, m, r)
			}
		}
		s.declined(at, h.Errors)
	}
	if len(v.History) == 0 {
		s.declined(at, v.Errors)
	}
}

// codeDeclined says that the business does not share its history.
const codeDeclined = 2593109

func (s *scrubber) declined(at *side, list []fault) {
	for _, f := range list {
		if f.Code == codeDeclined {
			s.out.Notices = append(s.out.Notices, connectors.Notice{
				Account: at.number, Kind: connectors.NoticeDegrade, Detail: declined,
			})
			return
		}
	}
}

// record is what all messages have.
func (at *side) record(m *message) *record {
	return &record{
		Number: at.number, Shown: at.shown, ID: digestID(m.ID), At: m.Time.seconds(), Type: typeOf(m.Type),
		Group: groupID(m.Group), Parent: digestID(m.Context.ID),
	}
}

// typeOf keeps the types that are known and makes all others one: a type says
// what was sent, so those that hold something are all the same to us.
func typeOf(t string) string {
	switch t {
	case typeEdit, typeRevoke, typeReaction, typeSystem:
		return t
	case "text", "image", "video", "audio", "document", "sticker", "location", "contacts", "button", "interactive",
		"order", "unsupported", "media_placeholder":
		return t
	}
	return typeOther
}

// message finishes a record and makes it a parcel.
func (s *scrubber) message(at *side, m *message, r *record) {
	text := m.words()
	switch {
	case r.Type == typeEdit && m.Edit != nil:
		r.About, text = digestID(m.Edit.About), m.Edit.Message.words()
	case r.Type == typeRevoke && m.Revoke != nil:
		r.About = digestID(m.Revoke.About)
	case r.Type == typeReaction && m.Reaction != nil:
		r.About, r.Off = digestID(m.Reaction.About), m.Reaction.Emoji == ""
	case r.Type == typeSystem && m.System != nil:
		r.system(m)
	}
	if text != "" && r.Type != typeOther {
		f := community.Describe(text)
		r.Length, r.Asks, r.Link = f.Length, f.Question, f.Link
		if f.Question && at.keep && len(text) <= maxText {
			r.Text = text
		}
	}
	key := "m/" + r.ID
	switch {
	case r.Type == "media_placeholder":
		key = "p/" + r.ID
	case r.Late:
		key = "h/" + r.ID
	}
	s.parcel(at.number, kindMessage, key, r.ID == "", r)
}

// system says what became of somebody.
func (r *record) system(m *message) {
	switch m.System.Type {
	case "user_changed_number", "user_changed_user_id":
		r.State = "number"
		phone := m.System.NewWaID
		if phone == "" {
			phone = m.System.Phone
		}
		now := person{User: userID(m.System.User), Phone: phone.digits()}
		if now.known() && (r.Who == nil || now.id() != r.Who.id()) {
			r.Now = &now
		}
	case "customer_identity_changed":
		r.State = "identity"
	}
}

func (s *scrubber) status(at *side, st *status) {
	member := st.Member
	if member == "" {
		member = st.Member2
	}
	r := record{Number: at.number, ID: digestID(st.ID), At: st.Time.seconds(), Type: "status", State: word(st.State)}
	key := "s/" + r.ID + "/" + r.State
	if who := st.User + string(member); who != "" {
		key += "/" + digestHex(who)
	}
	s.parcel(at.number, kindStatus, key, r.ID == "", &r)
}

// parcel adds one payload. What has no id of its own is known by its content.
func (s *scrubber) parcel(account, kind, key string, nameless bool, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		return // there is nothing in a record that cannot be written
	}
	if nameless {
		sum := sha256.Sum256(raw)
		key = "x/" + hex.EncodeToString(sum[:16])
	}
	s.out.Parcels = append(s.out.Parcels, connectors.Parcel{
		Account: account, Payload: connectors.Payload{Key: key, Kind: kind, Body: raw},
	})
}

// digestID stands for a platform's id, which holds a telephone number.
func digestID(id string) string {
	if id == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:16])
}

// groupID keeps the id of a group within bounds.
func groupID(id string) string {
	if id = short(id, maxID+1); len(id) > maxID {
		return digestHex(id)
	}
	return id
}

// word keeps a keyword of the platform: letters, digits and underscores.
func word(s string) string {
	s = short(s, maxWord)
	return strings.Map(func(r rune) rune {
		if r == '_' || r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// short is a text of at most so many bytes, in UTF-8 and without control characters.
func short(s string, most int) string {
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7F || s[i] >= utf8.RuneSelf {
			return strings.Map(func(r rune) rune {
				if unicode.IsControl(r) {
					return -1
				}
				return r
			}, strings.ToValidUTF8(s, ""))
		}
	}
	return s
}
