package slacktest

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

func (s *Server) test(*query) (map[string]any, *refusal) {
	t := s.World.team
	return map[string]any{
		"url": "https://" + t.Domain + ".slack.com/", "team": t.Name, "team_id": t.ID, "user": "foyer", "user_id": BotUser, "bot_id": BotID,
	}, nil
}

func (s *Server) teamInfo(*query) (map[string]any, *refusal) {
	t := s.World.team
	return map[string]any{"team": map[string]any{
		"id": t.ID, "name": t.Name, "domain": t.Domain, "email_domain": "", "icon": map[string]any{"image_default": true}, "plan": t.Plan,
	}}, nil
}

// size reads the argument limit: most at most.
func size(q *query, usual, most int) (int, *refusal) {
	given := q.args.Get("limit")
	if given == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 || n > most {
		return 0, refuse("invalid_limit")
	}
	return n, nil
}

// place is what a cursor says: the method's own word behind its name.
func (q *query) place() (string, *refusal) {
	given := q.args.Get("cursor")
	if given == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(given)
	word, ok := strings.CutPrefix(string(raw), q.method+":")
	if err != nil || !ok {
		return "", refuse("invalid_cursor")
	}
	return word, nil
}

func (q *query) cursor(word string) map[string]any {
	if word == "" {
		return map[string]any{"next_cursor": ""}
	}
	return map[string]any{"next_cursor": base64.StdEncoding.EncodeToString([]byte(q.method + ":" + word))}
}

// page cuts a list of n at a numeric place.
func (s *Server) page(q *query, n, usual int) (from, to int, next string, no *refusal) {
	limit, no := size(q, usual, 1000)
	if no != nil {
		return 0, 0, "", no
	}
	word, no := q.place()
	if no != nil {
		return 0, 0, "", no
	}
	if word != "" {
		i, err := strconv.Atoi(word)
		if err != nil || i < 0 || i > n {
			return 0, 0, "", refuse("invalid_cursor")
		}
		from = i
	}
	to = min(from+s.shorten(limit), n)
	if to < n {
		next = strconv.Itoa(to)
	}
	return from, to, next, nil
}

// shorten makes some pages shorter than was asked for.
func (s *Server) shorten(limit int) int {
	if s.conf.Load().ShortPages {
		return max(limit*2/3, 1)
	}
	return limit
}

func (s *Server) usersList(q *query) (map[string]any, *refusal) {
	s.World.mu.Lock()
	defer s.World.mu.Unlock()
	if q.args.Get("limit") == "" && len(s.World.users) > 500 {
		return nil, refuse("limit_required")
	}
	from, to, next, no := s.page(q, len(s.World.users), 500)
	if no != nil {
		return nil, no
	}
	list := make([]any, 0, to-from)
	for _, u := range s.World.users[from:to] {
		list = append(list, u.seen(q))
	}
	return map[string]any{"members": list, "cache_ts": s.World.time().Unix(), "response_metadata": q.cursor(next)}, nil
}

// seen is the user as the token's scopes show it.
func (u *User) seen(q *query) map[string]any {
	o := u.object()
	if profile, ok := o["profile"].(map[string]any); ok && !slices.Contains(q.grant.scopes, "users:read.email") {
		delete(profile, "email")
	}
	return o
}

func (s *Server) usersInfo(q *query) (map[string]any, *refusal) {
	s.World.mu.Lock()
	defer s.World.mu.Unlock()
	u := s.World.user(q.args.Get("user"))
	if u == nil {
		return nil, refuse("user_not_found")
	}
	return map[string]any{"user": u.seen(q)}, nil
}

func (s *Server) channelsList(q *query) (map[string]any, *refusal) {
	kinds := q.args.Get("types")
	if kinds == "" {
		kinds = "public_channel"
	}
	for _, k := range strings.Split(kinds, ",") {
		needed := map[string]string{"public_channel": "channels:read", "private_channel": "groups:read"}[k]
		switch {
		case needed == "":
			return nil, refuse("invalid_types")
		case !slices.Contains(q.grant.scopes, needed):
			return nil, &refusal{code: "missing_scope", needed: needed, provided: strings.Join(q.grant.scopes, ",")}
		}
	}
	s.World.mu.Lock()
	defer s.World.mu.Unlock()
	var list []*channel
	for _, c := range s.World.channels {
		kind := "public_channel"
		if c.private {
			kind = "private_channel"
		}
		if !slices.Contains(strings.Split(kinds, ","), kind) || c.private && !c.members[BotUser] || c.archived && q.args.Get("exclude_archived") == "true" {
			continue
		}
		list = append(list, c)
	}
	from, to, next, no := s.page(q, len(list), 100)
	if no != nil {
		return nil, no
	}
	objects := make([]any, 0, to-from)
	for _, c := range list[from:to] {
		objects = append(objects, c.object())
	}
	return map[string]any{"channels": objects, "response_metadata": q.cursor(next)}, nil
}

// find returns the channel that a call is about, when the application may know it.
func (s *Server) find(q *query) (*channel, *refusal) {
	c := s.World.channel(q.args.Get("channel"))
	if c == nil || c.direct || c.private && !c.members[BotUser] {
		return nil, refuse("channel_not_found")
	}
	return c, nil
}

func (s *Server) channelsInfo(q *query) (map[string]any, *refusal) {
	s.World.mu.Lock()
	defer s.World.mu.Unlock()
	c, no := s.find(q)
	if no != nil {
		return nil, no
	}
	return map[string]any{"channel": c.object()}, nil
}

func (s *Server) channelsJoin(q *query) (map[string]any, *refusal) {
	s.World.mu.Lock()
	defer s.World.mu.Unlock()
	c, no := s.find(q)
	switch {
	case no != nil:
		return nil, no
	case c.private:
		return nil, refuse("method_not_supported_for_channel_type")
	case c.archived:
		return nil, refuse("is_archived")
	case c.members[BotUser]:
		return map[string]any{"channel": c.object(), "warning": "already_in_channel"}, nil
	}
	s.World.enter(c, BotUser, "")
	return map[string]any{"channel": c.object()}, nil
}
