package whatsapp

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/foyer-app/foyer/connectors"
)

// signatureHeader carries the signature of the body by the app's secret.
const signatureHeader = "X-Hub-Signature-256"

// maxChallenge bounds what is repeated when the address is verified.
const maxChallenge = 1 << 10

// maxParts bounds what a body can unfold to in memory. A message has about eight
// parts in 250 bytes; a body of the largest size has about half of this.
const maxParts = 250_000

// Receive reads one request to the webhook: a GET verifies the address, a POST
// delivers. The signature is of the bytes as they came, so nothing is parsed
// before it fits. A request has no time of its own: what is delivered again, for
// up to seven days, is dropped by the keys of its parcels.
func (Connector) Receive(app connectors.App, r *http.Request, keep func(account string) bool) (connectors.Delivery, error) {
	switch r.Method {
	case http.MethodGet:
		return challenge(app, r)
	case http.MethodPost:
		body, err := signedBody(app, r)
		if err != nil {
			return connectors.Delivery{}, err
		}
		return deliver(body, keep)
	}
	return connectors.Delivery{}, &connectors.RefusedError{Reason: connectors.ReasonForeign, Detail: "method"}
}

// challenge answers the request that verifies the webhook's address.
func challenge(app connectors.App, r *http.Request) (connectors.Delivery, error) {
	q := r.URL.Query()
	if app.VerifyToken == "" || q.Get("hub.mode") != "subscribe" || !sameSecret(q.Get("hub.verify_token"), app.VerifyToken) {
		return connectors.Delivery{}, connectors.ErrSignature
	}
	text := q.Get("hub.challenge")
	if text == "" || len(text) > maxChallenge {
		return connectors.Delivery{}, &connectors.RefusedError{Reason: connectors.ReasonForeign, Detail: "hub.challenge"}
	}
	return connectors.Delivery{Answer: []byte(text), AnswerType: "text/plain; charset=utf-8"}, nil
}

// sameSecret compares in a time that tells neither content nor length.
func sameSecret(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return hmac.Equal(x[:], y[:])
}

// signedBody reads the body and holds it against its signature.
func signedBody(app connectors.App, r *http.Request) ([]byte, error) {
	secret := app.SigningSecret
	if secret == "" {
		secret = app.Secret
	}
	text, ok := strings.CutPrefix(r.Header.Get(signatureHeader), "sha256=")
	want, err := hex.DecodeString(text)
	if !ok || err != nil || len(want) != sha256.Size || secret == "" {
		return nil, connectors.ErrSignature
	}
	var body bytes.Buffer
	body.Grow(int(min(max(r.ContentLength, 0), 64<<10)) + bytes.MinRead)
	n, err := body.ReadFrom(io.LimitReader(r.Body, connectors.MaxDelivery+1))
	if err != nil {
		return nil, &connectors.RefusedError{Reason: connectors.ReasonTruncated}
	}
	if n > connectors.MaxDelivery {
		return nil, &connectors.RefusedError{Reason: connectors.ReasonTooLarge}
	}
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write(body.Bytes())
	if !hmac.Equal(mac.Sum(nil), want) {
		return nil, connectors.ErrSignature
	}
	return body.Bytes(), nil
}

// deliver splits and scrubs a signed body. A field of an unexpected type is left
// out; the rest of the batch is read.
func deliver(body []byte, keep func(account string) bool) (connectors.Delivery, error) {
	if bytes.Count(body, []byte(",")) > maxParts {
		return connectors.Delivery{}, &connectors.RefusedError{Reason: connectors.ReasonTooLarge}
	}
	var e envelope
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(body, &e); err != nil && !errors.As(err, &odd) {
		return connectors.Delivery{}, &connectors.RefusedError{Reason: connectors.ReasonNotJSON}
	}
	if e.Object != "whatsapp_business_account" {
		return connectors.Delivery{}, &connectors.RefusedError{Reason: connectors.ReasonForeign, Detail: "object"}
	}
	s := scrubber{keep: keep, body: body}
	for i := range e.Entry {
		for k := range e.Entry[i].Changes {
			s.change(&e.Entry[i], &e.Entry[i].Changes[k])
		}
	}
	return s.out, nil
}
