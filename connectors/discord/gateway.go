package discord

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// The names of what the gateway keeps and locks. Those of shards hold their
// number, so that two divisions are never mixed.
const (
	nameShards   = "discord/shards"
	nameShard    = "discord/shard/"
	nameIdentify = "discord/identify/"
	nameGuild    = "discord/guild/"
)

// optionShards fixes how many shards there are; without it the platform says so.
const optionShards = "shards"

// mostShards bounds what the platform may ask for.
const mostShards = 10_000

// errSharding says that the servers have become too many for the shards.
var errSharding = errors.New("more shards are needed")

// gatewayInfo is what the platform grants the bot.
type gatewayInfo struct {
	URL    string `json:"url"`
	Shards int    `json:"shards"`
	Starts struct {
		Total       int   `json:"total"`
		Remaining   int   `json:"remaining"`
		ResetAfter  int64 `json:"reset_after"` // milliseconds
		Concurrency int   `json:"max_concurrency"`
	} `json:"session_start_limit"`
}

// Listen holds as many of the gateway's shards as are free. It resumes their
// sessions where another process, or this one before a restart, left them.
func (c Connector) Listen(ctx context.Context, app connectors.App, host connectors.Host) error {
	for n := 0; ctx.Err() == nil; n++ {
		err := c.listen(ctx, app, host)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errSharding):
			if err := host.Save(ctx, nameShards, []byte("0")); err != nil {
				app.Log.Error("shards cannot be counted anew", "err", err)
			}
		case err != nil:
			return fmt.Errorf("discord: listen: %w", err)
		}
		wait(ctx, c.pace.orSteady().backoff(n))
	}
	return nil
}

func (c Connector) listen(ctx context.Context, app connectors.App, host connectors.Host) error {
	l := listener{api: c.api(app), app: app, host: host, pace: c.pace.orSteady()}
	count, err := l.shards(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	held := make([]bool, count)
	var mu sync.Mutex
	for ctx.Err() == nil {
		for _, i := range rand.Perm(count) {
			mu.Lock()
			mine := held[i]
			mu.Unlock()
			if mine {
				continue
			}
			release, ok := l.hold(ctx, nameShard+strconv.Itoa(i)+"/"+strconv.Itoa(count))
			if !ok {
				continue
			}
			mu.Lock()
			held[i] = true
			mu.Unlock()
			running.Go(func() {
				defer func() {
					release()
					mu.Lock()
					held[i] = false
					mu.Unlock()
				}()
				if err := newShard(l, i, count).run(ctx); err != nil {
					cancel(err)
				}
			})
			// Not all at once: a process that starts at the same time gets its share.
			if !wait(ctx, l.pace.hold/10) {
				break
			}
		}
		wait(ctx, l.pace.hold)
	}
	running.Wait()
	return context.Cause(ctx)
}

// listener is one call of Listen.
type listener struct {
	api  *api
	app  connectors.App
	host connectors.Host
	pace pace
}

// hold takes a lock; what prevents it is tried again later.
func (l listener) hold(ctx context.Context, name string) (release func(), ok bool) {
	release, ok, err := l.host.Hold(ctx, name)
	if err != nil && ctx.Err() == nil {
		l.app.Log.Warn("lock cannot be taken", "name", name, "err", err)
	}
	return release, ok && err == nil
}

// info asks until the platform answers. An error is fatal.
func (l listener) info(ctx context.Context) (gatewayInfo, error) {
	for n := 0; ; n++ {
		var info gatewayInfo
		err := l.api.get(ctx, "/gateway/bot", nil, &info)
		var limited *connectors.RateLimitError
		after := l.pace.backoff(n)
		switch {
		case err == nil && trusted(l.app, info.URL):
			return info, nil
		case err == nil:
			err = errors.New("the gateway's address is not the platform's")
		case errors.Is(err, connectors.ErrRevoked):
			return info, &connectors.FatalError{Reason: "token", Err: err}
		case errors.As(err, &limited):
			after = max(after, limited.After)
		}
		if ctx.Err() == nil {
			l.app.Log.Warn("gateway cannot be found", "err", err, "again", after)
		}
		if !wait(ctx, after) {
			return info, ctx.Err()
		}
	}
}

// shards returns how many there are. The number is kept, so that all processes
// divide the servers alike; it is asked for anew when it has become too small.
func (l listener) shards(ctx context.Context) (int, error) {
	if n, err := strconv.Atoi(l.app.Options[optionShards]); err == nil && n > 0 {
		return min(n, mostShards), nil
	}
	var n int
	if err := load(ctx, l.host, nameShards, &n); err != nil {
		return 0, err
	}
	if n > 0 {
		return min(n, mostShards), nil
	}
	info, err := l.info(ctx)
	if err != nil {
		return 0, err
	}
	n = min(max(1, info.Shards), mostShards)
	return n, save(ctx, l.host, nameShards, n)
}

// turn waits until the shard may identify itself: one at a time for each
// concurrency key, over all processes, and only while the day's budget has a
// reserve, because the platform resets the token of a bot that uses it up.
func (l listener) turn(ctx context.Context, shard int) (address string, done func(), err error) {
	for {
		info, err := l.info(ctx)
		if err != nil {
			return "", nil, err
		}
		starts := info.Starts
		if reserve := max(1, starts.Total/20); starts.Total > 0 && starts.Remaining <= reserve {
			after := min(max(time.Duration(starts.ResetAfter)*time.Millisecond, l.pace.retry), time.Hour)
			l.app.Log.Error("no session is begun: the day's budget is nearly used up", "remaining", starts.Remaining, "again", after)
			if !wait(ctx, after) {
				return "", nil, ctx.Err()
			}
			continue
		}
		key := nameIdentify + strconv.Itoa(shard%max(1, starts.Concurrency))
		if release, ok := l.hold(ctx, key); ok {
			return info.URL, func() { time.AfterFunc(l.pace.identify, release) }, nil
		}
		if !wait(ctx, l.pace.identify/5+rand.N(l.pace.identify/5+1)) {
			return "", nil, ctx.Err()
		}
	}
}
