package slacktest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Sender delivers events to a webhook by request, signed, with the retries and
// the faults of the real one. Its fields are set before it is used.
type Sender struct {
	URL    string
	Secret string // that signs
	HTTP   *http.Client
	World  *World
	Now    func() time.Time // of the signature; nil: the world's
	// Repeat is the share of events that are delivered twice, Shuffle the number
	// of neighbours among which their order is lost, Seed makes both the same again.
	Repeat  float64
	Shuffle int
	Seed    uint64
	Skew    time.Duration // of the sender's clock
	// Retries are the waits before an event is sent again; nil means those of the
	// real one: at once, after a minute, after five.
	Retries []time.Duration

	mu      sync.Mutex
	waiting []Event
}

// Delivered counts what Deliver did.
type Delivered struct {
	Requests, Accepted, Retried, Lost int
}

// Follow keeps the world's events until they are delivered.
func (s *Sender) Follow() {
	s.World.Listen(func(e Event) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.waiting = append(s.waiting, e)
	})
}

// Take returns the events that wait, in the order in which they will be sent:
// repeated and shuffled.
func (s *Sender) Take() []Event {
	s.mu.Lock()
	list := s.waiting
	s.waiting = nil
	s.mu.Unlock()
	random := rand.New(rand.NewPCG(s.Seed, uint64(len(list))))
	var out []Event
	for _, e := range list {
		out = append(out, e)
		if random.Float64() < s.Repeat {
			out = append(out, e)
		}
	}
	for from := 0; s.Shuffle > 1 && from < len(out); from += s.Shuffle {
		part := out[from:min(from+s.Shuffle, len(out))]
		random.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
	}
	return out
}

// Deliver sends what waits. An event that is not taken is tried again; one that
// never is, is lost.
func (s *Sender) Deliver(ctx context.Context) (Delivered, error) {
	var d Delivered
	for _, e := range s.Take() {
		if err := s.deliver(ctx, e, &d); err != nil {
			return d, err
		}
	}
	return d, nil
}

func (s *Sender) deliver(ctx context.Context, e Event, d *Delivered) error {
	waits := s.Retries
	if waits == nil {
		waits = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	body := s.World.Envelope(e)
	reason := ""
	for try := 0; ; try++ {
		d.Requests++
		again, why := s.send(ctx, body, try, reason)
		if !again {
			if why == "" {
				d.Accepted++
			} else {
				d.Lost++
			}
			return ctx.Err()
		}
		if try >= len(waits) {
			d.Lost++
			return ctx.Err()
		}
		d.Retried++
		reason = why
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(waits[try]):
		}
	}
}

// send makes one request. It says whether to try again, and why it was not taken.
func (s *Sender) send(ctx context.Context, body []byte, try int, reason string) (again bool, why string) {
	r, err := s.Request(ctx, body)
	if err != nil {
		return false, "bad_request"
	}
	if try > 0 {
		r.Header.Set("X-Slack-Retry-Num", strconv.Itoa(try))
		r.Header.Set("X-Slack-Retry-Reason", reason)
	}
	resp, err := s.client().Do(r)
	if err != nil {
		return true, "connection_failed"
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return false, ""
	case resp.Header.Get("X-Slack-No-Retry") == "1":
		return false, "no_retry"
	}
	return true, "http_error"
}

func (s *Sender) client() *http.Client {
	if s.HTTP != nil {
		return s.HTTP
	}
	return &http.Client{Timeout: 3 * time.Second}
}

// Request is a signed delivery of a body.
func (s *Sender) Request(ctx context.Context, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("slacktest: request: %w", err)
	}
	now := s.Now
	if now == nil {
		now = s.World.Now
	}
	ts := strconv.FormatInt(now().Add(s.Skew).Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.Secret))
	fmt.Fprintf(mac, "v0:%s:", ts)
	mac.Write(body)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	r.Header.Set("X-Slack-Request-Timestamp", ts)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return r, nil
}

// Verify asks the webhook for its challenge, as Slack does when an address is entered.
func (s *Sender) Verify(ctx context.Context) error {
	const challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
	body, _ := json.Marshal(map[string]string{"token": "unused", "challenge": challenge, "type": "url_verification"}) // texts always encode
	r, err := s.Request(ctx, body)
	if err != nil {
		return err
	}
	resp, err := s.client().Do(r)
	if err != nil {
		return fmt.Errorf("slacktest: verify: %w", err)
	}
	defer resp.Body.Close()
	got := make([]byte, len(challenge)+1)
	n, _ := resp.Body.Read(got)
	if resp.StatusCode != http.StatusOK || string(got[:n]) != challenge {
		return fmt.Errorf("slacktest: verify: status %d, %d bytes", resp.StatusCode, n)
	}
	return nil
}

// Limited tells the webhook that its events were held back for a minute.
func (s *Sender) Limited(ctx context.Context) error {
	body, _ := json.Marshal(map[string]any{ // as above
		"token": "unused", "type": "app_rate_limited", "team_id": s.World.team.ID, "api_app_id": AppID,
		"minute_rate_limited": s.World.Now().Truncate(time.Minute).Unix(),
	})
	if _, why := s.send(ctx, body, 0, ""); why != "" {
		return fmt.Errorf("slacktest: limited: %s", why)
	}
	return nil
}
