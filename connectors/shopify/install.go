package shopify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// The scopes. Without the first nothing can be measured; without the others less.
var (
	required = []string{"read_orders", "read_customers"}
	wished   = []string{scopeAllOrders, "read_discounts"}
)

const scopeAllOrders = "read_all_orders"

// The keys of Connection.Settings. settingWeak is what the connections page
// explains; its values are keys of the catalogue below "connection.weak.".
const (
	settingShopID   = "shop_id"
	settingTimeZone = "time_zone"
	settingCurrency = "currency"
	settingWeak     = "note_degraded"
)

// What a shop may not tell.
const (
	weakHistory  = "history_60_days"         // orders of before the last 60 days
	weakContacts = "contacts_hidden"         // who the customers are
	weakBoth     = "history_contacts_hidden" // neither
	weakScopes   = "scopes_withdrawn"        // a right without which nothing is told
)

// Missing names the fields that connecting needs. Deliveries are signed with the
// secret; during its change, SigningSecret may hold the other one.
func (connector) Missing(app connectors.App) (list []string) {
	for _, f := range []struct{ name, value string }{{"ID", app.ID}, {"Secret", app.Secret}, {"Redirect", app.Redirect}} {
		if f.value == "" {
			list = append(list, f.name)
		}
	}
	return list
}

// fieldShop is the address of the shop that is to be connected.
const fieldShop = "shop"

// Ask says what must be known before the visitor can be led away.
func (connector) Ask() []connectors.ManualField { return []connectors.ManualField{{Name: fieldShop}} }

// InstallURL is empty: there is no page that is not of a shop. See InstallURLFor.
func (connector) InstallURL(connectors.App, string, string) string { return "" }

// InstallURLFor is the page of a shop that asks for the rights. Shopify has no
// PKCE for it.
func (connector) InstallURLFor(app connectors.App, state, _ string, values map[string]string) (string, error) {
	shop, ok := shopOf(values[fieldShop])
	if !ok {
		return "", &connectors.InstallError{Reason: "account", Err: errNoShop}
	}
	q := url.Values{
		"client_id": {app.ID}, "scope": {strings.Join(slices.Concat(required, wished), ",")}, "redirect_uri": {app.Redirect}, "state": {state},
	}
	return shopURL(app, shop, "/admin/oauth/authorize") + "?" + q.Encode(), nil
}

var (
	errUnsigned = errors.New("the callback is not signed by Shopify, or is too old")
	errNoCode   = errors.New("the callback has no code")
	errNoToken  = errors.New("the answer has no token")
)

// Install exchanges the code for a token and asks what was granted.
func (connector) Install(ctx context.Context, app connectors.App, query url.Values, _ string) (connectors.Connection, error) {
	c, err := install(ctx, app, query)
	if err != nil {
		return connectors.Connection{}, fmt.Errorf("shopify: %w", err)
	}
	return c, nil
}

func install(ctx context.Context, app connectors.App, query url.Values) (connectors.Connection, error) {
	shop := query.Get("shop")
	asked, _ := shopOf(query.Get("ask." + fieldShop))
	switch {
	case query.Get("error") == "access_denied":
		return connectors.Connection{}, &connectors.InstallError{Reason: "denied"}
	case !genuine(app.Secret, query, app.Now()):
		return connectors.Connection{}, &connectors.InstallError{Reason: "refused", Err: errUnsigned}
	case !isShop(shop), query.Has("ask."+fieldShop) && asked != shop:
		return connectors.Connection{}, &connectors.InstallError{Reason: "account", Err: errNoShop}
	case query.Get("code") == "":
		return connectors.Connection{}, &connectors.InstallError{Reason: "refused", Err: errNoCode}
	}
	given, err := exchange(ctx, app, shop, url.Values{"code": {query.Get("code")}, "expiring": {"1"}})
	if err != nil {
		return connectors.Connection{}, &connectors.InstallError{Reason: exchangeReason(err), Err: err}
	}
	c := connectors.Connection{
		ExternalID: shop, Name: shop, Credentials: given.credentials(app.Now()), Granted: scopes(given.Scope), Settings: map[string]string{},
	}
	describe(ctx, app, &c)
	if missing := lacking(c.Granted, required); len(missing) > 0 {
		return connectors.Connection{}, &connectors.InstallError{Reason: "scopes", Names: missing}
	}
	if weak := weakness(c.Granted, contactsHidden(ctx, app, c)); weak != "" {
		c.Settings[settingWeak] = weak
	}
	return c, nil
}

// grant is what Shopify gives for a code or a refresh token.
type grant struct {
	AccessToken    string `json:"access_token"`
	Scope          string `json:"scope"`
	ExpiresIn      int64  `json:"expires_in"`
	RefreshToken   string `json:"refresh_token"`
	RefreshExpires int64  `json:"refresh_token_expires_in"`
}

func (g grant) credentials(now time.Time) connectors.Credentials {
	c := connectors.Credentials{Access: g.AccessToken, Refresh: g.RefreshToken}
	if g.ExpiresIn > 0 {
		c.Expires = now.Add(time.Duration(min(g.ExpiresIn, longestLife)) * time.Second)
	}
	if g.RefreshExpires > 0 && g.RefreshToken != "" {
		c.RefreshExpires = now.Add(time.Duration(min(g.RefreshExpires, longestLife)) * time.Second)
	}
	return c
}

// longestLife bounds what is believed of a token's life, in seconds: ten years.
const longestLife = 10 * 365 * 24 * 3600

// grantError is a refusal by the token's address.
type grantError struct {
	status int
	code   string
}

func (e *grantError) Error() string {
	return fmt.Sprintf("token: status %d: %s", e.status, known(e.code))
}

// exchange asks a shop for a token.
func exchange(ctx context.Context, app connectors.App, shop string, args url.Values) (g grant, err error) {
	args.Set("client_id", app.ID)
	args.Set("client_secret", app.Secret)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, shopURL(app, shop, "/admin/oauth/access_token"), strings.NewReader(args.Encode()))
	if err != nil {
		return g, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	resp, err := app.HTTP.Do(r)
	if err != nil {
		return g, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return g, err
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		return g, &connectors.RateLimitError{After: retryAfter(resp.Header)}
	}
	if resp.StatusCode != http.StatusOK {
		var said struct {
			Error string `json:"error"`
		}
		_ = decode(body, &said) // often a page for people
		return g, &grantError{status: resp.StatusCode, code: said.Error}
	}
	if decode(body, &g) != nil || g.AccessToken == "" {
		return grant{}, errNoToken
	}
	return g, nil
}

func exchangeReason(err error) string {
	var said *grantError
	if !errors.As(err, &said) {
		if errors.Is(err, errNoToken) {
			return "refused"
		}
		return "unreachable"
	}
	switch {
	case said.status >= 500:
		return "unreachable"
	case said.code == "invalid_request", said.code == "invalid_grant": // a code that was used or is old
		return "expired"
	}
	return "refused"
}

func scopes(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// lacking are the scopes that were not granted. One to write includes that to read.
func lacking(granted, wanted []string) (out []string) {
	for _, s := range wanted {
		if !slices.Contains(granted, s) && !slices.Contains(granted, "write_"+strings.TrimPrefix(s, "read_")) {
			out = append(out, s)
		}
	}
	return out
}

// weakness is what the shop will not tell; empty when it tells all.
func weakness(granted []string, hidden bool) string {
	short := len(lacking(granted, []string{scopeAllOrders})) > 0
	switch {
	case len(lacking(granted, required)) > 0:
		return weakScopes
	case short && hidden:
		return weakBoth
	case short:
		return weakHistory
	case hidden:
		return weakContacts
	}
	return ""
}

// describe adds what the shop tells of itself. Without it the connection works as well.
func describe(ctx context.Context, app connectors.App, c *connectors.Connection) {
	var got struct {
		Shop struct {
			ID           string `json:"id"`
			Name         string `json:"name"`
			IanaTimezone string `json:"ianaTimezone"`
			CurrencyCode string `json:"currencyCode"`
		} `json:"shop"`
		Installation struct {
			AccessScopes []struct {
				Handle string `json:"handle"`
			} `json:"accessScopes"`
		} `json:"currentAppInstallation"`
	}
	cl, err := newClient(app, *c)
	if err == nil {
		err = cl.insist(ctx, queryShop, nil, &got)
	}
	if err != nil {
		app.Log.WarnContext(ctx, "shopify: the shop was not described", "error", err)
		return
	}
	if name := clean(got.Shop.Name); name != "" {
		c.Name = name
	}
	for _, s := range got.Installation.AccessScopes {
		if !slices.Contains(c.Granted, s.Handle) {
			c.Granted = append(c.Granted, clean(s.Handle))
		}
	}
	c.Settings[settingShopID], c.Settings[settingTimeZone] = id(got.Shop.ID), clean(got.Shop.IanaTimezone)
	c.Settings[settingCurrency] = clean(got.Shop.CurrencyCode)
}

// contactsHidden says whether Shopify holds back who the customers are, as it does
// until it has approved an application for that.
func contactsHidden(ctx context.Context, app connectors.App, c connectors.Connection) bool {
	cl, err := newClient(app, c)
	if err != nil {
		return false
	}
	var ignored struct{}
	if err := cl.insist(ctx, queryProbe, nil, &ignored); err != nil && !cl.hidden {
		app.Log.WarnContext(ctx, "shopify: the shop was not probed", "error", err)
	}
	return cl.hidden
}

// Refresh exchanges the refresh token, which Shopify replaces. A token that does
// not end comes back as it is.
func (connector) Refresh(ctx context.Context, app connectors.App, c connectors.Connection) (connectors.Credentials, error) {
	old := c.Credentials
	switch {
	case old.Refresh == "" && old.Expires.IsZero():
		return old, nil
	case old.Refresh == "", !old.RefreshExpires.IsZero() && !app.Now().Before(old.RefreshExpires):
		return connectors.Credentials{}, fmt.Errorf("shopify: refresh: %w", connectors.ErrRevoked)
	case !isShop(c.ExternalID):
		return connectors.Credentials{}, fmt.Errorf("shopify: refresh: %w", errNoShop)
	}
	given, err := exchange(ctx, app, c.ExternalID, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old.Refresh}})
	if err != nil {
		var said *grantError
		if errors.As(err, &said) && (said.status == http.StatusUnauthorized || exchangeReason(err) == "expired") {
			err = fmt.Errorf("%w: %w", err, connectors.ErrRevoked)
		}
		return connectors.Credentials{}, fmt.Errorf("shopify: refresh: %w", err)
	}
	fresh := given.credentials(app.Now())
	if fresh.Refresh == "" {
		fresh.Refresh, fresh.RefreshExpires = old.Refresh, old.RefreshExpires
	}
	fresh.Signing = old.Signing
	return fresh, nil
}

// Uninstall takes the application out of the shop. One that is gone already is no error.
func (connector) Uninstall(ctx context.Context, app connectors.App, c connectors.Connection) error {
	cl, err := newClient(app, c)
	if err != nil {
		return fmt.Errorf("shopify: uninstall: %w", err)
	}
	var got struct {
		AppUninstall struct {
			UserErrors userErrors `json:"userErrors"`
		} `json:"appUninstall"`
	}
	if err = cl.insist(ctx, mutationUninstall, nil, &got); err == nil {
		err = got.AppUninstall.UserErrors.err()
	}
	if err != nil && !errors.Is(err, connectors.ErrRevoked) {
		return fmt.Errorf("shopify: uninstall: %w", err)
	}
	return nil
}
