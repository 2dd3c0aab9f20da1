package discord

import (
	"errors"
	"strconv"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// What a notice of a scheduled event says, in Activity.Detail.
const (
	detailEvent    = "event_scheduled"
	detailInterest = "event_interest"
)

// normalizeLive reads what the gateway and the history give.
func normalizeLive(p connectors.Payload) (community.Batch, error) {
	switch p.Kind {
	case liveMessage:
		return readStored(p)
	case liveDeleted:
		return readDeletion(p)
	case liveReaction, liveCleared:
		return readReaction(p)
	case liveJoin, liveLeave, liveMember, liveInvited:
		return readMember(p)
	case liveVoice:
		return readVoice(p)
	case liveChannel:
		return readChannel(p)
	case liveEvent:
		return readEvent(p)
	}
	return community.Batch{}, errors.New("unknown kind of payload")
}

func readStored(p connectors.Payload) (community.Batch, error) {
	var m storedMessage
	if err := decode(p.Body, &m); err != nil {
		return community.Batch{}, err
	}
	features := community.Features(m.Features)
	features.Length = max(0, features.Length)
	return readMessage(p.Scope, &m.message, &features)
}

// readDeletion makes tombstones. Of a deleted message Discord tells the id only;
// its time is in it.
func readDeletion(p connectors.Payload) (community.Batch, error) {
	var d storedDeletion
	if err := decode(p.Body, &d); err != nil {
		return community.Batch{}, err
	}
	channel, _ := place(p.Scope)
	var out community.Batch
	seen := map[string]bool{}
	for _, id := range d.IDs {
		at, ok := snowflake(id)
		if !ok || seen[id] {
			continue
		}
		seen[id] = true
		a := community.Activity{Kind: community.Message, ExternalID: messageKey(id), At: at, Amount: 1}
		if valid(channel) {
			a.Channel = channel
		}
		out.Activities = append(out.Activities, removed(a))
	}
	if len(out.Activities) == 0 {
		return community.Batch{}, refused(connectors.ReasonNoID)
	}
	return out, nil
}

func removed(a community.Activity) community.Activity {
	a.Deleted, a.Revision = true, community.Tombstone
	return a
}

// readReaction reads one reaction given or taken back, or that one emoji was
// cleared from a message, which withdraws its nameless givers.
func readReaction(p connectors.Payload) (community.Batch, error) {
	var s storedReaction
	if err := decode(p.Body, &s); err != nil {
		return community.Batch{}, err
	}
	at, ok := snowflake(s.Message)
	if !ok || p.Kind == liveReaction && !valid(s.User.ID) {
		return community.Batch{}, refused(connectors.ReasonNoID)
	}
	r := reading{message: &message{ID: s.Message}, at: at}
	if id, _ := place(p.Scope); valid(id) {
		r.channel = id
	}
	if p.Kind == liveCleared {
		r.react(s.Emoji.key(), "", 0)
	} else {
		r.react(s.Emoji.key(), r.meet(&s.User), 1)
	}
	a := &r.batch.Activities[0]
	switch {
	case p.Kind == liveCleared, s.Removed && s.At <= 0:
		*a = removed(*a)
	case s.At > 0:
		a.Deleted, a.Revision = s.Removed, s.At
	}
	return r.batch, nil
}

func readMember(p connectors.Payload) (community.Batch, error) {
	var s storedMember
	if err := decode(p.Body, &s); err != nil {
		return community.Batch{}, err
	}
	var r reading
	id := r.meet(&s.User)
	if id == "" {
		return community.Batch{}, refused(connectors.ReasonNoID)
	}
	if p.Kind == liveMember {
		return r.batch, nil
	}
	at, err := told(s.At)
	if err != nil {
		return community.Batch{}, err
	}
	a := community.Activity{Kind: community.Join, ExternalID: joinKey(id, at), At: at, Actor: id, Amount: 1}
	switch p.Kind {
	case liveInvited:
		a.Revision, a.Invitation = 1, &community.Invitation{}
		if code := cut(clean(s.Code), maxKey); code != "" {
			a.Revision, a.Invitation.Known, a.Invitation.Code = 2, true, code // what is known comes after what is not
		}
		if a.Invitation.Known && valid(s.Inviter) {
			a.Invitation.Inviter = s.Inviter
		}
	case liveLeave:
		a.Kind, a.ExternalID, a.Detail = community.Leave, "discord/l/"+stamp(id, at), community.DetailLeft
		if s.How == community.DetailKicked || s.How == community.DetailBanned {
			a.Detail = s.How
		}
	}
	r.add(a)
	return r.batch, nil
}

func stamp(user string, at time.Time) string {
	return user + "/" + strconv.FormatInt(at.UnixMilli(), 10)
}

// told checks a time that we wrote ourselves.
func told(ms int64) (time.Time, error) {
	at := milli(ms)
	switch {
	case ms == 0:
		return at, refused(connectors.ReasonNoTime)
	case at.Year() < 2005 || at.Year() > 9999:
		return at, refused(connectors.ReasonBadTime)
	}
	return at, nil
}

// longestStay bounds a voice session: its seconds are stored in 32 bits.
const longestStay = 366 * 24 * 60 * 60

func readVoice(p connectors.Payload) (community.Batch, error) {
	var s storedVoice
	if err := decode(p.Body, &s); err != nil {
		return community.Batch{}, err
	}
	var r reading
	id := r.meet(&s.User)
	if id == "" || !valid(s.Channel) {
		return community.Batch{}, refused(connectors.ReasonNoID)
	}
	from, err := told(s.From)
	if err != nil {
		return community.Batch{}, err
	}
	to, err := told(s.To)
	if err != nil {
		return community.Batch{}, err
	}
	seconds := to.Sub(from).Round(time.Second) / time.Second
	r.add(community.Activity{
		Kind: community.Voice, ExternalID: "discord/v/" + stamp(id, from), At: from, Actor: id, Channel: s.Channel,
		Amount: int(min(max(1, seconds), longestStay)),
	})
	return r.batch, nil
}

func readChannel(p connectors.Payload) (community.Batch, error) {
	var s storedChannel
	if err := decode(p.Body, &s); err != nil {
		return community.Batch{}, err
	}
	if !valid(s.ID) {
		return community.Batch{}, refused(connectors.ReasonNoID)
	}
	kind, _ := channel{Type: float64(s.Type)}.kind()
	out := community.Channel{ExternalID: s.ID, Name: clean(s.Name), Kind: kind, Archived: s.Archived, Private: s.Private}
	if kind == community.ThreadChannel && valid(s.Parent) {
		out.Parent = s.Parent
	}
	return community.Batch{Channels: []community.Channel{out}}, nil
}

// readEvent reads a scheduled event or an interest in it. Neither is a
// contribution, and of an interest Discord tells no time: the event's stands for it.
func readEvent(p connectors.Payload) (community.Batch, error) {
	var s storedEvent
	if err := decode(p.Body, &s); err != nil {
		return community.Batch{}, err
	}
	at, ok := snowflake(s.Event)
	if !ok {
		return community.Batch{}, refused(connectors.ReasonNoID)
	}
	key := "discord/e/" + s.Event
	a := community.Activity{Kind: community.Notice, ExternalID: key, At: at, Amount: 1, Detail: detailEvent}
	var r reading
	if valid(s.User) {
		a.ExternalID, a.Parent, a.ParentAt = key+"/"+s.User, key, at
		a.Detail, a.Inferred, a.Actor = detailInterest, true, r.meet(&user{ID: s.User})
	} else if valid(s.Creator) {
		a.Actor = r.meet(&user{ID: s.Creator})
	}
	if s.Removed {
		a = removed(a)
	}
	r.add(a)
	return r.batch, nil
}
