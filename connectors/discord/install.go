package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// scopes of an installation. A bot alone would come back without a code; identify
// makes it a full grant, whose answer names the server that the bot was added to.
// The right to add commands is part of bot, and said for older clients.
var scopes = []string{"bot", "applications.commands", "identify"}

// The names of settings of a connection.
const settingBot = "bot" // the bot's user id

// Missing lists the fields of the App that live use needs.
func (Connector) Missing(app connectors.App) []string {
	var missing []string
	for _, f := range []struct{ name, value string }{
		{"ID", app.ID}, {"Secret", app.Secret}, {"Token", app.Token}, {"Redirect", app.Redirect},
	} {
		if f.value == "" {
			missing = append(missing, f.name)
		}
	}
	return missing
}

// InstallURL is where the visitor chooses a server and grants the rights. The
// platform documents no PKCE for this grant, so verifier is not used.
func (Connector) InstallURL(app connectors.App, state, _ string) string {
	return baseOf(app) + "/oauth2/authorize?" + url.Values{
		"client_id":        {app.ID},
		"response_type":    {"code"},
		"redirect_uri":     {app.Redirect},
		"scope":            {strings.Join(scopes, " ")},
		"permissions":      {strconv.FormatUint(uint64(requested), 10)},
		"integration_type": {"0"}, // to a server, not to a user
		"state":            {state},
	}.Encode()
}

// Install exchanges the code. The server is the one in the answer to that: the
// one in the redirect is only a hint. The grant's own token is not kept, the bot
// reads with the application's.
func (c Connector) Install(ctx context.Context, app connectors.App, query url.Values, _ string) (connectors.Connection, error) {
	switch {
	case query.Get("error") == "access_denied":
		return connectors.Connection{}, &connectors.InstallError{Reason: "denied"}
	case query.Get("error") != "":
		return connectors.Connection{}, &connectors.InstallError{Reason: "refused"}
	case query.Get("code") == "":
		return connectors.Connection{}, &connectors.InstallError{Reason: "expired"}
	}
	grant, err := c.exchange(ctx, app, query.Get("code"))
	if err != nil {
		return connectors.Connection{}, err
	}
	given := strings.Fields(grant.Scope)
	switch {
	case !slices.Contains(given, "bot"):
		return connectors.Connection{}, &connectors.InstallError{Reason: "scopes", Names: []string{"bot"}}
	case !valid(grant.Guild.ID):
		return connectors.Connection{}, &connectors.InstallError{Reason: "account"}
	}
	return c.describe(ctx, app, grant)
}

// grant is the answer to a code.
type grant struct {
	Scope string `json:"scope"`
	Guild guild  `json:"guild"`
}

func (c Connector) exchange(ctx context.Context, app connectors.App, code string) (grant, error) {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {app.Redirect}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, baseOf(app)+"/api/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		return grant{}, &connectors.InstallError{Reason: "refused", Err: errors.New("request cannot be made")}
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("User-Agent", agent)
	r.Header.Set("Accept", "application/json")
	r.SetBasicAuth(url.QueryEscape(app.ID), url.QueryEscape(app.Secret))
	answer, err := app.HTTP.Do(r)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return grant{}, &connectors.InstallError{Reason: "unreachable", Err: err}
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	switch {
	case err != nil || answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests:
		return grant{}, &connectors.InstallError{Reason: "unreachable", Err: fmt.Errorf("status %d", answer.StatusCode)}
	case answer.StatusCode != http.StatusOK:
		return grant{}, &connectors.InstallError{Reason: denial(raw), Err: fmt.Errorf("status %d", answer.StatusCode)}
	}
	var g grant
	if decode(raw, &g) != nil {
		return grant{}, &connectors.InstallError{Reason: "unreachable", Err: errors.New("answer is not JSON")}
	}
	return g, nil
}

// denial says what a refused code means: one that was used or is too old can be
// had anew, anything else lies in the application's own settings.
func denial(raw []byte) string {
	var told struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(raw, &told) == nil && told.Error == "invalid_grant" {
		return "expired"
	}
	return "refused"
}

// Rights that are switched on for the application as a whole, from its flags.
const (
	flagMembers        = 1<<14 | 1<<15
	flagMessageContent = 1<<18 | 1<<19
)

// describe looks at what the bot can do in the server.
func (c Connector) describe(ctx context.Context, app connectors.App, g grant) (connectors.Connection, error) {
	a := c.api(app)
	var self wireUser
	var application struct {
		Flags int64 `json:"flags"`
	}
	if err := a.get(ctx, "/users/@me", nil, &self); err != nil {
		return connectors.Connection{}, unreachable(err)
	}
	if err := a.get(ctx, "/applications/@me", nil, &application); err != nil {
		return connectors.Connection{}, unreachable(err)
	}
	h, err := a.holder(ctx, g.Guild.ID, self.ID)
	if err != nil {
		return connectors.Connection{}, unreachable(err)
	}
	granted, missing, lacks := strings.Fields(g.Scope), []string(nil), []string(nil)
	for _, p := range named {
		switch {
		case h.base().has(p.bit):
			granted = append(granted, p.name)
		case p.required:
			missing = append(missing, p.name)
		case p.bit == manageGuild:
			lacks = append(lacks, p.name)
		}
	}
	if missing != nil {
		return connectors.Connection{}, &connectors.InstallError{Reason: "scopes", Names: missing}
	}
	if err := a.register(ctx, app); err != nil {
		app.Log.Warn("command is not registered", "err", err) // reading works without it
	}
	members := application.Flags&flagMembers != 0
	for name, has := range map[string]bool{intentMembers.name: members, intentContent.name: application.Flags&flagMessageContent != 0} {
		if has {
			granted = append(granted, name)
		} else {
			lacks = append(lacks, name)
		}
	}
	slices.Sort(lacks)
	return connectors.Connection{
		ExternalID: g.Guild.ID, Name: clean(g.Guild.Name), Granted: granted, Lacks: lacks, Measures: measures(members),
		Settings: map[string]string{settingBot: self.ID},
	}, nil
}

// measures is what a live connection tells; who is a member only when the
// application may see members.
func measures(members bool) community.Measures {
	return community.Measures{
		Joins: members, Leaves: members, MemberList: members, Reactions: true, ReplyLinks: true, ThreadLinks: true,
	}
}

func unreachable(err error) error {
	reason := "unreachable"
	switch {
	case errors.Is(err, connectors.ErrRevoked):
		reason = "refused" // the bot's own token
	case lost(err):
		reason = "account"
	}
	return &connectors.InstallError{Reason: reason, Err: err}
}

// holder fetches what the bot's rights in a server are computed from.
func (a *api) holder(ctx context.Context, guild, bot string) (holder, error) {
	var g wireGuild
	if err := a.get(ctx, "/guilds/"+guild, nil, &g); err != nil {
		return holder{}, err
	}
	var m wireMember
	if err := a.get(ctx, "/guilds/"+guild+"/members/"+bot, nil, &m); err != nil {
		return holder{}, err
	}
	return newHolder(g, m, bot), nil
}

// Uninstall takes the bot out of the server. That it is out already is no error.
func (c Connector) Uninstall(ctx context.Context, app connectors.App, conn connectors.Connection) error {
	if !numeric(conn.ExternalID) {
		return errors.New("discord: uninstall: the connection has no server")
	}
	err := c.api(app).send(ctx, http.MethodDelete, "/users/@me/guilds/"+conn.ExternalID, nil, nil, nil)
	var e *apiError
	if err == nil || errors.As(err, &e) && e.Status == http.StatusNotFound || lost(err) {
		return nil
	}
	return fmt.Errorf("discord: uninstall: %w", err)
}

// numeric says whether an id can stand in a path.
func numeric(id string) bool {
	_, err := strconv.ParseUint(id, 10, 64)
	return err == nil
}
