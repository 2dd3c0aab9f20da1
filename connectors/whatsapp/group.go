package whatsapp

import (
	"strconv"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// groupRecord is what is stored of a change of a group.
type groupRecord struct {
	Number  string   `json:"number"`
	Group   string   `json:"group"`
	At      int64    `json:"at"`
	ID      string   `json:"id"`
	What    string   `json:"what"`
	Subject string   `json:"subject,omitempty"`
	Joined  []person `json:"joined,omitempty"`
	How     string   `json:"how,omitempty"`
	Left    []person `json:"left,omitempty"`
	Removed bool     `json:"removed,omitempty"` // by the business, not by themselves
}

// maxParticipants bounds one change: a group has eight, and room is left.
const maxParticipants = 1024

// group makes a parcel of a change of a group. Deliveries differ from each other
// and from the documentation in the type, and in where initiated_by stands, so the
// lists of people decide what happened.
func (s *scrubber) group(at *side, v *value, g *group) {
	r := groupRecord{Number: at.number, Group: groupID(g.ID), At: g.Time.seconds(), What: word(g.Type), Subject: short(g.Subject, maxName)}
	if g.Renamed.Done {
		r.Subject = short(g.Renamed.Text, maxName)
	}
	by := g.Initiated
	if by == "" {
		by = v.Initiated
	}
	r.Joined, r.Left = at.people(g.Added, true), at.people(g.Removed, by != "participant")
	if r.How = community.DetailAdded; g.Reason == "invite_link" {
		r.How = community.DetailInvite
	}
	r.Removed = by == "business" || by == "" && len(g.Removed) > 0 && g.Removed[0].Phone == "" && g.Removed[0].User == ""
	if len(r.Joined) == 0 {
		r.How = ""
	}
	r.ID = digestID(r.Group + "/" + r.What + "/" + strconv.FormatInt(r.At, 10) + "/" + g.Request + g.JoinAsk + names(r.Joined) + names(r.Left))
	s.parcel(at.number, kindGroup, "g/"+r.ID, false, &r)
	if r.What == "group_suspend" {
		s.out.Notices = append(s.out.Notices, connectors.Notice{
			Account: at.number, Kind: connectors.NoticeBlind, Detail: "group:" + r.Group,
		})
	}
}

// people returns those of a list who are known; input is what the business wrote
// to add or remove somebody.
func (at *side) people(list []participant, input bool) []person {
	var out []person
	for i := range list[:min(len(list), maxParticipants)] {
		p := &list[i]
		phone := p.Phone
		if phone == "" && p.User == "" && input {
			phone = p.Input
		}
		who := at.person(p.User, phone)
		if who == nil {
			continue
		}
		if who.Handle == "" {
			who.Handle = short(p.Username, maxWord)
		}
		out = append(out, *who)
	}
	return out
}

func names(list []person) string {
	all := ""
	for i := range list {
		all += "/" + list[i].id()
	}
	return all
}

// batch is what the change means: joins and leaves of the community for those of
// a group, else a notice.
func (g *groupRecord) batch() (community.Batch, error) {
	var b community.Batch
	at, err := moment(g.At)
	if err != nil {
		return b, err
	}
	if g.Number == "" || g.Group == "" || g.ID == "" {
		return b, &connectors.RefusedError{Reason: connectors.ReasonNoID, Detail: "group_id"}
	}
	channel := addGroup(&b, g.Group, g.Subject)
	b.Channels[0].Archived = g.What == "group_delete"
	add := func(kind community.Kind, letter, detail string, list []person) {
		for i := range list {
			p := &list[i]
			if !p.known() {
				continue
			}
			fresh := know(&b, p.identities()[0])
			if !fresh {
				continue
			}
			addPerson(&b, p)
			b.Activities = append(b.Activities, community.Activity{
				Kind: kind, At: at, Actor: p.id(), Amount: 1, Detail: detail,
				ExternalID: string(platform) + "/" + letter + "/" + digestHex(g.ID, p.id()),
			})
		}
	}
	left := community.DetailLeft
	if g.Removed {
		left = community.DetailRemoved
	}
	add(community.Join, "j", g.How, g.Joined)
	add(community.Leave, "l", left, g.Left)
	if len(b.Activities) == 0 {
		b.Activities = append(b.Activities, community.Activity{
			Kind: community.Notice, At: at, Channel: channel, Amount: 1, Detail: groupDetail(g.What),
			ExternalID: string(platform) + "/n/" + g.ID,
		})
	}
	return b, nil
}

// groupDetail is our word for a change of a group.
func groupDetail(what string) string {
	switch what {
	case "group_create":
		return "created"
	case "group_delete":
		return "deleted"
	case "group_settings_update":
		return "settings"
	case "group_suspend":
		return "suspended"
	case "group_suspend_cleared":
		return "resumed"
	case "group_join_request_created", "group_join_request_revoked":
		return "join_request"
	}
	return community.DetailUnknown
}
