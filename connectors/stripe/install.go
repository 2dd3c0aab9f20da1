package stripe

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/connectors"
)

// The keys of Connection.Settings.
const (
	settingEndpoint = "webhook_endpoint"
	settingCreated  = "created" // of the account, in seconds
	settingAccount  = "account" // Stripe's id of it
)

// right is a permission of a restricted key as Stripe's page names it, and the
// list that shows whether it was given.
type right struct{ name, path string }

// rights are needed, all of them: without one a figure would be wrong and not
// only missing. Prices come with the subscriptions.
func rights() []right {
	return []right{
		{"Customers", "customers"},
		{"Subscriptions", "subscriptions"},
		{"Invoices", "invoices"},
		{"Invoice payments", "invoice_payments"},
		{"Charges and Refunds", "charges"},
		{"Charges and Refunds", "refunds"},
		{"Credit notes", "credit_notes"},
		{"Coupons", "coupons"},
		{"Promotion codes", "promotion_codes"},
		{"Events", "events"},
	}
}

// wished are rights that make more known: chargebacks, and the tax and the codes
// of payments by Checkout.
func wished() []right {
	return []right{{"Disputes", "disputes"}, {"Checkout Sessions", "checkout/sessions"}}
}

// Fields are what somebody pastes who made a restricted key.
func (Connector) Fields() []connectors.ManualField {
	return []connectors.ManualField{{Name: "key", Secret: true}}
}

var restricted = regexp.MustCompile(`^rk_(live|test)_[A-Za-z0-9_]{8,512}$`)

// The reasons of an InstallError that are Stripe's own.
const (
	reasonFullKey = "full_key" // a key that may do everything, which we do not want to hold
	reasonNoKey   = "not_a_key"
)

// InstallManual connects an account by a restricted key. It asks for one object
// of every kind that will be read, and names the rights that are missing.
func (Connector) InstallManual(ctx context.Context, app connectors.App, values map[string]string) (connectors.Connection, error) {
	key := strings.TrimSpace(values["key"])
	switch {
	case strings.HasPrefix(key, "sk_"):
		return connectors.Connection{}, &connectors.InstallError{Reason: reasonFullKey}
	case !restricted.MatchString(key):
		return connectors.Connection{}, &connectors.InstallError{Reason: reasonNoKey}
	}
	c, err := connect(ctx, api{app, key})
	if err != nil {
		return connectors.Connection{}, installError(err)
	}
	return c, nil
}

func connect(ctx context.Context, a api) (connectors.Connection, error) {
	c := connectors.Connection{Credentials: connectors.Credentials{Access: a.key}, Settings: map[string]string{}}
	var missing []string
	for _, r := range slices.Concat(rights(), wished()) {
		ok, account, err := a.may(ctx, r)
		if err != nil {
			return c, err
		}
		if account != "" {
			c.Settings[settingAccount] = account
		}
		switch {
		case ok && !slices.Contains(c.Granted, r.name):
			c.Granted = append(c.Granted, r.name)
		case !ok && !slices.Contains(wished(), r) && !slices.Contains(missing, r.name):
			missing = append(missing, r.name)
		}
	}
	if len(missing) > 0 {
		return c, &connectors.InstallError{Reason: "scopes", Names: missing}
	}
	return c, a.describe(ctx, &c)
}

// may asks for one object. A refusal tells the account's id.
func (a api) may(ctx context.Context, r right) (ok bool, account string, err error) {
	err = a.get(ctx, r.path, url.Values{"limit": {"1"}}, &struct{}{})
	if status(err) == http.StatusForbidden {
		return false, accountIn(err), nil
	}
	return err == nil, "", err
}

func accountIn(err error) string {
	var e *apiError
	if errors.As(err, &e) {
		return e.account
	}
	return ""
}

// describe names the account. A key that may not read it is told its id all the
// same, in the refusal.
func (a api) describe(ctx context.Context, c *connectors.Connection) error {
	var account struct {
		ID      string `json:"id"`
		Created int64  `json:"created"`
		Profile struct {
			Name string `json:"name"`
		} `json:"business_profile"`
		Settings struct {
			Dashboard struct {
				Name string `json:"display_name"`
			} `json:"dashboard"`
		} `json:"settings"`
	}
	err := a.get(ctx, "account", nil, &account)
	switch {
	case status(err) == http.StatusForbidden && accountIn(err) != "":
		account.ID = accountIn(err)
	case status(err) == http.StatusForbidden && c.Settings[settingAccount] != "":
		account.ID = c.Settings[settingAccount]
	case status(err) == http.StatusForbidden:
		return &connectors.InstallError{Reason: "scopes", Names: []string{"Account"}}
	case err != nil:
		return err
	}
	if !accountID.MatchString(account.ID) {
		return &connectors.InstallError{Reason: "account"}
	}
	c.Settings[settingAccount] = account.ID
	c.ExternalID, c.Name = account.ID, clean(account.Settings.Dashboard.Name)
	if c.Name == "" {
		c.Name = clean(account.Profile.Name)
	}
	if c.Name == "" {
		c.Name = account.ID
	}
	if account.Created > 0 {
		c.Settings[settingCreated] = strconv.FormatInt(account.Created, 10)
	}
	if strings.HasPrefix(a.key, "rk_test_") { // a world of its own, with the same id
		c.ExternalID += "/test"
		c.Name += " (test)"
	}
	return nil
}

func accountOf(c connectors.Connection) string {
	account, _, _ := strings.Cut(c.ExternalID, "/")
	return account
}

// installError gives an error its reason.
func installError(err error) error {
	var known *connectors.InstallError
	var limit *connectors.RateLimitError
	var silent *unreachableError
	switch {
	case errors.As(err, &known), errors.As(err, &limit):
		return err
	case errors.As(err, &silent):
		return &connectors.InstallError{Reason: "unreachable", Err: err}
	case errors.Is(err, connectors.ErrRevoked):
		return &connectors.InstallError{Reason: "expired_key", Err: err}
	}
	return &connectors.InstallError{Reason: "refused", Err: err}
}

// unreadable says that it is the object that cannot be read, not Stripe that
// cannot be reached.
func unreadable(err error) bool {
	var r *connectors.RefusedError
	return errors.As(err, &r)
}
