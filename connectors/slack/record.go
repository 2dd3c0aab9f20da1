package slack

import (
	"encoding/json"
	"strconv"

	"github.com/foyer-app/foyer/internal/community"
)

// jsonWriter writes an object of a stored payload: Slack's own names and forms, of
// what Normalize reads and of nothing else. What is empty is left out.
type jsonWriter struct{ b []byte }

func (w *jsonWriter) open(key string) {
	w.key(key)
	w.b = append(w.b, '{')
}

func (w *jsonWriter) close() { w.b = append(w.b, '}') }

// key begins a member, or an element for an empty key.
func (w *jsonWriter) key(key string) {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' {
		w.b = append(w.b, ',')
	}
	if key != "" {
		w.b = append(w.b, '"')
		w.b = append(w.b, key...)
		w.b = append(w.b, '"', ':')
	}
}

func (w *jsonWriter) text(key, s string) {
	if s == "" {
		return
	}
	w.key(key)
	w.quoted(s)
}

func (w *jsonWriter) quoted(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			b, _ := json.Marshal(s) // a string always encodes
			w.b = append(w.b, b...)
			return
		}
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, s...)
	w.b = append(w.b, '"')
}

func (w *jsonWriter) flag(key string, set bool) {
	if set {
		w.key(key)
		w.b = append(w.b, "true"...)
	}
}

func (w *jsonWriter) number(key string, n int) {
	if n != 0 {
		w.key(key)
		w.b = strconv.AppendInt(w.b, int64(n), 10)
	}
}

func (w *jsonWriter) list(key string, list []string) {
	if len(list) == 0 {
		return
	}
	w.key(key)
	w.b = append(w.b, '[')
	for _, s := range list {
		w.key("")
		w.quoted(s)
	}
	w.b = append(w.b, ']')
}

// record is what is stored of a message. Its text becomes features, unless it is
// a question and the community keeps those.
func (m *message) record(keep bool) []byte {
	w := jsonWriter{make([]byte, 0, 256)}
	w.open("")
	w.text("type", m.kind)
	w.text("subtype", m.subtype)
	w.text("ts", m.ts)
	if m.subtype == "message_deleted" {
		w.text("deleted_ts", m.ts)
	}
	w.text("thread_ts", m.thread)
	w.text("user", m.user)
	w.text("username", m.username)
	w.text("bot_id", m.bot)
	w.text("parent_user_id", m.parentUser)
	w.flag("hidden", m.hidden)
	if m.edited != "" {
		w.open("edited")
		w.text("ts", m.edited)
		w.close()
	}
	if m.botName != "" {
		w.open("bot_profile")
		w.text("name", m.botName)
		w.close()
	}
	if m.comment.user != "" {
		w.open("comment")
		w.text("user", m.comment.user)
		w.close()
	}
	w.profile("user_profile", m.profile)
	w.reactions(m.reactions)
	if !m.gone() {
		m.describe(&w, keep)
	}
	w.close()
	return w.b
}

// describe writes the features of the text, and the text where it is kept.
func (m *message) describe(w *jsonWriter, keep bool) {
	words := m.words()
	if words == "" {
		return
	}
	shown := plain(words)
	f := community.Describe(shown)
	var to []string
	mentions(words, func(id string) { to = append(to, id) })
	w.open("foyer")
	w.number("length", f.Length)
	w.flag("question", f.Question)
	w.flag("link", f.Link)
	w.list("mentions", to)
	w.close()
	if keep && f.Question {
		w.text("text", shown)
	}
}

func (w *jsonWriter) profile(key string, p profile) {
	if p == (profile{}) {
		return
	}
	w.open(key)
	w.text("name", p.name)
	w.text("real_name", p.realName)
	w.text("display_name", p.displayName)
	w.text("email", p.email)
	w.flag("is_restricted", p.restricted)
	w.close()
}

func (w *jsonWriter) reactions(list []reaction) {
	if len(list) == 0 {
		return
	}
	w.key("reactions")
	w.b = append(w.b, '[')
	for _, r := range list {
		w.open("")
		w.text("name", r.name)
		w.list("users", r.users)
		w.number("count", r.count)
		w.close()
	}
	w.b = append(w.b, ']')
}

// record writes what is stored of a user.
func (u *user) record(w *jsonWriter, key string) {
	w.open(key)
	w.text("id", u.id)
	w.text("team_id", u.team)
	w.text("name", u.profile.name)
	w.text("real_name", u.realName)
	w.flag("deleted", u.deleted)
	w.flag("is_bot", u.bot)
	w.flag("is_workflow_bot", u.workflow)
	w.flag("is_restricted", u.restricted)
	w.flag("is_ultra_restricted", u.ultra)
	w.flag("is_stranger", u.stranger)
	w.flag("is_admin", u.admin)
	w.flag("is_owner", u.owner)
	w.flag("is_primary_owner", u.primary)
	p := u.profile
	p.name = ""
	w.profile("profile", p)
	if u.enterprise != "" {
		w.open("enterprise_user")
		w.text("enterprise_id", u.enterprise)
		w.list("teams", u.teams)
		w.close()
	}
	w.close()
}

// record is what is stored of a channel.
func (c *channel) record() []byte {
	w := jsonWriter{make([]byte, 0, 128)}
	w.open("")
	w.text("id", c.id)
	w.text("name", c.name)
	w.number("created", c.created)
	w.flag("is_archived", c.archived)
	w.flag("is_private", c.private)
	w.flag("is_general", c.general)
	w.close()
	return w.b
}
