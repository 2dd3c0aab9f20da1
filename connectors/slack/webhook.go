package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

const (
	headerSignature = "X-Slack-Signature"
	headerTime      = "X-Slack-Request-Timestamp"
)

// maxSkew bounds how far a request's time may be from ours, either way.
const maxSkew = 5 * time.Minute

// Receive reads one request of the Events API. The signature is checked on the
// bytes as they came, before anything is made of them.
func (connector) Receive(app connectors.App, r *http.Request, keep func(account string) bool) (connectors.Delivery, error) {
	if !fresh(r.Header.Get(headerTime), app.Now()) {
		return connectors.Delivery{}, fmt.Errorf("slack: receive: %w", connectors.ErrSignature)
	}
	body, err := readBody(r)
	if err != nil {
		return connectors.Delivery{}, fmt.Errorf("slack: receive: %w", err)
	}
	if !signed(app.SigningSecret, r.Header, body) {
		return connectors.Delivery{}, fmt.Errorf("slack: receive: %w", connectors.ErrSignature)
	}
	d, err := read(body, keep)
	if err != nil {
		return connectors.Delivery{}, fmt.Errorf("slack: receive: %w", err)
	}
	return d, nil
}

func fresh(stamp string, now time.Time) bool {
	if stamp == "" || len(stamp) > 12 || !digits(stamp) {
		return false
	}
	n, err := strconv.ParseInt(stamp, 10, 64)
	return err == nil && now.Sub(time.Unix(n, 0)).Abs() <= maxSkew
}

// signed checks the signature. Without a secret nothing is signed.
func signed(secret string, h http.Header, body []byte) bool {
	given, ok := strings.CutPrefix(h.Get(headerSignature), "v0=")
	if !ok || secret == "" || len(given) != 2*sha256.Size {
		return false
	}
	var want, got [sha256.Size]byte
	if _, err := hex.Decode(got[:], []byte(given)); err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = io.WriteString(mac, "v0:"+h.Get(headerTime)+":") // a hash never fails
	_, _ = mac.Write(body)
	return hmac.Equal(mac.Sum(want[:0]), got[:])
}

// firstRead bounds what is set aside for a body before any of it came.
const firstRead = 64 << 10

// readBody reads up to MaxDelivery bytes.
func readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength > connectors.MaxDelivery {
		return nil, refused(connectors.ReasonTooLarge)
	}
	size := min(max(r.ContentLength, 511), firstRead-1)
	body := make([]byte, 0, size+1) // one more, to see the end without growing
	for {
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > connectors.MaxDelivery:
			return nil, refused(connectors.ReasonTooLarge)
		case err == io.EOF:
			return body, nil
		case err != nil:
			return nil, refused(connectors.ReasonTruncated)
		case len(body) == cap(body):
			body = append(body, 0)[:len(body)]
		}
	}
}
