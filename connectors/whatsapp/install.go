package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// The ways in that the platform offers. There is no history to ask for (in
// coexistence it comes to the webhook) and no list of members.
var (
	_ connectors.Configured  = Connector{}
	_ connectors.Webhook     = Connector{}
	_ connectors.Installer   = Connector{}
	_ connectors.Manual      = Connector{}
	_ connectors.Uninstaller = Connector{}
)

// OptionConfig is the key of App.Options that holds the id of the configuration
// of Facebook Login for Business.
const OptionConfig = "config_id"

// permissions are what a token must grant.
func permissions() []string {
	return []string{"whatsapp_business_management", "whatsapp_business_messaging"}
}

// Missing lists what Embedded Signup and the webhook need and the App lacks.
func (Connector) Missing(app connectors.App) []string {
	var list []string
	for _, f := range []struct{ name, value string }{
		{"app_id", app.ID},
		{"app_secret", app.Secret},
		{"verify_token", app.VerifyToken},
		{OptionConfig, app.Options[OptionConfig]},
	} {
		if f.value == "" {
			list = append(list, f.name)
		}
	}
	return list
}

// InstallURL returns the address of the dialog of Embedded Signup. The platform
// opens it by its own script, which takes the same parameters (client_id is its
// appId) and gives the code to the page, not to a redirect; the page then brings
// code, waba_id, phone_number_id, event and state to Install. PKCE is not offered.
func (Connector) InstallURL(app connectors.App, state, _ string) string {
	extras, err := json.Marshal(map[string]any{"version": "v4", "setup": map[string]any{}})
	if err != nil {
		return ""
	}
	q := url.Values{
		"client_id": {app.ID}, "config_id": {app.Options[OptionConfig]}, "response_type": {"code"},
		"override_default_response_type": {"true"}, "extras": {string(extras)}, "state": {state},
	}
	return base(app, dialog) + "/" + version + "/dialog/oauth?" + q.Encode()
}

// finishCoexistence is the event of a number that stays in the WhatsApp Business
// app as well: its history can be had.
const finishCoexistence = "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"

// Install exchanges the code of Embedded Signup and connects the number. The
// query has what the page got: code, waba_id, phone_number_id and event, or error.
// What the browser says of ids is held against what the token may reach.
func (Connector) Install(ctx context.Context, app connectors.App, query url.Values, _ string) (connectors.Connection, error) {
	event := query.Get("event")
	switch {
	case event == "CANCEL", query.Get("error") == "access_denied", query.Get("error_reason") == "user_denied":
		return connectors.Connection{}, &connectors.InstallError{Reason: "denied"}
	case event == "ERROR", query.Get("error") != "", query.Get("code") == "":
		return connectors.Connection{}, &connectors.InstallError{Reason: "refused"}
	}
	var token struct {
		Access string `json:"access_token"`
	}
	exchange := url.Values{"client_id": {app.ID}, "client_secret": {app.Secret}, "code": {query.Get("code")}}
	err := graph{app: app}.call(ctx, http.MethodGet, "oauth/access_token", exchange, nil, &token)
	var refused *graphError
	var silent *unreachableError
	switch {
	case errors.As(err, &refused) && !errors.As(err, &silent): // the code was used or is older than some minutes
		return connectors.Connection{}, &connectors.InstallError{Reason: "expired", Err: err}
	case err != nil:
		return connectors.Connection{}, installError(err)
	case token.Access == "":
		return connectors.Connection{}, &connectors.InstallError{Reason: "refused"}
	}
	in := installation{app: app, token: token.Access, owner: query.Get("waba_id"), number: query.Get("phone_number_id")}
	c, err := in.connect(ctx)
	if err != nil {
		return connectors.Connection{}, installError(err)
	}
	if event == finishCoexistence {
		in.askHistory(ctx, &c)
	}
	return c, nil
}

// Fields are what somebody pastes who made a system user's token.
func (Connector) Fields() []connectors.ManualField {
	return []connectors.ManualField{{Name: "waba_id"}, {Name: "phone_number_id"}, {Name: "token", Secret: true}}
}

// InstallManual connects a number by a system user's token of this application.
func (Connector) InstallManual(ctx context.Context, app connectors.App, values map[string]string) (connectors.Connection, error) {
	in := installation{app: app, token: values["token"], owner: values["waba_id"], number: values["phone_number_id"]}
	if in.token == "" || !isID(in.owner) || !isID(in.number) {
		return connectors.Connection{}, &connectors.InstallError{Reason: "account"}
	}
	c, err := in.connect(ctx)
	if err != nil {
		return connectors.Connection{}, installError(err)
	}
	return c, nil
}

// Uninstall ends the subscription of the business account, which all its numbers
// share: call it for the last of them. A token that is withdrawn already is no error.
func (Connector) Uninstall(ctx context.Context, app connectors.App, c connectors.Connection) error {
	owner := c.Settings[connectors.SettingOwner]
	if !isID(owner) {
		return errors.New("whatsapp: uninstall: the connection names no business account")
	}
	err := graph{app, c.Credentials.Access}.call(ctx, http.MethodDelete, owner+"/subscribed_apps", nil, nil, &struct{}{})
	if errors.Is(err, connectors.ErrRevoked) {
		return nil
	}
	return err
}

// installError gives an error its reason.
func installError(err error) error {
	var known *connectors.InstallError
	var limit *connectors.RateLimitError
	var refused *graphError
	var silent *unreachableError
	switch {
	case errors.As(err, &known), errors.As(err, &limit):
		return err
	case errors.As(err, &silent):
		return &connectors.InstallError{Reason: "unreachable", Err: err}
	case errors.Is(err, connectors.ErrRevoked):
		return &connectors.InstallError{Reason: "expired", Err: err}
	case errors.As(err, &refused) && refused.lacksPermission():
		return &connectors.InstallError{Reason: "scopes", Names: permissions(), Err: err}
	case errors.As(err, &refused) && refused.Code != 0:
		return &connectors.InstallError{Reason: "account", Err: err}
	}
	return &connectors.InstallError{Reason: "unreachable", Err: err}
}

// isID says whether a text is an id of the Graph API, fit for an address.
func isID(s string) bool {
	return s != "" && len(s) <= 32 && !slices.ContainsFunc([]byte(s), func(c byte) bool { return c < '0' || c > '9' })
}

// expiry is the time of a token's end; zero when it has none.
func expiry(seconds int64) time.Time {
	if seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
