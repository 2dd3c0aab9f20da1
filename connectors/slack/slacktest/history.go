package slacktest

import (
	"slices"
	"strings"
)

// span is the part of a conversation that a call asks for.
type span struct{ oldest, latest string }

func (q *query) span() (span, *refusal) {
	s := span{oldest: q.args.Get("oldest"), latest: q.args.Get("latest")}
	if !isTS(s.oldest) {
		return s, refuse("invalid_ts_oldest")
	}
	if !isTS(s.latest) {
		return s, refuse("invalid_ts_latest")
	}
	return s, nil
}

func isTS(s string) bool {
	return strings.Trim(s, "0123456789.") == "" && strings.Count(s, ".") < 2
}

// holds says whether a ts is inside, the bounds left out.
func (s span) holds(ts string) bool {
	return (s.oldest == "" || less(s.oldest, ts)) && (s.latest == "" || less(ts, s.latest))
}

// less compares two ts by their value.
func less(a, b string) bool {
	as, af, _ := strings.Cut(a, ".")
	bs, bf, _ := strings.Cut(b, ".")
	if len(as) != len(bs) {
		return len(as) < len(bs)
	}
	if as != bs {
		return as < bs
	}
	return af+"000000"[min(len(af), 6):] < bf+"000000"[min(len(bf), 6):]
}

// readable returns a channel whose messages the application may read.
func (s *Server) readable(q *query) (*channel, *refusal) {
	c, no := s.find(q)
	if no != nil {
		return nil, no
	}
	needed := "channels:history"
	if c.private {
		needed = "groups:history"
	}
	switch {
	case !slices.Contains(q.grant.scopes, needed):
		return nil, &refusal{code: "missing_scope", needed: needed, provided: strings.Join(q.grant.scopes, ",")}
	case !c.members[BotUser]:
		return nil, refuse("not_in_channel")
	}
	return c, nil
}

// pageSize is the number of messages a page: what was asked for, but 15 at most
// for an application that is not listed.
func (s *Server) pageSize(q *query) (int, *refusal) {
	limit, no := size(q, 100, 999)
	if s.unlisted() && !s.conf.Load().Unlimited {
		limit = min(limit, 15)
	}
	return s.shorten(limit), no
}

func (s *Server) history(q *query) (map[string]any, *refusal) {
	s.World.mu.Lock()
	defer s.World.mu.Unlock()
	c, no := s.readable(q)
	if no != nil {
		return nil, no
	}
	within, no := q.span()
	if no != nil {
		return nil, no
	}
	limit, no := s.pageSize(q)
	if no != nil {
		return nil, no
	}
	word, no := q.place()
	if no != nil {
		return nil, no
	}
	if word != "" {
		within.latest = word
	}
	list, more := []any{}, false
	for _, m := range slices.Backward(c.messages) {
		if !within.holds(m.ts) || m.thread != "" && m.thread != m.ts && !m.broadcast {
			continue
		}
		if more = len(list) == limit; more {
			break
		}
		list = append(list, m.object())
		word = m.ts
	}
	if !more {
		word = ""
	}
	answer := map[string]any{"messages": list, "has_more": more, "pin_count": 0, "channel_actions_ts": nil, "channel_actions_count": 0, "response_metadata": q.cursor(word)}
	if s.conf.Load().Limited {
		answer["is_limited"] = true
	}
	return answer, nil
}

// replies lists a thread oldest first, with its first message on each page.
func (s *Server) replies(q *query) (map[string]any, *refusal) {
	s.World.mu.Lock()
	defer s.World.mu.Unlock()
	c, no := s.readable(q)
	if no != nil {
		return nil, no
	}
	within, no := q.span()
	if no != nil {
		return nil, no
	}
	limit, no := s.pageSize(q)
	if no != nil {
		return nil, no
	}
	word, no := q.place()
	if no != nil {
		return nil, no
	}
	if word != "" {
		within.oldest = word
	}
	parent := c.message(q.args.Get("ts"))
	if parent == nil {
		return nil, refuse("thread_not_found")
	}
	list, more := []any{parent.object()}, false
	for _, m := range c.messages {
		if m.thread != parent.ts || m == parent || !within.holds(m.ts) {
			continue
		}
		if more = len(list) >= max(limit, 2); more {
			break
		}
		list = append(list, m.object())
		word = m.ts
	}
	if !more {
		word = ""
	}
	return map[string]any{"messages": list, "has_more": more, "response_metadata": q.cursor(word)}, nil
}
