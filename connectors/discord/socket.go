package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/coder/websocket"

	"github.com/foyer-app/foyer/connectors"
)

// This file alone knows the websocket library. The client above it is our own,
// because the usual one for this platform cannot resume a session after a
// restart, ends sessions when it means to keep them and hides close codes.

// maxFrame bounds one event: the snapshot of a large server has some megabytes.
const maxFrame = 16 << 20

// The operations of the gateway.
const (
	opDispatch       = 0
	opHeartbeat      = 1
	opIdentify       = 2
	opResume         = 6
	opReconnect      = 7
	opInvalidSession = 9
	opHello          = 10
	opAck            = 11
)

// frame is one message of the gateway.
type frame struct {
	Op   int             `json:"op"`
	Data json.RawMessage `json:"d"`
	Seq  *int64          `json:"s"`
	Type string          `json:"t"`
}

// socket is one connection to the gateway.
type socket struct{ conn *websocket.Conn }

// dialSocket connects to a gateway's address.
func dialSocket(ctx context.Context, app connectors.App, address string) (*socket, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("gateway address cannot be read")
	}
	target.Path, target.RawQuery = "/", url.Values{"v": {version}, "encoding": {"json"}}.Encode()
	conn, answer, err := websocket.Dial(ctx, target.String(), &websocket.DialOptions{
		HTTPClient: app.HTTP, HTTPHeader: http.Header{"User-Agent": {agent}},
	})
	if answer != nil && answer.Body != nil {
		answer.Body.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	conn.SetReadLimit(maxFrame)
	return &socket{conn: conn}, nil
}

// trusted says whether the token may be sent to an address: the platform's own,
// or whatever the address of a test says.
func trusted(app connectors.App, address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	if app.Base != "" {
		return u.Scheme == "ws" || u.Scheme == "wss"
	}
	host := u.Hostname()
	return u.Scheme == "wss" && (host == "discord.gg" || strings.HasSuffix(host, ".discord.gg"))
}

func (s *socket) read(ctx context.Context) (frame, error) {
	_, raw, err := s.conn.Read(ctx)
	if err != nil {
		return frame{}, err
	}
	var f frame
	if err := json.Unmarshal(raw, &f); err != nil {
		return frame{}, errors.New("frame is not JSON")
	}
	return f, nil
}

func (s *socket) write(ctx context.Context, op int, data any) error {
	raw, err := json.Marshal(struct {
		Op   int `json:"op"`
		Data any `json:"d"`
	}{op, data})
	if err != nil {
		return err
	}
	return s.conn.Write(ctx, websocket.MessageText, raw)
}

// closeKeeping ends the connection and keeps the session: the platform forgets it
// at 1000 and 1001 only.
func (s *socket) closeKeeping() { _ = s.conn.Close(4000, "") }

// drop ends the connection without a word.
func (s *socket) drop() { _ = s.conn.CloseNow() }

// closeCode is the code that the platform closed the connection with; -1 for none.
func closeCode(err error) int { return int(websocket.CloseStatus(err)) }
