package discord

import (
	"math"

	"github.com/foyer-app/foyer/internal/community"
)

// reaction is one emoji on a message. Older files, and those of a server whose
// reactions were not fetched, have the count only.
type reaction struct {
	Emoji emoji  `json:"emoji"`
	Count int    `json:"count,omitempty"`
	Users []user `json:"users,omitempty"`
}

type emoji struct {
	ID   string `json:"id,omitempty"` // empty for a standard one
	Name string `json:"name,omitempty"`
}

func (e emoji) key() string {
	if valid(e.ID) {
		return e.ID
	}
	return cut(clean(e.Name), maxKey)
}

// reactions adds who gave which emoji, and how often it was given when not
// every giver is named. Emojis that the file does not tell apart are taken together.
func (r *reading) reactions() {
	for _, e := range r.emojis() {
		given := make(map[string]struct{}, len(e.Users))
		for i := range e.Users {
			id := r.meet(&e.Users[i])
			if _, again := given[id]; id == "" || again {
				continue
			}
			given[id] = struct{}{}
			r.react(e.Emoji.Name, id, 1)
		}
		if e.Count > len(given) {
			r.react(e.Emoji.Name, "", e.Count)
		}
	}
}

// emojis returns the reactions with one of each key, which becomes the name.
func (r *reading) emojis() []reaction {
	at := make(map[string]int, len(r.Reactions))
	kept := r.Reactions[:0]
	for _, e := range r.Reactions {
		key := e.Emoji.key()
		e.Emoji = emoji{Name: key}
		e.Count = min(max(0, e.Count), math.MaxInt32)
		if i, again := at[key]; again {
			kept[i].Count = min(kept[i].Count+e.Count, math.MaxInt32)
			kept[i].Users = append(kept[i].Users, e.Users...)
			continue
		}
		at[key] = len(kept)
		kept = append(kept, e)
	}
	return kept
}

func (r *reading) react(emoji, giver string, amount int) {
	a := community.Activity{
		Kind: community.Reaction, ExternalID: "discord/r/" + r.ID + "/" + emoji + "/" + giver,
		At: r.at, Actor: giver, Channel: r.channel, Parent: messageKey(r.ID), ParentAt: r.at,
		Amount: amount, Inferred: true,
	}
	if giver == "" {
		a.Revision = int64(amount)
	}
	r.add(a)
}
