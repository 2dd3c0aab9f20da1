package discord

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/foyer-app/foyer/connectors"
)

// membersPage is how many members one page has; without a limit it would be one.
const membersPage = 1000

// Members lists the members by id. The application needs the intent
// GUILD_MEMBERS for it; without, Measures.MemberList is false.
func (c Connector) Members(ctx context.Context, app connectors.App, conn connectors.Connection, cursor string) (connectors.RosterPage, error) {
	page, err := c.members(ctx, app, conn, cursor)
	if err != nil {
		return connectors.RosterPage{}, fmt.Errorf("discord: members: %w", err)
	}
	return page, nil
}

func (c Connector) members(ctx context.Context, app connectors.App, conn connectors.Connection, cursor string) (page connectors.RosterPage, _ error) {
	if !numeric(conn.ExternalID) {
		return page, errors.New("the connection has no server")
	}
	a, path := c.api(app), "/guilds/"+conn.ExternalID
	var roles []wireRole
	if err := a.get(ctx, path+"/roles", nil, &roles); err != nil {
		return page, revoked(err)
	}
	query := url.Values{"limit": {strconv.Itoa(membersPage)}}
	if numeric(cursor) {
		query.Set("after", cursor)
	}
	var list []wireMember
	if err := a.get(ctx, path+"/members", query, &list); err != nil {
		return page, err
	}
	names, last := namesOf(roles), uint64(0)
	for _, m := range list {
		if m.User == nil || !valid(m.User.ID) {
			continue
		}
		if n, err := strconv.ParseUint(m.User.ID, 10, 64); err == nil {
			last = max(last, n)
		}
		person := names.person(*m.User, &m)
		member := connectors.RosterMember{Identity: person.identity()}
		member.Listed = true
		member.Joined, _ = instant(m.JoinedAt)
		page.Members = append(page.Members, member)
	}
	if len(list) >= membersPage && last > 0 {
		page.Next = strconv.FormatUint(last, 10)
	}
	return page, nil
}

func namesOf(roles []wireRole) rolenames {
	names := make(rolenames, len(roles))
	for _, r := range roles {
		names[r.ID] = r.Name
	}
	return names
}

// revoked makes ErrRevoked of a server that is out of reach.
func revoked(err error) error {
	if lost(err) {
		return connectors.ErrRevoked
	}
	return err
}
