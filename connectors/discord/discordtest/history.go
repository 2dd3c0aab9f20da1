package discordtest

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// open finds a channel for the bot, with what it may do there.
func (s *Server) open(id string) (g *guild, c *Channel, can uint64) {
	g, c = s.World.channel(id)
	if g == nil || g.removed {
		return nil, nil, 0
	}
	place := c
	if c.thread() {
		if _, parent := s.World.channel(c.Parent); parent != nil {
			place = parent
		}
	}
	return g, c, g.permissions &^ place.Denied
}

// messages answers a page of a channel's history, the newest first. Without the
// right to read history it is empty, as the real one is.
func (s *Server) messages(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	limit, ok := bounded(r, "limit", 50, 1, 100)
	if !ok || q.Get("before") != "" && q.Get("after") != "" {
		s.badForm(w)
		return
	}
	s.World.mu.Lock()
	g, c, can := s.open(r.PathValue("channel"))
	list, refusal := []any{}, (*status)(nil)
	switch {
	case g == nil:
		refusal = &status{http.StatusNotFound, 10003, "Unknown Channel"}
	case can&ViewChannel == 0, c.Kind == Voice && can&Connect == 0:
		refusal = &status{http.StatusForbidden, 50001, "Missing Access"}
	case c.Kind == Forum || c.Kind == Category:
		refusal = &status{http.StatusBadRequest, 50008, "Cannot send messages in a non-text channel"}
	case can&ReadHistory != 0:
		for _, m := range page(c.messages, q.Get("before"), q.Get("after"), limit) {
			one := m.json(s.World)
			if s.options.NoContent && m.Author != s.World.bot.ID {
				one["content"] = ""
			}
			list = append(list, one)
		}
	}
	s.World.mu.Unlock()
	if refusal != nil {
		s.refuse(w, refusal.status, refusal.code, refusal.text)
		return
	}
	s.answer(w, http.StatusOK, list)
}

// page cuts a page out of messages in the order of time.
func page(all []*Message, before, after string, limit int) []*Message {
	at := func(id string) int {
		i, _ := slices.BinarySearchFunc(all, id, func(m *Message, id string) int { return compareIDs(m.ID, id) })
		return i
	}
	var out []*Message
	switch {
	case after != "":
		from := at(after)
		if from < len(all) && all[from].ID == after {
			from++
		}
		out = slices.Clone(all[from:min(len(all), from+limit)])
	case before != "":
		to := at(before)
		out = slices.Clone(all[max(0, to-limit):to])
	default:
		out = slices.Clone(all[max(0, len(all)-limit):])
	}
	slices.Reverse(out)
	return out
}

// archived answers a page of a channel's closed threads, the last closed first.
func (s *Server) archived(w http.ResponseWriter, r *http.Request) {
	limit, ok := bounded(r, "limit", 50, 2, 100)
	before, kind := time.Time{}, r.PathValue("kind")
	if text := r.URL.Query().Get("before"); text != "" && ok {
		var err error
		before, err = time.Parse(time.RFC3339Nano, text)
		ok = err == nil
	}
	if !ok || kind != "public" && kind != "private" {
		s.badForm(w)
		return
	}
	s.World.mu.Lock()
	g, c, can := s.open(r.PathValue("channel"))
	if g == nil || can&(ViewChannel|ReadHistory) != ViewChannel|ReadHistory || kind == "private" && can&threads == 0 {
		s.World.mu.Unlock()
		if g == nil {
			s.refuse(w, http.StatusNotFound, 10003, "Unknown Channel")
		} else {
			s.refuse(w, http.StatusForbidden, 50001, "Missing Access")
		}
		return
	}
	want := PublicThread
	if kind == "private" {
		want = PrivateThread
	}
	var found []*Channel
	for _, t := range g.channels {
		if t.Parent == c.ID && t.Kind == want && !t.Archived.IsZero() && (before.IsZero() || t.Archived.Before(before)) {
			found = append(found, t)
		}
	}
	slices.SortStableFunc(found, func(a, b *Channel) int { return b.Archived.Compare(a.Archived) })
	list := []any{}
	for _, t := range found[:min(limit, len(found))] {
		list = append(list, t.json(g))
	}
	s.World.mu.Unlock()
	s.answer(w, http.StatusOK, map[string]any{"threads": list, "members": []any{}, "has_more": len(found) > limit})
}

// disordered spoils a page: its elements twice, or in another order.
type disordered struct {
	http.ResponseWriter
	kind Fault
}

func (d *disordered) Write(raw []byte) (int, error) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return d.ResponseWriter.Write(raw)
	}
	if d.kind == Twice {
		list = append(list, list...)
	} else {
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	var out bytes.Buffer
	_ = json.NewEncoder(&out).Encode(list)
	_, err := d.ResponseWriter.Write(out.Bytes())
	return len(raw), err
}
