package discord_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/discord/discordtest"
	"github.com/foyer-app/foyer/internal/community"
)

// came says how somebody came: "code by inviter", "unknown", or nothing where
// nobody looked.
func (c *cellar) came(t *testing.T, guild, user string) string {
	t.Helper()
	for _, a := range c.state(t, guild).activities {
		switch i := a.Invitation; {
		case a.Kind != community.Join || a.Actor != user || i == nil:
		case !i.Known && (i.Code != "" || i.Inviter != ""):
			return "what is unknown is named"
		case !i.Known:
			return "unknown"
		default:
			return strings.TrimSpace(i.Code + " " + i.Inviter)
		}
	}
	return ""
}

// counting waits until the connector knows where counting begins.
func (p place) counting(t *testing.T, c *cellar) {
	t.Helper()
	until(t, "counting begins", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		record := string(c.saved["discord/guild/"+p.guild])
		return strings.Contains(record, `"uses":`) && !strings.Contains(record, `"newcomers"`)
	})
}

func (p place) arrived(t *testing.T, c *cellar, user, want string) {
	t.Helper()
	until(t, "it is said how somebody came", func() bool { return c.came(t, p.guild, user) != "" })
	if got := c.came(t, p.guild, user); got != want {
		t.Errorf("came by %q, want %q", got, want)
	}
}

// TestInvitations: a join is by an invitation only when nothing else could have been.
func TestInvitations(t *testing.T) {
	t.Parallel()
	p, c := newPlace(t, quick()), newCellar()
	w, who := p.World, p.people
	for _, n := range []int{0, 1} {
		w.Join(p.guild, who[n], "")
	}
	first, second, once := w.AddInvite(p.guild, who[0], 0), w.AddInvite(p.guild, who[1], 5), w.AddInvite(p.guild, who[1], 1)
	w.SetVanity(p.guild, "lumen")
	listening(t, appOf(p.Server), c.process())
	p.connected(t)
	for n, step := range []struct {
		name string
		do   func(user string)
		want string
	}{
		{"one invitation", func(u string) { w.JoinBy(p.guild, u, first) }, first + " " + who[0]},
		{"another", func(u string) { w.JoinBy(p.guild, u, second) }, second + " " + who[1]},
		{"the server's own address", func(u string) { w.JoinBy(p.guild, u, "lumen") }, "lumen"},
		{"none", func(u string) { w.Join(p.guild, u, "") }, "unknown"},
		{"one that was used twice", func(u string) { w.Use(p.guild, first); w.JoinBy(p.guild, u, first) }, "unknown"},
		{"two that grew", func(u string) { w.Use(p.guild, first); w.JoinBy(p.guild, u, second) }, "unknown"},
		{"one that is used up and gone", func(u string) { w.JoinBy(p.guild, u, once) }, "unknown"},
		{"one made just now", func(u string) { w.JoinBy(p.guild, u, w.AddInvite(p.guild, who[0], 0)) }, "new"},
	} {
		p.counting(t, c)
		user := w.AddUser(fmt.Sprint("newcomer", n))
		step.do(user)
		if step.want == "new" {
			until(t, "it is known", func() bool { return strings.HasSuffix(c.came(t, p.guild, user), " "+who[0]) })
			continue
		}
		p.arrived(t, c, user, step.want)
	}
	// Two at a time cannot be told apart; the next one can, from a new beginning.
	p.counting(t, c)
	a, b, d := w.AddUser("a"), w.AddUser("b"), w.AddUser("d")
	w.JoinBy(p.guild, a, first)
	w.JoinBy(p.guild, b, second)
	p.arrived(t, c, a, "unknown")
	p.arrived(t, c, b, "unknown")
	p.counting(t, c)
	w.JoinBy(p.guild, d, second)
	p.arrived(t, c, d, second+" "+who[1])
}

// TestInvitationsWithoutTheRight says so, says nothing of joins, and begins to
// count when the right is given.
func TestInvitationsWithoutTheRight(t *testing.T) {
	t.Parallel()
	p, c := newPlace(t, quick()), newCellar()
	w := p.World
	const others = discordtest.ViewChannel | discordtest.ReadHistory | discordtest.Connect | 1<<7
	w.Permit(p.guild, others)
	code := w.AddInvite(p.guild, p.people[0], 0)
	listening(t, appOf(p.Server), c.process())
	p.connected(t)
	until(t, "the missing right is told", func() bool { return len(c.told(connectors.NoticeDegrade)) > 0 })
	if told := c.told(connectors.NoticeDegrade)[0]; told.Detail != "MANAGE_GUILD" || told.Account != p.guild {
		t.Errorf("told %+v", told)
	}
	w.JoinBy(p.guild, p.people[1], code)
	p.settled(t, c)
	w.Permit(p.guild, others|discordtest.ManageGuild)
	p.counting(t, c)
	w.JoinBy(p.guild, p.people[2], code)
	p.arrived(t, c, p.people[2], code+" "+p.people[0])
	if got := c.came(t, p.guild, p.people[1]); got != "" {
		t.Errorf("without the right somebody came by %q", got)
	}
	restored := false
	for _, n := range c.told(connectors.NoticeRestore) {
		restored = restored || n.Detail == "MANAGE_GUILD" && n.Account == p.guild
	}
	if !restored {
		t.Error("nobody was told that the right came back")
	}
}

// TestInvitationsAcrossRestarts: who joins while nobody listens is told of when
// the session resumes, and the counting goes on from where it was.
func TestInvitationsAcrossRestarts(t *testing.T) {
	t.Parallel()
	p, c := newPlace(t, quick()), newCellar()
	w := p.World
	code := w.AddInvite(p.guild, p.people[0], 0)
	first := c.process()
	stop := listening(t, appOf(p.Server), first)
	p.connected(t)
	p.counting(t, c)
	first.kill()
	_ = stop()
	w.JoinBy(p.guild, p.people[1], code)
	listening(t, appOf(p.Server), c.process())
	p.arrived(t, c, p.people[1], code+" "+p.people[0])
	p.settled(t, c)
}

// TestInvitationsUnreachable: a platform that does not answer costs the knowledge
// of how somebody came, never the join.
func TestInvitationsUnreachable(t *testing.T) {
	t.Parallel()
	p, c := newPlace(t, quick()), newCellar()
	code := p.World.AddInvite(p.guild, p.people[0], 0)
	listening(t, appOf(p.Server), c.process())
	p.connected(t)
	p.counting(t, c)
	p.Inject(discordtest.Error500, "invites", 8, 0)
	p.World.JoinBy(p.guild, p.people[1], code)
	p.settled(t, c)
	p.arrived(t, c, p.people[1], "unknown")
	p.counting(t, c)
	p.World.JoinBy(p.guild, p.people[2], code)
	p.arrived(t, c, p.people[2], code+" "+p.people[0])
}
