package discord

import (
	"context"
	"errors"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// By which invitation somebody came the platform does not tell: it is the one
// that was used once more since the time before. That holds only while nobody
// else joined in between, so each newcomer waits until others had time to be told
// of; when there are others, or not exactly one invitation grew by exactly one,
// it is unknown, and counting begins anew. The gateway's events of invitations
// are not needed: they tell nothing of uses, and want one right more.

// invite is how often an invitation was used, and who made it.
type invite struct {
	Uses int    `json:"u,omitempty"`
	By   string `json:"b,omitempty"` // user id; empty for the server's own address
}

// tally is the invitations of a server at one moment, by code.
type tally map[string]invite

// grown is the one invitation that was used once more; false when there is none,
// or more than one, or when it was used more than once.
func (before tally) grown(after tally) (code string, ok bool) {
	for c, i := range after {
		switch i.Uses - before[c].Uses {
		case 0:
		case 1:
			if code != "" {
				return "", false
			}
			code = c
		default:
			return "", false
		}
	}
	return code, code != ""
}

// newcomer is somebody whose invitation is being looked for.
type newcomer struct {
	User string `json:"user"`
	At   int64  `json:"at"`  // of the join, Unix milliseconds
	Key  string `json:"key"` // of its event
}

// watch is the counting of one server's invitations.
type watch struct {
	guild     string
	since     time.Time // when there was reason to count; zero while there is none
	asked     bool      // the platform is being asked
	answered  tally     // what it said, until nobody can be told of who came before
	at        time.Time // when it said so
	disturbed bool      // somebody came while it was not known where counting begins
}

// counting is the platform's answer.
type counting struct {
	of   *watch
	uses tally
	err  error
}

// entitle notes whether the bot may count invitations, which rights can change.
func (t taking) entitle(guild string, g *guildRecord) {
	if g.Mine == nil {
		return
	}
	had := t.watches[guild] != nil
	switch t.watchOver(guild, g); {
	case t.watches[guild] == nil:
		t.countAnew(guild, g.Newcomers)
		g.Uses, g.Newcomers, t.changed[guild] = nil, nil, true
		t.note(guild, connectors.NoticeDegrade, rightInvitations)
	case !had:
		t.note(guild, connectors.NoticeRestore, rightInvitations)
	}
}

// watchOver begins to count, or goes on after a restart, where the bot may.
func (s *shard) watchOver(guild string, g *guildRecord) {
	if g.Mine == nil || !g.holder(guild, s.state.Bot).base().has(manageGuild) {
		delete(s.watches, guild)
		return
	}
	if s.watches[guild] != nil {
		return
	}
	w := &watch{guild: guild}
	if g.Uses == nil || len(g.Newcomers) > 0 {
		w.since = s.api.now()
	}
	s.watches[guild] = w
}

// countAnew forgets what is being counted in a server; of these newcomers it
// stays unknown how they came.
func (s *shard) countAnew(guild string, unknown []newcomer) {
	delete(s.watches, guild)
	for _, n := range unknown {
		s.invited(guild, n, "", "")
	}
}

// came takes a join. Without the right to count nothing is said of how.
func (t taking) came(guild string, n newcomer) {
	g := t.guild(t.ctx, guild)
	w := t.watches[guild]
	if w == nil {
		return
	}
	for _, known := range g.Newcomers {
		if known == n {
			return
		}
	}
	now := t.api.now()
	if g.Uses == nil {
		t.invited(guild, n, "", "")
		w.disturbed, w.since = true, now
		return
	}
	g.Newcomers, t.changed[guild] = append(g.Newcomers, n), true
	if w.since.IsZero() {
		w.since = now
	}
}

// attribute goes on with what waits: it decides, and asks for one server at a time.
func (s *shard) attribute(ctx context.Context) {
	now := s.api.now()
	if now.Sub(s.looked) < s.pace.save/2 {
		return
	}
	s.looked = now
	for _, w := range s.watches {
		g := s.guilds[w.guild]
		switch {
		case g == nil || w.asked:
		case w.answered != nil && now.Sub(w.at) >= s.pace.settle:
			s.decide(w, g, now)
		case w.answered == nil && !w.since.IsZero() && !s.asking && now.Sub(w.since) >= s.pace.settle:
			s.asking, w.asked, w.disturbed = true, true, false
			vanity := g.Vanity
			go func() {
				uses, err := s.api.uses(ctx, w.guild, vanity)
				s.counted <- counting{w, uses, err}
			}()
		}
	}
}

// answer takes the platform's answer. Without one nothing is known, and it is
// asked again later.
func (s *shard) answer(c counting) {
	s.asking = false
	w, now := c.of, s.api.now()
	g := s.guilds[w.guild]
	if w.asked = false; s.watches[w.guild] != w || g == nil {
		return // the server was forgotten meanwhile
	}
	if c.err != nil {
		s.log.Warn("invitations cannot be counted", "err", c.err)
		s.unknown(w, g, now.Add(s.pace.longest))
		return
	}
	w.answered, w.at = c.uses, now
}

// decide compares with the time before, once everybody who had come by then has
// been told of.
func (s *shard) decide(w *watch, g *guildRecord, now time.Time) {
	after := w.answered
	w.answered = nil
	if g.Uses == nil {
		if w.disturbed {
			w.since = now
			return
		}
		g.Uses, s.changed[w.guild], w.since = after, true, time.Time{}
		return
	}
	code, ok := g.Uses.grown(after)
	if len(g.Newcomers) != 1 || !ok {
		s.unknown(w, g, now)
		return
	}
	s.invited(w.guild, g.Newcomers[0], code, after[code].By)
	g.Uses, g.Newcomers, s.changed[w.guild], w.since = after, nil, true, time.Time{}
}

// unknown gives up on the newcomers, and counts anew from a moment on.
func (s *shard) unknown(w *watch, g *guildRecord, since time.Time) {
	for _, n := range g.Newcomers {
		s.invited(w.guild, n, "", "")
	}
	g.Uses, g.Newcomers, s.changed[w.guild], w.since = nil, nil, true, since
}

// invited sends by which invitation somebody came; without a code it is unknown.
func (s *shard) invited(guild string, n newcomer, code, by string) {
	p := payload(liveInvited, "", storedMember{User: user{ID: n.User}, At: n.At, Code: code, Inviter: by})
	p.Key = liveInvited + "/" + n.Key
	s.send(guild, p)
}

// mostInvites bounds the invitations of one server; the platform allows 1,000.
const mostInvites = 5000

// uses asks how often each invitation of a server was used. An answer without
// counts is an error: the right is missing.
func (a *api) uses(ctx context.Context, guild string, vanity bool) (tally, error) {
	var list []wireInvite
	if err := a.get(ctx, "/guilds/"+guild+"/invites", nil, &list); err != nil {
		return nil, err
	}
	if len(list) > mostInvites {
		return nil, errors.New("more invitations than a server can have")
	}
	out := make(tally, len(list)+1)
	for _, i := range list {
		code := cut(clean(i.Code), maxKey)
		if code == "" || i.Uses == nil {
			return nil, errors.New("invitations without their uses")
		}
		one := invite{Uses: *i.Uses}
		if i.Inviter != nil && valid(i.Inviter.ID) && !i.Inviter.Bot {
			one.By = i.Inviter.ID
		}
		out[code] = one
	}
	if vanity {
		var own wireInvite
		if err := a.get(ctx, "/guilds/"+guild+"/vanity-url", nil, &own); err != nil {
			return nil, err
		}
		if code := cut(clean(own.Code), maxKey); code != "" && own.Uses != nil {
			out[code] = invite{Uses: *own.Uses}
		}
	}
	return out, nil
}
