package slack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	lib "github.com/slack-go/slack"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
	"github.com/foyer-app/foyer/internal/community"
)

// required are the scopes without which nothing can be measured, wished those
// without which less can.
var (
	required = []string{"channels:history", "channels:join", "channels:read", "reactions:read", "team:read", "users:read"}
	wished   = []string{"groups:history", "groups:read", "users:read.email"}
)

// The keys of Connection.Settings.
const (
	settingBot        = "bot_user"
	settingApp        = "app"
	settingEnterprise = "enterprise"
	settingPlan       = connectors.SettingPlan // free, std, plus, compliance, enterprise; none where Slack does not tell
)

// freePlan stands for the empty text by which Slack names it.
const freePlan = "free"

// optionPKCE in App.Options says that the application was made a public client at
// Slack, which alone may use PKCE. Value "on".
const optionPKCE = "pkce"

// Missing names the fields that connecting needs. A signing secret is not needed
// where events come by a socket.
func (connector) Missing(app connectors.App) (list []string) {
	for _, f := range []struct{ name, value string }{
		{"ID", app.ID}, {"Secret", app.Secret}, {"SigningSecret", app.SigningSecret + app.Token}, {"Redirect", app.Redirect},
	} {
		if f.value == "" {
			list = append(list, f.name)
		}
	}
	return list
}

// InstallURL is Slack's page that asks for the scopes of a bot.
func (connector) InstallURL(app connectors.App, state, verifier string) string {
	q := url.Values{
		"client_id":    {app.ID},
		"scope":        {strings.Join(slices.Concat(required, wished), ",")},
		"redirect_uri": {app.Redirect},
		"state":        {state},
	}
	if app.Options[optionPKCE] == "on" && verifier != "" {
		q.Set("code_challenge", lib.GenerateCodeChallenge(verifier))
		q.Set("code_challenge_method", "S256")
	}
	return base(app) + "/oauth/v2/authorize?" + q.Encode()
}

// Install exchanges the code for a token and asks for the workspace.
func (connector) Install(ctx context.Context, app connectors.App, query url.Values, verifier string) (connectors.Connection, error) {
	c, err := install(ctx, app, query, verifier)
	if err != nil {
		return connectors.Connection{}, fmt.Errorf("slack: %w", err)
	}
	return c, nil
}

func install(ctx context.Context, app connectors.App, query url.Values, verifier string) (connectors.Connection, error) {
	switch said := query.Get("error"); {
	case said == "access_denied":
		return connectors.Connection{}, &connectors.InstallError{Reason: "denied"}
	case said != "":
		return connectors.Connection{}, &connectors.InstallError{Reason: "refused", Err: &apiError{code: said}}
	case query.Get("code") == "":
		return connectors.Connection{}, &connectors.InstallError{Reason: "refused", Err: errNoCode}
	}
	options := []lib.OAuthOption{lib.OAuthOptionAPIURL(base(app) + "/api/")}
	if app.Options[optionPKCE] == "on" && verifier != "" {
		options = append(options, lib.OAuthOptionCodeVerifier(verifier))
	}
	given, err := lib.GetOAuthV2ResponseContext(ctx, bounded{app.HTTP}, app.ID, app.Secret, query.Get("code"), app.Redirect, options...)
	if err != nil {
		err = ours("oauth.v2.access", err)
		return connectors.Connection{}, &connectors.InstallError{Reason: exchangeReason(err), Err: err}
	}
	if err := usable(given); err != nil {
		return connectors.Connection{}, err
	}
	c := connectors.Connection{
		ExternalID: given.Team.ID, Name: given.Team.Name, Credentials: credentials(given, app.Now()),
		Granted: scopes(given.Scope), Measures: measures(),
		Settings: map[string]string{settingBot: given.BotUserID, settingApp: given.AppID},
	}
	if given.Enterprise.ID != "" {
		c.Settings[settingEnterprise] = given.Enterprise.ID
	}
	askTeam(ctx, app, &c)
	return c, nil
}

var (
	errNoCode  = errors.New("the answer has no code")
	errNoToken = errors.New("the answer has no token of a bot")
)

// usable checks what was granted.
func usable(given *lib.OAuthV2Response) error {
	switch {
	case !given.Ok || given.AccessToken == "" || given.TokenType != "bot":
		return &connectors.InstallError{Reason: "refused", Err: errNoToken}
	case given.IsEnterpriseInstall || given.Team.ID == "":
		return &connectors.InstallError{Reason: "account"} // a whole organisation, not a workspace
	}
	granted := scopes(given.Scope)
	var missing []string
	for _, s := range required {
		if !slices.Contains(granted, s) {
			missing = append(missing, s)
		}
	}
	if len(missing) > 0 {
		return &connectors.InstallError{Reason: "scopes", Names: missing}
	}
	return nil
}

func scopes(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

func exchangeReason(err error) string {
	var limited *connectors.RateLimitError
	var network net.Error
	switch code(err) {
	case "code_expired", "code_already_used", "invalid_code":
		return "expired"
	case "access_denied":
		return "denied"
	case "":
		var status lib.StatusCodeError
		if errors.As(err, &limited) || errors.As(err, &network) || errors.As(err, &status) && status.Code >= 500 {
			return "unreachable"
		}
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout":
		return "unreachable"
	}
	return "refused"
}

func credentials(given *lib.OAuthV2Response, now time.Time) connectors.Credentials {
	c := connectors.Credentials{Access: given.AccessToken, Refresh: given.RefreshToken}
	if given.ExpiresIn > 0 {
		c.Expires = now.Add(time.Duration(given.ExpiresIn) * time.Second)
	}
	return c
}

// measures are what a connected workspace tells, from the moment on.
func measures() community.Measures {
	return community.Measures{Joins: true, Leaves: true, Reactions: true, ReplyLinks: true, MemberList: true, ThreadLinks: true}
}

// askTeam adds what the workspace tells of itself. Without it the connection works as well.
func askTeam(ctx context.Context, app connectors.App, c *connectors.Connection) {
	var title, plan, enterprise string
	told := false
	_, err := call(ctx, app, c.Credentials.Access, "team.info", nil, func(key string, v jsonstream.Value) error {
		if key != "team" {
			return nil
		}
		return within(v, func(key string, v jsonstream.Value) error {
			switch key {
			case "name":
				return text(v, &title)
			case "plan":
				told = v.Kind() == '"'
				return name(v, &plan)
			case "enterprise_id":
				return name(v, &enterprise)
			}
			return nil
		})
	})
	if err != nil {
		app.Log.WarnContext(ctx, "slack: the workspace was not described", "error", err)
		return
	}
	c.Name = first(title, c.Name)
	if told {
		c.Settings[settingPlan] = first(plan, freePlan)
	}
	if enterprise != "" {
		c.Settings[settingEnterprise] = enterprise
	}
}

// Refresh exchanges the refresh token, which Slack takes once. Credentials that
// do not end come back as they are.
func (connector) Refresh(ctx context.Context, app connectors.App, c connectors.Connection) (connectors.Credentials, error) {
	switch {
	case c.Credentials.Refresh == "" && c.Credentials.Expires.IsZero():
		return c.Credentials, nil
	case c.Credentials.Refresh == "":
		return connectors.Credentials{}, fmt.Errorf("slack: refresh: %w", connectors.ErrRevoked)
	}
	given, err := lib.RefreshOAuthV2TokenContext(ctx, bounded{app.HTTP}, app.ID, app.Secret, c.Credentials.Refresh, lib.OAuthOptionAPIURL(base(app)+"/api/"))
	if err != nil {
		return connectors.Credentials{}, fmt.Errorf("slack: refresh: %w", ours("oauth.v2.access", err))
	}
	if !given.Ok || given.AccessToken == "" {
		return connectors.Credentials{}, fmt.Errorf("slack: refresh: %w", errNoToken)
	}
	fresh := credentials(given, app.Now())
	fresh.Refresh = first(fresh.Refresh, c.Credentials.Refresh)
	return fresh, nil
}

// Uninstall takes the application out of the workspace. One that is gone
// already is no error.
func (connector) Uninstall(ctx context.Context, app connectors.App, c connectors.Connection) error {
	l := library(app, c.Credentials.Access)
	err := ours("apps.uninstall", l.UninstallAppContext(ctx, app.ID, app.Secret))
	if err != nil && code(err) != "" && !errors.Is(err, connectors.ErrRevoked) {
		_, err = l.SendAuthRevokeContext(ctx, "")
		err = ours("auth.revoke", err)
	}
	if err != nil && !errors.Is(err, connectors.ErrRevoked) {
		return fmt.Errorf("slack: uninstall: %w", err)
	}
	return nil
}
