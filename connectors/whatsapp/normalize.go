package whatsapp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// kindLine is the kind of payloads: one record of an export, with all its lines.
const kindLine = "export.line"

// scope is what a record does not say itself.
type scope struct {
	Chat  string    `json:"chat"`            // the channel
	Name  string    `json:"name,omitempty"`  // of the chat
	Group string    `json:"group,omitempty"` // under which the system writes, on iPhones
	At    time.Time `json:"at"`              // of the record
	N     int       `json:"n,omitempty"`     // among records that are the same in that minute, from 0
}

// Normalize reads one record of an export, or what Receive left of a delivery.
func (Connector) Normalize(p connectors.Payload) (community.Batch, error) {
	if p.Kind != kindLine {
		return normalizeLive(p)
	}
	var s scope
	if err := json.Unmarshal([]byte(p.Scope), &s); err != nil {
		return community.Batch{}, fmt.Errorf("whatsapp: scope: %w", err)
	}
	first, _, _ := bytes.Cut(p.Body, []byte("\n"))
	h, ok := scanHeader(first)
	if !ok || s.Chat == "" || s.At.IsZero() {
		return community.Batch{}, errors.New("whatsapp: record without a header, or scope without its chat and time")
	}
	s.At = s.At.UTC()
	l := readLine(strings.ToValidUTF8(string(p.Body[h.rest:]), "\uFFFD"))
	b := community.Batch{Channels: []community.Channel{{ExternalID: s.Chat, Name: s.Name, Kind: community.GroupChannel}}}
	if e, ok := l.event(s.Group); ok {
		s.event(&b, e, &l)
	} else {
		s.message(&b, &l)
	}
	return b, nil
}

// message adds what somebody wrote, a tombstone included.
func (s *scope) message(b *community.Batch, l *line) {
	author := identify(l.author)
	know(b, author)
	c := readContent(l.text)
	a := community.Activity{
		Kind: community.Message, At: s.At, Actor: author.ExternalID, Channel: s.Chat, Amount: 1,
		ExternalID: activityID("m", s.Chat, s.At, strconv.FormatUint(digest(l, c), 10), s.N),
	}
	switch {
	case c.deleted:
		a.Deleted, a.Revision = true, community.Tombstone
	case c.text != "":
		a.Features = community.Describe(c.text)
		for _, person := range mentions(l.text) {
			if person.ExternalID != author.ExternalID && know(b, person) {
				a.To = append(a.To, person.ExternalID)
			}
		}
	}
	b.Activities = append(b.Activities, a)
}

// event adds what the system tells: a join or leave for each person that it
// names, else a notice. Joins and leaves are of the community, so they carry no channel.
func (s *scope) event(b *community.Batch, e event, l *line) {
	kind, detail := e.meaning()
	letter := map[community.Kind]string{community.Join: "j", community.Leave: "l"}[kind]
	for _, name := range e.people {
		if letter == "" || isYou(name) {
			continue
		}
		person := identify(name)
		if !know(b, person) {
			continue
		}
		b.Activities = append(b.Activities, community.Activity{
			Kind: kind, Detail: detail, At: s.At, Actor: person.ExternalID, Amount: 1,
			ExternalID: activityID(letter, s.Chat, s.At, person.ExternalID, s.N),
		})
	}
	if len(b.Activities) > 0 {
		return
	}
	a := community.Activity{
		Kind: community.Notice, Detail: detail, At: s.At, Channel: s.Chat, Amount: 1,
		ExternalID: activityID("n", s.Chat, s.At, strconv.FormatUint(digest(l, readContent(l.text)), 10), s.N),
	}
	if e.actor != "" && !isYou(e.actor) {
		actor := identify(e.actor)
		know(b, actor)
		a.Actor = actor.ExternalID
	}
	b.Activities = append(b.Activities, a)
}

// know adds a person to the batch, and says whether it was not there.
func know(b *community.Batch, person community.Identity) bool {
	for i := range b.Identities {
		if b.Identities[i].ExternalID == person.ExternalID {
			return false
		}
	}
	b.Identities = append(b.Identities, person)
	return true
}
