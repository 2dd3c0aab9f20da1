package whatsapp

import (
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// batch is what a message means. Edits, revocations and reactions that are taken
// back name their message and not its moment, so all of it is Keyed.
func (r *record) batch() (community.Batch, error) {
	var b community.Batch
	at, err := moment(r.At)
	switch {
	case err != nil:
		return b, err
	case r.Number == "" || r.ID == "":
		return b, &connectors.RefusedError{Reason: connectors.ReasonNoID, Detail: "id"}
	case r.Type == typeSystem && r.Now.known():
		r.become(&b)
	}
	a := community.Activity{Kind: community.Message, At: at, Amount: 1, Keyed: true, ExternalID: messageID(r.ID)}
	a.Channel = r.channel(&b)
	a.Actor = r.actor(&b)
	if r.Parent != "" && r.Parent != r.ID {
		a.Parent = messageID(r.Parent)
	}
	if err := r.say(&a, at); err != nil {
		return community.Batch{}, err
	}
	b.Activities = append(b.Activities, a)
	return b, nil
}

// say makes the activity what the type of the message says.
func (r *record) say(a *community.Activity, at time.Time) error {
	if err := r.lacks(a.Actor); err != nil {
		return err
	}
	switch r.Type {
	case typeReaction:
		a.Kind, a.ExternalID, a.Parent = community.Reaction, r.reactionID(a.Actor), messageID(r.About)
		// One person has one reaction to a message, given and taken back in turn; the
		// times are whole seconds, in which it was given before it was taken back.
		a.Revision = at.UnixMilli()
		if r.Off {
			a.At, a.Deleted, a.Revision = time.Time{}, true, a.Revision+500
		}
	case typeEdit:
		a.At, a.ExternalID, a.Revision, a.Parent = time.Time{}, messageID(r.About), at.UnixMilli(), ""
		a.Features = r.features()
	case typeRevoke:
		a.At, a.ExternalID, a.Revision, a.Parent = time.Time{}, messageID(r.About), community.Tombstone, ""
		a.Deleted = true
	case typeSystem, typeOther:
		a.Kind, a.Keyed, a.Parent, a.Detail = community.Notice, false, "", community.DetailUnknown
		a.ExternalID = string(platform) + "/n/" + r.ID
		if r.Type == typeSystem && r.State != "" {
			a.Detail = r.State
		}
	default:
		a.Features = r.features()
		if r.Late {
			a.Revision = 1
		}
	}
	return nil
}

// lacks returns what the record needs and does not have.
func (r *record) lacks(actor string) error {
	switch r.Type {
	case typeEdit, typeRevoke, typeReaction:
		if r.About == "" {
			return &connectors.RefusedError{Reason: connectors.ReasonNoID, Detail: r.Type}
		}
	}
	switch r.Type {
	case typeEdit, typeRevoke, typeSystem, typeOther:
		return nil
	}
	if actor == "" {
		return &connectors.RefusedError{Reason: connectors.ReasonNoID, Detail: "from"}
	}
	return nil
}

func (r *record) features() community.Features {
	return community.Features{Length: max(0, r.Length), Question: r.Asks, Link: r.Link}
}

// channel adds where the message was written: a group, else the conversation
// with that person, which is a thread of the number.
func (r *record) channel(b *community.Batch) string {
	if r.Group != "" {
		return addGroup(b, r.Group, "")
	}
	number := addNumber(b, r.Number, r.Shown)
	if !r.Who.known() {
		return number
	}
	talk := "talk:" + digestHex(r.Number, r.Who.id())
	b.Channels = append(b.Channels, community.Channel{
		ExternalID: talk, Parent: number, Kind: community.ThreadChannel, Private: true,
	})
	return talk
}

// actor adds who wrote.
func (r *record) actor(b *community.Batch) string {
	if r.Team {
		if r.Who.known() {
			addPerson(b, r.Who)
		}
		return addBusiness(b, r.Number, r.Shown)
	}
	if !r.Who.known() {
		return ""
	}
	return addPerson(b, r.Who)
}

// become says of somebody who changed the number that both are one person.
func (r *record) become(b *community.Batch) {
	id := addPerson(b, r.Now)
	if r.Who.known() && r.Who.id() != id {
		old := community.Identity{ExternalID: r.Who.id(), Name: r.Who.Name, SameAs: id}
		know(b, old)
	}
}

// reactionID is the identity of a reaction. In a conversation one side is the
// business, so the giver is known without an id that may come in two forms.
func (r *record) reactionID(actor string) string {
	side := "m"
	if r.Team {
		side = "t"
	}
	if r.Group == "" {
		return string(platform) + "/r/" + r.About + "/" + side
	}
	return string(platform) + "/r/" + r.About + "/" + digestHex(actor)
}

func messageID(digest string) string { return string(platform) + "/m/" + digest }

func addPerson(b *community.Batch, p *person) string {
	for _, i := range p.identities() {
		know(b, i)
	}
	return p.id()
}

// addBusiness adds the business's own identity.
func addBusiness(b *community.Batch, number, shown string) string {
	id := "business:" + number
	know(b, community.Identity{ExternalID: id, Name: plus(shown), Roles: []string{RoleBusiness}})
	return id
}

func addNumber(b *community.Batch, number, shown string) string {
	id := "number:" + number
	b.Channels = append(b.Channels, community.Channel{ExternalID: id, Name: plus(shown), Private: true})
	return id
}

func addGroup(b *community.Batch, group, name string) string {
	id := "group:" + group
	b.Channels = append(b.Channels, community.Channel{ExternalID: id, Name: name, Kind: community.GroupChannel, Private: true})
	return id
}

// plus writes digits as an international number.
func plus(digits string) string {
	if digits == "" {
		return ""
	}
	return "+" + digits
}
