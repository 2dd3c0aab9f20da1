package whatsapptest

import (
	"encoding/base64"
	"time"
)

// AddGroup makes a group of a number.
func (w *World) AddGroup(n *Number, subject string) *Group {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := base64.RawURLEncoding.EncodeToString([]byte("capi_group:" + digitsOf(n.Shown) + ":" + w.digits(18)))
	g := &Group{ID: id, Subject: subject, Number: n, members: map[*Person]bool{}}
	w.groups = append(w.groups, g)
	w.change(g, "group_lifecycle_update", map[string]any{
		"type": "group_create", "subject": subject, "request_id": w.digits(16), "invite_link": "https://chat.whatsapp.com/" + w.digits(16),
	}, nil)
	return g
}

// maxGroup is how many people a group takes.
const maxGroup = 8

// JoinGroup lets a person in by the invitation link; false when the group is full
// or the person is in it.
func (w *World) JoinGroup(p *Person, g *Group) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if g.members[p] || len(g.members) >= maxGroup {
		return false
	}
	g.members[p] = true
	w.joins++
	w.change(g, "group_participants_update", map[string]any{
		"type": "group_participants_add", "reason": "invite_link", "added_participants": []any{p.participant()},
	}, nil)
	return true
}

// LeaveGroup takes a person out; removed says that the business did it.
func (w *World) LeaveGroup(p *Person, g *Group, removed bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !g.members[p] {
		return false
	}
	delete(g.members, p)
	w.leaves++
	who, by := p.participant(), "participant"
	if removed {
		who["input"], by = p.User, "business"
	}
	event := map[string]any{"type": "group_participants_remove", "removed_participants": []any{who}}
	var beside map[string]any
	if w.random.IntN(2) == 0 { // the documentation has it in both places
		event["initiated_by"] = by
	} else {
		beside = map[string]any{"initiated_by": by}
	}
	w.change(g, "group_participants_update", event, beside)
	return true
}

func (p *Person) participant() map[string]any {
	out := map[string]any{"user_id": p.User}
	if !p.Hidden {
		out["wa_id"] = p.Phone
	}
	if p.Username != "" {
		out["username"] = p.Username
	}
	return out
}

// change tells of a group. Times come as texts and as numbers.
func (w *World) change(g *Group, field string, event, beside map[string]any) {
	event["group_id"] = g.ID
	event["timestamp"] = stamp(w.o.Now())
	if w.random.IntN(2) == 0 {
		event["timestamp"] = w.o.Now().Unix()
	}
	value := map[string]any{"groups": []any{event}}
	for key, v := range beside {
		value[key] = v
	}
	w.pending = append(w.pending, update{field: field, number: g.Number, item: value})
}

// History makes conversations of the last 180 days, as if they had been held in
// the app, and tells them in chunks: by phase, out of order, up to 100 %. Some of
// what is told again came by webhook before.
func (w *World) History(n *Number, people []*Person, each int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.o.Now()
	phases := []struct{ from, to int }{{0, 1}, {1, 90}, {90, 180}}
	for phase, span := range phases {
		var threads []any
		for _, p := range people {
			threads = append(threads, map[string]any{
				"id": p.Phone, "context": map[string]any{"user_id": p.User},
				"messages": w.past(n, p, now, span.from, span.to, each),
			})
		}
		for i, t := range threads {
			w.pending = append(w.pending, update{field: "history", number: n, item: map[string]any{"history": []any{map[string]any{
				"metadata": map[string]any{"phase": phase, "chunk_order": i + 1, "progress": 100 * (phase + 1) / len(phases)},
				"threads":  []any{t},
			}}}})
		}
	}
}

// past makes messages of one conversation between two ages in days.
func (w *World) past(n *Number, p *Person, now time.Time, from, to, count int) []any {
	var out []any
	for range count {
		age := time.Duration(from)*24*time.Hour + time.Duration(1+w.random.Int64N(int64(to-from)*86400-1))*time.Second
		m := &post{id: w.messageID(p.Phone, false), number: n, at: now.Add(-age), text: "Bonjour, c'est ouvert demain ?", placed: true}
		body := map[string]any{
			"id": m.id, "timestamp": stamp(m.at), "type": "text", "text": map[string]any{"body": m.text},
			"history_context": map[string]any{"status": "READ"},
		}
		if w.random.IntN(3) == 0 {
			m.to, body["from"], body["to"] = p, digitsOf(n.Shown), p.Phone
		} else {
			m.by, body["from"], p.wrote = p, p.Phone, true
		}
		w.words[m.id] = m
		out = append(out, body)
	}
	for _, m := range w.words { // what came already is told again
		if !m.placed && m.number == n && m.by == p && m.group == nil && !m.revoked && now.Sub(m.at) >= time.Duration(from)*24*time.Hour &&
			now.Sub(m.at) < time.Duration(to)*24*time.Hour {
			out = append(out, map[string]any{
				"id": m.id, "timestamp": stamp(m.at), "type": "text", "from": p.Phone,
				"text": map[string]any{"body": m.text},
			})
		}
	}
	return out
}
