package discord

import (
	"slices"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

// stay is somebody's open session in a voice channel. The gateway tells no
// times: those when its events came stand for them.
type stay struct {
	User    user   `json:"user"`
	Channel string `json:"channel"`
	Session string `json:"session,omitempty"` // the platform's id
	From    int64  `json:"from"`
	Key     string `json:"key"` // of the payload that its end will give
}

// move pairs what a voice state says with what was known. key is that of the
// event, so that the same event seen again gives the same payload.
func (s *shard) move(guild string, v wireVoice, names rolenames, at int64, key string) {
	id := guild + "/" + v.UserID
	known, open := s.state.Stays[id]
	same := open && known.Channel == v.ChannelID && (known.Session == "" || v.SessionID == "" || known.Session == v.SessionID)
	if same {
		return // muted, deafened, a camera
	}
	if open {
		s.end(guild, id, known, at)
	}
	if v.ChannelID == "" {
		return
	}
	who := user{ID: v.UserID}
	if v.Member != nil && v.Member.User != nil {
		who = names.person(*v.Member.User, v.Member)
		who.ID = v.UserID
	}
	if s.state.Stays == nil {
		s.state.Stays = map[string]stay{}
	}
	from := max(at, s.state.LastStay+1)
	s.state.LastStay = from
	s.state.Stays[id] = stay{User: who, Channel: v.ChannelID, Session: v.SessionID, From: from, Key: key + "/" + v.UserID}
}

// end sends a session that is over.
func (s *shard) end(guild, id string, known stay, at int64) {
	delete(s.state.Stays, id)
	p := payload(liveVoice, "", storedVoice{User: known.User, Channel: known.Channel, From: known.From, To: max(known.From, at)})
	p.Key = liveVoice + "/" + known.Key
	s.send(guild, p)
}

// reconcile brings the open sessions of a server in line with its snapshot.
// What ended while nobody listened ended, as far as is known, at lost.
func (s *shard) reconcile(guild string, states []wireVoice, names rolenames, lost, at int64, key string) {
	present := make(map[string]wireVoice, len(states))
	for _, v := range states {
		if v.ChannelID != "" && valid(v.UserID) {
			present[guild+"/"+v.UserID] = v
		}
	}
	for id, known := range s.state.Stays {
		if len(id) <= len(guild) || id[:len(guild)+1] != guild+"/" {
			continue
		}
		now, there := present[id]
		if !there || now.ChannelID != known.Channel || now.SessionID != known.Session && known.Session != "" && now.SessionID != "" {
			s.end(guild, id, known, lost)
		}
	}
	for _, v := range states {
		if v.ChannelID != "" && valid(v.UserID) {
			s.move(guild, v, names, at, key)
		}
	}
}

// leave waits for the audit log to say how it came about. Of people who were
// pruned the log has the number only: they read as having left.
type leave struct {
	Guild string `json:"guild"`
	User  user   `json:"user"`
	At    int64  `json:"at"`
	How   string `json:"how,omitempty"`
	Key   string `json:"key"`
}

// ending is a kick or ban whose leave has not come yet.
type ending struct {
	Guild string `json:"guild"`
	User  string `json:"user"`
	At    int64  `json:"at"`
	How   string `json:"how"`
}

// mostWaiting bounds the leaves that wait; above it the oldest is sent at once.
const mostWaiting = 5000

// left takes a leave.
func (s *shard) left(l leave) {
	for _, e := range s.state.Ends {
		if e.Guild == l.Guild && e.User == l.User.ID {
			l.How = worse(l.How, e.How)
		}
	}
	s.state.Leaves = append(s.state.Leaves, l)
}

// expelled takes what the audit log, or the list of bans, tells of somebody.
func (s *shard) expelled(e ending) {
	for i := range s.state.Leaves {
		if l := &s.state.Leaves[i]; l.Guild == e.Guild && l.User.ID == e.User {
			l.How = worse(l.How, e.How)
			return
		}
	}
	s.state.Ends = append(s.state.Ends, e)
}

// worse prefers a ban to a kick.
func worse(a, b string) string {
	if a == community.DetailBanned || b == "" {
		return a
	}
	return b
}

// settleLeaves sends the leaves that have waited, or need not wait any more.
func (s *shard) settleLeaves(now time.Time) {
	before := now.Add(-s.pace.settle).UnixMilli()
	surplus := len(s.state.Leaves) - mostWaiting
	s.state.Leaves = slices.DeleteFunc(s.state.Leaves, func(l leave) bool {
		due := l.At <= before || l.How != "" || surplus > 0
		if due {
			surplus--
			s.sendLeave(l)
		}
		return due
	})
	s.state.Ends = slices.DeleteFunc(s.state.Ends, func(e ending) bool { return e.At <= before })
}

func (s *shard) sendLeave(l leave) {
	p := payload(liveLeave, "", storedMember{User: l.User, At: l.At, How: l.How})
	p.Key = liveLeave + "/" + l.Key
	s.send(l.Guild, p)
}
