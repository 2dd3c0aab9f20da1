package discord

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// NewHurried returns a connector that waits thousandths of what New's waits.
func NewHurried() Connector {
	return Connector{limits: newLimits(), pace: pace{
		identify: 20 * time.Millisecond, hold: 20 * time.Millisecond, settle: 100 * time.Millisecond,
		retry: 2 * time.Millisecond, longest: 40 * time.Millisecond, patience: 2 * time.Second, save: 5 * time.Millisecond, grace: 200 * time.Millisecond,
	}}
}

// DecodeAll reads bytes as everything that the platform sends.
func DecodeAll(raw []byte) error {
	for _, into := range []any{
		&wireUser{}, &wireMember{}, &wireMessage{}, &wireChannel{}, &wireRole{}, &wireGuild{}, &wireVoice{}, &gatewayInfo{}, &grant{},
	} {
		if err := decode(raw, into); err != nil {
			return err
		}
	}
	return nil
}

// GrantOf reads an answer to a code.
func GrantOf(raw []byte) (scope, guildID, guildName string, err error) {
	var g grant
	err = decode(raw, &g)
	return g.Scope, g.Guild.ID, g.Guild.Name, err
}

// PermissionsOf reads a right in either spelling.
func PermissionsOf(raw string) uint64 {
	var p permissions
	if json.Unmarshal([]byte(raw), &p) != nil {
		return 0
	}
	return uint64(p)
}

// Learn makes the connector's limits believe what an answer with these
// headers says, as often as told, and returns how long the next request waits.
func Learn(times, status int, headers map[string]string, body string) (time.Duration, bool) {
	a := newAllowance()
	r, now := routeOf("GET", "/api/v10/channels/1/messages"), time.Unix(1_700_000_000, 0)
	for range times {
		h := map[string][]string{}
		for k, v := range headers {
			h[k] = []string{v}
		}
		var told refusal
		told.told = json.Unmarshal([]byte(body), &told) == nil
		a.learn(r, status, h, told, now)
	}
	return a.take(routeOf("GET", "/api/v10/channels/1/messages"), now)
}

// TakeAll takes a body as every kind of event, twice, in one session.
func TakeAll(ctx context.Context, host connectors.Host, body []byte) []connectors.Parcel {
	c := NewHurried()
	app := connectors.App{Base: "http://127.0.0.1:1", Log: slog.New(slog.DiscardHandler), HTTP: &http.Client{}}
	s := newShard(listener{api: c.api(app), app: app, host: host, pace: c.pace}, 0, 1)
	s.state.Session = "s"
	seq := int64(0)
	for range 2 {
		for _, kind := range []string{
			"READY", "RESUMED", "GUILD_CREATE", "GUILD_ROLE_CREATE", "GUILD_ROLE_DELETE", "CHANNEL_CREATE", "THREAD_LIST_SYNC",
			"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE",
			"MESSAGE_REACTION_REMOVE_EMOJI", "GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE",
			"GUILD_MEMBER_REMOVE", "GUILD_BAN_ADD", "VOICE_STATE_UPDATE", "GUILD_SCHEDULED_EVENT_CREATE",
			"GUILD_SCHEDULED_EVENT_USER_ADD", "CHANNEL_DELETE", "GUILD_DELETE", "PRESENCE_UPDATE",
		} {
			seq++
			n := seq
			s.take(ctx, received{frame: frame{Data: body, Seq: &n, Type: kind}, at: time.UnixMilli(1_700_000_000_000)})
		}
	}
	s.settleLeaves(time.UnixMilli(1_800_000_000_000))
	return s.parcels
}

// Trusted says whether the token may be sent to a gateway's address.
func Trusted(base, address string) bool { return trusted(connectors.App{Base: base}, address) }
