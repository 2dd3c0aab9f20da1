package discord_test

import (
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/discord"
	"github.com/foyer-app/foyer/connectors/discord/discordtest"
)

// sentBack is the query of the redirect after the visitor's decision.
func sentBack(t *testing.T, s *discordtest.Server, app connectors.App, guild string) url.Values {
	t.Helper()
	page := discord.NewHurried().InstallURL(app, "the-state", "verifier")
	target, err := s.Approve(page, guild)
	if guild == "" {
		target, err = s.Deny(page)
	}
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	if got := u.Query().Get("state"); got != "the-state" || !strings.HasPrefix(target, app.Redirect+"?") {
		t.Errorf("sent back to %s", target)
	}
	return u.Query()
}

func TestInstall(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	app := appOf(p.Server)
	query := sentBack(t, p.Server, app, p.guild)
	query.Set("guild_id", "666") // a hint that anybody can change
	conn, err := discord.NewHurried().Install(t.Context(), app, query, "verifier")
	if err != nil {
		t.Fatal(err)
	}
	if conn.ExternalID != p.guild || conn.Name != "Lumen" || conn.Settings["bot"] != app.ID {
		t.Errorf("connection %+v", conn)
	}
	if conn.Credentials != (connectors.Credentials{}) {
		t.Error("the visitor's own token is kept")
	}
	for _, want := range []string{"bot", "VIEW_CHANNEL", "READ_MESSAGE_HISTORY", "VIEW_AUDIT_LOG", "GUILD_MEMBERS", "MESSAGE_CONTENT"} {
		if !slices.Contains(conn.Granted, want) {
			t.Errorf("%s is not granted: %v", want, conn.Granted)
		}
	}
	if len(conn.Lacks) > 0 {
		t.Errorf("with every right it lacks %v", conn.Lacks)
	}
	if m := conn.Measures; !m.Joins || !m.Leaves || !m.MemberList || !m.Reactions || !m.ReplyLinks || !m.ThreadLinks {
		t.Errorf("measures %+v", m)
	}
	if err := discord.NewHurried().Uninstall(t.Context(), app, conn); err != nil {
		t.Fatal(err)
	}
	if err := discord.NewHurried().Uninstall(t.Context(), app, conn); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestInstallRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		disturb func(place, *connectors.App, url.Values)
		want    connectors.InstallError
	}{
		"no code":    {func(_ place, _ *connectors.App, q url.Values) { q.Del("code") }, connectors.InstallError{Reason: "expired"}},
		"wrong code": {func(_ place, _ *connectors.App, q url.Values) { q.Set("code", "x") }, connectors.InstallError{Reason: "expired"}},
		"an error":   {func(_ place, _ *connectors.App, q url.Values) { q.Set("error", "server_error") }, connectors.InstallError{Reason: "refused"}},
		"wrong secret": {func(_ place, a *connectors.App, _ url.Values) { a.Secret = "x" }, connectors.InstallError{
			Reason: "refused",
		}},
		"another redirect": {func(_ place, a *connectors.App, _ url.Values) { a.Redirect += "/x" }, connectors.InstallError{Reason: "expired"}},
		"platform away": {func(p place, _ *connectors.App, _ url.Values) {
			p.Inject(discordtest.Error500, "token", 1, 0)
		}, connectors.InstallError{Reason: "unreachable"}},
		"bot's token": {func(_ place, a *connectors.App, _ url.Values) { a.Token = "x" }, connectors.InstallError{Reason: "refused"}},
		"no history": {func(p place, _ *connectors.App, _ url.Values) {
			p.World.Permit(p.guild, discordtest.ViewChannel)
		}, connectors.InstallError{Reason: "scopes", Names: []string{"READ_MESSAGE_HISTORY"}}},
		"limited": {func(p place, _ *connectors.App, _ url.Values) {
			p.Inject(discordtest.Limit, "token", 1, time.Minute)
		}, connectors.InstallError{Reason: "unreachable"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, quick())
			app := appOf(p.Server)
			query := sentBack(t, p.Server, app, p.guild)
			test.disturb(p, &app, query)
			_, err := discord.NewHurried().Install(t.Context(), app, query, "")
			var got *connectors.InstallError
			if !errors.As(err, &got) || got.Reason != test.want.Reason || !reflect.DeepEqual(got.Names, test.want.Names) {
				t.Errorf("Install = %v, want %v %v", err, test.want.Reason, test.want.Names)
			}
			if err != nil && strings.Contains(err.Error(), "client-secret") {
				t.Errorf("the error tells the secret: %v", err)
			}
		})
	}
}

func TestInstallDenied(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	app := appOf(p.Server)
	_, err := discord.NewHurried().Install(t.Context(), app, sentBack(t, p.Server, app, ""), "")
	var got *connectors.InstallError
	if !errors.As(err, &got) || got.Reason != "denied" {
		t.Errorf("Install = %v", err)
	}
}

func TestInstallWithoutPrivileges(t *testing.T) {
	t.Parallel()
	o := quick()
	o.NoMembers, o.NoContent = true, true
	p := newPlace(t, o)
	app := appOf(p.Server)
	p.World.Permit(p.guild, discordtest.ViewChannel|discordtest.ReadHistory)
	conn, err := discord.NewHurried().Install(t.Context(), app, sentBack(t, p.Server, app, p.guild), "")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"GUILD_MEMBERS", "MANAGE_GUILD", "MESSAGE_CONTENT"}; !slices.Equal(conn.Lacks, want) {
		t.Errorf("lacks %v, want %v", conn.Lacks, want)
	}
	if m := conn.Measures; m.Joins || m.Leaves || m.MemberList || !m.Reactions {
		t.Errorf("measures %+v", m)
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	c := discord.New().(connectors.Configured)
	if got := c.Missing(connectors.App{Secret: "s"}); !reflect.DeepEqual(got, []string{"ID", "Token", "Redirect"}) {
		t.Errorf("missing %v", got)
	}
	if got := c.Missing(connectors.App{ID: "1", Secret: "s", Token: "t", Redirect: "r"}); got != nil {
		t.Errorf("missing %v", got)
	}
}

func TestLearn(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		times, status int
		headers       map[string]string
		body          string
		wait          time.Duration
		refused       bool
	}{
		"some left":       {1, 200, map[string]string{"X-Ratelimit-Remaining": "1", "X-Ratelimit-Reset-After": "3"}, "", 0, false},
		"none left":       {1, 200, map[string]string{"X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset-After": "3.5"}, "", 3500 * time.Millisecond, false},
		"route limit":     {1, 429, nil, `{"retry_after": 1.25, "global": false}`, 1250 * time.Millisecond, false},
		"global limit":    {1, 429, map[string]string{"Retry-After": "2", "X-Ratelimit-Global": "true"}, `{"retry_after": 2.5, "global": true}`, 2500 * time.Millisecond, false},
		"guard":           {1, 429, map[string]string{"Retry-After": "120"}, `<html>`, 2 * time.Minute, false},
		"guard, no time":  {1, 429, nil, `<html>`, time.Minute, false},
		"token refused":   {1, 401, nil, `{}`, 0, true},
		"many refusals":   {3000, 403, nil, `{}`, 10 * time.Minute, false},
		"fewer":           {2999, 403, nil, `{}`, 0, false},
		"shared, many":    {9000, 429, map[string]string{"X-Ratelimit-Scope": "shared"}, `{"retry_after": 0}`, 0, false},
		"not a time":      {1, 429, nil, `{"retry_after": -1}`, time.Minute, false},
		"beyond all time": {1, 429, nil, `{"retry_after": 1e300}`, 24 * time.Hour, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if wait, refused := discord.Learn(c.times, c.status, c.headers, c.body); wait != c.wait || refused != c.refused {
				t.Errorf("take = %v, %v; want %v, %v", wait, refused, c.wait, c.refused)
			}
		})
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]uint64{
		`"66688"`: 66688, `66688`: 66688, `null`: 0, `"x"`: 0, `-1`: 0, `1e3`: 0, `{}`: 0, `"18446744073709551615"`: 1<<64 - 1,
	} {
		if got := discord.PermissionsOf(raw); got != want {
			t.Errorf("%s is %d, want %d", raw, got, want)
		}
	}
}

func TestTrusted(t *testing.T) {
	t.Parallel()
	cases := []struct {
		base, address string
		want          bool
	}{
		{"", "wss://gateway.discord.gg", true},
		{"", "wss://gateway-us-east1-b.discord.gg/", true},
		{"", "ws://gateway.discord.gg", false},
		{"", "wss://discord.gg.evil.example", false},
		{"", "wss://evildiscord.gg", false},
		{"", "wss://user@evil.example/gateway.discord.gg", false},
		{"", "", false},
		{"http://127.0.0.1:1", "ws://127.0.0.1:1", true},
		{"http://127.0.0.1:1", "http://127.0.0.1:1", false},
	}
	for _, c := range cases {
		if got := discord.Trusted(c.base, c.address); got != c.want {
			t.Errorf("%q with base %q: %v", c.address, c.base, got)
		}
	}
}
