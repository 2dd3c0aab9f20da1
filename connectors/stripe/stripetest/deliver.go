package stripetest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
)

func same(a, b any) bool { return reflect.DeepEqual(a, b) }

// endpoint makes, changes or deletes an address for deliveries.
func (w *World) endpoint(method, path string, q url.Values, conf Config) (any, *refusal) {
	id := strings.TrimPrefix(strings.TrimPrefix(path, "webhook_endpoints"), "/")
	o := w.objects[id]
	if id != "" && (o == nil || o.kind != "webhook_endpoints") {
		return nil, &refusal{http.StatusNotFound, "resource_missing", "No such webhook endpoint"}
	}
	if method == http.MethodDelete && id != "" {
		w.drop(id)
		return map[string]any{"id": id, "deleted": true}, nil
	}
	allowed := []string{"enabled_events[]", "url", "description", "disabled"}
	if id == "" {
		allowed = []string{"enabled_events[]", "url", "description", "api_version"}
	}
	if no := known(q, allowed, false); no != nil {
		return nil, no
	}
	switch {
	case id == "" && (len(q["enabled_events[]"]) == 0 || q.Get("url") == ""):
		return nil, invalid("Missing required param: url or enabled_events")
	case id == "" && conf.Private:
		return nil, &refusal{http.StatusBadRequest, "url_invalid", "Invalid URL: must be publicly accessible"}
	case id == "":
		secret := w.id("whsec")
		o = w.keep("webhook_endpoints", "we", "webhook_endpoint", map[string]any{"status": "enabled", "api_version": q.Get("api_version"), "+secret": secret})
	}
	for param, field := range map[string]string{"url": "url", "description": "description"} {
		if v := q.Get(param); v != "" {
			o.fields[field] = v
		}
	}
	if v := q["enabled_events[]"]; len(v) > 0 {
		o.fields["enabled_events"] = v
	}
	if q.Get("disabled") != "" {
		o.fields["status"] = map[string]string{"true": "disabled", "false": "enabled"}[q.Get("disabled")]
	}
	out := plain(o.fields).(map[string]any)
	if id == "" {
		out["secret"] = o.fields["+secret"]
	}
	return out, nil
}

// Endpoints are the addresses that Stripe delivers to.
func (w *World) Endpoints() (addresses []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range w.sorted("webhook_endpoints") {
		addresses = append(addresses, o.fields["url"].(string))
	}
	return addresses
}

// Disable stops the deliveries, as Stripe does after days of failures.
func (w *World) Disable() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range w.sorted("webhook_endpoints") {
		o.fields["status"] = "disabled"
	}
}

// Events are those that an endpoint with these types would have had since a
// moment, the oldest first.
func (w *World) Events(since time.Time, types []string) (list []Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range w.sorted("events") {
		kind := o.fields["type"].(string)
		if o.created() >= since.Unix() && slices.Contains(types, kind) {
			list = append(list, Event{ID: o.id(), Type: kind, Body: plain(o.fields).(map[string]any)})
		}
	}
	return list
}

// Mess repeats a share of the events and loses the order among neighbours, the
// same for the same seed.
func Mess(list []Event, repeat float64, among int, seed uint64) []Event {
	r := rand.New(rand.NewPCG(seed, 1))
	var out []Event
	for _, e := range list {
		out = append(out, e)
		if r.Float64() < repeat {
			out = append(out, e)
		}
	}
	for i := range out {
		k := i + r.IntN(max(min(among, len(out)-i), 1))
		out[i], out[k] = out[k], out[i]
	}
	return out
}

// Request is a signed delivery of an event.
func Request(ctx context.Context, address, secret string, at time.Time, e Event) (*http.Request, error) {
	body, err := json.Marshal(e.Body)
	if err != nil {
		return nil, fmt.Errorf("stripetest: request: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, io.NopCloser(bytes.NewReader(body)))
	if err != nil {
		return nil, fmt.Errorf("stripetest: request: %w", err)
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	r.Header.Set("Stripe-Signature", Sign(secret, at, body))
	return r, nil
}

// Sign is the header of a body.
func Sign(secret string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = fmt.Fprintf(mac, "%d.", at.Unix()) // a hash never fails
	_, _ = mac.Write(body)
	return fmt.Sprintf("t=%d,v1=%s,v0=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)), strings.Repeat("0", 64))
}

// Endpoint is the newest address that Stripe delivers to, with its secret and the
// types of events that it wants.
func (w *World) Endpoint() (address, secret string, types []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range w.sorted("webhook_endpoints") {
		address, secret = o.fields["url"].(string), o.fields["+secret"].(string)
		types = o.fields["enabled_events"].([]string)
	}
	return address, secret, types
}
