package discord

import (
	"context"
	"math/rand/v2"
	"time"
)

// pace are the times that the connector waits. The platform and the contract
// set them; tests hurry.
type pace struct {
	identify time.Duration // between two IDENTIFYs that share a concurrency key
	hold     time.Duration // between two tries to take over shards
	settle   time.Duration // that a leave waits for the audit log to say how
	retry    time.Duration // before the first retry; doubles
	longest  time.Duration // between two retries
	patience time.Duration // that a request waits for the limits by itself
	save     time.Duration // between two saves of the gateway's state
	grace    time.Duration // to store what was read when the process stops
}

func steady() pace {
	return pace{
		identify: 5 * time.Second, hold: 10 * time.Second, settle: 5 * time.Second,
		retry: time.Second, longest: time.Minute, patience: 5 * time.Second, save: time.Second, grace: 3 * time.Second,
	}
}

// orSteady is the pace of a Connector that was not made by New.
func (p pace) orSteady() pace {
	if p == (pace{}) {
		return steady()
	}
	return p
}

// backoff is how long to wait before try number n (from 0): doubling, with half
// of it left to chance so that many processes do not come back at once.
func (p pace) backoff(n int) time.Duration {
	d := p.longest
	if n < 20 {
		d = min(p.longest, p.retry<<max(0, n))
	}
	return d/2 + rand.N(d/2+1)
}

// wait returns false when the context ends first.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
