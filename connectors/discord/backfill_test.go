package discord_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/discord"
	"github.com/foyer-app/foyer/connectors/discord/discordtest"
)

// history writes n messages into a channel, one a minute up to yesterday.
func history(p place, channel string, n int) (last string) {
	start := time.Now().Add(-24*time.Hour - time.Duration(n)*time.Minute)
	for i := range n {
		last = p.World.PostAt(channel, p.people[i%len(p.people)], fmt.Sprintf("line %d?", i), start.Add(time.Duration(i)*time.Minute))
	}
	return last
}

func connectionOf(p place) connectors.Connection {
	return connectors.Connection{ExternalID: p.guild, Settings: map[string]string{"bot": "1000000000000000001"}}
}

// fetched is what a whole backfill gave.
type fetched struct {
	pages []connectors.Page
	blind []string
}

// fetch runs a backfill to its end. Each step is done by a connector of its own
// when anew says so, as after a restart.
func fetch(t *testing.T, p place, c *cellar, since time.Time, anew bool) fetched {
	t.Helper()
	var out fetched
	app, conn := appOf(p.Server), connectionOf(p)
	live := discord.NewHurried()
	cursor, progress := "", 0.0
	for range 2000 {
		if anew {
			live = discord.NewHurried()
		}
		page, err := live.Backfill(t.Context(), app, conn, cursor, since)
		var limited *connectors.RateLimitError
		if errors.As(err, &limited) {
			time.Sleep(min(limited.After, time.Second))
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if page.Progress < progress || page.Progress > 1 {
			t.Errorf("progress %v after %v", page.Progress, progress)
		}
		progress = page.Progress
		c.mu.Lock()
		for _, one := range page.Payloads {
			c.accept([]connectors.Parcel{{Account: p.guild, Payload: one}})
		}
		c.mu.Unlock()
		for _, b := range page.Blind {
			out.blind = append(out.blind, b.Name)
		}
		out.pages = append(out.pages, page)
		if page.Next == "" {
			if progress != 1 {
				t.Errorf("done at %v", progress)
			}
			return out
		}
		cursor = page.Next
	}
	t.Fatal("the backfill does not end")
	return out
}

func TestBackfillReadsEverything(t *testing.T) {
	t.Parallel()
	for _, faults := range []bool{false, true} {
		t.Run(fmt.Sprint("faults ", faults), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, quick())
			w := p.World
			last := history(p, p.text, 450)
			history(p, p.other, 100) // exactly one page
			w.React(last, p.people[0], "👍")
			w.React(last, p.people[1], "👍")
			w.Post(p.voice, p.people[0], "in the chat of the voice channel")
			for i := range 130 {
				thread := w.AddThread(p.forum, fmt.Sprint("topic ", i))
				w.Post(thread, p.people[i%8], "a question?")
				if i%13 != 0 {
					w.Archive(thread)
				}
			}
			if faults {
				p.Inject(discordtest.Error500, "messages", 2, 0)
				p.Inject(discordtest.Cut, "messages", 1, 0)
				p.Inject(discordtest.Limit, "archived", 1, 20*time.Millisecond)
				p.Inject(discordtest.LimitAll, "messages", 1, 30*time.Millisecond)
				p.Inject(discordtest.Shared, "messages", 1, 10*time.Millisecond)
				p.Inject(discordtest.Slow, "channels", 2, 30*time.Millisecond)
				p.Inject(discordtest.Twice, "messages", 2, 0)
				p.Inject(discordtest.Shuffled, "messages", 3, 0)
			}
			c := newCellar()
			got := fetch(t, p, c, time.Time{}, true)
			p.settled(t, c)
			if len(got.blind) > 0 {
				t.Errorf("blind %v", got.blind)
			}
			if got.pages[0].Source == nil || got.pages[0].Source.Name != "Lumen" {
				t.Errorf("source %+v", got.pages[0].Source)
			}
			for _, parcel := range c.parcels {
				if strings.Contains(string(parcel.Payload.Body), "line ") {
					t.Fatalf("a payload holds text: %s", parcel.Payload.Body)
				}
			}
		})
	}
}

func TestBackfillFillsGap(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	c := newCellar()
	history(p, p.text, 300)
	quiet := p.World.AddThread(p.text, "quiet")
	p.World.PostAt(quiet, p.people[0], "long ago", time.Now().Add(-48*time.Hour))
	fetch(t, p, c, time.Time{}, false)
	since := time.Now()
	for i := range 230 {
		p.World.Post(p.other, p.people[i%8], "meanwhile")
	}
	closed := p.World.AddThread(p.text, "closed meanwhile")
	p.World.Post(closed, p.people[0], "meanwhile")
	p.World.Archive(closed)
	before := len(p.Requests())
	got := fetch(t, p, c, since.Add(-time.Second), true)
	p.settled(t, c)
	for _, r := range p.Requests()[before:] {
		if strings.Contains(r, p.text+"/messages") || strings.Contains(r, quiet) {
			t.Errorf("asked for what is not new: %s", r)
		}
	}
	if n := len(got.pages); n > 12 {
		t.Errorf("%d pages", n)
	}
}

// A channel whose history the bot may not read answers an empty list, which
// must not pass for silence.
func TestBackfillSeesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	w := p.World
	secret := w.AddChannel(p.guild, "secret", discordtest.Text, discordtest.ViewChannel)
	mute := w.AddChannel(p.guild, "no-history", discordtest.Text, discordtest.ReadHistory)
	w.AddChannel(p.guild, "Locked lounge", discordtest.Voice, discordtest.Connect)
	w.AddThread(secret, "inside")
	for _, c := range []string{secret, mute} {
		w.Post(c, p.people[0], "unseen")
	}
	got := fetch(t, p, newCellar(), time.Time{}, false)
	slices.Sort(got.blind)
	if want := []string{"Locked lounge", "no-history", "secret"}; !reflect.DeepEqual(got.blind, want) {
		t.Errorf("blind %v, want %v", got.blind, want)
	}
	for _, r := range p.Requests() {
		if strings.Contains(r, secret) || strings.Contains(r, mute) {
			t.Errorf("asked: %s", r)
		}
	}
}

// Access can be lost, and a channel deleted, between two pages.
func TestBackfillGoesPastLostChannels(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	history(p, p.text, 250)
	history(p, p.other, 250)
	live, app, conn := discord.NewHurried(), appOf(p.Server), connectionOf(p)
	cursor, blind, pages := "", []string(nil), 0
	for {
		page, err := live.Backfill(t.Context(), app, conn, cursor, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page.Blind {
			blind = append(blind, b.Name)
		}
		if pages++; pages == 2 {
			p.World.Deny(p.text, discordtest.ViewChannel)
			p.World.DeleteChannel(p.other)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if !reflect.DeepEqual(blind, []string{"general"}) {
		t.Errorf("blind %v", blind)
	}
}

func TestBackfillErrors(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		disturb func(place)
		check   func(error) bool
	}{
		"token":      {func(p place) { p.ResetToken("x") }, func(err error) bool { return errors.Is(err, connectors.ErrRevoked) }},
		"removed":    {func(p place) { p.World.Remove(p.guild) }, func(err error) bool { return errors.Is(err, connectors.ErrRevoked) }},
		"long limit": {func(p place) { p.Inject(discordtest.Limit, "channels", 1, time.Hour) }, limitedFor(time.Hour)},
		"guard":      {func(p place) { p.Inject(discordtest.Cloudflare, "channels", 1, 90*time.Second) }, limitedFor(90 * time.Second)},
		"platform":   {func(p place) { p.Inject(discordtest.Error500, "channels", 9, 0) }, func(err error) bool { return err != nil }},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, quick())
			test.disturb(p)
			_, err := discord.NewHurried().Backfill(t.Context(), appOf(p.Server), connectionOf(p), "", time.Time{})
			if !test.check(err) {
				t.Errorf("Backfill = %v", err)
			}
			if err != nil && (strings.Contains(err.Error(), "bot-token") || strings.Contains(err.Error(), p.URL)) {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

func limitedFor(want time.Duration) func(error) bool {
	return func(err error) bool {
		var limited *connectors.RateLimitError
		return errors.As(err, &limited) && limited.After > want-time.Second && limited.After <= want
	}
}

func TestBackfillCancelled(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	p.Inject(discordtest.Slow, "channels", 1, 5*time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := discord.NewHurried().Backfill(ctx, appOf(p.Server), connectionOf(p), "", time.Time{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Backfill = %v", err)
	}
	if d := time.Since(start); d > 3*time.Second {
		t.Errorf("took %v", d)
	}
}

// The limiter stays below the limits by what the headers say: the platform
// refuses nothing.
func TestLimitsAreKept(t *testing.T) {
	t.Parallel()
	o := quick()
	o.PerBucket, o.BucketTime = 5, 100*time.Millisecond
	p := newPlace(t, o)
	history(p, p.text, 2000)
	c := newCellar()
	fetch(t, p, c, time.Time{}, false)
	p.settled(t, c)
	if n := p.Refused(); n > 1 {
		t.Errorf("%d requests were refused", n)
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	gold := p.World.AddRole(p.guild, "Gold")
	for i := range 2100 {
		u := p.World.AddUser(fmt.Sprint("member", i))
		p.World.Join(p.guild, u, "")
		if i == 0 {
			p.World.SetRoles(p.guild, u, gold)
		}
	}
	live, seen, cursor, pages := discord.NewHurried(), map[string]bool{}, "", 0
	for {
		page, err := live.Members(t.Context(), appOf(p.Server), connectionOf(p), cursor)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, m := range page.Members {
			if seen[m.ExternalID] || m.Joined.IsZero() || !m.Listed {
				t.Errorf("member %+v", m)
			}
			seen[m.ExternalID] = true
			if m.Name == "member0" && !reflect.DeepEqual(m.Roles, []string{"Gold"}) {
				t.Errorf("roles %v", m.Roles)
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if len(seen) != 2102 || pages != 3 {
		t.Errorf("%d members on %d pages", len(seen), pages)
	}
}
