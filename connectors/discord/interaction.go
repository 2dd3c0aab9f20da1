package discord

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// optionLink is the address that "/foyer link" leads to; without it there is no command.
const optionLink = "link_base"

// freshness bounds how old a signed request may be, and how far ahead its clock.
const freshness = 5 * time.Minute

// The kinds of interaction and of answer to one.
const (
	interactionPing    = 1
	interactionCommand = 2
	answerPong         = 1
	answerMessage      = 4
)

// Receive answers the interactions endpoint: the platform's check of the address,
// and "/foyer link" with a message that only the one who asked sees. No payload
// comes of it. App.SigningSecret is the application's public key.
func (Connector) Receive(app connectors.App, r *http.Request, _ func(account string) bool) (connectors.Delivery, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, connectors.MaxDelivery+1))
	switch {
	case err != nil:
		return connectors.Delivery{}, fmt.Errorf("discord: receive: %w", err)
	case len(body) > connectors.MaxDelivery:
		return connectors.Delivery{}, refused(connectors.ReasonTooLarge)
	case !signed(app, r.Header, body):
		return connectors.Delivery{}, connectors.ErrSignature
	}
	var in interaction
	if err := decode(body, &in); err != nil {
		return connectors.Delivery{}, err
	}
	answer := map[string]any{"type": answerPong}
	if in.Type != interactionPing {
		answer = map[string]any{"type": answerMessage, "data": map[string]any{
			"content": in.reply(app), "flags": ephemeral, "allowed_mentions": map[string]any{"parse": []string{}},
		}}
	}
	raw, err := json.Marshal(answer)
	if err != nil {
		return connectors.Delivery{}, fmt.Errorf("discord: receive: %w", err)
	}
	return connectors.Delivery{Answer: raw, AnswerType: "application/json"}, nil
}

// signed checks the signature over the time and the body.
func signed(app connectors.App, h http.Header, body []byte) bool {
	key, err := hex.DecodeString(app.SigningSecret)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return false
	}
	stamp := h.Get("X-Signature-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || clock(app)().Sub(time.Unix(seconds, 0)).Abs() > freshness {
		return false
	}
	signature, err := hex.DecodeString(h.Get("X-Signature-Ed25519"))
	return err == nil && ed25519.Verify(key, append([]byte(stamp), body...), signature)
}

// interaction is what somebody did with a command.
type interaction struct {
	Type    int    `json:"type"`
	GuildID string `json:"guild_id"`
	Locale  string `json:"locale"`
	Data    struct {
		Name    string `json:"name"`
		Options []struct {
			Name string `json:"name"`
		} `json:"options"`
	} `json:"data"`
}

// replies are the texts of answers, which stand in the chat and not on a page.
var replies = map[string]struct{ link, server, unknown string }{
	"en": {
		link:    "Connect your customer account here. You will see what is shared before you agree: %s",
		server:  "Please use this command in the server of your community.",
		unknown: "This command is not available.",
	},
	"fr": {
		link:    "Reliez ici votre compte client. Vous verrez ce qui est partagé avant d’accepter : %s",
		server:  "Utilisez cette commande dans le serveur de votre communauté.",
		unknown: "Cette commande n’est pas disponible.",
	},
}

// reply is the text of the answer. The link names the server and nobody: who
// follows it says who they are on the page.
func (in interaction) reply(app connectors.App) string {
	texts := replies["en"]
	if language, _, _ := strings.Cut(in.Locale, "-"); language == "fr" {
		texts = replies["fr"]
	}
	base := app.Options[optionLink]
	switch {
	case in.Type != interactionCommand || in.Data.Name != "foyer" || base == "",
		len(in.Data.Options) != 1 || in.Data.Options[0].Name != "link":
		return texts.unknown
	case !numeric(in.GuildID):
		return texts.server
	}
	separator := "?"
	if strings.Contains(base, "?") {
		separator = "&"
	}
	link := base + separator + url.Values{"platform": {string(platform)}, "account": {in.GuildID}}.Encode()
	return fmt.Sprintf(texts.link, link)
}

// command is "/foyer link" as it is registered: in servers only.
func command() map[string]any {
	return map[string]any{
		"name": "foyer", "type": 1, "description": "Your community account",
		"description_localizations": map[string]string{"fr": "Votre compte de communauté"},
		"contexts":                  []int{0}, "integration_types": []int{0},
		"options": []any{map[string]any{
			"type": 1, "name": "link", "description": "Connect your customer account",
			"description_localizations": map[string]string{"fr": "Relier votre compte client"},
		}},
	}
}

// register makes the command known to the platform, for all servers at once. It
// replaces an earlier one of the same name.
func (a *api) register(ctx context.Context, app connectors.App) error {
	if app.Options[optionLink] == "" {
		return nil
	}
	if !numeric(app.ID) {
		return errors.New("the application's id is not a number")
	}
	raw, err := json.Marshal(command())
	if err != nil {
		return err
	}
	return a.send(ctx, http.MethodPost, "/applications/"+app.ID+"/commands", nil, bytes.NewReader(raw), nil)
}
