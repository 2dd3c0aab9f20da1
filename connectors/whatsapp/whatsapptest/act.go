package whatsapptest

import (
	"strconv"
	"time"
)

// update is one change that waits to be delivered.
type update struct {
	field   string
	number  *Number
	list    string // the name of the list that item stands in; empty for a whole value
	item    map[string]any
	contact map[string]any
}

func stamp(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

func (p *Person) contact() map[string]any {
	profile := map[string]any{"name": p.Name}
	c := map[string]any{"profile": profile, "user_id": p.User}
	if p.Username != "" {
		profile["username"] = p.Username
	}
	if !p.Hidden {
		c["wa_id"] = p.Phone
	}
	return c
}

// message is what all messages of a person have.
func (p *Person) message(id string, at time.Time, kind string) map[string]any {
	m := map[string]any{"id": id, "timestamp": stamp(at), "type": kind, "from_user_id": p.User}
	if !p.Hidden {
		m["from"] = p.Phone
	}
	return m
}

// Write sends a text from a person to a number, or to one of its groups, and
// returns the id of the message.
func (w *World) Write(p *Person, n *Number, g *Group, text string) string {
	return w.write(p, n, g, text, "")
}

// Answer does the same and quotes a message.
func (w *World) Answer(p *Person, n *Number, g *Group, text, quoted string) string {
	return w.write(p, n, g, text, quoted)
}

func (w *World) write(p *Person, n *Number, g *Group, text, quoted string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := &post{id: w.messageID(p.Phone, false), number: n, group: g, by: p, at: w.o.Now(), text: text}
	w.words[m.id], p.wrote = m, true
	body := p.message(m.id, m.at, "text")
	body["text"] = map[string]any{"body": text}
	if quoted != "" {
		body["context"] = map[string]any{"id": quoted}
	}
	w.tell(m, body)
	return m.id
}

// Send sends something that is no text: an image with a caption, audio, a
// sticker, a location, contacts, an order, an unsupported or a new type.
func (w *World) Send(p *Person, n *Number, g *Group, kind, caption string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := &post{id: w.messageID(p.Phone, false), number: n, group: g, by: p, at: w.o.Now(), text: caption}
	w.words[m.id], p.wrote = m, true
	body := p.message(m.id, m.at, kind)
	body[kind] = map[string]any{"id": w.digits(16), "mime_type": "application/octet-stream", "sha256": "c2hhMjU2"}
	if caption != "" {
		body[kind].(map[string]any)["caption"] = caption
	}
	w.tell(m, body)
	return m.id
}

// Say sends a text from the business to a person, from the app on a telephone.
func (w *World) Say(n *Number, p *Person, text string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := &post{id: w.messageID(p.Phone, true), number: n, to: p, at: w.o.Now(), text: text}
	w.words[m.id] = m
	w.echo(m, map[string]any{"type": "text", "text": map[string]any{"body": text}, "id": m.id, "timestamp": stamp(m.at)})
	for i, state := range []string{"sent", "delivered", "read"} {
		item := map[string]any{
			"id": m.id, "status": state, "timestamp": stamp(m.at.Add(time.Duration(i) * time.Second)), "recipient_user_id": p.User,
		}
		if !p.Hidden {
			item["recipient_id"] = p.Phone
		}
		w.pending = append(w.pending, update{field: "messages", number: n, list: "statuses", item: item, contact: p.contact()})
	}
	return m.id
}

func (w *World) tell(m *post, body map[string]any) {
	if m.group != nil {
		body["group_id"] = m.group.ID
	}
	w.pending = append(w.pending, update{field: "messages", number: m.number, list: "messages", item: body, contact: m.by.contact()})
}

func (w *World) echo(m *post, body map[string]any) {
	body["from"], body["to_user_id"] = digitsOf(m.number.Shown), m.to.User
	if !m.to.Hidden {
		body["to"] = m.to.Phone
	}
	w.pending = append(w.pending, update{field: "smb_message_echoes", number: m.number, list: "message_echoes", item: body, contact: m.to.contact()})
}

// React gives an emoji to a message, or takes it back when it is empty; false
// when that person cannot see the message.
func (w *World) React(p *Person, id, emoji string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.words[id]
	if m == nil || m.group == nil && m.by != p && m.to != p {
		return false
	}
	key := id + "/" + p.User
	if emoji == "" {
		delete(w.given, key)
	} else {
		w.given[key] = true
	}
	reaction := map[string]any{"message_id": id}
	if emoji != "" || w.random.IntN(2) == 0 { // taken back: an empty emoji, or none
		reaction["emoji"] = emoji
	}
	body := p.message(w.messageID(p.Phone, false), w.o.Now(), "reaction")
	body["reaction"] = reaction
	w.tell(&post{number: m.number, group: m.group, by: p}, body)
	return true
}

// Edit changes the text of a message.
func (w *World) Edit(id, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.words[id]
	if m == nil || m.revoked {
		return
	}
	m.text = text
	w.again(m, "edit", map[string]any{"original_message_id": id, "message": map[string]any{"type": "text", "text": map[string]any{"body": text}}})
}

// Revoke deletes a message for everybody.
func (w *World) Revoke(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.words[id]
	if m == nil || m.revoked {
		return
	}
	m.revoked = true
	w.again(m, "revoke", map[string]any{"original_message_id": id})
}

// again tells that a message has changed.
func (w *World) again(m *post, kind string, what map[string]any) {
	if m.by != nil {
		body := m.by.message(w.messageID(m.by.Phone, false), w.o.Now(), kind)
		body[kind] = what
		w.tell(m, body)
		return
	}
	w.echo(m, map[string]any{"type": kind, kind: what, "id": w.messageID(m.to.Phone, true), "timestamp": stamp(w.o.Now())})
}

// ChangeNumber gives a person another number, and with it another user id.
func (w *World) ChangeNumber(p *Person, n *Number) {
	w.mu.Lock()
	defer w.mu.Unlock()
	body := p.message(w.messageID(p.Phone, false), w.o.Now(), "system")
	p.User, p.Phone = "FR."+w.digits(20), "337"+w.digits(8)
	body["system"] = map[string]any{"type": "user_changed_number", "wa_id": p.Phone, "user_id": p.User, "body": "changed"}
	w.pending = append(w.pending, update{field: "messages", number: n, list: "messages", item: body})
}

func digitsOf(shown string) string {
	out := make([]byte, 0, len(shown))
	for i := range len(shown) {
		if shown[i] >= '0' && shown[i] <= '9' {
			out = append(out, shown[i])
		}
	}
	return string(out)
}
