package slack

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/jsonstream"
)

// usersPage is the number of users a page that Slack advises; without a limit it
// may refuse.
const usersPage = 200

// where is the scope of a connection's users.
func where(c connectors.Connection) string {
	return strings.TrimSpace(c.ExternalID + " " + c.Settings[settingEnterprise])
}

// users reads one page of the member list.
func users(ctx context.Context, app connectors.App, c connectors.Connection, cursor string, fn func(u *user)) (next string, err error) {
	args := url.Values{"limit": {strconv.Itoa(usersPage)}}
	if cursor != "" {
		args.Set("cursor", cursor)
	}
	a, err := call(ctx, app, c.Credentials.Access, "users.list", args, func(key string, v jsonstream.Value) error {
		if key != "members" {
			return nil
		}
		return elements(v, func(raw []byte) {
			if u, err := decodeUser(raw); err == nil {
				fn(&u)
			}
		})
	})
	return a.next, err
}

// Members lists one page of the users who are members now: not those who were
// deactivated, nor people of other organisations in shared channels. Slack does
// not tell when they joined.
func (connector) Members(ctx context.Context, app connectors.App, c connectors.Connection, cursor string) (connectors.RosterPage, error) {
	var page connectors.RosterPage
	next, err := users(ctx, app, c, cursor, func(u *user) {
		if i := u.identity(where(c)); !i.Departed && !i.Outside {
			page.Members = append(page.Members, connectors.RosterMember{Identity: i})
		}
	})
	if err != nil {
		return connectors.RosterPage{}, fmt.Errorf("slack: members: %w", err)
	}
	page.Next = next
	return page, nil
}
