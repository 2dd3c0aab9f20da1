package whatsapptest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// Delivery says how what happened is delivered.
type Delivery struct {
	Batch      int           // changes in one request; 0 means 1, at most 1,000
	Duplicates float64       // the share of requests that are sent again, 0 to 1
	Shuffle    bool          // changes and requests in any order
	Tries      int           // of one request that is not answered by 200; 0 means 3
	Backoff    time.Duration // before the second try, doubled after each
	Client     *http.Client  // nil means http.DefaultClient
}

// ErrNotSubscribed says that no application subscribed to the business account.
var ErrNotSubscribed = errors.New("whatsapptest: nobody subscribed to the account")

// Bodies takes what waits to be delivered and returns it as the bodies of requests.
func (w *World) Bodies(d Delivery) [][]byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.pending
	w.pending = nil
	if d.Shuffle {
		w.random.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	}
	size := min(max(d.Batch, 1), 1000)
	var out [][]byte
	for len(list) > 0 {
		n := min(size, len(list))
		body := w.body(list[:n])
		list = list[n:]
		out = append(out, body)
		if w.random.Float64() < d.Duplicates {
			out = append(out, body)
		}
	}
	if d.Shuffle {
		w.random.Shuffle(len(out), func(i, k int) { out[i], out[k] = out[k], out[i] })
	}
	return out
}

// body writes changes as the platform does: neighbours of one number and field
// share a value, and everything beyond ASCII, and the slash, is escaped.
func (w *World) body(list []update) []byte {
	var changes []any
	var last *update
	var value map[string]any
	for i := range list {
		u := &list[i]
		if last == nil || u.list == "" || last.list != u.list || last.field != u.field || last.number != u.number {
			value = map[string]any{"messaging_product": "whatsapp", "metadata": map[string]any{
				"display_phone_number": digitsOf(u.number.Shown), "phone_number_id": u.number.ID,
			}}
			changes = append(changes, map[string]any{"field": u.field, "value": value})
			last = u
		}
		if u.list == "" {
			for key, v := range u.item {
				value[key] = v
			}
			continue
		}
		items, _ := value[u.list].([]any)
		value[u.list] = append(items, u.item)
		if u.contact != nil {
			contacts, _ := value["contacts"].([]any)
			value["contacts"] = append(contacts, u.contact)
		}
	}
	raw, err := json.Marshal(map[string]any{"object": "whatsapp_business_account", "entry": []any{
		map[string]any{"id": w.owner, "changes": changes},
	}})
	if err != nil {
		return nil // maps of texts and numbers can be written
	}
	return escape(raw)
}

// escape writes JSON in ASCII.
func escape(raw []byte) []byte {
	var out bytes.Buffer
	for i := 0; i < len(raw); {
		if raw[i] < utf8.RuneSelf {
			if raw[i] == '/' {
				out.WriteByte('\\')
			}
			out.WriteByte(raw[i])
			i++
			continue
		}
		r, size := utf8.DecodeRune(raw[i:])
		i += size
		if r >= 0x10000 {
			r -= 0x10000
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xD800+(r>>10), 0xDC00+(r&0x3FF))
			continue
		}
		fmt.Fprintf(&out, `\u%04x`, r)
	}
	return out.Bytes()
}

// Sign returns the value of X-Hub-Signature-256 for a body.
func (w *World) Sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte(w.o.AppSecret))
	_, _ = mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Deliver sends what waits to an address and returns how many requests were
// answered by 200. One that is refused to the end is an error.
func (w *World) Deliver(ctx context.Context, address string, d Delivery) (int, error) {
	w.mu.Lock()
	subscribed := w.subs
	w.mu.Unlock()
	if !subscribed {
		return 0, ErrNotSubscribed
	}
	done := 0
	for _, body := range w.Bodies(d) {
		if err := w.post(ctx, address, body, d); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

func (w *World) post(ctx context.Context, address string, body []byte, d Delivery) error {
	client, tries, wait := d.Client, d.Tries, d.Backoff
	if client == nil {
		client = http.DefaultClient
	}
	if tries <= 0 {
		tries = 3
	}
	var last error
	for range tries {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
		if err != nil {
			return fmt.Errorf("whatsapptest: %w", err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("User-Agent", "facebookexternalua")
		req.Header.Set("X-Hub-Signature-256", w.Sign(body))
		status, _, err := do(client, req)
		if err == nil && status == http.StatusOK {
			return nil
		}
		if last = err; err == nil {
			last = fmt.Errorf("whatsapptest: the webhook answered %d", status)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait *= 2
	}
	return last
}

// Verify asks an address to repeat a challenge, as the platform does before it
// delivers there.
func (w *World) Verify(ctx context.Context, address string, client *http.Client) error {
	if client == nil {
		client = http.DefaultClient
	}
	w.mu.Lock()
	want := w.digits(10)
	w.mu.Unlock()
	q := url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {w.o.VerifyToken}, "hub.challenge": {want}}
	sign := "?"
	if strings.Contains(address, "?") {
		sign = "&"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+sign+q.Encode(), nil)
	if err != nil {
		return fmt.Errorf("whatsapptest: %w", err)
	}
	status, got, err := do(client, req)
	if err != nil {
		return fmt.Errorf("whatsapptest: verify: %w", err)
	}
	if status != http.StatusOK || string(got) != want {
		return fmt.Errorf("whatsapptest: the webhook answered %d and not the challenge", status)
	}
	return nil
}

func do(client *http.Client, req *http.Request) (int, []byte, error) {
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	return resp.StatusCode, body, err
}
