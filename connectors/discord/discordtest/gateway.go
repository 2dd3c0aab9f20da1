package discordtest

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// hub is the gateway's side of all sessions; Server.mu guards it.
type hub struct {
	sessions   map[string]*session
	identified map[int]time.Time // by concurrency key
	starts     int               // IDENTIFYs that are left today
	made       int               // sessions so far
	resumed    int               // RESUMEs that succeeded
	silent     bool              // heartbeats are not acknowledged
	twice      int               // every such event is sent twice; 0 none
	refuse     int               // close code for the next IDENTIFYs
	refusals   int               // how many of them
	zombies    int               // connections that a client left open without heartbeats
}

// kept bounds the events that a session can replay.
const kept = 200_000

// session is what a client can resume.
type session struct {
	id      string
	shard   [2]int
	intents int
	events  []json.RawMessage // whole frames; index i has sequence i+1
	wake    chan struct{}     // something was appended
	link    *link             // the connection that reads it; nil while there is none
}

// link is one connection.
type link struct {
	conn   *websocket.Conn
	cancel context.CancelFunc
	mu     sync.Mutex // of writing
	beaten time.Time  // when the client's last heartbeat came
	sends  []time.Time
	sess   *session
	next   int         // index of the next event to send
	closed atomic.Bool // by us: the client's code is an echo of ours
}

func (l *link) write(ctx context.Context, f any) error {
	raw, ok := f.(json.RawMessage)
	if !ok {
		raw, _ = json.Marshal(f)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn.Write(ctx, websocket.MessageText, raw)
}

type op struct {
	Op   int    `json:"op"`
	Data any    `json:"d"`
	Seq  *int   `json:"s"`
	Type string `json:"t,omitempty"`
}

func (l *link) close(code int) {
	l.closed.Store(true)
	_ = l.conn.Close(websocket.StatusCode(code), "")
	l.cancel()
}

// connect is one connection of a client, from HELLO to its end.
func (s *Server) connect(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if v := q.Get("v"); v != "10" || q.Get("encoding") != "json" {
		http.Error(w, "bad version or encoding", http.StatusBadRequest)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	conn.SetReadLimit(1 << 20)
	ctx, cancel := context.WithCancel(s.ctx)
	l := &link{conn: conn, cancel: cancel, beaten: time.Now()}
	defer func() {
		cancel()
		_ = conn.CloseNow()
		s.unlink(l)
	}()
	interval := s.options.Heartbeat
	if l.write(ctx, op{Op: 10, Data: map[string]any{"heartbeat_interval": interval.Milliseconds()}}) != nil {
		return
	}
	go s.watch(ctx, l, interval)
	for {
		_, raw, err := conn.Read(ctx)
		if err != nil {
			if code := websocket.CloseStatus(err); (code == 1000 || code == 1001) && !l.closed.Load() {
				s.end(l.sess) // the client said that it does not come back
			}
			return
		}
		if code := s.receive(ctx, l, raw); code != 0 {
			l.close(code)
			return
		}
	}
}

// watch closes a connection whose client sends no heartbeats.
func (s *Server) watch(ctx context.Context, l *link, interval time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		l.mu.Lock()
		late := time.Since(l.beaten) > 3*interval
		l.mu.Unlock()
		if late {
			s.mu.Lock()
			s.gateway.zombies++
			s.mu.Unlock()
			l.close(4000)
			return
		}
	}
}

// receive takes one message of a client; a close code other than 0 ends the connection.
func (s *Server) receive(ctx context.Context, l *link, raw []byte) int {
	if len(raw) > 4096 {
		return 4002
	}
	now := time.Now()
	l.sends = append(l.sends, now)
	for len(l.sends) > 0 && now.Sub(l.sends[0]) > time.Minute {
		l.sends = l.sends[1:]
	}
	if len(l.sends) > 120 && s.options.Heartbeat > 10*time.Second {
		return 4008
	}
	var m struct {
		Op   *int            `json:"op"`
		Data json.RawMessage `json:"d"`
	}
	if json.Unmarshal(raw, &m) != nil || m.Op == nil {
		return 4002
	}
	switch *m.Op {
	case 1:
		return s.heartbeat(ctx, l, m.Data)
	case 2:
		return s.identify(ctx, l, m.Data)
	case 6:
		return s.resume(ctx, l, m.Data)
	case 3, 4, 8:
		if l.sess == nil {
			return 4003
		}
		return 0
	}
	return 4001
}

func (s *Server) heartbeat(ctx context.Context, l *link, data json.RawMessage) int {
	var seq *int
	if json.Unmarshal(data, &seq) != nil {
		return 4002
	}
	l.mu.Lock()
	l.beaten = time.Now()
	l.mu.Unlock()
	s.mu.Lock()
	silent := s.gateway.silent
	s.mu.Unlock()
	if !silent {
		_ = l.write(ctx, op{Op: 11})
	}
	return 0
}

const (
	members   = 1 << 1
	content   = 1 << 15
	allIntent = 1<<26 - 1
)

func (s *Server) identify(ctx context.Context, l *link, data json.RawMessage) int {
	var d struct {
		Token      string            `json:"token"`
		Intents    *int              `json:"intents"`
		Shard      *[2]int           `json:"shard"`
		Properties map[string]string `json:"properties"`
	}
	if json.Unmarshal(data, &d) != nil || d.Intents == nil || d.Properties["os"] == "" {
		return 4002
	}
	if l.sess != nil {
		return 4005
	}
	shard := [2]int{0, 1}
	if d.Shard != nil {
		shard = *d.Shard
	}
	s.mu.Lock()
	code, invalid := s.judge(d.Token, *d.Intents, shard)
	var sess *session
	if code == 0 && !invalid {
		s.gateway.made++
		sess = &session{
			id: "session-" + strconv.Itoa(s.gateway.made) + "-" + strconv.Itoa(shard[0]), shard: shard,
			intents: *d.Intents, wake: make(chan struct{}, 1), link: l,
		}
		s.gateway.sessions[sess.id] = sess
		l.sess = sess
	}
	s.mu.Unlock()
	if code != 0 {
		return code
	}
	if invalid {
		_ = l.write(ctx, op{Op: 9, Data: false})
		return 0
	}
	s.welcome(sess)
	go s.pump(ctx, l)
	return 0
}

// judge counts an IDENTIFY against the budget and checks it. Server.mu is held.
func (s *Server) judge(token string, intents int, shard [2]int) (code int, invalid bool) {
	g := &s.gateway
	g.starts--
	if g.starts < 0 {
		s.token = "reset-because-the-budget-was-used-up"
		return 4004, false
	}
	if g.refusals > 0 {
		g.refusals--
		return g.refuse, false
	}
	switch {
	case strings.TrimPrefix(token, "Bot ") != s.token:
		return 4004, false
	case shard[1] < 1 || shard[0] < 0 || shard[0] >= shard[1]:
		return 4010, false
	case shard[1] < s.options.Shards:
		return 4011, false
	case intents < 0 || intents&^allIntent != 0:
		return 4013, false
	case intents&members != 0 && s.options.NoMembers, intents&content != 0 && s.options.NoContent, intents&(1<<8) != 0:
		return 4014, false
	}
	key, now := shard[0]%s.options.Concurrency, time.Now()
	if now.Sub(g.identified[key]) < s.options.IdentifyEvery*9/10 {
		return 0, true
	}
	g.identified[key] = now
	return 0, false
}

// welcome sends what a new session begins with.
func (s *Server) welcome(sess *session) {
	w := s.World
	w.mu.Lock()
	defer w.mu.Unlock()
	list, snapshots := []any{}, []any{}
	for _, g := range w.guilds {
		if g.removed || shardOf(g.id, sess.shard[1]) != sess.shard[0] {
			continue
		}
		list = append(list, map[string]any{"id": g.id, "unavailable": true})
		if !g.down {
			snapshots = append(snapshots, g.json(w))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sess.append("READY", map[string]any{
		"v": 10, "user": w.bot.json(), "guilds": list, "session_id": sess.id,
		"resume_gateway_url": "ws" + strings.TrimPrefix(s.URL, "http"), "shard": sess.shard,
		"application": map[string]any{"id": w.bot.ID, "flags": 0},
	})
	for _, g := range snapshots {
		sess.append("GUILD_CREATE", g)
	}
}

// append adds an event. Server.mu is held.
func (sess *session) append(kind string, data any) {
	seq := len(sess.events) + 1
	raw, _ := json.Marshal(op{Op: 0, Data: data, Seq: &seq, Type: kind})
	sess.events = append(sess.events, raw)
	select {
	case sess.wake <- struct{}{}:
	default:
	}
}

func (s *Server) resume(ctx context.Context, l *link, data json.RawMessage) int {
	var d struct {
		Token   string `json:"token"`
		Session string `json:"session_id"`
		Seq     *int   `json:"seq"`
	}
	if json.Unmarshal(data, &d) != nil || d.Seq == nil {
		return 4002
	}
	if l.sess != nil {
		return 4005
	}
	s.mu.Lock()
	if strings.TrimPrefix(d.Token, "Bot ") != s.token {
		s.mu.Unlock()
		return 4004
	}
	sess := s.gateway.sessions[d.Session]
	if sess == nil {
		s.mu.Unlock()
		_ = l.write(ctx, op{Op: 9, Data: false})
		return 0
	}
	if *d.Seq < 0 || *d.Seq > len(sess.events) {
		delete(s.gateway.sessions, d.Session)
		s.mu.Unlock()
		return 4007
	}
	if old := sess.link; old != nil {
		old.cancel()
	}
	sess.link, l.sess, l.next = l, sess, *d.Seq
	s.gateway.resumed++
	sess.append("RESUMED", map[string]any{})
	s.mu.Unlock()
	go s.pump(ctx, l)
	return 0
}

// pump sends a session's events to its connection.
func (s *Server) pump(ctx context.Context, l *link) {
	for {
		s.mu.Lock()
		if l.sess.link != l {
			s.mu.Unlock()
			return
		}
		waiting := l.sess.events[l.next:]
		first, twice := l.next, s.gateway.twice
		l.next += len(waiting)
		s.mu.Unlock()
		for i, e := range waiting {
			if l.write(ctx, e) != nil {
				return
			}
			if twice > 0 && (first+i+1)%twice == 0 && l.write(ctx, e) != nil {
				return
			}
		}
		if len(waiting) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-l.sess.wake:
		case <-time.After(50 * time.Millisecond): // another connection may have taken the sign
		}
	}
}

// unlink lets go of a session that can be resumed.
func (s *Server) unlink(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.sess != nil && l.sess.link == l {
		l.sess.link = nil
	}
}

func (s *Server) end(sess *session) {
	if sess == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.gateway.sessions, sess.id)
}

// needs is the intent that an event stands under.
func needs(kind string) int {
	switch {
	case strings.HasPrefix(kind, "GUILD_MEMBER_"):
		return members
	case kind == "GUILD_BAN_ADD" || kind == "GUILD_AUDIT_LOG_ENTRY_CREATE":
		return 1 << 2
	case kind == "VOICE_STATE_UPDATE":
		return 1 << 7
	case strings.HasPrefix(kind, "MESSAGE_REACTION_"):
		return 1 << 10
	case strings.HasPrefix(kind, "MESSAGE_"):
		return 1 << 9
	case strings.HasPrefix(kind, "GUILD_SCHEDULED_EVENT_"):
		return 1 << 16
	}
	return 1
}

// tell dispatches an event, unless it is of a server that the bot is not in: then
// only that it was taken out.
func (s *Server) tell(guild, kind string, data any) {
	s.World.mu.Lock()
	g := s.World.guilds[guild]
	out := g != nil && g.removed && kind != "GUILD_DELETE"
	s.World.mu.Unlock()
	if !out {
		s.dispatch(guild, kind, data)
	}
}

// dispatch gives an event to the sessions that asked for its kind.
func (s *Server) dispatch(guild, kind string, data any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sess := range s.gateway.sessions {
		if sess.intents&needs(kind) == 0 || shardOf(guild, sess.shard[1]) != sess.shard[0] || len(sess.events) >= kept {
			continue
		}
		sess.append(kind, withoutContent(sess.intents, kind, data))
	}
}

// withoutContent leaves out what the intent MESSAGE_CONTENT guards.
func withoutContent(intents int, kind string, data any) any {
	m, ok := data.(map[string]any)
	if intents&content != 0 || !ok || kind != "MESSAGE_CREATE" && kind != "MESSAGE_UPDATE" {
		return data
	}
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	out["content"], out["embeds"], out["attachments"], out["components"] = "", []any{}, []any{}, []any{}
	return out
}

func shardOf(guild string, count int) int {
	n, _ := strconv.ParseUint(guild, 10, 64)
	return int((n >> 22) % uint64(count))
}
