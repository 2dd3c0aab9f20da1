package discord

import (
	"encoding/json"
	"time"
)

// NewHurried returns a connector that waits thousandths of what New's waits.
func NewHurried() Connector {
	return Connector{limits: newLimits(), pace: pace{
		identify: 20 * time.Millisecond, hold: 20 * time.Millisecond, settle: 100 * time.Millisecond,
		retry: 2 * time.Millisecond, longest: 40 * time.Millisecond, patience: 2 * time.Second, save: 5 * time.Millisecond,
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
