package main

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/outbound"
)

// appTime bounds one request to a platform.
const appTime = 60 * time.Second

// apps are the applications that this instance is registered as: of each
// connector what the environment says below FOYER_<PLATFORM>_. A platform of
// which nothing is said is left out, unless it needs nothing.
func (c config) apps(base *url.URL, log *slog.Logger) map[community.Platform]connectors.App {
	out := map[community.Platform]connectors.App{}
	for _, connector := range all.List() {
		name := connector.Platform()
		values := map[string]string{}
		prefix := "FOYER_" + strings.ToUpper(string(name)) + "_"
		for key, value := range c.vars {
			if rest, ok := strings.CutPrefix(key, prefix); ok && value != "" {
				values[rest] = value
			}
		}
		app := appOf(values, base.JoinPath("connect", string(name), "callback").String(), log.With("platform", string(name)))
		if len(values) == 0 && !needsNothing(connector, app) {
			continue
		}
		app.HTTP = platformClient(app.Base, c.living != nil || c.standIns)
		out[name] = app
	}
	return out
}

// needsNothing says that a platform can be connected by what the visitor brings,
// without an application of this instance's own.
func needsNothing(c connectors.Connector, app connectors.App) bool {
	configured, ok := c.(connectors.Configured)
	_, shop := c.(connectors.Trader)
	return ok && shop && len(configured.Missing(app)) == 0
}

// appOf gives each value its place; what has none is an option of the connector's
// own. How the platform is reached is the caller's to say.
func appOf(values map[string]string, redirect string, log *slog.Logger) connectors.App {
	app := connectors.App{Redirect: redirect, Log: log, Now: time.Now, Options: map[string]string{}}
	places := map[string]*string{
		"CLIENT_ID": &app.ID, "APP_ID": &app.ID, "CLIENT_SECRET": &app.Secret, "APP_SECRET": &app.Secret,
		"SIGNING_SECRET": &app.SigningSecret, "PUBLIC_KEY": &app.SigningSecret, "VERIFY_TOKEN": &app.VerifyToken,
		"BOT_TOKEN": &app.Token, "APP_TOKEN": &app.Token, "TIER": &app.Tier, "BASE": &app.Base,
	}
	for key, value := range values {
		if place, ok := places[key]; ok {
			*place = value
		} else {
			app.Options[strings.ToLower(key)] = value
		}
	}
	return app
}

// platformClient reaches the platforms' public addresses; with a base, which only
// the operator can say, the one address and port of that too. A base on this very
// machine is reached by the live demo alone, whatever the settings say: there the
// stand-ins of the platforms are.
func platformClient(base string, standIns bool) *http.Client {
	conf := outbound.Config{Timeout: appTime}
	u, err := url.Parse(base)
	if err != nil || base == "" {
		return outbound.New(conf)
	}
	addr, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		return outbound.New(conf) // a name: as public as any other
	}
	addr = addr.Unmap()
	port := u.Port()
	switch {
	case port == "" && u.Scheme == "https":
		port = "443"
	case port == "":
		port = "80"
	}
	if standIns || !addr.IsLoopback() && !addr.IsUnspecified() {
		conf.Allow.Hosts = []string{net.JoinHostPort(addr.String(), port)}
	}
	return outbound.New(conf)
}
