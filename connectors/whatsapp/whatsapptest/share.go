package whatsapptest

import (
	"cmp"
	"slices"
	"time"
)

// shared is how far back the app shares its conversations.
const shared = 180 * 24 * time.Hour

// share tells in chunks what was said in the app, outside groups, before anybody
// was told: a conversation each, the phase by the age of its last message. The
// lock is held.
func (w *World) share(n *Number) {
	now := w.o.Now()
	said := map[*Person][]*post{}
	for _, m := range w.words {
		if m.number != n || m.group != nil || m.revoked || now.Sub(m.at) > shared {
			continue
		}
		who := m.by
		if who == nil {
			who = m.to
		}
		said[who] = append(said[who], m)
	}
	done := 0
	for _, p := range w.people { // in their order, so that the same world tells the same
		if len(said[p]) == 0 {
			continue
		}
		done++
		slices.SortFunc(said[p], func(a, b *post) int {
			return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id))
		})
		list := make([]any, len(said[p]))
		for i, m := range said[p] {
			list[i] = m.past(n, p)
		}
		w.pending = append(w.pending, update{field: "history", number: n, item: map[string]any{"history": []any{map[string]any{
			"metadata": map[string]any{"phase": phaseOf(now.Sub(said[p][len(list)-1].at)), "chunk_order": done, "progress": 100 * done / len(said)},
			"threads":  []any{map[string]any{"id": p.Phone, "context": map[string]any{"user_id": p.User, "username": p.Username}, "messages": list}},
		}}}})
	}
}

// phaseOf is the number that the platform gives to an age.
func phaseOf(age time.Duration) int {
	switch {
	case age <= 24*time.Hour:
		return 0
	case age <= 90*24*time.Hour:
		return 1
	}
	return 2
}

// past is a message as the history of a conversation holds it.
func (m *post) past(n *Number, p *Person) map[string]any {
	body := map[string]any{
		"id": m.id, "timestamp": stamp(m.at), "type": "text", "text": map[string]any{"body": m.text}, "from": p.Phone,
		"history_context": map[string]any{"status": "READ"},
	}
	if m.by == nil {
		body["from"], body["to"] = digitsOf(n.Shown), p.Phone
	}
	return body
}
