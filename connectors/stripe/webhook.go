package stripe

import (
	"context"
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
	signatureHeader = "Stripe-Signature"
	tolerance       = 5 * time.Minute
	maxSignatures   = 16 // of one header
	// fetching bounds what is asked of Stripe while it waits for our answer.
	fetching = 15 * time.Second
)

// ReceiveFor reads one delivery. What an event does not tell is fetched at once; when that
// fails an error is returned, and Stripe delivers the event again for three days.
func (Connector) ReceiveFor(app connectors.App, c connectors.Connection, r *http.Request) (connectors.Delivery, error) {
	if r.Method != http.MethodPost {
		return connectors.Delivery{}, refused(connectors.ReasonForeign, "method")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, connectors.MaxDelivery+1))
	if err != nil {
		return connectors.Delivery{}, refused(connectors.ReasonTruncated, "")
	}
	if len(body) > connectors.MaxDelivery {
		return connectors.Delivery{}, refused(connectors.ReasonTooLarge, "")
	}
	a := newAPI(app, c)
	if !signed(r.Header.Get(signatureHeader), body, c.Credentials.Signing, a.now()) {
		return connectors.Delivery{}, connectors.ErrSignature
	}
	var e event
	if decode(body, &e) != nil {
		return connectors.Delivery{}, refused(connectors.ReasonNotJSON, "")
	}
	if e.Object != "event" {
		return connectors.Delivery{}, refused(connectors.ReasonForeign, "object")
	}
	if e.Account != "" && e.Account != accountOf(c) {
		return connectors.Delivery{}, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), fetching)
	defer cancel()
	in := reader{api: a, seen: map[string]bool{}}
	if err := in.read(ctx, &e); err != nil {
		return connectors.Delivery{}, fmt.Errorf("stripe: receive: %w", err)
	}
	var d connectors.Delivery
	for _, p := range in.out {
		d.Parcels = append(d.Parcels, connectors.Parcel{Account: c.ExternalID, Payload: p})
	}
	return d, nil
}

// signed holds a body against the header: "t=<seconds>,v1=<hex>", with a
// signature for each secret while one is being replaced.
func signed(header string, body []byte, secret string, now time.Time) bool {
	if secret == "" || len(header) > 4096 {
		return false
	}
	var stamp string
	var given [][]byte
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			stamp = value
		case "v1":
			if sum, err := hex.DecodeString(value); err == nil && len(sum) == sha256.Size && len(given) < maxSignatures {
				given = append(given, sum)
			}
		}
	}
	sent, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || len(given) == 0 {
		return false
	}
	if age := now.Sub(time.Unix(sent, 0)); age > tolerance || age < -tolerance {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(stamp + ".")) // a hash never fails
	_, _ = mac.Write(body)
	want, ok := mac.Sum(nil), false
	for _, sum := range given {
		ok = hmac.Equal(sum, want) || ok
	}
	return ok
}
