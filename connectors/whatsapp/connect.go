package whatsapp

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/foyer-app/foyer/connectors"
)

// installation is one attempt to connect a number.
type installation struct {
	app    connectors.App
	token  string
	owner  string // the business account
	number string // its number; empty for the one that was added last
}

// grant is what a token may do.
type grant struct {
	App     string   `json:"app_id"`
	Valid   bool     `json:"is_valid"`
	Expires int64    `json:"expires_at"`
	Scopes  []string `json:"scopes"`
	Targets []struct {
		Scope string   `json:"scope"`
		IDs   []string `json:"target_ids"`
	} `json:"granular_scopes"`
}

// phone is a number of a business account.
type phone struct {
	ID    string `json:"id"`
	Shown string `json:"display_phone_number"`
	Name  string `json:"verified_name"`
}

func (in *installation) graph() graph { return graph{in.app, in.token} }

// connect checks the token, finds the number, and subscribes the application to
// what the account receives. It changes nothing else: no number is registered.
func (in *installation) connect(ctx context.Context) (connectors.Connection, error) {
	g, err := in.inspect(ctx)
	if err != nil {
		return connectors.Connection{}, err
	}
	if in.owner == "" {
		in.owner = g.onlyOwner()
	}
	if !isID(in.owner) || in.number != "" && !isID(in.number) {
		return connectors.Connection{}, &connectors.InstallError{Reason: "account"}
	}
	p, err := in.find(ctx)
	if err != nil {
		return connectors.Connection{}, err
	}
	var done struct {
		Success bool `json:"success"`
	}
	if err := in.graph().call(ctx, http.MethodPost, in.owner+"/subscribed_apps", nil, struct{}{}, &done); err != nil {
		return connectors.Connection{}, err
	}
	if !done.Success {
		return connectors.Connection{}, &connectors.InstallError{Reason: "refused"}
	}
	name := short(p.Name, maxName)
	if name == "" {
		name = short(p.Shown, maxName)
	}
	return connectors.Connection{
		ExternalID: p.ID, Name: name, Credentials: connectors.Credentials{Access: in.token, Expires: expiry(g.Expires)},
		Granted: g.Scopes, Measures: measures(), TeamRoles: []string{RoleBusiness},
		Settings: map[string]string{
			connectors.SettingOwner: in.owner, "version": version, "number": plus(loose(p.Shown).digits()),
		},
	}, nil
}

// inspect asks what the token is: valid, of this application, and with the permissions.
func (in *installation) inspect(ctx context.Context) (grant, error) {
	var answer struct {
		Data grant `json:"data"`
	}
	// The application asks, by its own token, of the token that it was given.
	app := graph{in.app, in.app.ID + "|" + in.app.Secret}
	err := app.call(ctx, http.MethodGet, "debug_token", url.Values{"input_token": {in.token}}, nil, &answer)
	switch {
	case errors.Is(err, connectors.ErrRevoked): // of the application itself: the operator's secret is wrong
		return grant{}, &connectors.InstallError{Reason: "refused", Err: err}
	case err != nil:
		return grant{}, err
	}
	g := answer.Data
	switch {
	case !g.Valid:
		return grant{}, &connectors.InstallError{Reason: "expired"}
	case g.App != in.app.ID: // its deliveries would go to that other application
		return grant{}, &connectors.InstallError{Reason: "account"}
	}
	missing := slices.DeleteFunc(permissions(), func(s string) bool { return slices.Contains(g.Scopes, s) })
	if len(missing) > 0 {
		return grant{}, &connectors.InstallError{Reason: "scopes", Names: missing}
	}
	return g, nil
}

// onlyOwner is the one business account that the token reaches; empty when there
// are several or none.
func (g *grant) onlyOwner() string {
	for _, t := range g.Targets {
		if t.Scope == permissions()[0] && len(t.IDs) == 1 {
			return t.IDs[0]
		}
	}
	return ""
}

// maxPages bounds the list of an account's numbers, of which each page has up to 100.
const maxPages = 20

// find returns the number among those of the account: reading the list proves
// that the token reaches it.
func (in *installation) find(ctx context.Context) (phone, error) {
	q := url.Values{
		"fields": {"id,display_phone_number,verified_name,status"}, "limit": {"100"}, "sort": {"last_onboarded_time.desc"},
	}
	for range maxPages {
		var page struct {
			Data   []phone `json:"data"`
			Paging struct {
				Cursors struct {
					After string `json:"after"`
				} `json:"cursors"`
				Next string `json:"next"`
			} `json:"paging"`
		}
		if err := in.graph().call(ctx, http.MethodGet, in.owner+"/phone_numbers", q, nil, &page); err != nil {
			return phone{}, err
		}
		for _, p := range page.Data {
			if isID(p.ID) && (p.ID == in.number || in.number == "") {
				return p, nil
			}
		}
		if page.Paging.Next == "" || page.Paging.Cursors.After == "" {
			break
		}
		q.Set("after", page.Paging.Cursors.After)
	}
	return phone{}, &connectors.InstallError{Reason: "account"}
}

// askHistory asks for the history of a number that stays in the app, which can be
// done once within 24 hours; contacts come first by the platform's order, and
// Receive drops them. The number is connected whatever the answer is.
func (in *installation) askHistory(ctx context.Context, c *connectors.Connection) {
	c.Settings["history"] = "asked"
	for _, kind := range []string{"smb_app_state_sync", "history"} {
		body := map[string]string{"messaging_product": "whatsapp", "sync_type": kind}
		if err := in.graph().call(ctx, http.MethodPost, c.ExternalID+"/smb_app_data", nil, body, &struct{}{}); err != nil {
			c.Settings["history"] = "refused"
			if in.app.Log != nil {
				in.app.Log.WarnContext(ctx, "whatsapp: the history was refused", "sync", kind, "err", err)
			}
		}
	}
}
