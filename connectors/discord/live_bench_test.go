package discord_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors/discord"
	"github.com/foyer-app/foyer/connectors/discord/discordtest"
)

// benchPlace is a platform and one server.
func benchPlace(b *testing.B, o discordtest.Options) place {
	b.Helper()
	s, err := discordtest.New(o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	p := place{Server: s, guild: s.World.AddGuild("Lumen")}
	p.text = s.World.AddChannel(p.guild, "general", discordtest.Text, 0)
	p.people = []string{s.World.AddUser("ada")}
	return p
}

// listen runs a process until the benchmark ends.
func listen(b *testing.B, p place, c *cellar) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- discord.NewHurried().Listen(ctx, appOf(p.Server), c.process()) }()
	b.Cleanup(func() { cancel(); <-done })
}

func (c *cellar) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.parcels)
}

func await(b *testing.B, c *cellar, n int) {
	b.Helper()
	for deadline := time.Now().Add(time.Minute); c.count() < n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatalf("%d of %d payloads came", c.count(), n)
		}
	}
}

// BenchmarkGateway is messages through one shard, from the platform to accepted
// payloads; the database is left out.
func BenchmarkGateway(b *testing.B) {
	p, c := benchPlace(b, quick()), newCellar()
	listen(b, p, c)
	await(b, c, 1) // the channel
	start := time.Now()
	for b.Loop() {
		p.World.Post(p.text, p.people[0], "Does anybody know how to wash wool?")
	}
	await(b, c, 1+b.N)
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "events/s")
}

// BenchmarkBackfill is pages of 100 messages of a platform that limits no route:
// what is left is our own limit of 50 requests a second.
func BenchmarkBackfill(b *testing.B) {
	o := quick()
	o.PerBucket, o.Global = 1e9, 1e9
	p := benchPlace(b, o)
	const messages = 2000
	for i := range messages {
		p.World.PostAt(p.text, p.people[0], "hello", time.Now().Add(-time.Duration(messages-i)*time.Minute))
	}
	live, pages := discord.NewHurried(), 0
	start := time.Now()
	for b.Loop() {
		for cursor := ""; ; pages++ {
			page, err := live.Backfill(b.Context(), appOf(p.Server), connectionOf(p), cursor, time.Time{})
			if err != nil {
				b.Fatal(err)
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
	}
	b.ReportMetric(float64(pages)/time.Since(start).Seconds(), "pages/s")
}

// BenchmarkFullShard is what 2,500 servers of 30 channels on one shard keep in
// memory, with what the stand-in keeps for replaying: an upper bound.
func BenchmarkFullShard(b *testing.B) {
	const servers, channels = 2500, 30
	for b.Loop() {
		o := quick()
		o.Heartbeat = 30 * time.Second
		p, c := benchPlace(b, o), newCellar()
		for i := range servers - 1 {
			g := p.World.AddGuild(fmt.Sprint("server ", i))
			for n := range channels {
				p.World.AddChannel(g, fmt.Sprint("channel ", n), discordtest.Text, 0)
			}
		}
		before := heap()
		listen(b, p, c)
		await(b, c, 1+(servers-1)*channels)
		c.mu.Lock()
		c.parcels, c.keys = nil, map[string]bool{}
		saved := 0
		for _, s := range c.saved {
			saved += len(s)
		}
		c.mu.Unlock()
		b.ReportMetric(float64(int(heap())-int(before)-saved)/1e6, "MB/shard")
		b.ReportMetric(float64(saved)/1e6, "MB-saved")
	}
}
