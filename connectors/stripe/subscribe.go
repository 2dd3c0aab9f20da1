package stripe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/foyer-app/foyer/connectors"
)

// endpoint is an address that Stripe delivers to.
type endpoint struct {
	ID      string   `json:"id"`
	URL     string   `json:"url"`
	Status  string   `json:"status"`
	Version string   `json:"api_version"`
	Events  []string `json:"enabled_events"`
	Secret  string   `json:"secret"` // only in the answer to its creation
}

// Subscribe makes Stripe deliver to the address, in the API version that is read
// here. An endpoint of another version or with a secret that nobody knows is
// replaced, because neither can be changed.
func (Connector) Subscribe(ctx context.Context, app connectors.App, c connectors.Connection, address string) (connectors.Connection, error) {
	a := newAPI(app, c)
	ours, others, err := a.endpoints(ctx, c, address)
	if err != nil {
		return c, denied(err)
	}
	if ours == nil {
		made := endpoint{}
		q := url.Values{"url": {address}, "api_version": {version}, "description": {"Foyer"}, "enabled_events[]": slices.Concat(subscribed()...)}
		if err := a.call(ctx, http.MethodPost, "webhook_endpoints", q, &made); err != nil {
			return c, denied(err)
		}
		if made.ID == "" || made.Secret == "" {
			return c, fmt.Errorf("stripe: subscribe: %w", errNoSecret)
		}
		c.Settings = maps.Clone(c.Settings)
		if c.Settings == nil {
			c.Settings = map[string]string{}
		}
		c.Settings[settingEndpoint], c.Credentials.Signing = made.ID, made.Secret
	} else if ours.Status == "disabled" || !sameEvents(ours.Events) {
		q := url.Values{"disabled": {"false"}, "enabled_events[]": slices.Concat(subscribed()...)}
		if err := a.call(ctx, http.MethodPost, "webhook_endpoints/"+url.PathEscape(ours.ID), q, &endpoint{}); err != nil {
			return c, denied(err)
		}
	}
	for _, id := range others {
		if err := a.call(ctx, http.MethodDelete, "webhook_endpoints/"+url.PathEscape(id), nil, &endpoint{}); err != nil {
			a.app.Log.WarnContext(ctx, "an old endpoint stays", "status", strconv.Itoa(status(err)))
		}
	}
	return c, nil
}

var errNoSecret = errors.New("the endpoint was made without a secret")

// endpoints finds the one that is good, and those that were ours.
func (a api) endpoints(ctx context.Context, c connectors.Connection, address string) (ours *endpoint, others []string, err error) {
	_, err = all(ctx, a, "webhook_endpoints", values(), aroundPages, func(e *endpoint) string {
		good := e.URL == address && e.Version == version && e.ID == c.Settings[settingEndpoint] && c.Credentials.Signing != ""
		switch {
		case good:
			ours = e
		case e.URL == address, e.ID == c.Settings[settingEndpoint]:
			others = append(others, e.ID)
		}
		return e.ID
	})
	return ours, others, err
}

func sameEvents(list []string) bool {
	want := slices.Concat(subscribed()...)
	slices.Sort(want)
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Equal(list, want)
}

// denied says that polling has to do: the key may not make endpoints, or Stripe
// does not deliver to the address, as to one that is not public.
func denied(err error) error {
	switch status(err) {
	case http.StatusForbidden:
		return fmt.Errorf("stripe: subscribe: %w", &connectors.RefusedError{Reason: "permission", Detail: "webhook_endpoints"})
	case http.StatusBadRequest:
		return fmt.Errorf("stripe: subscribe: %w", &connectors.RefusedError{Reason: "address", Detail: "webhook_endpoints"})
	}
	return fmt.Errorf("stripe: subscribe: %w", err)
}

// Uninstall takes the endpoint away. The key itself is deleted by whoever made it.
func (Connector) Uninstall(ctx context.Context, app connectors.App, c connectors.Connection) error {
	id := c.Settings[settingEndpoint]
	if id == "" {
		return nil
	}
	err := newAPI(app, c).call(ctx, http.MethodDelete, "webhook_endpoints/"+url.PathEscape(id), nil, &endpoint{})
	switch {
	case err == nil, errors.Is(err, connectors.ErrRevoked), status(err) == http.StatusForbidden, status(err) == http.StatusNotFound:
		return nil
	}
	return fmt.Errorf("stripe: uninstall: %w", err)
}
