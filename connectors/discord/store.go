package discord

import (
	"context"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// flush stores what was taken, then says how far that is: dying between the two
// brings the same events again, with the same keys. It tries until it succeeds;
// false means that the context ended before, or that the shard is no longer ours.
func (s *shard) flush(ctx context.Context, last bool) bool {
	if !s.held() {
		return false
	}
	if last && ctx.Err() != nil {
		// Shutting down: a little time is left to finish what was read.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), s.pace.grace)
		defer cancel()
	}
	if len(s.parcels) > 0 {
		if !s.insist(ctx, "accept", func() error { return s.host.Accept(ctx, s.parcels) }) {
			return false
		}
		s.parcels = nil
	}
	for len(s.notices) > 0 {
		if !s.insist(ctx, "note", func() error { return s.host.Note(ctx, s.notices[0]) }) {
			return false
		}
		s.notices = s.notices[1:]
	}
	if !last && time.Since(s.saved) < s.pace.save {
		return true
	}
	if !s.insist(ctx, "save", func() error { return s.save(ctx) }) {
		return false
	}
	s.saved = time.Now()
	return true
}

// held says whether the shard is still ours alone. Its lock goes with the
// database, and two that resume one session end each other's connections for ever.
func (s *shard) held() bool { return s.host.Holds(s.name()) }

// insist tries until it succeeds, the context ends or the shard is lost. Meanwhile the queue fills
// and the platform keeps what follows.
func (s *shard) insist(ctx context.Context, what string, do func() error) bool {
	for n := 0; ; n++ {
		err := do()
		if err == nil {
			return true
		}
		if ctx.Err() == nil {
			s.log.Warn("gateway cannot store", "what", what, "err", err)
		}
		if !wait(ctx, s.pace.backoff(n)) || !s.held() {
			return false
		}
	}
}

// save keeps the servers' records before the state that relies on them.
func (s *shard) save(ctx context.Context) error {
	for id := range s.changed {
		record := s.guilds[id]
		if record == nil {
			record = newGuildRecord() // the bot was removed
		}
		if err := save(ctx, s.host, nameGuild+id, record); err != nil {
			return err
		}
		delete(s.changed, id)
	}
	return save(ctx, s.host, s.name(), s.state)
}

// guild returns the record of a server. When it cannot be loaded, an empty one
// serves: roles are without names until the next snapshot.
func (s *shard) guild(ctx context.Context, id string) *guildRecord {
	if g := s.guilds[id]; g != nil {
		return g
	}
	g := newGuildRecord()
	if err := load(ctx, s.host, nameGuild+id, g); err != nil && ctx.Err() == nil {
		s.log.Warn("server record cannot be loaded", "err", err)
	}
	if g.Roles == nil {
		g.Roles = rolenames{}
	}
	if g.Channels == nil {
		g.Channels = map[string]spot{}
	}
	if g.Rights == nil {
		g.Rights = map[string]permissions{}
	}
	s.guilds[id] = g
	s.watchOver(id, g)
	return g
}

func (s *shard) send(guild string, p connectors.Payload) {
	s.parcels = append(s.parcels, connectors.Parcel{Account: guild, Payload: p})
}

func (s *shard) note(guild string, kind connectors.NoticeKind, detail string) {
	s.notices = append(s.notices, connectors.Notice{Account: guild, Kind: kind, Detail: detail})
}
